//! Client of the collector's HTTP API: bytes in, `spanwalk-api` and model types out.

mod error;
mod events;
#[cfg(test)]
pub(crate) mod fake;

use std::time::Duration;

use bytes::Bytes;
use reqwest::{Response, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use spanwalk_api::{
    API_PREFIX, CriticalPathResponse, DiffParams, DiffResponse, ImportReceipt, LogsParams,
    LogsResponse, OperationsParams, OperationsResponse, PROBLEM_CONTENT_TYPE,
    PROTOBUF_CONTENT_TYPE, PatternsResponse, Problem, SearchParams, SearchResponse,
    ServicesResponse, Status, WalkResponse,
};
use spanwalk_model::batch::scoped_items;
use spanwalk_model::otlp::protobuf;
use spanwalk_model::{TraceId, TraceItems};

pub use error::ClientError;
pub use events::{Tail, TailEvent};

/// How long to wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long to wait for bytes of an answer before giving up on the collector.
const READ_TIMEOUT: Duration = Duration::from_mins(1);

/// Which kind of items an import carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Spans.
    Spans,
    /// Log records.
    Logs,
}

impl Signal {
    /// The signal as the API writes it.
    fn as_str(self) -> &'static str {
        match self {
            Self::Spans => "spans",
            Self::Logs => "logs",
        }
    }
}

/// Asks one collector. Cheap to clone: clones share connections.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base_url: String,
    token: Option<Token>,
}

/// A token to show. What is printed of it does not hold it.
#[derive(Clone)]
struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

impl Client {
    /// A client of the collector at this URL, such as `http://127.0.0.1:4320`.
    ///
    /// # Errors
    /// Where the URL is not one of HTTP, or the HTTP client cannot be set up.
    pub fn new(base_url: &str) -> Result<Self, ClientError> {
        let trimmed = base_url.trim_end_matches('/');
        let parsed = url::Url::parse(trimmed).map_err(|source| ClientError::Url {
            url: base_url.to_owned(),
            reason: source.to_string(),
        })?;
        if parsed.scheme() != "http" {
            return Err(ClientError::Url {
                url: base_url.to_owned(),
                reason: format!("the scheme is {}, not http", parsed.scheme()),
            });
        }
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .no_proxy()
            .build()
            .map_err(|source| ClientError::Setup { source })?;
        Ok(Self {
            http,
            base_url: trimmed.to_owned(),
            token: None,
        })
    }

    /// The same client, which shows this token with every call.
    #[must_use]
    pub fn with_token(self, token: Option<String>) -> Self {
        Self {
            token: token.map(Token),
            ..self
        }
    }

    /// The collector's URL, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The collector about itself.
    ///
    /// # Errors
    /// As every call here: [`ClientError`].
    pub async fn status(&self) -> Result<Status, ClientError> {
        self.get_json("/status", &()).await
    }

    /// Every service seen.
    ///
    /// # Errors
    /// As every call here: [`ClientError`].
    pub async fn services(&self) -> Result<ServicesResponse, ClientError> {
        self.get_json("/services", &()).await
    }

    /// The operations of a service.
    ///
    /// # Errors
    /// As every call here: [`ClientError`].
    pub async fn operations(
        &self,
        params: &OperationsParams,
    ) -> Result<OperationsResponse, ClientError> {
        self.get_json("/operations", params).await
    }

    /// Traces that match.
    ///
    /// # Errors
    /// As every call here: [`ClientError`].
    pub async fn search(&self, params: &SearchParams) -> Result<SearchResponse, ClientError> {
        self.get_json("/traces", params).await
    }

    /// Log records that match.
    ///
    /// # Errors
    /// As every call here: [`ClientError`].
    pub async fn logs(&self, params: &LogsParams) -> Result<LogsResponse, ClientError> {
        self.get_json("/logs", params).await
    }

    /// The walk of a trace, as the collector computes it.
    ///
    /// # Errors
    /// As every call here: [`ClientError`].
    pub async fn walk(&self, trace_id: TraceId) -> Result<WalkResponse, ClientError> {
        self.get_json(&format!("/traces/{trace_id}/walk"), &())
            .await
    }

    /// What a trace waited for.
    ///
    /// # Errors
    /// As every call here: [`ClientError`].
    pub async fn critical_path(
        &self,
        trace_id: TraceId,
    ) -> Result<CriticalPathResponse, ClientError> {
        self.get_json(&format!("/traces/{trace_id}/critical-path"), &())
            .await
    }

    /// Shapes in a trace that cost time or hide trouble.
    ///
    /// # Errors
    /// As every call here: [`ClientError`].
    pub async fn patterns(&self, trace_id: TraceId) -> Result<PatternsResponse, ClientError> {
        self.get_json(&format!("/traces/{trace_id}/patterns"), &())
            .await
    }

    /// What the trace `after` does differently from the trace `before`.
    ///
    /// # Errors
    /// As every call here: [`ClientError`].
    pub async fn diff(&self, before: TraceId, after: TraceId) -> Result<DiffResponse, ClientError> {
        let params = DiffParams {
            with: after.to_hex(),
        };
        self.get_json(&format!("/traces/{before}/diff"), &params)
            .await
    }

    /// A trace with its log records as one OTLP/JSON document, for programs.
    ///
    /// # Errors
    /// As every call here: [`ClientError`].
    pub async fn trace_json(&self, trace_id: TraceId) -> Result<serde_json::Value, ClientError> {
        self.get_json(&format!("/traces/{trace_id}"), &()).await
    }

    /// Every span and log record stored of a trace.
    ///
    /// # Errors
    /// As every call here: [`ClientError`]; a trace that is not stored is a
    /// [`ClientError::Problem`] with status 404.
    pub async fn trace(&self, trace_id: TraceId) -> Result<TraceItems, ClientError> {
        let (spans, logs) = tokio::try_join!(
            self.get_protobuf(format!("/traces/{trace_id}")),
            self.get_protobuf(format!("/traces/{trace_id}/logs")),
        )?;
        let spans = protobuf::decode_traces(&spans).map_err(|source| self.garbled(source))?;
        let logs = protobuf::decode_logs(&logs).map_err(|source| self.garbled(source))?;
        Ok(TraceItems {
            spans: scoped_items(spans.groups).collect(),
            logs: scoped_items(logs.groups).collect(),
        })
    }

    /// Sends one chunk of an import: an OTLP protobuf request that counts once, however often
    /// its delivery id is sent.
    ///
    /// # Errors
    /// As every call here: [`ClientError`].
    pub async fn import(
        &self,
        signal: Signal,
        delivery: u128,
        body: Bytes,
    ) -> Result<ImportReceipt, ClientError> {
        let request = self
            .http
            .post(self.url("/import"))
            .query(&[
                ("signal", signal.as_str()),
                ("delivery", &format!("{delivery:032x}")),
            ])
            .header(header::CONTENT_TYPE, PROTOBUF_CONTENT_TYPE)
            .body(body);
        let response = self.send(request).await?;
        self.read_json(response).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{API_PREFIX}{path}", self.base_url)
    }

    async fn get_json<T: DeserializeOwned>(
        &self,
        path: &str,
        params: &(impl Serialize + Sync),
    ) -> Result<T, ClientError> {
        let request = self
            .http
            .get(self.url(path))
            .query(params)
            .header(header::ACCEPT, "application/json");
        let response = self.send(request).await?;
        self.read_json(response).await
    }

    async fn get_protobuf(&self, path: String) -> Result<Bytes, ClientError> {
        let request = self
            .http
            .get(self.url(&path))
            .header(header::ACCEPT, PROTOBUF_CONTENT_TYPE);
        let response = self.send(request).await?;
        response.bytes().await.map_err(|source| self.failed(source))
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Response, ClientError> {
        let request = match &self.token {
            Some(Token(token)) => request.bearer_auth(token),
            None => request,
        };
        let response = request.send().await.map_err(|source| self.failed(source))?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(self.problem(response).await)
    }

    async fn read_json<T: DeserializeOwned>(&self, response: Response) -> Result<T, ClientError> {
        let body = response
            .bytes()
            .await
            .map_err(|source| self.failed(source))?;
        serde_json::from_slice(&body).map_err(|source| self.garbled(source))
    }

    /// Turns an answer that is not a success into an error, by its problem document where it
    /// has one.
    async fn problem(&self, response: Response) -> ClientError {
        let status = response.status();
        let is_problem = response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with(PROBLEM_CONTENT_TYPE));
        let body = response.bytes().await.unwrap_or_default();
        match serde_json::from_slice::<Problem>(&body) {
            Ok(problem) if is_problem => ClientError::Problem(Box::new(problem)),
            _ => ClientError::Foreign {
                url: self.base_url.clone(),
                status: status.as_u16(),
            },
        }
    }

    fn failed(&self, source: reqwest::Error) -> ClientError {
        if source.is_timeout() {
            ClientError::Timeout {
                url: self.base_url.clone(),
            }
        } else {
            ClientError::Unreachable {
                url: self.base_url.clone(),
                source,
            }
        }
    }

    fn garbled(&self, source: impl std::error::Error) -> ClientError {
        ClientError::Garbled {
            url: self.base_url.clone(),
            reason: source.to_string(),
        }
    }
}

/// Whether the error says that the thing asked for is not stored.
pub fn is_not_found(error: &ClientError) -> bool {
    matches!(error, ClientError::Problem(problem) if problem.status == StatusCode::NOT_FOUND.as_u16())
}
