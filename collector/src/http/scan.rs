//! What is counted over the newest traces, because no index holds it ready: operations, calls
//! between services, keys and values. How much was looked at stands beside it.

use std::collections::BTreeMap;

use spanwalk_api::{Completeness, CutReason};
use spanwalk_model::trace::Trace;
use spanwalk_model::{Attributes, LogRecord, Scoped, Span, SpanKind, StatusCode, TimeRange, Value};
use spanwalk_query::Query;
use spanwalk_query::text::value_texts;

use super::filter::Filter;
use super::problem::ApiError;
use crate::clock::Deadline;
use crate::engine::{Engine, Facts};

/// Traces that are looked at.
pub(super) const TRACES_MAX: usize = 2_000;
/// Log records outside of traces that are looked at.
pub(super) const LOGS_MAX: usize = 2_000;
/// Different keys or values that are counted.
const DISTINCT_MAX: usize = 20_000;
/// Longer values are no values that somebody would choose.
const VALUE_BYTES_MAX: usize = 256;

/// An operation: its name and kind.
pub(super) type Operation = (String, SpanKind);

/// How many spans an operation has, and how many of them failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Calls {
    /// All.
    pub(super) count: u64,
    /// Those that failed.
    pub(super) error_count: u64,
}

impl Calls {
    fn add(&mut self, is_error: bool) {
        self.count += 1;
        self.error_count += u64::from(is_error);
    }
}

/// The operations of a service, by name and kind, with their spans among those looked at.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn operations(
    engine: &Engine,
    service: &str,
    range: TimeRange,
    deadline: Deadline,
) -> Result<(BTreeMap<Operation, Calls>, Completeness), ApiError> {
    let query = of_service(service, range)?;
    let mut operations: BTreeMap<Operation, Calls> = BTreeMap::new();
    let page = engine.each_trace(&query, TRACES_MAX, None, deadline, |_, found| {
        for span in of(service, &found.items.spans) {
            let operation = (span.item.name.clone(), span.item.kind);
            let is_error = span.item.is_error();
            operations.entry(operation).or_default().add(is_error);
        }
        Some(())
    })?;
    let completeness = of_list(page.facts, page.next.is_some(), operations.len());
    Ok((operations, completeness))
}

/// The query for traces of a service.
pub(super) fn of_service(service: &str, range: TimeRange) -> Result<Query, ApiError> {
    let mut filter = Filter::default();
    filter.built_in("service", service);
    filter.finish(range)
}

/// Spans of a service.
pub(super) fn of<'a>(
    service: &'a str,
    spans: &'a [Scoped<Span>],
) -> impl Iterator<Item = &'a Scoped<Span>> {
    spans
        .iter()
        .filter(move |span| span.resource.service_name() == service)
}

/// Calls by the service that calls and the one that is called.
pub(super) type Dependencies = BTreeMap<(String, String), Calls>;

/// The calls between services, by who called whom.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn dependencies(
    engine: &Engine,
    range: TimeRange,
    deadline: Deadline,
) -> Result<(Dependencies, Completeness), ApiError> {
    let query = Filter::default().finish(range)?;
    let mut dependencies = Dependencies::new();
    let page = engine.each_trace(&query, TRACES_MAX, None, deadline, |_, found| {
        add_calls(&Trace::build(found.items), &mut dependencies);
        Some(())
    })?;
    let completeness = of_list(page.facts, page.next.is_some(), dependencies.len());
    Ok((dependencies, completeness))
}

/// A span of another service than its parent is a call, and so is one without a parent that is
/// linked to a span of another service in this trace.
fn add_calls(trace: &Trace, dependencies: &mut Dependencies) {
    for child in 0..trace.len() {
        let linked = || {
            let links = trace.span(child).map_or(&[][..], |span| &span.item.links);
            let mut own = links
                .iter()
                .filter(|link| Some(link.trace_id) == trace.trace_id());
            own.find_map(|link| trace.index_of(link.span_id))
        };
        let Some(parent) = trace.parent(child).or_else(linked) else {
            continue;
        };
        if trace.service_symbol(parent) == trace.service_symbol(child) {
            continue;
        }
        let pair = (
            trace.service(parent).to_owned(),
            trace.service(child).to_owned(),
        );
        let calls = dependencies.entry(pair).or_default();
        calls.add(trace.is_error(child));
    }
}

/// Where an attribute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Resource,
    Scope,
    Span,
    Event,
    Link,
    Log,
}

impl Place {
    pub(super) const ALL: [Self; 6] = [
        Self::Resource,
        Self::Scope,
        Self::Span,
        Self::Event,
        Self::Link,
        Self::Log,
    ];

    /// The place as queries name it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Resource => "resource",
            Self::Scope => "instrumentation",
            Self::Span => "span",
            Self::Event => "event",
            Self::Link => "link",
            Self::Log => "log",
        }
    }
}

/// How many spans and log records have a key, by place and key.
pub(super) type Keys = BTreeMap<(Place, String), u64>;

/// The keys of attributes among what matches.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn keys(
    engine: &Engine,
    query: &Query,
    deadline: Deadline,
) -> Result<(Keys, Completeness), ApiError> {
    let mut keys = Keys::new();
    let mut is_full = false;
    let mut add = |place, attributes: &Attributes| {
        for entry in attributes {
            is_full |= !count(&mut keys, (place, entry.key.clone()));
        }
    };
    let (facts, is_cut) = each_item(engine, query, deadline, &mut |item| match item {
        Item::Span(span) => span_attributes(span, &mut add),
        Item::Log(log) => log_attributes(log, &mut add),
    })?;
    let completeness = of_list(facts, is_cut || is_full, keys.len());
    Ok((keys, completeness))
}

/// Whose values are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ValuesOf {
    Service,
    Name,
    Kind,
    Status,
    Level,
    RootService,
    RootName,
    /// An attribute with this key, in one place or in all.
    Attribute(Option<Place>, String),
}

/// The kind of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ValueKind {
    /// A word of the language.
    Keyword,
    Text,
    Int,
    Double,
    Bool,
    /// Anything else.
    Other,
}

/// How many spans and log records have a value.
pub(super) type Values = BTreeMap<(String, ValueKind), u64>;

/// The values of a key among what matches.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn values(
    engine: &Engine,
    query: &Query,
    of: &ValuesOf,
    deadline: Deadline,
) -> Result<(Values, Completeness), ApiError> {
    // What a service has is known without looking.
    if *of == ValuesOf::Service && query.is_match_all() && query.range() == TimeRange::ALL {
        return Ok(service_values(engine));
    }
    let mut values = Values::new();
    let mut is_full = false;
    let mut add = |text: &str, kind| {
        if text.len() <= VALUE_BYTES_MAX {
            is_full |= !count(&mut values, (text.to_owned(), kind));
        }
    };
    let (facts, is_cut) = if matches!(of, ValuesOf::RootService | ValuesOf::RootName) {
        roots(engine, query, of, deadline, &mut add)?
    } else {
        each_item(engine, query, deadline, &mut |item| {
            item_values(&item, of, &mut add);
        })?
    };
    let completeness = of_list(facts, is_cut || is_full, values.len());
    Ok((values, completeness))
}

fn service_values(engine: &Engine) -> (Values, Completeness) {
    let newest_ns = engine.newest_ns();
    let services = engine.services().into_iter().map(|service| {
        let count = service.span_count + service.log_count;
        ((service.name, ValueKind::Text), count)
    });
    let values: Values = services.collect();
    let facts = Facts {
        scanned: values.len() as u64,
        newest_ns,
        ..Facts::default()
    };
    let completeness = of_list(facts, false, values.len());
    (values, completeness)
}

fn roots(
    engine: &Engine,
    query: &Query,
    of: &ValuesOf,
    deadline: Deadline,
    add: &mut dyn FnMut(&str, ValueKind),
) -> Result<(Facts, bool), ApiError> {
    let page = engine.each_trace(query, TRACES_MAX, None, deadline, |_, found| {
        if let Some(root) = found.items.root() {
            let text = match of {
                ValuesOf::RootService => root.resource.service_name(),
                _ => &root.item.name,
            };
            add(text, ValueKind::Text);
        }
        Some(())
    })?;
    Ok((page.facts, page.next.is_some()))
}

fn item_values(item: &Item<'_>, of: &ValuesOf, add: &mut dyn FnMut(&str, ValueKind)) {
    match (of, item) {
        (ValuesOf::Service, Item::Span(span)) => {
            add(span.resource.service_name(), ValueKind::Text);
        }
        (ValuesOf::Service, Item::Log(log)) => add(log.resource.service_name(), ValueKind::Text),
        (ValuesOf::Name, Item::Span(span)) => add(&span.item.name, ValueKind::Text),
        (ValuesOf::Kind, Item::Span(span)) => add(span.item.kind.as_str(), ValueKind::Keyword),
        (ValuesOf::Status, Item::Span(span)) => add(status_word(&span.item), ValueKind::Keyword),
        (ValuesOf::Level, Item::Log(log)) => add(log.item.level().as_str(), ValueKind::Keyword),
        (ValuesOf::Attribute(wanted, key), item) => {
            let mut of_attributes = |place, attributes: &Attributes| {
                if wanted.is_none_or(|wanted| wanted == place) {
                    for entry in attributes.iter().filter(|entry| entry.key == *key) {
                        let kind = value_kind(&entry.value);
                        value_texts(&entry.value, &mut |text| add(text, kind));
                    }
                }
            };
            match item {
                Item::Span(span) => span_attributes(span, &mut of_attributes),
                Item::Log(log) => log_attributes(log, &mut of_attributes),
            }
        }
        _ => {}
    }
}

fn status_word(span: &Span) -> &'static str {
    if span.is_error() {
        StatusCode::Error.as_str()
    } else {
        span.status.code.as_str()
    }
}

fn value_kind(value: &Value) -> ValueKind {
    match value {
        Value::String(_) => ValueKind::Text,
        Value::Int(_) => ValueKind::Int,
        Value::Double(_) => ValueKind::Double,
        Value::Bool(_) => ValueKind::Bool,
        _ => ValueKind::Other,
    }
}

/// Counts one; not where it would be one more than can be counted.
fn count<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K) -> bool {
    let is_full = counts.len() >= DISTINCT_MAX;
    match counts.get_mut(&key) {
        Some(count) => *count += 1,
        None if is_full => return false,
        None => {
            counts.insert(key, 1);
        }
    }
    true
}

fn span_attributes(span: &Scoped<Span>, visit: &mut dyn FnMut(Place, &Attributes)) {
    visit(Place::Resource, &span.resource.attributes);
    visit(Place::Scope, &span.scope.attributes);
    visit(Place::Span, &span.item.attributes);
    for event in &span.item.events {
        visit(Place::Event, &event.attributes);
    }
    for link in &span.item.links {
        visit(Place::Link, &link.attributes);
    }
}

fn log_attributes(log: &Scoped<LogRecord>, visit: &mut dyn FnMut(Place, &Attributes)) {
    visit(Place::Resource, &log.resource.attributes);
    visit(Place::Scope, &log.scope.attributes);
    visit(Place::Log, &log.item.attributes);
}

/// What stands in a trace or alone.
enum Item<'a> {
    Span(&'a Scoped<Span>),
    Log(&'a Scoped<LogRecord>),
}

/// Shows every span and log record of the newest traces that match, and the newest records
/// that match and are of no trace.
fn each_item(
    engine: &Engine,
    query: &Query,
    deadline: Deadline,
    visit: &mut dyn FnMut(Item<'_>),
) -> Result<(Facts, bool), ApiError> {
    let page = engine.each_trace(query, TRACES_MAX, None, deadline, |_, found| {
        found
            .items
            .spans
            .iter()
            .map(Item::Span)
            .for_each(&mut *visit);
        found.items.logs.iter().map(Item::Log).for_each(&mut *visit);
        Some(())
    })?;
    let logs = engine.logs(query, LOGS_MAX, None, deadline)?;
    let alone = logs.logs.iter().filter(|log| log.item.trace_id.is_none());
    alone.map(Item::Log).for_each(visit);
    let facts = Facts {
        scanned: page.facts.scanned + logs.facts.scanned,
        timed_out: page.facts.timed_out || logs.facts.timed_out,
        ..page.facts
    };
    Ok((facts, page.next.is_some() || logs.next.is_some()))
}

/// Leaves at most so many rows, and says in the completeness what was left out.
pub(super) fn shorten<T>(rows: &mut Vec<T>, limit: usize, completeness: &mut Completeness) {
    completeness.matched = rows.len() as u64;
    if rows.len() > limit {
        rows.truncate(limit);
        completeness.cut = completeness.cut.or(Some(CutReason::Limit));
    }
    completeness.returned = rows.len() as u64;
}

/// How complete a list is that was counted over other things.
pub(super) fn of_list(facts: Facts, is_cut: bool, item_count: usize) -> Completeness {
    let cut = match (facts.timed_out, is_cut) {
        (true, _) => Some(CutReason::Timeout),
        (false, true) => Some(CutReason::Limit),
        (false, false) => None,
    };
    Completeness {
        matched: item_count as u64,
        estimate: cut.is_some(),
        scanned: facts.scanned,
        returned: item_count as u64,
        cut,
        newest_ns: facts.newest_ns,
    }
}
