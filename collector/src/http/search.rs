//! `GET /api/v1/traces`: traces that match, newest first.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use spanwalk_analysis::summary::{ServiceShare, Summary};
use spanwalk_api::{SearchResponse, ServiceCount, TraceSummary};

use super::Api;
use super::answer::{completeness, json};
use super::params::{Limits, ListRequest};
use super::problem::ApiError;
use crate::engine::{TraceAnswer, TraceCursor, TraceHit};

/// As the docs of `SearchParams` say.
pub(super) const LIMITS: Limits = Limits {
    usual: 50,
    max: 1_000,
};

pub(super) async fn search(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, ApiError> {
    let request = ListRequest::<TraceCursor>::read(&uri, LIMITS)?;
    let engine = api.state.engine.clone();
    let work = move |deadline| {
        let answer = engine.search(&request.query, request.limit, request.cursor, deadline)?;
        json(&response(answer, request.notes))
    };
    api.queries.run(work).await
}

fn response(answer: TraceAnswer, notes: Vec<String>) -> SearchResponse {
    SearchResponse {
        completeness: completeness(answer.facts, answer.hits.len(), answer.next.is_some()),
        traces: answer.hits.into_iter().map(trace_summary).collect(),
        next_cursor: answer.next.map(|next| next.to_string()),
        notes,
    }
}

fn trace_summary(hit: TraceHit) -> TraceSummary {
    let Summary {
        root_service,
        root_name,
        has_root,
        start_ns,
        duration_ns,
        span_count,
        error_span_count,
        log_count,
        error_log_count,
        services,
        first_error,
    } = hit.summary;
    TraceSummary {
        trace_id: hit.trace_id.to_hex(),
        root_service,
        root_name,
        has_root,
        start_ns,
        duration_ns,
        span_count,
        error_span_count,
        log_count,
        error_log_count,
        services: services.into_iter().map(service_count).collect(),
        first_error,
        matched_spans: hit.matched_spans.iter().map(|span| span.to_hex()).collect(),
    }
}

fn service_count(share: ServiceShare) -> ServiceCount {
    ServiceCount {
        name: share.name,
        span_count: share.span_count,
        error_span_count: share.error_span_count,
    }
}
