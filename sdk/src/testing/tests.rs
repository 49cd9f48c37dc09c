//! Assertions hold where they should, and say what is wrong where they do not.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::*;

fn order(capture: &Capture) -> Trace {
    let request = tracing::info_span!("POST /orders", otel.kind = "server");
    request.in_scope(|| {
        for id in 0..2 {
            let query = tracing::info_span!("SELECT orders", otel.kind = "client", id);
            query.in_scope(|| tracing::info!(id, "asked"));
        }
        let sent = tracing::info_span!("send orders", otel.kind = "producer");
        let context = sent.in_scope(crate::task::current).unwrap();
        let work = tracing::info_span!(parent: None, "process orders", otel.kind = "consumer");
        work.add_link(context);
        work.in_scope(|| tracing::info_span!("UPDATE stock").in_scope(|| ()));
    });
    drop(request);
    capture.trace()
}

fn failure(work: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).unwrap_err();
    panic.downcast_ref::<String>().unwrap().clone()
}

#[test]
fn shapes_that_are_there_are_found() {
    let capture = Capture::start();
    let trace = order(&capture);
    for shape in [
        r#""POST /orders""#,
        r#""POST /orders" > "SELECT orders""#,
        r#""POST /orders" > "SELECT orders"[2]"#,
        r#""POST /orders">"SELECT *"[1..]"#,
        r#""POST /orders" ~> "process orders" > "UPDATE stock""#,
        r#""POST /orders" > "send orders" ~> "process orders" >> "UPDATE stock"[1]"#,
        r#""POST /orders" > "DELETE orders"[0]"#,
    ] {
        trace.assert(shape);
    }
    trace.assert_no_errors();
    trace.assert_no_n_plus_one();
    trace.assert_causal();
    trace.assert_logged("ask");
    assert_eq!(
        trace.find("SELECT orders").unwrap().attribute("id"),
        Some("0")
    );
    assert_eq!(trace.records()[1].attributes["id"], "1");
}

#[test]
fn a_shape_that_is_not_there_draws_the_tree() {
    let capture = Capture::start();
    let trace = order(&capture);
    let text = failure(|| trace.assert(r#""POST /orders" > "SELECT orders"[3]"#));
    let expected = r#""POST /orders" > "SELECT orders"[3] has 2 spans"#;
    assert!(text.contains(expected), "{text}");
    for line in [
        r#"├─ "SELECT orders" client "#,
        r#"│  └╴INFO "asked""#,
        r#"└─ "send orders" producer "#,
        r#"linked to "send orders""#,
        r#"└─ "UPDATE stock" "#,
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    for shape in [
        r#""POST /orders" > "UPDATE stock""#,
        r#""POST /orders" ~> "SELECT orders""#,
        r#""SELECT orders" >> "SELECT orders""#,
        r#""DELETE orders""#,
        r#""POST /orders" > "send orders" > "process orders""#,
    ] {
        failure(|| trace.assert(shape));
    }
}

#[test]
fn a_shape_that_cannot_be_read_says_where() {
    let capture = Capture::start();
    let trace = order(&capture);
    for (shape, expected) in [
        ("POST", "a name in quotes at: POST"),
        (r#""POST"#, "a name in quotes"),
        (r#""a" "b""#, r#"expected >, >> or ~> at: "b""#),
        (r#""a"[x]"#, "and not: x"),
        (r#""a"[2"#, "expected ]"),
        (r#""a" >"#, "a name in quotes at: "),
    ] {
        let text = failure(|| trace.assert(shape));
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn errors_and_loops_over_rows_are_found() {
    let capture = Capture::start();
    tracing::info_span!("GET /", otel.status_code = "ERROR").in_scope(|| {
        for _ in 0..5 {
            drop(tracing::info_span!("SELECT rows", otel.kind = "client"));
        }
    });
    let trace = capture.trace();
    assert!(failure(|| trace.assert_no_errors()).contains("\"GET /\" failed"));
    assert!(failure(|| trace.assert_no_n_plus_one()).contains("asks \"SELECT rows\" 5 times"));
    assert!(failure(|| trace.assert_logged("x")).contains("no record has \"x\""));
    tracing::error!("broken");
    let trace = capture.trace();
    assert!(failure(|| trace.assert_no_errors()).contains("an error was written: \"broken\""));
    assert!(failure(|| trace.assert("\"a\"")).contains("no span was captured"));
}

#[test]
fn two_roots_in_one_trace_are_no_cause_and_effect() {
    let capture = Capture::start();
    let lost = tracing::info_span!("lost");
    let inner = lost.in_scope(|| tracing::info_span!("one"));
    let other = lost.in_scope(|| tracing::info_span!("two"));
    drop((inner, other));
    // The parent has not ended: its children have none.
    let trace = capture.trace();
    assert!(failure(|| trace.assert_causal()).contains("are roots of one trace"));
}

#[test]
fn other_threads_are_captured_where_asked_for() {
    let capture = Capture::start();
    std::thread::scope(|scope| {
        scope.spawn(|| tracing::info_span!("unheard").in_scope(|| ()));
        scope.spawn(|| capture.on_thread(|| tracing::info_span!("heard").in_scope(|| ())));
    });
    let captured = capture.take();
    let names: Vec<_> = captured.spans.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["heard"]);
    assert!(capture.take().spans.is_empty(), "what was taken is gone");
}
