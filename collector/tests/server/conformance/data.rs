//! Items 44 to 55: what is kept of spans and records, and of signals that are not.

use http::{HeaderValue, Method};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList,
};
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{Span, Status};

use super::json::{field, one_span};
use super::success::hex;
use super::world::{Signal, Transport, World, with_method};
use crate::senders::{START_NS, logs, spans, trace_id};

fn the_span(request: &mut ExportTraceServiceRequest) -> &mut Span {
    &mut request.resource_spans[0].scope_spans[0].spans[0]
}

fn any(value: Value) -> AnyValue {
    AnyValue { value: Some(value) }
}

fn attribute(key: &str, value: Option<AnyValue>) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value,
        ..KeyValue::default()
    }
}

/// Sends a span and reads back what is kept.
async fn kept(world: &World, change: impl FnOnce(&mut Span)) -> Span {
    let mut request = spans(1);
    change(the_span(&mut request));
    let message = world.traces(&request);
    world.send(Signal::Traces, &message).await.assert_whole();
    let mut stored = world.stored(&hex(&trace_id(1))).await;
    the_span(&mut stored).clone()
}

pub(super) async fn item_44(transport: Transport) {
    let world = World::start(transport).await;
    let good_trace = hex(&trace_id(1));
    let bad = [
        ("00".repeat(16), "00000000000000a1".to_owned()),
        ("ab".repeat(15), "00000000000000a1".to_owned()),
        (String::new(), "00000000000000a1".to_owned()),
        (good_trace.clone(), "00".repeat(8)),
        (good_trace.clone(), "ab".repeat(9)),
        (good_trace.clone(), String::new()),
    ];
    for (trace, span) in bad {
        let mut message = request_with_ids(transport, &trace, &span);
        // A good one beside it is kept.
        let good = world.traces(&spans(7));
        if transport != Transport::Json {
            message.extend(good);
        }
        let answer = world.send(Signal::Traces, &message).await;
        assert_eq!(answer.partial().unwrap().0, 1, "{trace} {span}");
    }
    // A record whose ids are wrong is kept, and belongs to no trace.
    let mut request = logs(1, "kept all the same");
    request.resource_logs[0].scope_logs[0].log_records[0].trace_id = vec![1; 3];
    let message = match transport {
        Transport::Json => br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"abc","body":{"stringValue":"a"}}]}]}]}"#.to_vec(),
        Transport::Grpc | Transport::Protobuf => world.logs(&request),
    };
    let answer = world.send(Signal::Logs, &message).await;
    assert_eq!(answer.partial().unwrap().0, 0);
    assert_eq!(crate::status(&world.running).await.stored.log_records, 1);
    world.stop().await;
}

fn request_with_ids(transport: Transport, trace: &str, span: &str) -> Vec<u8> {
    if transport == Transport::Json {
        return format!(
            r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"traceId":"{trace}","spanId":"{span}"}}]}}]}}]}}"#
        )
        .into_bytes();
    }
    let bytes = |text: &str| -> Vec<u8> {
        let digits: Vec<char> = text.chars().collect();
        let bytes = digits.chunks(2).map(|two| two.iter().collect::<String>());
        bytes
            .map(|two| u8::from_str_radix(&two, 16).unwrap())
            .collect()
    };
    let span = [field(1, &bytes(trace)), field(2, &bytes(span))].concat();
    field(1, &field(2, &field(2, &span)))
}

pub(super) async fn item_45(transport: Transport) {
    let world = World::start(transport).await;
    let flags = 0xFFFF_FF01;
    let span = kept(&world, |span| span.flags = flags).await;
    assert_eq!(span.flags, flags);
    world.stop().await;
}

fn every_kind() -> Vec<KeyValue> {
    let mixed = ArrayValue {
        values: vec![
            any(Value::IntValue(-1)),
            any(Value::StringValue("two".to_owned())),
            AnyValue::default(),
            any(Value::ArrayValue(ArrayValue::default())),
        ],
    };
    let map = KeyValueList {
        values: vec![
            attribute("a", Some(any(Value::BoolValue(true)))),
            attribute("b", Some(any(Value::ArrayValue(mixed.clone())))),
        ],
    };
    vec![
        attribute("empty", Some(AnyValue::default())),
        attribute(
            "string",
            Some(any(Value::StringValue("ä\0\u{202e}".to_owned()))),
        ),
        attribute("bool", Some(any(Value::BoolValue(false)))),
        attribute("int", Some(any(Value::IntValue(i64::MIN)))),
        attribute("double", Some(any(Value::DoubleValue(-0.0)))),
        attribute("bytes", Some(any(Value::BytesValue(vec![0, 255])))),
        attribute("array", Some(any(Value::ArrayValue(mixed)))),
        attribute("map", Some(any(Value::KvlistValue(map)))),
    ]
}

pub(super) async fn item_46(transport: Transport) {
    let world = World::start(transport).await;
    let span = kept(&world, |span| span.attributes = every_kind()).await;
    for (found, sent) in span.attributes.iter().zip(every_kind()) {
        let value = |it: &KeyValue| it.value.clone().and_then(|value| value.value);
        assert_eq!((&found.key, value(found)), (&sent.key, value(&sent)));
    }
    assert_eq!(span.attributes.len(), 8);
    world.stop().await;
}

pub(super) async fn item_47(transport: Transport) {
    let world = World::start(transport).await;
    let message = if transport == Transport::Json {
        one_span(r#""attributes":[{"keyStrindex":3,"value":{"stringValueStrindex":4}}]"#)
    } else {
        // KeyValue { key_strindex: 3, value: AnyValue { string_value_strindex: 4 } }
        let attribute = [vec![0x18, 3], field(2, &[0x40, 4])].concat();
        let span = [
            field(1, &trace_id(1)),
            field(2, &[1; 8]),
            field(9, &attribute),
        ]
        .concat();
        field(1, &field(2, &field(2, &span)))
    };
    let answer = world.send(Signal::Traces, &message).await;
    let (rejected, told) = answer.partial().unwrap();
    assert_eq!(rejected, 0);
    assert!(told.contains("string table"), "{told}");
    assert_eq!(world.span_count().await, 1);
    world.stop().await;
}

pub(super) async fn item_48(transport: Transport) {
    let world = World::start(transport).await;
    let twice = || {
        vec![
            attribute("k", Some(any(Value::IntValue(1)))),
            attribute("k", Some(any(Value::IntValue(2)))),
        ]
    };
    let span = kept(&world, |span| span.attributes = twice()).await;
    // Both are kept, in order.
    assert_eq!(span.attributes, twice());
    world.stop().await;
}

pub(super) async fn item_49(transport: Transport) {
    let world = World::start(transport).await;
    for (number, times) in (1..).zip([(0, 0), (0, START_NS), (START_NS, START_NS + 5)]) {
        let mut request = logs(number, "timed");
        let record = &mut request.resource_logs[0].scope_logs[0].log_records[0];
        (record.time_unix_nano, record.observed_time_unix_nano) = times;
        let message = world.logs(&request);
        world.send(Signal::Logs, &message).await.assert_whole();
        let stored: ExportLogsServiceRequest = world.stored_logs(&hex(&trace_id(number))).await;
        let record = &stored.resource_logs[0].scope_logs[0].log_records[0];
        let found = (record.time_unix_nano, record.observed_time_unix_nano);
        if times == (0, 0) {
            assert!(found.0 == 0 && found.1 > START_NS, "{found:?}");
        } else {
            assert_eq!(found, times);
        }
    }
    world.stop().await;
}

pub(super) async fn item_50(transport: Transport) {
    let world = World::start(transport).await;
    let odd = [
        (0, 0),
        (START_NS + 10, START_NS),
        (u64::MAX, u64::MAX),
        (1, u64::MAX),
    ];
    for (number, (start, end)) in (1..).zip(odd) {
        let mut request = spans(number);
        let span = the_span(&mut request);
        span.name = String::new();
        (span.start_time_unix_nano, span.end_time_unix_nano) = (start, end);
        let message = world.traces(&request);
        world.send(Signal::Traces, &message).await.assert_whole();
        let mut stored = world.stored(&hex(&trace_id(number))).await;
        let span = the_span(&mut stored);
        assert_eq!(span.name, "");
        let found = (span.start_time_unix_nano, span.end_time_unix_nano);
        assert_eq!(found, (start, end));
    }
    world.stop().await;
}

pub(super) async fn item_51(transport: Transport) {
    let world = World::start(transport).await;
    let mut request = spans(1);
    the_span(&mut request).name = String::from("bad: ????");
    let mut message = world.traces(&request);
    let at = message.windows(4).position(|four| four == b"????").unwrap();
    message[at..at + 4].copy_from_slice(b"\xF0\x28\xFF\x80");
    let answer = world.send(Signal::Traces, &message).await;
    let (rejected, told) = answer.partial().unwrap();
    assert_eq!(rejected, 0);
    assert!(told.contains("Unicode"), "{told}");
    let mut stored = world.stored(&hex(&trace_id(1))).await;
    let name = &the_span(&mut stored).name;
    assert!(name.starts_with("bad: \u{fffd}("), "{name}");
    world.stop().await;
}

pub(super) async fn item_52(transport: Transport) {
    let world = World::start(transport).await;
    let mut request = spans(1);
    let group = &mut request.resource_spans[0];
    group.schema_url = String::from("https://example.com/resource");
    let resource = group.resource.as_mut().unwrap();
    resource.attributes.extend(every_kind());
    resource.dropped_attributes_count = 2;
    let scope = &mut group.scope_spans[0];
    scope.schema_url = String::from("https://example.com/scope");
    scope.scope = Some(InstrumentationScope {
        name: "scope".to_owned(),
        version: "1".to_owned(),
        attributes: every_kind(),
        dropped_attributes_count: 3,
    });
    let span = &mut scope.spans[0];
    span.trace_state = String::from("a=b,c=d");
    span.parent_span_id = vec![9; 8];
    span.flags = 0x101;
    span.kind = 3;
    span.attributes = every_kind();
    (span.dropped_attributes_count, span.dropped_events_count) = (4, 5);
    span.dropped_links_count = 6;
    span.events = vec![Event {
        time_unix_nano: START_NS + 3,
        name: "event".to_owned(),
        attributes: every_kind(),
        dropped_attributes_count: 7,
    }];
    span.links = vec![Link {
        trace_id: vec![3; 16],
        span_id: vec![4; 8],
        trace_state: "e=f".to_owned(),
        attributes: every_kind(),
        dropped_attributes_count: 8,
        flags: 0x300,
    }];
    span.status = Some(Status {
        message: "told".to_owned(),
        code: 2,
    });
    let message = world.traces(&request);
    world.send(Signal::Traces, &message).await.assert_whole();
    assert_eq!(world.stored(&hex(&trace_id(1))).await, request);
    world.stop().await;
}

pub(super) async fn item_53(transport: Transport) {
    let world = World::start(transport).await;
    let message = world.traces(&spans(1));
    for _ in 0..3 {
        world.send(Signal::Traces, &message).await.assert_whole();
    }
    let mut stored = world.stored(&hex(&trace_id(1))).await;
    assert_eq!(the_span(&mut stored), the_span(&mut spans(1)));
    assert_eq!(stored.resource_spans[0].scope_spans[0].spans.len(), 1);
    let mut other = spans(1);
    the_span(&mut other).name = String::from("other content");
    let message = world.traces(&other);
    world.send(Signal::Traces, &message).await.assert_whole();
    let stored = world.stored(&hex(&trace_id(1))).await;
    let names = stored.resource_spans.iter();
    let names = names.flat_map(|group| &group.scope_spans);
    assert_eq!(names.map(|scope| scope.spans.len()).sum::<usize>(), 2);
    world.stop().await;
}

pub(super) async fn item_54(transport: Transport) {
    let world = World::start(transport).await;
    let json = transport == Transport::Json;
    // One gauge with two points; one profile.
    let metrics: Vec<u8> = if json {
        br#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{},{}]}}]}]}]}"#.to_vec()
    } else {
        let gauge = field(5, &[field(1, b""), field(1, b"")].concat());
        field(1, &field(2, &field(2, &gauge)))
    };
    let profiles: Vec<u8> = if json {
        br#"{"resourceProfiles":[{"scopeProfiles":[{"profiles":[{}]}]}]}"#.to_vec()
    } else {
        field(1, &field(2, &field(2, b"")))
    };
    for (signal, message, count) in [
        (Signal::Metrics, metrics, 2),
        (Signal::Profiles, profiles, 1),
    ] {
        let answer = world.send(signal, &message).await;
        let (rejected, told) = answer.partial().unwrap();
        assert_eq!(rejected, count);
        assert!(told.contains("not kept"), "{told}");
    }
    world.stop().await;
}

pub(super) async fn item_55(transport: Transport) {
    let world = World::start(transport).await;
    let page = HeaderValue::from_static("https://page.example");
    let message = world.traces(&spans(1));
    let mut request = world.request(Signal::Traces, &message, None);
    request.headers_mut().insert("origin", page.clone());
    assert_eq!(world.raw(request).await.http, 403);
    let mut preflight = with_method(world.request(Signal::Traces, b"", None), Method::OPTIONS);
    preflight.headers_mut().insert("origin", page);
    let method = HeaderValue::from_static("POST");
    preflight
        .headers_mut()
        .insert("access-control-request-method", method);
    let answer = world.raw(preflight).await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert!(!answer.http.is_success());
    assert_eq!(world.span_count().await, 0);
    world.stop().await;
}
