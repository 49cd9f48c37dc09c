//! One service as a process of its own: started, watched, started again, ended.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::DemoError;

/// How long a service may take to listen; a busy machine is slow, a broken service ends by itself.
const UP_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a service may take to end before it is killed.
const END_TIMEOUT: Duration = Duration::from_secs(3);
/// The first and the longest rest before a service is started again.
const REST: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));
/// Who ran as long as this begins with the first rest again.
const STEADY: Duration = Duration::from_secs(30);
/// How often the size of the log is looked at, and what it may have.
const LOG_CHECK: Duration = Duration::from_mins(1);
const LOG_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// How one service is started.
#[derive(Debug)]
pub(crate) struct Launch {
    pub(crate) service: &'static str,
    pub(crate) executable: PathBuf,
    pub(crate) otlp_endpoint: String,
    pub(crate) data_dir: PathBuf,
    pub(crate) log: PathBuf,
    pub(crate) peers: Vec<(String, String)>,
}

/// A service that runs and listens.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    /// The service ends when this is closed, by us or by our end.
    stdin: Option<ChildStdin>,
    pub(crate) url: String,
    address: SocketAddr,
}

/// The line with which a service says that it listens.
#[derive(Deserialize)]
struct Announcement {
    url: String,
}

impl Launch {
    /// Starts the service on a free port, with an empty log, and waits until it listens.
    pub(crate) async fn first(&self) -> Result<Running, DemoError> {
        File::create(&self.log).map_err(|source| self.log_failed(source))?;
        self.start((Ipv4Addr::LOCALHOST, 0).into()).await
    }

    async fn start(&self, listen: SocketAddr) -> Result<Running, DemoError> {
        let log = self.open_log().map_err(|source| self.log_failed(source))?;
        let mut child =
            self.command(listen)
                .stderr(log)
                .spawn()
                .map_err(|source| DemoError::Start {
                    service: self.service,
                    executable: self.executable.clone(),
                    source,
                })?;
        let stdin = child.stdin.take();
        let up = tokio::time::timeout(UP_TIMEOUT, announcement(&mut child)).await;
        let url = up
            .unwrap_or_else(|_| Err(format!("nothing heard for {} s", UP_TIMEOUT.as_secs())))
            .map_err(|reason| self.not_up(reason))?;
        let address = url
            .strip_prefix("http://")
            .and_then(|it| it.parse().ok())
            .ok_or_else(|| self.not_up(format!("{url:?} is no address")))?;
        Ok(Running {
            child,
            stdin,
            url,
            address,
        })
    }

    fn command(&self, listen: SocketAddr) -> Command {
        let mut command = Command::new(&self.executable);
        command
            .args(["demo", "service", self.service, "--listen"])
            .arg(listen.to_string())
            .arg("--data-dir")
            .arg(&self.data_dir);
        for (name, url) in &self.peers {
            command.arg("--peer").arg(format!("{name}={url}"));
        }
        // What the person's own shell says of telemetry is meant for other programs.
        for (name, _) in std::env::vars_os() {
            if is_telemetry(&name) {
                command.env_remove(name);
            }
        }
        command
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", &self.otlp_endpoint)
            .env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
            .env(
                "OTEL_RESOURCE_ATTRIBUTES",
                "service.namespace=shop,deployment.environment.name=demo",
            );
        if std::env::var_os("RUST_LOG").is_none() {
            // The collector has everything; the log is for what it cannot have.
            command.env("RUST_LOG", "warn");
        }
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A Ctrl-C at the terminal is for us; services end in order then.
            .process_group(0)
            .kill_on_drop(true);
        command
    }

    fn open_log(&self) -> io::Result<File> {
        OpenOptions::new().create(true).append(true).open(&self.log)
    }

    fn log_failed(&self, source: io::Error) -> DemoError {
        DemoError::Files {
            path: self.log.clone(),
            source,
        }
    }

    fn not_up(&self, reason: String) -> DemoError {
        DemoError::NotUp {
            service: self.service,
            reason,
            log: self.log.clone(),
        }
    }

    /// Says something of the service in its log. A log that cannot be written is no reason to stop.
    fn tell(&self, text: &str) {
        if let Ok(mut log) = self.open_log() {
            let _written = writeln!(log, "supervisor: {} {text}", self.service);
        }
    }

    /// Begins the log again when it is too long; services append, so that they go on at its start.
    fn bound_log(&self) {
        if let Ok(log) = self.open_log()
            && log.metadata().is_ok_and(|it| it.len() > LOG_BYTES_MAX)
        {
            let _cut = log.set_len(0);
        }
    }

    /// Keeps the service running until `end` says true or is gone, then ends it.
    pub(crate) async fn keep(
        self,
        mut running: Running,
        mut end: watch::Receiver<bool>,
        restart_count: Arc<AtomicU64>,
    ) {
        let address = running.address;
        let mut rest = REST.0;
        loop {
            let since = Instant::now();
            let Some(status) = self.watch(&mut running, &mut end).await else {
                running.end().await;
                return;
            };
            if since.elapsed() >= STEADY {
                rest = REST.0;
            }
            let how = status.map_or_else(|error| error.to_string(), |it| it.to_string());
            self.tell(&format!("ended ({how})"));
            drop(running);
            running = loop {
                self.bound_log();
                self.tell(&format!("is started again in {} ms", rest.as_millis()));
                tokio::select! {
                    () = tokio::time::sleep(rest) => {}
                    _ = end.wait_for(|it| *it) => return,
                }
                rest = (rest * 2).min(REST.1);
                // The same address, as the others know it by that.
                let started = tokio::select! {
                    started = self.start(address) => started,
                    _ = end.wait_for(|it| *it) => return,
                };
                match started {
                    Ok(running) => break running,
                    Err(error) => self.tell(&error.to_string()),
                }
            };
            restart_count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits for the death of the service, or for `end`, which gives none.
    async fn watch(
        &self,
        running: &mut Running,
        end: &mut watch::Receiver<bool>,
    ) -> Option<io::Result<ExitStatus>> {
        loop {
            tokio::select! {
                status = running.child.wait() => return Some(status),
                _ = end.wait_for(|it| *it) => return None,
                () = tokio::time::sleep(LOG_CHECK) => self.bound_log(),
            }
        }
    }
}

impl Running {
    /// Asks the service to end, and kills it when it does not.
    async fn end(mut self) {
        drop(self.stdin.take());
        let ended = tokio::time::timeout(END_TIMEOUT, self.child.wait()).await;
        if ended.is_err() {
            // Only a process that is gone already cannot be killed.
            let _killed = self.child.kill().await;
        }
    }
}

/// Waits for the one line that a service says.
async fn announcement(child: &mut Child) -> Result<String, String> {
    let Some(stdout) = child.stdout.take() else {
        return Err("it has no output".to_owned());
    };
    let line = BufReader::new(stdout).lines().next_line().await;
    match line {
        Ok(Some(line)) => serde_json::from_str::<Announcement>(&line)
            .map(|it| it.url)
            .map_err(|_| format!("it said {line:?}")),
        Ok(None) => match child.wait().await {
            Ok(status) => Err(status.to_string()),
            Err(error) => Err(error.to_string()),
        },
        Err(error) => Err(error.to_string()),
    }
}

fn is_telemetry(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("OTEL_") || name == "SPANWALK_FILTER"
}
