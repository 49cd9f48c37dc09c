//! One OTLP request over gRPC, HTTP or to the console, and what its answer means.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use tonic::transport::{Channel, Endpoint};

use super::{Encoded, REQUEST_BYTES_MAX, console, grpc, http};
use crate::config::{Exporter, Protocol, Signal, SignalConfig};
use crate::loss::Loss;

/// How long reaching the collector may take at most.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How this exporter calls itself, in the form that OTLP asks for.
const USER_AGENT: &str = concat!(
    "OTel-OTLP-Exporter-Rust/",
    env!("CARGO_PKG_VERSION"),
    " spanwalk-sdk"
);

/// What became of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Taken, apart from `rejected` items.
    Sent { rejected: u64 },
    /// Worth another attempt, not before the time that the collector `asked` for.
    Retry {
        asked: Option<Duration>,
        text: String,
    },
    /// Never worth one.
    Lost { loss: Loss, text: String },
}

impl Outcome {
    pub(super) fn retry(text: String) -> Self {
        Self::Retry { asked: None, text }
    }

    pub(super) fn refused(text: String) -> Self {
        Self::Lost {
            loss: Loss::Refused,
            text,
        }
    }

    /// The answer of a collector that took the request. Both signals answer in the same form; one
    /// that cannot be read is still a yes. After a partial success nothing is sent again.
    pub(super) fn sent(answer: &[u8]) -> Self {
        let partial = ExportTraceServiceResponse::decode(answer)
            .ok()
            .and_then(|it| it.partial_success);
        let rejected = partial.map_or(0, |it| it.rejected_spans);
        Self::Sent {
            rejected: u64::try_from(rejected).unwrap_or(0),
        }
    }
}

/// The way to the collector.
#[derive(Debug)]
enum Way {
    Grpc(Channel),
    Http(reqwest::Client),
    Console,
}

/// Sends the requests of one signal.
#[derive(Debug)]
pub(crate) struct Sender {
    signal: Signal,
    config: SignalConfig,
    way: Way,
}

impl Sender {
    /// Prepares the way without connecting; must be called inside a runtime.
    pub(crate) fn new(signal: Signal, config: SignalConfig) -> Result<Self, String> {
        let connect = CONNECT_TIMEOUT.min(config.timeout);
        let way = match (config.exporter, config.protocol) {
            (Exporter::Console, _) => Way::Console,
            (_, Protocol::Grpc) => {
                let endpoint = Endpoint::from_shared(config.endpoint.clone())
                    .and_then(|it| it.user_agent(USER_AGENT))
                    .map_err(|error| error.to_string())?;
                Way::Grpc(endpoint.connect_timeout(connect).connect_lazy())
            }
            (_, Protocol::HttpProtobuf) => Way::Http(
                reqwest::Client::builder()
                    .connect_timeout(connect)
                    .timeout(config.timeout)
                    .user_agent(USER_AGENT)
                    // Headers may be secrets, and a proxy or another place is not the collector.
                    .redirect(reqwest::redirect::Policy::none())
                    .no_proxy()
                    .build()
                    .map_err(|error| error.to_string())?,
            ),
        };
        Ok(Self {
            signal,
            config,
            way,
        })
    }

    /// The address, for people.
    pub(crate) fn endpoint(&self) -> &str {
        match self.way {
            Way::Console => "the console",
            _ => &self.config.endpoint,
        }
    }

    /// Sends `request`, within the time that one request may take.
    pub(crate) async fn send(&self, request: &Encoded) -> Outcome {
        if request.bytes.len() > REQUEST_BYTES_MAX {
            return Outcome::Lost {
                loss: Loss::TooLarge,
                text: format!("a request of {} bytes is too large", request.bytes.len()),
            };
        }
        let bytes = request.bytes.clone();
        let SignalConfig {
            headers,
            gzip,
            timeout,
            endpoint,
            ..
        } = &self.config;
        let answer = async {
            match &self.way {
                Way::Grpc(channel) => grpc::call(channel, self.signal, bytes, headers, *gzip).await,
                Way::Http(client) => http::post(client, endpoint, bytes, headers, *gzip).await,
                Way::Console => console::print(self.signal, bytes),
            }
        };
        tokio::time::timeout(*timeout, answer)
            .await
            .unwrap_or_else(|_| Outcome::retry(format!("no answer within {timeout:?}")))
    }
}
