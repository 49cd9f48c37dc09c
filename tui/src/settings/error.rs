//! What is wrong with a setting, and where it was given.

use std::fmt;
use std::path::PathBuf;

/// Where a value was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// By this flag.
    Flag(&'static str),
    /// By this variable of the environment.
    Variable(&'static str),
    /// In the configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from one; zero where the file as a whole is meant.
        line: usize,
        /// The key; empty where none is meant.
        key: String,
    },
}

impl Origin {
    /// The line of the configuration file; zero for other places.
    pub(super) fn line(&self) -> usize {
        match self {
            Self::File { line, .. } => *line,
            Self::Flag(_) | Self::Variable(_) => 0,
        }
    }

    /// How far from the person who types: what is nearer wins.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Flag(_) => 0,
            Self::Variable(_) => 1,
            Self::File { .. } => 2,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Variable(name) => f.write_str(name),
            Self::File { path, line, key } => {
                write!(f, "{}", path.display())?;
                if *line > 0 {
                    write!(f, ":{line}")?;
                }
                if !key.is_empty() {
                    write!(f, ": {key}")?;
                }
                Ok(())
            }
        }
    }
}

/// What is wrong with one setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{origin}: {message}")]
pub struct SettingError {
    /// Where it was given.
    pub origin: Origin,
    /// What is wrong and what to write.
    pub message: String,
}

impl SettingError {
    pub(super) fn new(origin: Origin, message: impl Into<String>) -> Self {
        Self {
            origin,
            message: message.into(),
        }
    }
}
