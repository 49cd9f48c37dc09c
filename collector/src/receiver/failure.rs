//! Why a request is not taken, and how each transport says it.
//!
//! Codes are those of the OTLP specification, section "Failures": a sender repeats exactly
//! what has a retryable code. Every body of an HTTP failure is a `google.rpc.Status`.

use http::StatusCode;

use super::message::Message;

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
    /// There is nothing at this path.
    NotFound,
    /// The path takes other methods.
    Method,
    /// It may succeed later.
    Unavailable {
        /// When to come back, in seconds.
        retry_after_s: u64,
    },
    /// A fault on this side that another try does not cure.
    Internal,
}

impl Failure {
    pub(super) fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Invalid, message)
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
            FailureKind::NotFound | FailureKind::Method => "unknown_path",
            FailureKind::Unavailable { .. } => "unavailable",
            FailureKind::Internal => "internal",
        }
    }

    /// The status of an HTTP answer.
    pub fn http_status(&self) -> StatusCode {
        match self.kind {
            FailureKind::Invalid => StatusCode::BAD_REQUEST,
            FailureKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            FailureKind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            FailureKind::NotFound => StatusCode::NOT_FOUND,
            FailureKind::Method => StatusCode::METHOD_NOT_ALLOWED,
            FailureKind::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
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
            FailureKind::Unavailable { .. } => 14,
            FailureKind::Internal => 13,
        }
    }

    /// When a sender should come back, in seconds; `None` for never.
    pub fn retry_after_s(&self) -> Option<u64> {
        match self.kind {
            FailureKind::Unavailable { retry_after_s } => Some(retry_after_s),
            _ => None,
        }
    }

    /// The `google.rpc.Status` in protobuf, with a `RetryInfo` where another try may help.
    pub(super) fn status_protobuf(&self) -> Vec<u8> {
        let mut status = Message::default();
        status.uint(1, u64::from(self.grpc_code()));
        status.text(2, &self.message);
        if let Some(seconds) = self.retry_after_s() {
            let mut delay = Message::default();
            delay.uint(1, seconds);
            let mut info = Message::default();
            info.message(1, &delay);
            let mut any = Message::default();
            any.text(1, "type.googleapis.com/google.rpc.RetryInfo");
            any.message(2, &info);
            status.message(3, &any);
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
                "@type": "type.googleapis.com/google.rpc.RetryInfo",
                "retryDelay": format!("{seconds}s"),
            }]);
        }
        status.to_string().into_bytes()
    }
}
