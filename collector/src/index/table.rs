//! Which documents hold a term, for terms of which there are too many to be worth a dictionary:
//! what is unique or nearly so, such as ids. The term's hash stands for it, so an answer may
//! name a document too many, and never one too few.
//!
//! ```text
//! table  := bucket_bits(u8) tag_bytes(u8) number_bytes(u8) 0(u8) entries(u32) seed(u64)
//!           bucket_end(u32)*                 one for each of 2^bucket_bits buckets
//!           (tag number)*                    sorted within each bucket
//! bucket := the highest bucket_bits of the hash    tag := as many bits below as it has bytes
//! hash   := xxh3 64 with the seed, of kind(u8) and the term
//! ```

use std::hash::BuildHasher;

use tantivy::directory::FileSlice;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::vocabulary::Kind;

const HEAD_BYTES: usize = 16;
/// Entries of a bucket, about.
const BUCKET_ENTRIES: usize = 32;
const BUCKET_BITS_MAX: u8 = 24;

/// Collects terms with the documents, or whatever else has a number, that hold them.
#[derive(Debug)]
pub(super) struct TableWriter {
    seed: u64,
    tag_bytes: u8,
    entries: Vec<(u64, u32)>,
    scratch: Vec<u8>,
}

impl TableWriter {
    /// Tags of more bytes name fewer documents too many.
    pub(super) fn new(tag_bytes: u8) -> Self {
        Self {
            // Chosen anew each time, so that nobody outside can make terms collide.
            seed: std::hash::RandomState::new().hash_one(0),
            tag_bytes,
            entries: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// The hash that the term has in this table.
    pub(super) fn hash(&mut self, kind: Kind, term: &str) -> u64 {
        hash(self.seed, kind, term, &mut self.scratch)
    }

    pub(super) fn add(&mut self, hash: u64, number: u32) {
        self.entries.push((hash, number));
    }

    /// The table as bytes.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let buckets_wanted = (self.entries.len() / BUCKET_ENTRIES).max(1);
        let bucket_bits = u8::try_from(buckets_wanted.ilog2())
            .unwrap_or(BUCKET_BITS_MAX)
            .min(BUCKET_BITS_MAX);
        let layout = Layout {
            bucket_bits,
            tag_bytes: self.tag_bytes,
            number_bytes: bytes_of(
                self.entries
                    .iter()
                    .map(|(_, number)| *number)
                    .max()
                    .unwrap_or(0),
            ),
        };
        for (hash, _) in &mut self.entries {
            *hash &= layout.mask();
        }
        self.entries.sort_unstable();
        self.entries.dedup();
        let count = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let mut out = vec![layout.bucket_bits, layout.tag_bytes, layout.number_bytes, 0];
        out.extend_from_slice(&count.to_le_bytes());
        out.extend_from_slice(&self.seed.to_le_bytes());
        let mut rest = self.entries.as_slice();
        for bucket in 0..(1_u64 << layout.bucket_bits) {
            let length = rest.partition_point(|(hash, _)| layout.bucket(*hash) <= bucket);
            rest = rest.get(length..).unwrap_or_default();
            let end = self.entries.len() - rest.len();
            out.extend_from_slice(&u32::try_from(end).unwrap_or(u32::MAX).to_le_bytes());
        }
        for (hash, number) in &self.entries {
            let tag = layout.tag(*hash).to_le_bytes();
            out.extend_from_slice(tag.get(..layout.tag_bytes.into()).unwrap_or_default());
            let number = number.to_le_bytes();
            out.extend_from_slice(number.get(..layout.number_bytes.into()).unwrap_or_default());
        }
        out
    }
}

fn hash(seed: u64, kind: Kind, term: &str, scratch: &mut Vec<u8>) -> u64 {
    scratch.clear();
    scratch.push(kind.number());
    scratch.extend_from_slice(term.as_bytes());
    xxh3_64_with_seed(scratch, seed)
}

/// Bytes that the number needs.
fn bytes_of(number: u32) -> u8 {
    match number {
        0..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xff_ffff => 3,
        _ => 4,
    }
}

#[derive(Debug, Clone, Copy)]
struct Layout {
    bucket_bits: u8,
    tag_bytes: u8,
    number_bytes: u8,
}

impl Layout {
    fn bucket(self, hash: u64) -> u64 {
        hash.checked_shr(64 - u32::from(self.bucket_bits))
            .unwrap_or(0)
    }

    fn tag(self, hash: u64) -> u64 {
        (hash << self.bucket_bits) >> (64 - 8 * u32::from(self.tag_bytes))
    }

    /// The bits of a hash that are kept.
    fn mask(self) -> u64 {
        let kept = u32::from(self.bucket_bits) + 8 * u32::from(self.tag_bytes);
        u64::MAX.checked_shl(64 - kept).unwrap_or(0)
    }

    fn entry_bytes(self) -> usize {
        usize::from(self.tag_bytes) + usize::from(self.number_bytes)
    }
}

/// A table that was written.
#[derive(Debug, Clone)]
pub(super) struct Table {
    seed: u64,
    layout: Layout,
    ends: FileSlice,
    entries: FileSlice,
}

impl Table {
    /// Opens a table; an error says what is wrong with it.
    pub(super) fn open(file: &FileSlice) -> std::io::Result<Self> {
        let damaged = || std::io::Error::new(std::io::ErrorKind::InvalidData, "a damaged table");
        if file.num_bytes().get_bytes() < HEAD_BYTES as u64 {
            return Err(damaged());
        }
        let head = file.read_bytes_slice(0..HEAD_BYTES)?;
        let head: [u8; HEAD_BYTES] = head.as_slice().try_into().map_err(|_| damaged())?;
        let [bits, tag, number, _, c0, c1, c2, c3, seed @ ..] = head;
        let layout = Layout {
            bucket_bits: bits,
            tag_bytes: tag,
            number_bytes: number,
        };
        let count = u64::from(u32::from_le_bytes([c0, c1, c2, c3]));
        let is_possible = bits <= BUCKET_BITS_MAX
            && matches!(tag, 1..=4)
            && matches!(number, 1..=4)
            && file.num_bytes().get_bytes()
                == HEAD_BYTES as u64 + (4_u64 << bits) + count * layout.entry_bytes() as u64;
        if !is_possible {
            return Err(damaged());
        }
        let (ends, entries) = file.slice_from(HEAD_BYTES).split(4 << bits);
        Ok(Self {
            seed: u64::from_le_bytes(seed),
            layout,
            ends,
            entries,
        })
    }

    /// Appends the numbers that may hold the term, in order.
    pub(super) fn find(&self, kind: Kind, term: &str, found: &mut Vec<u32>) -> std::io::Result<()> {
        let hash = hash(self.seed, kind, term, &mut Vec::new());
        let bucket = usize::try_from(self.layout.bucket(hash)).unwrap_or(0);
        let start = match bucket.checked_sub(1) {
            Some(before) => self.end_of(before)?,
            None => 0,
        };
        let end = self.end_of(bucket)?;
        let width = self.layout.entry_bytes();
        let total = self.entries.num_bytes().get_bytes();
        if start > end || (end * width) as u64 > total {
            return Err(std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                "a damaged table",
            ));
        }
        let entries = self.entries.read_bytes_slice(start * width..end * width)?;
        let tag_bytes = usize::from(self.layout.tag_bytes);
        let wanted = self.layout.tag(hash).to_le_bytes();
        let wanted = wanted.get(..tag_bytes).unwrap_or_default();
        for entry in entries.chunks_exact(width) {
            let (tag, number) = entry.split_at(tag_bytes);
            if tag == wanted {
                let mut bytes = [0; 4];
                for (to, from) in bytes.iter_mut().zip(number) {
                    *to = *from;
                }
                found.push(u32::from_le_bytes(bytes));
            }
        }
        Ok(())
    }

    fn end_of(&self, bucket: usize) -> std::io::Result<usize> {
        let bytes = self.ends.read_bytes_slice(4 * bucket..4 * bucket + 4)?;
        let bytes: [u8; 4] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| std::io::Error::from(std::io::ErrorKind::InvalidData))?;
        Ok(u32::from_le_bytes(bytes) as usize)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tantivy::directory::OwnedBytes;

    use super::*;

    fn table(pairs: &[(String, u32)], tag_bytes: u8) -> Table {
        let mut writer = TableWriter::new(tag_bytes);
        for (term, number) in pairs {
            let hash = writer.hash(Kind::Word, term);
            writer.add(hash, *number);
        }
        open(writer.finish()).unwrap()
    }

    fn open(bytes: Vec<u8>) -> std::io::Result<Table> {
        Table::open(&FileSlice::new(std::sync::Arc::new(OwnedBytes::new(bytes))))
    }

    proptest! {
        #[test]
        fn what_was_added_is_found(
            pairs in prop::collection::vec(("[a-e]{0,4}", 0..100_000_u32), 0..500),
            tag_bytes in 1..=4_u8,
        ) {
            let table = table(&pairs, tag_bytes);
            for (term, _) in &pairs {
                let mut found = Vec::new();
                table.find(Kind::Word, term, &mut found).unwrap();
                prop_assert!(found.is_sorted());
                for (_, number) in pairs.iter().filter(|(other, _)| other == term) {
                    prop_assert!(found.contains(number));
                }
            }
        }

        #[test]
        fn damage_is_an_error_or_another_answer(
            place in any::<prop::sample::Index>(),
            byte in any::<u8>(),
            length in any::<prop::sample::Index>(),
        ) {
            let mut writer = TableWriter::new(2);
            for number in 0..200 {
                let hash = writer.hash(Kind::Word, &number.to_string());
                writer.add(hash, number);
            }
            let mut bytes = writer.finish();
            let place = place.index(bytes.len());
            bytes[place] = byte;
            bytes.truncate(length.index(bytes.len()).max(place));
            if let Ok(table) = open(bytes) {
                for number in 0..200 {
                    let _ = table.find(Kind::Word, &number.to_string(), &mut Vec::new());
                }
            }
        }
    }

    #[test]
    fn other_terms_are_seldom_found() {
        let pairs: Vec<_> = (0..20_000).map(|n| (format!("in-{n}"), n)).collect();
        let table = table(&pairs, 2);
        let mut found = Vec::new();
        for number in 0..20_000 {
            table
                .find(Kind::Word, &format!("out-{number}"), &mut found)
                .unwrap();
        }
        assert!(found.len() < 100, "{}", found.len());
    }
}
