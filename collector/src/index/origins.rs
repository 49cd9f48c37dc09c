//! Resources with scopes, by number: what they say is indexed once, and not again with each
//! span and record that comes from them.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::quality::RandomState;
use spanwalk_model::{Attributes, Resource, Scope, Value};
use spanwalk_query::text::value_texts;

use super::table::TableWriter;
use super::terms::{attribute_term, key_term, name_term};
use super::vocabulary::Kind;

/// Bytes of the tags of terms: all documents of an origin hang on them, so a wrong one would
/// cost much.
const TAG_BYTES: u8 = 4;

/// Numbers origins and collects their terms.
#[derive(Debug)]
pub(super) struct Origins {
    /// By address first: the rows of one request share theirs. The caller keeps all alive.
    by_address: HashMap<(usize, usize), u32, RandomState>,
    by_terms: HashMap<Vec<u64>, u32, RandomState>,
    last: Option<((usize, usize), u32)>,
    table: TableWriter,
}

impl Default for Origins {
    fn default() -> Self {
        Self {
            by_address: HashMap::default(),
            by_terms: HashMap::default(),
            last: None,
            table: TableWriter::new(TAG_BYTES),
        }
    }
}

impl Origins {
    /// The number of a resource with a scope. Those that say the same share one.
    pub(super) fn number(&mut self, resource: &Arc<Resource>, scope: &Arc<Scope>) -> u32 {
        let address = (Arc::as_ptr(resource).addr(), Arc::as_ptr(scope).addr());
        if let Some((last, number)) = self.last
            && last == address
        {
            return number;
        }
        let number = match self.by_address.get(&address) {
            Some(known) => *known,
            None => self.add(resource, scope),
        };
        self.by_address.insert(address, number);
        self.last = Some((address, number));
        number
    }

    fn add(&mut self, resource: &Resource, scope: &Scope) -> u32 {
        let mut hashes = Vec::new();
        hashes.push(
            self.table
                .hash(Kind::Service, name_term(resource.service_name())),
        );
        self.add_attributes(&resource.attributes, &mut hashes);
        self.add_attributes(&scope.attributes, &mut hashes);
        hashes.sort_unstable();
        hashes.dedup();
        if let Some(known) = self.by_terms.get(&hashes) {
            return *known;
        }
        let number = u32::try_from(self.by_terms.len()).unwrap_or(u32::MAX);
        for hash in &hashes {
            self.table.add(*hash, number);
        }
        self.by_terms.insert(hashes, number);
        number
    }

    fn add_attributes(&mut self, attributes: &Attributes, hashes: &mut Vec<u64>) {
        for entry in attributes {
            hashes.push(self.table.hash(Kind::Key, key_term(&entry.key)));
            if entry.value != Value::Empty {
                let table = &mut self.table;
                value_texts(&entry.value, &mut |text| {
                    hashes.push(table.hash(Kind::Attribute, &attribute_term(&entry.key, text)));
                });
            }
        }
    }

    /// The table of terms with the origins that hold them.
    pub(super) fn finish(self) -> Vec<u8> {
        self.table.finish()
    }
}
