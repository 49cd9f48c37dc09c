//! The arrows between crates and between the rooms of the collector point one way.

use std::collections::BTreeSet;
use std::fs;

use crate::tree::{File, files, top};

/// Which of our crates a crate may name in `[dependencies]`.
const CRATES: [(&str, &[&str]); 8] = [
    ("collector/model", &[]),
    ("collector/query", &["spanwalk-model"]),
    ("collector/analysis", &["spanwalk-model"]),
    ("collector/api", &[]),
    (
        "collector",
        &[
            "spanwalk-analysis",
            "spanwalk-api",
            "spanwalk-model",
            "spanwalk-query",
        ],
    ),
    ("sdk", &[]),
    ("demo-services", &["spanwalk-sdk"]),
    (
        "tui",
        &[
            "spanwalk-analysis",
            "spanwalk-api",
            "spanwalk-collector",
            "spanwalk-demo",
            "spanwalk-model",
            "spanwalk-query",
        ],
    ),
];

/// Which rooms a room of the collector may name by `crate::`.
const ROOMS: [(&str, &[&str]); 11] = [
    ("admission", &[]),
    ("redaction", &[]),
    ("disk", &[]),
    ("columns", &["disk"]),
    ("index", &["disk"]),
    ("wal", &["disk"]),
    ("tail", &["wal"]),
    (
        "store",
        &["clock", "columns", "disk", "index", "tail", "wal"],
    ),
    (
        "receiver",
        &[
            "admission",
            "clock",
            "redaction",
            "store",
            "telemetry",
            "wal",
        ],
    ),
    ("engine", &["clock", "store"]),
    (
        "http",
        &[
            "admission",
            "clock",
            "engine",
            "receiver",
            "store",
            "telemetry",
            "wal",
        ],
    ),
];

#[test]
fn crates_depend_one_way() {
    let mut wrong = Vec::new();
    for (folder, allowed) in CRATES {
        let manifest = fs::read_to_string(top().join(folder).join("Cargo.toml"))
            .unwrap_or_else(|error| panic!("{folder}/Cargo.toml: {error}"));
        let dependencies = manifest
            .split("[dependencies]")
            .nth(1)
            .and_then(|rest| rest.split("\n[").next())
            .unwrap_or_default();
        for line in dependencies
            .lines()
            .filter(|line| line.starts_with("spanwalk-"))
        {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            if !allowed.contains(&name) {
                wrong.push(format!("{folder} -> {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that should not be: {wrong:?}");
}

#[test]
fn rooms_of_the_collector_depend_one_way() {
    let sources = files(".rs");
    let mut wrong = BTreeSet::new();
    for (room, allowed) in ROOMS {
        let folder = format!("collector/src/{room}/");
        for file in sources.iter().filter(|file| file.path.starts_with(&folder)) {
            for named in rooms_named(file) {
                if named != room && !allowed.contains(&named.as_str()) {
                    wrong.insert(format!("{} names {named}", file.path));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that should not be: {wrong:#?}");
}

/// The rooms that a file names by `crate::room` outside of its tests.
fn rooms_named(file: &File) -> BTreeSet<String> {
    let is_test = ["tests.rs", "proptests.rs", "oracle.rs"]
        .iter()
        .any(|name| file.path.ends_with(name))
        || file.path.contains("/tests/");
    if is_test {
        return BTreeSet::new();
    }
    let product = file.text.split("#[cfg(test)]").next().unwrap_or_default();
    product
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| {
            rest.chars()
                .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                .collect::<String>()
        })
        .filter(|name| ROOMS.iter().any(|(room, _)| room == name))
        .collect()
}

#[test]
fn one_file_of_the_interface_names_the_collector() {
    let others: Vec<_> = files(".rs")
        .into_iter()
        .filter(|file| file.path.starts_with("tui/") && file.path != "tui/src/local.rs")
        .filter(|file| file.text.contains("spanwalk_collector"))
        .map(|file| file.path)
        .collect();
    assert!(others.is_empty(), "these name it too: {others:?}");
}
