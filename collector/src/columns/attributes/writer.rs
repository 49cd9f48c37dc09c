//! Attributes on their way into columns.

use std::collections::HashMap;

use spanwalk_model::{Attributes, KeyValue, Value};

use super::super::bytes::{put_blob, put_varint, zigzag};
use super::super::format::ATTRIBUTE_COLUMNS_MAX;
use super::super::ints::push_ints;
use super::super::stream::StreamWriter;
use super::super::strings::push_strings;
use super::super::value::put_value;
use super::Kind;

type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// Collects attributes row by row.
#[derive(Debug, Default)]
pub(in crate::columns) struct AttributesWriter<'a> {
    columns: Vec<Column<'a>>,
    by_key: Map<(&'a str, Kind), u32>,
    keyed: Option<u32>,
    shapes: Vec<Vec<u32>>,
    by_shape: Map<Vec<u32>, u64>,
    rows: Vec<u64>,
    shape: Vec<u32>,
    cut_count: u64,
}

#[derive(Debug)]
struct Column<'a> {
    key: &'a str,
    kind: Kind,
    values: Values<'a>,
    /// The column that followed this one last time: almost always it does again, which saves
    /// looking the key up.
    follower: u32,
}

#[derive(Debug)]
enum Values<'a> {
    None,
    Strings(Vec<&'a str>),
    Ints(Vec<u64>),
    /// Entries of a fixed width.
    Fixed(Vec<u8>),
    Blobs {
        lengths: Vec<u64>,
        bytes: Vec<u8>,
    },
}

impl<'a> AttributesWriter<'a> {
    /// Adds the attributes of the next row.
    pub(in crate::columns) fn push(&mut self, attributes: &'a Attributes) {
        let mut shape = std::mem::take(&mut self.shape);
        shape.clear();
        let mut before = None;
        for entry in attributes {
            let column = self.column_of(entry, before);
            self.push_value(column, entry);
            shape.push(column);
            before = Some(column);
        }
        let row = if let Some(known) = self.by_shape.get(&shape) {
            *known
        } else {
            let new = self.shapes.len() as u64;
            self.shapes.push(shape.clone());
            self.by_shape.insert(shape.clone(), new);
            new
        };
        self.rows.push(row);
        self.shape = shape;
    }

    fn column_of(&mut self, entry: &'a KeyValue, before: Option<u32>) -> u32 {
        let kind = Kind::of(&entry.value);
        let guess = before
            .and_then(|before| self.column(before))
            .map_or(0, |column| column.follower);
        if let Some(column) = self.column(guess)
            && column.kind == kind
            && column.key == entry.key
        {
            return guess;
        }
        let found = match self.by_key.get(&(entry.key.as_str(), kind)) {
            Some(known) => *known,
            None if self.columns.len() < ATTRIBUTE_COLUMNS_MAX => {
                let new = self.add_column(&entry.key, kind);
                self.by_key.insert((&entry.key, kind), new);
                new
            }
            None => self.keyed_column(),
        };
        if let Some(column) = before.and_then(|before| self.column_mut(before)) {
            column.follower = found;
        }
        found
    }

    /// The column of what has none of its own.
    fn keyed_column(&mut self) -> u32 {
        if let Some(keyed) = self.keyed {
            return keyed;
        }
        let keyed = self.add_column("", Kind::Keyed);
        self.keyed = Some(keyed);
        keyed
    }

    fn add_column(&mut self, key: &'a str, kind: Kind) -> u32 {
        // The number of columns is bounded far below.
        let new = u32::try_from(self.columns.len()).unwrap_or(u32::MAX);
        self.columns.push(Column::new(key, kind));
        new
    }

    fn column(&self, index: u32) -> Option<&Column<'a>> {
        self.columns.get(usize::try_from(index).ok()?)
    }

    fn column_mut(&mut self, index: u32) -> Option<&mut Column<'a>> {
        self.columns.get_mut(usize::try_from(index).ok()?)
    }

    fn push_value(&mut self, column: u32, entry: &'a KeyValue) {
        let mut cut_count = 0;
        let Some(column) = self.column_mut(column) else {
            return;
        };
        let is_keyed = column.kind == Kind::Keyed;
        match (&mut column.values, &entry.value) {
            (Values::Strings(texts), Value::String(text)) => texts.push(text),
            (Values::Ints(numbers), Value::Int(number)) => numbers.push(zigzag(*number)),
            (Values::Fixed(bytes), Value::Bool(flag)) => bytes.push(u8::from(*flag)),
            (Values::Fixed(bytes), Value::Double(number)) => {
                bytes.extend_from_slice(&number.to_bits().to_le_bytes());
            }
            (Values::Blobs { lengths, bytes }, Value::Bytes(value)) if !is_keyed => {
                lengths.push(value.len() as u64);
                bytes.extend_from_slice(value);
            }
            (Values::Blobs { lengths, bytes }, value) => {
                let start = bytes.len();
                if is_keyed {
                    put_blob(bytes, entry.key.as_bytes());
                }
                cut_count = put_value(bytes, value);
                lengths.push((bytes.len() - start) as u64);
            }
            _ => {}
        }
        self.cut_count += cut_count;
    }

    /// Writes the streams; returns how many values were nested too deeply and replaced.
    pub(in crate::columns) fn finish(self, streams: &mut StreamWriter) -> u64 {
        streams.push(self.meta());
        push_ints(streams, &self.rows);
        for column in self.columns {
            match column.values {
                Values::None => {}
                Values::Strings(texts) => push_strings(streams, &texts),
                Values::Ints(numbers) => push_ints(streams, &numbers),
                Values::Fixed(bytes) => streams.push(bytes),
                Values::Blobs { lengths, bytes } => {
                    push_ints(streams, &lengths);
                    streams.push(bytes);
                }
            }
        }
        self.cut_count
    }

    fn meta(&self) -> Vec<u8> {
        let mut keys: Vec<&str> = Vec::new();
        let mut key_numbers: Map<&str, u64> = Map::default();
        let mut columns = Vec::new();
        for column in &self.columns {
            let number = *key_numbers.entry(column.key).or_insert_with(|| {
                keys.push(column.key);
                keys.len() as u64 - 1
            });
            put_varint(&mut columns, number);
            columns.push(column.kind.number());
        }
        let mut out = Vec::new();
        put_varint(&mut out, keys.len() as u64);
        for key in keys {
            put_blob(&mut out, key.as_bytes());
        }
        put_varint(&mut out, self.columns.len() as u64);
        out.extend(columns);
        put_varint(&mut out, self.shapes.len() as u64);
        for shape in &self.shapes {
            put_varint(&mut out, shape.len() as u64);
            for column in shape {
                put_varint(&mut out, u64::from(*column));
            }
        }
        out
    }
}

impl<'a> Column<'a> {
    fn new(key: &'a str, kind: Kind) -> Self {
        Self {
            key,
            kind,
            values: match kind {
                Kind::Empty => Values::None,
                Kind::String => Values::Strings(Vec::new()),
                Kind::Int => Values::Ints(Vec::new()),
                Kind::Bool | Kind::Double => Values::Fixed(Vec::new()),
                Kind::Bytes | Kind::Nested | Kind::Keyed => Values::Blobs {
                    lengths: Vec::new(),
                    bytes: Vec::new(),
                },
            },
            follower: u32::MAX,
        }
    }
}
