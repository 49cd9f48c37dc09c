//! What a sender was told, read as its transport has it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message as _;

use super::world::Transport;

/// `google.rpc.Status`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct RpcStatus {
    #[prost(int32, tag = "1")]
    pub(super) code: i32,
    #[prost(string, tag = "2")]
    pub(super) message: String,
    #[prost(message, repeated, tag = "3")]
    pub(super) details: Vec<Detail>,
}

/// `google.protobuf.Any`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Detail {
    #[prost(string, tag = "1")]
    pub(super) type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) value: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct Answer {
    transport: Transport,
    pub(super) http: StatusCode,
    /// Trailers among them.
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// The gRPC codes that a sender repeats (OTLP specification, "Failures").
const RETRYABLE_CODES: [i32; 6] = [1, 4, 10, 11, 14, 15];
/// The HTTP statuses that a sender repeats.
const RETRYABLE_STATUSES: [u16; 4] = [429, 502, 503, 504];

impl Answer {
    pub(super) fn new(
        transport: Transport,
        http: StatusCode,
        headers: HeaderMap,
        body: Bytes,
    ) -> Self {
        Self {
            transport,
            http,
            headers,
            body,
        }
    }

    pub(super) fn header(&self, name: impl http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(super) fn is_taken(&self) -> bool {
        match self.transport {
            Transport::Grpc => self.header("grpc-status") == Some("0"),
            Transport::Protobuf | Transport::Json => self.http == StatusCode::OK,
        }
    }

    /// Everything was taken, and `partial_success` is unset.
    pub(super) fn assert_whole(&self) {
        assert!(self.is_taken(), "{self:?}");
        assert_eq!(self.partial(), None, "{self:?}");
    }

    /// How many items were rejected, and what was said; `None` where that field is unset.
    pub(super) fn partial(&self) -> Option<(u64, String)> {
        assert!(self.is_taken(), "{self:?}");
        if self.transport == Transport::Json {
            let answer: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
            let partial = answer.get("partialSuccess")?;
            let rejected = partial.as_object().unwrap().iter();
            let rejected = rejected
                .filter(|(key, _)| key.starts_with("rejected"))
                .map(|(_, count)| count.as_str().unwrap().parse::<u64>().unwrap())
                .sum();
            let message = partial["errorMessage"].as_str().unwrap_or_default();
            return Some((rejected, message.to_owned()));
        }
        // The answers of all signals have the same two fields.
        let answer = ExportTraceServiceResponse::decode(self.message()).unwrap();
        answer.partial_success.map(|partial| {
            let rejected = u64::try_from(partial.rejected_spans).unwrap();
            (rejected, partial.error_message)
        })
    }

    /// The message, without what frames it.
    pub(super) fn message(&self) -> Bytes {
        match self.transport {
            Transport::Grpc => self.body.slice(5..),
            Transport::Protobuf | Transport::Json => self.body.clone(),
        }
    }

    /// The status of a failure.
    pub(super) fn status(&self) -> RpcStatus {
        assert!(!self.is_taken(), "{self:?}");
        if self.transport.is_grpc() {
            let details = self.header("grpc-status-details-bin");
            let mut status = details.map_or_else(RpcStatus::default, |details| {
                let bytes = STANDARD_NO_PAD.decode(details).unwrap();
                RpcStatus::decode(bytes.as_slice()).unwrap()
            });
            status.code = self.header("grpc-status").unwrap().parse().unwrap();
            let message = self.header("grpc-message").unwrap_or_default();
            message.clone_into(&mut status.message);
            return status;
        }
        // Told in JSON too where the request's own format is not known.
        if self.header(CONTENT_TYPE) == Some("application/json") {
            let status: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
            let details = status["details"].as_array().cloned().unwrap_or_default();
            return RpcStatus {
                code: i32::try_from(status["code"].as_i64().unwrap()).unwrap(),
                message: status["message"].as_str().unwrap().to_owned(),
                details: details.iter().map(detail_of).collect(),
            };
        }
        assert_eq!(self.header(CONTENT_TYPE), Some("application/x-protobuf"));
        RpcStatus::decode(self.body.clone()).unwrap()
    }

    /// Whether an SDK would send the request again.
    pub(super) fn is_retryable(&self) -> bool {
        let status = self.status();
        let has_hint = status
            .details
            .iter()
            .any(|detail| detail.type_url.ends_with("google.rpc.RetryInfo"));
        if self.transport.is_grpc() {
            RETRYABLE_CODES.contains(&status.code) || (status.code == 8 && has_hint)
        } else {
            RETRYABLE_STATUSES.contains(&self.http.as_u16())
        }
    }

    /// Seconds after which to come back, where that is said.
    pub(super) fn hint_s(&self) -> Option<u64> {
        if !self.transport.is_grpc() {
            return self.header(RETRY_AFTER)?.parse().ok();
        }
        let status = self.status();
        let info = status.details.first()?;
        // RetryInfo { Duration { seconds } }, both field 1.
        let [0x0A, _, 0x08, seconds] = info.value.as_slice() else {
            return None;
        };
        Some(u64::from(*seconds))
    }

    /// Refused for good, with these codes and something to read.
    pub(super) fn assert_refused(&self, http: u16, code: i32) {
        let status = self.status();
        assert_eq!(status.code, code, "{status:?}");
        assert!(!status.message.is_empty());
        assert!(!self.is_retryable(), "{status:?}");
        let http = if self.transport.is_grpc() { 200 } else { http };
        assert_eq!(self.http.as_u16(), http, "{status:?}");
    }
}

fn detail_of(detail: &serde_json::Value) -> Detail {
    Detail {
        type_url: detail["@type"].as_str().unwrap().to_owned(),
        value: detail.to_string().into_bytes(),
    }
}
