//! `GET /api/v1/traces/{trace_id}/critical-path`: what the request waited for.

use axum::response::Response;
use spanwalk_analysis::critical_path::{CriticalPath, Section};
use spanwalk_api::{CriticalPathResponse, PathOperation, PathSection};
use spanwalk_model::TraceId;
use spanwalk_model::trace::Trace;

use super::answer::json;
use super::problem::ApiError;

pub(super) fn answer(trace: &Trace, trace_id: TraceId) -> Result<Response, ApiError> {
    json(&main_path(trace, trace_id))
}

fn main_path(trace: &Trace, trace_id: TraceId) -> CriticalPathResponse {
    let paths = CriticalPath::of(trace);
    let Some(main) = paths.main() else {
        return CriticalPathResponse {
            trace_id: trace_id.to_hex(),
            ..CriticalPathResponse::default()
        };
    };
    CriticalPathResponse {
        trace_id: trace_id.to_hex(),
        start_ns: main.start_ns,
        duration_ns: main.duration_ns(),
        sections: main
            .sections
            .iter()
            .map(|section| section_of(trace, section))
            .collect(),
        operations: paths
            .shares(trace, main)
            .into_iter()
            .map(|share| PathOperation {
                service: share.service,
                operation: share.operation,
                path_ns: share.path_ns,
                span_count: share.span_count,
            })
            .collect(),
        other_path_count: paths.paths().len().saturating_sub(1) as u64,
        assumptions: paths
            .assumptions()
            .iter()
            .map(ToString::to_string)
            .collect(),
    }
}

fn section_of(trace: &Trace, section: &Section) -> PathSection {
    PathSection {
        span_id: trace
            .span(section.span)
            .map(|span| span.item.span_id.to_hex())
            .unwrap_or_default(),
        service: trace.service(section.span).to_owned(),
        operation: trace.name(section.span).to_owned(),
        start_ns: section.start_ns,
        end_ns: section.end_ns,
    }
}
