//! `GET /api/v1/services`: what has reported.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use spanwalk_api::{ServiceEntry, ServicesResponse};

use super::Api;
use super::answer::{completeness, json};
use super::params;
use super::problem::ApiError;
use crate::engine::{Engine, Facts};
use crate::store::ServiceSummary;

pub(super) async fn services(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, ApiError> {
    params::none(&uri)?;
    let engine = api.state.engine.clone();
    api.reports.run(move |_| json(&response(&engine))).await
}

fn response(engine: &Engine) -> ServicesResponse {
    // Asked first: what is seen a moment later holds at least this.
    let newest_ns = engine.newest_ns();
    let services = engine.services();
    let facts = Facts {
        matched: services.len() as u64,
        scanned: services.len() as u64,
        newest_ns,
        ..Facts::default()
    };
    ServicesResponse {
        completeness: completeness(facts, services.len(), false),
        services: services.into_iter().map(entry).collect(),
    }
}

fn entry(service: ServiceSummary) -> ServiceEntry {
    ServiceEntry {
        name: service.name,
        span_count: service.span_count,
        error_span_count: service.error_span_count,
        log_count: service.log_count,
        last_seen_ns: service.last_ns,
    }
}
