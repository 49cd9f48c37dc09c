//! Builds the rooms in the order data takes, binds, runs, and stops them in that order.
//!
//! - `listener`: one address, its connections and their limits.
//! - `exposure`: what may be reached from elsewhere.
//! - `holder`: which process holds an address that is taken.
//! - `published`: tells other processes where the collector of a data directory listens.

mod exposure;
mod holder;
mod listener;
mod published;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use spanwalk_api::{ListenerStatus, Ready};

use crate::admission::{Access, Budget, TokensError};
use crate::clock;
use crate::config::{Config, Listen};
use crate::engine::Engine;
use crate::http::{self, About, ApiState, CollectorCounters};
use crate::receiver::{Receiver, ReceiverOptions};
use crate::redaction::Redactor;
use crate::store::{self, OpenError, OpenStore, StoreError};
use crate::telemetry::{self, Telemetry};

use listener::{Bound, Limits, Listener};

/// How long requests that are being handled may go on after a stop.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(5);

/// Why a collector could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The thread that opens the data directory panicked.
    #[error("opening the data directory {} failed unexpectedly", directory.display())]
    Opening {
        /// The directory.
        directory: PathBuf,
    },
    /// A listener would be where other machines reach it, which nobody asked for.
    #[error("{}", problems.join("; "))]
    Exposed {
        /// Which, and what to do.
        problems: Vec<String>,
    },
    /// The file of tokens cannot be used.
    #[error(transparent)]
    Tokens(#[from] TokensError),
    /// No listener could be bound.
    #[error("no listener could be bound: {}", problems.join("; "))]
    NoListener {
        /// What stood in the way of each.
        problems: Vec<String>,
    },
}

/// A collector that runs.
#[derive(Debug)]
pub struct Running {
    ready: Ready,
    listeners: Vec<Listener>,
    store: OpenStore,
    data_dir: PathBuf,
}

/// Opens the data directory and starts every listener that is not off. Must be called within
/// a tokio runtime.
///
/// A listener whose address is taken does not stop the others; [`Running::ready`] tells why it
/// is not bound.
///
/// # Errors
/// [`StartError`].
pub async fn start(config: Config) -> Result<Running, StartError> {
    let started_ns = clock::now_ns();
    let wanted = wanted(&config);
    let problems = exposure::problems(&config, &wanted);
    if !problems.is_empty() {
        return Err(StartError::Exposed { problems });
    }
    let access = match &config.tokens {
        Some(file) => Access::by_tokens(file)?,
        None => Access::open(),
    };
    // Bound before the store is opened: a start that cannot listen should not replay first.
    let bound = bind_all(&wanted).await;
    let statuses: Vec<ListenerStatus> = bound.iter().map(Bound::status).collect();
    let wanted = statuses.iter().filter(|status| !is_off(status));
    if wanted.clone().count() > 0 && wanted.clone().all(|status| status.address.is_empty()) {
        return Err(StartError::NoListener {
            problems: wanted.map(|status| status.problem.clone()).collect(),
        });
    }
    let store = open(config.data_dir.clone(), config.store).await?;
    let telemetry = Arc::new(Telemetry::default());
    for (reason, count) in store.lost() {
        telemetry.dropped(reason, *count);
    }
    let budget = Budget::new(config.in_flight_bytes_max);
    let receiver = Receiver::new(ReceiverOptions {
        ingest: store.ingest(),
        budget: budget.clone(),
        telemetry: Arc::clone(&telemetry),
        request_bytes_max: config.request_bytes_max,
        access: access.clone(),
        redactor: Redactor::new(&config.redaction),
    });
    let about = About {
        data_dir: config.data_dir.clone(),
        started_ns,
        query_timeout: config.query_timeout,
        listeners: statuses.clone(),
    };
    let state = ApiState {
        engine: Engine::new(store.store()),
        about,
        access,
        status: counters(&telemetry, budget),
    };
    let api = http::router_with(state, http::import_router(receiver.clone()));
    let routers = [
        receiver.grpc_router(),
        http::guard_host(receiver.http_router()),
        http::guard_host(receiver.zipkin_router()),
        api,
    ];
    let listeners = bound
        .into_iter()
        .zip(routers)
        .filter_map(|(bound, router): (Bound, Router)| bound.serve(router, Limits::default()))
        .collect();
    let ready = Ready {
        listeners: statuses,
        data_dir: config.data_dir.display().to_string(),
        pid: std::process::id(),
    };
    published::publish(&config.data_dir, &ready);
    Ok(Running {
        ready,
        listeners,
        store,
        data_dir: config.data_dir,
    })
}

/// The collector that uses this data directory now, where one does. Blocks for the reading of
/// a small file.
pub fn find_running(data_dir: &Path) -> Option<Ready> {
    published::find(data_dir)
}

impl Running {
    /// The bound addresses.
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// The URL of the query API, such as `http://127.0.0.1:4320`; `None` where it is off or
    /// could not be bound.
    pub fn api_url(&self) -> Option<String> {
        self.ready
            .listeners
            .iter()
            .find(|listener| {
                listener.name == telemetry::Listener::Api.name() && !listener.address.is_empty()
            })
            .map(|listener| format!("http://{}", listener.address))
    }

    /// Takes nothing more, answers what it has taken, flushes, and gives the directory back.
    ///
    /// # Errors
    /// [`StoreError`] where the last flush failed; the wal then keeps its data.
    pub async fn stop(self) -> Result<(), StoreError> {
        let deadline = tokio::time::Instant::now() + DRAIN_TIME_MAX;
        // All at once, so that the slowest alone is waited for.
        let draining: Vec<_> = self
            .listeners
            .into_iter()
            .map(|listener| tokio::spawn(listener.stop(deadline)))
            .collect();
        for listener in draining {
            if let Err(error) = listener.await {
                tracing::error!(%error, "a listener did not stop in order");
            }
        }
        published::withdraw(&self.data_dir);
        let store = self.store;
        match tokio::task::spawn_blocking(move || store.stop()).await {
            Ok(result) => result,
            Err(error) => {
                tracing::error!(%error, "closing the store panicked; the wal keeps its data");
                Ok(())
            }
        }
    }
}

/// What listens where, and the flag that says so; in the order of the routers.
type Wanted = [(&'static str, &'static str, Listen); 4];

fn wanted(config: &Config) -> Wanted {
    [
        (
            telemetry::Listener::OtlpGrpc.name(),
            "--otlp-grpc",
            config.otlp_grpc,
        ),
        (
            telemetry::Listener::OtlpHttp.name(),
            "--otlp-http",
            config.otlp_http,
        ),
        (
            telemetry::Listener::Zipkin.name(),
            "--zipkin",
            config.zipkin,
        ),
        (telemetry::Listener::Api.name(), "--api", config.api),
    ]
}

async fn bind_all(wanted: &Wanted) -> Vec<Bound> {
    let mut bound = Vec::with_capacity(wanted.len());
    for (name, flag, listen) in wanted {
        bound.push(Bound::bind(name, flag, *listen).await);
    }
    bound
}

fn is_off(status: &ListenerStatus) -> bool {
    status.address.is_empty() && status.problem.is_empty()
}

async fn open(data_dir: PathBuf, options: store::StoreOptions) -> Result<OpenStore, StartError> {
    let directory = data_dir.clone();
    tokio::task::spawn_blocking(move || store::open(&data_dir, options))
        .await
        .map_err(|_| StartError::Opening { directory })?
        .map_err(StartError::Open)
}

fn counters(
    telemetry: &Arc<Telemetry>,
    budget: Budget,
) -> Arc<dyn Fn() -> CollectorCounters + Send + Sync> {
    let telemetry = Arc::clone(telemetry);
    Arc::new(move || {
        let counts = telemetry.counts();
        CollectorCounters {
            received: counts.received,
            rejected: counts.rejected,
            refused: counts.refused,
            dropped: counts.dropped,
            redacted: counts.redacted,
            samples: counts.samples,
            in_flight_bytes: budget.held_bytes() as u64,
            in_flight_bytes_max: budget.bytes_max() as u64,
            warnings: Vec::new(),
        }
    })
}
