//! Files that take a while: over a crash of the collector, and a day of a real system.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use spanwalk_harness::{Collector, DataDir, Home, data_folder, eventually, run_with};

use super::{import, stored};
use crate::shop::hex;

/// Traces of the file that is read over crashes: enough that parts are written meanwhile.
const TRACES: u64 = 15_000;
/// Spans of each.
const SPANS: u64 = 10;

/// Lines of OTLP JSON, ten traces each.
fn write_big_file(path: &Path) {
    let mut text = String::new();
    for line in 0..TRACES / 10 {
        let mut spans = Vec::new();
        for trace in line * 10..line * 10 + 10 {
            for span in 0..SPANS {
                let start = 1_700_000_000_000_000_000 + trace * 1_000_000_000 + span * 1_000_000;
                spans.push(format!(
                    r#"{{"traceId":"{}","spanId":"{}","name":"step {span}","startTimeUnixNano":"{start}","endTimeUnixNano":"{}","attributes":[{{"key":"order.id","value":{{"stringValue":"order-{trace}-{span}"}}}}]}}"#,
                    hex(&u128::from(trace + 1).to_be_bytes()),
                    hex(&(trace * SPANS + span + 1).to_be_bytes()),
                    start + 500_000,
                ));
            }
        }
        let _ = writeln!(
            text,
            r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"orders"}}}}]}},"scopeSpans":[{{"spans":[{}]}}]}}]}}"#,
            spans.join(",")
        );
    }
    fs::write(path, text).unwrap();
}

/// Spans stored at which the collector is ended: at the first ones, and before and after the
/// first part is written.
const CRASHES_AT: [u64; 3] = [1, 50_000, 101_000];

#[test]
fn an_import_over_crashes_of_the_collector_counts_everything_once_when_run_again() {
    let data = DataDir::new();
    let path = data.beside("big.jsonl");
    write_big_file(&path);
    let mut before = 0;
    for spans in CRASHES_AT {
        let collector = Collector::start(&data.path());
        let api = collector.api();
        assert_eq!(stored(&api).0, before, "as it was when it was ended");
        let home = Home::new();
        let mut command = home.command();
        command.args(["import", "--json", "--collector", api.url()]);
        command
            .arg(&path)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut importing = command.spawn().unwrap();
        eventually("enough spans", || {
            (api.status().stored.spans >= spans).then_some(())
        });
        collector.kill();
        let ended = eventually("the end of the import", || importing.try_wait().unwrap());
        assert_eq!(ended.code(), Some(3), "there is no collector any more");
        let collector = Collector::start(&data.path());
        before = stored(&collector.api()).0;
        assert!(
            (spans..TRACES * SPANS).contains(&before),
            "the crash was to come in the middle: {before}"
        );
        collector.kill();
    }
    let collector = Collector::start(&data.path());
    let report = import(&collector, &[&path]).expect_code(0).json();
    assert_eq!(report["already_there"], before, "{report}");
    assert_eq!(report["stored"], TRACES * SPANS - before, "{report}");
    assert_eq!(stored(&collector.api()), (TRACES * SPANS, 0, TRACES, 1));
    let found = collector.api().search("order.id:order-4711-7");
    assert_eq!((found.traces.len(), found.traces[0].span_count), (1, SPANS));
    collector.stop();
}

/// The data set "Train Ticket, Nezha 2023-01-29": `trainticket-2023-01-29` below the folder that
/// `SPANWALK_DATA` names.
#[test]
fn a_day_of_train_ticket_is_counted_exactly() {
    let Some(folder) = data_folder("a_day_of_train_ticket_is_counted_exactly") else {
        return;
    };
    let folder = folder.join("trainticket-2023-01-29");
    let files = [
        folder.join("traces.jsonl.zst"),
        folder.join("logs.jsonl.zst"),
    ];
    let whole = (325_859, 171_095, 4_551, 28);
    let data = DataDir::new();
    let collector = Collector::start(&data.path());
    let import = || {
        let home = Home::new();
        let mut command = home.command();
        command.args(["import", "--json", "--collector", collector.api().url()]);
        command.args(&files);
        // No deadline of its own: this is as long as it takes on a slow build.
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(0), "{text}");
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    assert_eq!(import()["stored"], whole.0 + whole.1);
    assert_eq!(stored(&collector.api()), whole);
    assert_eq!(import()["stored"], 0);
    assert_eq!(stored(&collector.api()), whole);
    let services = collector.api().services().services;
    assert_eq!(services.len(), 28);
    assert_eq!(
        services.iter().map(|one| one.span_count).sum::<u64>(),
        whole.0
    );
    assert_eq!(
        services.iter().map(|one| one.log_count).sum::<u64>(),
        whole.1
    );
    let with_errors = collector.api().search_all("level:error");
    assert!(with_errors.iter().all(|trace| trace.error_log_count > 0));
    let errors: u64 = with_errors.iter().map(|trace| trace.error_log_count).sum();
    assert_eq!(errors, 1_331);
    collector.kill();

    let collector = Collector::start(&data.path());
    assert_eq!(stored(&collector.api()), whole, "after kill -9");
    let home = Home::new();
    let mut command = home.command();
    command.args([
        "search",
        "--json",
        "level:error",
        "--collector",
        collector.api().url(),
    ]);
    run_with(command).expect_code(0);
    collector.stop();
}
