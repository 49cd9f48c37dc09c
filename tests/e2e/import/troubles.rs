//! Files that are cut, empty, foreign or missing: people are told, scripts too, and what was
//! readable is kept.

use std::fs;

use spanwalk_harness::{Collector, DataDir, Finished, fixture};

use super::{import, stored};

/// The import told what is wrong with its only file.
#[track_caller]
fn complains(finished: Finished, about: &str) {
    let finished = finished.expect_code(1);
    let report = finished.json();
    assert_eq!(report["complete"], false, "{report}");
    let problem = report["files"][0]["problem"].as_str().unwrap_or_default();
    assert!(problem.contains(about), "`{about}` is not in `{problem}`");
}

#[test]
fn of_a_cut_file_everything_before_the_cut_is_kept() {
    let text = fs::read_to_string(fixture("trainticket/traces.jsonl")).unwrap();
    let lines: Vec<_> = text.lines().collect();
    let (last, whole) = lines.split_last().unwrap();
    let mut cut = whole.join("\n");
    cut.push('\n');
    cut.extend(last.chars().take(last.len() / 2));
    let data = DataDir::new();
    let path = data.beside("cut.jsonl");
    fs::write(&path, cut).unwrap();
    let spans = |line: &&str| line.matches("\"spanId\":").count() as u64;
    let readable: u64 = whole.iter().map(spans).sum();

    let collector = Collector::start(&data.path());
    complains(
        import(&collector, &[&path]),
        &format!("line {}", lines.len()),
    );
    assert_eq!(stored(&collector.api()).0, readable);
    complains(import(&collector, &[&path]), "cut in the middle");
    assert_eq!(stored(&collector.api()).0, readable, "again, nothing twice");
    collector.stop();
}

#[test]
fn of_a_compressed_file_that_is_cut_what_can_be_unpacked_is_kept() {
    let text = fs::read(fixture("trainticket/traces.jsonl")).unwrap();
    let data = DataDir::new();
    let path = data.beside("cut.jsonl.zst");
    // One frame that is whole, and a second one that is cut.
    let mut packed = zstd::encode_all(text.as_slice(), 3).unwrap();
    packed.extend(&packed.clone()[..packed.len() / 2]);
    fs::write(&path, packed).unwrap();
    let collector = Collector::start(&data.path());
    complains(import(&collector, &[&path]), "cut in the middle");
    let (spans, ..) = stored(&collector.api());
    assert!(
        spans >= 103,
        "only {spans} spans of the whole frame are kept"
    );
    collector.stop();
}

#[test]
fn a_torn_line_in_the_middle_costs_itself_only() {
    let text = fs::read_to_string(fixture("trainticket/traces.jsonl")).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    let torn: String = first.chars().take(first.len() / 2).collect();
    let data = DataDir::new();
    let path = data.beside("torn.jsonl");
    fs::write(&path, format!("{torn}\n{rest}")).unwrap();
    let collector = Collector::start(&data.path());
    complains(import(&collector, &[&path]), "line 1");
    let lost = first.matches("\"spanId\":").count() as u64;
    assert_eq!(stored(&collector.api()).0, 103 - lost);
    collector.stop();
}

#[test]
fn what_is_no_file_of_traces_is_named_with_what_is_wrong() {
    let data = DataDir::new();
    let beside = |name: &str, bytes: &[u8]| {
        let path = data.beside(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let cases = [
        (beside("empty.json", b""), "empty"),
        (beside("notes.txt", b"dear diary"), "unknown format"),
        (
            beside("other.json", b"{\"users\": [1, 2]}"),
            "unknown format",
        ),
        (
            beside("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
            "unknown format",
        ),
        (data.beside(""), "directory"),
        (data.beside("missing.json"), "cannot read"),
    ];
    let collector = Collector::start(&data.path());
    for (path, about) in &cases {
        complains(import(&collector, &[path]), about);
    }
    assert_eq!(stored(&collector.api()), (0, 0, 0, 0));
    // One bad file among good ones is told, and the good ones are read.
    let good = fixture("zipkin/yelp.json");
    let finished = import(&collector, &[&cases[1].0, &good, &cases[5].0]).expect_code(1);
    let report = finished.json();
    assert_eq!(report["stored"], 16, "{report}");
    let problems: Vec<_> = (0..3)
        .map(|at| report["files"][at]["problem"].is_string())
        .collect();
    assert_eq!(problems, [true, false, true]);
    collector.stop();
}
