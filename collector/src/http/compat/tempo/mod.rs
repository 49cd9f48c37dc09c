//! The query API of Grafana Tempo, as Grafana's data source asks it.
//!
//! Shapes: Grafana Tempo's documentation, "Tempo HTTP API".
//!
//! - `search`: `/api/search`.
//! - `tags`: keys and values.
//! - `wire`: traces as Tempo writes them.

mod search;
mod tags;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;
use spanwalk_model::{SpanBatch, TraceId};

use super::super::Api;
use super::super::answer;
use super::super::problem::ApiError;
use super::super::trace::{grouped, wants_protobuf};
use super::{in_path, trace_id};
use crate::engine::Engine;

/// Routes that no other system has.
pub(super) fn router() -> Router<Arc<Api>> {
    Router::new()
        .route("/api/echo", get(async || "echo"))
        .route("/api/status/buildinfo", get(build_info))
        .route("/api/search", get(search::search))
        .route("/api/search/tags", get(tags::names))
        .route("/api/search/tag/{tag}/values", get(tags::values))
        .route("/api/v2/traces/{trace_id}", get(trace_v2))
        .route("/api/v2/search/tags", get(tags::scopes))
        .route("/api/v2/search/tag/{tag}/values", get(tags::typed_values))
}

/// These, and those whose path Jaeger has too.
pub(super) fn whole_router() -> Router<Arc<Api>> {
    router()
        .route("/ready", get(async || "ready"))
        .route("/api/traces/{trace_id}", get(trace_v1))
}

/// An error as Tempo tells one: the status and a line of text.
#[derive(Debug)]
pub(super) struct TempoError(ApiError);

impl From<ApiError> for TempoError {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl IntoResponse for TempoError {
    fn into_response(self) -> Response {
        let is_missing = matches!(self.0, ApiError::NoSuchTrace { .. });
        self.0.respond_as("text/plain; charset=utf-8", |_, text| {
            if is_missing {
                b"trace not found".to_vec()
            } else {
                text.into_bytes()
            }
        })
    }
}

async fn build_info() -> Result<Response, TempoError> {
    Ok(answer::json(&json!({
        "version": env!("CARGO_PKG_VERSION"),
        "revision": "",
        "branch": "",
        "buildUser": "",
        "buildDate": "",
        "goVersion": "",
    }))?)
}

/// The spans of a trace, and how to write them.
async fn trace_as(
    api: Arc<Api>,
    path: Result<Path<String>, PathRejection>,
    headers: &HeaderMap,
    write: fn(&SpanBatch, bool) -> Result<Response, ApiError>,
) -> Result<Response, TempoError> {
    let id = trace_id(&in_path(path)?)?;
    let is_protobuf = wants_protobuf(headers);
    let engine = api.state.engine.clone();
    let work = move |_| write(&spans_of(&engine, id)?, is_protobuf);
    Ok(api.queries.run(work).await?)
}

fn spans_of(engine: &Engine, trace_id: TraceId) -> Result<SpanBatch, ApiError> {
    let mut spans = engine.trace(trace_id)?.unwrap_or_default().spans;
    if spans.is_empty() {
        return Err(ApiError::NoSuchTrace { trace_id });
    }
    spans.sort_by_key(|span| (span.item.start_ns, span.item.span_id));
    Ok(grouped(spans))
}

/// `GET /api/traces/{id}`: `{"batches": […]}`, or a bare trace as protobuf.
pub(super) async fn trace_v1(
    State(api): State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, TempoError> {
    let write = |spans: &SpanBatch, is_protobuf| {
        if is_protobuf {
            return Ok(protobuf(wire::trace_protobuf(spans)));
        }
        answer::json(&json!({ "batches": wire::resource_spans(spans)? }))
    };
    trace_as(api, path, &headers, write).await
}

/// `GET /api/v2/traces/{id}`: the trace within an envelope.
async fn trace_v2(
    State(api): State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, TempoError> {
    let write = |spans: &SpanBatch, is_protobuf| {
        if is_protobuf {
            return Ok(protobuf(wire::envelope_protobuf(spans)));
        }
        let trace = json!({ "resourceSpans": wire::resource_spans(spans)? });
        answer::json(&json!({ "trace": trace, "metrics": {} }))
    };
    trace_as(api, path, &headers, write).await
}

fn protobuf(bytes: Vec<u8>) -> Response {
    let content_type = HeaderValue::from_static("application/protobuf");
    (
        StatusCode::OK,
        [(header::CONTENT_TYPE, content_type)],
        bytes,
    )
        .into_response()
}
