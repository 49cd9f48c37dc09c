//! Documents of the tracers' own test data, and what was made of them.

use std::collections::BTreeMap;

use crate::otlp::{DecodeError, Decoded, RejectReason, WarnReason};
use crate::{Span, SpanId, SpanKind, StatusCode, Value};

use super::{jaeger, zipkin};

const BARE: &str = include_str!("../../tests/fixtures/jaeger/bare-trace.json");
const WITH_LOGS: &str = include_str!("../../tests/fixtures/jaeger/with-logs.json");
const YELP: &str = include_str!("../../tests/fixtures/zipkin/yelp.json");
const MESSAGING: &str = include_str!("../../tests/fixtures/zipkin/messaging2.json");
const SKEW: &str = include_str!("../../tests/fixtures/zipkin/skew.json");

fn from_jaeger(text: &str) -> Decoded<Span> {
    jaeger::decode(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn from_zipkin(text: &str) -> Decoded<Span> {
    zipkin::decode(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The spans with their services.
fn spans(decoded: &Decoded<Span>) -> Vec<(&str, &Span)> {
    let groups = decoded.groups.iter();
    groups
        .flat_map(|group| {
            let service = group.resource.service_name();
            let scopes = group.scopes.iter();
            scopes.flat_map(move |scope| scope.items.iter().map(move |span| (service, span)))
        })
        .collect()
}

fn by_id(decoded: &Decoded<Span>) -> BTreeMap<SpanId, (&str, &Span)> {
    let spans = spans(decoded);
    let map: BTreeMap<SpanId, (&str, &Span)> = spans
        .iter()
        .map(|(service, span)| (span.span_id, (*service, *span)))
        .collect();
    assert_eq!(map.len(), spans.len(), "two spans share an id");
    map
}

fn id(number: u64) -> SpanId {
    SpanId::from_u64(number).unwrap()
}

fn jaeger_span(fields: &str) -> String {
    format!(
        r#"{{"traceID":"ab","spans":[{{"traceID":"ab","spanID":"1","processID":"p",{fields}}}],
            "processes":{{"p":{{"serviceName":"s","tags":[]}}}}}}"#
    )
}

#[test]
fn a_bare_trace_of_jaeger_has_all_its_spans() {
    let decoded = from_jaeger(BARE);
    assert!(decoded.issues.is_empty(), "{:?}", decoded.issues);
    assert_eq!(decoded.item_count(), 57);
    assert_eq!(decoded.groups.len(), 10);
    let spans = by_id(&decoded);
    let kinds = |kind| spans.values().filter(|span| span.1.kind == kind).count();
    assert_eq!(kinds(SpanKind::Server), 30);
    assert_eq!(kinds(SpanKind::Client), 19);
    assert_eq!(kinds(SpanKind::Internal), 8);
    let failed = spans.values().filter(|span| span.1.is_error()).count();
    assert_eq!(failed, 1);
    let roots = spans
        .values()
        .filter(|span| span.1.parent_span_id.is_none());
    assert_eq!(roots.count(), 1);
    let root = spans[&id(1)].1;
    assert_eq!(root.name, "POST /api/graphql");
    assert_eq!(root.start_ns, 1_770_000_000_001_000_000);
    assert_eq!(root.duration_ns(), 44_000_000_000);
    assert_eq!(
        root.attributes.get("http.response.status_code"),
        Some(&Value::Int(200))
    );
    assert_eq!(root.attributes.get("span.kind"), None);
}

#[test]
fn a_document_of_jaeger_has_its_failures_and_logs() {
    let decoded = from_jaeger(WITH_LOGS);
    // Its last span calls itself "G", which is a name and no hex number.
    assert_eq!(decoded.issues.rejected_count(), 0);
    assert_eq!(decoded.issues.warnings[&WarnReason::DerivedId], 1);
    let spans = by_id(&decoded);
    assert_eq!(spans.len(), 7);
    assert_eq!(spans[&id(0xa)].0, "S1");
    let failed = spans[&id(0xc)].1;
    assert_eq!(failed.status.code, StatusCode::Error);
    assert_eq!(failed.status.message, "ClientSideError");
    assert_eq!(failed.parent_span_id, Some(id(0xa)));
    let events: Vec<u64> = spans
        .values()
        .flat_map(|span| span.1.events.iter().map(|event| event.time_ns))
        .collect();
    assert_eq!(events.len(), 3);
    assert_eq!(events[0], 50_000);
}

#[test]
fn tags_become_what_otlp_has_a_field_for() {
    let decoded = from_jaeger(&jaeger_span(
        r#""operationName":"o","flags":3,"warnings":["clock"],"tags":[
            {"key":"span.kind","type":"string","value":"producer"},
            {"key":"error","type":"bool","value":true},
            {"key":"otel.status_code","type":"string","value":"ERROR"},
            {"key":"otel.status_description","type":"string","value":"no"},
            {"key":"otel.scope.name","type":"string","value":"lib"},
            {"key":"w3c.tracestate","type":"string","value":"a=b"},
            {"key":"i","type":"int64","value":"7"},
            {"key":"f","type":"float64","value":2},
            {"key":"b","type":"binary","value":"AQI="},
            {"key":"t","type":"bool","value":"true"},
            {"key":"odd","type":"int64","value":"x"},
            "no tag"],
          "logs":[{"timestamp":5,"fields":[{"key":"event","type":"string","value":"retry"},
                                           {"key":"n","type":"int64","value":1}]},
                  {"timestamp":6,"fields":[{"key":"message","type":"string","value":"hello"}]}]"#,
    ));
    assert_eq!(decoded.groups[0].scopes[0].scope.name, "lib");
    let (service, span) = spans(&decoded)[0];
    assert_eq!(
        (service, span.flags, span.kind),
        ("s", 1, SpanKind::Producer)
    );
    assert_eq!(
        (span.status.code, span.status.message.as_str()),
        (StatusCode::Error, "no")
    );
    assert_eq!(span.trace_state, "a=b");
    let attributes: Vec<(&str, Value)> = span
        .attributes
        .iter()
        .map(|entry| (entry.key.as_str(), entry.value.clone()))
        .collect();
    assert_eq!(
        attributes,
        [
            ("i", Value::Int(7)),
            ("f", Value::Double(2.0)),
            ("b", Value::Bytes(vec![1, 2])),
            ("t", Value::Bool(true)),
            ("odd", Value::from("x")),
            ("jaeger.warnings", Value::Array(vec![Value::from("clock")])),
        ]
    );
    let events: Vec<(&str, usize)> = span
        .events
        .iter()
        .map(|event| (event.name.as_str(), event.attributes.len()))
        .collect();
    assert_eq!(events, [("retry", 1), ("hello", 1)]);
}

#[test]
fn references_become_the_parent_and_links() {
    let reference = |kind: &str, trace: &str, span: &str| {
        format!(r#"{{"refType":"{kind}","traceID":"{trace}","spanID":"{span}","span":{{"a":[]}}}}"#)
    };
    let placed = |references: &[String]| {
        let references = references.join(",");
        let decoded = from_jaeger(&jaeger_span(&format!(r#""references":[{references}]"#)));
        let span = spans(&decoded)[0].1;
        let links: Vec<SpanId> = span.links.iter().map(|link| link.span_id).collect();
        (span.parent_span_id, links)
    };
    let follows = reference("FOLLOWS_FROM", "ab", "2");
    let child = reference("CHILD_OF", "ab", "3");
    let elsewhere = reference("CHILD_OF", "cd", "4");
    assert_eq!(
        placed(std::slice::from_ref(&follows)),
        (Some(id(2)), vec![])
    );
    assert_eq!(
        placed(&[follows.clone(), child.clone()]),
        (Some(id(3)), vec![id(2)])
    );
    assert_eq!(
        placed(std::slice::from_ref(&elsewhere)),
        (None, vec![id(4)])
    );
    let second = reference("CHILD_OF", "ab", "5");
    assert_eq!(
        placed(&[child, second, elsewhere]),
        (Some(id(3)), vec![id(5), id(4)])
    );
    // The older form.
    let decoded = from_jaeger(&jaeger_span(r#""parentSpanID":"9""#));
    assert_eq!(spans(&decoded)[0].1.parent_span_id, Some(id(9)));
}

#[test]
fn processes_may_stand_behind_or_in_the_span_and_may_be_missing() {
    let decoded = from_jaeger(
        r#"{"data":[
            {"spans":[{"traceID":"1","spanID":"1","processID":"p1"}],
             "processes":{"p1":{"serviceName":"a","tags":[{"key":"ip","type":"string","value":"::1"}]}}},
            {"traceID":"2","spans":[{"spanID":"2","process":{"serviceName":"b"}},
                                    {"spanID":"3","processID":"nowhere"}],"processes":null}]}"#,
    );
    let services: Vec<&str> = spans(&decoded).iter().map(|span| span.0).collect();
    assert_eq!(services, ["a", "b", "unknown_service"]);
    assert_eq!(
        decoded.groups[0].resource.attributes.get_str("ip"),
        Some("::1")
    );
    assert_eq!(decoded.issues.warnings[&WarnReason::UnknownProcess], 1);
}

#[test]
fn one_bad_item_of_jaeger_does_not_lose_the_others() {
    let decoded = from_jaeger(
        r#"{"data":[7, {"traceID":"x","spans":{}},
            {"spans":[{"spanID":"1"}]},
            {"traceID":"ab","processes":{"p":{"serviceName":"s"},"q":5},"spans":[
                {"spanID":"1","processID":"p"}, {"spanID":"","processID":"p"}, [],
                {"spanID":"2","processID":"p","startTime":{}}, {"traceID":7,"spanID":"3"},
                {"spanID":"4","processID":"p","startTime":-5,"duration":null}]}]}"#,
    );
    let ids: Vec<u64> = spans(&decoded)
        .iter()
        .map(|span| span.1.span_id.to_u64())
        .collect();
    assert_eq!(ids, [1, 4]);
    assert_eq!(decoded.issues.rejected[&RejectReason::Malformed], 5);
    assert_eq!(decoded.issues.rejected[&RejectReason::InvalidSpanId], 1);
    assert_eq!(decoded.issues.rejected[&RejectReason::InvalidTraceId], 1);
    assert_eq!(decoded.issues.warnings[&WarnReason::InvalidTime], 1);
}

#[test]
fn what_is_neither_jaeger_nor_zipkin_is_an_error_with_its_place() {
    let error = jaeger::decode(b"{\"resourceSpans\":[]}").unwrap_err();
    assert!(error.to_string().contains("neither"), "{error}");
    for text in ["", "[", "{\"data\":[{\"spans\":[}", "{\"data\":[]} x"] {
        let result = jaeger::decode(text.as_bytes());
        assert!(matches!(result, Err(DecodeError::Json { .. })), "{text}");
    }
    for text in ["", "{}", "null", "[", "[{\"id\":]"] {
        let result = zipkin::decode(text.as_bytes());
        assert!(matches!(result, Err(DecodeError::Json { .. })), "{text}");
    }
}

#[test]
fn the_server_half_of_a_shared_span_hangs_below_the_client_half() {
    let decoded = from_zipkin(SKEW);
    assert!(decoded.issues.is_empty());
    let spans = by_id(&decoded);
    assert_eq!(spans.len(), 4);
    let client = spans[&id(0x7428_0ae0_c10d_8062)];
    assert_eq!((client.0, client.1.kind), ("servicea", SpanKind::Client));
    assert_eq!(client.1.parent_span_id, Some(id(0xbf39_6325_699c_84bf)));
    let server = spans
        .values()
        .find(|span| span.1.parent_span_id == Some(client.1.span_id));
    let server = server.unwrap();
    assert_eq!((server.0, server.1.kind), ("serviceb", SpanKind::Server));
    let local = spans[&id(0x4321_0ae0_c10d_1234)];
    assert_eq!(local.1.parent_span_id, Some(server.1.span_id));
    // The same file gives the same ids.
    assert_eq!(from_zipkin(SKEW), decoded);
}

#[test]
fn several_servers_of_one_call_and_parts_of_reports_have_ids_of_their_own() {
    let row = |fields: &str| format!(r#"{{"traceId":"1","id":"7","parentId":"1",{fields}}}"#);
    let rows = [
        row(r#""localEndpoint":{"serviceName":"b","ipv4":"10.0.0.2"}"#),
        row(r#""kind":"CLIENT","timestamp":10,"duration":50,"localEndpoint":{"serviceName":"a"}"#),
        row(
            r#""kind":"SERVER","timestamp":20,"localEndpoint":{"serviceName":"b","ipv4":"10.0.0.1"}"#,
        ),
        row(
            r#""kind":"SERVER","timestamp":21,"localEndpoint":{"serviceName":"b","ipv4":"10.0.0.2"}"#,
        ),
        r#"{"traceId":"1","id":"9","parentId":"7","timestamp":22,
            "localEndpoint":{"serviceName":"b","ipv4":"10.0.0.2"}}"#
            .to_owned(),
    ];
    let decoded = from_zipkin(&format!("[{}]", rows.join(",")));
    let spans = by_id(&decoded);
    assert_eq!(spans.len(), 5);
    let second = spans
        .values()
        .find(|span| span.1.start_ns == 21_000 && span.1.kind == SpanKind::Server);
    let second = second.unwrap().1;
    assert_eq!(second.parent_span_id, Some(id(7)));
    // The part that was reported ahead, and the child: both of the second server.
    let below = spans
        .values()
        .filter(|span| span.1.parent_span_id == Some(second.span_id));
    let starts: Vec<u64> = below.map(|span| span.1.start_ns).collect();
    assert_eq!(starts.len(), 2);
    assert!(starts.contains(&21_000) && starts.contains(&22_000));
}

#[test]
fn every_half_of_a_call_keeps_its_own_row() {
    let decoded = from_zipkin(YELP);
    assert!(decoded.issues.is_empty());
    let spans = by_id(&decoded);
    assert_eq!(spans.len(), 16);
    // Children of a service that is neither half of the call were made by its server.
    let proxy = spans
        .values()
        .find(|span| span.0 == "yelp_main/api_proxy")
        .unwrap();
    let local = spans[&id(0x241c_ea1a_a4cb_2884)];
    assert_eq!(local.1.parent_span_id, Some(proxy.1.span_id));
    assert_eq!(proxy.1.parent_span_id, Some(id(0x668e_d78a_d94b_35a1)));
    assert_eq!(proxy.1.events[0].name, "py_zipkin.logging_end");
    // A server's half without a client's keeps the id that it came with.
    let root = spans[&id(0x2e8c_fb15_4b59_a41f)];
    assert_eq!((root.0, root.1.parent_span_id), ("routing", None));
}

#[test]
fn zipkin_has_its_kinds_endpoints_and_tags() {
    let decoded = from_zipkin(MESSAGING);
    let spans = by_id(&decoded);
    assert_eq!(spans.len(), 11);
    let root = spans[&id(0x0d1a_94eb_c925_6244)].1;
    assert_eq!(
        root.attributes.get_str("network.local.address"),
        Some("172.17.0.12")
    );
    assert_eq!(
        root.attributes.get_str("network.peer.address"),
        Some("110.170.201.178")
    );
    assert_eq!(
        root.attributes.get("network.peer.port"),
        Some(&Value::Int(7978))
    );
    assert_eq!(root.attributes.get_str("http.method"), Some("POST"));
    assert_eq!(root.duration_ns(), 29_051_000);
    let producer = spans[&id(0x3df9_ceef_91bb_c631)].1;
    assert_eq!(producer.kind, SpanKind::Producer);
    assert_eq!(
        producer.attributes.get_str("peer.service"),
        Some("rabbitmq")
    );
    assert_eq!(spans[&id(0x3df9_ceef_91bb_c777)].1.kind, SpanKind::Consumer);
}

#[test]
fn an_error_tag_of_zipkin_is_a_failure_and_its_value_the_message() {
    let status = |tag: &str| {
        let text = format!(r#"[{{"traceId":"1","id":"1","tags":{{"error":"{tag}"}}}}]"#);
        let decoded = from_zipkin(&text);
        let status = spans(&decoded)[0].1.status.clone();
        (status.code, status.message)
    };
    assert_eq!(status("boom"), (StatusCode::Error, "boom".to_owned()));
    assert_eq!(status(""), (StatusCode::Error, String::new()));
    assert_eq!(status("true"), (StatusCode::Error, String::new()));
    assert_eq!(status("false"), (StatusCode::Unset, String::new()));
}

#[test]
fn one_bad_item_of_zipkin_does_not_lose_the_others() {
    let decoded = from_zipkin(
        r#"[{"traceId":"1","id":"1"}, 5, {"traceId":"1"}, {"traceId":"","id":"2"}, null,
            {"traceId":"1","id":"3","tags":[]}, {"traceId":"1","id":"4","tags":{"n":5},"new":1}]"#,
    );
    let ids: Vec<u64> = spans(&decoded)
        .iter()
        .map(|span| span.1.span_id.to_u64())
        .collect();
    assert_eq!(ids, [1, 4]);
    assert_eq!(decoded.issues.rejected_count(), 5);
    assert_eq!(decoded.issues.rejected[&RejectReason::Malformed], 2);
}

#[test]
fn documents_cut_anywhere_are_errors_and_no_panics() {
    let mut kept = 0;
    for end in 0..SKEW.trim_end().len() {
        let (decoded, error) = zipkin::decode_start(&SKEW.as_bytes()[..end]);
        assert!(error.is_some(), "{end}");
        assert!(decoded.item_count() >= kept, "{end}");
        kept = decoded.item_count();
    }
    assert_eq!(kept, 4);
    for end in (0..BARE.trim_end().len()).step_by(97) {
        assert!(jaeger::decode(&BARE.as_bytes()[..end]).is_err(), "{end}");
    }
}
