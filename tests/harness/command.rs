//! Runs the binary as a script would, and keeps all that it said.

use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use tempfile::TempDir;

use crate::binary::spanwalk;
use crate::wait::eventually;

/// A home of its own: nothing that a person set up on this machine reaches the test.
#[derive(Debug)]
pub struct Home(TempDir);

impl Home {
    /// An empty one.
    ///
    /// # Panics
    /// Where no folder can be made.
    pub fn new() -> Self {
        Self(TempDir::new().expect("a folder for a home"))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The binary, to be run in this home, with nothing inherited that it would heed.
    pub fn command(&self) -> Command {
        let mut command = Command::new(spanwalk());
        command.env_clear().stdin(Stdio::null());
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        command
    }

    /// The variables of a process in this home.
    pub(crate) fn environment(&self) -> Vec<(&'static str, std::ffi::OsString)> {
        let home = self.path();
        let mut variables = vec![
            ("HOME", home.into()),
            ("XDG_DATA_HOME", home.join("data").into()),
            ("XDG_CONFIG_HOME", home.join("config").into()),
            ("XDG_CACHE_HOME", home.join("cache").into()),
            ("RUST_BACKTRACE", "1".into()),
        ];
        for name in ["PATH", "TMPDIR", "LANG", "LC_ALL"] {
            variables.extend(std::env::var_os(name).map(|value| (name, value)));
        }
        variables
    }
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}

/// How a command ended and what it said.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Finished {
    /// Asserts the exit code, and shows everything where it is another.
    ///
    /// # Panics
    /// Where it is another.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "exit code\nstdout: {}\nstderr: {}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// Standard output as one JSON document.
    ///
    /// # Panics
    /// Where it is none.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON: {error}\n{}\n{}", self.stdout, self.stderr))
    }
}

/// Runs the binary in an empty home.
pub fn run<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Finished {
    let home = Home::new();
    let mut command = home.command();
    command.args(arguments);
    run_with(command)
}

/// Runs a command to its end.
///
/// # Panics
/// Where it cannot be started or does not end.
pub fn run_with(mut command: Command) -> Finished {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    finish(&mut child, &format!("the end of {command:?}"))
}

/// Reads all that a child says until it ends by itself.
pub(crate) fn finish(child: &mut Child, what: &str) -> Finished {
    let stdout = child.stdout.take().map(read_all);
    let stderr = child.stderr.take().map(read_all);
    let guard = EndOnDrop(child);
    let status = eventually(what, || guard.0.try_wait().expect("a child can be asked"));
    drop(guard);
    let text = |reader: Option<thread::JoinHandle<Vec<u8>>>| {
        let bytes = reader.and_then(|reader| reader.join().ok());
        String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
    };
    Finished {
        code: status.code(),
        stdout: text(stdout),
        stderr: text(stderr),
    }
}

/// Ends a child that did not end within the deadline; one that did end does not notice.
struct EndOnDrop<'c>(&'c mut Child);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn read_all(mut from: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        bytes
    })
}
