//! The terms of all documents, each held once with the documents that have it counted.
//!
//! Spans of a trace, and records of a service, say the same again and again. A term that was
//! met before costs one look-up and no memory; a term that the document has already costs
//! nothing more. What tantivy is given in the end is each term of a document once.
//!
//! All texts lie in one string: there are hundreds of thousands, and giving each back alone
//! took a third of the time that an index takes.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::ops::Range;

use foldhash::quality::RandomState;
use spanwalk_query::text::words;

/// What a term is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// The name of a span.
    Name,
    /// `key NUL text` of an attribute.
    Attribute,
    /// The key of an attribute.
    Key,
    /// A word of a text.
    Word,
    /// The name of a service.
    Service,
}

impl Kind {
    /// Tells kinds apart where terms are hashed. Part of the format.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::Name => 1,
            Self::Attribute => 2,
            Self::Key => 3,
            Self::Word => 4,
            Self::Service => 5,
        }
    }
}

/// The terms of the documents so far.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    state: RandomState,
    /// The first entry with a hash; further ones hang on it.
    by_hash: HashMap<u64, u32, BuildHasherDefault<Hashed>>,
    entries: Vec<Entry>,
    texts: String,
    /// The words of texts that were taken apart, as runs of numbers of entries.
    words: Vec<u32>,
    /// The terms of each document, one document behind the other.
    occurrences: Vec<u32>,
    ends: Vec<usize>,
    scratch: String,
}

/// A term, or a text whose words are remembered.
#[derive(Debug, Clone)]
struct Entry {
    /// `None` for a text.
    kind: Option<Kind>,
    text: Range<usize>,
    /// Of a text, its words in [`Vocabulary::words`].
    words: Range<usize>,
    document_count: u32,
    /// One more than the last document that has it; zero for none.
    last_document: u32,
    /// One more than the next entry with the same hash; zero for none.
    next: u32,
}

/// One term of a vocabulary.
#[derive(Debug, Clone, Copy)]
pub(super) struct TermUse<'a> {
    /// `None` for what is no term and in no document.
    pub(super) kind: Option<Kind>,
    pub(super) text: &'a str,
    pub(super) document_count: u32,
}

impl Vocabulary {
    /// One more than the document that terms are added to.
    fn document(&self) -> u32 {
        u32::try_from(self.ends.len() + 1).unwrap_or(u32::MAX)
    }

    /// Ends the document; the next terms are of the next one.
    pub(super) fn end_document(&mut self) {
        self.ends.push(self.occurrences.len());
    }

    /// Adds a term to the document; whether the document had it not.
    pub(super) fn add(&mut self, kind: Kind, text: &str) -> bool {
        let (number, _) = self.number(Some(kind), text);
        self.mark(number)
    }

    /// Adds `key NUL text`; whether the document had it not.
    pub(super) fn add_attribute(&mut self, key: &str, text: &str) -> bool {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        super::terms::put_attribute_term(&mut scratch, key, text);
        let is_new = self.add(Kind::Attribute, &scratch);
        self.scratch = scratch;
        is_new
    }

    /// Adds the words of a text. Those of a text that is no longer than `remembered_bytes` are
    /// remembered, so that it is not taken apart again.
    pub(super) fn add_text(&mut self, text: &str, remembered_bytes: usize) {
        if text.len() > remembered_bytes {
            for word in words(text) {
                self.add(Kind::Word, &word);
            }
            return;
        }
        let document = self.document();
        let (number, is_new) = self.number(None, text);
        if is_new {
            let start = self.words.len();
            for word in words(text) {
                let (word, _) = self.number(Some(Kind::Word), &word);
                self.words.push(word);
            }
            let end = self.words.len();
            if let Some(entry) = self.entries.get_mut(number as usize) {
                entry.words = start..end;
            }
        }
        let run = match self.entries.get_mut(number as usize) {
            Some(entry) if entry.last_document != document => {
                entry.last_document = document;
                entry.words.clone()
            }
            _ => return,
        };
        for place in run {
            if let Some(number) = self.words.get(place) {
                self.mark(*number);
            }
        }
    }

    /// The number of a text of a kind, and whether it is a new one.
    fn number(&mut self, kind: Option<Kind>, text: &str) -> (u32, bool) {
        let hash = self.state.hash_one((kind, text));
        let first = self.by_hash.get(&hash).copied();
        let mut known = first;
        while let Some(number) = known
            && let Some(entry) = self.entries.get(number as usize)
        {
            if entry.kind == kind && self.texts.get(entry.text.clone()) == Some(text) {
                return (number, false);
            }
            known = entry.next.checked_sub(1);
        }
        let number = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let start = self.texts.len();
        self.texts.push_str(text);
        self.entries.push(Entry {
            kind,
            text: start..self.texts.len(),
            words: 0..0,
            document_count: 0,
            last_document: 0,
            next: first.map_or(0, |first| first.saturating_add(1)),
        });
        self.by_hash.insert(hash, number);
        (number, true)
    }

    /// Notes that the document has the term; whether it had it not.
    fn mark(&mut self, number: u32) -> bool {
        let document = self.document();
        match self.entries.get_mut(number as usize) {
            Some(entry) if entry.last_document != document => {
                entry.last_document = document;
                entry.document_count += 1;
                self.occurrences.push(number);
                true
            }
            _ => false,
        }
    }

    /// Every term, by number.
    pub(super) fn terms(&self) -> Vec<TermUse<'_>> {
        self.entries
            .iter()
            .map(|entry| TermUse {
                kind: entry.kind,
                text: self.texts.get(entry.text.clone()).unwrap_or_default(),
                document_count: entry.document_count,
            })
            .collect()
    }

    /// The numbers of the terms of each document.
    pub(super) fn documents(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, end)| self.occurrences.get(start..*end).unwrap_or_default())
    }
}

/// Hashes what is a hash already.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(vocabulary: &Vocabulary) -> Vec<Vec<(Kind, String)>> {
        let terms = vocabulary.terms();
        let documents = vocabulary.documents().map(|numbers| {
            let mut told: Vec<_> = numbers
                .iter()
                .map(|number| terms[*number as usize])
                .map(|term| (term.kind.unwrap(), term.text.to_owned()))
                .collect();
            told.sort_by(|a, b| a.1.cmp(&b.1));
            told
        });
        documents.collect()
    }

    #[test]
    fn a_document_has_each_term_once_whether_remembered_or_not() {
        for remembered_bytes in [0, 100] {
            let mut vocabulary = Vocabulary::default();
            for _ in 0..2 {
                vocabulary.add_text("Card declined, card", remembered_bytes);
                vocabulary.add_text("declined twice", remembered_bytes);
                assert!(vocabulary.add(Kind::Name, "card"));
                assert!(!vocabulary.add(Kind::Name, "card"));
                assert!(vocabulary.add_attribute("key", "text"));
                vocabulary.end_document();
            }
            vocabulary.end_document();
            let told = told(&vocabulary);
            let texts: Vec<_> = told[0].iter().map(|(_, text)| text.as_str()).collect();
            assert_eq!(texts, ["card", "card", "declined", "key\0text", "twice"]);
            assert_eq!(told[0], told[1]);
            assert_eq!(told[2], []);
            let terms = vocabulary.terms();
            let used = terms.iter().filter(|term| term.document_count > 0);
            assert!(used.clone().all(|term| term.document_count == 2));
            assert_eq!(used.count(), 5);
        }
    }
}
