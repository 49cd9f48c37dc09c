//! What OpenTelemetry's exporters to Jaeger and Zipkin write as tags because those formats
//! have no field for it (OpenTelemetry specification, "Mapping to non-OTLP formats").

use crate::attributes::KeyValue;
use crate::scope::Scope;
use crate::span::{Status, StatusCode};
use crate::value::Value;

/// What the tags of a span say about fields that OTLP has.
#[derive(Debug, Default)]
pub(super) struct TagFields {
    pub(super) status: Status,
    pub(super) scope: Scope,
    pub(super) trace_state: String,
}

impl TagFields {
    /// Takes the tags that stand for fields out of the tags.
    pub(super) fn take(tags: &mut Vec<KeyValue>) -> Self {
        let mut fields = Self::default();
        let mut said = None;
        let mut failed = None;
        tags.retain(|tag| match (tag.key.as_str(), &tag.value) {
            ("otel.status_code", Value::String(code)) => {
                said = status_code(code);
                said.is_none()
            }
            ("otel.status_description", Value::String(text)) => {
                fields.status.message.clone_from(text);
                false
            }
            ("error", value) => {
                failed = failure(value);
                failed.is_none()
            }
            ("w3c.tracestate", Value::String(text)) => {
                fields.trace_state.clone_from(text);
                false
            }
            ("otel.scope.name" | "otel.library.name", Value::String(text)) => {
                fields.scope.name.clone_from(text);
                false
            }
            ("otel.scope.version" | "otel.library.version", Value::String(text)) => {
                fields.scope.version.clone_from(text);
                false
            }
            _ => true,
        });
        if let Some(text) = failed {
            fields.status.code = StatusCode::Error;
            if fields.status.message.is_empty() {
                fields.status.message = text;
            }
        }
        if let Some(code) = said {
            fields.status.code = code;
        }
        fields
    }
}

fn status_code(text: &str) -> Option<StatusCode> {
    match text {
        "OK" => Some(StatusCode::Ok),
        "ERROR" => Some(StatusCode::Error),
        "UNSET" => Some(StatusCode::Unset),
        _ => None,
    }
}

/// What an `error` tag says about the failure; `None` where it says that there was none.
/// In Zipkin its presence is the failure and its value the message.
fn failure(value: &Value) -> Option<String> {
    match value {
        Value::Bool(true) => Some(String::new()),
        Value::String(text) if text == "false" => None,
        Value::String(text) if text == "true" => Some(String::new()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}
