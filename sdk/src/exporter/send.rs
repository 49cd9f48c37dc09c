//! One OTLP request over gRPC or HTTP, and what its answer means.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::logs::v1::logs_service_client::LogsServiceClient;
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message;
use tonic::Code;
use tonic::transport::Channel;

/// How long one request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// How long reaching the collector may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The protocols of OTLP that the exporter speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Grpc,
    HttpProtobuf,
}

/// What became of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Taken, apart from `rejected` items.
    Sent { rejected: u64 },
    /// Worth another attempt.
    Retry(String),
    /// The collector will never take it.
    Refused(String),
}

/// The way to the collector.
pub(crate) enum Sender {
    Grpc(Channel),
    Http {
        client: reqwest::Client,
        base: String,
    },
}

impl Sender {
    /// Prepares the way without connecting; must be called inside the exporter's runtime.
    pub(crate) fn new(protocol: Protocol, endpoint: &str) -> Result<Self, String> {
        match protocol {
            Protocol::Grpc => tonic::transport::Endpoint::from_shared(endpoint.to_owned())
                .map(|it| {
                    Self::Grpc(
                        it.connect_timeout(CONNECT_TIMEOUT)
                            .timeout(REQUEST_TIMEOUT)
                            .connect_lazy(),
                    )
                })
                .map_err(|error| error.to_string()),
            Protocol::HttpProtobuf => reqwest::Client::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(REQUEST_TIMEOUT)
                .no_proxy()
                .build()
                .map(|client| Self::Http {
                    client,
                    base: endpoint.trim_end_matches('/').to_owned(),
                })
                .map_err(|error| error.to_string()),
        }
    }

    pub(crate) async fn traces(&self, request: &ExportTraceServiceRequest) -> Outcome {
        match self {
            Self::Grpc(channel) => {
                match TraceServiceClient::new(channel.clone())
                    .export(request.clone())
                    .await
                {
                    Ok(answer) => Outcome::Sent {
                        rejected: answer
                            .into_inner()
                            .partial_success
                            .map_or(0, |it| rejected(it.rejected_spans)),
                    },
                    Err(status) => of_status(&status),
                }
            }
            Self::Http { client, base } => {
                match post(
                    client,
                    &format!("{base}/v1/traces"),
                    request.encode_to_vec(),
                )
                .await
                {
                    Ok(body) => Outcome::Sent {
                        rejected: ExportTraceServiceResponse::decode(body.as_slice())
                            .ok()
                            .and_then(|it| it.partial_success)
                            .map_or(0, |it| rejected(it.rejected_spans)),
                    },
                    Err(outcome) => outcome,
                }
            }
        }
    }

    pub(crate) async fn logs(&self, request: &ExportLogsServiceRequest) -> Outcome {
        match self {
            Self::Grpc(channel) => {
                match LogsServiceClient::new(channel.clone())
                    .export(request.clone())
                    .await
                {
                    Ok(answer) => Outcome::Sent {
                        rejected: answer
                            .into_inner()
                            .partial_success
                            .map_or(0, |it| rejected(it.rejected_log_records)),
                    },
                    Err(status) => of_status(&status),
                }
            }
            Self::Http { client, base } => {
                match post(client, &format!("{base}/v1/logs"), request.encode_to_vec()).await {
                    Ok(body) => Outcome::Sent {
                        rejected: ExportLogsServiceResponse::decode(body.as_slice())
                            .ok()
                            .and_then(|it| it.partial_success)
                            .map_or(0, |it| rejected(it.rejected_log_records)),
                    },
                    Err(outcome) => outcome,
                }
            }
        }
    }
}

fn rejected(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

/// The codes that OTLP names as worth another attempt.
fn of_status(status: &tonic::Status) -> Outcome {
    let text = format!("{}: {}", status.code(), status.message());
    match status.code() {
        Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unavailable
        | Code::ResourceExhausted
        | Code::Unknown
        | Code::DataLoss => Outcome::Retry(text),
        _ => Outcome::Refused(text),
    }
}

async fn post(client: &reqwest::Client, url: &str, body: Vec<u8>) -> Result<Vec<u8>, Outcome> {
    let answer = client
        .post(url)
        .header("content-type", "application/x-protobuf")
        .body(body)
        .send()
        .await
        .map_err(|error| Outcome::Retry(error.to_string()))?;
    let status = answer.status();
    if status.is_success() {
        // A lost answer after the collector's yes is still a yes.
        return Ok(answer
            .bytes()
            .await
            .map(|it| it.to_vec())
            .unwrap_or_default());
    }
    let text = format!("{url} answered {status}");
    Err(match status.as_u16() {
        429 | 502 | 503 | 504 => Outcome::Retry(text),
        _ => Outcome::Refused(text),
    })
}
