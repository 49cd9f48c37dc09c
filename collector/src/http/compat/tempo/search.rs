//! `GET /api/search`: traces that match a query, or tags.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Value as Json, json};
use spanwalk_analysis::summary::summarise;
use spanwalk_model::otlp::json::attributes_to_json;
use spanwalk_model::{Attributes, Scoped, Span, TimeRange, TraceId, semconv};
use spanwalk_query::Query;

use super::super::super::Api;
use super::super::super::answer::{self, completeness};
use super::super::super::filter::Filter;
use super::super::super::params::{Limits, wrong};
use super::super::super::problem::{ApiError, shown};
use super::super::params::{Params, range};
use super::super::with_completeness;
use super::TempoError;
use crate::clock::now_ns;
use crate::engine::FoundTrace;

/// Traces of one search.
const LIMITS: Limits = Limits {
    usual: 20,
    max: 1_000,
};
/// Spans of each trace.
const SPANS: Limits = Limits { usual: 3, max: 100 };
const S: u64 = 1_000_000_000;
const NS_PER_MS: u64 = 1_000_000;

pub(super) async fn search(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, TempoError> {
    let params = Params::read(&uri)?;
    let query = query(&params)?;
    let limit = params.limit(&["limit"], LIMITS)?;
    let span_limit = params.limit(&["spss"], SPANS)?;
    let engine = api.state.engine.clone();
    let work = move |deadline| {
        let page = engine.each_trace(&query, limit, None, deadline, |trace_id, found| {
            let has_spans = !found.items.spans.is_empty();
            has_spans.then(|| row(trace_id, &found, span_limit))
        })?;
        let complete = completeness(page.facts, page.items.len(), page.next.is_some());
        let metrics = json!({
            "inspectedTraces": page.facts.scanned,
            "completedJobs": 1,
            "totalJobs": 1,
        });
        let answer = answer::json(&json!({ "traces": page.items, "metrics": metrics }))?;
        Ok(with_completeness(answer, &complete))
    };
    Ok(api.queries.run(work).await?)
}

fn query(params: &Params) -> Result<Query, ApiError> {
    let range = time(params)?;
    if let Some(text) = params.get(&["q"]) {
        let query =
            spanwalk_query::parse(text, now_ns()).map_err(|source| ApiError::Query { source })?;
        return Ok(query.within(range));
    }
    let mut filter = Filter::default();
    for (key, value) in logfmt(params.get(&["tags"]).unwrap_or_default())? {
        match key.as_str() {
            "service.name" | "resource.service.name" => filter.built_in("service", &value),
            "name" => filter.built_in("name", &value),
            "root.service.name" => filter.built_in("root.service", &value),
            "root.name" => filter.built_in("root.name", &value),
            "status" | "status.code" => filter.tag("status.code", &value),
            _ => filter.tag(&key, &value),
        }
    }
    if let Some(least) = params.duration(&["minDuration"])? {
        filter.term(&format!("trace.duration:>={least}"));
    }
    if let Some(most) = params.duration(&["maxDuration"])? {
        filter.term(&format!("trace.duration:<={most}"));
    }
    filter.finish(range)
}

/// The range of `start` and `end`, in seconds.
pub(super) fn time(params: &Params) -> Result<TimeRange, ApiError> {
    let start_ns = params.moment(&["start"], S)?;
    range(start_ns, params.moment(&["end"], S)?)
}

/// `key=value key="a value"`.
fn logfmt(text: &str) -> Result<Vec<(String, String)>, ApiError> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let not_logfmt = || {
            wrong(format!(
                "`tags` is `{}`; it must be keys and values as logfmt writes them: a=b c=\"d e\"",
                shown(text)
            ))
        };
        let (key, behind) = rest.split_once('=').ok_or_else(not_logfmt)?;
        if key.is_empty() || key.contains(char::is_whitespace) {
            return Err(not_logfmt());
        }
        let (value, next) = if let Some(quoted) = behind.strip_prefix('"') {
            unquoted(quoted).ok_or_else(not_logfmt)?
        } else {
            let end = behind.find(char::is_whitespace).unwrap_or(behind.len());
            let (value, next) = behind.split_at(end);
            (value.to_owned(), next)
        };
        pairs.push((key.to_owned(), value));
        rest = next.trim_start();
    }
    Ok(pairs)
}

/// The text up to the closing quote, and what stands behind it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.chars();
    loop {
        match characters.next()? {
            '"' => return Some((value, characters.as_str())),
            '\\' => value.push(characters.next()?),
            other => value.push(other),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(rename = "traceID")]
    trace_id: String,
    root_service_name: String,
    root_trace_name: String,
    start_time_unix_nano: String,
    duration_ms: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    span_sets: Vec<SpanSet>,
}

#[derive(Debug, Serialize)]
struct SpanSet {
    spans: Vec<RowSpan>,
    matched: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RowSpan {
    #[serde(rename = "spanID")]
    span_id: String,
    name: String,
    start_time_unix_nano: String,
    duration_nanos: String,
    attributes: Json,
}

fn row(trace_id: TraceId, found: &FoundTrace, span_limit: usize) -> Row {
    let summary = summarise(&found.items);
    let matched = found.span_indexes.iter();
    let spans: Vec<_> = matched
        .filter_map(|index| found.items.spans.get(*index))
        .take(span_limit)
        .map(row_span)
        .collect();
    let set = SpanSet {
        spans,
        matched: found.span_indexes.len(),
    };
    Row {
        trace_id: trace_id.to_hex(),
        root_service_name: summary.root_service,
        root_trace_name: summary.root_name,
        start_time_unix_nano: summary.start_ns.to_string(),
        duration_ms: summary.duration_ns / NS_PER_MS,
        span_sets: if set.matched == 0 {
            Vec::new()
        } else {
            vec![set]
        },
    }
}

fn row_span(span: &Scoped<Span>) -> RowSpan {
    let mut attributes = Attributes::new();
    attributes.push(semconv::SERVICE_NAME, span.resource.service_name());
    RowSpan {
        span_id: span.item.span_id.to_hex(),
        name: span.item.name.clone(),
        start_time_unix_nano: span.item.start_ns.to_string(),
        duration_nanos: span.item.duration_ns().to_string(),
        attributes: attributes_to_json(&attributes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logfmt_has_quotes_and_escapes() {
        let pairs = logfmt(r#" a=b  c="d \"e\" =" f= "#).unwrap();
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        assert_eq!(pairs, [("a", "b"), ("c", "d \"e\" ="), ("f", "")]);
        for wrong in ["a", "=b", "a b=c", "a=\"b"] {
            assert!(logfmt(wrong).is_err(), "{wrong}");
        }
    }
}
