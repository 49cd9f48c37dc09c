//! Builds an index.

use std::borrow::Borrow;
use std::path::Path;
use std::sync::OnceLock;

use spanwalk_model::{LogRecord, Scoped, Span};
use tantivy::directory::{Directory, RamDirectory};
use tantivy::index::SegmentComponent;
use tantivy::schema::TantivyDocument;
use tantivy::{Index, IndexSettings, SingleSegmentIndexWriter};

use super::IndexError;
use super::container;
use super::schema::{Fields, schema};
use super::table::TableWriter;
use super::terms::{Documents, NumberField};
use super::vocabulary::{Kind, TermUse};
use crate::disk::Disk;

/// Memory that tantivy is told it may take, bytes. It writes one segment whatever this says;
/// the budget only sizes its hash tables, which grow where they have to.
const MEMORY_BYTES: std::ops::RangeInclusive<usize> = 256 * 1024..=16 * 1024 * 1024;
/// Bytes of it for each distinct term.
const TERM_BYTES: usize = 96;
/// A term of at most this many documents stands in the table of rare terms, where each of
/// them costs four or five bytes. In tantivy's dictionary a term costs about twenty, the most
/// of it for its text.
const RARE_DOCUMENTS_MAX: u32 = 4;
/// Bytes of the tags in the table of rare terms: of a thousand questions for what is not
/// there about one is answered with a document too many.
const RARE_TAG_BYTES: u8 = 2;

/// What tantivy calls the list of segments.
const META_FILE: &str = "meta.json";
/// Bytes of a value in tantivy's document beside its text, about.
const VALUE_BYTES: usize = 12;

/// The file of the table of rare terms, and that of origins, within the container.
pub(super) const RARE: &str = "rare";
pub(super) const ORIGINS: &str = "origins";

/// Writes the index of spans: a document for each run of neighbours with one trace id. The
/// rows stand as in the file of columns.
///
/// # Errors
/// [`IndexError`] where the file cannot be written and synced.
pub fn write_span_index<R: Borrow<Scoped<Span>>>(
    disk: &dyn Disk,
    path: &Path,
    rows: &[R],
) -> Result<u32, IndexError> {
    let mut documents = Documents::default();
    let same = |a: &R, b: &R| a.borrow().item.trace_id == b.borrow().item.trace_id;
    for trace in rows.chunk_by(same) {
        for span in trace {
            documents.add_span(span.borrow());
        }
        documents.end_document();
    }
    write(disk, path, documents)
}

/// Writes the index of log records: a document for each. The rows stand as in the file of
/// columns.
///
/// # Errors
/// [`IndexError`] where the file cannot be written and synced.
pub fn write_log_index<R: Borrow<Scoped<LogRecord>>>(
    disk: &dyn Disk,
    path: &Path,
    rows: &[R],
) -> Result<u32, IndexError> {
    let mut documents = Documents::default();
    for record in rows {
        documents.add_log(record.borrow());
        documents.end_document();
    }
    write(disk, path, documents)
}

fn write(disk: &dyn Disk, path: &Path, documents: Documents) -> Result<u32, IndexError> {
    let terms = documents.vocabulary.terms();
    let rare = rare_terms(&documents, &terms);
    let mut files = build(&documents, &terms).map_err(|error| IndexError::tantivy(path, error))?;
    files.push((RARE.to_owned(), rare));
    let count = u32::try_from(documents.moments_ns.len()).unwrap_or(u32::MAX);
    files.push((ORIGINS.to_owned(), documents.origins.finish()));
    container::write(disk, path, &files).map_err(|error| IndexError::io(path, error))?;
    Ok(count)
}

/// Whether a term stands in the table in place of the dictionary. Keys and names stay in the
/// dictionary however rare they are: it is asked which there are.
fn is_rare(term: &TermUse<'_>) -> bool {
    matches!(term.kind, Some(Kind::Attribute | Kind::Word))
        && term.document_count <= RARE_DOCUMENTS_MAX
}

fn rare_terms(documents: &Documents, terms: &[TermUse<'_>]) -> Vec<u8> {
    let mut table = TableWriter::new(RARE_TAG_BYTES);
    let hashes: Vec<Option<u64>> = terms
        .iter()
        .map(|term| {
            let kind = term.kind.filter(|_| is_rare(term))?;
            Some(table.hash(kind, term.text))
        })
        .collect();
    for (document, numbers) in (0_u32..).zip(documents.vocabulary.documents()) {
        for number in numbers {
            if let Some(Some(hash)) = hashes.get(*number as usize) {
                table.add(*hash, document);
            }
        }
    }
    table.finish()
}

/// Lets tantivy build one segment in memory; its files.
fn build(documents: &Documents, terms: &[TermUse<'_>]) -> tantivy::Result<Vec<(String, Vec<u8>)>> {
    let place = RamDirectory::create();
    let fields = Fields::of(&schema())?;
    let frequent_count = terms
        .iter()
        .filter(|term| term.document_count > RARE_DOCUMENTS_MAX)
        .count();
    let memory_bytes = frequent_count
        .saturating_mul(TERM_BYTES)
        .clamp(*MEMORY_BYTES.start(), *MEMORY_BYTES.end());
    let mut writer = new_writer(&place, memory_bytes)?;
    let with_numbers = documents.vocabulary.documents().zip(documents.numbers());
    for ((of_terms, numbers), moment_ns) in with_numbers.zip(&documents.moments_ns) {
        let frequent = of_terms
            .iter()
            .filter_map(|number| terms.get(*number as usize))
            .filter(|term| !is_rare(term));
        let bytes: usize = frequent
            .clone()
            .map(|term| term.text.len() + VALUE_BYTES)
            .sum();
        let mut document =
            TantivyDocument::with_capacity(bytes + (numbers.len() + 1) * VALUE_BYTES);
        for term in frequent {
            let field = match term.kind {
                Some(Kind::Name) => fields.name,
                Some(Kind::Attribute) => fields.attribute,
                Some(Kind::Key) => fields.key,
                Some(Kind::Word) => fields.text,
                // Only origins have services.
                Some(Kind::Service) | None => continue,
            };
            document.add_text(field, term.text);
        }
        for (field, number) in numbers {
            let field = match field {
                NumberField::SpanKind => fields.kind,
                NumberField::Error => fields.error,
                NumberField::Level => fields.level,
                NumberField::Duration => fields.duration,
                NumberField::Origin => match fields.origin {
                    Some(origin) => origin,
                    None => continue,
                },
            };
            document.add_u64(field, *number);
        }
        document.add_u64(fields.moment, *moment_ns);
        writer.add_document(document)?;
    }
    files_of(&place, &writer.finalize()?)
}

fn files_of(place: &RamDirectory, index: &Index) -> tantivy::Result<Vec<(String, Vec<u8>)>> {
    let meta = Path::new(META_FILE);
    let mut files = vec![(META_FILE.to_owned(), place.atomic_read(meta)?)];
    for segment in index.searchable_segment_metas()? {
        for component in [
            SegmentComponent::Terms,
            SegmentComponent::Postings,
            SegmentComponent::Positions,
            SegmentComponent::FastFields,
            SegmentComponent::FieldNorms,
            SegmentComponent::Store,
        ] {
            let name = segment.relative_path(component.clone());
            if !place.exists(&name)? {
                continue;
            }
            let content = if component == SegmentComponent::Store {
                empty_store()?
            } else {
                place.open_read(&name)?.read_bytes()?.to_vec()
            };
            files.push((name.to_string_lossy().into_owned(), content));
        }
    }
    Ok(files)
}

/// The store of an index without documents.
///
/// We store none, yet tantivy keeps five bytes for each. The file has to be there, but nothing
/// is ever read from it, so the one of an empty index takes its place.
fn empty_store() -> tantivy::Result<Vec<u8>> {
    static EMPTY: OnceLock<Vec<u8>> = OnceLock::new();
    if let Some(known) = EMPTY.get() {
        return Ok(known.clone());
    }
    let place = RamDirectory::create();
    let index = new_writer(&place, *MEMORY_BYTES.start())?.finalize()?;
    let mut store = Vec::new();
    for segment in index.searchable_segment_metas()? {
        let name = segment.relative_path(SegmentComponent::Store);
        store = place.open_read(&name)?.read_bytes()?.to_vec();
    }
    Ok(EMPTY.get_or_init(|| store).clone())
}

fn new_writer(
    place: &RamDirectory,
    memory_bytes: usize,
) -> tantivy::Result<SingleSegmentIndexWriter> {
    Index::builder()
        .schema(schema())
        .settings(IndexSettings {
            docstore_compression: tantivy::store::Compressor::None,
            ..IndexSettings::default()
        })
        .single_segment_index_writer(place.clone(), memory_bytes)
}
