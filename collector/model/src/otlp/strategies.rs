//! Random batches for property tests: every field, every kind of value.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::attributes::{Attributes, KeyValue};
use crate::batch::{ResourceItems, ScopeItems};
use crate::id::{SpanId, TraceId};
use crate::log::{LogRecord, Severity};
use crate::resource::{EntityRef, Resource};
use crate::scope::Scope;
use crate::span::{Event, Link, Span, SpanKind, Status, StatusCode};
use crate::value::Value;

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["", "[a-z.]{1,12}", "\\PC{0,8}", any::<String>()]
}

fn number<T: Arbitrary + 'static + Default + Clone>() -> impl Strategy<Value = T> {
    prop_oneof![Just(T::default()), any::<T>()]
}

pub(crate) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Empty),
        text().prop_map(Value::String),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        // NaNs with other bits than the usual ones have no JSON form.
        any::<f64>().prop_map(|number| Value::Double(if number.is_nan() {
            f64::NAN
        } else {
            number
        })),
        Just(Value::Double(f64::NAN)),
        Just(Value::Double(f64::NEG_INFINITY)),
        vec(any::<u8>(), 0..200).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            vec((text(), inner), 0..4).prop_map(|entries| Value::Map(attributes_of(entries))),
        ]
    })
}

fn attributes_of(entries: Vec<(String, Value)>) -> Attributes {
    entries
        .into_iter()
        .map(|(key, value)| KeyValue { key, value })
        .collect()
}

pub(crate) fn attributes() -> impl Strategy<Value = Attributes> {
    vec((text(), value()), 0..3).prop_map(attributes_of)
}

fn trace_id() -> impl Strategy<Value = TraceId> {
    (1u128..).prop_map(|number| TraceId::from_u128(number).unwrap())
}

fn span_id() -> impl Strategy<Value = SpanId> {
    (1u64..).prop_map(|number| SpanId::from_u64(number).unwrap())
}

fn resource() -> impl Strategy<Value = Resource> {
    let entity = (text(), text(), vec(text(), 0..3), vec(text(), 0..3)).prop_map(
        |(schema_url, kind, id_keys, description_keys)| EntityRef {
            schema_url,
            kind,
            id_keys,
            description_keys,
        },
    );
    (attributes(), number(), vec(entity, 0..2), text()).prop_map(
        |(attributes, dropped_attributes_count, entity_refs, schema_url)| Resource {
            attributes,
            dropped_attributes_count,
            entity_refs,
            schema_url,
        },
    )
}

fn scope() -> impl Strategy<Value = Scope> {
    (text(), text(), attributes(), number(), text()).prop_map(
        |(name, version, attributes, dropped_attributes_count, schema_url)| Scope {
            name,
            version,
            attributes,
            dropped_attributes_count,
            schema_url,
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    (number(), text(), attributes(), number()).prop_map(
        |(time_ns, name, attributes, dropped_attributes_count)| Event {
            time_ns,
            name,
            attributes,
            dropped_attributes_count,
        },
    )
}

fn link() -> impl Strategy<Value = Link> {
    (
        trace_id(),
        span_id(),
        text(),
        number(),
        attributes(),
        number(),
    )
        .prop_map(
            |(trace_id, span_id, trace_state, flags, attributes, dropped_attributes_count)| Link {
                trace_id,
                span_id,
                trace_state,
                flags,
                attributes,
                dropped_attributes_count,
            },
        )
}

pub(crate) fn span() -> impl Strategy<Value = Span> {
    let ids = (trace_id(), span_id(), prop::option::of(span_id()));
    let head = (text(), number(), text(), -1..8i32, number(), number());
    let parts = (attributes(), vec(event(), 0..3), vec(link(), 0..3));
    let counts = (number(), number(), number());
    let status = (text(), -1..4i32);
    (ids, head, parts, counts, status).prop_map(|(ids, head, parts, counts, status)| Span {
        trace_id: ids.0,
        span_id: ids.1,
        parent_span_id: ids.2,
        trace_state: head.0,
        flags: head.1,
        name: head.2,
        kind: SpanKind::from_number(head.3),
        start_ns: head.4,
        end_ns: head.5,
        attributes: parts.0,
        events: parts.1,
        links: parts.2,
        dropped_attributes_count: counts.0,
        dropped_events_count: counts.1,
        dropped_links_count: counts.2,
        status: Status {
            message: status.0,
            code: StatusCode::from_number(status.1),
        },
    })
}

pub(crate) fn log_record() -> impl Strategy<Value = LogRecord> {
    let times = (number(), number());
    let severity = (number(), text());
    let parts = (prop::option::of(value()), text(), attributes());
    let rest = (
        number(),
        number(),
        prop::option::of(trace_id()),
        prop::option::of(span_id()),
    );
    (times, severity, parts, rest).prop_map(|(times, severity, parts, rest)| LogRecord {
        time_ns: times.0,
        observed_time_ns: times.1,
        severity: Severity(severity.0),
        severity_text: severity.1,
        body: parts.0,
        event_name: parts.1,
        attributes: parts.2,
        dropped_attributes_count: rest.0,
        flags: rest.1,
        trace_id: rest.2,
        span_id: rest.3,
    })
}

/// Groups without an empty one, which decoding would leave out.
pub(crate) fn groups<S>(item: S) -> impl Strategy<Value = Vec<ResourceItems<S::Value>>>
where
    S: Strategy + Clone + 'static,
    S::Value: Clone,
{
    let scope_items = (scope(), vec(item, 1..4)).prop_map(|(scope, items)| ScopeItems {
        scope: Arc::new(scope),
        items,
    });
    let resource_items =
        (resource(), vec(scope_items, 1..3)).prop_map(|(resource, scopes)| ResourceItems {
            resource: Arc::new(resource),
            scopes,
        });
    vec(resource_items, 0..3)
}
