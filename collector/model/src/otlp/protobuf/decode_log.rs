//! Log records.

use crate::log::{LogRecord, Severity};
use crate::value::Value;

use super::super::error::DecodeError;
use super::super::issues::RejectReason;
use super::super::state::{DecodeState, IdField, LogIds};
use super::decode_value::{push_attribute, read_text, read_value};
use super::wire::Reader;

/// Reads a `LogRecord`, or says why it is rejected.
pub(super) fn read_log_record(
    mut reader: Reader<'_>,
    state: &mut DecodeState,
) -> Result<Result<LogRecord, RejectReason>, DecodeError> {
    const MESSAGE: &str = "LogRecord";
    let mut record = LogRecord::default();
    let mut ids = LogIds::default();
    let mut attributes = Vec::new();
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => record.time_ns = field.fixed64(MESSAGE)?,
            2 => record.severity = Severity(field.int32(MESSAGE)?),
            3 => record.severity_text = read_text(field.bytes(MESSAGE)?, state),
            5 => {
                let body = record.body.get_or_insert(Value::Empty);
                read_value(field.message(MESSAGE)?, 1, body, state)?;
            }
            6 => push_attribute(&field, MESSAGE, &mut attributes, state)?,
            7 => record.dropped_attributes_count = field.uint32(MESSAGE)?,
            8 => record.flags = field.fixed32(MESSAGE)?,
            9 => ids.trace = IdField::of_trace(field.bytes(MESSAGE)?),
            10 => ids.span = IdField::of_span(field.bytes(MESSAGE)?),
            11 => record.observed_time_ns = field.fixed64(MESSAGE)?,
            12 => record.event_name = read_text(field.bytes(MESSAGE)?, state),
            _ => {}
        }
    }
    Ok(state.finish_log_record(record, ids, attributes))
}
