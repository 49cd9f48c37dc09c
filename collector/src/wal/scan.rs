//! The frames of one segment, and the way behind a damaged one.

use std::ops::{ControlFlow, Range};

use bytes::Bytes;

use super::entry::{Entry, Position};
use super::format::HEADER_BYTES;
use super::frame::{self, FRAME_BYTES_MIN};

/// What stands in a segment, in order.
#[derive(Debug)]
pub(super) enum Piece {
    /// An entry.
    Entry(Position, Entry),
    /// Bytes that are no frame, with good frames behind them.
    Damaged {
        bytes: Range<usize>,
        /// Entries that stood there, told by the positions around.
        entry_count: u64,
    },
}

/// How a segment ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct End {
    /// The position behind the last good frame.
    pub(super) next: Position,
    /// The offset behind the last good frame.
    pub(super) good_bytes: usize,
    /// Whether what stands behind is one frame or more of full length, and not a torn one.
    pub(super) is_tail_complete: bool,
}

/// Visits what stands in the segment. `None` where the visitor stopped.
///
/// Positions within a segment have no gaps. A damaged frame is passed over by its own length
/// where a good frame follows there; else by searching, byte by byte, for a frame with the
/// right checksum and a position that can stand here.
pub(super) fn scan(
    bytes: &Bytes,
    first: Position,
    visit: &mut dyn FnMut(Piece) -> ControlFlow<()>,
) -> Option<End> {
    let mut next = first;
    let mut offset = HEADER_BYTES.min(bytes.len());
    while offset < bytes.len() {
        if let Some(frame) = frame::decode(bytes, offset).filter(|frame| frame.position == next) {
            offset = frame.end;
            next = frame.position.next();
            if visit(Piece::Entry(frame.position, frame.entry)).is_break() {
                return None;
            }
            continue;
        }
        let Some((found, position)) = find_next(bytes, offset, next) else {
            break;
        };
        let damaged = Piece::Damaged {
            bytes: offset..found,
            entry_count: position.0.saturating_sub(next.0).max(1),
        };
        if visit(damaged).is_break() {
            return None;
        }
        offset = found;
        next = position;
    }
    Some(End {
        next,
        good_bytes: offset,
        is_tail_complete: frame::declared_end(bytes, offset).is_some(),
    })
}

/// The next good frame behind the damage at this offset, with its position.
fn find_next(bytes: &Bytes, damaged: usize, expected: Position) -> Option<(usize, Position)> {
    let position_max = expected
        .0
        .saturating_add((bytes.len() / FRAME_BYTES_MIN) as u64);
    let is_possible = |position: Position| (expected.0..=position_max).contains(&position.0);
    let good_at = |offset: usize| {
        // The position is looked at first: it rules out almost all offsets without the cost
        // of a checksum.
        frame::claimed_position(bytes, offset)
            .filter(|position| is_possible(*position))
            .and_then(|_| frame::decode(bytes, offset))
            .map(|frame| (offset, frame.position))
    };
    if let Some(found) = frame::declared_end(bytes, damaged).and_then(good_at) {
        return Some(found);
    }
    (damaged + 1..bytes.len()).find_map(good_at)
}
