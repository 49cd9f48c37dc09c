//! Rows of every shape for the tests of this room.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use spanwalk_model::{
    Attributes, EntityRef, Event, KeyValue, Link, LogRecord, Resource, Scope, Scoped, Severity,
    Span, SpanId, SpanKind, Status, StatusCode, TraceId, Value,
};

/// Texts that repeat often, and some that do not.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(vec!["", "GET /cart", "ü", "http.route", "\u{0}\u{10ffff}"])
            .prop_map(str::to_owned),
        1 => ".{0,12}",
    ]
}

/// Numbers with the extremes among them.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![
        Just(0),
        Just(1),
        Just(u64::MAX),
        Just(1 << 63),
        1_700_000_000_000_000_000..1_700_000_000_000_100_000u64,
        any::<u64>(),
    ]
}

fn count() -> impl Strategy<Value = u32> {
    prop_oneof![4 => Just(0), 1 => Just(u32::MAX), 1 => any::<u32>()]
}

pub(super) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Empty),
        text().prop_map(Value::String),
        any::<bool>().prop_map(Value::Bool),
        number().prop_map(|number| Value::Int(number.cast_signed())),
        any::<u64>().prop_map(|bits| Value::Double(f64::from_bits(bits))),
        vec(any::<u8>(), 0..6).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            attributes_of(inner).prop_map(Value::Map),
        ]
    })
}

fn attributes_of(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Attributes> {
    let entry = (text(), value).prop_map(|(key, value)| KeyValue { key, value });
    vec(entry, 0..5).prop_map(Attributes::from)
}

fn attributes() -> impl Strategy<Value = Attributes> {
    attributes_of(value())
}

fn trace_id() -> impl Strategy<Value = TraceId> {
    prop_oneof![3 => 1..4u128, 1 => 1..=u128::MAX].prop_map(|id| TraceId::from_u128(id).unwrap())
}

fn span_id() -> impl Strategy<Value = SpanId> {
    prop_oneof![3 => 1..9u64, 1 => 1..=u64::MAX].prop_map(|id| SpanId::from_u64(id).unwrap())
}

fn event() -> impl Strategy<Value = Event> {
    (number(), text(), attributes(), count()).prop_map(
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
        count(),
        attributes(),
        count(),
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

pub(super) fn span() -> impl Strategy<Value = Span> {
    let ids = (
        trace_id(),
        span_id(),
        option::of(span_id()),
        text(),
        count(),
    );
    let what = (text(), any::<i32>(), number(), number(), attributes());
    let dropped = (count(), count(), count());
    let inside = (vec(event(), 0..3), vec(link(), 0..3));
    let status = (prop_oneof![0..3i32, any::<i32>()], text());
    (ids, what, dropped, inside, status).prop_map(|(ids, what, dropped, inside, status)| Span {
        trace_id: ids.0,
        span_id: ids.1,
        parent_span_id: ids.2,
        trace_state: ids.3,
        flags: ids.4,
        name: what.0,
        kind: SpanKind::from_number(what.1),
        start_ns: what.2,
        end_ns: what.3,
        attributes: what.4,
        dropped_attributes_count: dropped.0,
        events: inside.0,
        dropped_events_count: dropped.1,
        links: inside.1,
        dropped_links_count: dropped.2,
        status: Status {
            code: StatusCode::from_number(status.0),
            message: status.1,
        },
    })
}

pub(super) fn log() -> impl Strategy<Value = LogRecord> {
    let times = (number(), number(), any::<i32>(), text());
    let what = (option::of(value()), text(), attributes());
    let ids = (option::of(trace_id()), option::of(span_id()));
    (times, what, count(), count(), ids).prop_map(|(times, what, dropped, flags, ids)| LogRecord {
        time_ns: times.0,
        observed_time_ns: times.1,
        severity: Severity(times.2),
        severity_text: times.3,
        body: what.0,
        event_name: what.1,
        attributes: what.2,
        dropped_attributes_count: dropped,
        flags,
        trace_id: ids.0,
        span_id: ids.1,
    })
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
    (attributes(), count(), vec(entity, 0..2), text()).prop_map(
        |(attributes, dropped_attributes_count, entity_refs, schema_url)| Resource {
            attributes,
            dropped_attributes_count,
            entity_refs,
            schema_url,
        },
    )
}

fn scope() -> impl Strategy<Value = Scope> {
    (text(), text(), attributes(), count(), text()).prop_map(
        |(name, version, attributes, dropped_attributes_count, schema_url)| Scope {
            name,
            version,
            attributes,
            dropped_attributes_count,
            schema_url,
        },
    )
}

/// Rows that share a few resources and scopes.
pub(super) fn rows<T>(item: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<Scoped<T>>>
where
    T: std::fmt::Debug,
{
    let origins = (vec(resource(), 1..4), vec(scope(), 1..4));
    let items = vec((item, any::<usize>(), any::<usize>()), 0..40);
    (origins, items).prop_map(|((resources, scopes), items)| {
        let resources: Vec<_> = resources.into_iter().map(Arc::new).collect();
        let scopes: Vec<_> = scopes.into_iter().map(Arc::new).collect();
        items
            .into_iter()
            .map(|(item, resource, scope)| Scoped {
                item,
                resource: Arc::clone(&resources[resource % resources.len()]),
                scope: Arc::clone(&scopes[scope % scopes.len()]),
            })
            .collect()
    })
}
