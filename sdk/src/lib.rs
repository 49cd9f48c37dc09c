//! What services embed: traces, correlated log records and context propagation in one line.
//!
#![doc = include_str!("../README.md")]

mod builder;
mod config;
mod error;
mod exporter;
mod guard;
mod layer;
mod resource;
mod signals;

pub mod axum;
pub mod db;
pub mod otel;
pub mod reqwest;
pub mod task;

pub use builder::{Builder, builder};
pub use error::InitError;
pub use exporter::queue::{Counts, Stats};
pub use guard::{Guard, exit};

/// Starts telemetry with everything from the environment.
///
/// # Errors
/// When a setting cannot be understood or when telemetry was started before.
pub fn init() -> Result<Guard, InitError> {
    builder("").init()
}
