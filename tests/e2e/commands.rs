//! The commands: answers, what they mean to scripts, and what people are told.

use spanwalk_harness::{
    Collector, DataDir, Finished, Grpc, Home, Listener, fixture, run, run_with,
};

use crate::shop::{Checkout, DECLINED};

/// Runs a command that asks this collector.
fn ask(collector: &Collector, arguments: &[&str]) -> Finished {
    let url = collector.api().url().to_owned();
    run(arguments.iter().copied().chain(["--collector", &url]))
}

/// A collector with one checkout that failed.
fn with_a_checkout(data: &DataDir) -> (Collector, Checkout) {
    let collector = Collector::start(&data.path());
    let checkout = Checkout::new();
    checkout.send(&Grpc::connect(collector.url(Listener::OtlpGrpc)));
    (collector, checkout)
}

#[test]
fn what_is_found_ends_with_0_and_what_is_not_with_1() {
    let data = DataDir::new();
    let (collector, checkout) = with_a_checkout(&data);
    let id = checkout.id();
    let found: [&[&str]; 9] = [
        &["search"],
        &["search", "service:payment", "status:error"],
        &["logs", "declined"],
        &["logs", "--trace", &id],
        &["show", &id],
        &["walk", &id],
        &["services"],
        &["status"],
        &["query", "check", "service:payment status:error"],
    ];
    for arguments in found {
        let finished = ask(&collector, arguments).expect_code(0);
        assert!(
            !finished.stdout.trim().is_empty(),
            "{arguments:?} says nothing"
        );
    }
    let absent = "0123456789abcdef0123456789abcdef";
    let missing: [&[&str]; 4] = [
        &["search", "service:shipping"],
        &["logs", "nobody wrote this"],
        &["show", absent],
        &["walk", absent],
    ];
    for arguments in missing {
        ask(&collector, arguments).expect_code(1);
    }
    collector.stop();
}

#[test]
fn wrong_use_ends_with_2() {
    for arguments in [
        &["frobnicate", "it"][..],
        &["search", "--no-such-flag"],
        &["show"],
        &["import"],
        &["serve", "--otlp-grpc", "nonsense"],
        &["status", "--collector", "not a url"],
    ] {
        let finished = run(arguments).expect_code(2);
        assert!(
            finished.stdout.is_empty(),
            "errors go to standard error: {finished:?}"
        );
        assert!(finished.stderr.contains("error"), "{finished:?}");
    }
}

#[test]
fn where_no_collector_answers_the_end_is_3() {
    // A port that was free a moment ago, on which nothing listens.
    let address = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let url = format!("http://{address}");
    for arguments in [&["status"][..], &["search"], &["logs", "x"], &["services"]] {
        let finished = run(arguments.iter().copied().chain(["--collector", &url])).expect_code(3);
        assert!(
            finished.stderr.contains(&address.to_string()),
            "{finished:?}"
        );
    }
}

#[test]
fn a_query_that_cannot_be_read_points_at_its_place() {
    let data = DataDir::new();
    let (collector, _) = with_a_checkout(&data);
    let query = "service:cart (status:error";
    for finished in [
        run(["query", "check", query]),
        ask(&collector, &["search", query]),
        ask(&collector, &["logs", query]),
    ] {
        let finished = finished.expect_code(2);
        let lines: Vec<_> = finished.stderr.lines().collect();
        let at = lines
            .iter()
            .position(|line| line.trim_start().starts_with('^'))
            .unwrap_or_else(|| panic!("no caret: {}", finished.stderr));
        let (text, caret) = (lines[at - 1], lines[at]);
        assert!(text.contains(query), "{}", finished.stderr);
        assert!(caret.find('^').unwrap() >= text.find(query).unwrap());
        assert!(finished.stdout.is_empty());
    }
    collector.stop();
}

#[test]
fn every_answer_is_json_where_programs_ask() {
    let data = DataDir::new();
    let (collector, checkout) = with_a_checkout(&data);
    let id = checkout.id();
    let json = |arguments: &[&str]| ask(&collector, arguments).expect_code(0).json();

    let found = json(&["search", "--json", "service:payment"]);
    assert_eq!(found["traces"][0]["trace_id"], id, "{found}");
    assert_eq!(found["completeness"]["matched"], 1);
    let logs = json(&["logs", "--json", "declined"]);
    assert_eq!(logs["logs"][0]["body"], DECLINED, "{logs}");
    let shown = json(&["show", "--json", &id]);
    assert!(shown["resourceSpans"].is_array(), "{shown}");
    assert!(shown["resourceLogs"].is_array(), "{shown}");
    let walk = json(&["walk", "--json", &id]);
    assert_eq!(walk["trace_id"], id);
    let origin = usize::try_from(walk["error_origin"].as_u64().unwrap()).unwrap();
    assert_eq!(walk["events"][origin]["text"], DECLINED, "{walk}");
    let services = json(&["services", "--json"]);
    let names: Vec<_> = services["services"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(names, ["gateway", "payment"]);
    let status = json(&["status", "--json"]);
    assert_eq!(status["stored"]["spans"], 3);
    assert_eq!(status["stored"]["log_records"], 2);
    for reasons in ["received", "rejected", "refused", "dropped"] {
        assert!(status[reasons].is_object(), "{reasons}: {status}");
    }
    // Nothing found is JSON too.
    let none = ask(&collector, &["search", "--json", "service:shipping"])
        .expect_code(1)
        .json();
    assert_eq!(none["traces"].as_array().map(Vec::len), Some(0));
    collector.stop();
}

#[test]
fn the_walk_tells_causes_before_effects_and_marks_where_the_error_began() {
    let data = DataDir::new();
    let (collector, checkout) = with_a_checkout(&data);
    let text = ask(&collector, &["walk", &checkout.id()])
        .expect_code(0)
        .stdout;
    let at = |needle: &str| {
        text.find(needle)
            .unwrap_or_else(|| panic!("no `{needle}` in {text}"))
    };
    let order = [
        "POST /checkout",
        "checkout begins",
        "POST payment",
        "POST /charge",
        DECLINED,
    ];
    let places: Vec<_> = order.iter().map(|needle| at(needle)).collect();
    assert!(places.is_sorted(), "{text}");
    let line = text.lines().find(|line| line.contains(DECLINED)).unwrap();
    assert!(line.contains("began here"), "{text}");
    collector.stop();
}

#[test]
fn trace_ids_are_read_however_they_are_pasted() {
    let data = DataDir::new();
    let (collector, checkout) = with_a_checkout(&data);
    let id = checkout.id();
    for pasted in [
        id.to_uppercase(),
        format!("00-{id}-00f067aa0ba902b7-01"),
        format!("TraceID: {id} SpanID: 00f067aa0ba902b7"),
    ] {
        let finished = ask(&collector, &["show", &pasted]).expect_code(0);
        assert!(
            finished.stdout.contains(&id),
            "{pasted}: {}",
            finished.stdout
        );
    }
    collector.stop();
}

#[test]
fn without_a_collector_reading_commands_open_the_directory_themselves() {
    let data = DataDir::new();
    let folder = data.path();
    let directory = folder.to_str().unwrap();
    let traces = fixture("trainticket/traces.jsonl");
    run(["import", "--data-dir", directory, traces.to_str().unwrap()]).expect_code(0);
    let found = run([
        "search",
        "service:ts-food-service",
        "--json",
        "--data-dir",
        directory,
    ]);
    assert_eq!(found.expect_code(0).json()["completeness"]["matched"], 1);
    let status = run(["status", "--json", "--data-dir", directory])
        .expect_code(0)
        .json();
    assert_eq!(status["stored"]["spans"], 103, "{status}");
}

#[test]
fn a_collector_that_runs_here_is_found_by_its_directory() {
    let data = DataDir::new();
    let (collector, _) = with_a_checkout(&data);
    let folder = data.path();
    let status = run(["status", "--json", "--data-dir", folder.to_str().unwrap()]);
    let status = status.expect_code(0).json();
    assert_eq!(status["pid"], collector.pid(), "{status}");
    collector.stop();
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let data = DataDir::new();
    let (collector, _) = with_a_checkout(&data);
    let home = Home::new();
    let mut shell = std::process::Command::new("sh");
    shell
        .env_clear()
        .envs(home.command().get_envs().filter_map(|(k, v)| Some((k, v?))));
    shell.args([
        "-c",
        "\"$0\" search --collector \"$1\" | true; \"$0\" logs --collector \"$1\" | head -n 1",
    ]);
    shell
        .arg(spanwalk_harness::spanwalk())
        .arg(collector.api().url());
    let finished = run_with(shell).expect_code(0);
    assert_eq!(
        finished.stderr.matches("error").count(),
        0,
        "{}",
        finished.stderr
    );
    assert!(!finished.stderr.contains("panicked"));
    collector.stop();
}
