//! Builds an index.

use std::fs::{self, File};
use std::path::Path;

use spanwalk_model::{LogRecord, Scoped, Span};
use tantivy::directory::MmapDirectory;
use tantivy::schema::TantivyDocument;
use tantivy::{Index, IndexSettings, SingleSegmentIndexWriter};

use super::IndexError;
use super::schema::Fields;
use super::terms::Terms;
use super::tokenizer::{WORDS, Words};

/// Memory that tantivy may take while it builds, bytes. It writes one segment whatever this
/// says; the budget only sizes its hash tables.
const MEMORY_BYTES: usize = 64 * 1024 * 1024;

/// Writes the index of spans: a document for each run of neighbours with one trace id. The
/// rows stand as in the file of columns.
///
/// # Errors
/// [`IndexError`] where the directory or the files cannot be written and synced.
pub fn write_span_index(directory: &Path, rows: &[Scoped<Span>]) -> Result<u32, IndexError> {
    let traces = rows.chunk_by(|a, b| a.item.trace_id == b.item.trace_id);
    write(
        directory,
        traces.map(|trace| {
            let mut terms = Terms::default();
            for span in trace {
                terms.add_span(span);
            }
            terms
        }),
    )
}

/// Writes the index of log records: a document for each. The rows stand as in the file of
/// columns.
///
/// # Errors
/// [`IndexError`] where the directory or the files cannot be written and synced.
pub fn write_log_index(directory: &Path, rows: &[Scoped<LogRecord>]) -> Result<u32, IndexError> {
    write(
        directory,
        rows.iter().map(|record| {
            let mut terms = Terms::default();
            terms.add_log(record);
            terms
        }),
    )
}

fn write(directory: &Path, documents: impl Iterator<Item = Terms>) -> Result<u32, IndexError> {
    fs::create_dir_all(directory).map_err(|source| IndexError::io(directory, source))?;
    let failed = |source| IndexError::tantivy(directory, source);
    let fields = Fields::new();
    let place =
        MmapDirectory::open(directory).map_err(|source| IndexError::tantivy(directory, source))?;
    let tokenizers = tantivy::tokenizer::TokenizerManager::default();
    tokenizers.register(WORDS, Words);
    let mut writer: SingleSegmentIndexWriter = Index::builder()
        .schema(fields.schema.clone())
        .settings(IndexSettings {
            docstore_compression: tantivy::store::Compressor::None,
            ..IndexSettings::default()
        })
        .tokenizers(tokenizers)
        .single_segment_index_writer(place, MEMORY_BYTES)
        .map_err(failed)?;
    let mut count = 0;
    for terms in documents {
        writer
            .add_document(document(&fields, terms))
            .map_err(failed)?;
        count += 1;
    }
    writer.finalize().map_err(failed)?;
    sync(directory).map_err(|source| IndexError::io(directory, source))?;
    Ok(count)
}

fn document(fields: &Fields, terms: Terms) -> TantivyDocument {
    let mut document = TantivyDocument::default();
    for (field, texts) in [
        (fields.service, terms.services),
        (fields.name, terms.names),
        (fields.attribute, terms.attributes),
        (fields.key, terms.keys),
        (fields.text, terms.texts),
    ] {
        for text in texts {
            document.add_text(field, text);
        }
    }
    for (field, numbers) in [
        (fields.kind, terms.kinds),
        (fields.duration, terms.durations),
    ] {
        for number in numbers {
            document.add_u64(field, number);
        }
    }
    if terms.is_error {
        document.add_u64(fields.error, 1);
    }
    if let Some(level) = terms.level {
        document.add_u64(fields.level, level);
    }
    document.add_u64(fields.moment, terms.moment_ns.unwrap_or(0));
    document
}

/// Makes every file and the names of the directory durable: tantivy syncs its segment files
/// but leaves the last steps to whoever commits.
fn sync(directory: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_file() {
            File::open(path)?.sync_all()?;
        }
    }
    File::open(directory)?.sync_all()
}
