//! Who may send and who may ask: bearer tokens from a file.
//!
//! ```text
//! # rights      token
//! send          3f1c9a…
//! query         77ab02…
//! send,query    c0ffee…
//! ```
//!
//! The file is looked at when somebody comes, at most once a second, and read again where it
//! changed, so that tokens can be added and withdrawn while the collector runs. While it cannot
//! be read nobody is let in, and senders are told to come back, so that what they hold is not
//! lost. Only digests of the tokens are kept, and all of them are compared in constant time.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// Characters of the shortest token. A shorter one could be guessed.
const TOKEN_CHARACTERS_MIN: usize = 16;
/// Bytes of the longest file.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// How long the file is taken to be as it was.
const LOOK_PAUSE: Duration = Duration::from_secs(1);

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Send spans and log records.
    Send,
    /// Ask what is stored.
    Query,
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Send => "send",
            Self::Query => "query",
        })
    }
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// There is no token, or one that is not known.
    #[error("a bearer token that this collector knows is needed, in the header authorization")]
    Unknown,
    /// The token is known and has other rights.
    #[error("this token does not have the right to {0}")]
    NoRight(Right),
    /// The tokens cannot be read now.
    #[error("the file of tokens cannot be read now; nobody is let in until it can")]
    Unreadable,
}

/// What is wrong with a file of tokens.
#[derive(Debug, thiserror::Error)]
pub enum TokensError {
    /// It cannot be read.
    #[error("the file of tokens {} cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A line is no token with rights. The line itself is not repeated: it may hold a token.
    #[error(
        "the file of tokens {}, line {line}: {problem}; write rights (send, query, or send,query), a space and the token",
        path.display()
    )]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from one.
        line: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// There is no token in it.
    #[error("the file of tokens {} has no token in it, so that nobody could come in", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// Lets in who has a token with the right. Clones share it.
#[derive(Clone, Default)]
pub struct Access {
    file: Option<Arc<TokenFile>>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("file", &self.file.as_ref().map(|file| &file.path))
            .finish()
    }
}

impl Access {
    /// Everybody is let in.
    pub fn open() -> Self {
        Self::default()
    }

    /// Who has one of the tokens in this file is let in.
    ///
    /// # Errors
    /// [`TokensError`].
    pub fn by_tokens(path: &Path) -> Result<Self, TokensError> {
        let seen = Seen::of(path);
        let tokens = read(path)?;
        let state = State {
            looked: Instant::now(),
            seen,
            tokens: Some(tokens),
        };
        Ok(Self {
            file: Some(Arc::new(TokenFile {
                path: path.to_owned(),
                state: Mutex::new(state),
            })),
        })
    }

    /// Whether somebody with this `authorization` has the right.
    ///
    /// # Errors
    /// [`Denial`].
    pub fn check(&self, right: Right, authorization: Option<&[u8]>) -> Result<(), Denial> {
        match &self.file {
            None => Ok(()),
            Some(file) => file.check(right, authorization),
        }
    }
}

struct TokenFile {
    path: PathBuf,
    state: Mutex<State>,
}

struct State {
    looked: Instant,
    seen: Option<Seen>,
    /// `None` while the file cannot be used.
    tokens: Option<Vec<Token>>,
}

/// What tells that a file is another than it was.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    modified: Option<SystemTime>,
    bytes: u64,
}

impl Seen {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            modified: metadata.modified().ok(),
            bytes: metadata.len(),
        })
    }
}

/// A token as it is kept.
struct Token {
    digest: [u8; 32],
    may_send: bool,
    may_query: bool,
}

impl TokenFile {
    fn check(&self, right: Right, authorization: Option<&[u8]>) -> Result<(), Denial> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.look(&mut state, LOOK_PAUSE);
        let tokens = state.tokens.as_ref().ok_or(Denial::Unreadable)?;
        let presented = authorization.and_then(bearer).ok_or(Denial::Unknown)?;
        let digest: [u8; 32] = Sha256::digest(presented).into();
        // All are compared, so that the time says nothing of where one was found.
        let (mut is_known, mut has_right) = (Choice::from(0), Choice::from(0));
        for token in tokens {
            let is_it = token.digest.ct_eq(&digest);
            let may = match right {
                Right::Send => token.may_send,
                Right::Query => token.may_query,
            };
            is_known |= is_it;
            has_right |= is_it & Choice::from(u8::from(may));
        }
        match (bool::from(is_known), bool::from(has_right)) {
            (_, true) => Ok(()),
            (true, false) => Err(Denial::NoRight(right)),
            (false, false) => Err(Denial::Unknown),
        }
    }

    /// Reads the file again where it changed since it was looked at.
    fn look(&self, state: &mut State, pause: Duration) {
        if state.looked.elapsed() < pause {
            return;
        }
        state.looked = Instant::now();
        let seen = Seen::of(&self.path);
        if seen.is_some() && seen == state.seen {
            return;
        }
        state.seen = seen;
        state.tokens = match read(&self.path) {
            Ok(tokens) => {
                tracing::info!(count = tokens.len(), "the tokens were read again");
                Some(tokens)
            }
            Err(error) => {
                tracing::error!(%error, "nobody is let in until the tokens can be read");
                None
            }
        };
    }
}

/// The token of a header `Bearer TOKEN`.
fn bearer(authorization: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = authorization.split_at_checked(7)?;
    let token = token.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"bearer ") && !token.is_empty()).then_some(token)
}

fn read(path: &Path) -> Result<Vec<Token>, TokensError> {
    let unreadable = |reason: String| TokensError::Unreadable {
        path: path.to_owned(),
        reason,
    };
    let bytes = fs::metadata(path)
        .map_err(|error| unreadable(error.to_string()))?
        .len();
    if bytes > FILE_BYTES_MAX {
        return Err(unreadable(format!(
            "it is larger than {FILE_BYTES_MAX} bytes"
        )));
    }
    let text = fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    let mut tokens = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        tokens.push(token(content).map_err(|problem| TokensError::Line {
            path: path.to_owned(),
            line,
            problem,
        })?);
    }
    if tokens.is_empty() {
        return Err(TokensError::Empty {
            path: path.to_owned(),
        });
    }
    Ok(tokens)
}

fn token(line: &str) -> Result<Token, &'static str> {
    let (rights, token) = line
        .split_once(char::is_whitespace)
        .ok_or("there are not two words")?;
    let token = token.trim();
    if token.contains(char::is_whitespace) {
        return Err("there are more than two words");
    }
    if token.chars().count() < TOKEN_CHARACTERS_MIN {
        return Err("the token has fewer than 16 characters and could be guessed");
    }
    let mut read = Token {
        digest: Sha256::digest(token.as_bytes()).into(),
        may_send: false,
        may_query: false,
    };
    for right in rights.split(',') {
        match right.trim() {
            "send" => read.may_send = true,
            "query" => read.may_query = true,
            _ => return Err("there is a right that is neither send nor query"),
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENDER: &str = "sender-0123456789abcdef";
    const READER: &str = "reader-0123456789abcdef";

    fn file(content: &str) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tokens");
        fs::write(&path, content).unwrap();
        (directory, path)
    }

    fn with(token: &str) -> Vec<u8> {
        format!("Bearer {token}").into_bytes()
    }

    #[test]
    fn a_token_has_the_rights_of_its_line() {
        let (_directory, path) = file(&format!("# ours\n\nsend {SENDER}\nsend,query\t{READER}\n"));
        let access = Access::by_tokens(&path).unwrap();
        let check = |right, header: &[u8]| access.check(right, Some(header));
        assert_eq!(check(Right::Send, &with(SENDER)), Ok(()));
        assert_eq!(
            check(Right::Query, &with(SENDER)),
            Err(Denial::NoRight(Right::Query))
        );
        assert_eq!(check(Right::Query, &with(READER)), Ok(()));
        assert_eq!(
            check(Right::Send, b"bearer   reader-0123456789abcdef"),
            Ok(())
        );
        for header in [
            b"".as_slice(),
            b"Bearer ",
            b"Basic c2VuZGVy",
            SENDER.as_bytes(),
            &with("another-0123456789abcdef"),
            &with("sender-0123456789abcde"),
        ] {
            assert_eq!(check(Right::Send, header), Err(Denial::Unknown));
        }
        assert_eq!(access.check(Right::Send, None), Err(Denial::Unknown));
        assert_eq!(Access::open().check(Right::Query, None), Ok(()));
    }

    #[test]
    fn a_file_that_lets_nobody_in_or_is_wrong_is_refused_without_its_content() {
        for content in [
            "",
            "# nothing\n",
            "send short",
            SENDER,
            "sned sender-0123456789abcdef",
            "send sender-0123456789abcdef more",
        ] {
            let (_directory, path) = file(content);
            let error = Access::by_tokens(&path).unwrap_err().to_string();
            assert!(!error.contains("0123456789"), "{error}");
        }
        assert!(Access::by_tokens(Path::new("/nonexistent/tokens")).is_err());
    }

    #[test]
    fn a_changed_file_counts_and_a_missing_one_lets_nobody_in() {
        let (_directory, path) = file(&format!("send {SENDER}\n"));
        let access = Access::by_tokens(&path).unwrap();
        let held = access.file.clone().unwrap();
        let look = || held.look(&mut held.state.lock().unwrap(), Duration::ZERO);
        fs::write(&path, format!("send {READER}-longer\n")).unwrap();
        look();
        let check = |token: &str| access.check(Right::Send, Some(&with(token)));
        assert_eq!(check(SENDER), Err(Denial::Unknown));
        assert_eq!(check(&format!("{READER}-longer")), Ok(()));
        fs::remove_file(&path).unwrap();
        look();
        assert_eq!(check(SENDER), Err(Denial::Unreadable));
        fs::write(&path, format!("send {SENDER}\n")).unwrap();
        look();
        assert_eq!(check(SENDER), Ok(()));
    }

    #[test]
    fn what_is_printed_of_it_holds_no_token() {
        let (_directory, path) = file(&format!("send {SENDER}\n"));
        let access = Access::by_tokens(&path).unwrap();
        assert!(!format!("{access:?}").contains(SENDER));
    }
}
