//! What is written is found, by every kind of term.

use std::sync::Arc;

use spanwalk_model::{
    LogRecord, Resource, Scope, Scoped, Severity, SeverityLevel, Span, SpanId, SpanKind,
    StatusCode, TraceId,
};
use spanwalk_query::{Condition, Term};

use super::terms::duration_bucket;
use super::*;
use crate::disk::simulated::SimulatedDisk;
use crate::disk::{Disk, RealDisk, header_of};

fn scoped<T>(service: &str, item: T) -> Scoped<T> {
    let mut resource = Resource::default();
    resource.attributes.push("service.name", service);
    Scoped {
        item,
        resource: Arc::new(resource),
        scope: Arc::new(Scope::default()),
    }
}

fn span(trace: u128, id: u64, service: &str, name: &str) -> Scoped<Span> {
    let mut span = Span::new(
        TraceId::from_u128(trace).unwrap(),
        SpanId::from_u64(id).unwrap(),
    );
    span.name = name.to_owned();
    span.start_ns = 1000 * id;
    span.end_ns = 1000 * id + 500;
    scoped(service, span)
}

fn some(documents: &[u32]) -> Answer {
    Answer::Some(documents.to_vec())
}

#[test]
fn traces_are_found_by_what_their_spans_say() {
    let dir = tempfile::tempdir().unwrap();
    let mut failing = span(2, 3, "payments", "POST /charges");
    failing.item.status.code = StatusCode::Error;
    failing.item.status.message = "Card DECLINED".to_owned();
    failing.item.kind = SpanKind::Server;
    failing.item.attributes.push("http.route", "/charges");
    failing.item.end_ns = failing.item.start_ns + 5_000_000;
    let rows = [
        span(1, 1, "gateway", "GET /"),
        span(1, 2, "orders", "list"),
        failing,
    ];
    assert_eq!(
        write_span_index(&RealDisk, &dir.path().join("index"), &rows).unwrap(),
        2
    );
    let index = IndexReader::open(&RealDisk, &dir.path().join("index"), 2).unwrap();
    let find = |term: Term| index.find(&Condition::Term(term)).unwrap();
    assert_eq!(find(Term::Service("orders".into())), some(&[0]));
    assert_eq!(find(Term::Name("POST /charges".into())), some(&[1]));
    assert_eq!(find(Term::Error), some(&[1]));
    assert_eq!(find(Term::Kind(SpanKind::Server)), some(&[1]));
    assert_eq!(
        find(Term::Attribute {
            key: "http.route".into(),
            value: "/charges".into()
        }),
        some(&[1])
    );
    assert_eq!(
        find(Term::HasAttribute {
            key: "service.name".into()
        }),
        some(&[0, 1])
    );
    assert_eq!(
        find(Term::Words(vec!["card".into(), "declined".into()])),
        some(&[1])
    );
    assert_eq!(find(Term::DurationAtLeast(1_000_000)), some(&[1]));
    assert_eq!(find(Term::DurationAtMost(1_000)), some(&[0]));
    assert_eq!(find(Term::Service("nobody".into())), some(&[]));
    assert_eq!((index.moment_ns(0), index.moment_ns(1)), (1000, 3000));
}

#[test]
fn conditions_are_put_together() {
    let dir = tempfile::tempdir().unwrap();
    let rows = [
        span(1, 1, "a", "x"),
        span(2, 2, "a", "y"),
        span(3, 3, "b", "y"),
    ];
    write_span_index(&RealDisk, &dir.path().join("index"), &rows).unwrap();
    let index = IndexReader::open(&RealDisk, &dir.path().join("index"), 3).unwrap();
    let service = |name: &str| Condition::Term(Term::Service(name.into()));
    let name = |name: &str| Condition::Term(Term::Name(name.into()));
    let all = Condition::All(vec![service("a"), name("y")]);
    assert_eq!(index.find(&all).unwrap(), some(&[1]));
    let any = Condition::OneOf(vec![service("b"), name("x")]);
    assert_eq!(index.find(&any).unwrap(), some(&[0, 2]));
    assert_eq!(index.find(&Condition::Everything).unwrap(), Answer::All);
    assert_eq!(
        index.find(&Condition::OneOf(Vec::new())).unwrap(),
        some(&[])
    );
}

#[test]
fn records_are_found_one_by_one() {
    let dir = tempfile::tempdir().unwrap();
    let record = |severity: i32, body: &str, time_ns: u64| {
        scoped(
            "svc",
            LogRecord {
                severity: Severity(severity),
                body: Some(body.into()),
                time_ns,
                ..LogRecord::default()
            },
        )
    };
    let rows = [record(9, "all well", 5), record(17, "time-out of db", 6)];
    write_log_index(&RealDisk, &dir.path().join("index"), &rows).unwrap();
    let index = IndexReader::open(&RealDisk, &dir.path().join("index"), 2).unwrap();
    let find = |term: Term| index.find(&Condition::Term(term)).unwrap();
    assert_eq!(find(Term::LevelAtLeast(SeverityLevel::Warn)), some(&[1]));
    assert_eq!(find(Term::Words(vec!["out".into()])), some(&[1]));
    assert_eq!(index.moment_ns(1), 6);
}

#[test]
fn an_index_of_another_size_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    write_span_index(
        &RealDisk,
        &dir.path().join("index"),
        &[span(1, 1, "a", "x")],
    )
    .unwrap();
    assert!(matches!(
        IndexReader::open(&RealDisk, &dir.path().join("index"), 5),
        Err(IndexError::Count { found: 1, .. })
    ));
    let empty = tempfile::tempdir().unwrap();
    assert!(IndexReader::open(&RealDisk, empty.path(), 0).is_err());
}

#[test]
fn longer_durations_never_have_a_lower_bucket() {
    let mut last = 0;
    for exponent in 0..63 {
        for step in 0..8_u64 {
            let duration = (1_u64 << exponent).saturating_add((1 << exponent) / 8 * step);
            let bucket = duration_bucket(duration);
            assert!(bucket >= last, "{duration}");
            last = bucket;
        }
    }
    assert!(duration_bucket(u64::MAX) <= terms::DURATION_BUCKET_MAX);
    assert_eq!(duration_bucket(0), 0);
}

#[test]
fn any_damaged_byte_is_found_when_an_index_is_opened() {
    let disk = SimulatedDisk::new(1);
    let path = std::path::Path::new("/data/index");
    disk.create_directory(path.parent().unwrap()).unwrap();
    write_span_index(&disk, path, &[span(1, 1, "a", "x"), span(2, 2, "b", "y")]).unwrap();
    IndexReader::open(&disk, path, 2).unwrap();
    let whole = disk.content(path);
    for place in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x10;
        disk.set_content(path, damaged);
        assert!(IndexReader::open(&disk, path, 2).is_err(), "byte {place}");
    }
    for length in 0..whole.len() {
        disk.set_content(path, whole[..length].to_vec());
        assert!(IndexReader::open(&disk, path, 2).is_err(), "{length} bytes");
    }
    let mut newer = whole.clone();
    newer[..16].copy_from_slice(&header_of(container::MAGIC, container::VERSION + 1));
    disk.set_content(path, newer);
    let error = IndexReader::open(&disk, path, 2).unwrap_err();
    assert!(matches!(error, IndexError::NewerVersion { .. }), "{error}");
}
