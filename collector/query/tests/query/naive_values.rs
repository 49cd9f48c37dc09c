//! What fields of a span are, read naively.

use spanwalk_model::{
    Attributes, LogRecord, Scoped, SeverityLevel, Span, SpanKind, StatusCode, TraceItems, Value,
};

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Single {
    Bool(bool),
    Number(f64),
    Text(String),
    Status(StatusCode),
    Kind(SpanKind),
    Level(SeverityLevel),
}

/// Stored parents; of a circle, its first span has none.
pub(crate) fn parents(items: &TraceItems) -> Vec<Option<usize>> {
    let mut parents: Vec<Option<usize>> = items
        .spans
        .iter()
        .enumerate()
        .map(|(index, span)| {
            let id = span.item.parent_span_id?;
            let found = items
                .spans
                .iter()
                .position(|other| other.item.span_id == id)?;
            (found != index).then_some(found)
        })
        .collect();
    for index in 0..parents.len() {
        let mut at = parents[index];
        for _ in 0..parents.len() {
            if at == Some(index) {
                parents[index] = None;
                break;
            }
            at = at.and_then(|above| parents[above]);
        }
    }
    parents
}

/// The values of a field; `None` for no value.
pub(crate) fn values(items: &TraceItems, index: usize, field: &str) -> Option<Vec<Single>> {
    let span = &items.spans[index];
    let item = &span.item;
    let text = |text: &str| Some(vec![Single::Text(text.to_owned())]);
    let number = |number: f64| Some(vec![Single::Number(number)]);
    let some = |values: Vec<Single>| (!values.is_empty()).then_some(values);
    match field {
        "name" => text(&item.name),
        "status" => Some(vec![Single::Status(if item.is_error() {
            StatusCode::Error
        } else if item.status.code == StatusCode::Ok {
            StatusCode::Ok
        } else {
            StatusCode::Unset
        })]),
        "statusMessage" => text(&item.status.message),
        "kind" => Some(vec![Single::Kind(match item.kind {
            SpanKind::Other(_) => SpanKind::Unspecified,
            kind => kind,
        })]),
        "duration" => number(item.duration_ns() as f64),
        "span:id" => text(&item.span_id.to_hex()),
        "span:parentID" => item.parent_span_id.and_then(|id| text(&id.to_hex())),
        "span:childCount" => {
            let parents = parents(items);
            number(
                parents
                    .iter()
                    .filter(|parent| **parent == Some(index))
                    .count() as f64,
            )
        }
        "parent" => parents(items)[index].map(|_| Vec::new()),
        "trace:rootService" => text(items.root()?.resource.service_name()),
        "resource.service.name" => text(span.resource.service_name()),
        "event:name" => some(
            item.events
                .iter()
                .map(|event| Single::Text(event.name.clone()))
                .collect(),
        ),
        "log.body" => some(
            logs(items, index)
                .filter_map(|record| record.body.as_ref())
                .map(|body| Single::Text(body.to_string()))
                .collect(),
        ),
        "log:level" => some(
            logs(items, index)
                .map(LogRecord::level)
                .filter(|level| *level != SeverityLevel::Unspecified)
                .map(Single::Level)
                .collect(),
        ),
        "event.k" => parts(item.events.iter().map(|event| &event.attributes)),
        "link.k" => parts(item.links.iter().map(|link| &link.attributes)),
        "log.k" => parts(logs(items, index).map(|record| &record.attributes)),
        "parent.k" => values(items, parents(items)[index]?, ".k"),
        _ => {
            if let Some(value) = attribute(items, index, field) {
                return singles(value);
            }
            // What no span and no resource has may be in its parts.
            match field {
                ".k" => values(items, index, "event.k").or_else(|| values(items, index, "link.k")),
                _ => None,
            }
        }
    }
}

/// The value of an attribute of the span or its resource.
pub(crate) fn attribute<'a>(items: &'a TraceItems, index: usize, field: &str) -> Option<&'a Value> {
    let span: &Scoped<Span> = &items.spans[index];
    let of = |attributes: &'a Attributes, keys: &[&str]| {
        keys.iter()
            .filter_map(|key| attributes.get(key))
            .find(|value| !value.is_empty())
    };
    match field {
        ".k" | "span.k" => of(&span.item.attributes, &["k"]),
        "span.http.status_code" => of(
            &span.item.attributes,
            &["http.status_code", "http.response.status_code"],
        ),
        "span.\"user id\"" => of(&span.item.attributes, &["user id"]),
        "resource.host.name" => of(&span.resource.attributes, &["host.name"]),
        "instrumentation.library" => of(&span.scope.attributes, &["library"]),
        _ => None,
    }
}

fn logs(items: &TraceItems, index: usize) -> impl Iterator<Item = &LogRecord> {
    let id = items.spans[index].item.span_id;
    items
        .logs
        .iter()
        .map(|record| &record.item)
        .filter(move |record| record.span_id == Some(id))
}

fn parts<'a>(all: impl Iterator<Item = &'a Attributes>) -> Option<Vec<Single>> {
    let found: Vec<Single> = all
        .filter_map(|attributes| attributes.get("k"))
        .filter_map(singles)
        .flatten()
        .collect();
    (!found.is_empty()).then_some(found)
}

fn singles(value: &Value) -> Option<Vec<Single>> {
    match value {
        Value::Empty => None,
        Value::Array(elements) => Some(
            elements
                .iter()
                .filter(|element| !element.is_empty())
                .map(single)
                .collect(),
        ),
        other => Some(vec![single(other)]),
    }
}

fn single(value: &Value) -> Single {
    match value {
        Value::Bool(flag) => Single::Bool(*flag),
        Value::Int(whole) => Single::Number(*whole as f64),
        Value::Double(number) => Single::Number(*number),
        other => Single::Text(other.to_string()),
    }
}
