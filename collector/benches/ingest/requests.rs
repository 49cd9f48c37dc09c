//! What is sent: OTLP requests of about two hundred items of one resource, kept in a file so
//! that making them costs the measured process nothing.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use spanwalk_collector::wal::Signal;
use spanwalk_model::batch::group_items;
use spanwalk_model::otlp::{json, protobuf};
use spanwalk_model::{Scoped, Span};

use super::logs::Logs;
use super::spans::Spans;

/// Items of one request.
const REQUEST_ITEMS: usize = 200;

/// One request.
pub(crate) struct Request {
    pub(crate) signal: Signal,
    pub(crate) item_count: u32,
    pub(crate) payload: Bytes,
}

/// A file of requests, written in order and read in order.
pub(crate) struct Writer(BufWriter<File>);

impl Writer {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self(BufWriter::new(File::create(path)?)))
    }

    fn put(&mut self, signal: Signal, item_count: usize, payload: &[u8]) -> io::Result<()> {
        let number = |count: usize| u32::try_from(count).map_err(io::Error::other);
        let kind = u8::from(signal == Signal::Logs);
        self.0.write_all(&[kind])?;
        self.0.write_all(&number(item_count)?.to_le_bytes())?;
        self.0.write_all(&number(payload.len())?.to_le_bytes())?;
        self.0.write_all(payload)
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The requests of a file.
pub(crate) struct Requests(BufReader<File>);

impl Requests {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(BufReader::new(File::open(path)?)))
    }
}

impl Iterator for Requests {
    type Item = Request;

    fn next(&mut self) -> Option<Request> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).ok()?;
        let [kind, c0, c1, c2, c3, l0, l1, l2, l3] = head;
        let length = u32::from_le_bytes([l0, l1, l2, l3]);
        let mut payload = vec![0; usize::try_from(length).ok()?];
        self.0.read_exact(&mut payload).ok()?;
        Some(Request {
            signal: if kind == 1 {
                Signal::Logs
            } else {
                Signal::Spans
            },
            item_count: u32::from_le_bytes([c0, c1, c2, c3]),
            payload: payload.into(),
        })
    }
}

/// Writes this many seeded spans as requests.
pub(crate) fn write_spans(path: &Path, count: usize) -> io::Result<()> {
    let mut writer = Writer::create(path)?;
    by_resource(Spans::new().take(count), |rows| {
        let message = protobuf::encode_traces(&group_items(rows.iter().cloned()));
        writer.put(Signal::Spans, rows.len(), &message)
    })?;
    writer.finish()
}

/// Writes this many seeded log records as requests.
pub(crate) fn write_logs(path: &Path, count: usize) -> io::Result<()> {
    let mut writer = Writer::create(path)?;
    by_resource(Logs::new().take(count), |rows| {
        let message = protobuf::encode_logs(&group_items(rows.iter().cloned()));
        writer.put(Signal::Logs, rows.len(), &message)
    })?;
    writer.finish()
}

/// Gathers rows by their resource, as the exporters of many processes do, and gives those of
/// one away when there are enough.
fn by_resource<T>(
    rows: impl Iterator<Item = Scoped<T>>,
    mut give: impl FnMut(&[Scoped<T>]) -> io::Result<()>,
) -> io::Result<()> {
    let mut gathered: Vec<Vec<Scoped<T>>> = Vec::new();
    for row in rows {
        let of_same = gathered.iter_mut().find(|rows| {
            rows.first()
                .is_some_and(|first| std::sync::Arc::ptr_eq(&first.resource, &row.resource))
        });
        match of_same {
            Some(rows) => {
                rows.push(row);
                if rows.len() >= REQUEST_ITEMS {
                    give(rows)?;
                    rows.truncate(0);
                    // An empty list has no resource; the next row begins another.
                    gathered.retain(|rows| !rows.is_empty());
                }
            }
            None => gathered.push(vec![row]),
        }
    }
    gathered.iter().try_for_each(|rows| give(rows))
}

/// Writes the OTLP documents of every `.jsonl.zst` file in a folder: spans to one file of
/// requests, log records to another.
pub(crate) fn write_folder(folder: &Path, spans: &Path, logs: &Path) -> io::Result<()> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    paths.retain(|path| path.to_string_lossy().ends_with(".jsonl.zst"));
    paths.sort();
    let (mut span_writer, mut log_writer) = (Writer::create(spans)?, Writer::create(logs)?);
    for path in paths {
        let mut text = Vec::new();
        zstd::Decoder::new(File::open(path)?)?.read_to_end(&mut text)?;
        for line in text.split(|byte| *byte == b'\n') {
            if line.is_empty() {
                continue;
            }
            let document = json::decode_document(line).map_err(io::Error::other)?;
            for group in document.spans {
                let (count, message) = (
                    spanwalk_model::batch::item_count(std::slice::from_ref(&group)),
                    protobuf::encode_traces(std::slice::from_ref(&group)),
                );
                span_writer.put(Signal::Spans, count, &message)?;
            }
            for group in document.logs {
                let (count, message) = (
                    spanwalk_model::batch::item_count(std::slice::from_ref(&group)),
                    protobuf::encode_logs(std::slice::from_ref(&group)),
                );
                log_writer.put(Signal::Logs, count, &message)?;
            }
        }
    }
    span_writer.finish()?;
    log_writer.finish()
}

/// A few of the spans in a file of requests, spread over it.
pub(crate) fn sample_spans(path: &Path, count: usize) -> io::Result<Vec<Scoped<Span>>> {
    let mut spans = Vec::new();
    for request in Requests::open(path)? {
        let decoded = protobuf::decode_traces(&request.payload).map_err(io::Error::other)?;
        spans.extend(spanwalk_model::batch::scoped_items(decoded.groups).take(1));
    }
    let step = (spans.len() / count.max(1)).max(1);
    Ok(spans.into_iter().step_by(step).take(count).collect())
}
