//! Resources and scopes: each once a file, named by number in the rows.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use spanwalk_model::{EntityRef, Resource, Scope};

use super::bytes::{Bad, Source, put_blob, put_varint};
use super::value::{put_attributes, read_attributes};

type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// What a table can hold.
pub(super) trait Entry: Sized {
    /// Appends it; returns how many values were nested too deeply and replaced.
    fn put(&self, out: &mut Vec<u8>) -> u64;
    /// Reads it.
    fn read(source: &mut Source<'_>) -> Result<Self, Bad>;
}

/// Gives equal entries the same number.
#[derive(Debug)]
pub(super) struct TableWriter<T> {
    /// By address first: rows of one request share their entries, and looking at the content
    /// of each would cost more than all else.
    by_address: Map<Address, u32>,
    by_content: Map<Vec<u8>, u32>,
    entries: Vec<Arc<T>>,
    cut_count: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Address(usize);

impl<T> Default for TableWriter<T> {
    fn default() -> Self {
        Self {
            by_address: Map::default(),
            by_content: Map::default(),
            entries: Vec::new(),
            cut_count: 0,
        }
    }
}

impl<T: Entry> TableWriter<T> {
    /// The number of an entry. The caller keeps all entries alive while it asks: an address
    /// stands for its content.
    pub(super) fn number(&mut self, entry: &Arc<T>) -> u32 {
        let address = Address(Arc::as_ptr(entry).addr());
        if let Some(known) = self.by_address.get(&address) {
            return *known;
        }
        let mut content = Vec::new();
        let cut_count = entry.put(&mut content);
        // Fewer than rows, whose number fits.
        let next = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let number = *self.by_content.entry(content).or_insert_with(|| {
            self.entries.push(Arc::clone(entry));
            self.cut_count += cut_count;
            next
        });
        self.by_address.insert(address, number);
        number
    }

    pub(super) fn entries(&self) -> &[Arc<T>] {
        &self.entries
    }

    pub(super) fn cut_count(&self) -> u64 {
        self.cut_count
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        put_varint(out, self.entries.len() as u64);
        for entry in &self.entries {
            entry.put(out);
        }
    }
}

/// Reads what [`TableWriter::put`] wrote.
pub(super) fn read_table<T: Entry>(source: &mut Source<'_>) -> Result<Vec<Arc<T>>, Bad> {
    let mut entries = Vec::new();
    for _ in 0..source.count()? {
        entries.push(Arc::new(T::read(source)?));
    }
    Ok(entries)
}

impl Entry for Resource {
    fn put(&self, out: &mut Vec<u8>) -> u64 {
        let cut_count = put_attributes(out, &self.attributes);
        put_varint(out, u64::from(self.dropped_attributes_count));
        put_varint(out, self.entity_refs.len() as u64);
        for entity in &self.entity_refs {
            put_blob(out, entity.schema_url.as_bytes());
            put_blob(out, entity.kind.as_bytes());
            put_texts(out, &entity.id_keys);
            put_texts(out, &entity.description_keys);
        }
        put_blob(out, self.schema_url.as_bytes());
        cut_count
    }

    fn read(source: &mut Source<'_>) -> Result<Self, Bad> {
        let attributes = read_attributes(source)?;
        let dropped_attributes_count = source.varint_u32()?;
        let mut entity_refs = Vec::new();
        for _ in 0..source.count()? {
            entity_refs.push(EntityRef {
                schema_url: source.text()?.to_owned(),
                kind: source.text()?.to_owned(),
                id_keys: read_texts(source)?,
                description_keys: read_texts(source)?,
            });
        }
        Ok(Self {
            attributes,
            dropped_attributes_count,
            entity_refs,
            schema_url: source.text()?.to_owned(),
        })
    }
}

impl Entry for Scope {
    fn put(&self, out: &mut Vec<u8>) -> u64 {
        put_blob(out, self.name.as_bytes());
        put_blob(out, self.version.as_bytes());
        let cut_count = put_attributes(out, &self.attributes);
        put_varint(out, u64::from(self.dropped_attributes_count));
        put_blob(out, self.schema_url.as_bytes());
        cut_count
    }

    fn read(source: &mut Source<'_>) -> Result<Self, Bad> {
        Ok(Self {
            name: source.text()?.to_owned(),
            version: source.text()?.to_owned(),
            attributes: read_attributes(source)?,
            dropped_attributes_count: source.varint_u32()?,
            schema_url: source.text()?.to_owned(),
        })
    }
}

fn put_texts(out: &mut Vec<u8>, texts: &[String]) {
    put_varint(out, texts.len() as u64);
    for text in texts {
        put_blob(out, text.as_bytes());
    }
}

fn read_texts(source: &mut Source<'_>) -> Result<Vec<String>, Bad> {
    let mut texts = Vec::new();
    for _ in 0..source.count()? {
        texts.push(source.text()?.to_owned());
    }
    Ok(texts)
}
