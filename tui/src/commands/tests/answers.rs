//! What commands print of a collector's answers, and how they end.

use spanwalk_api::{
    Completeness, CutReason, ImportReceipt, LogEntry, LogsResponse, Problem, SearchResponse,
    ServiceEntry, ServicesResponse, Status, TraceSummary,
};
use spanwalk_model::batch::group_items;
use spanwalk_model::otlp::protobuf;

use super::{Ran, spanwalk};
use crate::client::fake::{Answer, Fake, Request};
use crate::output::Exit;

const TRACE: &str = crate::app::tests::fixture::TRACE;

/// Runs a command against the fake.
fn ask(fake: &Fake, arguments: &[&str]) -> Ran {
    let url = fake.url();
    let mut all = arguments.to_vec();
    all.extend(["--collector", &url]);
    spanwalk(&all)
}

/// Traces from a number on, in pages, as a collector that holds so many.
fn page(request: &Request, stored: u64) -> Answer {
    let limit: u64 = request.value("limit").parse().unwrap();
    let from: u64 = request.value("cursor").parse().unwrap_or(0);
    let to = (from + limit).min(stored);
    let trace = |number| TraceSummary {
        trace_id: format!("{:032x}", number + 1),
        root_service: "gateway".to_owned(),
        has_root: true,
        ..TraceSummary::default()
    };
    Answer::json(&SearchResponse {
        traces: (from..to).map(trace).collect(),
        completeness: Completeness {
            matched: stored,
            returned: to - from,
            cut: (to < stored).then_some(CutReason::Limit),
            newest_ns: 1,
            ..Completeness::default()
        },
        next_cursor: (to < stored).then(|| to.to_string()),
        notes: Vec::new(),
    })
}

#[test]
fn more_than_a_page_is_fetched_by_cursor_and_what_is_left_out_is_said() {
    let fake = Fake::new(|request| page(request, 2_345));
    let ran = ask(&fake, &["search", "status:error", "--limit", "1500"]);
    assert_eq!(ran.exit, Exit::Done);
    assert_eq!(ran.out.lines().count(), 1_501);
    assert_eq!(
        ran.err,
        "1,500 of 2,345 traces\n\
         see more with --limit 2345, or narrow the query or its time, such as --since 15m\n"
    );
    let asked = fake.asked();
    let limits: Vec<&str> = asked.iter().map(|one| one.value("limit")).collect();
    assert_eq!(limits, ["1000", "500"]);
    assert!(asked.iter().all(|one| one.value("q") == "status:error"));
}

#[test]
fn nothing_found_is_no_failure_but_told_to_scripts() {
    let fake = Fake::new(|request| page(request, 0));
    let ran = ask(&fake, &["search", "service:nobody"]);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::NotAll, ""));
    assert!(ran.err.starts_with("no traces match"), "{}", ran.err);
    let ran = ask(&fake, &["search", "-q"]);
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::NotAll, ""));
}

#[test]
fn json_is_the_answer_and_nothing_else() {
    let fake = Fake::new(|request| page(request, 3));
    let ran = ask(&fake, &["search", "--json"]);
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Done, ""));
    let answer: SearchResponse = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(answer.traces.len(), 3);
    assert_eq!(answer.completeness.returned, 3);
    assert_eq!(ran.out.lines().count(), 1);
}

#[test]
fn times_are_sent_as_one_range() {
    let fake = Fake::new(|request| page(request, 1));
    ask(&fake, &["search", "--since", "1h", "--to", "now"]);
    let now = crate::output::fixture::NOW;
    let asked = &fake.asked()[0];
    assert_eq!(
        asked.value("from_ns"),
        (now - 3_600_000_000_000).to_string()
    );
    assert_eq!(asked.value("to_ns"), now.to_string());
}

#[test]
fn a_query_that_is_wrong_is_told_before_anything_is_asked() {
    let fake = Fake::new(|request| page(request, 1));
    let ran = ask(&fake, &["search", "service:cart duration:>soon"]);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::WrongUse, ""));
    insta::assert_snapshot!(ran.err, @r"
    error: `soon` is not a duration
      service:cart duration:>soon
                             ^^^^
      expected a number and a unit: ns, us, ms, s, m, h or d
    ");
    assert!(fake.asked().is_empty());
}

#[test]
fn a_query_that_the_collector_refuses_is_shown_at_its_place() {
    let fake = Fake::new(|_| {
        Answer::problem(&Problem {
            kind: "spanwalk:bad-query".to_owned(),
            status: 400,
            detail: "this collector knows no key `service`".to_owned(),
            position: Some(5),
            suggestion: Some("resource.service.name".to_owned()),
            ..Problem::default()
        })
    });
    let ran = ask(&fake, &["search", "card", "service:cart"]);
    assert_eq!(ran.exit, Exit::WrongUse);
    insta::assert_snapshot!(ran.err, @r"
    error: this collector knows no key `service`
      card service:cart
           ^
      did you mean resource.service.name?
    ");
}

#[test]
fn logs_of_a_trace_are_asked_for_with_the_query() {
    let fake = Fake::new(|_| {
        Answer::json(&LogsResponse {
            logs: vec![LogEntry {
                level: "warn".to_owned(),
                service: "cart".to_owned(),
                body: "slow".to_owned(),
                ..LogEntry::default()
            }],
            ..LogsResponse::default()
        })
    });
    let ran = ask(&fake, &["logs", "slow OR late", "--trace", TRACE]);
    assert_eq!(ran.exit, Exit::Done);
    assert!(
        ran.out.contains("WARN   cart     -      slow"),
        "{}",
        ran.out
    );
    ask(
        &fake,
        &[
            "logs",
            "--trace",
            &format!("00-{TRACE}-00f067aa0ba902b7-01"),
        ],
    );
    let asked = fake.asked();
    assert_eq!(asked[0].value("q"), format!("(slow OR late) trace:{TRACE}"));
    assert_eq!(asked[1].value("q"), format!("trace:{TRACE}"));
}

#[test]
fn services_are_counted_where_they_are_cut() {
    let service = |name: &str| ServiceEntry {
        name: name.to_owned(),
        ..ServiceEntry::default()
    };
    let services = ["a", "b", "c"].map(service).to_vec();
    let fake = Fake::new(move |_| {
        Answer::json(&ServicesResponse {
            services: services.clone(),
            completeness: Completeness {
                matched: 3,
                ..Completeness::default()
            },
        })
    });
    let ran = ask(&fake, &["services", "--limit", "2"]);
    assert_eq!(ran.exit, Exit::Done);
    assert_eq!(ran.err, "2 of 3 services\nsee more with --limit 3\n");
    assert_eq!(ask(&fake, &["services"]).err, "3 services\n");
}

/// The stored checkout, as a collector gives it.
fn stored(request: &Request) -> Answer {
    let items = crate::app::tests::fixture::checkout();
    match request.path.as_str() {
        path if path.ends_with("/walk") => Answer::json(&crate::output::fixture::walk()),
        path if path.ends_with("/logs") => {
            Answer::protobuf(protobuf::encode_logs(&group_items(items.logs)))
        }
        _ if request.accept == "application/json" => {
            Answer::json(&serde_json::json!({"resourceSpans": []}))
        }
        _ => Answer::protobuf(protobuf::encode_traces(&group_items(items.spans))),
    }
}

#[test]
fn a_trace_is_shown_by_any_text_that_names_it() {
    let fake = Fake::new(stored);
    let ran = ask(
        &fake,
        &["show", "ERROR", "timeout", &format!("trace_id={TRACE}")],
    );
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Done, ""));
    assert!(
        ran.out.starts_with(&format!("trace {TRACE}\n")),
        "{}",
        ran.out
    );
    let json = ask(&fake, &["show", TRACE, "--json"]);
    assert_eq!(json.out, "{\"resourceSpans\":[]}\n");
}

#[test]
fn a_walk_in_a_pipe_is_plain_and_as_json_holds_every_event() {
    let fake = Fake::new(stored);
    let plain = ask(&fake, &["walk", TRACE]);
    assert!(plain.out.contains("◆ ERROR card declined"), "{}", plain.out);
    assert_eq!(plain.out, ask(&fake, &["walk", TRACE, "--plain"]).out);
    let json = ask(&fake, &["walk", TRACE, "--json"]);
    let walk: spanwalk_api::WalkResponse = serde_json::from_str(&json.out).unwrap();
    assert_eq!(walk, crate::output::fixture::walk());
}

#[test]
fn a_trace_that_is_not_stored_is_told_to_people_and_scripts() {
    let fake = Fake::new(|_| {
        Answer::problem(&Problem {
            status: 404,
            detail: "no".to_owned(),
            ..Problem::default()
        })
    });
    for command in ["show", "walk"] {
        let ran = ask(&fake, &[command, TRACE]);
        assert_eq!((ran.exit, ran.out.as_str()), (Exit::NotAll, ""));
        assert_eq!(ran.err, format!("error: trace {TRACE} is not stored\n"));
    }
}

#[test]
fn status_names_the_collector() {
    let fake = Fake::new(|_| Answer::json(&Status::default()));
    let ran = ask(&fake, &["status"]);
    assert_eq!(ran.exit, Exit::Done);
    assert!(ran.out.contains(&fake.url()), "{}", ran.out);
    let ran = ask(&fake, &["status", "--json"]);
    assert_eq!(
        serde_json::from_str::<Status>(&ran.out).unwrap(),
        Status::default()
    );
}

#[test]
fn what_is_no_collector_is_no_collector() {
    let fake = Fake::new(|_| Answer::page());
    let ran = ask(&fake, &["status"]);
    assert_eq!(ran.exit, Exit::NoCollector);
    let gone = fake.url();
    drop(fake);
    let ran = spanwalk(&["search", "--collector", &gone]);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::NoCollector, ""));
    assert_eq!(
        ran.err,
        format!("error: no collector answers at {gone}; start one with `spanwalk serve`\n")
    );
}

#[test]
fn files_are_imported_and_each_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    let good = dir.path().join("good.json");
    let span =
        r#"{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","name":"a"}"#;
    let line = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{span}]}}]}}]}}"#);
    std::fs::write(&good, format!("{line}\n")).unwrap();
    let bad = dir.path().join("bad.json");
    std::fs::write(&bad, format!("{line}\nnot json\n")).unwrap();
    let (good, bad) = (good.to_str().unwrap(), bad.to_str().unwrap());
    let fake = Fake::new(|request| {
        assert_eq!(request.path, "/api/v1/import");
        Answer::json(&ImportReceipt {
            stored: 1,
            ..ImportReceipt::default()
        })
    });

    let ran = ask(&fake, &["import", good]);
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Done, ""));
    let ran = ask(&fake, &["import", good, bad]);
    assert_eq!(ran.exit, Exit::NotAll, "{}", ran.err);
    let text = ran.out.replace(dir.path().to_str().unwrap(), "DIR");
    insta::assert_snapshot!(text, @r"
    DIR/good.json  OTLP JSON
      read          1 span, 0 log records
      stored        1 item
    DIR/bad.json  OTLP JSON
      read          1 span, 0 log records
      stored        1 item
      unreadable    1 line
      problem       line 2: json: expected a value, found 'n' at byte 0; kept 1 item around it
    2 files: 2 items stored, 0 already there, 1 with problems
    ");
    let ran = ask(&fake, &["import", "--json", bad]);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["complete"], false);
    assert_eq!(report["files"][0]["stored"], 1);
    assert!(
        report["files"][0]["problem"]
            .as_str()
            .unwrap()
            .starts_with("line 2: ")
    );
}

#[test]
fn operations_of_a_service_are_listed_with_their_failures() {
    let operation = |name: &str, error_span_count| spanwalk_api::OperationEntry {
        name: name.to_owned(),
        kind: "server".to_owned(),
        span_count: 1_200,
        error_span_count,
    };
    let answer = spanwalk_api::OperationsResponse {
        operations: vec![operation("POST /charge", 3), operation("GET /", 0)],
        completeness: Completeness {
            matched: 2,
            returned: 2,
            newest_ns: 1,
            ..Completeness::default()
        },
    };
    let fake = Fake::new(move |_| Answer::json(&answer));
    let ran = ask(
        &fake,
        &["services", "--operations", "payment", "--limit", "99999"],
    );
    assert_eq!(ran.exit, Exit::Done);
    assert_eq!(
        ran.out,
        "OPERATION     KIND    SPANS  FAILED\n\
         POST /charge  server  1,200       3\n\
         GET /         server  1,200       0\n"
    );
    assert_eq!(ran.err, "2 operations\n");
    let asked = fake.asked();
    assert_eq!(asked[0].path, "/api/v1/operations");
    assert_eq!(
        (asked[0].value("service"), asked[0].value("limit")),
        ("payment", "10000")
    );
}

/// A tail that tells this and ends.
fn tail(request: &Request, events: &str) -> Answer {
    match request.path.as_str() {
        "/api/v1/tail" => Answer::events(events),
        _ => Answer::json(&Status::default()),
    }
}

#[test]
fn a_tail_prints_what_comes_and_says_what_was_left_out() {
    let events = r#"event: status
data: {"sent":0,"not_sent":0,"unread":0,"newest_ns":1}

: nothing

event: later
data: {}

event: log
data: {"time_ns":1700000000000000000,"level":"error","service":"payment","body":"declined"}

event: span
data: {"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"00f067aa0ba902b7","service":"payment","name":"POST /charge","kind":"server","start_ns":1700000000000000000,"duration_ns":12000000,"is_error":false}

event: status
data: {"sent":2,"not_sent":1234,"unread":5,"newest_ns":1}

"#;
    let fake = Fake::new(|request| tail(request, events));
    let ran = ask(
        &fake,
        &["tail", "service:payment", "--rate", "7", "--what", "logs"],
    );
    assert_eq!(ran.exit, Exit::NotAll);
    assert_eq!(
        ran.out,
        "22:13:20.000  ERROR  payment  declined  -\n\
         22:13:20.000  span   payment  POST /charge  12.0ms  0af7651916cd43dd8448eb211c80319c\n"
    );
    assert_eq!(
        ran.err,
        "1,234 more matched and came faster than --rate\n\
         5 came too fast to be looked at\n\
         the collector has ended the tail\n"
    );
    let asked = fake.asked();
    let asked = asked.iter().find(|one| one.path == "/api/v1/tail").unwrap();
    assert_eq!(asked.value("q"), "service:payment");
    assert_eq!((asked.value("rate"), asked.value("what")), ("7", "logs"));
    let ran = ask(&fake, &["tail", "--json", "--limit", "1"]);
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Done, ""));
    assert!(ran.out.starts_with("{\"log\":{") && ran.out.lines().count() == 1);
}

#[test]
fn a_tail_that_fails_tells_why() {
    let events = "event: problem\ndata: {\"type\":\"spanwalk:store\",\"title\":\"x\",\
                  \"status\":500,\"detail\":\"the disk is gone\"}\n\n";
    let fake = Fake::new(move |request| tail(request, events));
    let ran = ask(&fake, &["tail"]);
    assert_eq!(ran.exit, Exit::Failed);
    assert!(ran.err.contains("the disk is gone"), "{}", ran.err);
}
