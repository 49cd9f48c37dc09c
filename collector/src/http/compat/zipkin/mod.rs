//! The query API of Zipkin, version 2, as its UI Lens and Grafana ask it.
//!
//! Shapes: openzipkin/zipkin-api, `zipkin2-api.yaml`. A span is what it is here: the two
//! halves of a call that shared an id in Zipkin have their own, as in OpenTelemetry.
//!
//! - `ask`: what a search asks for, in our language.
//! - `wire`: a span as Zipkin writes it.

mod ask;
mod wire;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use serde_json::json;
use spanwalk_model::{TimeRange, TraceId, TraceItems};

use super::super::Api;
use super::super::answer::{self, completeness};
use super::super::filter::Filter;
use super::super::params::wrong;
use super::super::problem::ApiError;
use super::super::scan::{self, Place, ValuesOf};
use super::params::{LOOKBACK_MS_MAX, Params, lookback_range};
use super::{trace_id, with_completeness};
use crate::clock::Deadline;
use crate::engine::Engine;
use ask::Ask;
use wire::ZipkinSpan;

/// Traces asked for by their ids.
const IDS_MAX: usize = 100;
/// Values that the UI offers.
const OFFERED_MAX: usize = 1_000;

pub(super) fn router() -> Router<Arc<Api>> {
    Router::new()
        .route("/api/v2/services", get(services))
        .route("/api/v2/spans", get(spans))
        .route("/api/v2/remoteServices", get(remote_services))
        .route("/api/v2/traces", get(traces))
        .route("/api/v2/trace/{trace_id}", get(trace))
        .route("/api/v2/traceMany", get(trace_many))
        .route("/api/v2/dependencies", get(dependencies))
        .route("/api/v2/autocompleteKeys", get(keys))
        .route("/api/v2/autocompleteValues", get(values))
        .route("/config.json", get(config))
}

/// An error as Zipkin tells one: the status and a line of text.
#[derive(Debug)]
struct ZipkinError(ApiError);

impl From<ApiError> for ZipkinError {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl IntoResponse for ZipkinError {
    fn into_response(self) -> Response {
        let text = |_, text: String| text.into_bytes();
        self.0.respond_as("text/plain; charset=utf-8", text)
    }
}

/// What Lens asks for when it starts.
async fn config() -> Result<Response, ZipkinError> {
    let dependency = json!({ "enabled": true, "lowErrorRate": 0.5, "highErrorRate": 0.75 });
    Ok(answer::json(&json!({
        "environment": "",
        "suggestLens": false,
        "queryLimit": ask::LIMITS.usual,
        "defaultLookback": 900_000,
        "searchEnabled": true,
        "logsUrl": null,
        "supportUrl": null,
        "archivePostUrl": null,
        "archiveUrl": null,
        "dependency": dependency,
    }))?)
}

async fn services(State(api): State<Arc<Api>>) -> Result<Response, ZipkinError> {
    let engine = api.state.engine.clone();
    let work = move |_| answer::json(&super::services_with_spans(&engine));
    Ok(api.reports.run(work).await?)
}

fn required(params: &Params, name: &str) -> Result<String, ApiError> {
    let text = params.get(&[name]).map(str::to_owned);
    text.ok_or_else(|| wrong(format!("`{name}` is required")))
}

async fn spans(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, ZipkinError> {
    let service = required(&Params::read(&uri)?, "serviceName")?;
    let engine = api.state.engine.clone();
    let work = move |deadline| {
        let (found, complete) = scan::operations(&engine, &service, TimeRange::ALL, deadline)?;
        let names: BTreeSet<_> = found.into_keys().map(|(name, _)| name).collect();
        Ok(with_completeness(answer::json(&names)?, &complete))
    };
    Ok(api.queries.run(work).await?)
}

async fn remote_services(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, ZipkinError> {
    let service = required(&Params::read(&uri)?, "serviceName")?;
    let engine = api.state.engine.clone();
    let work = move |deadline| remote(&engine, &service, deadline);
    Ok(api.queries.run(work).await?)
}

fn remote(engine: &Engine, service: &str, deadline: Deadline) -> Result<Response, ApiError> {
    let query = scan::of_service(service, TimeRange::ALL)?;
    let mut names = BTreeSet::new();
    let page = engine.each_trace(&query, scan::TRACES_MAX, None, deadline, |_, found| {
        let spans = scan::of(service, &found.items.spans);
        names.extend(
            spans
                .filter_map(|span| wire::remote_name(&span.item))
                .map(str::to_owned),
        );
        Some(())
    })?;
    let complete = scan::of_list(page.facts, page.next.is_some(), names.len());
    Ok(with_completeness(answer::json(&names)?, &complete))
}

async fn traces(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, ZipkinError> {
    let Ask { query, limit } = Ask::read(&Params::read(&uri)?)?;
    let engine = api.state.engine.clone();
    let work = move |deadline| {
        let page = engine.each_trace(&query, limit, None, deadline, |_, found| {
            let has_spans = !found.items.spans.is_empty();
            has_spans.then(|| wire::spans(found.items))
        })?;
        let complete = completeness(page.facts, page.items.len(), page.next.is_some());
        Ok(with_completeness(answer::json(&page.items)?, &complete))
    };
    Ok(api.queries.run(work).await?)
}

async fn trace(
    State(api): State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, ZipkinError> {
    let id = trace_id(&super::in_path(path)?)?;
    let engine = api.state.engine.clone();
    let work = move |_| {
        let spans = spans_of(&engine, id)?.ok_or(ApiError::NoSuchTrace { trace_id: id })?;
        answer::json(&spans)
    };
    Ok(api.queries.run(work).await?)
}

/// Those of the traces that are stored.
async fn trace_many(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, ZipkinError> {
    let text = required(&Params::read(&uri)?, "traceIds")?;
    let ids = text
        .split(',')
        .map(trace_id)
        .collect::<Result<BTreeSet<_>, _>>()?;
    if ids.len() > IDS_MAX {
        let count = ids.len();
        let told = format!("`traceIds` names {count} traces; at most {IDS_MAX} are given at once");
        return Err(wrong(told).into());
    }
    let engine = api.state.engine.clone();
    let work = move |_| {
        let mut found = Vec::new();
        for id in ids {
            found.extend(spans_of(&engine, id)?);
        }
        answer::json(&found)
    };
    Ok(api.queries.run(work).await?)
}

fn spans_of(engine: &Engine, id: TraceId) -> Result<Option<Vec<ZipkinSpan>>, ApiError> {
    let has_spans = |items: &TraceItems| !items.spans.is_empty();
    Ok(engine.trace(id)?.filter(has_spans).map(wire::spans))
}

/// Calls of one service by another.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DependencyLink {
    parent: String,
    child: String,
    call_count: u64,
    #[serde(skip_serializing_if = "is_zero")]
    error_count: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

async fn dependencies(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, ZipkinError> {
    let range = lookback_range(&Params::read(&uri)?, LOOKBACK_MS_MAX)?;
    let engine = api.state.engine.clone();
    let work = move |deadline| {
        let (found, complete) = scan::dependencies(&engine, range, deadline)?;
        let links = found
            .into_iter()
            .map(|((parent, child), calls)| DependencyLink {
                parent,
                child,
                call_count: calls.count,
                error_count: calls.error_count,
            });
        let links: Vec<_> = links.collect();
        Ok(with_completeness(answer::json(&links)?, &complete))
    };
    Ok(api.queries.run(work).await?)
}

async fn keys(State(api): State<Arc<Api>>) -> Result<Response, ZipkinError> {
    let engine = api.state.engine.clone();
    let work = move |deadline| {
        let query = Filter::default().finish(TimeRange::ALL)?;
        let (found, mut complete) = scan::keys(&engine, &query, deadline)?;
        let mut keys: Vec<_> = found
            .into_keys()
            .filter(|(place, _)| *place == Place::Span)
            .map(|(_, key)| key)
            .collect();
        scan::shorten(&mut keys, OFFERED_MAX, &mut complete);
        Ok(with_completeness(answer::json(&keys)?, &complete))
    };
    Ok(api.queries.run(work).await?)
}

async fn values(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, ZipkinError> {
    let key = required(&Params::read(&uri)?, "key")?;
    let engine = api.state.engine.clone();
    let work = move |deadline| {
        let mut filter = Filter::default();
        filter.has(&key);
        let query = filter.finish(TimeRange::ALL)?;
        let of = ValuesOf::Attribute(Some(Place::Span), key);
        let (found, mut complete) = scan::values(&engine, &query, &of, deadline)?;
        let mut values: Vec<_> = found.into_keys().map(|(text, _)| text).collect();
        values.dedup();
        scan::shorten(&mut values, OFFERED_MAX, &mut complete);
        Ok(with_completeness(answer::json(&values)?, &complete))
    };
    Ok(api.queries.run(work).await?)
}
