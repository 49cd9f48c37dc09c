//! What a service answers when it cannot do what it was asked.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::database::DatabaseError;
use crate::peer::CallError;

/// The body of every answer that is no success.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Problem {
    #[serde(skip)]
    pub(crate) status: StatusCode,
    /// One word for programs, such as `out_of_stock`.
    pub(crate) error: String,
    /// One sentence for people.
    pub(crate) detail: String,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, error: &str, detail: impl Into<String>) -> Self {
        Self {
            status,
            error: error.to_owned(),
            detail: detail.into(),
        }
    }

    /// The service's own storage failed; tells it as an error.
    pub(crate) fn of_database(error: &DatabaseError) -> Self {
        tracing::error!(error.message = %error, "database failed: {error}");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "database_failed",
            "the service's database failed",
        )
    }

    /// A service behind this one failed: 504 when it was too slow, else 502. Its reasons stay in the
    /// log of the one who called it.
    pub(crate) fn of_call(error: &CallError, code: &str, detail: &str) -> Self {
        let status = match error {
            CallError::Timeout { .. } => StatusCode::GATEWAY_TIMEOUT,
            _ => StatusCode::BAD_GATEWAY,
        };
        Self::new(status, code, detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}
