//! `GET /api/v1/traces/{trace_id}/patterns`: shapes that cost time or hide trouble.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use spanwalk_analysis::critical_path;
use spanwalk_analysis::patterns::{PatternFinding, patterns as find};
use spanwalk_api::{PatternEntry, PatternsResponse};
use spanwalk_model::TraceId;
use spanwalk_model::trace::Trace;

use super::answer::json;
use super::problem::ApiError;
use super::trace::{built, trace_id};
use super::{Api, params};
use crate::engine::Engine;

pub(super) async fn patterns(
    State(api): State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Result<Response, ApiError> {
    params::none(&uri)?;
    let trace_id = trace_id(path)?;
    let engine = api.state.engine.clone();
    api.queries.run(move |_| response(&engine, trace_id)).await
}

fn response(engine: &Engine, trace_id: TraceId) -> Result<Response, ApiError> {
    let trace = built(engine, trace_id)?;
    let paths = critical_path::CriticalPath::of(&trace);
    json(&PatternsResponse {
        trace_id: trace_id.to_hex(),
        duration_ns: paths.main().map_or(0, critical_path::Path::duration_ns),
        patterns: find(&trace)
            .into_iter()
            .map(|finding| entry_of(&trace, finding))
            .collect(),
    })
}

fn entry_of(trace: &Trace, finding: PatternFinding) -> PatternEntry {
    let spans = finding.spans.iter().filter_map(|span| trace.span(*span));
    PatternEntry {
        spans: spans.map(|span| span.item.span_id.to_hex()).collect(),
        pattern: finding.pattern.to_owned(),
        what: finding.what,
        cost_ns: finding.cost_ns,
        cure: finding.cure.to_owned(),
        evidence: finding.evidence,
        span_count: finding.span_count as u64,
    }
}
