//! `GET /api/v1/status`: the collector about itself.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use spanwalk_api::{Status, Stored};

use super::answer::json;
use super::problem::ApiError;
use super::{Api, ApiState, params};
use crate::store::StoredTotals;

pub(super) async fn status(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, ApiError> {
    params::none(&uri)?;
    let state = api.state.clone();
    api.reports.run(move |_| json(&response(state))).await
}

fn response(state: ApiState) -> Status {
    let counters = (state.status)();
    let mut warnings = state.engine.warnings();
    warnings.extend(counters.warnings);
    Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        data_dir: state.about.data_dir.display().to_string(),
        pid: std::process::id(),
        started_ns: state.about.started_ns,
        stored: stored(state.engine.stored()),
        received: counters.received,
        rejected: counters.rejected,
        refused: counters.refused,
        dropped: counters.dropped,
        redacted: counters.redacted,
        in_flight_bytes: counters.in_flight_bytes,
        listeners: state.about.listeners,
        warnings,
    }
}

fn stored(totals: StoredTotals) -> Stored {
    Stored {
        spans: totals.span_count,
        log_records: totals.log_count,
        traces: totals.trace_count,
        services: totals.service_count,
        bytes: totals.bytes,
    }
}
