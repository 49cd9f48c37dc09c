//! One entry as bytes.

use bytes::Bytes;

use super::entry::{DeliveryId, Entry, Position, Signal};
use super::format::ENTRY_BYTES_MAX;

/// Bytes before the body: its length and the checksum of length and body.
pub(super) const PREFIX_BYTES: usize = 8;

/// Bytes of a body without delivery id and payload: position, received, signal, flags.
const BODY_FIXED_BYTES: usize = 18;

/// Bytes of a delivery id.
const DELIVERY_BYTES: usize = 16;

/// Bytes of the smallest frame.
pub(super) const FRAME_BYTES_MIN: usize = PREFIX_BYTES + BODY_FIXED_BYTES;

/// Bytes of the largest body.
const BODY_BYTES_MAX: usize = BODY_FIXED_BYTES + DELIVERY_BYTES + ENTRY_BYTES_MAX;

/// Bytes of the largest frame.
pub(super) const FRAME_BYTES_MAX: usize = PREFIX_BYTES + BODY_BYTES_MAX;

const SIGNAL_SPANS: u8 = 0;
const SIGNAL_LOGS: u8 = 1;
const FLAG_DELIVERY: u8 = 1;

/// A frame that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) position: Position,
    pub(super) entry: Entry,
    /// The offset of the first byte behind it.
    pub(super) end: usize,
}

/// Bytes of the entry as a frame, or `None` where the payload is over the limit.
pub(super) fn frame_bytes(entry: &Entry) -> Option<usize> {
    (entry.payload.len() <= ENTRY_BYTES_MAX).then(|| PREFIX_BYTES + body_bytes(entry))
}

fn body_bytes(entry: &Entry) -> usize {
    let delivery = if entry.delivery.is_some() {
        DELIVERY_BYTES
    } else {
        0
    };
    BODY_FIXED_BYTES + delivery + entry.payload.len()
}

/// Appends the entry's frame; `false`, and nothing appended, where the payload is over the
/// limit.
pub(super) fn encode(position: Position, entry: &Entry, out: &mut Vec<u8>) -> bool {
    if entry.payload.len() > ENTRY_BYTES_MAX {
        return false;
    }
    let Ok(length) = u32::try_from(body_bytes(entry)) else {
        return false;
    };
    let mut fixed = [0u8; BODY_FIXED_BYTES];
    fixed[..8].copy_from_slice(&position.0.to_le_bytes());
    fixed[8..16].copy_from_slice(&entry.received_ns.to_le_bytes());
    fixed[16] = match entry.signal {
        Signal::Spans => SIGNAL_SPANS,
        Signal::Logs => SIGNAL_LOGS,
    };
    fixed[17] = if entry.delivery.is_some() {
        FLAG_DELIVERY
    } else {
        0
    };
    let delivery = entry.delivery.map(|id| id.0.to_le_bytes());
    let delivery: &[u8] = delivery.as_ref().map_or(&[], |bytes| bytes);

    let mut checksum = crc32fast::Hasher::new();
    checksum.update(&length.to_le_bytes());
    checksum.update(&fixed);
    checksum.update(delivery);
    checksum.update(&entry.payload);

    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&checksum.finalize().to_le_bytes());
    out.extend_from_slice(&fixed);
    out.extend_from_slice(delivery);
    out.extend_from_slice(&entry.payload);
    true
}

/// The declared end of the frame at this offset, where its length is possible and within the
/// bytes. The checksum is not looked at.
pub(super) fn declared_end(bytes: &[u8], offset: usize) -> Option<usize> {
    let length = u32::from_le_bytes(chunk(bytes, offset)?);
    let length = usize::try_from(length).ok()?;
    if !(BODY_FIXED_BYTES..=BODY_BYTES_MAX).contains(&length) {
        return None;
    }
    let end = offset.checked_add(PREFIX_BYTES)?.checked_add(length)?;
    (end <= bytes.len()).then_some(end)
}

/// The position that the frame at this offset claims. The checksum is not looked at.
pub(super) fn claimed_position(bytes: &[u8], offset: usize) -> Option<Position> {
    let position = chunk(bytes, offset.checked_add(PREFIX_BYTES)?)?;
    Some(Position(u64::from_le_bytes(position)))
}

/// The frame at this offset; `None` where it is incomplete, damaged, or not one of ours.
/// The payload shares the given bytes.
pub(super) fn decode(bytes: &Bytes, offset: usize) -> Option<Frame> {
    let end = declared_end(bytes, offset)?;
    let declared_checksum = u32::from_le_bytes(chunk(bytes, offset + 4)?);
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(bytes.get(offset..offset + 4)?);
    checksum.update(bytes.get(offset + PREFIX_BYTES..end)?);
    if checksum.finalize() != declared_checksum {
        return None;
    }
    let body = offset + PREFIX_BYTES;
    let position = Position(u64::from_le_bytes(chunk(bytes, body)?));
    let received_ns = u64::from_le_bytes(chunk(bytes, body + 8)?);
    let signal = match *bytes.get(body + 16)? {
        SIGNAL_SPANS => Signal::Spans,
        SIGNAL_LOGS => Signal::Logs,
        _ => return None,
    };
    let mut payload_start = body + BODY_FIXED_BYTES;
    let delivery = match *bytes.get(body + 17)? {
        0 => None,
        FLAG_DELIVERY => {
            let id = u128::from_le_bytes(chunk(bytes, payload_start)?);
            payload_start += DELIVERY_BYTES;
            Some(DeliveryId(id))
        }
        _ => return None,
    };
    if payload_start > end {
        return None;
    }
    Some(Frame {
        position,
        entry: Entry {
            signal,
            received_ns,
            delivery,
            payload: bytes.slice(payload_start..end),
        },
        end,
    })
}

/// The next `N` bytes from this offset.
fn chunk<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..)?.first_chunk::<N>().copied()
}
