//! Files of every format: whole, cut, foreign, twice, and over a crash of the collector.

mod big;
mod formats;
mod troubles;

use std::ffi::OsString;
use std::path::Path;

use spanwalk_harness::{Api, Collector, DataDir, Finished, run};

/// Spans, log records, traces and services of `fixtures/trainticket`.
const TRAINTICKET: (u64, u64, u64, u64) = (103, 44, 4, 12);

/// Imports through a running collector.
fn import(collector: &Collector, files: &[&Path]) -> Finished {
    let url = collector.api().url().to_owned();
    let mut arguments: Vec<OsString> = vec!["import".into(), "--json".into(), "--collector".into()];
    arguments.push(url.into());
    arguments.extend(files.iter().map(|file| file.as_os_str().to_owned()));
    run(arguments)
}

/// Imports with no collector running.
fn import_into(data: &DataDir, files: &[&Path]) -> Finished {
    let mut arguments: Vec<OsString> = vec!["import".into(), "--json".into(), "--data-dir".into()];
    arguments.push(data.path().into());
    arguments.extend(files.iter().map(|file| file.as_os_str().to_owned()));
    run(arguments)
}

/// Spans, log records, traces and services stored.
fn stored(api: &Api) -> (u64, u64, u64, u64) {
    let stored = api.status().stored;
    (
        stored.spans,
        stored.log_records,
        stored.traces,
        stored.services,
    )
}
