//! However a process ends and whatever runtime it has, the collector receives its spans and records.

#![expect(clippy::unwrap_used, reason = "a failed test may end its process")]

mod receiver;

use std::process::{Command, Stdio};
use std::time::Duration;

use receiver::Receiver;

const CHILD: &str = "SPANWALK_TEST_CHILD";
const SPANS: usize = 100;

/// Runs this test binary again as a service that ends in the way `how`.
fn run(how: &str) -> (Receiver, std::process::ExitStatus) {
    let receiver = Receiver::start();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "service", "--nocapture", "--test-threads=1"])
        .env(CHILD, how)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint())
        .env("OTEL_SERVICE_NAME", "exits")
        .env("RUST_LOG", "off")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let status = child.wait().unwrap();
    (receiver, status)
}

fn check(how: &str) {
    let (receiver, _) = run(how);
    let spans = receiver.spans();
    assert_eq!(spans.len(), SPANS, "spans after {how}");
    let records = receiver.records();
    let own: Vec<_> = records
        .iter()
        .filter(|it| it.body_text() == "worked")
        .collect();
    assert_eq!(own.len(), SPANS, "records after {how}");
    for record in own {
        let span = spans
            .iter()
            .find(|span| span.span_id == record.0.span_id)
            .unwrap();
        assert_eq!(span.trace_id, record.0.trace_id);
        assert!(span.events.is_empty(), "an event beside its record");
    }
}

fn work() {
    for number in 0..SPANS {
        tracing::info_span!("work", number).in_scope(|| tracing::info!(number, "worked"));
    }
}

/// The service itself: does nothing unless it is the child of another test.
#[test]
fn service() {
    let Ok(how) = std::env::var(CHILD) else {
        return;
    };
    let guard = spanwalk_sdk::builder("exits")
        .end_on_signals(how == "sigterm")
        .init()
        .unwrap();
    match how.as_str() {
        "return" => work(),
        "current_thread" => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap();
            runtime.block_on(async move {
                work();
                drop(guard);
            });
        }
        "task" => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .build()
                .unwrap();
            runtime.block_on(async move {
                let task = tokio::spawn(async move {
                    work();
                    assert!(guard.shutdown(Duration::from_secs(5)));
                });
                task.await.unwrap();
            });
        }
        "panic" => {
            work();
            panic!("on purpose");
        }
        "exit" => {
            work();
            spanwalk_sdk::exit(3);
        }
        "sigterm" => {
            work();
            let pid = std::process::id().to_string();
            Command::new("kill").args(["-TERM", &pid]).status().unwrap();
            loop {
                std::thread::park();
            }
        }
        other => panic!("no such end: {other}"),
    }
}

#[test]
fn return_from_main() {
    check("return");
}

#[test]
fn drop_in_a_current_thread_runtime() {
    check("current_thread");
}

#[test]
fn shutdown_in_a_task() {
    check("task");
}

#[test]
fn panic_is_told() {
    let (receiver, _) = run("panic");
    assert_eq!(receiver.spans().len(), SPANS);
    assert!(
        receiver
            .records()
            .iter()
            .any(|it| it.body_text() == "panicked: on purpose")
    );
}

#[test]
fn exit_with_a_code() {
    let (receiver, status) = run("exit");
    assert_eq!(receiver.spans().len(), SPANS);
    assert_eq!(status.code(), Some(3));
}

#[test]
fn sigterm() {
    let (receiver, status) = run("sigterm");
    assert_eq!(receiver.spans().len(), SPANS);
    assert_eq!(status.code(), Some(143));
}
