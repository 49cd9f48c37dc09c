//! The `spanwalk` binary as a library: command line, client of the API, terminal UI.

pub mod action;
pub mod app;
pub mod args;
pub mod client;
pub mod commands;
pub mod import;
pub mod local;
pub mod output;
pub mod screens;
pub mod settings;
pub mod terminal;
pub mod text;
pub mod theme;
pub mod widgets;
