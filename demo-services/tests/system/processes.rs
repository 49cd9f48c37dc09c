//! Services are started again when they die, and end with their supervisor however it ends.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;
use spanwalk_demo::{DemoError, ServiceOptions, System, SystemOptions, run_service, service_names};

use crate::receiver::{Receiver, number};
use crate::{options, runs, runtime, start, wait_for_end};

fn kill(pid: i64) {
    let status = Command::new("kill")
        .args(["-KILL", &pid.to_string()])
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn a_service_that_dies_is_started_again_where_the_others_find_it() {
    let receiver = Receiver::start();
    let data_dir = tempfile::tempdir().unwrap();
    let runtime = runtime();
    let system = runtime.block_on(start(&receiver, data_dir.path(), 0.0));
    let before = receiver.pid("payments");
    kill(before);
    let after = receiver.wait("payments again", |seen| {
        seen.records
            .iter()
            .filter(|it| it.body.starts_with("payments") && it.body.contains(" listens on "))
            .filter_map(|it| number(&it.resource, "process.pid"))
            .find(|pid| *pid != before)
    });
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap();
    let order = json!({
        "customer": "c-1",
        "card": "tok_visa_4242",
        "items": [{ "sku": "CUP-STEEL", "quantity": 1 }],
    });
    let request = client
        .post(format!("{}/checkout", system.gateway_url()))
        .json(&order);
    let status = runtime.block_on(async { request.send().await.unwrap().status() });
    assert_eq!(status, 201);
    let log = std::fs::read_to_string(data_dir.path().join("payments.log")).unwrap();
    assert!(
        log.contains("supervisor: payments ended (signal: 9"),
        "{log}"
    );
    runtime.block_on(system.stop());
    assert!(!runs(after));
}

#[test]
fn services_end_when_their_supervisor_is_killed() {
    let receiver = Receiver::start();
    let data_dir = tempfile::tempdir().unwrap();
    let mut supervisor = Command::new(env!("CARGO_BIN_EXE_spanwalk-demo"))
        .args(["run", "--rate", "0", "--otlp", receiver.endpoint()])
        .arg("--data-dir")
        .arg(data_dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(supervisor.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    assert!(
        line.starts_with("5 services, shop at http://127.0.0.1:"),
        "{line}"
    );
    let pids: Vec<_> = service_names().iter().map(|it| receiver.pid(it)).collect();
    supervisor.kill().unwrap();
    supervisor.wait().unwrap();
    for (service, pid) in service_names().iter().zip(pids) {
        receiver.wait("the end of a service", |seen| {
            let mut records = seen.records.iter();
            let end = format!("{service} ends: the supervisor is gone");
            records.find(|it| it.body == end).map(|_| ())
        });
        // It told so as its last words; nothing else is left to hear.
        wait_for_end(pid);
    }
}

#[test]
fn a_system_that_is_dropped_leaves_nothing_behind() {
    let receiver = Receiver::start();
    let data_dir = tempfile::tempdir().unwrap();
    let runtime = runtime();
    let system = runtime.block_on(start(&receiver, data_dir.path(), 0.0));
    let pids: Vec<_> = service_names().iter().map(|it| receiver.pid(it)).collect();
    drop(system);
    drop(runtime);
    for pid in pids {
        wait_for_end(pid);
    }
}

#[test]
fn a_system_that_cannot_start_says_what_where_and_what_to_do() {
    let receiver = Receiver::start();
    let data_dir = tempfile::tempdir().unwrap();
    let refused = |executable: &str, rate_per_s: f64| {
        let system = System::start(SystemOptions {
            executable: executable.into(),
            ..options(&receiver, data_dir.path(), rate_per_s)
        });
        runtime().block_on(system).unwrap_err()
    };
    let missing = refused("/no/such/program", 1.0);
    assert!(matches!(missing, DemoError::Start { .. }), "{missing}");
    assert!(
        missing.to_string().contains("/no/such/program"),
        "{missing}"
    );
    let silent = refused("/bin/false", 1.0);
    assert!(matches!(silent, DemoError::NotUp { .. }), "{silent}");
    assert!(silent.to_string().contains("catalogue.log"), "{silent}");
    assert!(matches!(
        refused("/bin/false", f64::NAN),
        DemoError::Rate { .. }
    ));
}

#[test]
fn a_service_that_cannot_start_says_what_is_missing() {
    let data_dir = tempfile::tempdir().unwrap();
    let unknown = run_service(ServiceOptions {
        name: "order".to_owned(),
        listen: "127.0.0.1:0".parse().unwrap(),
        data_dir: data_dir.path().to_owned(),
        peers: Vec::new(),
    });
    assert_eq!(
        unknown.unwrap_err().to_string(),
        "the demo has no service \"order\": take one of catalogue, inventory, payments, orders, gateway"
    );
    let lonely = Command::new(env!("CARGO_BIN_EXE_spanwalk-demo"))
        .args(["demo", "service", "orders", "--data-dir"])
        .arg(data_dir.path())
        .env("OTEL_SDK_DISABLED", "true")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(!lonely.status.success());
    assert!(lonely.stdout.is_empty());
    let told = String::from_utf8_lossy(&lonely.stderr);
    assert!(told.contains("give --peer catalogue=URL"), "{told}");
}
