//! `GET /api/v1/traces/{trace_id}` and `…/logs`: everything stored of a trace, as OTLP.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use foldhash::fast::RandomState;
use spanwalk_api::PROTOBUF_CONTENT_TYPE;
use spanwalk_model::batch::scoped_items;
use spanwalk_model::otlp::protobuf::{encode_resource, encode_scope};
use spanwalk_model::trace::Trace;
use spanwalk_model::{LogBatch, ResourceItems, ScopeItems, Scoped, SpanBatch, TraceId, TraceItems};

use super::answer::{self, json_text};
use super::problem::ApiError;
use super::{Api, params};
use crate::engine::Engine;

/// A route that gives a trace as OTLP: as protobuf where that is asked for, else as JSON.
pub(super) fn document(
    protobuf: fn(&OrderedTrace) -> Vec<u8>,
    json: fn(&OrderedTrace) -> String,
) -> MethodRouter<Arc<Api>> {
    let handler = move |State(api): State<Arc<Api>>,
                        path: Result<Path<String>, PathRejection>,
                        headers: HeaderMap,
                        uri: Uri| async move {
        params::none(&uri)?;
        let trace_id = trace_id(path)?;
        let wants_protobuf = wants_protobuf(&headers);
        let engine = api.state.engine.clone();
        let work = move |_| {
            let trace = OrderedTrace::read(&engine, trace_id)?;
            Ok::<_, ApiError>(if wants_protobuf {
                answer::protobuf(protobuf(&trace))
            } else {
                json_text(json(&trace))
            })
        };
        api.queries.run(work).await
    };
    get(handler)
}

/// A route that tells what the analysis finds in a trace.
pub(super) fn analysed(
    answer: fn(&Trace, TraceId) -> Result<Response, ApiError>,
) -> MethodRouter<Arc<Api>> {
    let handler = move |State(api): State<Arc<Api>>,
                        path: Result<Path<String>, PathRejection>,
                        uri: Uri| async move {
        params::none(&uri)?;
        let trace_id = trace_id(path)?;
        let engine = api.state.engine.clone();
        let work = move |_| answer(&built(&engine, trace_id)?, trace_id);
        api.queries.run(work).await
    };
    get(handler)
}

/// The trace id in the path.
pub(super) fn trace_id(path: Result<Path<String>, PathRejection>) -> Result<TraceId, ApiError> {
    let Path(text) = path.map_err(|rejection| ApiError::Parameter {
        message: rejection.body_text(),
    })?;
    parse_trace_id(&text)
}

/// The trace id of a text.
pub(super) fn parse_trace_id(text: &str) -> Result<TraceId, ApiError> {
    text.parse().map_err(|source| ApiError::TraceId {
        text: text.to_owned(),
        source,
    })
}

/// A trace as analysis takes it, in the order in which it is given, so that who analyses it on
/// their own side sees the same. Blocks.
pub(super) fn built(engine: &Engine, trace_id: TraceId) -> Result<Trace, ApiError> {
    let ordered = OrderedTrace::read(engine, trace_id)?;
    Ok(Trace::build(TraceItems {
        spans: scoped_items(ordered.spans).collect(),
        logs: scoped_items(ordered.logs).collect(),
    }))
}

/// Everything stored of a trace, in an order that does not depend on where it is stored: by
/// start or moment. Items of equal resource and scope stand in one group, wherever they stood,
/// so that a resource is written once.
pub(super) struct OrderedTrace {
    pub(super) spans: SpanBatch,
    pub(super) logs: LogBatch,
}

impl OrderedTrace {
    /// Reads the trace. Blocks.
    pub(super) fn read(engine: &Engine, trace_id: TraceId) -> Result<Self, ApiError> {
        let Some(mut items) = engine.trace(trace_id)? else {
            return Err(ApiError::NoSuchTrace { trace_id });
        };
        items
            .spans
            .sort_by_key(|span| (span.item.start_ns, span.item.span_id));
        // Stable: records of one moment were written in the order in which they came.
        items.logs.sort_by_key(|log| log.item.moment_ns());
        Ok(Self {
            spans: grouped(items.spans),
            logs: grouped(items.logs),
        })
    }
}

/// Groups in order of their first item.
pub(super) fn grouped<T>(items: Vec<Scoped<T>>) -> Vec<ResourceItems<T>> {
    let mut resources = Numbers::new(encode_resource);
    let mut scopes = Numbers::new(encode_scope);
    let mut groups: Vec<ResourceItems<T>> = Vec::new();
    let mut places: HashMap<(usize, usize), usize, RandomState> = HashMap::default();
    for scoped in items {
        let resource = resources.of(&scoped.resource);
        let scope = scopes.of(&scoped.scope);
        if resource == groups.len() {
            groups.push(ResourceItems {
                resource: scoped.resource,
                scopes: Vec::new(),
            });
        }
        let Some(group) = groups.get_mut(resource) else {
            continue;
        };
        let place = *places.entry((resource, scope)).or_insert_with(|| {
            group.scopes.push(ScopeItems {
                scope: scoped.scope,
                items: Vec::new(),
            });
            group.scopes.len() - 1
        });
        if let Some(of_scope) = group.scopes.get_mut(place) {
            of_scope.items.push(scoped.item);
        }
    }
    groups
}

/// Numbers values from zero on in the order in which they come, equal ones alike.
pub(super) struct Numbers<T> {
    encode: fn(&T) -> Vec<u8>,
    /// Values are held, so that their address stays theirs.
    by_address: HashMap<*const T, (usize, Arc<T>), RandomState>,
    by_content: HashMap<Vec<u8>, usize, RandomState>,
}

impl<T> Numbers<T> {
    pub(super) fn new(encode: fn(&T) -> Vec<u8>) -> Self {
        Self {
            encode,
            by_address: HashMap::default(),
            by_content: HashMap::default(),
        }
    }

    /// The number of a value.
    pub(super) fn of(&mut self, value: &Arc<T>) -> usize {
        let address = Arc::as_ptr(value);
        if let Some((number, _)) = self.by_address.get(&address) {
            return *number;
        }
        let next = self.by_content.len();
        let number = *self.by_content.entry((self.encode)(value)).or_insert(next);
        self.by_address.insert(address, (number, Arc::clone(value)));
        number
    }
}

/// Whether the one who asks prefers protobuf to JSON. Who says neither gets JSON.
pub(super) fn wants_protobuf(headers: &HeaderMap) -> bool {
    let mut best = None;
    for value in headers.get_all(header::ACCEPT) {
        for range in value.to_str().unwrap_or_default().split(',') {
            let mut parts = range.split(';').map(str::trim);
            let media_type = parts.next().unwrap_or_default();
            let is_protobuf = media_type.eq_ignore_ascii_case(PROTOBUF_CONTENT_TYPE)
                || media_type.eq_ignore_ascii_case("application/protobuf");
            if !is_protobuf && !media_type.eq_ignore_ascii_case("application/json") {
                continue;
            }
            let weight = parts.find_map(weight).unwrap_or(1.0);
            if weight > 0.0 && best.is_none_or(|(most, _)| weight > most) {
                best = Some((weight, is_protobuf));
            }
        }
    }
    best.is_some_and(|(_, is_protobuf)| is_protobuf)
}

/// The weight that a parameter of `Accept` gives (RFC 9110, section 12.4.2).
fn weight(parameter: &str) -> Option<f32> {
    let (name, value) = parameter.split_once('=')?;
    let is_weight = name.trim().eq_ignore_ascii_case("q");
    is_weight.then(|| value.trim().parse().unwrap_or(0.0))
}
