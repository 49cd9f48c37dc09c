//! OTLP protobuf files, part by part in bounded memory.
//!
//! `TracesData` and `LogsData` are lists of groups in field 1, so every field of the file is
//! such a message by itself. Nothing in the bytes says which of the two it is: a part is
//! what it can be decoded as.

use std::io;

use spanwalk_model::otlp::{DecodeError, protobuf};
use spanwalk_model::otlp::{Decoded, Issues};
use spanwalk_model::{Batch, LogRecord, Span};

use super::limits::LINE_BYTES_MAX;
use super::source::Source;

/// What the next part of a file is.
pub(super) enum Part {
    /// A message; the buffer holds it.
    Message,
    /// Nothing is left.
    End,
    /// The file ends within the part.
    Cut,
    /// The part is too long.
    TooLong,
    /// No part of field 1 begins here.
    NotOtlp,
}

/// Fills the buffer with the next field of one long message.
pub(super) fn next_field(source: &mut Source, buffer: &mut Vec<u8>) -> io::Result<Part> {
    buffer.clear();
    source.read_some(buffer, 1)?;
    match buffer.first() {
        None => return Ok(Part::End),
        Some(0x0a) => {}
        Some(_) => return Ok(Part::NotOtlp),
    }
    let mut length = 0usize;
    for shift in (0..35).step_by(7) {
        let before = buffer.len();
        source.read_some(buffer, 1)?;
        let Some(byte) = buffer.get(before).copied() else {
            return Ok(Part::Cut);
        };
        length |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return read_part(source, buffer, length);
        }
    }
    Ok(Part::TooLong)
}

/// Fills the buffer with the next message that stands behind its length.
pub(super) fn next_frame(source: &mut Source, buffer: &mut Vec<u8>) -> io::Result<Part> {
    buffer.clear();
    source.read_some(buffer, 4)?;
    let length = match <[u8; 4]>::try_from(buffer.as_slice()) {
        Ok(bytes) => u32::from_be_bytes(bytes),
        Err(_) if buffer.is_empty() => return Ok(Part::End),
        Err(_) => return Ok(Part::Cut),
    };
    buffer.clear();
    read_part(
        source,
        buffer,
        usize::try_from(length).unwrap_or(usize::MAX),
    )
}

fn read_part(source: &mut Source, buffer: &mut Vec<u8>, length: usize) -> io::Result<Part> {
    if length > LINE_BYTES_MAX {
        return Ok(Part::TooLong);
    }
    let before = buffer.len();
    source.read_some(buffer, length)?;
    Ok(if buffer.len() - before < length {
        Part::Cut
    } else {
        Part::Message
    })
}

/// Decodes a message as what it can be: spans or log records. Field numbers of the two have
/// different wire types, so that at most one of them has usable items.
pub(super) fn decode(message: &[u8]) -> Result<(Batch, Issues), DecodeError> {
    let spans: Result<Decoded<Span>, _> = protobuf::decode_traces(message);
    match spans {
        Ok(spans) if spans.item_count() > 0 => Ok((Batch::Spans(spans.groups), spans.issues)),
        spans => {
            let logs: Result<Decoded<LogRecord>, _> = protobuf::decode_logs(message);
            match (spans, logs) {
                (_, Ok(logs)) if logs.item_count() > 0 => {
                    Ok((Batch::Logs(logs.groups), logs.issues))
                }
                (Ok(spans), _) => Ok((Batch::Spans(spans.groups), spans.issues)),
                (Err(_), Ok(logs)) => Ok((Batch::Logs(logs.groups), logs.issues)),
                (Err(error), Err(_)) => Err(error),
            }
        }
    }
}
