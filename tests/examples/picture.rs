//! Takes the picture of the README: the demo, a checkout that failed, the walk at the place where
//! its error began.
//!
//! `cargo run -p spanwalk-tests --example picture -- OUT.svg`

#![expect(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a tool for those who work on the documents"
)]

use std::fs;
use std::path::PathBuf;

use spanwalk_harness::{DataDir, Terminal, svg};

/// Columns and rows of the picture.
const SIZE: (u16, u16) = (132, 32);
/// What the picture shows.
const TITLE: &str = "spanwalk at the place where the error of a failed checkout began";
/// Finds the checkouts that failed because the bank gave no answer.
const QUERY: &str = "root.name:\"POST /checkout\" service:payments level:error";

fn main() {
    let out: PathBuf = std::env::args_os()
        .nth(1)
        .expect("name the file to write: picture OUT.svg")
        .into();
    let data = DataDir::new();
    let path = data.path();
    let mut arguments = vec!["demo", "--rate", "12", "--data-dir"];
    arguments.push(path.to_str().expect("a temporary folder has a plain name"));
    for flag in ["--otlp-grpc", "--otlp-http", "--zipkin", "--api"] {
        arguments.extend([flag, "127.0.0.1:0"]);
    }
    let mut terminal = Terminal::run(SIZE.0, SIZE.1, arguments);
    terminal.wait_for(&["gateway POST /checkout"]);
    terminal.keys(&format!("/{QUERY}"));
    terminal.wait_until("a checkout that failed", |screen| {
        screen.contains("gateway POST /checkout") && !screen.contains("gateway GET")
    });
    terminal.keys("\r");
    terminal.keys("\r");
    terminal.wait_for(&["span, log, event"]);
    terminal.keys("E");
    terminal.wait_for(&["◆ origin"]);
    let picture = terminal.with_screen(|screen| svg::draw(screen, TITLE));
    fs::write(&out, picture).expect("the picture can be written");
    eprintln!("{}\n\nwritten to {}", terminal.screen(), out.display());
    terminal.keys("\x03");
    assert!(terminal.wait_for_end().success(), "the demo ends in order");
}
