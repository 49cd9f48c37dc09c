//! `GET /api/v1/traces/{trace_id}/patterns`: shapes that cost time or hide trouble.

use axum::response::Response;
use spanwalk_analysis::critical_path::Path;
use spanwalk_analysis::patterns::{Baseline, PatternFinding, Settings, View, find};
use spanwalk_api::{PatternEntry, PatternsResponse};
use spanwalk_model::TraceId;
use spanwalk_model::trace::Trace;

use super::answer::json;
use super::problem::ApiError;

pub(super) fn answer(trace: &Trace, trace_id: TraceId) -> Result<Response, ApiError> {
    let (settings, baseline) = (Settings::default(), Baseline::default());
    let view = View::of(trace, &settings, &baseline);
    json(&PatternsResponse {
        trace_id: trace_id.to_hex(),
        duration_ns: view.path.main().map_or(0, Path::duration_ns),
        patterns: find(&view)
            .into_iter()
            .map(|finding| entry_of(trace, finding))
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
