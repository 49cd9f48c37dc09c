//! What goes wrong, as problem documents (RFC 9457).

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use spanwalk_api::{API_PREFIX, PROBLEM_CONTENT_TYPE, Problem};
use spanwalk_model::{ParseIdError, TraceId};
use spanwalk_query::QueryError;

use crate::admission::Denial;
use crate::store::StoreError;

/// What the routes are, for whoever asked at another path.
const PATHS: &str = "GET traces, traces/{trace_id}, traces/{trace_id}/logs, \
     traces/{trace_id}/walk, traces/{trace_id}/critical-path, \
     traces/{trace_id}/patterns, traces/{trace_id}/diff, logs, logs/histogram, tail, services, \
     operations, keys, values, status and health, and POST import; beside them GET /metrics";

/// Characters of a received text that a problem repeats.
const SHOWN_CHARACTERS_MAX: usize = 100;

/// Why a request has no answer. The text says what, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The query text is wrong.
    #[error("{source}, at byte {} of `q`", source.range.start)]
    Query {
        /// What is wrong with it.
        source: QueryError,
    },
    /// Another parameter is wrong.
    #[error("{message}")]
    Parameter {
        /// What, where, what is allowed.
        message: String,
    },
    /// The path names no trace id.
    #[error(
        "`{}` is not a trace id: {source}; write the 32 hex digits that the search gives",
        shown(text)
    )]
    TraceId {
        /// The text given.
        text: String,
        /// What is wrong with it.
        source: ParseIdError,
    },
    /// Nothing is stored of the trace.
    #[error("nothing is stored of trace {trace_id}; it may not have arrived yet, or not at all")]
    NoSuchTrace {
        /// The trace.
        trace_id: TraceId,
    },
    /// There is no such path.
    #[error(
        "there is nothing at {}; under {API_PREFIX}/ there are: {PATHS}",
        shown(path)
    )]
    NoSuchPath {
        /// The path asked for.
        path: String,
    },
    /// The path has other methods.
    #[error("{} does not take {}; it takes {allowed}", shown(path), shown(method))]
    NoSuchMethod {
        /// The method used.
        method: String,
        /// The path asked for.
        path: String,
        /// The methods that it takes.
        allowed: String,
    },
    /// The request does not name this host as a person or a program here would.
    #[error(
        "the request names {named}, and only IP addresses, localhost, names without a dot and \
         names under .local or .internal are answered, to no page but their own, so that web \
         pages cannot reach this collector; use the address of this host, such as http://127.0.0.1:4320"
    )]
    ForeignHost {
        /// What the request names, and where.
        named: String,
    },
    /// Who asks may not.
    #[error("{denial}")]
    Denied {
        /// Why.
        denial: Denial,
    },
    /// Too many queries run at once.
    #[error(
        "{at_once} requests are worked on already, and none ended within {}; try again, or ask for \
         shorter ranges of time",
        seconds(*waited)
    )]
    Busy {
        /// How many run at once.
        at_once: usize,
        /// How long this one waited.
        waited: Duration,
    },
    /// Too many live tails are open.
    #[error("{at_once} live tails are open already; close one of them, or ask again later")]
    TooManyTails {
        /// How many may be open at once.
        at_once: usize,
    },
    /// The time allowed ran out before there was anything to answer.
    #[error(
        "there is no answer within {}; ask for a shorter range of time or a smaller trace, or \
         give the collector a longer query time-out",
        seconds(*allowed)
    )]
    TimedOut {
        /// How long a query may take.
        allowed: Duration,
    },
    /// The store cannot read its files.
    #[error("{source}")]
    Store {
        /// What it says.
        #[from]
        source: StoreError,
    },
    /// The answer could not be put into JSON.
    #[error("the answer could not be written as JSON: {source}")]
    Encoding {
        /// The cause.
        #[from]
        source: serde_json::Error,
    },
    /// The program itself is at fault.
    #[error(
        "the collector failed at this request, which is a fault of the program; it runs on, and \
         its log tells where"
    )]
    Panicked,
    /// The collector stops.
    #[error("the collector stops; ask again when it has started anew")]
    Stopping,
}

impl ApiError {
    /// The HTTP status, the stable name of the kind, and the kind in a few words.
    fn kind(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Query { .. } => (
                StatusCode::BAD_REQUEST,
                "spanwalk:bad-query",
                "the query is wrong",
            ),
            Self::Parameter { .. } => (
                StatusCode::BAD_REQUEST,
                "spanwalk:bad-parameter",
                "a parameter is wrong",
            ),
            Self::TraceId { .. } => (
                StatusCode::BAD_REQUEST,
                "spanwalk:bad-trace-id",
                "not a trace id",
            ),
            Self::NoSuchTrace { .. } => (
                StatusCode::NOT_FOUND,
                "spanwalk:no-such-trace",
                "no such trace",
            ),
            Self::NoSuchPath { .. } => (
                StatusCode::NOT_FOUND,
                "spanwalk:no-such-path",
                "no such path",
            ),
            Self::NoSuchMethod { .. } => (
                StatusCode::METHOD_NOT_ALLOWED,
                "spanwalk:no-such-method",
                "no such method here",
            ),
            Self::ForeignHost { .. } => (
                StatusCode::FORBIDDEN,
                "spanwalk:foreign-host",
                "not asked by the name of this host",
            ),
            Self::Denied { denial } => denied(*denial),
            Self::Busy { .. } | Self::TooManyTails { .. } => {
                (StatusCode::SERVICE_UNAVAILABLE, "spanwalk:busy", "busy")
            }
            Self::Stopping => (
                StatusCode::SERVICE_UNAVAILABLE,
                "spanwalk:stopping",
                "stopping",
            ),
            Self::TimedOut { .. } => (
                StatusCode::GATEWAY_TIMEOUT,
                "spanwalk:timed-out",
                "the time ran out",
            ),
            Self::Store { .. } => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "spanwalk:store",
                "the store cannot be read",
            ),
            Self::Encoding { .. } | Self::Panicked => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "spanwalk:internal",
                "a fault of the program",
            ),
        }
    }
}

fn denied(denial: Denial) -> (StatusCode, &'static str, &'static str) {
    match denial {
        Denial::Unknown => (
            StatusCode::UNAUTHORIZED,
            "spanwalk:unauthenticated",
            "a token is needed",
        ),
        Denial::NoRight(_) => (
            StatusCode::FORBIDDEN,
            "spanwalk:forbidden",
            "the token has not this right",
        ),
        Denial::Unreadable => (
            StatusCode::SERVICE_UNAVAILABLE,
            "spanwalk:tokens-unreadable",
            "nobody is let in",
        ),
    }
}

impl ApiError {
    /// The error in a form that is not ours: the body of the status and the text, and its
    /// media type.
    pub(super) fn respond_as(
        &self,
        content_type: &'static str,
        body: impl FnOnce(StatusCode, String) -> Vec<u8>,
    ) -> Response {
        let (status, kind, _) = self.kind();
        self.record(status, kind);
        let body = body(status, self.to_string());
        let content_type = HeaderValue::from_static(content_type);
        let response = (status, [(header::CONTENT_TYPE, content_type)], body).into_response();
        with_hint(status, response)
    }

    fn record(&self, status: StatusCode, kind: &'static str) {
        if status.is_server_error()
            && !matches!(
                self,
                Self::Busy { .. }
                    | Self::TooManyTails { .. }
                    | Self::Stopping
                    | Self::Denied { .. }
            )
        {
            tracing::error!(kind, error = %self, "a request to the query API failed");
        }
    }
}

impl ApiError {
    /// The error as a problem document.
    pub(super) fn document(&self) -> Problem {
        let (status, kind, title) = self.kind();
        self.record(status, kind);
        let mut document = Problem {
            kind: kind.to_owned(),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: self.to_string(),
            ..Problem::default()
        };
        if let Self::Query { source } = self {
            document.position = Some(source.range.start as u64);
            document.suggestion.clone_from(&source.suggestion);
        }
        document
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, _, _) = self.kind();
        with_hint(status, respond(&self.document()))
    }
}

/// Says when to come back, or what to bring, where that helps.
fn with_hint(status: StatusCode, mut response: Response) -> Response {
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"spanwalk\""),
        );
    }
    response
}

/// A problem document as an answer: its status; its kind, which is stable and for programs,
/// such as `spanwalk:bad-delivery`; the kind in a few words; what happened here and what to do.
pub fn problem(
    status: StatusCode,
    kind: &str,
    title: &str,
    detail: impl std::fmt::Display,
) -> Response {
    respond(&Problem {
        kind: kind.to_owned(),
        title: title.to_owned(),
        status: status.as_u16(),
        detail: detail.to_string(),
        ..Problem::default()
    })
}

fn respond(document: &Problem) -> Response {
    let status = StatusCode::from_u16(document.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = HeaderValue::from_static(PROBLEM_CONTENT_TYPE);
    // Strings and numbers always go into JSON.
    let body = serde_json::to_vec(document).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
}

/// The beginning of a received text.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_CHARACTERS_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}
