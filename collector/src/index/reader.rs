//! Finds the documents of a condition.

use std::path::{Path, PathBuf};

use spanwalk_query::{Condition, Term};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, Index, ReloadPolicy, Searcher, TERMINATED};

use super::IndexError;
use super::container::Container;
use super::schema::{Fields, MOMENT};
use super::table::Table;
use super::terms::{
    DURATION_BUCKET_MAX, LEVEL_NUMBER_MAX, attribute_term, duration_bucket, key_term, kind_number,
    level_number, name_term,
};
use super::vocabulary::Kind;
use super::writer::{ORIGINS, RARE};
use crate::disk::Disk;

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
    tables: Option<Tables>,
}

/// What stands beside tantivy's files since version 2.
struct Tables {
    rare: Table,
    origins: Table,
}

impl std::fmt::Debug for IndexReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IndexReader")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl IndexReader {
    /// Opens the index at a path that must hold this many documents.
    ///
    /// # Errors
    /// [`IndexError`] where it cannot be read, is damaged, or holds another number of
    /// documents.
    pub fn open(disk: &dyn Disk, path: &Path, document_count: u32) -> Result<Self, IndexError> {
        // Version 1 was a directory of tantivy's own.
        let (index, tables) = if disk.list(path).is_ok() {
            let index = Index::open_in_dir(path).map_err(|e| IndexError::tantivy(path, e))?;
            (index, None)
        } else {
            let container = Container::open(disk, path)?;
            let table = |name: &str| {
                let file = container.file(name)?;
                Table::open(&file)
            };
            let tables = Tables {
                rare: table(RARE).map_err(|error| IndexError::io(path, error))?,
                origins: table(ORIGINS).map_err(|error| IndexError::io(path, error))?,
            };
            let index = Index::open(container).map_err(|e| IndexError::tantivy(path, e))?;
            (index, Some(tables))
        };
        Self::of_index(&index, tables, path, document_count)
    }

    fn of_index(
        index: &Index,
        tables: Option<Tables>,
        path: &Path,
        document_count: u32,
    ) -> Result<Self, IndexError> {
        let failed = |source| IndexError::tantivy(path, source);
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
                path: path.to_owned(),
                expected: document_count,
                found,
            });
        }
        let moments = read_moments(&searcher, document_count).map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            fields: Fields::of(&index.schema()).map_err(failed)?,
            searcher,
            moments,
            tables,
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
            Term::Service(name) => self.texts(Kind::Service, name_term(name))?,
            Term::Name(name) => self.texts(Kind::Name, name_term(name))?,
            Term::Kind(kind) => {
                let number = kind_number(*kind);
                self.numbers(fields.kind, number..=number)?
            }
            Term::Error => self.numbers(fields.error, 1..=1)?,
            Term::Attribute { key, value } => {
                self.texts(Kind::Attribute, &attribute_term(key, value))?
            }
            Term::HasAttribute { key } => self.texts(Kind::Key, key_term(key))?,
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
            let found = self.texts(Kind::Word, word)?;
            answer = Some(match answer {
                Some(earlier) => intersection(&earlier, &found),
                None => found,
            });
        }
        Ok(answer.map_or(Answer::All, Answer::Some))
    }

    /// The documents that may hold the text, in order: those of the dictionary, those of the
    /// table of rare terms, and all of the origins that have it.
    fn texts(&self, kind: Kind, text: &str) -> Result<Vec<u32>, IndexError> {
        let fields = &self.fields;
        let field = match kind {
            Kind::Name => Some(fields.name),
            Kind::Attribute => Some(fields.attribute),
            Kind::Key => Some(fields.key),
            Kind::Word => Some(fields.text),
            Kind::Service => fields.service,
        };
        let mut found = Vec::new();
        if let Some(field) = field {
            self.postings(&tantivy::Term::from_field_text(field, text), &mut found)?;
        }
        let Some(tables) = &self.tables else {
            return Ok(found);
        };
        let failed = |error| IndexError::io(&self.path, error);
        let of_dictionary = found.len();
        if matches!(kind, Kind::Attribute | Kind::Word) {
            tables.rare.find(kind, text, &mut found).map_err(failed)?;
        }
        if let (Kind::Attribute | Kind::Key | Kind::Service, Some(origin)) = (kind, fields.origin) {
            let mut origins = Vec::new();
            tables
                .origins
                .find(kind, text, &mut origins)
                .map_err(failed)?;
            for number in origins {
                let term = tantivy::Term::from_field_u64(origin, number.into());
                self.postings(&term, &mut found)?;
            }
        }
        if found.len() > of_dictionary {
            found = in_order(found, self.document_count());
        }
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
        Ok(in_order(found, self.document_count()))
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

/// Each document once and in order. Where there are many, marking them is faster than sorting.
fn in_order(mut documents: Vec<u32>, document_count: u32) -> Vec<u32> {
    /// Fewer than one in so many are sorted.
    const SORTED_SHARE: usize = 32;
    if documents.len() < document_count as usize / SORTED_SHARE {
        documents.sort_unstable();
        documents.dedup();
        // A damaged table may name what is not there.
        documents.retain(|document| *document < document_count);
        return documents;
    }
    let mut is_marked = vec![false; document_count as usize];
    for document in documents {
        if let Some(mark) = is_marked.get_mut(document as usize) {
            *mark = true;
        }
    }
    (0..document_count)
        .zip(is_marked)
        .filter_map(|(document, is_marked)| is_marked.then_some(document))
        .collect()
}
