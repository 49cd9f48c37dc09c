//! `GET /api/v1/traces/{trace_id}/diff?with=…`: what another trace does differently.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use spanwalk_analysis::diff::{AttributeDiff, Divergence, Place, PlaceDiff, Step, diff as compare};
use spanwalk_api::{DiffAttribute, DiffDivergence, DiffPlace, DiffResponse, DiffSide};
use spanwalk_model::TraceId;
use spanwalk_model::trace::Trace;

use super::answer::json;
use super::problem::ApiError;
use super::trace::{built, parse_trace_id, trace_id};
use super::{Api, params};
use crate::engine::Engine;

pub(super) async fn diff(
    State(api): State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Result<Response, ApiError> {
    let before = trace_id(path)?;
    let after = parse_trace_id(&params::one(&uri, "with")?)?;
    let engine = api.state.engine.clone();
    api.queries
        .run(move |_| response(&engine, before, after))
        .await
}

fn response(engine: &Engine, before: TraceId, after: TraceId) -> Result<Response, ApiError> {
    let (one, other) = (built(engine, before)?, built(engine, after)?);
    let found = compare(&one, &other);
    json(&DiffResponse {
        before: before.to_hex(),
        after: after.to_hex(),
        before_ns: found.before_ns,
        after_ns: found.after_ns,
        places: found.places.iter().map(place_of).collect(),
        divergence: found
            .divergence
            .map(|divergence| divergence_of(divergence, &one, &other)),
        attributes: found.attributes.into_iter().map(attribute_of).collect(),
        templates_before: found.templates_before,
        templates_after: found.templates_after,
    })
}

fn place_of(place: &PlaceDiff) -> DiffPlace {
    DiffPlace {
        path: place.path.iter().map(step).collect(),
        contribution_ns: place.contribution_ns(),
        before: side_of(place.before),
        after: side_of(place.after),
    }
}

fn side_of(place: Place) -> DiffSide {
    DiffSide {
        span_count: place.span_count,
        error_count: place.error_count,
        total_ns: place.total_ns,
        path_ns: place.path_ns,
    }
}

fn divergence_of(divergence: Divergence, one: &Trace, other: &Trace) -> DiffDivergence {
    DiffDivergence {
        last_common: divergence.last_common.map(|span| named(one, span)),
        before: divergence.before.map(|span| named(one, span)),
        after: divergence.after.map(|span| named(other, span)),
    }
}

fn attribute_of(attribute: AttributeDiff) -> DiffAttribute {
    DiffAttribute {
        place: attribute.path.last().map(step).unwrap_or_default(),
        key: attribute.key,
        before: attribute.before.into_iter().collect(),
        after: attribute.after.into_iter().collect(),
    }
}

fn step(step: &Step) -> String {
    format!("{} {}", step.service, step.operation)
}

fn named(trace: &Trace, span: u32) -> String {
    format!("{} {}", trace.service(span), trace.name(span))
}
