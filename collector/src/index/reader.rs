//! Finds the documents of a condition.

use std::path::{Path, PathBuf};

use spanwalk_query::{Condition, Term};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, Index, ReloadPolicy, Searcher, TERMINATED};

use super::IndexError;
use super::schema::{Fields, MOMENT};
use super::terms::{
    DURATION_BUCKET_MAX, LEVEL_NUMBER_MAX, attribute_term, duration_bucket, key_term, kind_number,
    level_number, name_term,
};
use super::tokenizer::{WORDS, Words};

/// Documents that may fulfil a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Every document may.
    All,
    /// These, in order.
    Some(Vec<u32>),
}

/// An open index. Reads take no lock.
pub struct IndexReader {
    path: PathBuf,
    fields: Fields,
    searcher: Searcher,
    moments: Vec<u64>,
}

impl std::fmt::Debug for IndexReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IndexReader")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl IndexReader {
    /// Opens the index in a directory that must hold this many documents.
    ///
    /// # Errors
    /// [`IndexError`] where it cannot be read or holds another number of documents.
    pub fn open(directory: &Path, document_count: u32) -> Result<Self, IndexError> {
        let failed = |source| IndexError::tantivy(directory, source);
        let index = Index::open_in_dir(directory).map_err(failed)?;
        index.tokenizers().register(WORDS, Words);
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .map_err(failed)?;
        let searcher: Searcher = tantivy::IndexReader::searcher(&reader);
        let found = searcher
            .segment_readers()
            .first()
            .map_or(0, tantivy::SegmentReader::max_doc);
        if found != document_count || searcher.segment_readers().len() > 1 {
            return Err(IndexError::Count {
                path: directory.to_owned(),
                expected: document_count,
                found,
            });
        }
        let moments = read_moments(&searcher, document_count).map_err(failed)?;
        Ok(Self {
            path: directory.to_owned(),
            fields: Fields::new(),
            searcher,
            moments,
        })
    }

    /// The moment of a document: the earliest start of its trace here, or the record's own.
    pub fn moment_ns(&self, document: u32) -> u64 {
        self.moments.get(document as usize).copied().unwrap_or(0)
    }

    /// How many documents there are.
    pub fn document_count(&self) -> u32 {
        u32::try_from(self.moments.len()).unwrap_or(u32::MAX)
    }

    /// The documents that may fulfil the condition.
    ///
    /// # Errors
    /// [`IndexError`] where the index cannot be read.
    pub fn find(&self, condition: &Condition) -> Result<Answer, IndexError> {
        Ok(match condition {
            Condition::Everything => Answer::All,
            Condition::All(parts) => self.find_all(parts)?,
            Condition::OneOf(parts) => self.find_one_of(parts)?,
            Condition::Term(term) => self.find_term(term)?,
        })
    }

    fn find_all(&self, parts: &[Condition]) -> Result<Answer, IndexError> {
        let mut answer = Answer::All;
        for part in parts {
            answer = match (answer, self.find(part)?) {
                (Answer::All, other) | (other, Answer::All) => other,
                (Answer::Some(a), Answer::Some(b)) => Answer::Some(intersection(&a, &b)),
            };
            if answer == Answer::Some(Vec::new()) {
                break;
            }
        }
        Ok(answer)
    }

    fn find_one_of(&self, parts: &[Condition]) -> Result<Answer, IndexError> {
        let mut found = Vec::new();
        for part in parts {
            match self.find(part)? {
                Answer::All => return Ok(Answer::All),
                Answer::Some(documents) => found.extend(documents),
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(Answer::Some(found))
    }

    fn find_term(&self, term: &Term) -> Result<Answer, IndexError> {
        let fields = &self.fields;
        let found = match term {
            Term::Service(name) => self.text(fields.service, name_term(name))?,
            Term::Name(name) => self.text(fields.name, name_term(name))?,
            Term::Kind(kind) => {
                let number = kind_number(*kind);
                self.numbers(fields.kind, number..=number)?
            }
            Term::Error => self.numbers(fields.error, 1..=1)?,
            Term::Attribute { key, value } => {
                self.text(fields.attribute, &attribute_term(key, value))?
            }
            Term::HasAttribute { key } => self.text(fields.key, key_term(key))?,
            Term::Words(words) => return self.words(words),
            Term::LevelAtLeast(level) => {
                self.numbers(fields.level, level_number(*level)..=LEVEL_NUMBER_MAX)?
            }
            Term::DurationAtLeast(ns) => {
                self.numbers(fields.duration, duration_bucket(*ns)..=DURATION_BUCKET_MAX)?
            }
            Term::DurationAtMost(ns) => self.numbers(fields.duration, 0..=duration_bucket(*ns))?,
            // Traces are found by the directory of the columns.
            Term::Trace(_) => return Ok(Answer::All),
        };
        Ok(Answer::Some(found))
    }

    fn words(&self, words: &[String]) -> Result<Answer, IndexError> {
        let mut answer: Option<Vec<u32>> = None;
        for word in words {
            let found = self.text(self.fields.text, word)?;
            answer = Some(match answer {
                Some(earlier) => intersection(&earlier, &found),
                None => found,
            });
        }
        Ok(answer.map_or(Answer::All, Answer::Some))
    }

    fn text(&self, field: Field, text: &str) -> Result<Vec<u32>, IndexError> {
        let mut found = Vec::new();
        self.postings(&tantivy::Term::from_field_text(field, text), &mut found)?;
        Ok(found)
    }

    fn numbers(
        &self,
        field: Field,
        numbers: std::ops::RangeInclusive<u64>,
    ) -> Result<Vec<u32>, IndexError> {
        let mut found = Vec::new();
        for number in numbers {
            self.postings(&tantivy::Term::from_field_u64(field, number), &mut found)?;
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Appends the documents of a term, in order.
    fn postings(&self, term: &tantivy::Term, found: &mut Vec<u32>) -> Result<(), IndexError> {
        let failed = |source| IndexError::tantivy(&self.path, source);
        let Some(segment) = self.searcher.segment_readers().first() else {
            return Ok(());
        };
        let inverted = segment.inverted_index(term.field()).map_err(failed)?;
        let postings = inverted
            .read_postings(term, IndexRecordOption::Basic)
            .map_err(|source| IndexError::tantivy(&self.path, source))?;
        let Some(mut postings) = postings else {
            return Ok(());
        };
        found.reserve(postings.doc_freq() as usize);
        let mut document = postings.doc();
        while document != TERMINATED {
            found.push(document);
            document = postings.advance();
        }
        Ok(())
    }
}

fn read_moments(searcher: &Searcher, document_count: u32) -> tantivy::Result<Vec<u64>> {
    let Some(segment) = searcher.segment_readers().first() else {
        return Ok(Vec::new());
    };
    let column = segment.fast_fields().u64(MOMENT)?;
    Ok((0..document_count)
        .map(|document| column.first(document).unwrap_or(0))
        .collect())
}

/// What both hold; both are in order.
fn intersection(a: &[u32], b: &[u32]) -> Vec<u32> {
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    few.iter()
        .copied()
        .filter(|document| many.binary_search(document).is_ok())
        .collect()
}
