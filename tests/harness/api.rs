//! Asks a collector over its API, waiting for each answer.

use std::time::Duration;

use reqwest::blocking::{Client, Response};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde::de::DeserializeOwned;
use spanwalk_api::{
    API_PREFIX, LogEntry, LogsResponse, PROBLEM_CONTENT_TYPE, Problem, SearchResponse,
    ServicesResponse, Status, TraceSummary, WalkResponse,
};

/// Client of one collector.
#[derive(Debug, Clone)]
pub struct Api {
    client: Client,
    url: String,
}

impl Api {
    /// A client of the collector at this URL.
    ///
    /// # Panics
    /// Where no HTTP client can be had.
    pub fn new(url: String) -> Self {
        let client = Client::builder()
            .no_proxy()
            .timeout(Duration::from_mins(1))
            .build()
            .expect("an HTTP client");
        Self { client, url }
    }

    /// The collector's URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The collector about itself.
    #[track_caller]
    pub fn status(&self) -> Status {
        self.get("/status", &[])
    }

    /// Every service.
    #[track_caller]
    pub fn services(&self) -> ServicesResponse {
        self.get("/services", &[])
    }

    /// One page of traces.
    #[track_caller]
    pub fn search(&self, query: &str) -> SearchResponse {
        self.get("/traces", &[("q", query), ("limit", "1000")])
    }

    /// Every trace that matches, page by page.
    ///
    /// # Panics
    /// Where a trace comes twice.
    #[track_caller]
    pub fn search_all(&self, query: &str) -> Vec<TraceSummary> {
        let mut all: Vec<TraceSummary> = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut parameters = vec![("q", query), ("limit", "1000")];
            parameters.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let page: SearchResponse = self.get("/traces", &parameters);
            all.extend(page.traces);
            match page.next_cursor {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        let mut ids: Vec<_> = all.iter().map(|trace| trace.trace_id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all.len(), "a page repeats a trace");
        all
    }

    /// Every log record that matches, page by page.
    #[track_caller]
    pub fn logs(&self, query: &str) -> Vec<LogEntry> {
        let mut all = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut parameters = vec![("q", query), ("limit", "10000")];
            parameters.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let page: LogsResponse = self.get("/logs", &parameters);
            all.extend(page.logs);
            match page.next_cursor {
                Some(next) => cursor = Some(next),
                None => return all,
            }
        }
    }

    /// A trace with its log records as an OTLP/JSON document; `None` where it is not stored.
    ///
    /// # Panics
    /// Where it cannot be had for another reason.
    #[track_caller]
    pub fn trace(&self, trace_id: &str) -> Option<serde_json::Value> {
        match self.try_get(&format!("/traces/{trace_id}"), &[]) {
            Ok(document) => Some(document),
            Err(problem) if problem.status == 404 => None,
            Err(problem) => panic!("{trace_id}: {problem:?}"),
        }
    }

    /// The walk of a trace.
    #[track_caller]
    pub fn walk(&self, trace_id: &str) -> WalkResponse {
        self.get(&format!("/traces/{trace_id}/walk"), &[])
    }

    /// An answer that must not fail.
    #[track_caller]
    fn get<T: DeserializeOwned>(&self, path: &str, parameters: &[(&str, &str)]) -> T {
        match self.try_get(path, parameters) {
            Ok(answer) => answer,
            Err(problem) => panic!("{path} {parameters:?}: {problem:?}"),
        }
    }

    /// An answer, or the problem document that came in its place.
    ///
    /// # Errors
    /// The problem.
    ///
    /// # Panics
    /// Where the collector cannot be reached or says something else.
    #[track_caller]
    pub fn try_get<T: DeserializeOwned>(
        &self,
        path: &str,
        parameters: &[(&str, &str)],
    ) -> Result<T, Box<Problem>> {
        let response = self
            .client
            .get(format!("{}{API_PREFIX}{path}", self.url))
            .query(parameters)
            .header(ACCEPT, "application/json")
            .send()
            .unwrap_or_else(|error| panic!("{path}: {error:?}"));
        if response.status().is_success() {
            let body = response.bytes().expect("the whole answer");
            return Ok(serde_json::from_slice(&body).unwrap_or_else(|error| {
                panic!("{path}: {error} in {}", String::from_utf8_lossy(&body))
            }));
        }
        Err(Box::new(problem(path, response)))
    }
}

fn problem(path: &str, response: Response) -> Problem {
    let status = response.status();
    let kind = response.headers().get(CONTENT_TYPE).cloned();
    let body = response.bytes().unwrap_or_default();
    assert_eq!(
        kind.as_ref().and_then(|kind| kind.to_str().ok()),
        Some(PROBLEM_CONTENT_TYPE),
        "{path}: {status} {}",
        String::from_utf8_lossy(&body)
    );
    serde_json::from_slice(&body).expect("a problem document")
}
