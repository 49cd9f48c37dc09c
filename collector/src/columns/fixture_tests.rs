//! Files that released versions wrote are read for ever.
//!
//! The bytes of a new file may differ, as zstd does from version to version; what is read
//! from an old one may not.

use std::path::Path;
use std::sync::Arc;

use spanwalk_model::{
    Attributes, Event, Link, LogRecord, Resource, Scope, Scoped, Severity, Span, SpanId, SpanKind,
    StatusCode, TraceId, Value,
};

use crate::disk::Disk;
use crate::disk::simulated::SimulatedDisk;

use super::*;

const SPANS_1: &[u8] = include_bytes!("../../tests/fixtures/formats/spans-1.col");
const LOGS_1: &[u8] = include_bytes!("../../tests/fixtures/formats/logs-1.col");

fn attributes(number: u64) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.push("http.route", "/cart");
    attributes.push("number", number.cast_signed());
    match number % 7 {
        0 => attributes.push("value", Value::Empty),
        1 => attributes.push("value", number.is_multiple_of(2)),
        2 => attributes.push("value", f64::NAN),
        3 => attributes.push("value", Value::Bytes(vec![0, 255])),
        4 => attributes.push(
            "value",
            Value::Array(vec![Value::Int(-1), Value::from("ü")]),
        ),
        5 => attributes.push("value", Value::Map(Attributes::new())),
        _ => attributes.push("value", format!("unique {number}")),
    }
    attributes
}

fn scoped<T>(number: u64, item: T) -> Scoped<T> {
    let mut resource = Resource::default();
    resource
        .attributes
        .push("service.name", format!("service-{}", number % 3));
    resource.schema_url = "https://opentelemetry.io/schemas/1.42.0".into();
    let scope = Scope {
        name: "scope".into(),
        version: format!("{}", number % 2),
        ..Scope::default()
    };
    Scoped {
        item,
        resource: Arc::new(resource),
        scope: Arc::new(scope),
    }
}

fn trace(number: u64) -> TraceId {
    TraceId::from_u128(u128::from(number / 5 + 1) << 64 | 9).unwrap()
}

fn id(number: u64) -> SpanId {
    SpanId::from_u64(number + 1).unwrap()
}

/// The spans of the fixture, in the order of the file.
fn spans() -> Vec<Scoped<Span>> {
    let span = |number: u64| {
        let mut span = Span::new(trace(number), id(number));
        span.parent_span_id = (!number.is_multiple_of(5)).then(|| id(number - 1));
        span.trace_state = if number == 3 {
            "a=b".into()
        } else {
            String::new()
        };
        span.flags = 0x101;
        span.name = format!("operation {}", number % 4);
        span.kind = SpanKind::from_number(i32::try_from(number % 6).unwrap());
        span.start_ns = 1_790_000_000_000_000_000 + number;
        span.end_ns = span.start_ns + number * 1000;
        span.attributes = attributes(number);
        span.dropped_attributes_count = u32::try_from(number % 2).unwrap();
        if number.is_multiple_of(9) {
            span.status.code = StatusCode::Error;
            span.status.message = "locked".into();
            span.events.push(Event {
                time_ns: span.start_ns + 5,
                name: "exception".into(),
                attributes: attributes(number + 1),
                dropped_attributes_count: 2,
            });
            span.links.push(Link {
                trace_id: trace(number + 100),
                span_id: id(number + 100),
                trace_state: "c=d".into(),
                flags: 1,
                attributes: attributes(number + 2),
                dropped_attributes_count: 3,
            });
        }
        scoped(number, span)
    };
    (0..40).map(span).collect()
}

/// The log records of the fixture, in the order of the file.
fn logs() -> Vec<Scoped<LogRecord>> {
    let log = |number: u64| {
        let is_traced = number < 30;
        let item = LogRecord {
            time_ns: if number.is_multiple_of(8) {
                0
            } else {
                1_000 + number
            },
            observed_time_ns: if number.is_multiple_of(5) {
                0
            } else {
                1_000 + number
            },
            severity: Severity(i32::try_from(number % 25).unwrap()),
            severity_text: "INFO".into(),
            body: match number % 3 {
                0 => None,
                1 => Some(Value::from(format!("message {number}"))),
                _ => Some(Value::Array(vec![Value::Bool(true)])),
            },
            event_name: if number == 7 {
                "event".into()
            } else {
                String::new()
            },
            attributes: attributes(number),
            dropped_attributes_count: 0,
            flags: 1,
            trace_id: is_traced.then(|| trace(number)),
            span_id: is_traced.then(|| id(number / 2)),
        };
        scoped(number, item)
    };
    let mut logs: Vec<_> = (0..40).map(log).collect();
    sort_rows(&mut logs);
    logs
}

fn check<T: Row + PartialEq + std::fmt::Debug>(fixture: &[u8], expected: &[Scoped<T>]) {
    let disk = SimulatedDisk::new(0);
    let path = Path::new("/part/fixture.col");
    disk.create_directory(Path::new("/part")).unwrap();
    disk.set_content(path, fixture.to_vec());
    let file = ColumnFile::<T>::open(&disk, path).unwrap();
    assert_eq!(file.read_range(0..file.row_count()).unwrap(), expected);
    assert_eq!(file.summary().services.len(), 3);
}

#[test]
fn spans_of_version_1_are_read() {
    check(SPANS_1, &spans());
}

#[test]
fn log_records_of_version_1_are_read() {
    check(LOGS_1, &logs());
}
