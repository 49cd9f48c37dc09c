//! Files in every form against a sink that remembers.

use std::collections::{BTreeMap, HashSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use spanwalk_api::ImportReceipt;
use spanwalk_model::otlp::{json, protobuf};
use spanwalk_model::{
    LogRecord, Resource, ResourceItems, ScopeItems, Span, SpanId, TraceId, Value,
};
use tempfile::TempDir;

use super::*;
use crate::client::Signal;

/// Stores what it gets, once per delivery id, as a collector does.
#[derive(Default)]
struct FakeCollector {
    known: Mutex<HashSet<u128>>,
    names: Mutex<Vec<String>>,
    deliveries: Mutex<Vec<u128>>,
    /// Chunks that wait for an answer now, and the most that ever did.
    waiting: Mutex<(usize, usize)>,
    /// Answers nothing before so many chunks wait.
    gate: Option<usize>,
    /// Chunks after which it fails.
    fails_after: Option<usize>,
}

impl FakeCollector {
    /// Names of spans and bodies of log records, sorted.
    fn stored(&self) -> Vec<String> {
        let mut names = self.names.lock().unwrap().clone();
        names.sort();
        names
    }

    fn sorted_deliveries(&self) -> Vec<u128> {
        let mut deliveries = self.deliveries.lock().unwrap().clone();
        deliveries.sort_unstable();
        deliveries
    }

    fn take(&self, chunk: &Chunk) -> ImportReceipt {
        self.deliveries.lock().unwrap().push(chunk.delivery);
        if !self.known.lock().unwrap().insert(chunk.delivery) {
            return ImportReceipt {
                known: true,
                ..ImportReceipt::default()
            };
        }
        let names: Vec<String> = match chunk.signal {
            Signal::Spans => items(protobuf::decode_traces(&chunk.bytes).unwrap().groups)
                .map(|span| span.name)
                .collect(),
            Signal::Logs => items(protobuf::decode_logs(&chunk.bytes).unwrap().groups)
                .map(|record| record.body_text())
                .collect(),
        };
        assert_eq!(names.len() as u64, chunk.item_count);
        self.names.lock().unwrap().extend(names);
        ImportReceipt {
            stored: chunk.item_count,
            known: false,
            rejected: BTreeMap::new(),
        }
    }
}

fn items<T>(groups: Vec<ResourceItems<T>>) -> impl Iterator<Item = T> {
    let scopes = groups.into_iter().flat_map(|group| group.scopes);
    scopes.flat_map(|scope| scope.items)
}

impl Sink for FakeCollector {
    type Error = String;

    async fn send(&self, chunk: &Chunk) -> Result<ImportReceipt, String> {
        {
            let mut waiting = self.waiting.lock().unwrap();
            waiting.0 += 1;
            waiting.1 = waiting.1.max(waiting.0);
        }
        while self
            .gate
            .is_some_and(|count| self.waiting.lock().unwrap().1 < count)
        {
            tokio::task::yield_now().await;
        }
        self.waiting.lock().unwrap().0 -= 1;
        if self
            .fails_after
            .is_some_and(|count| self.deliveries.lock().unwrap().len() >= count)
        {
            return Err("no room".to_owned());
        }
        Ok(self.take(chunk))
    }
}

fn file(dir: &TempDir, name: &str, content: &[u8]) -> PathBuf {
    let path = dir.path().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

fn run(sink: &FakeCollector, files: &[PathBuf]) -> ImportReport {
    try_run(sink, files).unwrap()
}

fn try_run(sink: &FakeCollector, files: &[PathBuf]) -> Result<ImportReport, ImportError<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(import_files(files, sink, |_| {}))
}

/// Imports one file into a fresh collector.
fn import(path: &Path) -> (FakeCollector, FileReport) {
    let sink = FakeCollector::default();
    let mut report = run(&sink, &[path.to_owned()]);
    (sink, report.files.remove(0))
}

fn problem(report: &FileReport) -> String {
    report
        .problem
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default()
}

fn span(number: u64) -> Span {
    let id = SpanId::from_u64(number).unwrap();
    let mut span = Span::new(TraceId::from_u128(u128::from(number)).unwrap(), id);
    span.name = format!("span {number:05}");
    span
}

fn batch<T>(items: Vec<T>) -> Vec<ResourceItems<T>> {
    let mut resource = Resource::default();
    resource.attributes.push("service.name", "s");
    vec![ResourceItems {
        resource: resource.into(),
        scopes: vec![ScopeItems {
            scope: std::sync::Arc::default(),
            items,
        }],
    }]
}

/// A line with the spans of these numbers.
fn line(numbers: std::ops::Range<u64>) -> String {
    json::encode_traces(&batch(numbers.map(span).collect()))
}

fn log_line(text: &str) -> String {
    let record = LogRecord {
        body: Some(Value::from(text)),
        ..LogRecord::default()
    };
    json::encode_logs(&batch(vec![record]))
}

fn names(numbers: std::ops::Range<u64>) -> Vec<String> {
    numbers.map(|number| span(number).name).collect()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zstd(content: &[u8]) -> Vec<u8> {
    zstd::encode_all(content, 1).unwrap()
}

#[test]
fn lines_of_spans_and_logs_are_stored_however_they_are_compressed() {
    let dir = TempDir::new().unwrap();
    let metrics = r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{},{}]}]}]}"#;
    let text = format!(
        "{}\r\n\n{}\n  \n{metrics}\n{}",
        line(1..3),
        log_line("a log"),
        line(3..5)
    );
    let mut expected = names(1..5);
    expected.insert(0, "a log".to_owned());
    let mut deliveries = HashSet::new();
    for (name, content) in [
        ("plain", text.clone().into_bytes()),
        ("gzip", gzip(text.as_bytes())),
        (
            "two gzip members",
            [gzip(&text.as_bytes()[..9]), gzip(&text.as_bytes()[9..])].concat(),
        ),
        ("zstd", zstd(text.as_bytes())),
        ("byte order mark", format!("\u{feff}{text}").into_bytes()),
    ] {
        let (sink, report) = import(&file(&dir, name, &content));
        assert_eq!(problem(&report), "", "{name}");
        assert_eq!(sink.stored(), expected, "{name}");
        assert_eq!(report.format, Some(Format::OtlpJson));
        assert_eq!(
            (report.span_count, report.log_count, report.metric_count),
            (4, 1, 2)
        );
        assert_eq!((report.stored_count, report.known_count), (5, 0));
        deliveries.insert(sink.sorted_deliveries());
    }
    assert_eq!(
        deliveries.len(),
        1,
        "how a file is compressed must not change its chunks"
    );
}

#[test]
fn a_document_over_many_lines_is_read_whole() {
    let dir = TempDir::new().unwrap();
    let tree: serde_json::Value = serde_json::from_str(&line(1..4)).unwrap();
    let text = serde_json::to_string_pretty(&tree).unwrap();
    let (sink, report) = import(&file(&dir, "pretty", text.as_bytes()));
    assert_eq!(problem(&report), "");
    assert_eq!(sink.stored(), names(1..4));

    // Cut in the third span: two are kept.
    let cut = text.find("span 00003").unwrap();
    let (sink, report) = import(&file(&dir, "cut", &text.as_bytes()[..cut]));
    assert_eq!(sink.stored(), names(1..3));
    let line_number = text.split_at(cut).0.lines().count();
    assert_eq!(
        problem(&report),
        format!("line {line_number}: cut in the middle; kept 2 items before it")
    );
}

#[test]
fn protobuf_is_read_part_by_part_also_behind_lengths() {
    let dir = TempDir::new().unwrap();
    let spans = protobuf::encode_traces(&batch((1..4).map(span).collect()));
    let logs = protobuf::encode_logs(&batch(vec![LogRecord {
        body: Some(Value::from("a log")),
        time_ns: 5,
        ..LogRecord::default()
    }]));
    let (sink, report) = import(&file(
        &dir,
        "spans",
        &[spans.clone(), spans.clone()].concat(),
    ));
    assert_eq!(problem(&report), "");
    assert_eq!(report.format, Some(Format::OtlpProtobuf));
    assert_eq!(sink.stored().len(), 6);
    let (sink, _) = import(&file(&dir, "logs", &logs));
    assert_eq!(sink.stored(), ["a log"]);

    let frame = |message: &[u8]| {
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        [&length[..], message].concat()
    };
    let framed = [frame(&spans), frame(&logs)].concat();
    let (sink, report) = import(&file(&dir, "framed", &gzip(&framed)));
    assert_eq!(problem(&report), "");
    assert_eq!(sink.stored().len(), 4);

    let mut cut = [spans.clone(), spans.clone()].concat();
    cut.truncate(cut.len() - 1);
    let (sink, report) = import(&file(&dir, "cut", &cut));
    assert_eq!(sink.stored(), names(1..4));
    assert_eq!(
        problem(&report),
        format!(
            "byte {}: cut in the middle; kept 3 items before it",
            spans.len()
        )
    );
    let mixed = [spans.clone(), vec![0x12, 0x00]].concat();
    let (sink, report) = import(&file(&dir, "mixed", &mixed));
    assert_eq!(sink.stored(), names(1..4));
    assert!(
        problem(&report).contains("no valid field tag"),
        "{}",
        problem(&report)
    );
}

#[test]
fn jaeger_and_zipkin_are_read_and_cut_ones_keep_what_is_whole() {
    let dir = TempDir::new().unwrap();
    let trace = |id: u32| {
        format!(
            r#"{{"traceID":"{id}","spans":[{{"traceID":"{id}","spanID":"1","operationName":"o{id}",
                "processID":"p"}}],"processes":{{"p":{{"serviceName":"s"}}}}}}"#
        )
    };
    let jaeger = format!("{{\"data\":[{},\n{}]}}", trace(1), trace(2));
    let (sink, report) = import(&file(&dir, "jaeger", jaeger.as_bytes()));
    assert_eq!(
        (problem(&report).as_str(), report.format),
        ("", Some(Format::Jaeger))
    );
    assert_eq!(sink.stored(), ["o1", "o2"]);
    let (sink, report) = import(&file(
        &dir,
        "cut jaeger",
        &zstd(&jaeger.as_bytes()[..jaeger.len() - 9]),
    ));
    assert_eq!(sink.stored(), ["o1"]);
    assert!(problem(&report).ends_with("kept 1 item before it"));

    let zipkin = r#"[{"traceId":"1","id":"1","name":"z1"},
                     {"traceId":"1","id":"2","name":"z2"}, {"traceId":"1"}]"#;
    let (sink, report) = import(&file(&dir, "zipkin", zipkin.as_bytes()));
    assert_eq!(
        (problem(&report).as_str(), report.format),
        ("", Some(Format::Zipkin))
    );
    assert_eq!(sink.stored(), ["z1", "z2"]);
    assert_eq!(report.issues.rejected_count(), 1);
    let (sink, report) = import(&file(&dir, "cut zipkin", &zipkin.as_bytes()[..60]));
    assert_eq!(sink.stored(), ["z1"]);
    assert!(
        problem(&report).starts_with("line 2: cut"),
        "{}",
        problem(&report)
    );
}

#[test]
fn importing_again_stores_nothing_again_and_equal_lines_are_all_kept() {
    let dir = TempDir::new().unwrap();
    // Three chunks, the first two of equal content.
    let lines: Vec<String> = (0..10_002).map(|_| log_line("same")).collect();
    let path = file(&dir, "a", lines.join("\n").as_bytes());
    let sink = FakeCollector::default();
    let first = run(&sink, std::slice::from_ref(&path));
    assert_eq!((first.stored_count(), first.known_count()), (10_002, 0));
    assert_eq!(sink.stored().len(), 10_002);
    let again = run(&sink, &[path.clone(), path]);
    assert_eq!((again.stored_count(), again.known_count()), (0, 20_004));
    assert_eq!(sink.stored().len(), 10_002);
    assert!(again.is_complete());
}

#[test]
fn chunks_are_bounded_and_several_are_in_flight() {
    let dir = TempDir::new().unwrap();
    let text: Vec<String> = (0..30)
        .map(|part| line(part * 1000 + 1..part * 1000 + 1001))
        .collect();
    let path = file(&dir, "many", text.join("\n").as_bytes());
    let sink = FakeCollector {
        gate: Some(limits::IN_FLIGHT_MAX),
        ..FakeCollector::default()
    };
    run(&sink, std::slice::from_ref(&path));
    assert_eq!(sink.deliveries.lock().unwrap().len(), 6);
    assert_eq!(sink.stored(), names(1..30_001));
    assert_eq!(sink.waiting.lock().unwrap().1, limits::IN_FLIGHT_MAX);

    // Bodies of a third of the limit: two to a chunk, with their envelopes.
    let body = "x".repeat(limits::CHUNK_BYTES_MAX * 2 / 5);
    let large: Vec<String> = (0..6).map(|_| log_line(&body)).collect();
    let sink = FakeCollector::default();
    run(&sink, &[file(&dir, "large", large.join("\n").as_bytes())]);
    assert_eq!(sink.deliveries.lock().unwrap().len(), 3);
    assert_eq!(sink.stored().len(), 6);
}

#[test]
fn a_torn_last_line_is_named_and_the_rest_is_kept() {
    let dir = TempDir::new().unwrap();
    let text = format!("{}\n{}\n{}", line(1..3), line(3..5), line(5..7));
    let whole = text.len() - line(5..7).len();
    let (sink, report) = import(&file(&dir, "torn", &text.as_bytes()[..whole + 30]));
    assert_eq!(sink.stored(), names(1..5));
    assert_eq!(
        problem(&report),
        "line 3: cut in the middle; kept 4 items before it"
    );
    // The same where the compressed stream is cut.
    for compressed in [gzip(text.as_bytes()), zstd(text.as_bytes())] {
        let (_, report) = import(&file(&dir, "torn", &compressed[..compressed.len() - 6]));
        assert!(
            problem(&report).contains("cut in the middle"),
            "{}",
            problem(&report)
        );
    }
}

#[test]
fn a_bad_line_in_the_middle_costs_that_line_and_is_named() {
    let dir = TempDir::new().unwrap();
    let text = format!(
        "{}\n{{\"resourceSpans\":5}}\nnot json\n{{\"level\":1}}\n{{}}\n{}\n",
        line(1..3),
        line(3..5)
    );
    let (sink, report) = import(&file(&dir, "bad", text.as_bytes()));
    assert_eq!(sink.stored(), names(1..5));
    assert_eq!(report.bad_line_count, 3);
    let (_, other) = import(&file(
        &dir,
        "other",
        format!("{}\n{{\"level\":1}}\n", line(1..2)).as_bytes(),
    ));
    assert_eq!(
        problem(&other),
        "line 2: a JSON object without any key of OTLP; kept 1 item around it"
    );
    assert_eq!(
        problem(&report),
        "line 2: json: expected an array, found a number at byte 17 in resourceSpans; \
         kept 4 items around it"
    );
}

#[test]
fn a_line_torn_in_the_middle_of_a_file_is_bad_and_not_the_end() {
    let dir = TempDir::new().unwrap();
    let torn = line(3..5);
    let torn = torn.split_at(torn.len() - 5).0;
    let text = format!("{}\n{torn}\n{}\n", line(1..3), line(5..7));
    let (sink, report) = import(&file(&dir, "torn", text.as_bytes()));
    assert_eq!(
        sink.stored().len(),
        6,
        "the spans before the tear are whole"
    );
    let problem = problem(&report);
    assert!(problem.starts_with("line 2: json: expected"), "{problem}");
    assert!(problem.ends_with("kept 6 items around it"), "{problem}");
}

#[test]
fn damaged_compressed_data_is_an_error_and_no_panic() {
    let dir = TempDir::new().unwrap();
    let text: Vec<String> = (1..400).map(|number| line(number..number + 1)).collect();
    for whole in [
        gzip(text.join("\n").as_bytes()),
        zstd(text.join("\n").as_bytes()),
    ] {
        let mut damaged = whole.clone();
        let middle = damaged.len() / 2;
        damaged[middle..middle + 40].fill(0xaa);
        let (_, report) = import(&file(&dir, "damaged", &damaged));
        assert!(report.problem.is_some());
    }
}

#[test]
fn what_cannot_be_imported_says_why_and_the_others_are_read() {
    let dir = TempDir::new().unwrap();
    let files = [
        file(&dir, "empty", b""),
        file(&dir, "blank", b" \n\n"),
        file(&dir, "empty gzip", &gzip(b"")),
        file(&dir, "text", b"hello world, this is no trace"),
        file(&dir, "zip", b"PK\x03\x04\x14\x00"),
        dir.path().join("missing"),
        dir.path().to_owned(),
        file(&dir, "good", line(1..2).as_bytes()),
    ];
    let sink = FakeCollector::default();
    let report = run(&sink, &files);
    let problems: Vec<String> = report.files.iter().map(problem).collect();
    assert_eq!(problems[..3], ["the file is empty"; 3]);
    assert!(problems[3].starts_with("unknown format: the file begins with the text \"hello world"));
    assert!(problems[3].contains("accepted are OTLP JSON lines"));
    assert!(problems[4].contains("the bytes 50 4b 03 04"));
    assert!(
        problems[5].starts_with("cannot read: No such file"),
        "{}",
        problems[5]
    );
    assert!(problems[6].contains("directory"), "{}", problems[6]);
    assert_eq!(problems[7], "");
    assert!(!report.is_complete());
    assert_eq!(sink.stored(), names(1..2));
}

#[test]
fn a_line_that_is_too_long_ends_the_file_and_not_the_process() {
    let dir = TempDir::new().unwrap();
    let mut text = line(1..3).into_bytes();
    text.extend(b"\n{\"resourceSpans\":\"");
    text.resize(text.len() + limits::LINE_BYTES_MAX, b'x');
    let (sink, report) = import(&file(&dir, "long", &zstd(&text)));
    assert_eq!(sink.stored(), names(1..3));
    assert_eq!(
        problem(&report),
        "line 2: longer than the 64 MiB that one line may have"
    );
}

#[test]
fn a_sink_that_fails_ends_the_import() {
    let dir = TempDir::new().unwrap();
    let text: Vec<String> = (0..40)
        .map(|part| line(part * 1000 + 1..part * 1000 + 1001))
        .collect();
    let path = file(&dir, "many", text.join("\n").as_bytes());
    let sink = FakeCollector {
        fails_after: Some(2),
        ..FakeCollector::default()
    };
    let error = try_run(&sink, &[path]).unwrap_err();
    assert_eq!(error.to_string(), "cannot send to the collector: no room");
    assert_eq!(sink.stored().len(), 10_000);
}

#[test]
fn progress_ends_with_all_bytes_files_and_items() {
    let dir = TempDir::new().unwrap();
    let text: Vec<String> = (0..12)
        .map(|part| line(part * 1000 + 1..part * 1000 + 1001))
        .collect();
    let files = [
        file(&dir, "a", &zstd(text.join("\n").as_bytes())),
        file(&dir, "b", text[0].as_bytes()),
    ];
    let sizes: u64 = files
        .iter()
        .map(|path| path.metadata().unwrap().len())
        .sum();
    let mut seen = Vec::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let sink = FakeCollector::default();
    let import = import_files(&files, &sink, |progress| seen.push(*progress));
    runtime.block_on(import).unwrap();
    let last = seen.last().unwrap();
    assert_eq!((last.files_done, last.files_total), (2, 2));
    assert_eq!((last.bytes_done, last.bytes_total), (sizes, sizes));
    assert_eq!(last.items_done, 13_000);
    assert!(seen.is_sorted_by_key(|progress| progress.items_done));
    assert!(seen.is_sorted_by_key(|progress| progress.bytes_done));
}
