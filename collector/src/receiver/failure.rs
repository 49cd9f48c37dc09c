//! Why a request is not taken, and how each transport says it.
//!
//! Codes are those of the OTLP specification, section "Failures": a sender repeats exactly
//! what has a retryable code. Every body of an HTTP failure is a `google.rpc.Status`.

use http::{HeaderValue, StatusCode};

use super::message::Message;
use crate::admission::Denial;

/// Why a request is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What a sender has to know of it.
    pub kind: FailureKind,
    /// What happened and what to do, for people.
    pub message: String,
}

/// What a sender has to know about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The request will never be understood.
    Invalid,
    /// The request is larger than is taken.
    TooLarge,
    /// Its content type or encoding is not known.
    Unsupported,
    /// The sender shows no token that is known.
    Unauthenticated,
    /// The sender's token does not let it send.
    Forbidden,
    /// There is nothing at this path.
    NotFound,
    /// The path takes other methods.
    Method,
    /// There is no room for it now.
    Overloaded {
        /// When to come back, in seconds.
        retry_after_s: u64,
    },
    /// Its body did not come in time.
    TooSlow,
    /// The store takes nothing now.
    Store {
        /// When to come back, in seconds.
        retry_after_s: u64,
    },
    /// The tokens cannot be read now.
    Locked,
    /// A fault on this side that another try does not cure.
    Internal,
}

/// Bytes of the longest message. What senders wrote may stand in it, and headers are limited.
const MESSAGE_BYTES_MAX: usize = 1024;

impl Failure {
    pub(super) fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        let mut message = message.into();
        message.truncate(message.floor_char_boundary(MESSAGE_BYTES_MAX));
        Self { kind, message }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Invalid, message)
    }

    /// Handling the request panicked.
    pub(super) fn panicked() -> Self {
        Self::new(
            FailureKind::Internal,
            "the request could not be handled; nothing of it was acknowledged",
        )
    }

    /// The request has more than `bytes_max` bytes.
    pub(super) fn too_large(bytes_max: usize) -> Self {
        Self::new(
            FailureKind::TooLarge,
            format!("the request is larger than {bytes_max} bytes; send smaller batches"),
        )
    }

    /// A stable name for counters.
    pub(super) fn reason(&self) -> &'static str {
        match self.kind {
            FailureKind::Invalid => "undecodable",
            FailureKind::TooLarge => "too_large",
            FailureKind::Unsupported => "unsupported",
            FailureKind::Unauthenticated => "unauthenticated",
            FailureKind::Forbidden => "forbidden",
            FailureKind::Locked => "tokens_unreadable",
            FailureKind::NotFound | FailureKind::Method => "unknown_path",
            FailureKind::Overloaded { .. } => "overloaded",
            FailureKind::TooSlow => "too_slow",
            FailureKind::Store { .. } => "store",
            FailureKind::Internal => "internal",
        }
    }

    /// The status of an HTTP answer.
    pub fn http_status(&self) -> StatusCode {
        match self.kind {
            FailureKind::Invalid => StatusCode::BAD_REQUEST,
            FailureKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            FailureKind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            FailureKind::Unauthenticated => StatusCode::UNAUTHORIZED,
            FailureKind::Forbidden => StatusCode::FORBIDDEN,
            FailureKind::NotFound => StatusCode::NOT_FOUND,
            FailureKind::Method => StatusCode::METHOD_NOT_ALLOWED,
            FailureKind::Overloaded { .. }
            | FailureKind::TooSlow
            | FailureKind::Store { .. }
            | FailureKind::Locked => StatusCode::SERVICE_UNAVAILABLE,
            FailureKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The code of a gRPC status, as `google/rpc/code.proto` numbers them.
    pub(super) fn grpc_code(&self) -> u8 {
        match self.kind {
            FailureKind::Invalid => 3,
            // Without `RetryInfo` this one is not retryable.
            FailureKind::TooLarge => 8,
            FailureKind::Unsupported | FailureKind::NotFound | FailureKind::Method => 12,
            FailureKind::Unauthenticated => 16,
            FailureKind::Forbidden => 7,
            FailureKind::Overloaded { .. }
            | FailureKind::TooSlow
            | FailureKind::Store { .. }
            | FailureKind::Locked => 14,
            FailureKind::Internal => 13,
        }
    }

    /// When a sender should come back, in seconds; `None` for never.
    pub fn retry_after_s(&self) -> Option<u64> {
        match self.kind {
            FailureKind::Overloaded { retry_after_s } | FailureKind::Store { retry_after_s } => {
                Some(retry_after_s)
            }
            FailureKind::TooSlow => Some(1),
            FailureKind::Locked => Some(LOCKED_RETRY_AFTER_S),
            _ => None,
        }
    }

    /// How to show a token, for `WWW-Authenticate`; `None` where none is asked for.
    pub fn challenge(&self) -> Option<HeaderValue> {
        (self.kind == FailureKind::Unauthenticated).then_some(BEARER)
    }

    /// The `google.rpc.Status` in protobuf: with a `RetryInfo` where another try may help, with
    /// a `BadRequest` where none will.
    pub(super) fn status_protobuf(&self) -> Vec<u8> {
        let mut status = Message::default();
        status.uint(1, u64::from(self.grpc_code()));
        status.text(2, &self.message);
        if let Some(seconds) = self.retry_after_s() {
            let mut delay = Message::default();
            delay.uint(1, seconds);
            let mut info = Message::default();
            info.message(1, &delay);
            status.message(3, &any(RETRY_INFO, &info));
        }
        if self.kind == FailureKind::Invalid {
            let mut violation = Message::default();
            violation.text(1, VIOLATED);
            violation.text(2, &self.message);
            let mut bad = Message::default();
            bad.message(1, &violation);
            status.message(3, &any(BAD_REQUEST, &bad));
        }
        status.into_bytes()
    }

    /// The `google.rpc.Status` in JSON.
    pub(super) fn status_json(&self) -> Vec<u8> {
        let mut status = serde_json::json!({
            "code": self.grpc_code(),
            "message": self.message,
        });
        if let Some(seconds) = self.retry_after_s() {
            status["details"] = serde_json::json!([{
                "@type": RETRY_INFO,
                "retryDelay": format!("{seconds}s"),
            }]);
        }
        if self.kind == FailureKind::Invalid {
            status["details"] = serde_json::json!([{
                "@type": BAD_REQUEST,
                "fieldViolations": [{ "field": VIOLATED, "description": self.message }],
            }]);
        }
        status.to_string().into_bytes()
    }

    /// Whether the status says more than its code and message.
    pub(super) fn has_details(&self) -> bool {
        self.retry_after_s().is_some() || self.kind == FailureKind::Invalid
    }
}

/// When to come back to a collector that cannot read its tokens, in seconds.
const LOCKED_RETRY_AFTER_S: u64 = 5;
/// How to show a token (RFC 6750, section 3).
const BEARER: HeaderValue = HeaderValue::from_static("Bearer realm=\"spanwalk\"");

impl From<Denial> for Failure {
    fn from(denial: Denial) -> Self {
        let kind = match denial {
            Denial::Unknown => FailureKind::Unauthenticated,
            Denial::NoRight(_) => FailureKind::Forbidden,
            Denial::Unreadable => FailureKind::Locked,
        };
        Self::new(kind, denial.to_string())
    }
}

/// Says when to come back (`google/rpc/error_details.proto`).
const RETRY_INFO: &str = "type.googleapis.com/google.rpc.RetryInfo";
/// Says what is wrong with a request (`google/rpc/error_details.proto`).
const BAD_REQUEST: &str = "type.googleapis.com/google.rpc.BadRequest";
/// What of a request is wrong; the description has the place within.
const VIOLATED: &str = "body";

/// A `google.protobuf.Any`.
fn any(type_url: &str, message: &Message) -> Message {
    let mut any = Message::default();
    any.text(1, type_url);
    any.message(2, message);
    any
}
