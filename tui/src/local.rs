//! A collector on this machine: the one that has a data directory, or one started inside this
//! process. The only file that names the collector's library.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use spanwalk_api::Ready;
use spanwalk_collector::config::Config;
use spanwalk_collector::disk::LockError;
use spanwalk_collector::redaction::RedactionOptions;
use spanwalk_collector::serve::{self, Running, StartError};
use spanwalk_collector::store::OpenError;

use crate::client::ClientError;
use crate::settings::{RedactionSettings, Settings};

pub use spanwalk_collector::config::{API_PORT, Listen};

/// What the collector writes about itself where nothing else is said.
pub const LOG_DEFAULT: &str = "warn,spanwalk_collector=info";

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
    /// The token to show cannot be read.
    #[error("the token of --token-file cannot be used: {reason}")]
    Token {
        /// What stands in the way.
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
    /// Zipkin's spans.
    pub zipkin: Listen,
    /// The query API.
    pub api: Listen,
}

impl Listeners {
    /// As the settings say, whatever comes of it.
    pub fn of(settings: &Settings) -> Self {
        Self {
            otlp_grpc: settings.otlp_grpc,
            otlp_http: settings.otlp_http,
            zipkin: settings.zipkin,
            api: settings.api,
        }
    }

    /// For this process alone: nothing is received, and the query API takes a free port.
    pub fn inside() -> Self {
        Self {
            otlp_grpc: Listen::Off,
            otlp_http: Listen::Off,
            zipkin: Listen::Off,
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
            zipkin: free_or_any(self.zipkin),
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
            zipkin: listeners.zipkin,
            api: listeners.api,
            is_insecure: settings.insecure,
            tokens: settings.tokens.clone(),
            redaction: redaction(&settings.redaction)?,
            request_bytes_max: settings.request_bytes_max,
            in_flight_bytes_max: settings.in_flight_bytes_max,
            query_timeout: settings.query_timeout,
            ..Config::new(data_dir)
        };
        let running = serve::start(config).await.map_err(start_error)?;
        Ok(Self { running })
    }

    /// The bound addresses.
    pub fn ready(&self) -> &Ready {
        self.running.ready()
    }

    /// Why each listener that could not be bound is not: what, where, who is in the way, and
    /// what to do.
    pub fn problems(&self) -> Vec<String> {
        let problems = self.ready().listeners.iter().map(|one| &one.problem);
        problems.filter(|one| !one.is_empty()).cloned().collect()
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

    /// The URL of its query API.
    ///
    /// # Errors
    /// [`LocalError::NoApi`].
    pub fn api_url(&self) -> Result<String, LocalError> {
        self.running.api_url().ok_or_else(|| {
            let api = self.ready().listeners.iter().find(|one| one.name == "api");
            LocalError::NoApi {
                reason: api.map(|one| one.problem.clone()).unwrap_or_default(),
            }
        })
    }
}

/// What a collector hides, with the key of digests read from its file.
fn redaction(settings: &RedactionSettings) -> Result<RedactionOptions, LocalError> {
    let digest_key = match &settings.digest_key_file {
        None => None,
        Some(path) => Some(secret_of(path).map_err(|reason| LocalError::Start { reason })?),
    };
    Ok(RedactionOptions {
        is_on: settings.is_on,
        hide: settings.hide.clone(),
        keep: settings.keep.clone(),
        digest_key: digest_key.map(String::into_bytes),
    })
}

/// The first line of a file that holds a secret.
///
/// # Errors
/// Why there is none, for people.
pub fn secret_of(path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    let secret = text.lines().next().unwrap_or_default().trim();
    if secret.is_empty() {
        return Err(format!(
            "{} is empty; write the secret in its first line",
            path.display()
        ));
    }
    Ok(secret.to_owned())
}

fn start_error(error: StartError) -> LocalError {
    match error {
        StartError::Open(OpenError::Lock(held @ LockError::Held { .. })) => LocalError::Held {
            reason: held.to_string(),
        },
        other => LocalError::Start {
            reason: other.to_string(),
        },
    }
}

/// The URL of the query API of the collector that has this data directory now, where one does
/// and can be asked.
pub fn running_url(data_dir: &Path) -> Option<String> {
    let ready = serve::find_running(data_dir)?;
    let api = ready.listeners.iter().find(|one| one.name == "api")?;
    let address = api.address.parse::<SocketAddr>().ok()?;
    Some(format!("http://{}", reachable(address)))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn listen(text: &str) -> Listen {
        text.parse().unwrap()
    }

    #[test]
    fn free_ports_stand_in_for_those_that_are_taken() {
        let holder = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = Listen::At(holder.local_addr().unwrap());
        let listeners = Listeners {
            otlp_grpc: taken,
            otlp_http: Listen::Off,
            zipkin: Listen::Off,
            api: Listen::Off,
        };
        let free = listeners.with_free_ports();
        assert_eq!(free.otlp_grpc, listen("127.0.0.1:0"));
        assert_eq!(free.otlp_http, Listen::Off, "what is off stays off");
        assert_eq!(
            free.api,
            listen("127.0.0.1:0"),
            "without an API nothing can be asked"
        );
        assert_eq!(listeners.with_some_api().otlp_grpc, taken);
        drop(holder);
    }

    #[test]
    fn the_address_of_all_is_reached_by_loopback() {
        for (bound, reached) in [
            ("0.0.0.0:4317", "127.0.0.1:4317"),
            ("[::]:4317", "[::1]:4317"),
            ("10.0.0.1:4317", "10.0.0.1:4317"),
        ] {
            let bound: SocketAddr = bound.parse().unwrap();
            assert_eq!(reachable(bound).to_string(), reached);
        }
    }
}
