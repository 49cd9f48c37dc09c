//! The query API of Jaeger: the older one, `/api/…`, which its UI and Grafana ask, and
//! `/api/v3/…`.
//!
//! Shapes: Jaeger, `internal/uimodel` and `cmd/jaeger/internal/extension/jaegerquery`.
//!
//! - `ask`: what a search asks for, in our language.
//! - `answer`: documents and errors around the data.
//! - `wire`: a trace as Jaeger writes it.
//! - `v3`: the newer API, whose traces are OTLP.
//!
//! A trace belongs to a range of time when its beginning does. Traces of which only log
//! records are stored are left out: Jaeger has no place for them.

mod answer;
mod ask;
mod v3;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;
use spanwalk_api::Completeness;
use spanwalk_model::trace::Trace;
use spanwalk_model::{TimeRange, TraceId};

use super::super::Api;
use super::super::answer::completeness;
use super::super::params::wrong;
use super::super::problem::ApiError;
use super::super::scan;
use super::params::{LOOKBACK_MS_MAX, Params, lookback_range};
use super::{in_path, services_with_spans, trace_id, with_completeness};
use crate::engine::Engine;
use answer::{Document, JaegerError, TraceError};
use ask::Ask;

pub(super) fn router() -> Router<Arc<Api>> {
    Router::new()
        .route("/api/services", get(services))
        .route("/api/services/{service}/operations", get(operation_names))
        .route("/api/operations", get(operations))
        .route("/api/traces", get(traces))
        .route("/api/dependencies", get(dependencies))
        .merge(v3::router())
}

/// The services that have reported, by name.
async fn services(State(api): State<Arc<Api>>) -> Result<Response, JaegerError> {
    let engine = api.state.engine.clone();
    let work = move |_| Document::of_list(&services_with_spans(&engine));
    Ok(api.reports.run(work).await?)
}

/// The path that Tempo has too.
pub(super) fn trace_router() -> Router<Arc<Api>> {
    Router::new().route("/api/traces/{trace_id}", get(trace))
}

/// One operation of a service.
#[derive(Debug, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
struct OperationEntry {
    name: String,
    span_kind: String,
}

/// The operations of a service, of one kind where that is asked for.
fn operations_of(
    engine: &Engine,
    service: &str,
    kind: Option<&str>,
    deadline: crate::clock::Deadline,
) -> Result<(Vec<OperationEntry>, Completeness), ApiError> {
    let (found, completeness) = scan::operations(engine, service, TimeRange::ALL, deadline)?;
    let entries = found.into_keys().map(|(name, kind)| OperationEntry {
        name,
        span_kind: wire::kind_word(kind).to_owned(),
    });
    let entries = entries
        .filter(|entry| kind.is_none_or(|kind| entry.span_kind.eq_ignore_ascii_case(kind)))
        .collect();
    Ok((entries, completeness))
}

async fn operation_names(
    State(api): State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, JaegerError> {
    let service = in_path(path)?;
    let engine = api.state.engine.clone();
    let work = move |deadline| {
        let (entries, completeness) = operations_of(&engine, &service, None, deadline)?;
        let mut names: Vec<String> = entries.into_iter().map(|entry| entry.name).collect();
        names.dedup();
        Ok(with_completeness(Document::of_list(&names)?, &completeness))
    };
    Ok(api.queries.run(work).await?)
}

async fn operations(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, JaegerError> {
    let params = Params::read(&uri)?;
    let service = params.get(&["service"]).map(str::to_owned);
    let service = service.ok_or_else(|| wrong("parameter 'service' is required".to_owned()))?;
    let kind = params.get(&["spanKind"]).map(str::to_owned);
    let engine = api.state.engine.clone();
    let work = move |deadline| {
        let (entries, completeness) = operations_of(&engine, &service, kind.as_deref(), deadline)?;
        let document = Document::of_list(&entries)?;
        Ok(with_completeness(document, &completeness))
    };
    Ok(api.queries.run(work).await?)
}

async fn traces(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, JaegerError> {
    let params = Params::read(&uri)?;
    let engine = api.state.engine.clone();
    let ids = ask::trace_ids(&params)?;
    if !ids.is_empty() {
        return Ok(api.queries.run(move |_| by_ids(&engine, &ids)).await?);
    }
    let ask = Ask::legacy(&params)?;
    let work = move |deadline| {
        let page = engine.each_trace(&ask.query, ask.limit, None, deadline, |_, found| {
            ask.is_met(&found)
                .then(|| wire::to_json(&Trace::build(found.items)))
        })?;
        let found = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
        let complete = completeness(page.facts, found.len(), page.next.is_some());
        Ok(with_completeness(
            Document::of_traces(&found, &[]),
            &complete,
        ))
    };
    Ok(api.queries.run(work).await?)
}

/// Those of the traces that are stored; of each other one an error.
fn by_ids(engine: &Engine, ids: &[TraceId]) -> Result<Response, ApiError> {
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for id in ids {
        match spans_of(engine, *id) {
            Ok(trace) => found.push(wire::to_json(&trace)?),
            Err(ApiError::NoSuchTrace { trace_id }) => errors.push(TraceError::missing(trace_id)),
            Err(other) => return Err(other),
        }
    }
    Ok(Document::of_traces(&found, &errors))
}

pub(super) async fn trace(
    State(api): State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, JaegerError> {
    let id = trace_id(&in_path(path)?)?;
    let engine = api.state.engine.clone();
    let work = move |_| {
        let trace = wire::to_json(&spans_of(&engine, id)?)?;
        Ok(Document::of_traces(&[trace], &[]))
    };
    Ok(api.queries.run(work).await?)
}

/// The trace, where spans of it are stored.
fn spans_of(engine: &Engine, trace_id: TraceId) -> Result<Trace, ApiError> {
    match engine.trace(trace_id)? {
        Some(items) if !items.spans.is_empty() => Ok(Trace::build(items)),
        _ => Err(ApiError::NoSuchTrace { trace_id }),
    }
}

/// Calls of one service by another.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DependencyEntry {
    parent: String,
    child: String,
    call_count: u64,
}

async fn dependencies(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, JaegerError> {
    let params = Params::read(&uri)?;
    let range = lookback_range(&params, LOOKBACK_MS_MAX)?;
    let engine = api.state.engine.clone();
    let work = move |deadline| {
        let (found, completeness) = scan::dependencies(&engine, range, deadline)?;
        let entries: Vec<_> = found
            .into_iter()
            .map(|((parent, child), calls)| DependencyEntry {
                parent,
                child,
                call_count: calls.count,
            })
            .collect();
        let document = Document::of_list(&entries)?;
        Ok(with_completeness(document, &completeness))
    };
    Ok(api.queries.run(work).await?)
}
