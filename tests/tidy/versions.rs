//! One version of every crate whose doubling splits globals, wire types or the screen.

use std::collections::BTreeMap;
use std::fs;

use crate::tree::top;

const SINGLE: [&str; 14] = [
    "axum",
    "crossterm",
    "hyper",
    "opentelemetry",
    "opentelemetry-proto",
    "opentelemetry_sdk",
    "prost",
    "ratatui",
    "reqwest",
    "rustls",
    "tantivy",
    "tokio",
    "tonic",
    "zstd",
];

#[test]
fn the_lock_file_holds_one_version_of_each() {
    let lock = fs::read_to_string(top().join("Cargo.lock")).expect("Cargo.lock is committed");
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut name = "";
    for line in lock.lines() {
        if let Some(rest) = line.strip_prefix("name = ") {
            name = rest.trim_matches('"');
        } else if let Some(rest) = line.strip_prefix("version = ") {
            versions
                .entry(name)
                .or_default()
                .push(rest.trim_matches('"'));
        }
    }
    let doubled: Vec<_> = SINGLE
        .iter()
        .filter_map(|name| versions.get_key_value(name))
        .filter(|(_, versions)| versions.len() > 1)
        .collect();
    assert!(doubled.is_empty(), "more than one version: {doubled:?}");
    assert!(
        ["axum", "tantivy", "opentelemetry"]
            .iter()
            .all(|name| versions.contains_key(name)),
        "the lock file was not understood"
    );
}

#[test]
fn tls_comes_from_ring_alone() {
    let lock = fs::read_to_string(top().join("Cargo.lock")).expect("Cargo.lock is committed");
    for other in ["aws-lc-sys", "openssl-sys", "native-tls"] {
        assert!(
            !lock.contains(&format!("name = \"{other}\"")),
            "{other} is in the tree"
        );
    }
}
