//! What the UI asks of a collector.

use std::future::Future;

use spanwalk_api::{
    LogsParams, LogsResponse, SearchParams, SearchResponse, ServicesResponse, Status,
};
use spanwalk_model::{TraceId, TraceItems};

use crate::client::{Client, ClientError};

/// A collector, as the UI sees it; tests put a fake one here.
pub trait Backend: Send + Sync + 'static {
    /// Traces that match.
    fn search(
        &self,
        params: SearchParams,
    ) -> impl Future<Output = Result<SearchResponse, Failure>> + Send;
    /// Log records that match.
    fn logs(
        &self,
        params: LogsParams,
    ) -> impl Future<Output = Result<LogsResponse, Failure>> + Send;
    /// Everything stored of a trace.
    fn trace(&self, id: TraceId) -> impl Future<Output = Result<TraceItems, Failure>> + Send;
    /// Every service seen.
    fn services(&self) -> impl Future<Output = Result<ServicesResponse, Failure>> + Send;
    /// The collector about itself.
    fn status(&self) -> impl Future<Output = Result<Status, Failure>> + Send;
}

/// Why an answer did not come, for people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failure {
    /// What happened and what to do.
    pub text: String,
    /// For a query: byte offset at which the problem begins.
    pub position: Option<usize>,
    /// For a query: what to write in its place.
    pub suggestion: Option<String>,
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let text = error.to_string();
        match error {
            ClientError::Problem(problem) => Self {
                text,
                position: problem
                    .position
                    .and_then(|position| usize::try_from(position).ok()),
                suggestion: problem.suggestion,
            },
            _ => Self {
                text,
                ..Self::default()
            },
        }
    }
}

impl Backend for Client {
    async fn search(&self, params: SearchParams) -> Result<SearchResponse, Failure> {
        Ok(Self::search(self, &params).await?)
    }

    async fn logs(&self, params: LogsParams) -> Result<LogsResponse, Failure> {
        Ok(Self::logs(self, &params).await?)
    }

    async fn trace(&self, id: TraceId) -> Result<TraceItems, Failure> {
        Ok(Self::trace(self, id).await?)
    }

    async fn services(&self) -> Result<ServicesResponse, Failure> {
        Ok(Self::services(self).await?)
    }

    async fn status(&self) -> Result<Status, Failure> {
        Ok(Self::status(self).await?)
    }
}
