//! One name per thing, and nothing left half done.

use crate::tree::files;

/// Folder and file names that say nothing.
const EMPTY_NAMES: [&str; 5] = ["utils", "util", "common", "helpers", "manager"];

#[test]
fn no_file_has_a_name_that_says_nothing() {
    let found: Vec<_> = files(".rs")
        .into_iter()
        .map(|file| file.path)
        .filter(|path| {
            path.split('/').any(|part| {
                let stem = part.strip_suffix(".rs").unwrap_or(part);
                EMPTY_NAMES.contains(&stem)
            })
        })
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn nothing_is_left_half_done() {
    // Put together here, so that this file does not find itself.
    let unfinished = ["to", "do!("].concat();
    let unwritten = ["unimple", "mented!("].concat();
    let skipped = ["#[ig", "nore"].concat();
    let found: Vec<_> = files(".rs")
        .into_iter()
        .filter(|file| {
            [&unfinished, &unwritten, &skipped]
                .iter()
                .any(|word| file.text.contains(word.as_str()))
        })
        .map(|file| file.path)
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn lints_are_lifted_with_a_reason_only() {
    let lifted = ["#[al", "low("].concat();
    let found: Vec<_> = files(".rs")
        .into_iter()
        .filter(|file| file.text.contains(&lifted))
        .map(|file| file.path)
        .collect();
    assert!(
        found.is_empty(),
        "use #[expect(lint, reason = \"…\")]: {found:?}"
    );
}
