//! Log records.

use crate::log::{LogRecord, Severity};

use super::super::issues::RejectReason;
use super::super::state::LogIds;
use super::decode_value::{any_value, attributes, enumeration, span_id, trace_id, uint32, uint64};
use super::fault::Fault;
use super::read::Reader;

/// Reads a log record, or says why it is rejected.
pub(super) fn log_record(
    reader: &mut Reader<'_>,
) -> Result<Result<LogRecord, RejectReason>, Fault> {
    let mut record = LogRecord::default();
    let mut ids = LogIds::default();
    let mut own_attributes = Vec::new();
    reader.object(|reader, field| {
        match field {
            "timeUnixNano" => record.time_ns = uint64(reader)?,
            "observedTimeUnixNano" => record.observed_time_ns = uint64(reader)?,
            "severityNumber" => record.severity = Severity(enumeration(reader)?),
            "severityText" => record.severity_text = reader.text()?,
            "body" => record.body = any_value(reader, 1)?,
            "attributes" => own_attributes = attributes(reader, 1)?,
            "droppedAttributesCount" => record.dropped_attributes_count = uint32(reader)?,
            "flags" => record.flags = uint32(reader)?,
            "traceId" => ids.trace = trace_id(reader)?,
            "spanId" => ids.span = span_id(reader)?,
            "eventName" => record.event_name = reader.text()?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(reader.state.finish_log_record(record, ids, own_attributes))
}
