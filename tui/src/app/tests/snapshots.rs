//! How each screen looks at each size.

use super::super::Options;
use super::Stage;
use super::fixture::{LOOP, TRACE};

const SIZES: [(u16, u16); 4] = [(120, 40), (80, 24), (60, 15), (40, 10)];

fn at_every_size(name: &str, draw: impl Fn((u16, u16)) -> String) {
    for size in SIZES {
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), draw(size));
    }
}

fn walk() -> String {
    format!("trace/{TRACE}")
}

#[test]
fn traces() {
    at_every_size("traces", |size| {
        let mut stage = Stage::open("traces", size);
        stage.wake_all();
        stage.text()
    });
}

#[test]
fn a_query_that_cannot_be_read() {
    at_every_size("query_problem", |size| {
        let mut stage = Stage::open("traces", size);
        stage.press("/");
        stage.type_text("service:cart durtion:>500ms (");
        stage.text()
    });
}

#[test]
fn groups_of_traces() {
    at_every_size("groups", |size| {
        let mut stage = Stage::open("traces", size);
        stage.press("t j");
        stage.text()
    });
}

#[test]
fn no_traces() {
    at_every_size("no_traces", |size| {
        Stage::open("traces?q=nothing", size).text()
    });
}

#[test]
fn walk_from_its_start() {
    at_every_size("walk", |size| Stage::open(&walk(), size).text());
}

#[test]
fn walk_at_the_error_origin() {
    at_every_size("walk_origin", |size| {
        let mut stage = Stage::open(&walk(), size);
        stage.press("E");
        stage.text()
    });
}

#[test]
fn walk_of_a_loop() {
    at_every_size("loop", |size| {
        let mut stage = Stage::open(&format!("trace/{LOOP}"), size);
        stage.press("j j");
        stage.text()
    });
}

#[test]
fn walk_within_a_run_zoomed_to_its_caller() {
    at_every_size("loop_zoomed", |size| {
        let mut stage = Stage::open(&format!("trace/{LOOP}"), size);
        stage.press("j Z j enter pgdn");
        stage.text()
    });
}

#[test]
fn walk_as_causal_list() {
    at_every_size("walk_list", |size| {
        let mut stage = Stage::open(&walk(), size);
        stage.press("t s s");
        stage.text()
    });
}

#[test]
fn walk_as_lanes() {
    at_every_size("lanes", |size| {
        let mut stage = Stage::open(&walk(), size);
        stage.press("L E");
        stage.text()
    });
}

#[test]
fn walk_as_flame() {
    at_every_size("flame", |size| {
        let mut stage = Stage::open(&walk(), size);
        stage.press("F j j");
        stage.text()
    });
    let mut stage = Stage::open(&format!("trace/{LOOP}"), (120, 40));
    stage.press("F j enter j");
    insta::assert_snapshot!("flame_zoomed_120x40", stage.text());
}

#[test]
fn walk_without_colour_or_unicode() {
    let options = Options {
        ascii: true,
        ..Options::default()
    };
    let mut stage = Stage::with(&walk(), (80, 24), &options);
    stage.press("e");
    let text = stage.text();
    assert!(text.is_ascii(), "{text}");
    insta::assert_snapshot!("walk_ascii_80x24", text);
    let coloured = stage
        .buffer()
        .content()
        .iter()
        .filter(|cell| cell.fg != ratatui::style::Color::Reset)
        .count();
    assert_eq!(coloured, 0, "NO_COLOR means no colour");
}

#[test]
fn detail_of_an_exception() {
    at_every_size("exception", |size| {
        let mut stage = Stage::open(&format!("trace/{TRACE}?span=0000000000000005"), size);
        stage.press("tab");
        stage.text()
    });
}

#[test]
fn logs() {
    at_every_size("logs", |size| Stage::open("logs", size).text());
}

#[test]
fn services() {
    at_every_size("services", |size| Stage::open("services", size).text());
}

#[test]
fn help_and_palette() {
    at_every_size("help", |size| {
        let mut stage = Stage::open(&walk(), size);
        stage.press("?");
        stage.type_text("error");
        stage.text()
    });
    at_every_size("palette", |size| {
        let mut stage = Stage::open(&walk(), size);
        stage.press(":");
        stage.type_text("sib");
        stage.text()
    });
    let mut stage = Stage::open(&walk(), (80, 24));
    stage.press("E y");
    insta::assert_snapshot!("yank_80x24", stage.text());
}
