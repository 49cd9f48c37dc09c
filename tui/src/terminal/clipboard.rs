//! Copies text through the terminal, which works over SSH, or into a file.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use crossterm::clipboard::CopyToClipboard;
use crossterm::execute;

/// Bytes that terminals take in one OSC 52 sequence: the smallest limit among the common ones
/// is 74,994 bytes of base64 (hterm, tmux forward less than xterm's 100,000).
const CLIPBOARD_BYTES_MAX: usize = 56_000;

/// Puts the text on the clipboard by OSC 52; a text too long for it goes to a file. The answer
/// says which.
///
/// # Errors
/// Where neither could be written.
pub fn copy(terminal: &mut impl Write, text: &str) -> Result<String, String> {
    if text.len() > CLIPBOARD_BYTES_MAX {
        return save(text)
            .map(|path| format!("too long for the clipboard; written to {}", path.display()))
            .map_err(|error| format!("the text could not be written to a file: {error}"));
    }
    execute!(terminal, CopyToClipboard::to_clipboard_from(text))
        .map(|()| format!("copied {} characters", text.chars().count()))
        .map_err(|error| format!("the terminal did not take the text: {error}"))
}

/// Writes the text to a new file that only this user can read.
fn save(text: &str) -> io::Result<PathBuf> {
    let directory = std::env::temp_dir();
    for number in 1..=999 {
        let path = directory.join(format!("spanwalk-{}-{number}.txt", std::process::id()));
        // `create_new` does not follow what another user may have put there.
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
        {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("too many such files"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_go_to_the_clipboard_and_long_ones_to_a_file() {
        let mut terminal = Vec::new();
        let said = copy(&mut terminal, "4bf9").unwrap();
        assert_eq!(said, "copied 4 characters");
        assert_eq!(terminal, b"\x1b]52;c;NGJmOQ==\x1b\\");

        let long = "x".repeat(CLIPBOARD_BYTES_MAX + 1);
        terminal.clear();
        let said = copy(&mut terminal, &long).unwrap();
        assert!(terminal.is_empty());
        let path = said.split_once("written to ").unwrap().1;
        assert_eq!(std::fs::read_to_string(path).unwrap(), long);
        std::fs::remove_file(path).unwrap();
    }
}
