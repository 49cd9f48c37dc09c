//! Calls to other services: always traced, always with a time-out.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use spanwalk_sdk::reqwest::SendTraced;

use crate::answer::Problem;

/// Another service as its callers see it.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    name: &'static str,
    base: String,
    client: reqwest::Client,
    timeout: Duration,
}

/// Why a call brought no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error("{peer} answered {} {}: {}", .problem.status.as_u16(), .problem.error, .problem.detail)]
    Refused {
        peer: &'static str,
        problem: Problem,
    },
    #[error("{peer} did not answer within {timeout_ms} ms")]
    Timeout {
        peer: &'static str,
        timeout_ms: u128,
    },
    #[error("{peer} cannot be reached: {reason}")]
    Unreachable { peer: &'static str, reason: String },
    #[error("the answer of {peer} cannot be read: {reason}")]
    Unreadable { peer: &'static str, reason: String },
}

impl CallError {
    /// What the other side refused for a reason of the request, as in 402, 404 or 409.
    pub(crate) fn refusal(&self) -> Option<&Problem> {
        match self {
            Self::Refused { problem, .. } if problem.status.is_client_error() => Some(problem),
            _ => None,
        }
    }

    /// One word for telemetry.
    pub(crate) fn kind(&self) -> &str {
        match self {
            Self::Refused { problem, .. } => &problem.error,
            Self::Timeout { .. } => "timeout",
            Self::Unreachable { .. } => "unreachable",
            Self::Unreadable { .. } => "unreadable",
        }
    }
}

impl Peer {
    pub(crate) fn new(
        name: &'static str,
        base: &str,
        client: reqwest::Client,
        timeout: Duration,
    ) -> Self {
        Self {
            name,
            base: base.trim_end_matches('/').to_owned(),
            client,
            timeout,
        }
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, CallError> {
        self.call(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, CallError> {
        self.call(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, CallError> {
        self.call(self.request(Method::DELETE, path)).await
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.base))
            .timeout(self.timeout)
    }

    async fn call<T: DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<T, CallError> {
        let response = request.send_traced().await;
        let response = response.map_err(|error| self.failed(&error))?;
        let status = response.status();
        if !status.is_success() {
            let problem = response.json().await.unwrap_or_else(|_| unexplained());
            return Err(CallError::Refused {
                peer: self.name,
                problem: Problem { status, ..problem },
            });
        }
        response.json().await.map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &reqwest::Error) -> CallError {
        let peer = self.name;
        if error.is_timeout() {
            let timeout_ms = self.timeout.as_millis();
            return CallError::Timeout { peer, timeout_ms };
        }
        let reason = innermost(error);
        if error.is_decode() {
            CallError::Unreadable { peer, reason }
        } else {
            CallError::Unreachable { peer, reason }
        }
    }
}

fn unexplained() -> Problem {
    Problem::new(StatusCode::OK, "unexplained", "no reason was given")
}

/// The last cause: the outer ones only say that a request failed.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    error.to_string()
}
