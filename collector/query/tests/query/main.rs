//! The language as its users see it.
//!
//! - `corpus`: texts, their canonical form, what they match and what is wrong with them, read
//!   from `queries.txt` and `traceql.txt`.
//! - `traceql`: what is TraceQL and how it is printed, and what both forms have in common.
//! - `round_trip`: printed queries read back equal, and no text makes the parser fail.
//! - `necessary`: whatever matches fulfils the condition.
//! - `reference`: the page of the language says what is true.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

mod corpus;
mod naive;
mod naive_values;
mod necessary;
mod random;
mod random_traceql;
mod reference;
mod round_trip;
mod traceql;
mod world;
