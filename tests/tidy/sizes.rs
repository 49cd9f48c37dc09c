//! Files stay small enough to hold in the head, functions fit a screen.

use crate::tree::files;

/// No file of code is longer.
const FILE_LINES_MAX: usize = 900;
/// Nine of ten files of code are at most this long.
const FILE_LINES_USUAL: usize = 400;

#[test]
fn no_file_is_too_long_and_most_are_short() {
    let mut usual = 0;
    let files = files(".rs");
    let mut too_long = Vec::new();
    for file in &files {
        let lines = file.text.lines().count();
        usual += usize::from(lines <= FILE_LINES_USUAL);
        if lines > FILE_LINES_MAX {
            too_long.push(format!("{} ({lines})", file.path));
        }
    }
    assert!(
        too_long.is_empty(),
        "over {FILE_LINES_MAX} lines: {too_long:?}"
    );
    assert!(
        usual * 10 >= files.len() * 9,
        "only {usual} of {} files have at most {FILE_LINES_USUAL} lines",
        files.len()
    );
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<_> = files(".rs")
        .into_iter()
        .filter(|file| !file.text.trim_start().starts_with("//!"))
        .map(|file| file.path)
        .collect();
    assert!(silent.is_empty(), "no `//!` at the top of {silent:?}");
}

#[test]
fn clippy_holds_functions_to_a_screen() {
    let settings = std::fs::read_to_string(crate::tree::top().join("clippy.toml"))
        .expect("clippy.toml is there");
    assert!(settings.contains("too-many-lines-threshold = 70"));
}
