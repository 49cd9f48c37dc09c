//! Finds a collector to ask, or starts one inside.
//!
//! The one that was named; else the one that has the data directory; else, where no directory
//! was named, one at the usual address; else one started on the directory.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use spanwalk_api::Ready;

use crate::client::{Client, ClientError};
use crate::local::{
    API_PORT, Inside, Listen, Listeners, LocalError, data_dir, reachable, running_url, secret_of,
};
use crate::settings::Settings;

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

fn find(settings: &Settings) -> Result<Found, LocalError> {
    if let Some(url) = settings.named_collector() {
        return Ok(Found::Named(url.to_owned()));
    }
    let data_dir = match data_dir(settings) {
        Ok(data_dir) => data_dir,
        // A collector at the usual address can be asked without a home too.
        Err(error) => return usual_url(settings).map(Found::Running).ok_or(error),
    };
    if let Some(url) = running_url(&data_dir) {
        return Ok(Found::Running(url));
    }
    if settings.data_dir.is_none()
        && let Some(url) = usual_url(settings)
    {
        return Ok(Found::Perhaps { url, data_dir });
    }
    Ok(Found::Nowhere { data_dir })
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

/// A client that shows the token of the settings, where there is one.
fn client(settings: &Settings, url: &str) -> Result<Client, LocalError> {
    let token = match &settings.token_file {
        None => None,
        Some(path) => Some(secret_of(path).map_err(|reason| LocalError::Token { reason })?),
    };
    Ok(Client::new(url)?.with_token(token))
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
                Found::Named(url) => return Self::to(settings, &url, false),
                Found::Running(url) => return Self::to(settings, &url, true),
                Found::Perhaps { url, data_dir } => {
                    let connection = Self::to(settings, &url, false)?;
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
                let connection = Self::to(settings, &url, false)?;
                connection.client.status().await?;
                return Ok(Some(connection));
            }
            Ok(Found::Running(url) | Found::Perhaps { url, .. }) => url,
            Ok(Found::Nowhere { .. }) | Err(LocalError::NoDataDir) => return Ok(None),
            Err(error) => return Err(error),
        };
        let connection = Self::to(settings, &url, false)?;
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
            Ok(url) => client(settings, &url)?,
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

    fn to(settings: &Settings, url: &str, may_move: bool) -> Result<Self, LocalError> {
        Ok(Self {
            client: client(settings, url)?,
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

    /// Why listeners of a collector inside could not be bound.
    pub fn problems(&self) -> Vec<String> {
        let inside = self.inside.as_ref();
        inside.map(Inside::problems).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::fake::{Answer, Fake};
    use crate::env::Environment;
    use spanwalk_api::{ListenerStatus, Status};

    /// Settings whose usual address of the query API is this one.
    fn settings(api: &str) -> Settings {
        let mut environment = Environment::default().with("SPANWALK_API", api);
        environment.data_home = Some("/nonexistent".into());
        Settings::check(&[], None, &environment).unwrap()
    }

    fn address(fake: &Fake) -> String {
        fake.url().replace("http://", "")
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(future)
    }

    #[test]
    fn a_collector_at_the_usual_address_is_found_unless_a_directory_was_named() {
        let fake = Fake::new(|_| Answer::json(&Status::default()));
        let mut settings = settings(&address(&fake));
        let found = block_on(Connection::of_running(&settings)).unwrap();
        assert_eq!(found.unwrap().client().base_url(), fake.url());
        settings.data_dir = Some(crate::settings::Given {
            value: "/nonexistent/named".into(),
            origin: crate::settings::Origin::Flag("--data-dir"),
        });
        assert!(
            block_on(Connection::of_running(&settings))
                .unwrap()
                .is_none()
        );
        assert!(may_run_inside(&settings));
    }

    #[test]
    fn what_listens_at_the_usual_address_need_not_be_a_collector() {
        let fake = Fake::new(|_| Answer::page());
        let settings = settings(&address(&fake));
        assert!(
            block_on(Connection::of_running(&settings))
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn one_that_was_named_must_answer() {
        let fake = Fake::new(|_| Answer::json(&Status::default()));
        let mut settings = settings("127.0.0.1:0");
        settings.collector = Some(crate::settings::Given {
            value: fake.url(),
            origin: crate::settings::Origin::Flag("--collector"),
        });
        assert!(!may_run_inside(&settings));
        assert!(
            block_on(Connection::of_running(&settings))
                .unwrap()
                .is_some()
        );
        drop(fake);
        let error = block_on(Connection::of_running(&settings)).unwrap_err();
        assert!(
            matches!(error, LocalError::Client(ClientError::Unreachable { .. })),
            "{error}"
        );
    }

    #[test]
    fn the_token_of_the_file_is_shown_with_every_call() {
        let fake = Fake::new(|_| Answer::json(&Status::default()));
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("token");
        std::fs::write(&file, "t0ken-0123456789abcdef\nsecond line\n").unwrap();
        let mut settings = settings(&address(&fake));
        settings.token_file = Some(file.clone());
        let connection = Connection::to(&settings, &fake.url(), false).unwrap();
        block_on(connection.client().status()).unwrap();
        assert_eq!(
            fake.asked()[0].authorization,
            "bearer t0ken-0123456789abcdef"
        );
        assert!(!format!("{connection:?}").contains("0123456789"));
        std::fs::write(&file, "").unwrap();
        let error = Connection::to(&settings, &fake.url(), false).unwrap_err();
        assert!(matches!(error, LocalError::Token { .. }), "{error}");
    }

    #[test]
    fn services_send_to_the_host_that_is_asked() {
        let listener = |address: &str| ListenerStatus {
            name: "otlp_grpc".to_owned(),
            address: address.to_owned(),
            problem: String::new(),
        };
        for (bound, url) in [
            ("0.0.0.0:4317", Some("http://127.0.0.1:4317")),
            ("10.0.0.1:4317", Some("http://10.0.0.1:4317")),
            ("", None),
        ] {
            let listeners = vec![listener(bound)];
            let fake = Fake::new(move |_| {
                Answer::json(&Status {
                    listeners: listeners.clone(),
                    ..Status::default()
                })
            });
            let connection = Connection::to(&settings("off"), &fake.url(), false).unwrap();
            let found = block_on(connection.otlp_grpc_url()).unwrap();
            assert_eq!(found.as_deref(), url);
        }
    }
}
