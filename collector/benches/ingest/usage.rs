//! What a process uses, as Linux tells it: processor time by thread, memory, bytes on disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Clock ticks a second in `/proc` (`getconf CLK_TCK`; the same on every Linux of today).
const TICKS: u64 = 100;

/// Processor time of the process and all of its threads, also those that ended.
pub(crate) fn cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the process stands in parentheses and may hold anything.
    let behind_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<&str> = behind_name.split_whitespace().collect();
    let ticks = |place: usize| -> u64 {
        fields
            .get(place)
            .and_then(|field| field.parse().ok())
            .unwrap_or(0)
    };
    // `utime` and `stime`, fields 14 and 15 of proc_pid_stat(5), of which two stand before.
    Duration::from_millis((ticks(11) + ticks(12)) * 1000 / TICKS)
}

/// Processor time since an earlier [`cpu`].
pub(crate) fn since(earlier: Duration) -> Duration {
    cpu().saturating_sub(earlier)
}

/// Processor time of the threads that live now, by name.
pub(crate) fn cpu_by_thread() -> BTreeMap<String, Duration> {
    let mut by_name: BTreeMap<String, Duration> = BTreeMap::new();
    let Ok(tasks) = fs::read_dir("/proc/self/task") else {
        return by_name;
    };
    for task in tasks.flatten() {
        let read = |file: &str| fs::read_to_string(task.path().join(file)).unwrap_or_default();
        let on_cpu_ns = read("schedstat")
            .split_whitespace()
            .next()
            .and_then(|field| field.parse().ok())
            .unwrap_or(0);
        *by_name.entry(read("comm").trim().to_owned()).or_default() +=
            Duration::from_nanos(on_cpu_ns);
    }
    by_name
}

/// The most memory that was resident since the start or the last [`reset_peak`], bytes.
pub(crate) fn peak_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
        .map_or(0, |kib| kib * 1024)
}

/// Lets the peak begin anew; where that is not allowed it stays what it was.
pub(crate) fn reset_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// Bytes of the files below a directory, by kind.
pub(crate) fn bytes_by_kind(directory: &Path) -> BTreeMap<&'static str, u64> {
    let mut by_kind = BTreeMap::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(path) = waiting.pop() {
        let Ok(entries) = fs::read_dir(&path) else {
            continue;
        };
        for entry in entries.flatten() {
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            if metadata.is_dir() {
                waiting.push(entry.path());
            } else {
                *by_kind.entry(kind_of(&entry.path())).or_default() += metadata.len();
            }
        }
    }
    by_kind
}

fn kind_of(path: &Path) -> &'static str {
    let text = path.to_string_lossy();
    for (part, kind) in [
        ("/wal/", "wal"),
        ("/spans.col", "span columns"),
        ("/logs.col", "log columns"),
        ("/spans.idx", "span index"),
        ("/logs.idx", "log index"),
    ] {
        if text.contains(part) {
            return kind;
        }
    }
    "other"
}

/// Bytes of an index by the kind of file, over a data directory.
pub(crate) fn index_bytes(directory: &Path, index: &str) -> BTreeMap<String, u64> {
    let mut by_extension = BTreeMap::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(path) = waiting.pop() {
        for entry in fs::read_dir(&path).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.to_string_lossy().contains(index)
                && let Ok(metadata) = entry.metadata()
            {
                let extension = path
                    .extension()
                    .map_or("other".into(), |end| end.to_string_lossy());
                *by_extension.entry(extension.into_owned()).or_default() += metadata.len();
            }
        }
    }
    by_extension
}
