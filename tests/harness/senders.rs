//! Sends OTLP as services do: over gRPC, and over HTTP as protobuf or JSON.

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
use tokio::runtime::Runtime;
use tonic::transport::Channel;

/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A connection for OTLP over gRPC.
#[derive(Debug)]
pub struct Grpc {
    runtime: Runtime,
    channel: Channel,
}

impl Grpc {
    /// Connects to this URL.
    ///
    /// # Panics
    /// Where nothing answers.
    #[track_caller]
    pub fn connect(url: String) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let endpoint = Channel::from_shared(url).expect("a URL").timeout(TIMEOUT);
        let channel = runtime
            .block_on(endpoint.connect())
            .expect("the collector answers");
        Self { runtime, channel }
    }

    /// Sends spans and waits for the answer.
    ///
    /// # Errors
    /// What the collector said, or why there was no answer.
    pub fn spans(
        &self,
        request: ExportTraceServiceRequest,
    ) -> Result<ExportTraceServiceResponse, Box<tonic::Status>> {
        let mut client = TraceServiceClient::new(self.channel.clone());
        self.runtime
            .block_on(client.export(request))
            .map(tonic::Response::into_inner)
            .map_err(Box::new)
    }

    /// Sends log records and waits for the answer.
    ///
    /// # Errors
    /// What the collector said, or why there was no answer.
    pub fn logs(
        &self,
        request: ExportLogsServiceRequest,
    ) -> Result<ExportLogsServiceResponse, Box<tonic::Status>> {
        let mut client = LogsServiceClient::new(self.channel.clone());
        self.runtime
            .block_on(client.export(request))
            .map(tonic::Response::into_inner)
            .map_err(Box::new)
    }
}

/// What came back over HTTP.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The media type.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// A connection for OTLP over HTTP.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::blocking::Client,
    url: String,
}

impl Http {
    /// Sends to this URL, such as `http://127.0.0.1:4318`.
    ///
    /// # Panics
    /// Where no HTTP client can be had.
    pub fn new(url: String) -> Self {
        let client = reqwest::blocking::Client::builder()
            .no_proxy()
            .timeout(TIMEOUT)
            .build()
            .expect("an HTTP client");
        Self { client, url }
    }

    /// Sends spans as protobuf.
    ///
    /// # Errors
    /// Where there was no answer.
    pub fn spans(&self, request: &ExportTraceServiceRequest) -> Result<Answer, reqwest::Error> {
        self.post(
            "/v1/traces",
            "application/x-protobuf",
            request.encode_to_vec(),
        )
    }

    /// Sends log records as protobuf.
    ///
    /// # Errors
    /// Where there was no answer.
    pub fn logs(&self, request: &ExportLogsServiceRequest) -> Result<Answer, reqwest::Error> {
        self.post(
            "/v1/logs",
            "application/x-protobuf",
            request.encode_to_vec(),
        )
    }

    /// Sends a JSON document to this path, such as `/v1/traces`.
    ///
    /// # Errors
    /// Where there was no answer.
    pub fn json(&self, path: &str, body: &serde_json::Value) -> Result<Answer, reqwest::Error> {
        self.post(path, "application/json", body.to_string().into_bytes())
    }

    /// Sends any bytes.
    ///
    /// # Errors
    /// Where there was no answer.
    pub fn post(
        &self,
        path: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<Answer, reqwest::Error> {
        let response = self
            .client
            .post(format!("{}{path}", self.url))
            .header("content-type", content_type)
            .body(body)
            .send()?;
        Answer::of(response)
    }

    /// Asks for a path, as a browser does.
    ///
    /// # Errors
    /// Where there was no answer.
    pub fn get(&self, path: &str) -> Result<Answer, reqwest::Error> {
        Answer::of(self.client.get(format!("{}{path}", self.url)).send()?)
    }
}

impl Answer {
    fn of(response: reqwest::blocking::Response) -> Result<Self, reqwest::Error> {
        let content_type = response
            .headers()
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        Ok(Self {
            status: response.status().as_u16(),
            content_type,
            body: response.bytes()?.to_vec(),
        })
    }
}
