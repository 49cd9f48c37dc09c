//! One service of the shop in this process: from its options to its end.

use std::future::IntoFuture;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use crate::database::Database;
use crate::peer::Peer;
use crate::{DemoError, catalogue, gateway, inventory, orders, payments};

/// How long requests that run may go on when the end has come.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(1_500);
/// How long the last spans and records may take.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);
/// How long reaching another service may take.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);

/// What a service is told at its start.
#[derive(Debug, Clone)]
pub struct ServiceOptions {
    /// Which service, one of [`service_names`].
    pub name: String,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where its database lies.
    pub data_dir: PathBuf,
    /// The services it calls: name and base URL.
    pub peers: Vec<(String, String)>,
}

/// A kind of service.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) name: &'static str,
    version: &'static str,
    /// Whom it calls.
    pub(crate) peers: &'static [&'static str],
    /// Makes its routes; called within the runtime.
    build: fn(&Setup) -> Result<Router, DemoError>,
}

/// Every service, those first that others need.
pub(crate) const SERVICES: [Service; 5] = [
    Service {
        name: "catalogue",
        version: "1.4.0",
        peers: &[],
        build: catalogue::build,
    },
    Service {
        name: "inventory",
        version: "2.0.3",
        peers: &[],
        build: inventory::build,
    },
    Service {
        name: "payments",
        version: "3.1.0",
        peers: &[],
        build: payments::build,
    },
    Service {
        name: "orders",
        version: "1.9.2",
        peers: &["catalogue", "inventory", "payments"],
        build: orders::build,
    },
    Service {
        name: "gateway",
        version: "1.2.0",
        peers: &["catalogue", "inventory", "orders"],
        build: gateway::build,
    },
];

/// The names of all services, those first that others need.
pub fn service_names() -> &'static [&'static str] {
    const NAMES: [&str; SERVICES.len()] = {
        let mut names = [""; SERVICES.len()];
        let mut index = 0;
        while index < names.len() {
            names[index] = SERVICES[index].name;
            index += 1;
        }
        names
    };
    &NAMES
}

/// What a service is built from.
#[derive(Debug)]
pub(crate) struct Setup {
    service: &'static Service,
    data_dir: PathBuf,
    peers: Vec<(String, String)>,
    client: reqwest::Client,
}

impl Setup {
    fn new(service: &'static Service, options: ServiceOptions) -> Result<Self, DemoError> {
        Ok(Self {
            service,
            data_dir: options.data_dir,
            peers: options.peers,
            client: reqwest::Client::builder()
                .no_proxy()
                .connect_timeout(CONNECT_TIMEOUT)
                .build()?,
        })
    }

    /// Another service, each call to it ending after `timeout` at the latest.
    pub(crate) fn peer(&self, name: &'static str, timeout: Duration) -> Result<Peer, DemoError> {
        let base = self.peers.iter().find(|it| it.0 == name);
        let (_, base) = base.ok_or(DemoError::NoPeer {
            service: self.service.name,
            peer: name,
        })?;
        Ok(Peer::new(name, base, self.client.clone(), timeout))
    }

    /// Somebody outside of the shop, as another service.
    pub(crate) fn outside(&self, name: &'static str, base: &str, timeout: Duration) -> Peer {
        Peer::new(name, base, self.client.clone(), timeout)
    }

    pub(crate) fn database(&self, schema: &str) -> Result<Database, DemoError> {
        let path = self.data_dir.join(format!("{}.sqlite", self.service.name));
        Database::open(path, schema)
    }
}

/// Runs one service until SIGTERM, SIGINT, or the end of stdin, which means that the supervisor is
/// gone. Says where it listens by one line of JSON on stdout.
///
/// # Errors
/// When the service cannot be started; what happens later is answered to its callers.
pub fn run_service(options: ServiceOptions) -> Result<(), DemoError> {
    let service = SERVICES.iter().find(|it| it.name == options.name);
    let service = service.ok_or_else(|| DemoError::UnknownService {
        name: options.name.clone(),
        known: service_names().join(", "),
    })?;
    std::fs::create_dir_all(&options.data_dir).map_err(|source| DemoError::Files {
        path: options.data_dir.clone(),
        source,
    })?;
    let guard = spanwalk_sdk::builder(service.name)
        .version(service.version)
        .init()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(DemoError::Runtime)?;
    let done = runtime.block_on(serve(service, options));
    if let Err(error) = &done {
        tracing::error!(error.message = %error, "{} ends: {error}", service.name);
    }
    runtime.shutdown_timeout(Duration::ZERO);
    guard.shutdown(FLUSH_TIMEOUT);
    done
}

async fn serve(service: &'static Service, options: ServiceOptions) -> Result<(), DemoError> {
    let mut end = End::new()?;
    let listen = options.listen;
    let failed = |source| DemoError::Listen {
        address: listen,
        source,
    };
    let setup = Setup::new(service, options)?;
    let router = (service.build)(&setup)?.layer(spanwalk_sdk::axum::server());
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(listener, router).with_graceful_shutdown(async {
        // Either end of the channel going means the same.
        drop(stopped.await);
    });
    let server = tokio::spawn(server.into_future());
    announce(service.name, address)?;
    tracing::info!(
        server.address = %address.ip(),
        server.port = address.port(),
        "{} {} listens on {address}", service.name, service.version
    );
    let reason = end.wait().await;
    tracing::info!(reason, "{} ends: {reason}", service.name);
    drop(stop);
    if tokio::time::timeout(DRAIN_TIMEOUT, server).await.is_err() {
        tracing::warn!(
            "{} ends with requests that still run after {} ms",
            service.name,
            DRAIN_TIMEOUT.as_millis()
        );
    }
    Ok(())
}

/// The supervisor waits for exactly this line.
fn announce(service: &str, address: SocketAddr) -> Result<(), DemoError> {
    let line = serde_json::json!({ "service": service, "url": format!("http://{address}") });
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")
        .and_then(|()| stdout.flush())
        .map_err(|source| DemoError::Files {
            path: "stdout".into(),
            source,
        })
}

/// The ways in which a service is told to end.
struct End {
    terminate: Signal,
    interrupt: Signal,
    stdin: oneshot::Receiver<()>,
}

impl End {
    fn new() -> Result<Self, DemoError> {
        let (gone, stdin) = oneshot::channel();
        // The runtime's own reader of stdin could not be ended with the runtime.
        std::thread::Builder::new()
            .name("demo-stdin".to_owned())
            .spawn(move || {
                let mut ignored = [0; 64];
                let mut stdin = std::io::stdin().lock();
                while stdin.read(&mut ignored).is_ok_and(|count| count > 0) {}
                drop(gone);
            })
            .map_err(DemoError::Runtime)?;
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(DemoError::Runtime)?,
            interrupt: signal(SignalKind::interrupt()).map_err(DemoError::Runtime)?,
            stdin,
        })
    }

    async fn wait(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
            _ = &mut self.stdin => "the supervisor is gone",
        }
    }
}
