//! The decoder against the encoder, against prost, and against hostile bytes.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, KeyValue as ProtoKeyValue, KeyValueList, any_value,
};
use opentelemetry_proto::tonic::logs::v1::LogRecord as ProtoLogRecord;
use opentelemetry_proto::tonic::trace::v1::span::Link as ProtoLink;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span as ProtoSpan};
use proptest::prelude::*;
use prost::Message;

use super::super::limits::VALUE_DEPTH_MAX;
use super::super::strategies;
use super::super::{DecodeError, RejectReason, WarnReason};
use super::*;
use crate::value::Value;
use crate::{ResourceItems, Span};

fn good_span() -> ProtoSpan {
    ProtoSpan {
        trace_id: vec![1; 16],
        span_id: vec![2; 8],
        name: "good".into(),
        ..ProtoSpan::default()
    }
}

fn request(spans: Vec<ProtoSpan>) -> Vec<u8> {
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            scope_spans: vec![ScopeSpans {
                spans,
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    }
    .encode_to_vec()
}

fn log_request(log_records: Vec<ProtoLogRecord>) -> Vec<u8> {
    use opentelemetry_proto::tonic::logs::v1::{ResourceLogs, ScopeLogs};
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            scope_logs: vec![ScopeLogs {
                log_records,
                ..ScopeLogs::default()
            }],
            ..ResourceLogs::default()
        }],
    }
    .encode_to_vec()
}

fn spans(groups: &[ResourceItems<Span>]) -> Vec<&Span> {
    groups
        .iter()
        .flat_map(|group| &group.scopes)
        .flat_map(|scope| &scope.items)
        .collect()
}

/// A value of so many levels: arrays around one text.
fn nested(levels: usize) -> AnyValue {
    let mut value = any_value::Value::StringValue("core".into());
    for _ in 1..levels {
        value = any_value::Value::ArrayValue(ArrayValue {
            values: vec![AnyValue { value: Some(value) }],
        });
    }
    AnyValue { value: Some(value) }
}

fn attribute(value: AnyValue) -> ProtoKeyValue {
    ProtoKeyValue {
        key: "k".into(),
        value: Some(value),
        ..ProtoKeyValue::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn spans_come_back_as_they_were(groups in strategies::groups(strategies::span().boxed())) {
        let decoded = decode_traces(&encode_traces(&groups)).unwrap();
        prop_assert!(decoded.issues.is_empty());
        prop_assert_eq!(decoded.groups, groups);
    }

    #[test]
    fn log_records_come_back_as_they_were(
        groups in strategies::groups(strategies::log_record().boxed()),
    ) {
        let decoded = decode_logs(&encode_logs(&groups)).unwrap();
        prop_assert!(decoded.issues.is_empty());
        prop_assert_eq!(decoded.groups, groups);
    }

    /// What we wrote, prost reads; what prost writes of it, we read.
    #[test]
    fn prost_and_we_understand_each_other_on_spans(
        groups in strategies::groups(strategies::span().boxed()),
    ) {
        let request = ExportTraceServiceRequest::decode(&encode_traces(&groups)[..]).unwrap();
        let again = request.encode_to_vec();
        prop_assert_eq!(decode_traces(&again).unwrap().groups, groups);
    }

    #[test]
    fn prost_and_we_understand_each_other_on_log_records(
        groups in strategies::groups(strategies::log_record().boxed()),
    ) {
        let request = ExportLogsServiceRequest::decode(&encode_logs(&groups)[..]).unwrap();
        let again = request.encode_to_vec();
        prop_assert_eq!(decode_logs(&again).unwrap().groups, groups);
    }

    #[test]
    fn single_messages_come_back_as_they_were(
        span in strategies::span(),
        record in strategies::log_record(),
        value in strategies::value(),
        attributes in strategies::attributes(),
    ) {
        prop_assert_eq!(decode_span(&encode_span(&span)).unwrap(), span);
        prop_assert_eq!(decode_log_record(&encode_log_record(&record)).unwrap(), record);
        prop_assert_eq!(decode_value(&encode_value(&value)).unwrap(), value);
        prop_assert_eq!(decode_attributes(&encode_attributes(&attributes)).unwrap(), attributes);
    }

    #[test]
    fn resources_and_scopes_come_back_with_their_schema(
        groups in strategies::groups(strategies::span().boxed()),
    ) {
        for group in groups {
            let resource = decode_resource(&encode_resource(&group.resource)).unwrap();
            prop_assert_eq!(resource, group.resource);
            for scope_items in group.scopes {
                let scope = decode_scope(&encode_scope(&scope_items.scope)).unwrap();
                prop_assert_eq!(scope, scope_items.scope);
            }
        }
    }

    #[test]
    fn random_bytes_are_an_answer_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode_traces(&bytes);
        let _ = decode_logs(&bytes);
        let _ = decode_value(&bytes);
    }

    /// One changed byte: where prost still reads the request, so do we, and as many items.
    #[test]
    fn one_changed_byte_is_read_as_prost_reads_it(
        groups in strategies::groups(strategies::span().boxed()),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut message = encode_traces(&groups);
        if message.is_empty() {
            return Ok(());
        }
        let at = at.index(message.len());
        message[at] = byte;
        if let Ok(request) = ExportTraceServiceRequest::decode(&message[..]) {
            let ours = decode_traces(&message).unwrap();
            let theirs: usize = request
                .resource_spans
                .iter()
                .flat_map(|group| &group.scope_spans)
                .map(|scope| scope.spans.len())
                .sum();
            let all = ours.item_count() as u64 + ours.issues.rejected_count();
            prop_assert_eq!(all, theirs as u64);
        }
    }

    #[test]
    fn a_message_cut_anywhere_is_an_answer_and_no_panic(span in strategies::span()) {
        let message = encode_span(&span);
        for end in 0..message.len() {
            let _ = decode_span(&message[..end]);
            // Within a request the cut is always seen, because the lengths around tell.
            let mut request = request(vec![ProtoSpan::decode(&message[..]).unwrap()]);
            request.truncate(request.len() - message.len() + end);
            prop_assert!(request.is_empty() || decode_traces(&request).is_err());
        }
    }
}

#[test]
fn an_empty_request_in_every_form_holds_nothing() {
    let empty_scope = request(Vec::new());
    let empty_resource = ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans::default()],
    }
    .encode_to_vec();
    for message in [Vec::new(), empty_scope, empty_resource] {
        let decoded = decode_traces(&message).unwrap();
        assert!(decoded.groups.is_empty() && decoded.issues.is_empty());
        assert!(decode_logs(&message).unwrap().groups.is_empty());
    }
}

#[test]
fn a_span_without_usable_ids_is_rejected_alone() {
    let with = |trace_id: Vec<u8>, span_id: Vec<u8>| ProtoSpan {
        trace_id,
        span_id,
        ..good_span()
    };
    let message = request(vec![
        with(vec![], vec![2; 8]),
        with(vec![0; 16], vec![2; 8]),
        with(vec![1; 15], vec![2; 8]),
        good_span(),
        with(vec![1; 16], vec![]),
        with(vec![1; 16], vec![0; 8]),
    ]);
    let decoded = decode_traces(&message).unwrap();
    assert_eq!(decoded.item_count(), 1);
    assert_eq!(decoded.issues.rejected[&RejectReason::InvalidTraceId], 3);
    assert_eq!(decoded.issues.rejected[&RejectReason::InvalidSpanId], 2);
}

#[test]
fn a_parent_of_zeros_is_none_and_one_of_a_wrong_length_is_told() {
    let with = |parent_span_id: Vec<u8>| ProtoSpan {
        parent_span_id,
        ..good_span()
    };
    let message = request(vec![with(vec![0; 8]), with(vec![9; 3]), with(vec![9; 8])]);
    let decoded = decode_traces(&message).unwrap();
    let parents: Vec<bool> = spans(&decoded.groups)
        .iter()
        .map(|span| span.parent_span_id.is_some())
        .collect();
    assert_eq!(parents, [false, false, true]);
    assert_eq!(decoded.issues.warnings[&WarnReason::InvalidParentSpanId], 1);
    assert_eq!(decoded.issues.rejected_count(), 0);
}

#[test]
fn a_link_without_usable_ids_goes_and_its_span_stays() {
    let link = |trace_id: Vec<u8>| ProtoLink {
        trace_id,
        span_id: vec![3; 8],
        ..ProtoLink::default()
    };
    let span = ProtoSpan {
        links: vec![link(vec![1; 16]), link(vec![]), link(vec![1; 4])],
        ..good_span()
    };
    let decoded = decode_traces(&request(vec![span])).unwrap();
    assert_eq!(spans(&decoded.groups)[0].links.len(), 1);
    assert_eq!(decoded.issues.warnings[&WarnReason::InvalidLink], 2);
}

#[test]
fn a_log_record_with_bad_ids_is_kept_without_them() {
    let record = |trace_id: Vec<u8>, span_id: Vec<u8>| ProtoLogRecord {
        trace_id,
        span_id,
        ..ProtoLogRecord::default()
    };
    let message = log_request(vec![
        record(vec![1; 5], vec![2; 8]),
        record(vec![0; 16], vec![0; 8]),
        record(vec![1; 16], vec![2; 8]),
    ]);
    let decoded = decode_logs(&message).unwrap();
    let records = &decoded.groups[0].scopes[0].items;
    let with_trace: Vec<bool> = records.iter().map(|r| r.trace_id.is_some()).collect();
    assert_eq!(with_trace, [false, false, true]);
    assert_eq!(decoded.issues.warnings[&WarnReason::InvalidLogId], 1);
}

#[test]
fn text_that_is_not_utf_8_is_mended_and_told() {
    let mut message = request(vec![good_span()]);
    let at = message
        .windows(4)
        .position(|window| window == b"good")
        .unwrap();
    message[at + 1] = 0xff;
    let decoded = decode_traces(&message).unwrap();
    assert_eq!(spans(&decoded.groups)[0].name, "g\u{fffd}od");
    assert_eq!(decoded.issues.warnings[&WarnReason::InvalidText], 1);
}

#[test]
fn string_table_indexes_are_ignored_and_told() {
    let mut span = good_span();
    span.attributes = vec![
        ProtoKeyValue {
            key_strindex: 7,
            ..attribute(nested(1))
        },
        attribute(AnyValue {
            value: Some(any_value::Value::StringValueStrindex(3)),
        }),
    ];
    let decoded = decode_traces(&request(vec![span])).unwrap();
    let attributes = &spans(&decoded.groups)[0].attributes;
    assert_eq!(attributes.len(), 2);
    assert_eq!(attributes.get("k"), Some(&Value::Empty));
    assert_eq!(decoded.issues.warnings[&WarnReason::StringTableIndex], 2);
}

#[test]
fn a_value_at_the_depth_limit_is_kept_and_one_deeper_rejects_its_span() {
    let with = |levels: usize| {
        let mut span = good_span();
        span.attributes = vec![attribute(nested(levels))];
        span
    };
    let message = request(vec![
        with(VALUE_DEPTH_MAX),
        with(VALUE_DEPTH_MAX + 1),
        good_span(),
    ]);
    let decoded = decode_traces(&message).unwrap();
    assert_eq!(decoded.item_count(), 2);
    assert_eq!(decoded.issues.rejected[&RejectReason::NestedTooDeep], 1);
}

/// Deeper than any stack.
#[test]
fn absurd_nesting_costs_the_item_and_not_the_process() {
    let mut value = encode_value(&Value::Int(1));
    for _ in 0..20_000 {
        let mut writer = write::Writer::default();
        writer.message(5, |writer| writer.present_bytes(1, &value));
        value = writer.into_bytes();
    }
    assert_eq!(
        decode_value(&value),
        Err(DecodeError::Item(RejectReason::NestedTooDeep))
    );
}

#[test]
fn a_deep_value_in_a_resource_costs_the_attribute_and_not_the_spans() {
    let message = ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(opentelemetry_proto::tonic::resource::v1::Resource {
                attributes: vec![attribute(nested(VALUE_DEPTH_MAX + 1)), attribute(nested(1))],
                dropped_attributes_count: 5,
                entity_refs: Vec::new(),
            }),
            scope_spans: vec![ScopeSpans {
                spans: vec![good_span()],
                ..ScopeSpans::default()
            }],
            schema_url: String::new(),
        }],
    }
    .encode_to_vec();
    let decoded = decode_traces(&message).unwrap();
    let resource = &decoded.groups[0].resource;
    assert_eq!(resource.attributes.len(), 1);
    assert_eq!(resource.dropped_attributes_count, 6);
    assert_eq!(decoded.issues.warnings[&WarnReason::DeepAttribute], 1);
}

#[test]
fn a_message_that_comes_twice_is_merged_as_protobuf_says() {
    let list = |key: &str| AnyValue {
        value: Some(any_value::Value::KvlistValue(KeyValueList {
            values: vec![ProtoKeyValue {
                key: key.into(),
                ..ProtoKeyValue::default()
            }],
        })),
    };
    let mut message = list("a").encode_to_vec();
    message.extend(list("b").encode_to_vec());
    let Value::Map(entries) = decode_value(&message).unwrap() else {
        panic!("not a map");
    };
    let keys: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(keys, ["a", "b"]);
}

#[test]
fn a_known_field_of_a_wrong_wire_type_names_itself() {
    // TracesData.resource_spans as a varint.
    assert_eq!(
        decode_traces(&[0x08, 0x01]).unwrap_err().to_string(),
        "protobuf: field 1 of TracesData at byte 0 has wire type varint, expected length-delimited"
    );
}

/// Two bytes make an empty log record; without a limit, 64 MiB of them would take 8 GB.
#[test]
fn a_message_cannot_take_memory_out_of_proportion() {
    let empty_records: Vec<u8> = [0x12, 0x00].repeat(2 << 20);
    let mut group = write::Writer::default();
    group.message(1, |writer| writer.present_bytes(2, &empty_records));
    assert!(matches!(
        decode_logs(&group.into_bytes()),
        Err(DecodeError::TooLarge { .. })
    ));
}
