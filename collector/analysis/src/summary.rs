//! One trace in one row.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use spanwalk_model::log::SeverityLevel;
use spanwalk_model::{Scoped, Span, TraceItems, semconv};

/// What a list says of a trace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Service of the root span; of the earliest span where the root is missing; of the
    /// earliest record where there is no span.
    pub root_service: String,
    /// Name of that span; empty where there is none.
    pub root_name: String,
    /// Whether there is a span without a parent.
    pub has_root: bool,
    /// Earliest moment, nanoseconds since the epoch.
    pub start_ns: u64,
    /// Latest moment minus earliest, nanoseconds.
    pub duration_ns: u64,
    /// Spans.
    pub span_count: u64,
    /// Spans that failed.
    pub error_span_count: u64,
    /// Log records.
    pub log_count: u64,
    /// Log records of level error or fatal.
    pub error_log_count: u64,
    /// Services in order of their first span, or record where they have no span.
    pub services: Vec<ServiceShare>,
    /// What the first failure says; empty where nothing failed.
    pub first_error: String,
}

/// A service's part in a trace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceShare {
    /// Its name.
    pub name: String,
    /// Its spans.
    pub span_count: u64,
    /// Its spans that failed.
    pub error_span_count: u64,
}

/// The longest text kept of a failure, in characters.
const FIRST_ERROR_CHARACTERS_MAX: usize = 300;

/// The summary of a trace's items; they may come in any order.
pub fn summarise(items: &TraceItems) -> Summary {
    let mut spans: Vec<&Scoped<Span>> = items.spans.iter().collect();
    spans.sort_by_key(|span| (span.item.start_ns, span.item.span_id));
    let root = items.root();
    let first_log = items.logs.iter().min_by_key(|log| log.item.moment_ns());
    let (start_ns, end_ns) = items.bounds_ns();
    Summary {
        root_service: root
            .map(|span| span.resource.service_name())
            .or_else(|| first_log.map(|log| log.resource.service_name()))
            .unwrap_or_default()
            .to_owned(),
        root_name: root.map(|span| span.item.name.clone()).unwrap_or_default(),
        has_root: root.is_some_and(|span| span.item.parent_span_id.is_none()),
        start_ns,
        duration_ns: end_ns.saturating_sub(start_ns),
        span_count: items.spans.len() as u64,
        error_span_count: spans.iter().filter(|span| span.item.is_error()).count() as u64,
        log_count: items.logs.len() as u64,
        error_log_count: error_logs(items).count() as u64,
        services: services(&spans, items),
        first_error: first_error(&spans, items),
    }
}

fn error_logs(items: &TraceItems) -> impl Iterator<Item = &Scoped<spanwalk_model::LogRecord>> {
    items
        .logs
        .iter()
        .filter(|log| log.item.level() >= SeverityLevel::Error)
}

fn services(spans: &[&Scoped<Span>], items: &TraceItems) -> Vec<ServiceShare> {
    let mut shares: Vec<ServiceShare> = Vec::new();
    let mut places: HashMap<String, usize, RandomState> = HashMap::default();
    let mut count = |name: &str, spans: u64, errors: u64| {
        let place = *places.entry(name.to_owned()).or_insert_with(|| {
            shares.push(ServiceShare {
                name: name.to_owned(),
                ..ServiceShare::default()
            });
            shares.len() - 1
        });
        if let Some(share) = shares.get_mut(place) {
            share.span_count += spans;
            share.error_span_count += errors;
        }
    };
    for span in spans {
        count(
            span.resource.service_name(),
            1,
            u64::from(span.item.is_error()),
        );
    }
    for log in &items.logs {
        count(log.resource.service_name(), 0, 0);
    }
    shares
}

/// The earliest error log, else what the failed span that ended first says.
fn first_error(spans: &[&Scoped<Span>], items: &TraceItems) -> String {
    let from_log = error_logs(items)
        .min_by_key(|log| log.item.moment_ns())
        .map(|log| log.item.body_text());
    let text = from_log.or_else(|| {
        spans
            .iter()
            .filter(|span| span.item.is_error())
            .min_by_key(|span| span.item.end_ns)
            .map(|span| error_text(&span.item))
    });
    text.unwrap_or_default()
        .chars()
        .take(FIRST_ERROR_CHARACTERS_MAX)
        .collect()
}

/// What a failed span says of its failure: its status message, its exception, its name.
pub fn error_text(span: &Span) -> String {
    if !span.status.message.is_empty() {
        return span.status.message.clone();
    }
    let exception = span
        .events
        .iter()
        .find(|event| event.name == semconv::EXCEPTION_EVENT);
    let told = exception.and_then(|event| {
        event
            .attributes
            .get_str(semconv::EXCEPTION_MESSAGE)
            .or_else(|| event.attributes.get_str(semconv::EXCEPTION_TYPE))
    });
    match told {
        Some(text) => text.to_owned(),
        None => format!("{} failed", span.name),
    }
}
