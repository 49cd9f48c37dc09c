//! Items 34 to 43: OTLP/JSON, which is protobuf's JSON form with rules of its own.

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValueList};
use opentelemetry_proto::tonic::trace::v1::Span;

use super::success::hex;
use super::world::{Signal, Transport, World};
use crate::senders::{START_NS, trace_id};

/// A request of one span with these fields beside its ids and its name.
pub(super) fn one_span(fields: &str) -> Vec<u8> {
    span_of(1, fields)
}

pub(super) fn span_of(number: u32, fields: &str) -> Vec<u8> {
    let trace = hex(&trace_id(number));
    let comma = if fields.is_empty() { "" } else { "," };
    format!(
        r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"traceId":"{trace}","spanId":"00000000000000a1","name":"a","startTimeUnixNano":"{START_NS}"{comma}{fields}}}]}}]}}]}}"#
    )
    .into_bytes()
}

/// What is stored of a request of one span with these fields.
async fn kept(world: &World, fields: &str) -> Span {
    let number = u32::try_from(world.span_count().await).unwrap() + 1;
    let answer = world.send(Signal::Traces, &span_of(number, fields)).await;
    assert!(answer.is_taken(), "{fields}: {answer:?}");
    let stored = world.stored(&hex(&trace_id(number))).await;
    stored.resource_spans[0].scope_spans[0].spans[0].clone()
}

/// The value that an attribute has which is written like this.
async fn value(world: &World, written: &str) -> Option<Value> {
    let fields = format!(r#""attributes":[{{"key":"k","value":{written}}}]"#);
    let span = kept(world, &fields).await;
    span.attributes[0]
        .value
        .clone()
        .and_then(|value| value.value)
}

async fn refused(world: &World, fields: &str) {
    let answer = world.send(Signal::Traces, &one_span(fields)).await;
    answer.assert_refused(400, 3);
}

pub(super) async fn item_34(transport: Transport) {
    let world = World::start(transport).await;
    let ids = r#""traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7EC3C1B174""#;
    let link =
        r#""links":[{"traceId":"5b8efff798038103d269b633813fc60d","spanId":"EEE19B7EC3C1B175"}]"#;
    let text = format!(
        r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{{ids},"parentSpanId":"EEE19b7ec3c1B173",{link}}}]}}]}}]}}"#
    );
    world
        .send(Signal::Traces, text.as_bytes())
        .await
        .assert_whole();
    let stored = world.stored("5b8efff798038103d269b633813fc60c").await;
    let span = &stored.resource_spans[0].scope_spans[0].spans[0];
    assert_eq!(hex(&span.span_id), "eee19b7ec3c1b174");
    assert_eq!(hex(&span.parent_span_id), "eee19b7ec3c1b173");
    assert_eq!(hex(&span.links[0].span_id), "eee19b7ec3c1b175");
    // The same id as base64, which the JSON form of protobuf would have.
    let base64 = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"W47/95gDgQPSabYzgT/GDA==","spanId":"7uGbfsPBsXQ="}]}]}]}"#;
    let answer = world.send(Signal::Traces, base64.as_bytes()).await;
    assert_eq!(answer.partial().unwrap().0, 1);
    world.stop().await;
}

pub(super) async fn item_35(transport: Transport) {
    let world = World::start(transport).await;
    refused(&world, r#""kind":"SPAN_KIND_SERVER""#).await;
    refused(&world, r#""status":{"code":"STATUS_CODE_ERROR"}"#).await;
    assert_eq!(kept(&world, r#""kind":2"#).await.kind, 2);
    assert_eq!(kept(&world, r#""kind":77"#).await.kind, 77);
    world.stop().await;
}

pub(super) async fn item_36(transport: Transport) {
    let world = World::start(transport).await;
    let odd = r#""x":{"y":[1,{"z":null}]}"#;
    let trace = hex(&trace_id(1));
    let text = format!(
        r#"{{{odd},"resourceSpans":[{{{odd},"resource":{{{odd}}},"scopeSpans":[{{{odd},"scope":{{{odd}}},"spans":[{{{odd},"traceId":"{trace}","spanId":"00000000000000a1","status":{{{odd}}},"events":[{{{odd},"name":"e"}}],"links":[{{{odd},"traceId":"{trace}","spanId":"00000000000000a2"}}],"attributes":[{{{odd},"key":"k","value":{{{odd},"arrayValue":{{{odd},"values":[{{{odd},"intValue":"1"}}]}}}}}}]}}]}}]}}]}}"#
    );
    world
        .send(Signal::Traces, text.as_bytes())
        .await
        .assert_whole();
    let stored = world.stored(&trace).await;
    let span = &stored.resource_spans[0].scope_spans[0].spans[0];
    assert_eq!((span.events.len(), span.links.len()), (1, 1));
    let one = AnyValue {
        value: Some(Value::IntValue(1)),
    };
    let values = ArrayValue { values: vec![one] };
    let found = span.attributes[0].value.clone().unwrap().value;
    assert_eq!(found, Some(Value::ArrayValue(values)));
    world.stop().await;
}

pub(super) async fn item_37(transport: Transport) {
    let world = World::start(transport).await;
    let span = kept(
        &world,
        r#""parent_span_id":"00000000000000b1","end_time_unix_nano":"7","dropped_events_count":3"#,
    )
    .await;
    assert!(span.parent_span_id.is_empty());
    assert_eq!((span.end_time_unix_nano, span.dropped_events_count), (0, 0));
    let snake = r#"{"resource_spans":[{"scope_spans":[]}]}"#;
    world
        .send(Signal::Traces, snake.as_bytes())
        .await
        .assert_whole();
    world.stop().await;
}

pub(super) async fn item_38(transport: Transport) {
    let world = World::start(transport).await;
    for written in ["1700000000000000007", r#""1700000000000000007""#] {
        let span = kept(&world, &format!(r#""endTimeUnixNano":{written}"#)).await;
        assert_eq!(span.end_time_unix_nano, 1_700_000_000_000_000_007);
    }
    for written in ["1000", r#""1000""#, "1e3", "1.0e3", r#""1e3""#] {
        let span = kept(&world, &format!(r#""droppedEventsCount":{written}"#)).await;
        assert_eq!(span.dropped_events_count, 1000, "{written}");
        let found = value(&world, &format!(r#"{{"intValue":{written}}}"#)).await;
        assert_eq!(found, Some(Value::IntValue(1000)), "{written}");
    }
    for written in ["1.5", "-1", "4294967296", r#""x""#, "true"] {
        refused(&world, &format!(r#""droppedEventsCount":{written}"#)).await;
    }
    world.stop().await;
}

pub(super) async fn item_39(transport: Transport) {
    let world = World::start(transport).await;
    for (written, number) in [
        ("1.5", 1.5),
        (r#""1.5""#, 1.5),
        ("-3", -3.0),
        ("1e300", 1e300),
        (r#""Infinity""#, f64::INFINITY),
        (r#""-Infinity""#, f64::NEG_INFINITY),
    ] {
        let found = value(&world, &format!(r#"{{"doubleValue":{written}}}"#)).await;
        assert_eq!(found, Some(Value::DoubleValue(number)), "{written}");
    }
    let found = value(&world, r#"{"doubleValue":"NaN"}"#).await;
    assert!(matches!(found, Some(Value::DoubleValue(number)) if number.is_nan()));
    world.stop().await;
}

pub(super) async fn item_40(transport: Transport) {
    let world = World::start(transport).await;
    for written in ["+/++", "-_--", "-_-+"] {
        let found = value(&world, &format!(r#"{{"bytesValue":"{written}"}}"#)).await;
        let expected = vec![0xFB, 0xFF, 0xBE];
        assert_eq!(found, Some(Value::BytesValue(expected)), "{written}");
    }
    for written in ["AQ==", "AQ", ""] {
        let found = value(&world, &format!(r#"{{"bytesValue":"{written}"}}"#)).await;
        let expected = if written.is_empty() { vec![] } else { vec![1] };
        assert_eq!(found, Some(Value::BytesValue(expected)), "{written}");
    }
    world.stop().await;
}

pub(super) async fn item_41(transport: Transport) {
    let world = World::start(transport).await;
    let span = kept(
        &world,
        r#""parentSpanId":null,"kind":null,"attributes":null,"status":null,"endTimeUnixNano":null"#,
    )
    .await;
    assert_eq!((span.kind, span.end_time_unix_nano), (0, 0));
    assert_eq!(span.status.unwrap_or_default().code, 0);
    // Of a key that stands twice the last one counts.
    assert_eq!(kept(&world, r#""kind":2,"kind":3"#).await.kind, 3);
    world.stop().await;
}

pub(super) async fn item_42(transport: Transport) {
    let world = World::start(transport).await;
    if transport == Transport::Json {
        let empty = Some(Value::ArrayValue(ArrayValue::default()));
        assert_eq!(value(&world, r#"{"arrayValue":{}}"#).await, empty);
        let empty = Some(Value::KvlistValue(KeyValueList::default()));
        assert_eq!(value(&world, r#"{"kvlistValue":{}}"#).await, empty);
    }
    let before = world.span_count().await;
    // One level too many costs the item, and a hundred thousand cost no stack.
    for (depth, is_kept) in [(64, true), (65, false), (100_000, false)] {
        let answer = world.send(Signal::Traces, &nested(&world, depth)).await;
        let rejected = answer.partial().map_or(0, |(rejected, _)| rejected);
        assert_eq!(rejected == 0, is_kept, "{depth}: {answer:?}");
    }
    assert_eq!(world.span_count().await, before + 1);
    world.stop().await;
}

/// A span with an attribute whose arrays nest so deep.
fn nested(world: &World, depth: usize) -> Vec<u8> {
    if world.transport == Transport::Json {
        let open = r#"{"arrayValue":{"values":["#.repeat(depth);
        let close = "]}}".repeat(depth);
        let attribute = format!(r#""attributes":[{{"key":"k","value":{open}{close}}}]"#);
        return span_of(9_000, &attribute);
    }
    // An encoder would need as much stack as there are levels.
    let mut value = Vec::new();
    for _ in 0..depth {
        let array = if value.is_empty() {
            Vec::new()
        } else {
            field(1, &value)
        };
        value = field(5, &array);
    }
    let attribute = [field(1, b"k"), field(2, &value)].concat();
    let span = [
        field(1, &trace_id(9_000)),
        field(2, &[1; 8]),
        field(9, &attribute),
    ]
    .concat();
    field(1, &field(2, &field(2, &span)))
}

/// A field of protobuf with a length.
pub(super) fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut written = vec![number << 3 | 2];
    let mut length = content.len();
    while length > 0x7F {
        written.push(u8::try_from(length & 0x7F).unwrap() | 0x80);
        length >>= 7;
    }
    written.push(u8::try_from(length).unwrap());
    written.extend_from_slice(content);
    written
}

pub(super) async fn item_43(transport: Transport) {
    let world = World::start(transport).await;
    for text in ["\u{feff}{}", "{} x", "{}{}", "{", "", "[]", "7", "\"x\""] {
        let answer = world.send(Signal::Traces, text.as_bytes()).await;
        answer.assert_refused(400, 3);
    }
    let nul = value(&world, r#"{"stringValue":"a\u0000b"}"#).await;
    assert_eq!(nul, Some(Value::StringValue("a\0b".to_owned())));
    let lone = value(&world, r#"{"stringValue":"a\ud800b"}"#).await;
    assert_eq!(lone, Some(Value::StringValue("a\u{fffd}b".to_owned())));
    world.stop().await;
}
