//! What services embed: traces, correlated log records and context propagation in one line.
//!
#![doc = include_str!("../README.md")]

mod builder;
mod error;
mod exporter;
mod guard;
mod http;
mod layer;
mod loss;
mod propagator;
mod resource;
mod sampler;
mod signals;

pub mod axum;
pub mod config;
pub mod db;
pub mod doctor;
pub mod grpc;
pub mod otel;
pub mod reqwest;
pub mod task;
pub mod testing;
pub mod tower;

pub use builder::{Builder, builder};
pub use error::InitError;
pub use guard::{Guard, exit};
pub use loss::{Counts, Loss, Stats};
pub use sampler::Sampler;

/// Starts telemetry with everything from the environment.
///
/// # Errors
/// As [`Builder::init`].
pub fn init() -> Result<Guard, InitError> {
    builder("").init()
}
