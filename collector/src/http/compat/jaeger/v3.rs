//! `/api/v3/…`: traces as OTLP/JSON, in the envelope of the gRPC gateway.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use serde_json::json;
use spanwalk_analysis::summary::{Summary, summarise};
use spanwalk_model::otlp::json::encode_traces;
use spanwalk_model::trace::{FindingKind, Trace};
use spanwalk_model::{Scoped, Span};

use super::super::super::Api;
use super::super::super::answer::{self, completeness, json_text};
use super::super::super::params::wrong;
use super::super::super::problem::ApiError;
use super::super::super::trace::grouped;
use super::super::params::Params;
use super::super::{in_path, services_with_spans, trace_id, with_completeness};
use super::ask::Ask;
use super::operations_of;
use crate::engine::FoundTrace;

pub(super) fn router() -> Router<Arc<Api>> {
    Router::new()
        .route("/api/v3/services", get(services))
        .route("/api/v3/operations", get(operations))
        .route("/api/v3/traces", get(traces))
        .route("/api/v3/traces/{trace_id}", get(trace))
        .route("/api/v3/trace-summaries", get(summaries))
}

/// An error in the form of the gRPC gateway.
#[derive(Debug)]
struct GatewayError(ApiError);

impl From<ApiError> for GatewayError {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl IntoResponse for GatewayError {
    fn into_response(self) -> Response {
        self.0.respond_as("application/json", |status, text| {
            let error = json!({ "httpCode": status.as_u16(), "message": text });
            serde_json::to_vec(&json!({ "error": error })).unwrap_or_default()
        })
    }
}

async fn services(State(api): State<Arc<Api>>) -> Result<Response, GatewayError> {
    let engine = api.state.engine.clone();
    let work = move |_| answer::json(&json!({ "services": services_with_spans(&engine) }));
    Ok(api.reports.run(work).await?)
}

async fn operations(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, GatewayError> {
    let params = Params::read(&uri)?;
    let service = params.get(&["service"]).map(str::to_owned);
    let service = service.ok_or_else(|| wrong("`service` is required".to_owned()))?;
    let kind = params.get(&["spanKind", "span_kind"]).map(str::to_owned);
    let engine = api.state.engine.clone();
    let work = move |deadline| {
        let (entries, completeness) = operations_of(&engine, &service, kind.as_deref(), deadline)?;
        let answer = answer::json(&json!({ "operations": entries }))?;
        Ok(with_completeness(answer, &completeness))
    };
    Ok(api.queries.run(work).await?)
}

async fn traces(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, GatewayError> {
    let ask = Ask::v3(&Params::read(&uri)?)?;
    let engine = api.state.engine.clone();
    let work = move |deadline| {
        let page = engine.each_trace(&ask.query, ask.limit, None, deadline, |_, found| {
            ask.is_met(&found).then(|| sorted(found))
        })?;
        let complete = completeness(page.facts, page.items.len(), page.next.is_some());
        let spans = page.items.into_iter().flatten().collect();
        Ok(with_completeness(envelope(spans), &complete))
    };
    Ok(api.queries.run(work).await?)
}

async fn trace(
    State(api): State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, GatewayError> {
    let trace_id = trace_id(&in_path(path)?)?;
    let engine = api.state.engine.clone();
    let work = move |_| {
        let items = engine.trace(trace_id)?.unwrap_or_default();
        let found = FoundTrace {
            items,
            ..FoundTrace::default()
        };
        let spans = sorted(found);
        if spans.is_empty() {
            return Err(ApiError::NoSuchTrace { trace_id });
        }
        Ok(envelope(spans))
    };
    Ok(api.queries.run(work).await?)
}

/// The spans in an order that does not depend on where they are stored.
fn sorted(found: FoundTrace) -> Vec<Scoped<Span>> {
    let mut spans = found.items.spans;
    spans.sort_by_key(|span| (span.item.start_ns, span.item.span_id));
    spans
}

fn envelope(spans: Vec<Scoped<Span>>) -> Response {
    let otlp = encode_traces(&grouped(spans));
    json_text(format!("{{\"result\":{otlp}}}"))
}

/// One trace in a row. Moments are texts, because they do not fit the numbers of scripts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SummaryEntry {
    trace_id: String,
    root_service_name: String,
    root_operation_name: String,
    min_start_time_unix_nano: String,
    max_end_time_unix_nano: String,
    span_count: u64,
    error_span_count: u64,
    orphan_span_count: u64,
    services: Vec<ServiceEntry>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ServiceEntry {
    name: String,
    span_count: u64,
    error_span_count: u64,
}

async fn summaries(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, GatewayError> {
    let ask = Ask::v3(&Params::read(&uri)?)?;
    let engine = api.state.engine.clone();
    let work = move |deadline| {
        let page =
            engine.each_trace(&ask.query, ask.limit, None, deadline, |trace_id, found| {
                ask.is_met(&found).then(|| {
                    let summary = summarise(&found.items);
                    entry(trace_id.to_hex(), summary, &Trace::build(found.items))
                })
            })?;
        let complete = completeness(page.facts, page.items.len(), page.next.is_some());
        let answer = answer::json(&json!({ "summaries": page.items }))?;
        Ok(with_completeness(answer, &complete))
    };
    Ok(api.queries.run(work).await?)
}

fn entry(trace_id: String, summary: Summary, trace: &Trace) -> SummaryEntry {
    let mut findings = trace.findings().iter();
    let orphans = findings.find(|finding| finding.kind == FindingKind::MissingParent);
    let services = summary.services.into_iter().map(|share| ServiceEntry {
        name: share.name,
        span_count: share.span_count,
        error_span_count: share.error_span_count,
    });
    SummaryEntry {
        trace_id,
        root_service_name: summary.root_service,
        root_operation_name: summary.root_name,
        min_start_time_unix_nano: summary.start_ns.to_string(),
        max_end_time_unix_nano: (summary.start_ns + summary.duration_ns).to_string(),
        span_count: summary.span_count,
        error_span_count: summary.error_span_count,
        orphan_span_count: orphans.map_or(0, |finding| finding.count),
        services: services.collect(),
    }
}
