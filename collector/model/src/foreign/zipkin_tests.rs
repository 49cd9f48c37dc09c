//! Zipkin's protobuf beside its JSON, and halves of calls that come in different requests.

use prost::Message;

use crate::otlp::{Decoded, RejectReason};
use crate::span::{Span, SpanKind};

use super::zipkin::{decode_sent, decode_sent_protobuf};

/// `zipkin.proto3.ListOfSpans`, read off its definition.
#[derive(Clone, PartialEq, Message)]
struct ListOfSpans {
    #[prost(message, repeated, tag = "1")]
    spans: Vec<Row>,
}

#[derive(Clone, PartialEq, Message)]
struct Row {
    #[prost(bytes = "vec", tag = "1")]
    trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    parent_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    id: Vec<u8>,
    #[prost(int32, tag = "4")]
    kind: i32,
    #[prost(string, tag = "5")]
    name: String,
    #[prost(fixed64, tag = "6")]
    timestamp: u64,
    #[prost(uint64, tag = "7")]
    duration: u64,
    #[prost(message, optional, tag = "8")]
    local_endpoint: Option<Endpoint>,
    #[prost(message, optional, tag = "9")]
    remote_endpoint: Option<Endpoint>,
    #[prost(message, repeated, tag = "10")]
    annotations: Vec<Annotation>,
    #[prost(map = "string, string", tag = "11")]
    tags: std::collections::HashMap<String, String>,
    #[prost(bool, tag = "12")]
    debug: bool,
    #[prost(bool, tag = "13")]
    shared: bool,
}

#[derive(Clone, PartialEq, Message)]
struct Endpoint {
    #[prost(string, tag = "1")]
    service_name: String,
    #[prost(bytes = "vec", tag = "2")]
    ipv4: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    ipv6: Vec<u8>,
    #[prost(int32, tag = "4")]
    port: i32,
}

#[derive(Clone, PartialEq, Message)]
struct Annotation {
    #[prost(fixed64, tag = "1")]
    timestamp: u64,
    #[prost(string, tag = "2")]
    value: String,
}

fn row() -> Row {
    Row {
        trace_id: vec![7; 8],
        parent_id: vec![1; 8],
        id: vec![2; 8],
        kind: 2,
        name: "get /".to_owned(),
        timestamp: 1_700_000_000_000_001,
        duration: 250,
        local_endpoint: Some(Endpoint {
            service_name: "shop".to_owned(),
            ipv4: vec![10, 0, 0, 1],
            port: 80,
            ..Endpoint::default()
        }),
        remote_endpoint: Some(Endpoint {
            service_name: "page".to_owned(),
            ipv6: vec![0; 16],
            ..Endpoint::default()
        }),
        annotations: vec![Annotation {
            timestamp: 1_700_000_000_000_002,
            value: "ws".to_owned(),
        }],
        tags: [("error".to_owned(), "refused".to_owned())].into(),
        ..Row::default()
    }
}

fn decoded(rows: Vec<Row>) -> Decoded<Span> {
    decode_sent_protobuf(&ListOfSpans { spans: rows }.encode_to_vec()).unwrap()
}

fn only(decoded: &Decoded<Span>) -> &Span {
    assert_eq!(decoded.item_count(), 1);
    &decoded.groups[0].scopes[0].items[0]
}

#[test]
fn both_forms_of_a_span_are_the_same_span() {
    let json = br#"[{"traceId":"0707070707070707","parentId":"0101010101010101",
        "id":"0202020202020202","kind":"SERVER","name":"get /","timestamp":1700000000000001,
        "duration":250,"localEndpoint":{"serviceName":"shop","ipv4":"10.0.0.1","port":80},
        "remoteEndpoint":{"serviceName":"page","ipv6":"::"},
        "annotations":[{"timestamp":1700000000000002,"value":"ws"}],
        "tags":{"error":"refused"}}]"#;
    let from_json = decode_sent(json).unwrap();
    assert_eq!(from_json, decoded(vec![row()]));
    let span = only(&from_json);
    assert_eq!(span.duration_ns(), 250_000);
    assert!(span.is_error());
}

#[test]
fn bad_spans_of_a_protobuf_list_are_rejected_singly() {
    let without_id = Row {
        id: Vec::new(),
        ..row()
    };
    let odd_trace = Row {
        trace_id: vec![1; 5],
        ..row()
    };
    let decoded = decoded(vec![without_id, row(), odd_trace]);
    assert_eq!(decoded.item_count(), 1);
    assert_eq!(decoded.issues.rejected[&RejectReason::InvalidSpanId], 1);
    assert_eq!(decoded.issues.rejected[&RejectReason::InvalidTraceId], 1);
    assert!(decode_sent_protobuf(b"\x0a\x05").is_err());
    assert_eq!(decode_sent_protobuf(b"").unwrap().item_count(), 0);
}

#[test]
fn a_servers_half_hangs_below_a_clients_half_of_another_request() {
    let server = Row {
        shared: true,
        ..row()
    };
    let child = Row {
        parent_id: vec![2; 8],
        id: vec![3; 8],
        kind: 0,
        ..row()
    };
    let found = decoded(vec![server.clone(), child]);
    let spans = &found.groups[0].scopes[0].items;
    let half = spans.iter().find(|it| it.kind == SpanKind::Server).unwrap();
    let child = spans.iter().find(|it| it.kind != SpanKind::Server).unwrap();
    // Its parent is the id that it shares, its own is another and always the same.
    assert_eq!(half.parent_span_id.unwrap().as_bytes(), &[2; 8]);
    assert_ne!(half.span_id.as_bytes(), &[2; 8]);
    assert_eq!(child.parent_span_id, Some(half.span_id));
    assert_eq!(only(&decoded(vec![server])).span_id, half.span_id);
    // Without the word for it the id is its own.
    assert_eq!(only(&decoded(vec![row()])).span_id.as_bytes(), &[2; 8]);
}
