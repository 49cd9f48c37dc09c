//! The terms of all documents, each held once with the documents that have it counted.
//!
//! Spans of a trace, and records of a service, say the same again and again. A term that was
//! met before costs one look-up and no memory; a term that the document has already costs
//! nothing more. What tantivy is given in the end is each term of a document once.

use std::collections::HashMap;
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
    by_text: HashMap<(Kind, Box<str>), u32, RandomState>,
    terms: Vec<Entry>,
    /// The words of texts that were taken apart, as runs of numbers of terms.
    words_of: HashMap<Box<str>, (u32, Range<usize>), RandomState>,
    words: Vec<u32>,
    /// The terms of each document, one document behind the other.
    occurrences: Vec<u32>,
    ends: Vec<usize>,
    scratch: String,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    kind: Kind,
    document_count: u32,
    /// One more than the last document that has it; zero for none.
    last_document: u32,
}

/// One term of a vocabulary.
#[derive(Debug, Clone, Copy)]
pub(super) struct TermUse<'a> {
    pub(super) kind: Kind,
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

    /// Adds a term to the document.
    pub(super) fn add(&mut self, kind: Kind, text: &str) {
        let number = self.number(kind, text);
        self.mark(number);
    }

    /// Adds `key NUL text`.
    pub(super) fn add_attribute(&mut self, key: &str, text: &str) {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        super::terms::put_attribute_term(&mut scratch, key, text);
        self.add(Kind::Attribute, &scratch);
        self.scratch = scratch;
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
        let run = if let Some((last_document, run)) = self.words_of.get_mut(text) {
            if *last_document == document {
                return;
            }
            *last_document = document;
            run.clone()
        } else {
            let start = self.words.len();
            for word in words(text) {
                let number = self.number(Kind::Word, &word);
                self.words.push(number);
            }
            let run = start..self.words.len();
            self.words_of.insert(text.into(), (document, run.clone()));
            run
        };
        for place in run {
            if let Some(number) = self.words.get(place) {
                self.mark(*number);
            }
        }
    }

    fn number(&mut self, kind: Kind, text: &str) -> u32 {
        if let Some(number) = self.by_text.get(&(kind, text) as &dyn Named) {
            return *number;
        }
        let number = u32::try_from(self.terms.len()).unwrap_or(u32::MAX);
        self.terms.push(Entry {
            kind,
            document_count: 0,
            last_document: 0,
        });
        self.by_text.insert((kind, text.into()), number);
        number
    }

    fn mark(&mut self, number: u32) {
        let document = self.document();
        let Some(entry) = self.terms.get_mut(number as usize) else {
            return;
        };
        if entry.last_document != document {
            entry.last_document = document;
            entry.document_count += 1;
            self.occurrences.push(number);
        }
    }

    /// Every term, by number.
    pub(super) fn terms(&self) -> Vec<TermUse<'_>> {
        let mut texts = vec![""; self.terms.len()];
        for ((_, text), number) in &self.by_text {
            if let Some(slot) = texts.get_mut(*number as usize) {
                *slot = text;
            }
        }
        self.terms
            .iter()
            .zip(texts)
            .map(|(entry, text)| TermUse {
                kind: entry.kind,
                text,
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

/// A kind with a text, owned or not, so that looking one up copies nothing.
trait Named {
    fn named(&self) -> (Kind, &str);
}

impl Named for (Kind, Box<str>) {
    fn named(&self) -> (Kind, &str) {
        (self.0, &self.1)
    }
}

impl Named for (Kind, &str) {
    fn named(&self) -> (Kind, &str) {
        (self.0, self.1)
    }
}

impl<'a> std::borrow::Borrow<dyn Named + 'a> for (Kind, Box<str>) {
    fn borrow(&self) -> &(dyn Named + 'a) {
        self
    }
}

impl std::hash::Hash for dyn Named + '_ {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.named().hash(state);
    }
}

impl PartialEq for dyn Named + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.named() == other.named()
    }
}

impl Eq for dyn Named + '_ {}
