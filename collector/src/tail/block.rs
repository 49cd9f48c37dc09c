//! A stretch of chunks with its traces indexed.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::quality::RandomState;
use spanwalk_model::{TraceId, TraceItems};

use super::chunk::Chunk;
use crate::wal::Position;

/// Where an item stands in its block.
#[derive(Debug, Clone, Copy)]
struct Place {
    chunk: u32,
    index: u32,
    is_log: bool,
}

/// A stretch of chunks that grows no more.
#[derive(Debug)]
pub(super) struct Block {
    chunks: Vec<Arc<Chunk>>,
    by_trace: HashMap<TraceId, Vec<Place>, RandomState>,
}

impl Block {
    pub(super) fn of(chunks: Vec<Arc<Chunk>>) -> Self {
        let mut by_trace: HashMap<TraceId, Vec<Place>, RandomState> = HashMap::default();
        for (number, chunk) in (0_u32..).zip(&chunks) {
            for (index, span) in (0_u32..).zip(&chunk.spans) {
                by_trace.entry(span.item.trace_id).or_default().push(Place {
                    chunk: number,
                    index,
                    is_log: false,
                });
            }
            for (index, log) in (0_u32..).zip(&chunk.logs) {
                if let Some(trace_id) = log.item.trace_id {
                    by_trace.entry(trace_id).or_default().push(Place {
                        chunk: number,
                        index,
                        is_log: true,
                    });
                }
            }
        }
        Self { chunks, by_trace }
    }

    pub(super) fn chunks(&self) -> &[Arc<Chunk>] {
        &self.chunks
    }

    pub(super) fn last_position(&self) -> Position {
        self.chunks
            .last()
            .map_or(Position::ZERO, |chunk| chunk.position())
    }

    pub(super) fn add_trace(&self, id: TraceId, items: &mut TraceItems) {
        for place in self.by_trace.get(&id).into_iter().flatten() {
            let Some(chunk) = self.chunks.get(place.chunk as usize) else {
                continue;
            };
            if place.is_log {
                items
                    .logs
                    .extend(chunk.logs.get(place.index as usize).cloned());
            } else {
                items
                    .spans
                    .extend(chunk.spans.get(place.index as usize).cloned());
            }
        }
    }
}
