//! What is sent: OTLP requests of bounded size, each with an id made of its content.

use std::collections::HashMap;

use bytes::Bytes;
use spanwalk_model::batch::{group_items, scoped_items};
use spanwalk_model::otlp::protobuf::{encode_logs, encode_traces};
use spanwalk_model::{LogBatch, LogRecord, ResourceItems, Scoped, Span, SpanBatch};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use crate::client::Signal;

use super::limits::{CHUNK_BYTES_MAX, CHUNK_ITEMS_MAX};
use super::size::{log_record_bytes, span_bytes};

/// One request to the collector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// What it holds.
    pub signal: Signal,
    /// The hash of its content and of how often the same content came before in its file:
    /// equal for the same file, different for equal lines within one.
    pub delivery: u128,
    /// An OTLP protobuf request.
    pub bytes: Bytes,
    /// Spans or log records in it.
    pub item_count: u64,
    /// Bytes of the file, as it lies on the disk, that were read when it was made.
    pub read_bytes: u64,
}

/// Cuts the items of one file into chunks. Where it cuts depends on the items alone, so that
/// the same file gives the same chunks, however it is compressed.
#[derive(Debug, Default)]
pub(super) struct Chunker {
    spans: Pending<Span>,
    logs: Pending<LogRecord>,
    /// How often each content was sent.
    seen: HashMap<u128, u64>,
}

/// Items that wait for their chunk to be full.
#[derive(Debug)]
struct Pending<T> {
    items: Vec<Scoped<T>>,
    bytes: usize,
}

impl<T> Default for Pending<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            bytes: 0,
        }
    }
}

impl<T> Pending<T> {
    /// Adds an item of about this size. Returns the items before it, where it would make
    /// their chunk too large.
    fn push(&mut self, item: Scoped<T>, item_bytes: usize) -> Option<Vec<ResourceItems<T>>> {
        let is_full = self.items.len() >= CHUNK_ITEMS_MAX
            || (!self.items.is_empty() && self.bytes + item_bytes > CHUNK_BYTES_MAX);
        let full = if is_full { self.take() } else { None };
        self.bytes += item_bytes;
        self.items.push(item);
        full
    }

    fn take(&mut self) -> Option<Vec<ResourceItems<T>>> {
        self.bytes = 0;
        let items = std::mem::take(&mut self.items);
        (!items.is_empty()).then(|| group_items(items))
    }
}

impl Chunker {
    /// Takes spans; `emit` is called with each chunk that is full.
    pub(super) fn push_spans(
        &mut self,
        batch: SpanBatch,
        read_bytes: u64,
        emit: &mut dyn FnMut(Chunk),
    ) {
        for item in scoped_items(batch) {
            let bytes = span_bytes(&item.item);
            if let Some(full) = self.spans.push(item, bytes) {
                emit(self.spans_chunk(&full, read_bytes));
            }
        }
    }

    /// Takes log records.
    pub(super) fn push_logs(
        &mut self,
        batch: LogBatch,
        read_bytes: u64,
        emit: &mut dyn FnMut(Chunk),
    ) {
        for item in scoped_items(batch) {
            let bytes = log_record_bytes(&item.item);
            if let Some(full) = self.logs.push(item, bytes) {
                emit(self.logs_chunk(&full, read_bytes));
            }
        }
    }

    /// The chunks of what is left.
    pub(super) fn finish(&mut self, read_bytes: u64, emit: &mut dyn FnMut(Chunk)) {
        if let Some(rest) = self.spans.take() {
            emit(self.spans_chunk(&rest, read_bytes));
        }
        if let Some(rest) = self.logs.take() {
            emit(self.logs_chunk(&rest, read_bytes));
        }
    }

    fn spans_chunk(&mut self, groups: &[ResourceItems<Span>], read_bytes: u64) -> Chunk {
        let count = spanwalk_model::batch::item_count(groups);
        self.chunk(Signal::Spans, encode_traces(groups), count, read_bytes)
    }

    fn logs_chunk(&mut self, groups: &[ResourceItems<LogRecord>], read_bytes: u64) -> Chunk {
        let count = spanwalk_model::batch::item_count(groups);
        self.chunk(Signal::Logs, encode_logs(groups), count, read_bytes)
    }

    fn chunk(&mut self, signal: Signal, bytes: Vec<u8>, count: usize, read_bytes: u64) -> Chunk {
        let content = xxh3_128(&bytes);
        let seen = self.seen.entry(content).or_default();
        let mut hasher = Xxh3::new();
        hasher.update(match signal {
            Signal::Spans => b"spans",
            Signal::Logs => b"logs",
        });
        hasher.update(&content.to_le_bytes());
        hasher.update(&seen.to_le_bytes());
        *seen += 1;
        Chunk {
            signal,
            delivery: hasher.digest128(),
            bytes: Bytes::from(bytes),
            item_count: count as u64,
            read_bytes,
        }
    }
}
