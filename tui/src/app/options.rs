//! What the UI is told at its start, and how it ends.

/// What the UI may be told at its start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether colours are drawn; the words and glyphs say the same without.
    pub color: bool,
    /// Whether only ASCII is drawn in lines, bars and marks.
    pub ascii: bool,
    /// What to say in the last row until the first key, such as a port that was taken; empty
    /// for nothing.
    pub notice: String,
}

/// Why the UI ended before the user asked.
#[derive(Debug, thiserror::Error)]
pub enum UiError {
    /// The terminal could not be read or written.
    #[error("the terminal failed while {doing}: {source}")]
    Terminal {
        /// What was being done.
        doing: &'static str,
        /// The cause.
        source: std::io::Error,
    },
    /// Standard output is no terminal.
    #[error(
        "the screen needs a terminal; use the plain commands, such as `spanwalk search`, instead"
    )]
    NoTerminal,
}
