//! `GET /api/v1/services`: what has reported.

use serde::{Deserialize, Serialize};

use crate::page::Completeness;

/// Every service seen, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicesResponse {
    /// The services in order of name.
    pub services: Vec<ServiceEntry>,
    /// How complete the list is.
    pub completeness: Completeness,
}

/// One service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceEntry {
    /// Its `service.name`.
    pub name: String,
    /// Spans stored.
    pub span_count: u64,
    /// Spans that failed.
    pub error_span_count: u64,
    /// Log records stored.
    pub log_count: u64,
    /// The newest start of a span or moment of a record, nanoseconds since the epoch.
    pub last_seen_ns: u64,
}
