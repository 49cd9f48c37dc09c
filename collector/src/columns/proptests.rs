//! What was written is read back, whatever the rows; damage is told and never panics.

use std::ops::ControlFlow;
use std::path::Path;

use proptest::prelude::*;
use spanwalk_model::{LogRecord, Scoped, Span};

use crate::disk::Disk;
use crate::disk::simulated::SimulatedDisk;

use super::arbitrary;
use super::bytes::Source;
use super::group::{Codec, GroupContext, NumberedRow};
use super::stream::{Packer, StreamWriter};
use super::traces::Traces;
use super::*;

const PATH: &str = "/part/rows.col";

fn disk() -> SimulatedDisk {
    let disk = SimulatedDisk::new(0);
    disk.create_directory(Path::new("/part")).unwrap();
    disk
}

fn check_round_trip<T: Row + PartialEq + std::fmt::Debug>(mut rows: Vec<Scoped<T>>, picks: &[u32]) {
    let disk = disk();
    let path = Path::new(PATH);
    let summary = ColumnFile::write(&disk, path, &rows).unwrap();
    sort_rows(&mut rows);
    let file = ColumnFile::<T>::open(&disk, path).unwrap();
    assert_eq!(*file.summary(), summary);
    assert_eq!(summary.row_count as usize, rows.len());
    assert_eq!(summary.bytes, disk.content(path).len() as u64);
    assert_eq!(file.read_range(0..file.row_count()).unwrap(), rows);
    let mut seen = Vec::new();
    file.for_each_group(&mut |first, group| {
        assert_eq!(first as usize, seen.len());
        seen.extend(group);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(seen, rows);

    let mut traced = 0;
    for (trace, range) in file.traces() {
        assert_eq!(range.start, traced);
        traced = range.end;
        let expected: Vec<_> = rows
            .iter()
            .filter(|row| row.item.trace() == Some(trace))
            .cloned()
            .collect();
        assert_eq!(file.rows_of_trace(trace).unwrap(), expected);
    }
    assert!(
        rows[traced as usize..]
            .iter()
            .all(|row| row.item.trace().is_none())
    );

    if !rows.is_empty() {
        let picks: Vec<u32> = picks.iter().map(|pick| pick % summary.row_count).collect();
        let expected: Vec<_> = picks
            .iter()
            .map(|row| rows[*row as usize].clone())
            .collect();
        assert_eq!(file.read_rows(&picks).unwrap(), expected);
    }
    let beyond = file.read_rows(&[summary.row_count]);
    assert!(matches!(beyond, Err(ColumnsError::NoSuchRow { .. })));
    check_totals(&rows, &summary);
}

fn check_totals<T: Row>(rows: &[Scoped<T>], summary: &FileSummary) {
    let moments = || rows.iter().map(|row| row.item.row_moment_ns());
    assert_eq!(summary.first_ns, moments().min().unwrap_or(0));
    assert_eq!(summary.last_ns, moments().max().unwrap_or(0));
    let total: u64 = summary
        .services
        .iter()
        .map(|service| service.row_count)
        .sum();
    assert_eq!(total, rows.len() as u64);
    for service in &summary.services {
        let of_service = || {
            rows.iter()
                .filter(|row| row.resource.service_name() == service.service)
        };
        assert_eq!(service.row_count, of_service().count() as u64);
        let errors = of_service().filter(|row| row.item.is_error_row()).count();
        assert_eq!(service.error_count, errors as u64);
    }
}

/// Encodes the rows, puts the byte into one stream, and decodes: an error or other rows, but
/// no panic. The checksums would hide this.
fn check_hostile_stream<T: Codec + Row>(rows: &[Scoped<T>], place: usize, byte: u8) {
    let mut sorted = rows.to_vec();
    sort_rows(&mut sorted);
    let numbered: Vec<_> = sorted
        .iter()
        .map(|row| NumberedRow {
            item: &row.item,
            resource: 0,
            scope: 0,
        })
        .collect();
    let mut streams = StreamWriter::default();
    T::encode(&numbered, &mut streams);
    streams.damage(place, byte);
    let mut stored = Vec::new();
    let packing = Packer::new()
        .unwrap()
        .pack(&streams, &mut stored)
        .unwrap()
        .unwrap();
    let streams = packing.unpack(&stored).unwrap();
    let traces = Traces::of(sorted.iter().map(|row| row.item.trace()));
    let context = GroupContext {
        first_row: 0,
        row_count: sorted.len(),
        traces: &traces,
        resources: &sorted
            .iter()
            .map(|row| row.resource.clone())
            .collect::<Vec<_>>(),
        scopes: &sorted
            .iter()
            .map(|row| row.scope.clone())
            .collect::<Vec<_>>(),
    };
    let _ = T::decode(context, &mut streams.reader(), &mut (0..sorted.len()));
}

proptest! {
    // Each case makes and checks whole files.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn spans_come_back(
        rows in arbitrary::rows(arbitrary::span()),
        picks in prop::collection::vec(any::<u32>(), 0..20),
    ) {
        check_round_trip(rows, &picks);
    }

    #[test]
    fn logs_come_back(
        rows in arbitrary::rows(arbitrary::log()),
        picks in prop::collection::vec(any::<u32>(), 0..20),
    ) {
        check_round_trip(rows, &picks);
    }

    #[test]
    fn values_come_back(value in arbitrary::value()) {
        let mut out = Vec::new();
        prop_assert_eq!(super::value::put_value(&mut out, &value), 0);
        let mut source = Source::new(&out);
        prop_assert_eq!(super::value::read_value(&mut source).unwrap(), value);
        source.finish().unwrap();
    }

    #[test]
    fn a_flipped_byte_is_told(
        rows in arbitrary::rows(arbitrary::span()),
        place in any::<prop::sample::Index>(),
        mask in 1..=255u8,
    ) {
        let disk = disk();
        let path = Path::new(PATH);
        SpanFile::write(&disk, path, &rows).unwrap();
        let mut content = disk.content(path);
        let place = place.index(content.len());
        content[place] ^= mask;
        disk.set_content(path, content);
        let read = SpanFile::open(&disk, path).and_then(|file| file.read_range(0..file.row_count()));
        let error = read.err();
        // Without rows there is no group, so that only header, footer and trailer are read.
        prop_assert!(matches!(error, Some(ColumnsError::Damaged { .. })), "{:?} at {}", error, place);
    }

    #[test]
    fn hostile_streams_of_spans_do_not_panic(
        rows in arbitrary::rows(arbitrary::span()),
        place in any::<usize>(),
        byte in any::<u8>(),
    ) {
        check_hostile_stream::<Span>(&rows, place, byte);
    }

    #[test]
    fn hostile_streams_of_logs_do_not_panic(
        rows in arbitrary::rows(arbitrary::log()),
        place in any::<usize>(),
        byte in any::<u8>(),
    ) {
        check_hostile_stream::<LogRecord>(&rows, place, byte);
    }
}
