//! The forms that values of settings have. Each function reads one, or says what to write.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

use super::Origin;
use crate::local::Listen;

/// Whether colours are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ColorWish {
    /// Where it is a terminal, and nothing in the environment speaks against it.
    #[default]
    Auto,
    /// In any case.
    Always,
    /// Not at all.
    Never,
}

/// An address to listen at, or `off`.
pub(super) fn listen(text: &str) -> Result<Listen, String> {
    text.parse::<Listen>().map_err(|error| error.to_string())
}

/// The URL of a collector.
pub(super) fn url(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches('/');
    match url::Url::parse(text) {
        Ok(url) if url.scheme() == "http" && url.has_host() => Ok(text.to_owned()),
        _ => Err(format!(
            "`{text}` is not the URL of a collector; write it as http://HOST:PORT"
        )),
    }
}

/// A size, such as `64MiB`.
pub(super) fn bytes(text: &str) -> Result<usize, String> {
    const UNITS: [(&str, u64); 8] = [
        ("", 1),
        ("b", 1),
        ("kb", 1_000),
        ("mb", 1_000_000),
        ("gb", 1_000_000_000),
        ("kib", 1 << 10),
        ("mib", 1 << 20),
        ("gib", 1 << 30),
    ];
    let wrong = || format!("`{text}` is no size; write a number with a unit, such as 64MiB");
    let trimmed = text.trim();
    let digits = trimmed
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at_checked(digits).ok_or_else(wrong)?;
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let unit = unit.trim().to_ascii_lowercase();
    let (_, unit_bytes) = UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .ok_or_else(wrong)?;
    number
        .checked_mul(*unit_bytes)
        .filter(|bytes| *bytes > 0)
        .and_then(|bytes| usize::try_from(bytes).ok())
        .ok_or_else(wrong)
}

/// A duration, such as `30s` or `1m30s`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    text.trim()
        .parse::<jiff::SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| format!("`{text}` is no duration; write a number with a unit, such as 30s"))
}

/// Whether colours are wanted.
pub(super) fn color(text: &str) -> Result<ColorWish, String> {
    match text {
        "auto" => Ok(ColorWish::Auto),
        "always" => Ok(ColorWish::Always),
        "never" => Ok(ColorWish::Never),
        _ => Err(format!("`{text}` is not one of auto, always and never")),
    }
}

/// Words with commas between them.
pub(super) fn list(text: &str) -> Vec<String> {
    let words = text.split(',').map(str::trim);
    words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// On or off.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err(format!("`{text}` is neither true nor false")),
    }
}

/// A filter of the collector's log.
pub(super) fn filter(text: &str) -> Result<String, String> {
    match tracing_subscriber::EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(format!(
            "`{text}` is no filter ({error}); write levels and targets, such as \
             warn,tantivy=info"
        )),
    }
}

/// A path. One in the configuration file is relative to that file, and may begin at the home
/// directory with `~/`, which no shell resolves there.
pub(super) fn path(text: &OsStr, origin: &Origin) -> PathBuf {
    let path = PathBuf::from(text);
    let Origin::File { path: file, .. } = origin else {
        return path;
    };
    if let Ok(rest) = path.strip_prefix("~")
        && let Ok(home) = etcetera::home_dir()
    {
        return home.join(rest);
    }
    match file.parent() {
        Some(folder) => folder.join(path),
        None => path,
    }
}
