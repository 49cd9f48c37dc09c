//! Log records as `ExportLogsServiceRequest`.

use opentelemetry_sdk::logs::SdkLogRecord;

use super::value::{self, Limit};
use super::{nanos, wire};
use crate::config::Limits;

pub(super) fn record(out: &mut Vec<u8>, record: &SdkLogRecord, limits: &Limits) {
    let limit = Limit {
        count: limits.record_attributes,
        chars: limits.record_value_chars,
    };
    wire::fixed_64(out, 1, record.timestamp().map_or(0, nanos));
    let severity = record.severity_number().map_or(0, |it| it as u64);
    wire::number(out, 2, severity);
    wire::bytes(
        out,
        3,
        record.severity_text().unwrap_or_default().as_bytes(),
    );
    if let Some(body) = record.body() {
        // The body is no attribute: no limit holds for it.
        let whole = Limit {
            count: usize::MAX,
            chars: None,
        };
        wire::message(out, 5, |out| value::any_value(out, body, whole));
    }
    let mut count = 0;
    for (key, it) in record.attributes_iter() {
        if count < limit.count {
            value::pair(out, 6, key.as_str(), |out| value::any_value(out, it, limit));
        }
        count += 1;
    }
    wire::number(out, 7, u64::from(value::over(count, limit)));
    if let Some(context) = record.trace_context() {
        let flags = context.trace_flags.map_or(0, |it| u32::from(it.to_u8()));
        wire::fixed_32(out, 8, flags);
        wire::bytes(out, 9, &context.trace_id.to_bytes());
        wire::bytes(out, 10, &context.span_id.to_bytes());
    }
    wire::fixed_64(out, 11, record.observed_timestamp().map_or(0, nanos));
    wire::bytes(out, 12, record.event_name().unwrap_or_default().as_bytes());
}
