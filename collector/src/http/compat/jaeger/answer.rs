//! What Jaeger writes around its data: `{"data", "total", "limit", "offset", "errors"}`, and
//! errors in the same form.

use axum::response::{IntoResponse, Response};
use serde::Serialize;
use spanwalk_model::TraceId;

use super::super::super::answer::{json, json_text};
use super::super::super::problem::ApiError;

/// Around data. All fields are always there.
#[derive(Debug, Serialize)]
pub(super) struct Document<'a, T> {
    data: Option<&'a [T]>,
    total: usize,
    limit: usize,
    offset: usize,
    errors: Option<&'a [TraceError]>,
}

/// One error of a document.
#[derive(Debug, Serialize)]
pub(super) struct TraceError {
    code: u16,
    msg: String,
    #[serde(rename = "traceID", skip_serializing_if = "String::is_empty")]
    trace_id: String,
}

impl TraceError {
    /// Nothing is stored of the trace.
    pub(super) fn missing(trace_id: TraceId) -> Self {
        Self {
            code: 404,
            msg: "trace not found".to_owned(),
            trace_id: trace_id.to_hex(),
        }
    }
}

impl<T: Serialize> Document<'_, T> {
    /// A whole list.
    pub(super) fn of_list(items: &[T]) -> Result<Response, ApiError> {
        json(&Document {
            data: Some(items),
            total: items.len(),
            limit: 0,
            offset: 0,
            errors: None,
        })
    }
}

impl Document<'_, ()> {
    /// Traces that are JSON already, and what is wrong with others.
    pub(super) fn of_traces(traces: &[Vec<u8>], errors: &[TraceError]) -> Response {
        let length: usize = traces.iter().map(|trace| trace.len() + 1).sum();
        let mut body = Vec::with_capacity(length + 64);
        body.extend_from_slice(b"{\"data\":[");
        for (index, trace) in traces.iter().enumerate() {
            if index > 0 {
                body.push(b',');
            }
            body.extend_from_slice(trace);
        }
        // Strings and numbers always go into JSON.
        let errors = (!errors.is_empty())
            .then(|| serde_json::to_string(errors).ok())
            .flatten();
        let errors = errors.as_deref().unwrap_or("null");
        let total = traces.len();
        let rest = format!("],\"total\":{total},\"limit\":0,\"offset\":0,\"errors\":{errors}}}");
        body.extend_from_slice(rest.as_bytes());
        json_text(body)
    }
}

/// An error in Jaeger's form.
#[derive(Debug)]
pub(in super::super) struct JaegerError(ApiError);

impl From<ApiError> for JaegerError {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl IntoResponse for JaegerError {
    fn into_response(self) -> Response {
        let missing = match &self.0 {
            ApiError::NoSuchTrace { trace_id } => Some(TraceError::missing(*trace_id)),
            _ => None,
        };
        self.0.respond_as("application/json", |status, text| {
            let error = missing.unwrap_or(TraceError {
                code: status.as_u16(),
                msg: text,
                trace_id: String::new(),
            });
            let document = Document::<()> {
                data: None,
                total: 0,
                limit: 0,
                offset: 0,
                errors: Some(&[error]),
            };
            serde_json::to_vec(&document).unwrap_or_default()
        })
    }
}
