//! The `spanwalk` binary as a library: command line, client of the API, terminal UI.
//!
//! ```text
//! args (as typed) ─▶ settings (checked) ─▶ commands ─▶ connection ─▶ client ─▶ a collector
//!                                             │
//!                                             ├─▶ output (plain text, JSON)
//!                                             └─▶ app (the screen)
//! ```

pub mod action;
pub mod app;
pub mod args;
pub mod client;
pub mod commands;
pub mod connection;
pub mod env;
pub mod import;
pub mod local;
pub mod output;
pub mod screens;
pub mod settings;
pub mod terminal;
pub mod text;
pub mod theme;
pub mod widgets;

use std::process::ExitCode;

/// Runs what the arguments of this process ask for.
pub fn run() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let environment = env::Environment::of_process();
    let mut output = output::Output::of_process();
    commands::run(&arguments, &environment, &mut output).into()
}
