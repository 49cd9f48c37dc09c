//! A collector of the real binary, on free ports and a folder of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use spanwalk_api::Ready;

use crate::api::Api;
use crate::command::{Finished, Home, finish};
use crate::wait::DEADLINE;

/// What a collector listens for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listener {
    /// OTLP over gRPC.
    OtlpGrpc,
    /// OTLP over HTTP.
    OtlpHttp,
    /// The query API.
    Api,
}

impl Listener {
    fn name(self) -> &'static str {
        match self {
            Self::OtlpGrpc => "otlp_grpc",
            Self::OtlpHttp => "otlp_http",
            Self::Api => "api",
        }
    }
}

/// A collector that runs; ends with this value.
#[derive(Debug)]
pub struct Collector {
    child: Child,
    ready: Ready,
    stderr: Arc<Mutex<Vec<u8>>>,
    _home: Home,
}

/// What became of a start.
#[derive(Debug)]
pub enum Start {
    /// It runs.
    Running(Collector),
    /// It ended by itself.
    Ended(Finished),
}

impl Collector {
    /// Starts `serve` over this folder, every port a free one.
    ///
    /// # Panics
    /// Where it does not become ready.
    #[track_caller]
    pub fn start(data_dir: &Path) -> Self {
        match Self::try_start(data_dir, &[]) {
            Start::Running(collector) => collector,
            Start::Ended(finished) => panic!("the collector ended: {finished:#?}"),
        }
    }

    /// Starts `serve` over this folder with more flags, which win over those for free ports.
    ///
    /// # Panics
    /// Where it neither becomes ready nor ends.
    pub fn try_start(data_dir: &Path, flags: &[(&str, &str)]) -> Start {
        let home = Home::new();
        let mut command = home.command();
        command
            .args(["serve", "--json", "--data-dir"])
            .arg(data_dir);
        for flag in ["--otlp-grpc", "--otlp-http", "--zipkin", "--api"] {
            let given = flags.iter().find(|(name, _)| *name == flag);
            command.args([flag, given.map_or("127.0.0.1:0", |(_, value)| value)]);
        }
        Self::spawn(command, home)
    }

    /// Runs a command that prints a [`Ready`] line when it listens.
    ///
    /// # Panics
    /// Where it neither becomes ready nor ends.
    pub fn spawn(mut command: Command, home: Home) -> Start {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let stdout = child.stdout.take().expect("its output is piped");
        let stderr = child.stderr.take().expect("its errors are piped");
        let said = Arc::new(Mutex::new(Vec::new()));
        let reader = keep_reading(stderr, Arc::clone(&said));
        let (line, lines) = sync_channel(1);
        thread::spawn(move || {
            let mut reader = BufReader::new(stdout);
            let mut text = String::new();
            let is_read = reader.read_line(&mut text).is_ok_and(|length| length > 0);
            let _ = line.send(is_read.then_some(text));
            // So that whoever goes on to print does not find the pipe closed.
            let _ = std::io::copy(&mut reader, &mut std::io::sink());
        });
        let text = match lines.recv_timeout(DEADLINE) {
            Ok(text) => text,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                let _ = child.kill();
                let _ = child.wait();
                panic!(
                    "{command:?} is not ready after {DEADLINE:?}: {}",
                    text_of(&said)
                );
            }
        };
        let Some(text) = text else {
            let mut finished = finish(&mut child, "the end of a collector that prints no more");
            // Only then everything that it said was read.
            let _ = reader.join();
            finished.stderr = text_of(&said);
            return Start::Ended(finished);
        };
        let ready = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("`{text}` is no ready line: {error}"));
        Start::Running(Self {
            child,
            ready,
            stderr: said,
            _home: home,
        })
    }

    /// What it said when it was ready.
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens, such as `127.0.0.1:4317`; `None` where it does not.
    pub fn address(&self, listener: Listener) -> Option<&str> {
        self.ready
            .listeners
            .iter()
            .find(|status| status.name == listener.name())
            .map(|status| status.address.as_str())
            .filter(|address| !address.is_empty())
    }

    /// The URL of a listener.
    ///
    /// # Panics
    /// Where it is not bound.
    #[track_caller]
    pub fn url(&self, listener: Listener) -> String {
        match self.address(listener) {
            Some(address) => format!("http://{address}"),
            None => panic!("{listener:?} is not bound: {:?}", self.ready),
        }
    }

    /// Asks its API.
    #[track_caller]
    pub fn api(&self) -> Api {
        Api::new(self.url(Listener::Api))
    }

    /// The data directory, as it said.
    pub fn data_dir(&self) -> PathBuf {
        PathBuf::from(&self.ready.data_dir)
    }

    /// What it said on standard error so far.
    pub fn stderr(&self) -> String {
        text_of(&self.stderr)
    }

    /// Ends it with no warning, as a crash would.
    ///
    /// # Panics
    /// Where it cannot be ended.
    pub fn kill(mut self) {
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("a killed child ends");
    }

    /// Asks it to end, and waits until it did.
    ///
    /// # Panics
    /// Where it does not end, or not in order.
    #[track_caller]
    pub fn stop(mut self) {
        terminate(self.child.id());
        let finished = finish(&mut self.child, "the end of a collector asked to end");
        assert_eq!(finished.code, Some(0), "it said: {}", self.stderr());
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("the collector said:\n{}", self.stderr());
        }
    }
}

/// Asks a process to end, as a service manager does.
///
/// # Panics
/// Where there is no such process.
pub fn terminate(pid: u32) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    kill_process(pid.expect("a process id"), Signal::TERM).expect("the process is there");
}

fn keep_reading(
    mut from: impl Read + Send + 'static,
    into: Arc<Mutex<Vec<u8>>>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length) = from.read(&mut buffer) {
            let Some(read) = buffer.get(..length).filter(|read| !read.is_empty()) else {
                return;
            };
            if let Ok(mut said) = into.lock() {
                said.extend_from_slice(read);
            }
        }
    })
}

fn text_of(said: &Mutex<Vec<u8>>) -> String {
    let bytes = said.lock().map(|bytes| bytes.clone()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
