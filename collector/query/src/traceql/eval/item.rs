//! What one span of a trace has, or one log record that is asked alone.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;

use spanwalk_model::{
    Attributes, LogRecord, Scoped, SeverityLevel, Span, SpanId, SpanKind, StatusCode, TraceId,
    TraceItems, Value,
};

use super::tree::Tree;
use super::value::Val;
use crate::comparison::Number;
use crate::eval::{TraceFacts, has_status, logs_by_span};
use crate::text;
use crate::traceql::field::{Attribute, AttributeScope, Builtin, Field};

/// The key that names a service.
const SERVICE_KEY: &str = "service.name";

/// What is asked: the spans of a trace by their indexes, or one log record as the only item.
pub(in crate::traceql) struct Items<'a> {
    trace: Option<(&'a TraceItems, TraceFacts<'a>)>,
    record: Option<&'a Scoped<LogRecord>>,
    tree: OnceCell<Tree>,
    logs: OnceCell<HashMap<SpanId, Vec<&'a Scoped<LogRecord>>>>,
}

impl<'a> Items<'a> {
    /// The spans of a trace.
    pub(in crate::traceql) fn of_trace(items: &'a TraceItems) -> Self {
        Self {
            trace: Some((items, TraceFacts::new(items))),
            record: None,
            tree: OnceCell::new(),
            logs: OnceCell::new(),
        }
    }

    /// One log record.
    pub(super) fn of_record(record: &'a Scoped<LogRecord>) -> Self {
        Self {
            trace: None,
            record: Some(record),
            tree: OnceCell::new(),
            logs: OnceCell::new(),
        }
    }

    fn spans(&self) -> &'a [Scoped<Span>] {
        self.trace.as_ref().map_or(&[], |(items, _)| &items.spans)
    }

    /// How many items there are.
    pub(in crate::traceql) fn len(&self) -> usize {
        self.spans().len() + usize::from(self.record.is_some())
    }

    /// The span of this index.
    pub(in crate::traceql) fn span(&self, index: usize) -> Option<&'a Scoped<Span>> {
        self.spans().get(index)
    }

    /// The tree of all spans.
    pub(super) fn tree(&self) -> &Tree {
        self.tree.get_or_init(|| Tree::new(self.spans()))
    }

    /// The records written in the span, or the record that is asked.
    fn records(&self, span: Option<&Scoped<Span>>) -> &[&'a Scoped<LogRecord>] {
        match (span, &self.trace, &self.record) {
            (Some(span), Some((items, _)), _) => {
                let by_span = self.logs.get_or_init(|| logs_by_span(items).0);
                by_span.get(&span.item.span_id).map_or(&[], Vec::as_slice)
            }
            (_, _, Some(record)) => std::slice::from_ref(record),
            _ => &[],
        }
    }

    /// What the item of this index has.
    pub(in crate::traceql) fn value(&self, field: &Field, index: usize) -> Val<'a> {
        match field {
            Field::Builtin(builtin) => self.builtin(*builtin, index),
            Field::Attribute(attribute) => {
                let index = if attribute.of_parent {
                    match self.tree().parent(index) {
                        Some(parent) => parent,
                        None => return Val::Nil,
                    }
                } else {
                    index
                };
                self.attribute(attribute, index)
            }
        }
    }

    fn builtin(&self, builtin: Builtin, index: usize) -> Val<'a> {
        let span = self.span(index);
        let item = span.map(|span| &span.item);
        match builtin {
            Builtin::Name => self.name(item),
            Builtin::Status => item.map_or(Val::Nil, |item| Val::Status(status(item))),
            Builtin::StatusMessage => item.map_or(Val::Nil, |item| Val::text(&item.status.message)),
            Builtin::Kind => item.map_or(Val::Nil, |item| Val::Kind(kind(item.kind))),
            Builtin::Duration => item.map_or(Val::Nil, |item| Val::duration_ns(item.duration_ns())),
            Builtin::SpanId => {
                let of_record = self.record.and_then(|record| record.item.span_id);
                hex(item
                    .map(|item| item.span_id)
                    .or(of_record)
                    .map(SpanId::to_hex))
            }
            Builtin::ParentId => hex(item
                .and_then(|item| item.parent_span_id)
                .map(SpanId::to_hex)),
            Builtin::TraceId => {
                let of_record = self.record.and_then(|record| record.item.trace_id);
                hex(item
                    .map(|item| item.trace_id)
                    .or(of_record)
                    .map(TraceId::to_hex))
            }
            Builtin::TraceDuration | Builtin::RootName | Builtin::RootService => {
                self.of_trace_facts(builtin)
            }
            Builtin::ChildCount
            | Builtin::Parent
            | Builtin::NestedSetLeft
            | Builtin::NestedSetRight
            | Builtin::NestedSetParent => {
                item.map_or(Val::Nil, |item| self.of_tree(builtin, index, item))
            }
            Builtin::EventName
            | Builtin::EventTime
            | Builtin::LinkTraceId
            | Builtin::LinkSpanId => item.map_or(Val::Nil, |item| of_parts(builtin, item)),
            Builtin::ScopeName | Builtin::ScopeVersion => self.of_scope(builtin, span),
            Builtin::LogBody | Builtin::LogLevel => {
                let records = self.records(span).iter();
                Val::many(records.map(|record| of_record(builtin, &record.item)))
            }
        }
    }

    fn name(&self, span: Option<&'a Span>) -> Val<'a> {
        let of_record = || self.record.map(|record| record.item.event_name.as_str());
        span.map(|span| span.name.as_str())
            .or_else(of_record)
            .map_or(Val::Nil, Val::text)
    }

    fn of_trace_facts(&self, builtin: Builtin) -> Val<'a> {
        let Some((_, facts)) = &self.trace else {
            return Val::Nil;
        };
        match builtin {
            Builtin::RootName => facts.root_name().map_or(Val::Nil, Val::text),
            Builtin::RootService => facts.root_service().map_or(Val::Nil, Val::text),
            _ => Val::duration_ns(facts.duration_ns()),
        }
    }

    fn of_tree(&self, builtin: Builtin, index: usize, span: &Span) -> Val<'a> {
        let tree = self.tree();
        let parent = tree.parent(index);
        let number = |number: Option<usize>| number.map_or(Val::Nil, Val::count);
        match builtin {
            Builtin::ChildCount => number(tree.child_count(index)),
            Builtin::Parent => number(parent),
            Builtin::NestedSetLeft => number(tree.bounds(index).map(|(enter, _)| enter)),
            Builtin::NestedSetRight => number(tree.bounds(index).map(|(_, leave)| leave)),
            _ => match parent.and_then(|parent| tree.bounds(parent)) {
                Some((enter, _)) => Val::count(enter),
                None if span.parent_span_id.is_none() => Val::Number(Number::Int(-1)),
                None => Val::count(0),
            },
        }
    }

    fn of_scope(&self, builtin: Builtin, span: Option<&'a Scoped<Span>>) -> Val<'a> {
        let of_record = || self.record.map(|record| &*record.scope);
        let scope = span.map(|span| &*span.scope).or_else(of_record);
        scope.map_or(Val::Nil, |scope| {
            Val::text(if builtin == Builtin::ScopeName {
                &scope.name
            } else {
                &scope.version
            })
        })
    }

    /// The value of the first of the attribute's names that has one.
    fn attribute(&self, attribute: &Attribute, index: usize) -> Val<'a> {
        let span = self.span(index);
        attribute
            .keys
            .iter()
            .map(|key| self.attribute_in(attribute.scope, span, key))
            .find(|value| *value != Val::Nil)
            .unwrap_or(Val::Nil)
    }

    fn attribute_in(
        &self,
        scope: AttributeScope,
        span: Option<&'a Scoped<Span>>,
        key: &str,
    ) -> Val<'a> {
        const ORDER: [AttributeScope; 5] = [
            AttributeScope::Span,
            AttributeScope::Resource,
            AttributeScope::Event,
            AttributeScope::Link,
            AttributeScope::Instrumentation,
        ];
        match scope {
            AttributeScope::Any => {
                let of_record = self.record.map(|record| get(&record.item.attributes, key));
                ORDER
                    .into_iter()
                    .map(|scope| self.attribute_in(scope, span, key))
                    .chain(of_record)
                    .find(|value| *value != Val::Nil)
                    .unwrap_or(Val::Nil)
            }
            AttributeScope::Span => span.map_or(Val::Nil, |span| get(&span.item.attributes, key)),
            AttributeScope::Resource => {
                let of_record = self.record.map(|record| &*record.resource);
                let resource = span.map(|span| &*span.resource).or(of_record);
                let value = resource.map_or(Val::Nil, |resource| get(&resource.attributes, key));
                // A service's name is a text or it is none, here as everywhere.
                match value {
                    Val::Text(_) => value,
                    _ if key == SERVICE_KEY => Val::Nil,
                    other => other,
                }
            }
            AttributeScope::Instrumentation => {
                let of_record = self.record.map(|record| &*record.scope);
                let scope = span.map(|span| &*span.scope).or(of_record);
                scope.map_or(Val::Nil, |scope| get(&scope.attributes, key))
            }
            AttributeScope::Event => span.map_or(Val::Nil, |span| {
                let events = span.item.events.iter();
                Val::many(events.map(|event| get(&event.attributes, key)))
            }),
            AttributeScope::Link => span.map_or(Val::Nil, |span| {
                let links = span.item.links.iter();
                Val::many(links.map(|link| get(&link.attributes, key)))
            }),
            AttributeScope::Log => {
                let records = self.records(span).iter();
                Val::many(records.map(|record| get(&record.item.attributes, key)))
            }
        }
    }
}

fn get<'a>(attributes: &'a Attributes, key: &str) -> Val<'a> {
    attributes.get(key).map_or(Val::Nil, Val::of_attribute)
}

fn hex(id: Option<String>) -> Val<'static> {
    id.map_or(Val::Nil, |text| Val::Text(Cow::Owned(text)))
}

/// The status as filters know it: whatever failed is an error.
fn status(span: &Span) -> StatusCode {
    [StatusCode::Error, StatusCode::Ok]
        .into_iter()
        .find(|code| has_status(span, *code))
        .unwrap_or(StatusCode::Unset)
}

/// The kind; what is not known counts as not said.
fn kind(kind: SpanKind) -> SpanKind {
    match kind {
        SpanKind::Other(_) => SpanKind::Unspecified,
        known => known,
    }
}

/// What events and links have.
fn of_parts(builtin: Builtin, span: &Span) -> Val<'_> {
    let links = span.links.iter();
    match builtin {
        Builtin::EventName => Val::many(span.events.iter().map(|event| Val::text(&event.name))),
        Builtin::EventTime => Val::many(span.events.iter().map(|event| {
            let since = i128::from(event.time_ns) - i128::from(span.start_ns);
            Val::Duration(i64::try_from(since).map_or(Number::Double(since as f64), Number::Int))
        })),
        Builtin::LinkTraceId => Val::many(links.map(|link| hex(Some(link.trace_id.to_hex())))),
        _ => Val::many(links.map(|link| hex(Some(link.span_id.to_hex())))),
    }
}

fn of_record(builtin: Builtin, record: &LogRecord) -> Val<'_> {
    if builtin == Builtin::LogLevel {
        return match record.level() {
            SeverityLevel::Unspecified => Val::Nil,
            level => Val::Level(level),
        };
    }
    match &record.body {
        Some(Value::String(body)) => Val::text(body),
        Some(other) => Val::Text(Cow::Owned(text::canonical(other))),
        None => Val::Nil,
    }
}
