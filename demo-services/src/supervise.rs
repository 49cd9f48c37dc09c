//! The whole system: every service as a process, visitors in front of them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::DemoError;
use crate::load::{Load, check_rate};
use crate::process::{Launch, Running};
use crate::service::SERVICES;

/// How long requests that run may go on when the system stops.
const LOAD_TIMEOUT: Duration = Duration::from_secs(1);

/// What the system is started with.
#[derive(Debug, Clone)]
pub struct SystemOptions {
    /// What is executed for each service, as `EXECUTABLE demo service NAME …`.
    pub executable: PathBuf,
    /// Where the services send their telemetry: OTLP over gRPC, such as `http://127.0.0.1:4317`.
    pub otlp_endpoint: String,
    /// Where the services keep their data, and where their logs are.
    pub data_dir: PathBuf,
    /// Visitors per second in the mean; 0 for none.
    pub rate_per_s: f64,
    /// The same number sends the same visitors.
    pub seed: u64,
}

/// The system while it runs. Dropped without [`System::stop`] its services are killed.
#[derive(Debug)]
pub struct System {
    gateway_url: String,
    rate_per_s: f64,
    load: Load,
    end: watch::Sender<bool>,
    services: JoinSet<()>,
    restart_count: Arc<AtomicU64>,
}

impl System {
    /// Starts every service, those first that others need, then the visitors. Needs a tokio runtime
    /// with I/O and time, on which the supervisor goes on.
    ///
    /// # Errors
    /// When a file cannot be written, or a service cannot be started or does not come up; what was
    /// started by then is ended.
    pub async fn start(options: SystemOptions) -> Result<Self, DemoError> {
        check_rate(options.rate_per_s)?;
        let mut up: Vec<(Launch, Running)> = Vec::with_capacity(SERVICES.len());
        let mut urls: Vec<(String, String)> = Vec::with_capacity(SERVICES.len());
        for service in &SERVICES {
            let data_dir = options.data_dir.join(service.name);
            std::fs::create_dir_all(&data_dir).map_err(|source| DemoError::Files {
                path: data_dir.clone(),
                source,
            })?;
            let launch = Launch {
                service: service.name,
                executable: options.executable.clone(),
                otlp_endpoint: options.otlp_endpoint.clone(),
                data_dir,
                log: options.data_dir.join(format!("{}.log", service.name)),
                peers: urls
                    .iter()
                    .filter(|it| service.peers.contains(&it.0.as_str()))
                    .cloned()
                    .collect(),
            };
            let running = launch.first().await?;
            urls.push((service.name.to_owned(), running.url.clone()));
            up.push((launch, running));
        }
        // The gateway is the last: it needs all others.
        let gateway_url = urls.pop().map(|it| it.1).unwrap_or_default();
        let load = Load::start(&gateway_url, options.rate_per_s, options.seed)?;
        let (end, ended) = watch::channel(false);
        let restart_count = Arc::new(AtomicU64::new(0));
        let mut services = JoinSet::new();
        for (launch, running) in up {
            services.spawn(launch.keep(running, ended.clone(), Arc::clone(&restart_count)));
        }
        Ok(Self {
            gateway_url,
            rate_per_s: options.rate_per_s,
            load,
            end,
            services,
            restart_count,
        })
    }

    /// The base URL of the storefront.
    pub fn gateway_url(&self) -> &str {
        &self.gateway_url
    }

    /// One line for people: what runs and how it goes.
    pub fn summary(&self) -> String {
        let counts = self.load.counts();
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        format!(
            "{} services, shop at {}, {} requests/s: {} sent, {} refused, {} failed, {} skipped; \
             {} services started again",
            SERVICES.len(),
            self.gateway_url,
            self.rate_per_s,
            of(&counts.sent),
            of(&counts.refused),
            of(&counts.failed),
            of(&counts.skipped),
            of(&self.restart_count),
        )
    }

    /// Sends the visitors home, then ends all services, within 5 s.
    pub async fn stop(mut self) {
        self.load.stop(LOAD_TIMEOUT).await;
        self.end.send_replace(true);
        while self.services.join_next().await.is_some() {}
    }
}
