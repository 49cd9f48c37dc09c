//! Finds the collector that runs here, or starts one inside. The only file that names the
//! collector's library.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use spanwalk_api::{ListenerStatus, Ready};
use spanwalk_collector::config::{API_PORT, Config};
use spanwalk_collector::disk::LockError;
use spanwalk_collector::serve::{self, Running, StartError};
use spanwalk_collector::store::OpenError;

use crate::client::{Client, ClientError};
use crate::settings::Settings;

pub use spanwalk_collector::config::Listen;

/// What the collector writes about itself where nothing else is said.
pub const LOG_DEFAULT: &str = "warn,spanwalk_collector=info";

/// How long to wait for a connection to the usual address on this machine, which answers at
/// once or not at all.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(250);
/// How long to wait for what listens there to say that it is a collector.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
/// How long to wait before looking again for a collector that is starting or ending.
const PAUSE: Duration = Duration::from_millis(50);
/// How often to look again: about three seconds, longer than a collector takes to start on a
/// directory of usual size.
const LOOKS_MAX: u32 = 60;

/// Why there is no collector.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// There is no place for data.
    #[error(
        "the data directory is not known, because there is no home directory; name one with --data-dir DIR"
    )]
    NoDataDir,
    /// Another process has the data directory.
    #[error(
        "{reason}, and no query API of it can be found; end that process, or name another directory with --data-dir"
    )]
    Held {
        /// Which directory, and who has it.
        reason: String,
    },
    /// A collector could not start.
    #[error("the collector could not start: {reason}")]
    Start {
        /// What stands in the way.
        reason: String,
    },
    /// Its query API could not listen, so that nothing can be asked.
    #[error("the query API of the collector does not listen{}", because(.reason))]
    NoApi {
        /// Why; empty where it is off.
        reason: String,
    },
    /// The collector did not end well.
    #[error(
        "the collector could not write everything before its end: {reason}; what it acknowledged is in its wal and is read at the next start"
    )]
    Stop {
        /// What stood in the way.
        reason: String,
    },
    /// The collector did not answer.
    #[error(transparent)]
    Client(#[from] ClientError),
}

fn because(reason: &str) -> String {
    match reason {
        "" => "; it is off".to_owned(),
        reason => format!(": {reason}"),
    }
}

/// Where a collector that is started listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listeners {
    /// OTLP over gRPC.
    pub otlp_grpc: Listen,
    /// OTLP over HTTP.
    pub otlp_http: Listen,
    /// The query API.
    pub api: Listen,
}

impl Listeners {
    /// As the settings say, whatever comes of it.
    pub fn of(settings: &Settings) -> Self {
        Self {
            otlp_grpc: settings.otlp_grpc,
            otlp_http: settings.otlp_http,
            api: settings.api,
        }
    }

    /// For this process alone: nothing is received, and the query API takes a free port.
    pub fn inside() -> Self {
        Self {
            otlp_grpc: Listen::Off,
            otlp_http: Listen::Off,
            api: Listen::loopback(0),
        }
    }

    /// The same, with a free port for the query API where its port is taken or it is off.
    pub fn with_some_api(self) -> Self {
        let api = match free_or_any(self.api) {
            Listen::Off => Listen::loopback(0),
            at @ Listen::At(_) => at,
        };
        Self { api, ..self }
    }

    /// The same, with free ports in the place of those that are taken.
    pub fn with_free_ports(self) -> Self {
        Self {
            otlp_grpc: free_or_any(self.otlp_grpc),
            otlp_http: free_or_any(self.otlp_http),
            ..self.with_some_api()
        }
    }
}

/// The address, or the same with a free port where it is taken now.
fn free_or_any(listen: Listen) -> Listen {
    match listen {
        Listen::At(address) if TcpListener::bind(address).is_err() => {
            Listen::At(SocketAddr::new(address.ip(), 0))
        }
        other => other,
    }
}

/// An address as others reach it: the one that stands for all becomes the loopback one.
pub fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// A collector that runs inside this process.
#[derive(Debug)]
pub struct Inside {
    running: Running,
}

impl Inside {
    /// Starts a collector on this directory.
    ///
    /// # Errors
    /// Where another process has the directory, it cannot be used, or no listener could be
    /// bound.
    pub async fn start(
        settings: &Settings,
        data_dir: &Path,
        listeners: Listeners,
    ) -> Result<Self, LocalError> {
        let config = Config {
            otlp_grpc: listeners.otlp_grpc,
            otlp_http: listeners.otlp_http,
            api: listeners.api,
            request_bytes_max: settings.request_bytes_max,
            in_flight_bytes_max: settings.in_flight_bytes_max,
            query_timeout: settings.query_timeout,
            ..Config::new(data_dir)
        };
        let running = serve::start(config).await.map_err(|error| match error {
            StartError::Open(OpenError::Lock(held @ LockError::Held { .. })) => LocalError::Held {
                reason: held.to_string(),
            },
            other => LocalError::Start {
                reason: other.to_string(),
            },
        })?;
        Ok(Self { running })
    }

    /// The bound addresses.
    pub fn ready(&self) -> &Ready {
        self.running.ready()
    }

    /// Takes nothing more, answers what it has taken, and writes everything.
    ///
    /// # Errors
    /// Where something could not be written; the wal keeps it.
    pub async fn stop(self) -> Result<(), LocalError> {
        self.running.stop().await.map_err(|error| LocalError::Stop {
            reason: error.to_string(),
        })
    }

    fn api_url(&self) -> Result<String, LocalError> {
        self.running.api_url().ok_or_else(|| {
            let api = self.ready().listeners.iter().find(|one| one.name == "api");
            LocalError::NoApi {
                reason: api.map(|one| one.problem.clone()).unwrap_or_default(),
            }
        })
    }
}

/// Where a collector is, as far as that can be seen without asking.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    /// The user named this one.
    Named(String),
    /// This one has the data directory.
    Running(String),
    /// Something listens at the usual address; it may be one.
    Perhaps { url: String, data_dir: PathBuf },
    /// None runs here; one can start on this directory.
    Nowhere { data_dir: PathBuf },
}

/// Whether a collector may have to run inside this process, which then needs threads for it.
pub fn may_run_inside(settings: &Settings) -> bool {
    matches!(
        find(settings),
        Ok(Found::Perhaps { .. } | Found::Nowhere { .. })
    )
}

/// The data directory that is used: the one that was named, else the usual one.
///
/// # Errors
/// [`LocalError::NoDataDir`].
pub fn data_dir(settings: &Settings) -> Result<PathBuf, LocalError> {
    let named = settings.data_dir.as_ref().map(|dir| dir.value.clone());
    named
        .or_else(|| settings.default_data_dir.clone())
        .ok_or(LocalError::NoDataDir)
}

fn find(settings: &Settings) -> Result<Found, LocalError> {
    if let Some(url) = settings.named_collector() {
        return Ok(Found::Named(url.to_owned()));
    }
    let data_dir = match data_dir(settings) {
        Ok(data_dir) => data_dir,
        // A collector at the usual address can be asked without a home too.
        Err(error) => return usual_url(settings).map(Found::Running).ok_or(error),
    };
    if let Some(url) = serve::find_running(&data_dir).and_then(|ready| api_url_of(&ready)) {
        return Ok(Found::Running(url));
    }
    if settings.data_dir.is_none()
        && let Some(url) = usual_url(settings)
    {
        return Ok(Found::Perhaps { url, data_dir });
    }
    Ok(Found::Nowhere { data_dir })
}

fn api_url_of(ready: &Ready) -> Option<String> {
    let api = ready.listeners.iter().find(|one| one.name == "api")?;
    let address = api.address.parse::<SocketAddr>().ok()?;
    Some(format!("http://{}", reachable(address)))
}

/// The URL of the usual address, where something listens there.
fn usual_url(settings: &Settings) -> Option<String> {
    let address = match settings.api {
        Listen::At(address) if address.port() != 0 => reachable(address),
        _ => SocketAddr::from((Ipv4Addr::LOCALHOST, API_PORT)),
    };
    TcpStream::connect_timeout(&address, CONNECT_TIMEOUT).ok()?;
    Some(format!("http://{address}"))
}

/// A collector that can be asked.
#[derive(Debug)]
pub struct Connection {
    client: Client,
    inside: Option<Inside>,
    /// Whether it was found by its data directory, so that it may end when its process does
    /// and another may take its place.
    may_move: bool,
}

impl Connection {
    /// Finds a collector, or starts one with these listeners.
    ///
    /// # Errors
    /// Where there is none and none can start.
    pub async fn open(settings: &Settings, listeners: Listeners) -> Result<Self, LocalError> {
        let mut looks = 0;
        loop {
            let data_dir = match find(settings)? {
                Found::Named(url) => return Self::to(&url, false),
                Found::Running(url) => return Self::to(&url, true),
                Found::Perhaps { url, data_dir } => {
                    let connection = Self::to(&url, false)?;
                    if connection.is_collector().await {
                        return Ok(connection);
                    }
                    data_dir
                }
                Found::Nowhere { data_dir } => data_dir,
            };
            match Self::inside(settings, &data_dir, listeners).await {
                // Another process has just taken the directory and will tell its addresses.
                Err(LocalError::Held { .. }) if looks < LOOKS_MAX => looks += 1,
                other => return other,
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The collector that runs, where one does.
    ///
    /// # Errors
    /// Where one was named and does not answer.
    pub async fn of_running(settings: &Settings) -> Result<Option<Self>, LocalError> {
        let url = match find(settings) {
            Ok(Found::Named(url)) => {
                let connection = Self::to(&url, false)?;
                connection.client.status().await?;
                return Ok(Some(connection));
            }
            Ok(Found::Running(url) | Found::Perhaps { url, .. }) => url,
            Ok(Found::Nowhere { .. }) | Err(LocalError::NoDataDir) => return Ok(None),
            Err(error) => return Err(error),
        };
        let connection = Self::to(&url, false)?;
        Ok(connection.is_collector().await.then_some(connection))
    }

    /// A collector started inside on this directory.
    ///
    /// # Errors
    /// Where it cannot start or be asked.
    pub async fn inside(
        settings: &Settings,
        data_dir: &Path,
        listeners: Listeners,
    ) -> Result<Self, LocalError> {
        let inside = Inside::start(settings, data_dir, listeners).await?;
        let client = match inside.api_url() {
            Ok(url) => Client::new(&url)?,
            Err(error) => {
                inside.stop().await?;
                return Err(error);
            }
        };
        Ok(Self {
            client,
            inside: Some(inside),
            may_move: false,
        })
    }

    fn to(url: &str, may_move: bool) -> Result<Self, LocalError> {
        Ok(Self {
            client: Client::new(url)?,
            inside: None,
            may_move,
        })
    }

    /// Asks the collector.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The bound addresses of a collector that runs inside.
    pub fn ready(&self) -> Option<&Ready> {
        self.inside.as_ref().map(Inside::ready)
    }

    /// The listeners of a collector inside that could not be bound.
    pub fn unbound(&self) -> impl Iterator<Item = &ListenerStatus> {
        let listeners = self.ready().map(|ready| ready.listeners.as_slice());
        listeners
            .unwrap_or_default()
            .iter()
            .filter(|listener| !listener.problem.is_empty())
    }

    /// Where services can send OTLP over gRPC to this collector; `None` where they cannot.
    ///
    /// # Errors
    /// Where the collector does not say.
    pub async fn otlp_grpc_url(&self) -> Result<Option<String>, LocalError> {
        let listeners = match self.ready() {
            Some(ready) => ready.listeners.clone(),
            None => self.client.status().await?.listeners,
        };
        let address = listeners
            .iter()
            .find(|listener| listener.name == "otlp_grpc")
            .and_then(|listener| listener.address.parse::<SocketAddr>().ok());
        Ok(address.map(|address| self.url_on_its_host(address)))
    }

    /// The URL of an address that the collector listens at: where it listens at all of its
    /// host's, the host is the one that the API is asked at.
    fn url_on_its_host(&self, address: SocketAddr) -> String {
        let api = url::Url::parse(self.client.base_url()).ok();
        match api.as_ref().and_then(url::Url::host_str) {
            Some(host) if address.ip().is_unspecified() => {
                format!("http://{host}:{}", address.port())
            }
            _ => format!("http://{address}"),
        }
    }

    /// Ends the collector, where it runs inside.
    ///
    /// # Errors
    /// Where it could not write everything.
    pub async fn close(self) -> Result<(), LocalError> {
        match self.inside {
            Some(inside) => inside.stop().await,
            None => Ok(()),
        }
    }

    async fn is_collector(&self) -> bool {
        let answer = tokio::time::timeout(ANSWER_TIMEOUT, self.client.status()).await;
        matches!(answer, Ok(Ok(_)))
    }
}

/// Asks a collector one thing that can be asked again: of the one that runs, or one inside for
/// as long as the answer takes. A collector inside another command may end in between; then it
/// is looked for anew.
///
/// # Errors
/// Where there is none, or it does not answer.
pub async fn ask<T>(
    settings: &Settings,
    question: impl AsyncFn(&Client) -> Result<T, ClientError>,
) -> Result<T, LocalError> {
    let mut looks = 0;
    loop {
        let connection = Connection::open(settings, Listeners::inside()).await?;
        let answer = question(connection.client()).await;
        let may_move = connection.may_move;
        // An answer that is here is worth more than the news that nothing was to be written.
        let _ = connection.close().await;
        match answer {
            Err(ClientError::Unreachable { .. }) if may_move && looks < LOOKS_MAX => looks += 1,
            answer => return Ok(answer?),
        }
        tokio::time::sleep(PAUSE).await;
    }
}
