//! A collector and a sender of one transport, over real sockets.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HOST};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use spanwalk_collector::config::Config;
use spanwalk_collector::serve::{self, Running};
use spanwalk_model::otlp::{json, protobuf};
use tempfile::TempDir;
use tokio::net::TcpStream;

use super::answer::Answer;
use crate::{config, status};

/// How a request goes over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    Grpc,
    Protobuf,
    Json,
}

impl Transport {
    pub(super) const ALL: [Self; 3] = [Self::Grpc, Self::Protobuf, Self::Json];

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Grpc => "application/grpc",
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }

    pub(super) fn is_grpc(self) -> bool {
        self == Self::Grpc
    }
}

/// What a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    Traces,
    Logs,
    Metrics,
    Profiles,
}

impl Signal {
    pub(super) const ALL: [Self; 4] = [Self::Traces, Self::Logs, Self::Metrics, Self::Profiles];

    pub(super) fn path(self, transport: Transport) -> &'static str {
        match (self, transport.is_grpc()) {
            (Self::Traces, false) => "/v1/traces",
            (Self::Logs, false) => "/v1/logs",
            (Self::Metrics, false) => "/v1/metrics",
            (Self::Profiles, false) => "/v1development/profiles",
            (Self::Traces, true) => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            (Self::Logs, true) => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
            (Self::Metrics, true) => {
                "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
            }
            (Self::Profiles, true) => {
                "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export"
            }
        }
    }
}

/// A collector, and the transport that it is asked by.
pub(super) struct World {
    pub(super) transport: Transport,
    pub(super) running: Running,
    pub(super) directory: TempDir,
}

impl World {
    pub(super) async fn start(transport: Transport) -> Self {
        Self::with(transport, |_| ()).await
    }

    pub(super) async fn with(transport: Transport, change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config = config(directory.path());
        change(&mut config);
        Self {
            transport,
            running: serve::start(config).await.unwrap(),
            directory,
        }
    }

    /// Ends the collector in order, so that a test which holds leaves nothing behind.
    pub(super) async fn stop(self) {
        self.running.stop().await.unwrap();
    }

    pub(super) fn address(&self) -> String {
        let name = if self.transport.is_grpc() {
            "otlp_grpc"
        } else {
            "otlp_http"
        };
        let ready = self.running.ready();
        let listener = ready.listeners.iter().find(|it| it.name == name).unwrap();
        listener.address.clone()
    }

    pub(super) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address()).await.unwrap()
    }

    /// A message as the transport writes it.
    pub(super) fn traces(&self, request: &ExportTraceServiceRequest) -> Vec<u8> {
        let bytes = request.encode_to_vec();
        match self.transport {
            Transport::Grpc | Transport::Protobuf => bytes,
            Transport::Json => {
                let decoded = protobuf::decode_traces(&bytes).unwrap();
                json::encode_traces(&decoded.groups).into_bytes()
            }
        }
    }

    /// A message as the transport writes it.
    pub(super) fn logs(&self, request: &ExportLogsServiceRequest) -> Vec<u8> {
        let bytes = request.encode_to_vec();
        match self.transport {
            Transport::Grpc | Transport::Protobuf => bytes,
            Transport::Json => {
                let decoded = protobuf::decode_logs(&bytes).unwrap();
                json::encode_logs(&decoded.groups).into_bytes()
            }
        }
    }

    /// A request of the transport, to be changed before it is sent with [`World::raw`].
    pub(super) fn request(
        &self,
        signal: Signal,
        message: &[u8],
        encoding: Option<&str>,
    ) -> Request<Full<Bytes>> {
        let address = self.address();
        let path = signal.path(self.transport);
        let uri = if self.transport.is_grpc() {
            format!("http://{address}{path}")
        } else {
            path.to_owned()
        };
        let mut request = Request::post(uri).header(CONTENT_TYPE, self.transport.content_type());
        let body = if self.transport.is_grpc() {
            framed(message, encoding.is_some())
        } else {
            request = request.header(HOST, address);
            message.to_vec()
        };
        if let Some(encoding) = encoding {
            let name = if self.transport.is_grpc() {
                "grpc-encoding"
            } else {
                CONTENT_ENCODING.as_str()
            };
            request = request.header(name, encoding);
        }
        request.body(Full::from(body)).unwrap()
    }

    pub(super) async fn send(&self, signal: Signal, message: &[u8]) -> Answer {
        self.send_encoded(signal, message, None).await
    }

    pub(super) async fn send_encoded(
        &self,
        signal: Signal,
        message: &[u8],
        encoding: Option<&str>,
    ) -> Answer {
        self.raw(self.request(signal, message, encoding)).await
    }

    /// Sends a request over a connection of its own.
    pub(super) async fn raw(&self, request: Request<Full<Bytes>>) -> Answer {
        let mut sender = Sender::over(self.connect().await, self.transport).await;
        sender.send(request).await
    }

    /// Sends over HTTP/1.1 or 2, whatever the transport.
    pub(super) async fn raw_as(&self, two: bool, request: Request<Full<Bytes>>) -> Answer {
        let mut sender = Sender::of_version(self.connect().await, self.transport, two).await;
        sender.send(request).await
    }

    /// The spans that are stored of a trace.
    pub(super) async fn stored(&self, trace_id: &str) -> ExportTraceServiceRequest {
        let body = self.ask(&format!("traces/{trace_id}")).await;
        ExportTraceServiceRequest::decode(body).unwrap()
    }

    /// The log records that are stored of a trace.
    pub(super) async fn stored_logs(&self, trace_id: &str) -> ExportLogsServiceRequest {
        let body = self.ask(&format!("traces/{trace_id}/logs")).await;
        ExportLogsServiceRequest::decode(body).unwrap()
    }

    async fn ask(&self, path: &str) -> Bytes {
        let url = format!("{}/api/v1/{path}", self.running.api_url().unwrap());
        let client = reqwest::Client::builder().build().unwrap();
        let asked = client.get(url).header("accept", "application/x-protobuf");
        let response = asked.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.bytes().await.unwrap()
    }

    pub(super) async fn span_count(&self) -> u64 {
        status(&self.running).await.stored.spans
    }
}

/// A connection that takes one request after the other.
pub(super) enum Sender {
    One(http1::SendRequest<Full<Bytes>>, Transport),
    Two(http2::SendRequest<Full<Bytes>>, Transport),
}

impl Sender {
    pub(super) async fn over(stream: TcpStream, transport: Transport) -> Self {
        Self::of_version(stream, transport, transport.is_grpc()).await
    }

    async fn of_version(stream: TcpStream, transport: Transport, two: bool) -> Self {
        let io = TokioIo::new(stream);
        // Each connection ends when its sender is dropped.
        if two {
            let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
            tokio::spawn(connection);
            Self::Two(sender, transport)
        } else {
            let (sender, connection) = http1::handshake(io).await.unwrap();
            tokio::spawn(connection);
            Self::One(sender, transport)
        }
    }

    pub(super) async fn send(&mut self, request: Request<Full<Bytes>>) -> Answer {
        let (response, transport) = match self {
            Self::One(sender, transport) => {
                sender.ready().await.unwrap();
                (sender.send_request(request).await.unwrap(), *transport)
            }
            Self::Two(sender, transport) => {
                sender.ready().await.unwrap();
                (sender.send_request(request).await.unwrap(), *transport)
            }
        };
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap();
        let mut headers: HeaderMap = parts.headers;
        headers.extend(body.trailers().cloned().unwrap_or_default());
        Answer::new(transport, parts.status, headers, body.to_bytes())
    }
}

/// One message as gRPC frames it.
pub(super) fn framed(message: &[u8], is_compressed: bool) -> Vec<u8> {
    let mut framed = vec![u8::from(is_compressed)];
    framed.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
    framed.extend_from_slice(message);
    framed
}

/// The same request with another method.
pub(super) fn with_method(
    mut request: Request<Full<Bytes>>,
    method: Method,
) -> Request<Full<Bytes>> {
    *request.method_mut() = method;
    request
}
