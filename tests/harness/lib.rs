//! What the end-to-end tests share: the real binary, collectors, commands, a pty, senders.
//!
//! Everything here fails loudly: a test that cannot be set up is a test that failed. Waiting is
//! for events, with a deadline that only a defect reaches.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a harness of tests says at once and on standard error what is wrong"
)]

mod api;
mod binary;
mod collector;
mod command;
mod data;
mod items;
mod pty;
mod senders;
pub mod svg;
mod wait;

pub use api::Api;
pub use binary::spanwalk;
pub use collector::{Collector, Listener, Start, terminate};
pub use command::{Finished, Home, run, run_with};
pub use data::{DataDir, data_folder, fixture, is_skipping_forbidden, skipped};
pub use items::{
    Level, Record, Step, logs_request, new_span_id, new_trace_id, now_ns, spans_request,
};
pub use pty::Terminal;
pub use senders::{Answer, Grpc, Http};
pub use wait::{DEADLINE, eventually};
