//! The whole, end to end, over the real binary.
//!
//! One binary, a module per topic. A test belongs here when only the whole can prove it; what one
//! room or one crate can prove is tested there.
//!
//! - `ingest`: what is sent is acknowledged, counted and found again
//! - `restart`: what was acknowledged is there after every kind of end, once
//! - `import`: files of every format, whole, cut, foreign, twice, and over a crash
//! - `commands`: answers, exit codes and errors of the commands
//! - `trouble`: what goes wrong at a start, and what people are told
//! - `hostile`: no text from outside steers a terminal
//! - `journeys`: the terminal interface, as a person uses it
//! - `languages`: services in other languages with their official SDKs
//! - `demo`: the demo system
//!
//! `shop` is the little system that several of them send.
//!
//! | variable | what it does |
//! |---|---|
//! | `SPANWALK_BIN` | the binary to test; relative to the top of the workspace |
//! | `SPANWALK_DATA` | the folder with larger data sets; without it their runs are skipped, and say so |
//! | `SPANWALK_RESTART_CYCLES` | how often `restart` ends and starts a collector; 3 where not set |
//! | `SPANWALK_SKIP=never` | what would be skipped for what is not installed fails |

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed, and says why"
)]

mod commands;
mod demo;
mod hostile;
mod import;
mod ingest;
mod journeys;
mod languages;
mod restart;
mod shop;
mod trouble;
