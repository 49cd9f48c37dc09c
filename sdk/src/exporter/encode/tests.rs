//! Our bytes are what the generated types make of the same items.

use std::time::Duration;

use opentelemetry::logs::{AnyValue, LogRecord, Logger, LoggerProvider, Severity};
use opentelemetry::trace::{
    Event, Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{Array, Key, Value};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Wire;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::logs::tonic::group_logs_by_resource_and_scope;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::logs::{LogBatch, SdkLoggerProvider};
use opentelemetry_sdk::trace::{SpanEvents, SpanLinks};
use prost::Message;

use super::*;

const LIMITS: Limits = Limits {
    span_attributes: 128,
    span_value_chars: None,
    events: 128,
    links: 128,
    event_attributes: 128,
    link_attributes: 128,
    record_attributes: 128,
    record_value_chars: None,
};

fn resource() -> Resource {
    Resource::builder_empty()
        .with_service_name("orders")
        .build()
}

fn attributes() -> Vec<KeyValue> {
    vec![
        KeyValue::new("text", "x".repeat(300)),
        KeyValue::new("empty", ""),
        KeyValue::new("zero", 0),
        KeyValue::new("negative", -7),
        KeyValue::new("no", false),
        KeyValue::new("half", 0.5),
        KeyValue::new("flags", Value::Array(Array::Bool(vec![true, false]))),
        KeyValue::new("numbers", Value::Array(Array::I64(vec![1, 0, -1]))),
        KeyValue::new("ratios", Value::Array(Array::F64(vec![0.0, 1.5]))),
        KeyValue::new(
            "words",
            Value::Array(Array::String(vec!["a".into(), "".into()])),
        ),
    ]
}

fn context(id: u64, remote: bool) -> SpanContext {
    SpanContext::new(
        TraceId::from(7_u128),
        SpanId::from(id),
        TraceFlags::SAMPLED,
        remote,
        TraceState::from_key_value([("vendor", "1")]).unwrap(),
    )
}

fn span(scope: &'static str) -> SpanData {
    let mut events = SpanEvents::default();
    events.events.push(Event::new(
        "begun",
        UNIX_EPOCH + Duration::from_nanos(12),
        attributes(),
        2,
    ));
    events.dropped_count = 3;
    let mut links = SpanLinks::default();
    links
        .links
        .push(Link::new(context(4, true), attributes(), 1));
    SpanData {
        span_context: context(1, false),
        parent_span_id: SpanId::from(2_u64),
        parent_span_is_remote: true,
        span_kind: SpanKind::Producer,
        name: "send orders".into(),
        start_time: UNIX_EPOCH + Duration::from_nanos(10),
        end_time: UNIX_EPOCH + Duration::from_nanos(20),
        attributes: attributes(),
        dropped_attributes_count: 9,
        events,
        links,
        status: Status::error("no stock"),
        instrumentation_scope: InstrumentationScope::builder(scope)
            .with_version("1")
            .build(),
    }
}

#[test]
fn spans_are_what_the_generated_types_make_of_them() {
    let mut plain = span("one");
    plain.parent_span_id = SpanId::INVALID;
    plain.status = Status::Ok;
    plain.attributes.clear();
    let items = vec![span("one"), plain, span("two")];
    let ours = SpanData::encode(&Encoder::new(&resource(), LIMITS), &items);
    assert_eq!(ours.count, 3);
    let mut ours = ExportTraceServiceRequest::decode(ours.bytes).unwrap();
    let with_schema = ResourceAttributesWithSchema::from(&resource());
    let mut theirs = group_spans_by_resource_and_scope(items, &with_schema);
    for it in [&mut ours.resource_spans, &mut theirs] {
        it[0]
            .scope_spans
            .sort_by_key(|it| it.scope.clone().unwrap().name);
    }
    assert_eq!(ours.resource_spans, theirs);
}

fn records() -> Vec<SdkLogRecord> {
    let provider = SdkLoggerProvider::builder().build();
    let logger = provider.logger("test");
    let record = |target: &'static str| {
        let mut record = logger.create_log_record();
        record.set_target(target);
        record.set_timestamp(UNIX_EPOCH + Duration::from_nanos(10));
        record.set_observed_timestamp(UNIX_EPOCH + Duration::from_nanos(11));
        record.set_severity_number(Severity::Warn2);
        record.set_severity_text("WARN");
        record.set_event_name("device.app");
        record.set_body(AnyValue::from("out of stock"));
        record.set_trace_context(
            TraceId::from(1_u128),
            SpanId::from(2_u64),
            Some(TraceFlags::SAMPLED),
        );
        let nested = AnyValue::Map(Box::new([(Key::new("k"), AnyValue::Int(0))].into()));
        record.add_attribute(
            "list",
            AnyValue::ListAny(Box::new(vec![nested, 1.5.into()])),
        );
        record.add_attribute("bytes", AnyValue::Bytes(Box::new(vec![0, 255])));
        record.add_attribute("text", "é".repeat(100));
        record
    };
    vec![record("orders"), record("stock"), record("orders")]
}

#[test]
fn records_are_what_the_generated_types_make_of_them() {
    let items = records();
    let encoder = Encoder::new(&resource(), LIMITS);
    let ours = SdkLogRecord::encode(&encoder, &items);
    let mut ours = ExportLogsServiceRequest::decode(ours.bytes).unwrap();
    let borrowed: Vec<_> = items.iter().map(|it| (it, &encoder.scope)).collect();
    let with_schema = ResourceAttributesWithSchema::from(&resource());
    let mut theirs = group_logs_by_resource_and_scope(&LogBatch::new(&borrowed), &with_schema);
    for it in [&mut ours.resource_logs, &mut theirs] {
        it[0]
            .scope_logs
            .sort_by_key(|it| it.scope.clone().unwrap().name);
    }
    assert_eq!(ours.resource_logs, theirs);
}

#[test]
fn what_is_over_the_limits_is_cut_and_counted() {
    let limits = Limits {
        span_attributes: 2,
        span_value_chars: Some(3),
        event_attributes: 1,
        link_attributes: 0,
        record_attributes: 3,
        record_value_chars: Some(5),
        ..LIMITS
    };
    let encoder = Encoder::new(&resource(), limits);
    let bytes = SpanData::encode(&encoder, &[span("one")]).bytes;
    let request = ExportTraceServiceRequest::decode(bytes).unwrap();
    let sent = &request.resource_spans[0].scope_spans[0].spans[0];
    assert_eq!(
        (sent.attributes.len(), sent.dropped_attributes_count),
        (2, 9 + 8)
    );
    let first = sent.attributes[0].value.as_ref().unwrap().value.as_ref();
    assert_eq!(first, Some(&Wire::StringValue("xxx".to_owned())));
    assert_eq!(
        (
            sent.events[0].attributes.len(),
            sent.events[0].dropped_attributes_count
        ),
        (1, 2 + 9)
    );
    assert_eq!(
        (
            sent.links[0].attributes.len(),
            sent.links[0].dropped_attributes_count
        ),
        (0, 1 + 10)
    );

    let bytes = SdkLogRecord::encode(&encoder, &records()).bytes;
    let request = ExportLogsServiceRequest::decode(bytes).unwrap();
    let sent = &request.resource_logs[0].scope_logs[0].log_records[0];
    let text = sent.attributes.iter().find(|it| it.key == "text").unwrap();
    let text = text.value.as_ref().unwrap().value.as_ref();
    assert_eq!(
        text,
        Some(&Wire::StringValue("é".repeat(5))),
        "characters, not bytes"
    );
    let body = sent.body.as_ref().unwrap().value.as_ref();
    assert_eq!(
        body,
        Some(&Wire::StringValue("out of stock".to_owned())),
        "the body is whole"
    );
}

#[test]
fn lists_without_an_end_in_sight_end() {
    let mut value = AnyValue::Int(1);
    for _ in 0..1000 {
        value = AnyValue::ListAny(Box::new(vec![value]));
    }
    let mut record = records().remove(0);
    record.set_body(value);
    let bytes = SdkLogRecord::encode(&Encoder::new(&resource(), LIMITS), &[record]).bytes;
    assert!(ExportLogsServiceRequest::decode(bytes).is_ok());
}
