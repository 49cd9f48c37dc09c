//! The decoder against the encoder, against the published examples, against a second reader
//! of JSON, and against hostile text.

use proptest::prelude::*;

use super::super::limits::VALUE_DEPTH_MAX;
use super::super::strategies;
use super::super::{DecodeError, Decoded, RejectReason, WarnReason, protobuf};
use super::read::Reader;
use super::*;
use crate::{LogRecord, Severity, Span, SpanKind, Value};

const TRACE: &str = include_str!("../../../tests/fixtures/otlp/trace.json");
const LOGS: &str = include_str!("../../../tests/fixtures/otlp/logs.json");
const EVENTS: &str = include_str!("../../../tests/fixtures/otlp/events.json");
const METRICS: &str = include_str!("../../../tests/fixtures/otlp/metrics.json");

const IDS: &str = r#""traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174""#;

/// A document of spans with these fields beside their ids.
fn with_fields(fields: &[&str]) -> String {
    let spans: Vec<String> = fields
        .iter()
        .map(|fields| format!("{{{IDS},{fields}}}"))
        .collect();
    in_request(&spans.join(","))
}

fn in_request(spans: &str) -> String {
    format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#)
}

fn decode(text: &str) -> Decoded<Span> {
    decode_traces(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn spans(text: &str) -> Vec<Span> {
    let groups = decode(text).groups;
    let scopes = groups.into_iter().flat_map(|group| group.scopes);
    scopes.flat_map(|scope| scope.items).collect()
}

/// The span with these fields beside its ids.
fn span(fields: &str) -> Span {
    spans(&with_fields(&[fields])).remove(0)
}

/// The value of an attribute that is written so.
fn value(text: &str) -> Value {
    let span = span(&format!(r#""attributes":[{{"key":"k","value":{text}}}]"#));
    span.attributes.get("k").cloned().unwrap()
}

fn refusal(fields: &str) -> String {
    decode_traces(with_fields(&[fields]).as_bytes())
        .expect_err(fields)
        .to_string()
}

#[test]
fn the_published_trace_is_read() {
    let decoded = decode(TRACE);
    assert!(decoded.issues.is_empty());
    let group = &decoded.groups[0];
    assert_eq!(group.resource.service_name(), "my.service");
    assert_eq!(group.scopes[0].scope.name, "my.library");
    let span = &group.scopes[0].items[0];
    assert_eq!(span.trace_id.to_hex(), "5b8efff798038103d269b633813fc60c");
    assert_eq!(span.parent_span_id.unwrap().to_hex(), "eee19b7ec3c1b173");
    assert_eq!(span.kind, SpanKind::Server);
    assert_eq!(span.duration_ns(), 1_000_000_000);
}

fn record(text: &str) -> LogRecord {
    let mut groups = decode_logs(text.as_bytes()).unwrap().groups;
    groups.remove(0).scopes.remove(0).items.remove(0)
}

#[test]
fn the_published_logs_and_events_are_read() {
    let log = record(LOGS);
    assert_eq!(log.severity, Severity(10));
    assert_eq!(log.body_text(), "Example log record");
    assert_eq!(log.attributes.get("int.attribute"), Some(&Value::Int(10)));
    assert_eq!(
        log.attributes.get("double.attribute"),
        Some(&Value::Double(637.704))
    );
    assert!(log.trace_id.is_some() && log.span_id.is_some());
    let event = record(EVENTS);
    assert_eq!(event.event_name, "browser.page_view");
    assert!(matches!(event.body, Some(Value::Map(entries)) if entries.len() == 4));
}

#[test]
fn a_document_of_any_signal_tells_what_it_holds() {
    let of = |text: &str| decode_document(text.as_bytes()).unwrap();
    assert_eq!(of(METRICS).metric_count, 4);
    assert_eq!(of(TRACE).spans.len(), 1);
    assert_eq!(of(LOGS).logs.len(), 1);
    assert!(of(METRICS).is_otlp && !of(r#"{"data":[]}"#).is_otlp);
    let both = encode_document(&of(TRACE).spans, &of(LOGS).logs);
    assert_eq!(
        (of(&both).spans, of(&both).logs),
        (of(TRACE).spans, of(LOGS).logs)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn spans_come_back_as_they_were(groups in strategies::groups(strategies::span().boxed())) {
        let text = encode_traces(&groups);
        let decoded = decode_traces(text.as_bytes()).unwrap();
        prop_assert!(decoded.issues.is_empty());
        // Both decoders give the same.
        let binary = protobuf::decode_traces(&protobuf::encode_traces(&groups)).unwrap();
        prop_assert_eq!(&decoded, &binary);
        prop_assert_eq!(decoded.groups, groups);
        // And it is JSON for others too.
        serde_json::from_str::<serde_json::Value>(&text).unwrap();
    }

    #[test]
    fn log_records_come_back_as_they_were(
        groups in strategies::groups(strategies::log_record().boxed()),
    ) {
        let text = encode_logs(&groups);
        let decoded = decode_logs(text.as_bytes()).unwrap();
        prop_assert!(decoded.issues.is_empty());
        prop_assert_eq!(decoded.groups, groups);
        serde_json::from_str::<serde_json::Value>(&text).unwrap();
    }

    /// The tree form says the same as the text form.
    #[test]
    fn attributes_have_one_json_form(attributes in strategies::attributes()) {
        let tree = attributes_to_json(&attributes).to_string();
        let text = in_request(&format!("{{{IDS},\"attributes\":{tree}}}"));
        prop_assert_eq!(&spans(&text)[0].attributes, &attributes);
    }

    #[test]
    fn random_text_is_an_answer_and_no_panic(text in "[\\[\\]{}:,\"\\\\a-u0-9eE.+\\- ]{0,60}") {
        let _ = decode_document(text.as_bytes());
    }

    /// What is JSON to `serde_json` is JSON to us, and nothing else is.
    #[test]
    fn we_and_serde_json_agree_on_what_json_is(
        text in json_like(),
        at in any::<prop::sample::Index>(),
        with in "[\\[\\]{}:,\"\\\\unt0-9eE.+\\- \n]",
    ) {
        assert_agreement(&text);
        let mut changed: Vec<char> = text.chars().collect();
        let at = at.index(changed.len());
        changed.splice(at..=at, with.chars());
        assert_agreement(&changed.into_iter().collect::<String>());
    }

    #[test]
    fn a_document_cut_anywhere_is_an_error_and_no_panic(span in strategies::span()) {
        let groups = vec![crate::ResourceItems {
            resource: std::sync::Arc::default(),
            scopes: vec![crate::ScopeItems { scope: std::sync::Arc::default(), items: vec![span] }],
        }];
        let text = encode_traces(&groups);
        for end in 0..text.len() {
            let error = decode_traces(&text.as_bytes()[..end]).unwrap_err();
            // A cut behind a backslash or within a number does not look like one.
            prop_assert!(error.is_cut() || text.contains(['\\', '-', 'e']), "{error}");
        }
    }
}

fn json_like() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        (any::<i32>(), any::<i8>()).prop_map(|(a, b)| format!("{a}.5e{b}")),
        "\\PC{0,6}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        "(\\\\[\"/bfnrtu\\\\]|\\\\u00[0-7][0-9a-f]|[a-z]){0,4}"
            .prop_map(|text| format!("\"{text}\"")),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        let pair = ("[a-z]{0,3}", inner.clone()).prop_map(|(k, v)| format!("\"{k}\" : {v}"));
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(" ,"))),
            prop::collection::vec(pair, 0..4).prop_map(|items| format!("{{{}}}", items.join(","))),
        ]
    })
}

fn assert_agreement(text: &str) {
    let theirs = serde_json::from_str::<serde::de::IgnoredAny>(text);
    let mut reader = Reader::new(text.as_bytes());
    let ours = reader.skip().and_then(|()| reader.end());
    // Escapes that are no character are mended here and refused there.
    if theirs.is_err()
        && reader
            .state
            .issues
            .warnings
            .contains_key(&WarnReason::InvalidText)
    {
        return;
    }
    assert_eq!(ours.is_ok(), theirs.is_ok(), "{text}");
}

#[test]
fn of_a_cut_document_what_stands_before_the_cut_is_kept() {
    let text = with_fields(&[r#""name":"a""#, r#""name":"b""#, r#""name":"c""#]);
    let whole = text.find(r#""name":"c""#).unwrap();
    let (document, error) = decode_document_start(&text.as_bytes()[..whole + 3]);
    assert_eq!(crate::batch::item_count(&document.spans), 2);
    assert!(error.unwrap().is_cut());
    let (document, error) = decode_document_start(text.replace("\"c\"", "c").as_bytes());
    assert_eq!(crate::batch::item_count(&document.spans), 2);
    assert!(!error.unwrap().is_cut());
    assert_eq!(decode_document_start(text.as_bytes()).1, None);
}

#[test]
fn an_empty_request_in_every_form_holds_nothing() {
    for text in [
        "{}",
        r#"{"resourceSpans":[]}"#,
        r#"{"resourceSpans":null}"#,
        r#"{"resourceSpans":[{}]}"#,
        r#"{"resourceSpans":[{"resource":{},"scopeSpans":[]}]}"#,
        r#"{"resourceSpans":[{"scopeSpans":[{"scope":{},"spans":[]}]}]}"#,
    ] {
        let decoded = decode(text);
        assert!(
            decoded.groups.is_empty() && decoded.issues.is_empty(),
            "{text}"
        );
    }
}

#[test]
fn ids_are_hex_of_any_case_and_never_base64() {
    let text = in_request(
        r#"{"traceId":"5b8eFFf798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"},
           {"traceId":"W47/95gDgQPSabYzgT/GDA==","spanId":"eee19b7ec3c1b174"},
           {"traceId":"5b8eFFf798038103d269b633813fc60c","spanId":"7uGbfsPBsXQ="},
           {"traceId":"","spanId":""},
           null"#,
    );
    let decoded = decode(&text);
    assert_eq!(decoded.item_count(), 1);
    assert_eq!(decoded.issues.rejected[&RejectReason::InvalidTraceId], 3);
    assert_eq!(decoded.issues.rejected[&RejectReason::InvalidSpanId], 1);
}

#[test]
fn integers_are_numbers_or_strings_also_with_an_exponent() {
    for (text, expected) in [
        (r#""1544712660300000001""#, 1_544_712_660_300_000_001),
        ("1544712660300000001", 1_544_712_660_300_000_001),
        ("1e3", 1000),
        (r#""1e3""#, 1000),
        ("2.0", 2),
        ("18446744073709551615", u64::MAX),
        ("null", 0),
    ] {
        let span = span(&format!(r#""startTimeUnixNano":{text}"#));
        assert_eq!(span.start_ns, expected, "{text}");
    }
    assert_eq!(span(r#""flags":"257""#).flags, 257);
    assert_eq!(
        value(r#"{"intValue":"-9223372036854775808"}"#),
        Value::Int(i64::MIN)
    );
    for text in [
        "-1",
        "1.5",
        "18446744073709551616",
        r#""""#,
        r#""x""#,
        r#"" 1""#,
        "true",
    ] {
        refusal(&format!(r#""startTimeUnixNano":{text}"#));
    }
}

#[test]
fn doubles_are_numbers_or_strings_or_not_finite() {
    for (text, expected) in [
        ("637.704", 637.704),
        ("5", 5.0),
        (r#""1.5e3""#, 1500.0),
        (r#""NaN""#, f64::NAN),
        (r#""Infinity""#, f64::INFINITY),
        (r#""-Infinity""#, f64::NEG_INFINITY),
        ("-0.0", -0.0),
        // Reading through an approximation would miss the last bit.
        ("2.2250738585072011e-308", 2.225_073_858_507_201e-308),
    ] {
        let read = value(&format!(r#"{{"doubleValue":{text}}}"#));
        assert_eq!(read, Value::Double(expected), "{text}");
    }
    for text in ["1e999", r#""nan""#, r#""inf""#, "{}"] {
        refusal(&format!(
            r#""attributes":[{{"value":{{"doubleValue":{text}}}}}]"#
        ));
    }
}

#[test]
fn bytes_are_base64_of_either_alphabet_padded_or_not() {
    for text in ["+/8=", "+/8", "-_8=", "-_8"] {
        let read = value(&format!(r#"{{"bytesValue":"{text}"}}"#));
        assert_eq!(read, Value::Bytes(vec![0xfb, 0xff]), "{text}");
    }
    refusal(r#""attributes":[{"value":{"bytesValue":"?"}}]"#);
}

#[test]
fn empty_arrays_and_maps_are_values_and_null_is_none() {
    for (text, expected) in [
        (r#"{"arrayValue":{}}"#, Value::Array(vec![])),
        (r#"{"arrayValue":{"values":[]}}"#, Value::Array(vec![])),
        (r#"{"arrayValue":{"values":null}}"#, Value::Array(vec![])),
        (
            r#"{"kvlistValue":{}}"#,
            Value::Map(crate::Attributes::new()),
        ),
        (r#"{"arrayValue":null}"#, Value::Empty),
        (
            r#"{"arrayValue":{"values":[null,{}]}}"#,
            Value::Array(vec![Value::Empty, Value::Empty]),
        ),
        ("{}", Value::Empty),
        ("null", Value::Empty),
        (r#"{"stringValue":null}"#, Value::Empty),
        (r#"{"stringValue":""}"#, Value::from("")),
        (
            r#"{"newValue":{"a":[1]},"boolValue":false}"#,
            Value::Bool(false),
        ),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn null_is_absent_everywhere_and_unknown_and_snake_case_keys_are_ignored() {
    let span = span(
        r#""name":null,"kind":null,"status":null,"events":null,"links":null,"attributes":null,
           "traceState":null,"parentSpanId":null,"endTimeUnixNano":null,"flags":null,
           "start_time_unix_nano":"5","unknown":{"deep":[[{"a":"\ud83d\ude00"}]]}"#,
    );
    assert_eq!(span, Span::new(span.trace_id, span.span_id));
}

#[test]
fn enums_are_numbers_and_unknown_numbers_are_kept() {
    assert_eq!(span(r#""kind":3"#).kind, SpanKind::Client);
    assert_eq!(span(r#""kind":77"#).kind, SpanKind::Other(77));
    let message = refusal(r#""kind":"SPAN_KIND_CLIENT""#);
    assert!(
        message.starts_with("json: expected the number of an enum value, found a string at byte "),
        "{message}"
    );
    assert!(
        message.ends_with(" in resourceSpans[0].scopeSpans[0].spans[0].kind"),
        "{message}"
    );
    refusal(r#""status":{"code":"STATUS_CODE_ERROR"}"#);
}

#[test]
fn of_a_repeated_key_the_last_one_counts() {
    let span =
        span(r#""name":"a","name":"b","attributes":[{"key":"x"}],"attributes":[{"key":"y"}]"#);
    assert_eq!(span.name, "b");
    assert_eq!(span.attributes.len(), 1);
    assert!(span.attributes.get("y").is_some());
}

#[test]
fn a_byte_order_mark_and_anything_behind_the_document_are_refused() {
    for text in [
        "\u{feff}{}",
        "{} x",
        "{}{}",
        "",
        " ",
        "null",
        "[]",
        "\"a\"",
        "{}\0",
    ] {
        assert!(
            matches!(
                decode_traces(text.as_bytes()),
                Err(DecodeError::Json { .. })
            ),
            "{text:?}"
        );
    }
    assert!(decode_traces(b" {} \r\n").is_ok());
}

#[test]
fn text_that_is_no_unicode_is_mended_and_told() {
    let mut text = with_fields(&[
        r#""name":"a#b""#,
        r#""name":"a\ud800b""#,
        r#""name":"\udc00""#,
    ])
    .into_bytes();
    let at = text.iter().position(|byte| *byte == b'#').unwrap();
    text[at] = 0xff;
    let decoded = decode_traces(&text).unwrap();
    let names: Vec<&str> = decoded.groups[0].scopes[0]
        .items
        .iter()
        .map(|span| span.name.as_str())
        .collect();
    assert_eq!(names, ["a\u{fffd}b", "a\u{fffd}b", "\u{fffd}"]);
    assert_eq!(decoded.issues.warnings[&WarnReason::InvalidText], 3);
    assert_eq!(
        span(r#""name":"\u0000\ud83d\ude00\/""#).name,
        "\0\u{1f600}/"
    );
}

#[test]
fn surrogates_are_a_character_in_pairs_only() {
    for (text, expected) in [
        (r"\ud800\udc00", "\u{10000}"),
        (r"\udbff\udfff", "\u{10ffff}"),
        (r"\ud83d\ude00", "\u{1f600}"),
        (r"\udc00\udc00", "\u{fffd}\u{fffd}"),
        (r"\ud800\ud800\udc00", "\u{fffd}\u{10000}"),
        (r"\ud800A", "\u{fffd}A"),
        (r"\ud800\u0041", "\u{fffd}A"),
        (r"\ud800\n", "\u{fffd}\n"),
    ] {
        assert_eq!(
            span(&format!(r#""name":"{text}""#)).name,
            expected,
            "{text}"
        );
    }
    for text in [r"\u12", r"\u+123", r"\x41", r"\ud800\u00"] {
        refusal(&format!(r#""name":"{text}""#));
    }
}

#[test]
fn a_value_at_the_depth_limit_is_kept_and_one_deeper_rejects_its_span() {
    let nested = |levels: usize| {
        let open = r#"{"arrayValue":{"values":["#.repeat(levels - 1);
        let close = "]}}".repeat(levels - 1);
        format!(r#""attributes":[{{"key":"k","value":{open}{{"intValue":1}}{close}}}]"#)
    };
    let text = with_fields(&[
        &nested(VALUE_DEPTH_MAX),
        &nested(VALUE_DEPTH_MAX + 1),
        &nested(100_000),
        r#""name":"good""#,
    ]);
    let decoded = decode(&text);
    assert_eq!(decoded.item_count(), 2);
    assert_eq!(decoded.issues.rejected[&RejectReason::NestedTooDeep], 2);
}

#[test]
fn absurd_nesting_where_nothing_is_read_costs_no_stack() {
    let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    assert!(decode_traces(format!(r#"{{"unknown":{deep}}}"#).as_bytes()).is_ok());
    assert!(decode_traces("[{\"a\":".repeat(100_000).as_bytes()).is_err());
}

#[test]
fn string_table_indexes_are_ignored_and_told() {
    let decoded = decode(&with_fields(&[
        r#""attributes":[{"keyStrindex":1,"value":{"stringValueStrindex":2}}]"#,
    ]));
    assert_eq!(decoded.issues.warnings[&WarnReason::StringTableIndex], 2);
    assert_eq!(decoded.item_count(), 1);
}

#[test]
fn a_document_cannot_take_memory_out_of_proportion() {
    let records = vec!["{}"; 3 << 20].join(",");
    let text = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{records}]}}]}}]}}"#);
    assert!(matches!(
        decode_logs(text.as_bytes()),
        Err(DecodeError::TooLarge { .. })
    ));
}
