//! A column of texts.
//!
//! Three streams: form, text, indexes.
//!
//! ```text
//! form    := 0                every row has this text
//!          | 1 varint ints    entries of a dictionary, their lengths
//!          | 2 ints           one text a row, their lengths
//! text    := the texts one behind the other
//! indexes := the dictionary entry of each row, in 1, 2 or 4 bytes as their number needs
//! ```

use std::collections::HashMap;

use super::bytes::{Bad, Source, put_varint};
use super::ints::{Ints, Offsets, put_ints};
use super::stream::{StreamReader, StreamWriter};

const CONSTANT: u8 = 0;
const DICTIONARY: u8 = 1;
const EACH: u8 = 2;

/// Texts looked at before a column whose texts hardly repeat is given up on.
const SAMPLE_COUNT: usize = 512;

/// Writes the texts as three streams.
pub(super) fn push_strings(streams: &mut StreamWriter, texts: &[&str]) {
    let first = texts.first().copied().unwrap_or("");
    if texts.iter().all(|text| *text == first) {
        streams.push(vec![CONSTANT]);
        streams.push(first.as_bytes().to_vec());
        streams.push(Vec::new());
        return;
    }
    let mut form = Vec::new();
    if let Some(dictionary) = Dictionary::of(texts) {
        form.push(DICTIONARY);
        put_varint(&mut form, dictionary.entries.len() as u64);
        put_ints(&mut form, &lengths(&dictionary.entries));
        streams.push(form);
        streams.push(dictionary.entries.concat().into_bytes());
        streams.push(dictionary.indexes());
    } else {
        form.push(EACH);
        put_ints(&mut form, &lengths(texts));
        streams.push(form);
        streams.push(texts.concat().into_bytes());
        streams.push(Vec::new());
    }
}

fn lengths(texts: &[&str]) -> Vec<u64> {
    texts.iter().map(|text| text.len() as u64).collect()
}

struct Dictionary<'a> {
    entries: Vec<&'a str>,
    rows: Vec<u32>,
}

impl<'a> Dictionary<'a> {
    /// `None` where too few texts repeat for it to pay.
    fn of(texts: &[&'a str]) -> Option<Self> {
        let mut known: HashMap<&str, u32, foldhash::fast::RandomState> = HashMap::default();
        let mut entries = Vec::new();
        let mut rows = Vec::with_capacity(texts.len());
        for text in texts {
            let next = u32::try_from(entries.len()).ok()?;
            let index = *known.entry(text).or_insert_with(|| {
                entries.push(*text);
                next
            });
            rows.push(index);
            if rows.len() == SAMPLE_COUNT && is_mostly_distinct(entries.len(), rows.len()) {
                return None;
            }
        }
        (!is_mostly_distinct(entries.len(), rows.len())).then_some(Self { entries, rows })
    }

    fn indexes(&self) -> Vec<u8> {
        let width = index_width(self.entries.len());
        let mut out = Vec::with_capacity(self.rows.len() * width);
        for row in &self.rows {
            let bytes = row.to_le_bytes();
            out.extend_from_slice(bytes.get(..width).unwrap_or(&bytes));
        }
        out
    }
}

/// Whether over three quarters are distinct.
fn is_mostly_distinct(entry_count: usize, text_count: usize) -> bool {
    entry_count * 4 > text_count * 3
}

fn index_width(entry_count: usize) -> usize {
    match entry_count {
        0..=0x100 => 1,
        0x101..=0x1_0000 => 2,
        _ => 4,
    }
}

/// Texts that were read; they lie in the group's streams.
#[derive(Debug, Clone)]
pub(super) struct Strings<'a> {
    text: &'a str,
    offsets: Offsets,
    indexes: Indexes<'a>,
}

#[derive(Debug, Clone)]
enum Indexes<'a> {
    Constant,
    Row,
    Dictionary { width: usize, bytes: &'a [u8] },
}

impl<'a> Strings<'a> {
    /// Takes the streams of `count` texts.
    pub(super) fn take(streams: &mut StreamReader<'a>, count: usize) -> Result<Self, Bad> {
        let mut form = Source::new(streams.take()?);
        let text = std::str::from_utf8(streams.take()?).map_err(|_| Bad("a text is not UTF-8"))?;
        let kind = form.byte()?;
        let (offsets, indexes) = match kind {
            CONSTANT => {
                streams.take()?;
                (Offsets::Even(text.len()), Indexes::Constant)
            }
            DICTIONARY => {
                let entry_count = super::bytes::to_index(form.varint()?)?;
                if entry_count > count {
                    return Err(Bad("a dictionary has more entries than rows"));
                }
                let lengths = Ints::read(&mut form, entry_count)?;
                let width = index_width(entry_count);
                let indexes = Indexes::Dictionary {
                    width,
                    bytes: streams.take_fixed(width, count)?,
                };
                (Offsets::new(&lengths, entry_count, text.len())?, indexes)
            }
            EACH => {
                streams.take()?;
                let lengths = Ints::read(&mut form, count)?;
                (Offsets::new(&lengths, count, text.len())?, Indexes::Row)
            }
            _ => return Err(Bad("a column of texts has an unknown form")),
        };
        form.finish()?;
        Ok(Self {
            text,
            offsets,
            indexes,
        })
    }

    /// The text of a row.
    pub(super) fn get(&self, row: usize) -> Result<&'a str, Bad> {
        let index = match &self.indexes {
            Indexes::Constant => 0,
            Indexes::Row => row,
            Indexes::Dictionary { width, bytes } => {
                let start = row.saturating_mul(*width);
                let entry = bytes
                    .get(start..start + width)
                    .ok_or(Bad("a column ends before its rows"))?;
                entry
                    .iter()
                    .rev()
                    .fold(0usize, |index, byte| index << 8 | usize::from(*byte))
            }
        };
        self.offsets
            .range(index)
            .and_then(|range| self.text.get(range))
            .ok_or(Bad("a text is not where its column says"))
    }
}
