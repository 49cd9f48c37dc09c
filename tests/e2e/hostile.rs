//! No text from outside steers a terminal: not in a list, a trace, a record, an error, or the
//! interface.

use spanwalk_harness::{
    Collector, DataDir, Finished, Grpc, Level, Listener, Record, Step, Terminal, logs_request,
    new_span_id, new_trace_id, now_ns, run, spans_request,
};

use crate::shop::hex;

/// Clears the screen, sets the title, moves the cursor, in seven and in eight bits; turns text
/// round; hides in no width; goes back over what was written.
const HOSTILE: &str = "ev\x1b[2J\x1b]0;owned\x07\x1b[1;1Hil\u{9b}31m\u{9d}0;owned\u{9c} \u{202e}txt\u{2066} zero\u{200b}\u{feff}width \r\x08\x08\x00 \u{e0041} end";

/// Characters that a terminal obeys, or that hide or turn text.
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// A collector that holds hostile text wherever there is text.
fn with_hostile_text(data: &DataDir) -> (Collector, String) {
    let collector = Collector::start(&data.path());
    let grpc = Grpc::connect(collector.url(Listener::OtlpGrpc));
    let (trace, span) = (new_trace_id(), new_span_id());
    let attributes = vec![
        (HOSTILE.to_owned(), "value".to_owned()),
        ("key".to_owned(), HOSTILE.to_owned()),
    ];
    let step = Step {
        trace,
        span,
        name: HOSTILE.to_owned(),
        start_ns: now_ns() - 1_000_000,
        duration_ns: 500_000,
        error: Some(HOSTILE.to_owned()),
        attributes: attributes.clone(),
        ..Step::default()
    };
    let record = Record {
        trace,
        span,
        time_ns: now_ns() - 800_000,
        level: Level::Error,
        body: format!("first line {HOSTILE}\nsecond line\ttabbed"),
        attributes,
    };
    grpc.spans(spans_request(HOSTILE, &[step])).unwrap();
    grpc.logs(logs_request(HOSTILE, &[record])).unwrap();
    (collector, hex(&trace))
}

/// Nothing in the output but text, line ends, and our own colours.
#[track_caller]
fn is_tame(finished: &Finished, what: &str) {
    for text in [&finished.stdout, &finished.stderr] {
        let plain = without_colours(text);
        let harmful: Vec<_> = plain
            .chars()
            .filter(|character| is_harmful(*character) && *character != '\n')
            .collect();
        assert!(harmful.is_empty(), "{what}: {harmful:?} in {text:?}");
    }
}

/// The text without `ESC [ … m`.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|letter: char| !letter.is_ascii_digit() && letter != ';');
        match end.map(|end| part.split_at(end)) {
            Some((_, rest)) if rest.starts_with('m') => plain.extend(rest.chars().skip(1)),
            // Kept, so that it is found.
            _ => plain.extend(['\x1b'].into_iter().chain(part.chars())),
        }
    }
    plain
}

#[test]
fn no_command_lets_it_through() {
    let data = DataDir::new();
    let (collector, trace) = with_hostile_text(&data);
    let url = collector.api().url().to_owned();
    let commands: [&[&str]; 6] = [
        &["search"],
        &["logs"],
        &["show", &trace],
        &["walk", &trace],
        &["services"],
        &["status"],
    ];
    for colour in ["never", "always"] {
        for arguments in commands {
            let common = ["--collector", &url, "--color", colour];
            let finished = run(arguments.iter().copied().chain(common)).expect_code(0);
            is_tame(&finished, &format!("{arguments:?} with --color {colour}"));
        }
    }
    // It is shown in another form and not left out.
    let shown = run(["show", &trace, "--collector", &url]);
    assert!(
        shown.stdout.contains('\u{241b}') && shown.stdout.contains("owned"),
        "{}",
        shown.stdout
    );
    collector.stop();
}

#[test]
fn json_holds_the_same_text_and_no_byte_that_a_terminal_obeys() {
    let data = DataDir::new();
    let (collector, trace) = with_hostile_text(&data);
    let url = collector.api().url().to_owned();
    for arguments in [
        &["search", "--json"][..],
        &["logs", "--json"],
        &["show", "--json", &trace],
        &["walk", "--json", &trace],
        &["services", "--json"],
    ] {
        let finished = run(arguments.iter().copied().chain(["--collector", &url])).expect_code(0);
        is_tame(&finished, &format!("{arguments:?}"));
        let text = finished.json().to_string();
        let expected = serde_json::to_string(HOSTILE).unwrap();
        let inner = expected.trim_matches('"');
        assert!(text.contains(inner), "{arguments:?}: {text}");
    }
    collector.stop();
}

#[test]
fn what_a_person_typed_is_tamed_when_it_is_told_back() {
    // The system passes no zero byte in an argument.
    let typed = HOSTILE.replace('\0', "");
    let cases: [&[&str]; 5] = [
        &["query", "check", &format!("service:( {typed}")],
        &["import", &typed],
        &["show", &typed],
        &["serve", "--otlp-grpc", &typed],
        &[&typed, "x"],
    ];
    for arguments in cases {
        let data = DataDir::new();
        let path = data.path();
        let directory = path.to_str().unwrap();
        let finished = run(arguments.iter().copied().chain(["--data-dir", directory]));
        assert_ne!(finished.code, Some(0), "{arguments:?}");
        let said = format!("{}{}", finished.stdout, finished.stderr);
        assert!(!said.trim().is_empty(), "{arguments:?} says nothing");
        is_tame(&finished, &format!("{arguments:?}"));
    }
}

#[test]
fn the_interface_draws_it_and_does_not_pass_it_on() {
    let data = DataDir::new();
    let (collector, _) = with_hostile_text(&data);
    let mut terminal = Terminal::run(120, 40, ["--collector", collector.api().url()]);
    terminal.wait_for(&["spanwalk", "traces", "\u{241b}"]);
    for (keys, texts) in [
        ("\r", &["event", "first line"][..]),
        ("nn", &["event"]),
        ("t", &["event"]),
        ("q", &["traces"]),
        ("2", &["severity", "first line"]),
        ("3", &["services"]),
    ] {
        terminal.keys(keys);
        terminal.wait_for(texts);
    }
    terminal.keys("\x03");
    let bytes = String::from_utf8_lossy(&terminal.bytes()).into_owned();
    let ended = terminal.wait_for_end();
    assert!(ended.success());
    // The interface's own sequences move, colour and clear; none sets a title, none has eight
    // bits, and none of these characters is its own.
    assert!(
        !bytes.contains("\x1b]"),
        "an operating system command went through"
    );
    let through: Vec<_> = bytes
        .chars()
        .filter(|character| is_harmful(*character) && !matches!(character, '\x1b' | '\r' | '\n'))
        .collect();
    assert!(through.is_empty(), "{through:?}");
    collector.stop();
}
