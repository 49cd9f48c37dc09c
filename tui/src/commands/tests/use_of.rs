//! Help, wrong use and wrong settings.

use std::io::{self, Write};

use super::{Kept, run, spanwalk, spanwalk_in};
use crate::env::Environment;
use crate::output::{Exit, Output};

#[test]
fn help_and_version_are_results() {
    let ran = spanwalk(&["--help"]);
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Done, ""));
    for setting in crate::env::SETTINGS {
        assert!(ran.out.contains(setting.variable), "{}", setting.variable);
    }
    insta::assert_snapshot!("help", spanwalk(&["-h"]).out);
    let ran = spanwalk(&["--version"]);
    assert_eq!(ran.out, format!("spanwalk {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_use_says_what_and_where() {
    for (arguments, expected) in [
        (&["search", "--limti", "5"][..], "--limit"),
        (&["search", "--limit", "0"], "0 is not in"),
        (&["show"], "TRACE"),
        (&["show", "4bf92f"], "no trace id in `4bf92f`"),
        (&["walk", "x", "--plain", "--json"], "cannot be used with"),
        (&["serch", "x"], "did you mean `spanwalk search`?"),
        (
            &["--query", "x", "services"],
            "--query means nothing to this command",
        ),
        (
            &["--api", "off", "search"],
            "--api means nothing to this command",
        ),
        (
            &["serve", "--collector", "http://x"],
            "--collector means nothing to this command",
        ),
        (&["search", "--since", "soon"], "--since: `soon` is no time"),
        (
            &["search", "--since", "1h", "--from", "now"],
            "cannot be used with",
        ),
        (&["--place", "map"], "there is no screen \"map\""),
        (&["demo", "--no-ui", "--rate", "-1"], "-1"),
        (&["demo", "--no-ui", "--rate", "NaN"], "--rate: NaN"),
        (
            &["demo", "service", "cart", "--listen", "127.0.0.1:0"],
            "needs --data-dir",
        ),
        (
            &[
                "demo",
                "service",
                "cart",
                "--listen",
                "127.0.0.1:0",
                "--peer",
                "x",
            ],
            "NAME=URL",
        ),
        (&["import"], "FILE"),
        (&["completions", "tcsh"], "possible values"),
    ] {
        let ran = spanwalk(arguments);
        assert_eq!(ran.exit, Exit::WrongUse, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(expected), "{arguments:?}: {}", ran.err);
        assert_eq!(ran.out, "", "{arguments:?}");
    }
}

#[test]
fn wrong_settings_are_told_together() {
    let environment = Environment::default()
        .with("SPANWALK_API", "4320")
        .with("SPANWALK_LOG", "==");
    let ran = spanwalk_in(&["serve", "--otlp-grpc", "nowhere"], &environment);
    assert_eq!(ran.exit, Exit::WrongUse);
    for name in ["--otlp-grpc: ", "SPANWALK_API: ", "SPANWALK_LOG: "] {
        assert!(ran.err.contains(&format!("error: {name}")), "{}", ran.err);
    }
}

#[test]
fn a_variable_that_is_misspelt_is_told_and_does_no_harm() {
    let environment = Environment::default().with("SPANWALK_DATADIR", "x");
    let ran = spanwalk_in(&["query", "check", "a"], &environment);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Done, "a\n"));
    assert_eq!(
        ran.err,
        "warning: the variable SPANWALK_DATADIR is not read; did you mean SPANWALK_DATA_DIR?\n"
    );
}

#[test]
fn a_screen_needs_a_terminal() {
    for arguments in [&[][..], &["demo"]] {
        let ran = spanwalk(arguments);
        assert_eq!(ran.exit, Exit::WrongUse);
        assert!(
            ran.err.contains("the screen needs a terminal"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn a_query_is_checked_and_explained() {
    let ran = spanwalk(&["query", "check", "status:error", "service:cart"]);
    assert_eq!(
        (ran.exit, ran.out.as_str()),
        (Exit::Done, "status:error service:cart\n")
    );
    let ran = spanwalk(&["query", "explain", "service:cart"]);
    assert!(ran.out.contains("service is \"cart\""), "{}", ran.out);
    let ran = spanwalk(&["query", "check", "(a"]);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::WrongUse, ""));
    insta::assert_snapshot!(ran.err, @r"
    error: this parenthesis is not closed
      (a
      ^
      expected `)`
    ");
}

#[test]
fn a_word_that_is_negated_is_no_flag() {
    let ran = spanwalk(&[
        "query",
        "check",
        "-name:health",
        "-q",
        "service:cart",
        "-retry",
    ]);
    assert_eq!(
        (ran.exit, ran.out.as_str()),
        (Exit::Done, "-name:health service:cart -retry\n")
    );
    let ran = spanwalk(&["query", "check", "-name:health status:error"]);
    assert_eq!(ran.out, "-name:health status:error\n");
}

#[test]
fn every_shell_gets_a_script() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = spanwalk(&["completions", shell]);
        assert_eq!(ran.exit, Exit::Done);
        assert!(ran.out.contains("import"), "{shell}");
    }
}

#[test]
fn colours_come_only_where_they_are_wanted() {
    let plain = spanwalk(&["query", "explain", "a"]).out;
    assert!(!plain.contains('\u{1b}'));
    let coloured = spanwalk(&["--color", "always", "query", "explain", "a"]).out;
    assert!(coloured.contains('\u{1b}'));
    assert!(
        spanwalk(&["--color=always", "bogus", "x"])
            .err
            .contains('\u{1b}')
    );
}

/// A stream that takes nothing.
struct Refusing(io::ErrorKind);

impl Write for Refusing {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_that_went_away_is_no_failure_and_a_full_disk_is() {
    for (kind, exit, told) in [
        (io::ErrorKind::BrokenPipe, Exit::Done, ""),
        (
            io::ErrorKind::StorageFull,
            Exit::Failed,
            "error: cannot write the output: ",
        ),
    ] {
        let err = Kept::default();
        let mut output = Output::to(Box::new(Refusing(kind)), Box::new(err.clone()));
        let arguments = ["spanwalk", "query", "check", "a"].map(Into::into);
        assert_eq!(run(&arguments, &Environment::default(), &mut output), exit);
        assert!(err.text().starts_with(told), "{}", err.text());
        assert_eq!(err.text().is_empty(), told.is_empty());
    }
}
