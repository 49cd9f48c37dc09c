//! Groups, limits and refusals.

use std::path::Path;
use std::sync::Arc;

use spanwalk_model::{
    Attributes, LogRecord, Resource, Scope, Scoped, Span, SpanId, TraceId, Value,
};

use crate::disk::Disk;
use crate::disk::simulated::{Operation, SimulatedDisk, Torn};

use super::format::{ATTRIBUTE_COLUMNS_MAX, GROUP_ROWS_WRITTEN, VALUE_DEPTH_MAX};
use super::*;

const PATH: &str = "/part/spans.col";

fn disk() -> SimulatedDisk {
    let disk = SimulatedDisk::new(0);
    disk.create_directory(Path::new("/part")).unwrap();
    disk
}

fn scoped<T>(item: T) -> Scoped<T> {
    Scoped {
        item,
        resource: Arc::new(Resource::default()),
        scope: Arc::new(Scope::default()),
    }
}

fn span(trace: u64, id: u64) -> Span {
    let mut span = Span::new(
        TraceId::from_u128(trace.into()).unwrap(),
        SpanId::from_u64(id).unwrap(),
    );
    span.start_ns = id;
    span.end_ns = id + 1;
    span
}

fn write_and_open(rows: &[Scoped<Span>]) -> SpanFile {
    let disk = disk();
    SpanFile::write(&disk, Path::new(PATH), rows).unwrap();
    SpanFile::open(&disk, Path::new(PATH)).unwrap()
}

#[test]
fn a_file_without_rows_is_fine() {
    let file = write_and_open(&[]);
    assert_eq!((file.row_count(), file.groups().count()), (0, 0));
    assert_eq!(file.read_range(0..0).unwrap(), []);
    assert_eq!(
        file.rows_of_trace(TraceId::from_u128(1).unwrap()).unwrap(),
        []
    );
}

#[test]
fn groups_end_where_a_trace_begins_and_long_traces_run_through_several() {
    // Traces of 250 rows each, and one longer than a group.
    let mut rows: Vec<_> = (0..10_000u64)
        .map(|row| scoped(span(1 + row / 250, 1 + row)))
        .collect();
    rows.extend((0..20_000u64).map(|row| scoped(span(99, 100_000 + row))));
    let file = write_and_open(&rows);
    let groups: Vec<_> = file.groups().collect();
    assert_eq!(groups[0].rows, 0..500);
    assert_eq!((groups[0].first_ns, groups[0].last_ns), (1, 500));
    assert!(
        groups
            .iter()
            .all(|group| group.rows.len() <= GROUP_ROWS_WRITTEN)
    );
    assert!(groups.len() >= 4);
    let long = file.rows_of_trace(TraceId::from_u128(99).unwrap()).unwrap();
    assert_eq!(long, rows[10_000..]);
    for trace in [1, 7, 40, 99, 1000].map(|number| TraceId::from_u128(number).unwrap()) {
        let spans = file.rows_of_trace(trace).unwrap();
        let ids: Vec<_> = spans.iter().map(|span| span.item.span_id).collect();
        assert_eq!(file.span_ids_of_trace(trace).unwrap(), ids);
    }
    // Rows of several groups, not in order, one twice.
    let picks = [29_999, 0, 2_000, 1_999, 0];
    let expected: Vec<_> = picks
        .iter()
        .map(|row| rows[*row as usize].clone())
        .collect();
    assert_eq!(file.read_rows(&picks).unwrap(), expected);
}

#[test]
fn rows_with_large_values_make_smaller_groups() {
    let rows: Vec<_> = (1..=9u64)
        .map(|id| {
            let mut span = span(1, id);
            span.attributes.push("large", "x".repeat(8 * 1024 * 1024));
            scoped(span)
        })
        .collect();
    let file = write_and_open(&rows);
    assert_eq!(file.groups().count(), 3);
    assert_eq!(file.read_rows(&[8]).unwrap(), rows[8..]);
}

#[test]
fn a_parent_is_found_in_the_group_and_kept_where_it_is_not() {
    let mut rows: Vec<_> = (1..=6u64).map(|id| scoped(span(1, id))).collect();
    // Before, behind, itself, elsewhere.
    for (row, parent) in [(1, 1), (2, 6), (3, 4), (4, 777), (5, 778)] {
        rows[row].item.parent_span_id = SpanId::from_u64(parent);
    }
    let file = write_and_open(&rows);
    assert_eq!(file.read_range(0..6).unwrap(), rows);
    assert_eq!(file.read_rows(&[5]).unwrap(), rows[5..]);
}

#[test]
fn more_keys_than_columns_are_kept_all_the_same() {
    let rows: Vec<_> = (1..=400u64)
        .map(|id| {
            let mut span = span(1, id);
            for key in 0..8 {
                span.attributes
                    .push(format!("key.{id}.{key}"), i64::from(key));
            }
            span.attributes.push("shared", "value");
            scoped(span)
        })
        .collect();
    assert!(rows.len() * 8 > ATTRIBUTE_COLUMNS_MAX);
    let file = write_and_open(&rows);
    assert_eq!(file.read_range(0..400).unwrap(), rows);
    assert_eq!(file.read_rows(&[399]).unwrap(), rows[399..]);
}

#[test]
fn values_nested_too_deeply_are_replaced_and_counted() {
    let nested = |depth: usize| {
        (0..depth).fold(Value::Int(7), |inner, level| {
            if level % 2 == 0 {
                Value::Array(vec![inner])
            } else {
                let mut entries = Attributes::new();
                entries.push("k", inner);
                Value::Map(entries)
            }
        })
    };
    let mut kept = span(1, 1);
    kept.attributes.push("deep", nested(VALUE_DEPTH_MAX));
    let mut cut = span(1, 2);
    cut.attributes.push("deep", nested(VALUE_DEPTH_MAX + 1));
    let disk = disk();
    let rows = [scoped(kept), scoped(cut)];
    let summary = SpanFile::write(&disk, Path::new(PATH), &rows).unwrap();
    assert_eq!(summary.cut_value_count, 1);
    let file = SpanFile::open(&disk, Path::new(PATH)).unwrap();
    assert_eq!(file.summary().cut_value_count, 1);
    let read = file.read_range(0..2).unwrap();
    assert_eq!(read[0], rows[0]);
    let text = read[1].item.attributes.get("deep").unwrap().to_string();
    assert!(text.contains(super::value::CUT_TEXT), "{text}");
}

#[test]
fn equal_resources_are_kept_once_whatever_their_address() {
    let resource = || {
        let mut resource = Resource::default();
        resource.attributes.push("service.name", "checkout");
        Arc::new(resource)
    };
    let rows: Vec<_> = (1..=50u64)
        .map(|id| Scoped {
            resource: resource(),
            ..scoped(span(1, id))
        })
        .collect();
    let file = write_and_open(&rows);
    let read = file.read_range(0..50).unwrap();
    assert!(
        read.iter()
            .all(|row| Arc::ptr_eq(&row.resource, &read[0].resource))
    );
    let services = &file.summary().services;
    assert_eq!(services.len(), 1);
    assert_eq!(
        (services[0].service.as_str(), services[0].row_count),
        ("checkout", 50)
    );
}

#[test]
fn a_file_of_the_other_kind_or_of_a_newer_version_is_refused() {
    let disk = disk();
    let path = Path::new(PATH);
    SpanFile::write(&disk, path, &[scoped(span(1, 1))]).unwrap();
    let error = LogFile::open(&disk, path).unwrap_err();
    assert!(error.to_string().contains("another kind"), "{error}");
    let mut content = disk.content(path);
    content[..16].copy_from_slice(&crate::disk::header_of(
        super::format::MAGIC,
        super::format::VERSION + 1,
    ));
    disk.set_content(path, content);
    let error = SpanFile::open(&disk, path).unwrap_err();
    assert!(
        matches!(error, ColumnsError::NewerVersion { .. }),
        "{error}"
    );
}

#[test]
fn a_file_cut_anywhere_and_every_flipped_byte_is_told_with_file_and_place() {
    let disk = disk();
    let path = Path::new(PATH);
    let rows: Vec<_> = (1..=20u64)
        .map(|id| {
            let mut span = span(1 + id / 7, id);
            span.attributes.push("id", format!("{id:024x}"));
            scoped(span)
        })
        .collect();
    SpanFile::write(&disk, path, &rows).unwrap();
    let content = disk.content(path);
    let check = |content: Vec<u8>| {
        disk.set_content(path, content);
        let read = SpanFile::open(&disk, path).and_then(|file| file.read_range(0..20));
        let error = read.unwrap_err();
        assert!(matches!(error, ColumnsError::Damaged { .. }), "{error}");
        assert!(error.to_string().contains(PATH), "{error}");
    };
    for length in 0..content.len() {
        check(content[..length].to_vec());
    }
    for offset in 0..content.len() {
        let mut flipped = content.clone();
        flipped[offset] ^= 1 << (offset % 8);
        check(flipped);
    }
}

#[test]
fn a_disk_that_fails_is_told_and_a_synced_file_survives_a_crash() {
    let rows: Vec<_> = (1..=3u64).map(|id| scoped(span(1, id))).collect();
    let path = Path::new(PATH);
    for operation in [Operation::Create, Operation::Write, Operation::Sync] {
        let disk = disk();
        disk.fail(operation, 0, std::io::ErrorKind::StorageFull);
        let error = SpanFile::write(&disk, path, &rows).unwrap_err();
        assert!(matches!(error, ColumnsError::Io { .. }), "{error}");
    }
    let disk = disk();
    SpanFile::write(&disk, path, &rows).unwrap();
    disk.sync_directory(Path::new("/part")).unwrap();
    disk.crash(Torn::Nothing);
    let file = SpanFile::open(&disk, path).unwrap();
    assert_eq!(file.read_range(0..3).unwrap(), rows);
}

#[test]
fn log_records_without_a_trace_come_last_and_are_found_by_row() {
    let log = |trace: Option<u64>, time_ns: u64| {
        scoped(LogRecord {
            trace_id: trace.map(|trace| TraceId::from_u128(trace.into()).unwrap()),
            time_ns,
            body: Some(Value::from(format!("message {time_ns}"))),
            ..LogRecord::default()
        })
    };
    let mut rows = vec![
        log(None, 1),
        log(Some(2), 9),
        log(Some(1), 5),
        log(Some(2), 3),
    ];
    let disk = disk();
    let path = Path::new("/part/logs.col");
    LogFile::write(&disk, path, &rows).unwrap();
    let file = LogFile::open(&disk, path).unwrap();
    sort_rows(&mut rows);
    let times: Vec<_> = rows.iter().map(|row| row.item.time_ns).collect();
    assert_eq!(times, [5, 3, 9, 1]);
    assert_eq!(file.trace_rows(TraceId::from_u128(2).unwrap()), Some(1..3));
    assert_eq!(
        file.read_rows(&[3, 0]).unwrap(),
        [rows[3].clone(), rows[0].clone()]
    );
}
