//! `GET /api/v1/logs`: log records that match, newest first.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use spanwalk_api::{LogEntry, LogsResponse};
use spanwalk_model::otlp::json::attributes_to_json;
use spanwalk_model::{LogRecord, Scoped, SpanId, TraceId};

use super::Api;
use super::answer::{completeness, json};
use super::params::{Limits, ListRequest};
use super::problem::ApiError;
use crate::engine::{LogAnswer, LogCursor};

/// As the docs of `LogsParams` say.
pub(super) const LIMITS: Limits = Limits {
    usual: 100,
    max: 10_000,
};

pub(super) async fn logs(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, ApiError> {
    let request = ListRequest::<LogCursor>::read(&uri, LIMITS)?;
    let engine = api.state.engine.clone();
    let work = move |deadline| {
        let answer = engine.logs(&request.query, request.limit, request.cursor, deadline)?;
        json(&response(answer, request.notes))
    };
    api.queries.run(work).await
}

fn response(answer: LogAnswer, notes: Vec<String>) -> LogsResponse {
    LogsResponse {
        completeness: completeness(answer.facts, answer.logs.len(), answer.next.is_some()),
        logs: answer.logs.into_iter().map(entry).collect(),
        next_cursor: answer.next.map(|next| next.to_string()),
        notes,
    }
}

pub(super) fn entry(log: Scoped<LogRecord>) -> LogEntry {
    let record = log.item;
    LogEntry {
        time_ns: record.moment_ns(),
        level: record.level().as_str().to_owned(),
        service: log.resource.service_name().to_owned(),
        body: record.body_text(),
        trace_id: record.trace_id.map(TraceId::to_hex),
        span_id: record.span_id.map(SpanId::to_hex),
        attributes: attributes_to_json(&record.attributes),
        severity_text: record.severity_text,
        event_name: record.event_name,
    }
}
