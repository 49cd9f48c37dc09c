//! The demo system: a small shop of real services with real troubles.

use std::net::SocketAddr;
use std::path::PathBuf;

/// What one service is told at its start.
#[derive(Debug, Clone)]
pub struct ServiceOptions {
    /// Which service.
    pub name: String,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where it keeps its data.
    pub data_dir: PathBuf,
    /// The services it calls: name and base URL.
    pub peers: Vec<(String, String)>,
}

/// Why the demo could not run.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// There is no such service.
    #[error("the demo has no service {0:?}")]
    NoSuchService(String),
}

/// Runs one service until the process is told to end.
///
/// # Errors
/// [`DemoError`].
pub fn run_service(options: ServiceOptions) -> Result<(), DemoError> {
    Err(DemoError::NoSuchService(options.name))
}

/// The services there are.
pub fn service_names() -> &'static [&'static str] {
    &[]
}

/// What the system is told at its start.
#[derive(Debug, Clone)]
pub struct SystemOptions {
    /// The program that is started once per service.
    pub executable: PathBuf,
    /// Where services export to: OTLP over gRPC.
    pub otlp_endpoint: String,
    /// Where services keep their data.
    pub data_dir: PathBuf,
    /// Requests per second.
    pub rate_per_s: f64,
    /// The seed of the load.
    pub seed: u64,
}

/// The demo system while it runs.
#[derive(Debug)]
pub struct System;

impl System {
    /// Starts every service and the load.
    ///
    /// # Errors
    /// [`DemoError`].
    #[expect(clippy::unused_async, reason = "the interface is asynchronous")]
    pub async fn start(_options: SystemOptions) -> Result<Self, DemoError> {
        Ok(Self)
    }

    /// Where the shop answers.
    pub fn gateway_url(&self) -> &str {
        ""
    }

    /// What runs, for people.
    pub fn summary(&self) -> String {
        String::new()
    }

    /// Ends everything.
    #[expect(clippy::unused_async, reason = "the interface is asynchronous")]
    pub async fn stop(self) {}
}
