//! Every format is read whole, and a file that is read again shows nothing twice.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use prost::Message as _;
use spanwalk_harness::{Collector, DataDir, fixture, logs_request, spans_request};

use super::{TRAINTICKET, import, import_into, stored};
use crate::shop::Checkout;

fn gzip(from: &Path, to: PathBuf) -> PathBuf {
    let mut encoder = GzEncoder::new(fs::File::create(&to).unwrap(), Compression::default());
    encoder.write_all(&fs::read(from).unwrap()).unwrap();
    encoder.finish().unwrap();
    to
}

fn zstd(from: &Path, to: PathBuf) -> PathBuf {
    let encoded = zstd::encode_all(fs::read(from).unwrap().as_slice(), 3).unwrap();
    fs::write(&to, encoded).unwrap();
    to
}

#[test]
fn otlp_json_lines_plain_and_compressed_are_the_same_items() {
    let traces = fixture("trainticket/traces.jsonl");
    let logs = fixture("trainticket/logs.jsonl");
    let data = DataDir::new();
    let pairs = [
        (traces.clone(), logs.clone()),
        (
            gzip(&traces, data.beside("traces.jsonl.gz")),
            gzip(&logs, data.beside("logs.jsonl.gz")),
        ),
        (
            zstd(&traces, data.beside("traces.jsonl.zst")),
            zstd(&logs, data.beside("logs.jsonl.zst")),
        ),
    ];
    for (traces, logs) in &pairs {
        let fresh = DataDir::new();
        let collector = Collector::start(&fresh.path());
        let report = import(&collector, &[traces, logs]).expect_code(0).json();
        assert_eq!(report["stored"], 147, "{report}");
        assert_eq!(
            stored(&collector.api()),
            TRAINTICKET,
            "{}",
            traces.display()
        );
        collector.stop();
    }
    // The same items in another file are the same items.
    let collector = Collector::start(&data.path());
    for (traces, logs) in &pairs {
        import(&collector, &[traces, logs]).expect_code(0);
        assert_eq!(
            stored(&collector.api()),
            TRAINTICKET,
            "{}",
            traces.display()
        );
    }
    collector.stop();
}

#[test]
fn a_second_import_shows_nothing_twice_also_after_a_restart() {
    let files = [
        fixture("trainticket/traces.jsonl"),
        fixture("trainticket/logs.jsonl"),
        fixture("jaeger/social-network.json"),
        fixture("zipkin/yelp.json"),
        fixture("zipkin/messaging-kafka.json"),
    ];
    let files: Vec<_> = files.iter().map(PathBuf::as_path).collect();
    let data = DataDir::new();
    let collector = Collector::start(&data.path());
    import(&collector, &files).expect_code(0);
    let first = stored(&collector.api());
    assert_eq!((first.1, first.2), (44, 7));
    let report = import(&collector, &files).expect_code(0).json();
    assert_eq!(report["stored"], 0, "{report}");
    assert_eq!(report["already_there"], first.0 + first.1, "{report}");
    assert_eq!(stored(&collector.api()), first);
    collector.kill();
    let collector = Collector::start(&data.path());
    import(&collector, &files).expect_code(0);
    assert_eq!(stored(&collector.api()), first, "after kill -9");
    collector.stop();
}

#[test]
fn a_file_that_has_grown_since_it_was_read_shows_no_span_twice() {
    let whole = fixture("trainticket/traces.jsonl");
    let text = fs::read_to_string(&whole).unwrap();
    let data = DataDir::new();
    let path = data.beside("growing.jsonl");
    let begin: Vec<_> = text.split_inclusive('\n').take(10).collect();
    fs::write(&path, begin.concat()).unwrap();
    let collector = Collector::start(&data.path());
    import(&collector, &[&path]).expect_code(0);
    let (spans, ..) = stored(&collector.api());
    assert!((1..TRAINTICKET.0).contains(&spans));
    fs::write(&path, &text).unwrap();
    import(&collector, &[&path]).expect_code(0);
    let traces = collector.api().search_all("");
    let shown: u64 = traces.iter().map(|trace| trace.span_count).sum();
    assert_eq!((shown, traces.len()), (TRAINTICKET.0, 4));
    let food = collector.api().walk("ffc8ca7e4c8f06c75142c880d5595d96");
    assert_eq!(food.events.len(), 2 * 33);
    collector.stop();
}

#[test]
fn jaeger_json_is_read_whole() {
    let data = DataDir::new();
    let collector = Collector::start(&data.path());
    let report = import(&collector, &[&fixture("jaeger/social-network.json")]);
    let report = report.expect_code(0).json();
    assert_eq!(report["files"][0]["format"], "Jaeger JSON", "{report}");
    assert_eq!(stored(&collector.api()), (33, 0, 1, 12));
    let found = collector.api().search("service:nginx-web-server");
    assert_eq!(found.traces[0].span_count, 33);
    assert!(found.traces[0].has_root);
    collector.stop();
}

#[test]
fn zipkin_json_is_read_whole() {
    let data = DataDir::new();
    let collector = Collector::start(&data.path());
    let files = [
        fixture("zipkin/yelp.json"),
        fixture("zipkin/messaging-kafka.json"),
    ];
    let report = import(&collector, &[&files[0], &files[1]])
        .expect_code(0)
        .json();
    assert_eq!(report["files"][0]["format"], "Zipkin v2 JSON", "{report}");
    assert_eq!(
        (
            report["files"][0]["spans"].as_u64(),
            report["files"][1]["spans"].as_u64()
        ),
        (Some(16), Some(28))
    );
    let counts = stored(&collector.api());
    assert_eq!((counts.0, counts.2), (44, 2));
    collector.stop();
}

#[test]
fn otlp_protobuf_is_read_whole_and_framed_messages_are_too() {
    let checkout = Checkout::new();
    let spans = spans_request("gateway", &checkout.gateway).encode_to_vec();
    let logs = logs_request("gateway", &checkout.gateway_logs).encode_to_vec();
    let data = DataDir::new();
    let files = [data.beside("traces.binpb"), data.beside("logs.binpb")];
    fs::write(&files[0], &spans).unwrap();
    fs::write(&files[1], &logs).unwrap();
    let framed = data.beside("framed.binpb");
    let payment = spans_request("payment", &checkout.payment).encode_to_vec();
    let mut bytes = Vec::new();
    for message in [&spans, &payment] {
        bytes.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
        bytes.extend(message);
    }
    fs::write(&framed, bytes).unwrap();
    let collector = Collector::start(&data.path());
    let report = import(&collector, &[&files[0], &files[1]])
        .expect_code(0)
        .json();
    assert_eq!(report["files"][0]["format"], "OTLP protobuf", "{report}");
    assert_eq!(stored(&collector.api()), (2, 1, 1, 1));
    collector.stop();

    let fresh = DataDir::new();
    let collector = Collector::start(&fresh.path());
    let report = import(&collector, &[&framed]).expect_code(0).json();
    assert_eq!(report["files"][0]["format"], "OTLP protobuf", "{report}");
    assert_eq!(stored(&collector.api()), (3, 0, 1, 2));
    collector.stop();
}

#[test]
fn without_a_collector_the_import_writes_the_directory_itself() {
    let data = DataDir::new();
    let files = [
        fixture("trainticket/traces.jsonl"),
        fixture("trainticket/logs.jsonl"),
    ];
    import_into(&data, &[&files[0], &files[1]]).expect_code(0);
    let collector = Collector::start(&data.path());
    assert_eq!(stored(&collector.api()), TRAINTICKET);
    // Its directory is used now, so that the same command goes through it.
    let report = import_into(&data, &[&files[0], &files[1]])
        .expect_code(0)
        .json();
    assert_eq!(report["stored"], 0);
    assert_eq!(stored(&collector.api()), TRAINTICKET);
    collector.stop();
}
