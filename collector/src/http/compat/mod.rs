//! The read APIs of other tracing systems, for the tools that people already have.
//!
//! Each asks the engine with a filter of our language and puts what comes back into the peer's
//! words; errors have the peer's shape. What the peer's answer has no place for, how complete
//! it is, stands in the header [`COMPLETENESS_HEADER`], as the JSON of
//! [`spanwalk_api::Completeness`].
//!
//! - `jaeger`: the query API of Jaeger, the older one and version 3.
//! - `zipkin`: the query API of Zipkin, version 2.
//! - `tempo`: the query API of Grafana Tempo.
//! - `params`: query strings as those tools write them.
//!
//! Jaeger and Tempo both have `/api/traces/{id}`. Who asks there for protobuf gets Tempo's
//! answer, everybody else Jaeger's. Below `/tempo` and `/jaeger` each has its own.

mod jaeger;
mod params;
#[cfg(test)]
mod recorded_tests;
mod tempo;
#[cfg(test)]
pub(super) mod world_tests;
mod zipkin;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use spanwalk_api::Completeness;
use spanwalk_model::{ParseIdError, TraceId};

use super::Api;
use super::params::wrong;
use super::problem::ApiError;
use super::trace::wants_protobuf;
use crate::engine::Engine;

/// Says how complete an answer is whose body has no place for it.
const COMPLETENESS_HEADER: HeaderName = HeaderName::from_static("spanwalk-completeness");

/// Hex digits of a trace id.
const TRACE_ID_DIGITS: usize = 2 * TraceId::BYTES;

/// All routes of other systems.
pub(super) fn router() -> Router<Arc<Api>> {
    let (jaeger, zipkin, tempo) = (jaeger::router(), zipkin::router(), tempo::router());
    Router::new()
        .merge(jaeger.clone())
        .merge(zipkin.clone())
        .merge(tempo)
        .route("/api/traces/{trace_id}", get(trace))
        .nest("/jaeger", jaeger.merge(jaeger::trace_router()))
        .nest("/zipkin", zipkin)
        .nest("/tempo", tempo::whole_router())
}

/// Two systems have this path; only Tempo's tools ask for protobuf.
async fn trace(
    state: State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    if wants_protobuf(&headers) {
        tempo::trace_v1(state, path, headers).await.into_response()
    } else {
        jaeger::trace(state, path).await.into_response()
    }
}

/// Puts the completeness beside an answer that has no place for it.
fn with_completeness(mut response: Response, completeness: &Completeness) -> Response {
    let text = serde_json::to_string(completeness).unwrap_or_default();
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().insert(COMPLETENESS_HEADER, value);
    }
    response
}

/// Names of services that have spans; those systems know no others.
fn services_with_spans(engine: &Engine) -> Vec<String> {
    let services = engine.services().into_iter();
    services
        .filter(|service| service.span_count > 0)
        .map(|service| service.name)
        .collect()
}

/// The part of the path that is a parameter.
fn in_path(path: Result<Path<String>, PathRejection>) -> Result<String, ApiError> {
    let Path(text) = path.map_err(|rejection| wrong(rejection.body_text()))?;
    Ok(text)
}

/// A trace id with or without its leading zeros, as older tools write it.
///
/// # Errors
/// [`ApiError::TraceId`].
fn trace_id(text: &str) -> Result<TraceId, ApiError> {
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_short = is_hex && !text.is_empty() && text.len() < TRACE_ID_DIGITS;
    let parsed: Result<TraceId, ParseIdError> = if is_short {
        format!("{text:0>TRACE_ID_DIGITS$}").parse()
    } else {
        text.parse()
    };
    parsed.map_err(|source| ApiError::TraceId {
        text: text.to_owned(),
        source,
    })
}
