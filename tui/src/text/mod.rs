//! Text for a terminal: made safe, measured, cut, and the forms of times, durations and numbers.
//!
//! Everything that came from outside passes [`safe::sanitize`] before it reaches a terminal,
//! on screens and in plain output alike.

pub mod duration;
pub mod number;
pub mod safe;
pub mod time;
pub mod truncate;
pub mod width;

pub use safe::{SafeText, sanitize};
