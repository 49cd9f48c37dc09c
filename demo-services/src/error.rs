//! Why the demo system or one of its services could not run: what, where, what to do.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the demo system or one of its services could not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// No service has this name.
    #[error("the demo has no service {name:?}: take one of {known}")]
    UnknownService {
        /// What was asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A service was not told where another one is.
    #[error("{service} does not know where {peer} is: give --peer {peer}=URL")]
    NoPeer {
        /// Who asks.
        service: &'static str,
        /// Who is missing.
        peer: &'static str,
    },
    /// The rate is no number of requests.
    #[error("a rate of {rate_per_s} requests/s is not possible: give a number from 0 to {max}")]
    Rate {
        /// What was asked for.
        rate_per_s: f64,
        /// The highest that is taken.
        max: f64,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address} ({source}): give a free one, port 0 takes any")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// A file or folder cannot be made or written.
    #[error("cannot write {path} ({source}): give a data directory that can be written")]
    Files {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A database cannot be opened.
    #[error("cannot open the database {path} ({source}): remove the file, it is made anew")]
    Database {
        /// Its file.
        path: PathBuf,
        /// What sqlite says.
        source: rusqlite::Error,
    },
    /// Telemetry cannot be started.
    #[error("telemetry cannot be started: {0}")]
    Telemetry(#[from] spanwalk_sdk::InitError),
    /// No runtime, thread or signal handler.
    #[error("the system gives no more threads or handles: {0}")]
    Runtime(io::Error),
    /// No HTTP client.
    #[error("no HTTP client can be had: {0}")]
    Client(#[from] reqwest::Error),
    /// The executable of a service cannot be started.
    #[error("cannot start {service} as {executable} ({source}): check that it can be executed")]
    Start {
        /// The service.
        service: &'static str,
        /// What was to be executed.
        executable: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A service did not come up.
    #[error("{service} did not come up ({reason}): its log is {log}")]
    NotUp {
        /// The service.
        service: &'static str,
        /// How it failed.
        reason: String,
        /// Where it may have said more.
        log: PathBuf,
    },
}
