//! Holds the tree to its own rules: arrows between rooms, sizes, links in the docs, one
//! version of the crates that must not double, words.

#![expect(clippy::expect_used, reason = "helpers of tests fail as tests do")]

mod docs;
mod rooms;
mod sizes;
mod tree;
mod versions;
mod words;
