//! The whole demo system over real processes, with an OTLP receiver in the place of a collector.
//!
//! - `traces`: what its telemetry is like.
//! - `processes`: how its services live and end.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod processes;
mod receiver;
mod traces;

use std::path::Path;
use std::time::{Duration, Instant};

use receiver::Receiver;
use spanwalk_demo::{System, SystemOptions};

/// So few visitors that only the first ones come, who are the same each time.
const OPENING_ONLY: f64 = 0.001;

/// A runtime for the supervisor; the tests themselves wait outside of it.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

fn options(receiver: &Receiver, data_dir: &Path, rate_per_s: f64) -> SystemOptions {
    SystemOptions {
        executable: env!("CARGO_BIN_EXE_spanwalk-demo").into(),
        otlp_endpoint: receiver.endpoint().to_owned(),
        data_dir: data_dir.to_owned(),
        rate_per_s,
        seed: 1,
    }
}

async fn start(receiver: &Receiver, data_dir: &Path, rate_per_s: f64) -> System {
    System::start(options(receiver, data_dir, rate_per_s))
        .await
        .unwrap()
}

/// Waits until a process that is no child of ours is gone: nobody tells of that.
fn wait_for_end(pid: i64) {
    let since = Instant::now();
    while runs(pid) {
        assert!(since.elapsed() < receiver::PATIENCE, "{pid} still runs");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whether a process still runs; one that nobody waited for yet does not.
fn runs(pid: i64) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return false;
    };
    let state = stat.rsplit(')').next().unwrap_or_default().trim_start();
    !state.starts_with('Z')
}
