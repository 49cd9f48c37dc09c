//! The query API: `spanwalk-api` types in and out, problem documents for everything else.
//!
//! A handler checks what it was asked, lets the engine work on a thread that may block, and
//! puts the answer into wire types. It decides nothing of its own.
//!
//! - `search`, `trace`, `logs`, `walk`, `services`, `status`, `health`: one route or two each.
//! - `critical_path`, `patterns`, `diff`: what the analysis says of traces.
//! - `histogram`, `tail`: log records over time; what comes in, as it comes.
//! - `fields`: what there is to ask for, with counts.
//! - `metrics`: the collector about itself, for Prometheus.
//! - `import`: chunks of files, for the receiver.
//! - `params`: query strings, checked strictly.
//! - `filter`: filters of our language from keys and values of anybody.
//! - `scan`: what is counted over the newest traces.
//! - `run`: engine calls on blocking threads, so many at once and so long.
//! - `compat`: the read APIs of Jaeger, Zipkin and Tempo.
//! - `answer`: bodies, and how complete they are.
//! - `problem`: what goes wrong, as problem documents.
//! - `host`: keeps web pages of other hosts out.
//! - `auth`: lets in who may ask.
//! - `layers`: what holds for every answer.

mod answer;
mod auth;
mod compat;
mod critical_path;
mod diff;
mod fields;
#[cfg(test)]
mod fields_tests;
mod filter;
mod health;
mod histogram;
mod host;
mod import;
mod layers;
mod logs;
mod metrics;
mod params;
mod patterns;
mod problem;
mod run;
mod scan;
mod search;
mod services;
mod status;
mod tail;
#[cfg(test)]
mod tail_tests;
#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tests;
mod trace;
#[cfg(test)]
mod trace_tests;
#[cfg(test)]
mod trouble_tests;
mod walk;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use spanwalk_api::{API_PREFIX, ListenerStatus};
use spanwalk_model::otlp::{json, protobuf};
use tokio::sync::Semaphore;

use crate::admission::Access;
use crate::engine::Engine;
use crate::telemetry::Sample;
use run::Runner;

pub use host::guard_host;
pub use import::import_router;
pub use problem::{ApiError, problem};

/// Searches, and traces that are read, at once. Each may hold a large trace in memory.
const QUERIES_AT_ONCE: usize = 16;
/// Reports about the collector at once. They have their own places, so that a collector which
/// is busy with queries still says how it is.
const REPORTS_AT_ONCE: usize = 4;

/// Live tails at once. Each asks the store some times a second.
const TAILS_AT_ONCE: usize = 16;

/// What the API answers from.
#[derive(Clone)]
pub struct ApiState {
    /// Answers questions about what is stored.
    pub engine: Engine,
    /// What does not change while the collector runs.
    pub about: About,
    /// Who may ask.
    pub access: Access,
    /// What was counted so far. May be called from any thread, and may block for a moment.
    pub status: Arc<dyn Fn() -> CollectorCounters + Send + Sync>,
}

/// What does not change while a collector runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// When it started, nanoseconds since the epoch.
    pub started_ns: u64,
    /// How long a query may take, waiting for its turn included.
    pub query_timeout: Duration,
    /// The listeners.
    pub listeners: Vec<ListenerStatus>,
}

/// What a collector counted, by the words of [`spanwalk_api::Status`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CollectorCounters {
    /// Items that arrived, by signal.
    pub received: BTreeMap<String, u64>,
    /// Items that cannot be stored, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// Requests turned away, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Items lost after they were acknowledged, by reason.
    pub dropped: BTreeMap<String, u64>,
    /// Values that were hidden, by reason.
    pub redacted: BTreeMap<String, u64>,
    /// All of these, also by listener.
    pub samples: Vec<Sample>,
    /// Bytes that requests in flight hold now.
    pub in_flight_bytes: u64,
    /// Bytes that they may hold.
    pub in_flight_bytes_max: u64,
    /// What is wrong beside the store, for people.
    pub warnings: Vec<String>,
}

/// The state as handlers share it.
struct Api {
    state: ApiState,
    queries: Runner,
    reports: Runner,
    tails: Arc<Semaphore>,
}

/// All routes that read.
pub fn router(state: ApiState) -> Router {
    router_with(state, Router::new())
}

/// All routes that read, and more routes under the same roof: guarded against other hosts,
/// with problem documents for wrong methods and panics, and never cached. The paths of `more`
/// begin with [`API_PREFIX`], and it has no fallback of its own.
pub fn router_with(state: ApiState, more: Router) -> Router {
    let timeout = state.about.query_timeout;
    let access = state.access.clone();
    let api = Arc::new(Api {
        queries: Runner::new(QUERIES_AT_ONCE, timeout),
        reports: Runner::new(REPORTS_AT_ONCE, timeout),
        tails: Arc::new(Semaphore::new(TAILS_AT_ONCE)),
        state,
    });
    let routes = Router::new()
        .route("/traces", get(search::search))
        .route(
            "/traces/{trace_id}",
            trace::document(
                |trace| protobuf::encode_traces(&trace.spans),
                |trace| json::encode_document(&trace.spans, &trace.logs),
            ),
        )
        .route(
            "/traces/{trace_id}/logs",
            trace::document(
                |trace| protobuf::encode_logs(&trace.logs),
                |trace| json::encode_logs(&trace.logs),
            ),
        )
        .route("/traces/{trace_id}/walk", trace::analysed(walk::answer))
        .route(
            "/traces/{trace_id}/critical-path",
            trace::analysed(critical_path::answer),
        )
        .route(
            "/traces/{trace_id}/patterns",
            trace::analysed(patterns::answer),
        )
        .route("/traces/{trace_id}/diff", get(diff::diff))
        .route("/logs", get(logs::logs))
        .route("/logs/histogram", get(histogram::histogram))
        .route("/tail", get(tail::tail))
        .route("/services", get(services::services))
        .route("/operations", get(fields::operations))
        .route("/keys", get(fields::keys))
        .route("/values", get(fields::values))
        .route("/status", get(status::status))
        .route("/health", get(health::health));
    let all = Router::new()
        .nest(API_PREFIX, routes)
        .merge(compat::router())
        .route("/metrics", get(metrics::metrics))
        .fallback(layers::no_such_path)
        .with_state(api)
        .merge(more);
    layers::around(guard_host(auth::guard(all, access)))
}
