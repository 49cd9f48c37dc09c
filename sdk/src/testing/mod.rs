//! Tests of what a service tells: its spans and log records, captured in the process.
//!
//! ```
//! use spanwalk_sdk::testing::Capture;
//!
//! let capture = Capture::start();
//! tracing::info_span!("POST /orders").in_scope(|| {
//!     for id in 0..2 {
//!         tracing::info_span!("SELECT orders", id).in_scope(|| tracing::info!("asked"));
//!     }
//! });
//! let trace = capture.trace();
//! trace.assert(r#""POST /orders" > "SELECT orders"[2]"#);
//! trace.assert_no_errors();
//! trace.assert_logged("asked");
//! ```
//!
//! A [shape](Trace::assert) is names with what stands between them: `>` a child, `>>` a descendant,
//! `~>` a span that a link leads to, or that follows over a message (a CONSUMER below a PRODUCER).
//! `[2]` says how many, `[2..]` how many at least. A `*` at the end of a name is anything.
//! What fails draws the tree.

mod capture;
mod draw;
mod shape;
#[cfg(test)]
mod tests;
mod trace;

pub use capture::{Capture, Captured};
pub use trace::{LogRecord, Span, Trace};
