//! What help says beside the flags.

use clap::builder::styling::{AnsiColor, Styles};

use crate::env;

pub(super) const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXIT_CODES: &str = "Exit codes: 0 found or done, 1 nothing found or not all done, 2 wrong \
                          use, 3 no collector, 4 something failed.";

pub(super) const EXAMPLES: &str = "\
Examples:
  spanwalk                                     look at what services here send
  spanwalk import traces.json.gz               read files of traces and logs
  spanwalk search 'status:error service:cart'  find traces, in plain text
  spanwalk walk 4bf92f3577b34da6a3ce929d0e0e4736
  spanwalk demo                                a small system with troubles, to try it";

/// The settings with their variables, keys and defaults, and the exit codes.
pub(super) fn long_help() -> String {
    use std::fmt::Write as _;
    let mut text =
        format!("{EXAMPLES}\n\nSettings, by variable and key of the configuration file:\n");
    for setting in env::SETTINGS {
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "  {}, {}\n          {} [default: {}]",
            setting.variable, setting.key, setting.help, setting.default
        );
    }
    let _ = write!(
        text,
        "  {}\n          the configuration file, as --config\n\nFlags win over variables, \
         variables over the file.\n\n{EXIT_CODES}",
        env::CONFIG_VARIABLE
    );
    text
}
