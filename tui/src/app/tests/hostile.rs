//! Telemetry that attacks the terminal reaches no cell of any screen.

use spanwalk_api::{LogEntry, SearchResponse, ServiceCount, TraceSummary};
use spanwalk_model::{Event, SpanKind, TraceItems, Value};

use super::super::{Effect, Failure, Message, Reply};
use super::fixture::{log, span, trace_id};
use super::{Stage, request_of, trace_reply};
use crate::text::safe::is_safe;

/// What logs have been used for against terminals and their readers.
fn corpus() -> Vec<String> {
    let mut corpus: Vec<String> = [
        "\u{1b}]52;c;cm0gLXJmIH4=\u{7}",
        "\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[H",
        "\u{1b}]8;;http://evil.example\u{1b}\\click\u{1b}]8;;\u{1b}\\",
        "\u{1b}P$q\"p\u{1b}\\\u{1b}[6n\u{1b}[c",
        "\u{9b}31mred\u{9c}\u{90}x\u{9d}0;title\u{9c}",
        "line\rforged\nline\u{b}\u{c}\u{85}",
        "user\u{202e}nimda\u{2066}\u{2069}\u{200f}",
        "zero\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}width",
        "tag\u{e0041}\u{e0042}\u{e007f}",
        "\u{0}\u{1}\u{8}\u{7f}",
        "\u{fff9}a\u{fffa}b\u{fffb}\u{2028}\u{2029}",
        "世界\t世\u{ad}界🏳\u{fe0f}\u{200d}🌈",
        "",
    ]
    .map(str::to_owned)
    .to_vec();
    corpus.push(format!("z{}", "\u{301}\u{489}".repeat(400)));
    corpus.push("\u{1b}[31m".repeat(4_000));
    corpus
}

fn hostile_trace(text: &str) -> TraceItems {
    let mut spans = vec![
        span(1, 0, text, text, SpanKind::Server, (0, 10)),
        span(2, 1, "svc", text, SpanKind::Client, (1, 9)),
    ];
    let mut event = Event {
        time_ns: spans[0].item.start_ns + 1,
        name: "exception".to_owned(),
        ..Event::default()
    };
    event.attributes.push("exception.type", text);
    event.attributes.push("exception.message", text);
    event
        .attributes
        .push("exception.stacktrace", format!("{text}\n{text}"));
    for span in &mut spans {
        span.item.attributes.push(text, text);
        span.item
            .attributes
            .push("k", Value::Array(vec![Value::from(text)]));
        span.item.trace_state = text.to_owned();
        span.item.status.message = text.to_owned();
        span.item.status.code = spanwalk_model::StatusCode::Error;
        span.item.events.push(event.clone());
    }
    let mut record = log(2, text, 3, 17, text);
    record.item.severity_text = text.to_owned();
    record.item.event_name = text.to_owned();
    TraceItems {
        spans,
        logs: vec![record],
    }
}

fn hostile_reply(effect: &Effect, text: &str) -> Option<Reply> {
    let text = text.to_owned();
    Some(match effect {
        Effect::Trace { .. } => trace_reply(hostile_trace(&text)),
        Effect::Search { .. } => Reply::Search(Box::new(SearchResponse {
            traces: vec![TraceSummary {
                trace_id: trace_id().to_hex(),
                root_service: text.clone(),
                root_name: text.clone(),
                first_error: text.clone(),
                error_span_count: 1,
                services: vec![ServiceCount {
                    name: text.clone(),
                    span_count: 1,
                    error_span_count: 1,
                }],
                ..TraceSummary::default()
            }],
            notes: vec![text],
            ..SearchResponse::default()
        })),
        Effect::Logs { .. } => Reply::Logs(Box::new(spanwalk_api::LogsResponse {
            logs: vec![LogEntry {
                service: text.clone(),
                body: text.clone(),
                level: text.clone(),
                severity_text: text.clone(),
                event_name: text.clone(),
                trace_id: Some(text.clone()),
                span_id: Some(text.clone()),
                attributes: serde_json::json!([{"key": text, "value": {"stringValue": text}}]),
                ..LogEntry::default()
            }],
            ..spanwalk_api::LogsResponse::default()
        })),
        Effect::Services { .. } => Reply::Services(Box::new(spanwalk_api::ServicesResponse {
            services: vec![spanwalk_api::ServiceEntry {
                name: text,
                ..spanwalk_api::ServiceEntry::default()
            }],
            ..spanwalk_api::ServicesResponse::default()
        })),
        _ => return None,
    })
}

fn check(stage: &Stage, what: &str) {
    for cell in stage.buffer().content() {
        assert!(is_safe(cell.symbol()), "{:?} on {what}", cell.symbol());
        assert!(
            cell.symbol().chars().count() < 16,
            "a flood in one cell on {what}"
        );
    }
}

#[test]
fn no_control_or_bidi_character_reaches_a_cell() {
    let trace = format!("trace/{}", trace_id());
    for text in corpus() {
        for place in [trace.as_str(), "traces", "logs", "services"] {
            for size in [(120, 40), (60, 15)] {
                let mut stage = Stage::open("traces?q=nothing", size);
                stage.send(Message::Paste(String::new()));
                let mut stage = reopen(&mut stage, place, &text);
                check(&stage, place);
                for key in ["n", "n", "j", "tab", "t", "E", "tab", "y", "t", "?"] {
                    stage.send(Message::Key(key.parse().unwrap()));
                    check(&stage, place);
                }
                for copied in &stage.copied {
                    assert!(copied.lines().all(is_safe), "{copied:?}");
                }
            }
        }
    }
}

/// Opens a place whose answers hold the text.
fn reopen(stage: &mut Stage, place: &str, text: &str) -> Stage {
    let size = stage.state.size;
    let mut stage = Stage::unanswered(place, size);
    for effect in std::mem::take(&mut stage.waiting) {
        if let (Some(request), Some(reply)) = (request_of(&effect), hostile_reply(&effect, text)) {
            stage.send(Message::Answer(request, reply));
        }
    }
    stage
}

#[test]
fn what_is_typed_pasted_or_told_by_a_collector_is_safe_too() {
    for text in corpus() {
        for keys in ["/", ":", "?"] {
            let mut stage = Stage::open("traces", (80, 24));
            stage.press(keys);
            stage.send(Message::Paste(text.clone()));
            check(&stage, keys);
        }
        let mut stage = Stage::unanswered("traces", (80, 24));
        let request = stage.waiting.iter().find_map(request_of).unwrap();
        let failure = Failure {
            text: text.clone(),
            position: Some(3),
            suggestion: Some(text.clone()),
        };
        stage.send(Message::Answer(request, Reply::Failed(failure)));
        check(&stage, "a refused query");
        stage.send(Message::Copied(Err(text.clone())));
        check(&stage, "a toast");
    }
}
