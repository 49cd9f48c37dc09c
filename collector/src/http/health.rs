//! `GET /api/v1/health`: whether the collector answers at all.

use axum::Json;
use axum::http::Uri;
use serde_json::{Value, json};

use super::params;
use super::problem::ApiError;

/// Asks nobody, so that it answers as long as the process does.
pub(super) async fn health(uri: Uri) -> Result<Json<Value>, ApiError> {
    params::none(&uri)?;
    Ok(Json(json!({ "status": "ok" })))
}
