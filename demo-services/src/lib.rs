//! The demo system: a small shop of real services with real troubles.
//!
//! `README.md` beside says how to run it and what goes wrong in it.
//!
//! ```text
//!  load ──▶ gateway ──▶ catalogue (sqlite)
//!              │
//!              ├──▶ inventory (sqlite)
//!              └──▶ orders (sqlite) ──▶ catalogue, inventory
//!                        └──▶ payments (sqlite) ──▶ bank (not instrumented)
//! ```
//!
//! Each service is a process of its own that embeds `spanwalk-sdk` as anybody would; [`System`]
//! starts them, starts them again when they die, and sends them visitors. A service is a folder:
//! `mod.rs` builds it, `routes.rs` answers, `data.rs` holds what it stores and speaks of.

mod answer;
mod database;
mod error;
mod load;
mod peer;
mod process;
mod service;
mod supervise;

mod catalogue;
mod gateway;
mod inventory;
mod orders;
mod payments;

pub use error::DemoError;
pub use service::{ServiceOptions, run_service, service_names};
pub use supervise::{System, SystemOptions};
