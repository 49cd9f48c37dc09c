//! What goes wrong at a start: one clear message that says what to do, and an exit code.

use std::fs;
use std::net::TcpListener;

use spanwalk_harness::{
    Collector, DataDir, Finished, Grpc, Home, Listener, Start, eventually, run,
};

use crate::shop::{Checkout, SPANS};

/// The collector did not start, and said why.
#[track_caller]
fn refused(start: Start, words: &[&str]) {
    let finished = match start {
        Start::Ended(finished) => finished,
        Start::Running(collector) => panic!("it runs: {:?}", collector.ready()),
    };
    explained(&finished, words);
}

/// The command failed with one message that holds these words.
#[track_caller]
fn explained(finished: &Finished, words: &[&str]) {
    assert!(finished.code.is_some_and(|code| code != 0), "{finished:#?}");
    assert!(!finished.stderr.contains("panicked"), "{finished:#?}");
    let messages = finished
        .stderr
        .lines()
        .filter(|line| line.starts_with("error:"));
    assert_eq!(messages.count(), 1, "one message: {finished:#?}");
    for word in words {
        assert!(finished.stderr.contains(word), "no `{word}`: {finished:#?}");
    }
}

#[test]
fn a_port_that_is_taken_is_named_and_stops_no_other_listener() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = DataDir::new();
    let start = Collector::try_start(&data.path(), &[("--otlp-http", &address)]);
    let Start::Running(collector) = start else {
        panic!("the other listeners run: {start:?}");
    };
    assert_eq!(collector.address(Listener::OtlpHttp), None);
    let listeners = &collector.ready().listeners;
    let problem = listeners
        .iter()
        .find(|one| one.name == "otlp_http")
        .map(|one| &one.problem);
    assert!(
        problem.is_some_and(|problem| problem.contains(&address)),
        "{listeners:?}"
    );
    eventually("what people are told about it", || {
        let said = collector.stderr();
        (said.contains(&address) && said.contains("--otlp-http")).then_some(())
    });
    Checkout::new().send(&Grpc::connect(collector.url(Listener::OtlpGrpc)));
    assert_eq!(collector.api().status().stored.spans, SPANS);
    collector.kill();
}

#[test]
fn where_every_port_is_taken_the_start_fails() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let flags =
        ["--otlp-grpc", "--otlp-http", "--zipkin", "--api"].map(|flag| (flag, address.as_str()));
    let data = DataDir::new();
    refused(Collector::try_start(&data.path(), &flags), &[&address]);
}

#[test]
fn a_directory_that_is_used_is_not_opened_twice() {
    let data = DataDir::new();
    let first = Collector::start(&data.path());
    let path = data.path();
    refused(
        Collector::try_start(&path, &[]),
        &[
            path.to_str().unwrap(),
            &first.pid().to_string(),
            "--data-dir",
        ],
    );
    // The first one noticed nothing.
    Checkout::new().send(&Grpc::connect(first.url(Listener::OtlpGrpc)));
    assert_eq!(first.api().status().stored.spans, SPANS);
    first.stop();
}

#[test]
fn a_lock_that_a_killed_collector_left_stops_nobody() {
    let data = DataDir::new();
    Collector::start(&data.path()).kill();
    Collector::start(&data.path()).stop();
}

/// Who is root may write everywhere, so that a file in the way stands for rights that are missing.
#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let data = DataDir::new();
    let in_the_way = data.beside("file");
    fs::write(&in_the_way, b"not a directory").unwrap();
    for path in [in_the_way.clone(), in_the_way.join("below")] {
        refused(Collector::try_start(&path, &[]), &[path.to_str().unwrap()]);
    }
    assert_eq!(fs::read(&in_the_way).unwrap(), b"not a directory");
}

#[test]
fn data_of_a_newer_version_is_refused_and_left_as_it_is() {
    let data = DataDir::new();
    let collector = Collector::start(&data.path());
    Checkout::new().send(&Grpc::connect(collector.url(Listener::OtlpGrpc)));
    collector.kill();
    // A segment of the wal with a header as in docs/formats.md, of a version to come.
    let mut header = b"spanwal\n".to_vec();
    header.extend(99_u32.to_le_bytes());
    header.extend(crc32fast::hash(&header).to_le_bytes());
    let segment = data.path().join("wal/00000000000000999999.wal");
    fs::write(&segment, &header).unwrap();
    refused(
        Collector::try_start(&data.path(), &[]),
        &["version 99", "newer program", "another data directory"],
    );
    assert_eq!(fs::read(&segment).unwrap(), header);
    fs::remove_file(&segment).unwrap();
    let collector = Collector::start(&data.path());
    assert_eq!(
        collector.api().status().stored.spans,
        SPANS,
        "nothing was harmed"
    );
    collector.stop();
}

#[test]
fn a_damaged_wal_does_not_stop_the_start() {
    let data = DataDir::new();
    let collector = Collector::start(&data.path());
    let grpc = Grpc::connect(collector.url(Listener::OtlpGrpc));
    Checkout::new().send(&grpc);
    collector.kill();
    for entry in fs::read_dir(data.path().join("wal")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "wal") {
            let mut bytes = fs::read(&path).unwrap();
            bytes.extend(b"half a frame");
            fs::write(&path, bytes).unwrap();
        }
    }
    let collector = Collector::start(&data.path());
    assert_eq!(collector.api().status().stored.spans, SPANS);
    collector.stop();
}

#[test]
fn a_configuration_file_that_is_wrong_is_told_with_its_place() {
    let home = Home::new();
    let write = |text: &str| {
        let path = home.path().join("config.toml");
        fs::write(&path, text).unwrap();
        path
    };
    let serve = |text: &str| {
        let path = write(text);
        run(["serve".as_ref(), "--config".as_ref(), path.as_os_str()])
    };
    explained(&serve("data_dir = \n").expect_code(2), &["config.toml"]);
    explained(
        &serve("otlp_grcp = \"127.0.0.1:0\"\n").expect_code(2),
        &["otlp_grcp", "otlp_grpc"],
    );
    explained(&serve("api = 7\n").expect_code(2), &["config.toml", "api"]);
    let missing = home.path().join("nowhere.toml");
    let finished = run(["status".as_ref(), "--config".as_ref(), missing.as_os_str()]);
    explained(&finished.expect_code(2), &["nowhere.toml"]);
}
