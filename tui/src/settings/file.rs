//! The configuration file: one table of settings.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::{Given, Origin, SettingError};
use crate::env::{self, nearest};

/// What the file says.
#[derive(Debug, Default)]
pub(super) struct File {
    values: BTreeMap<String, Given<OsString>>,
}

impl File {
    /// Reads a file that was named; that it is not there is an error.
    pub(super) fn read_named(path: &Path, origin: Origin) -> (Self, Vec<SettingError>) {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, path),
            Err(error) => {
                let message = format!("cannot read {}: {error}", path.display());
                (Self::default(), vec![SettingError::new(origin, message)])
            }
        }
    }

    /// Reads the file at the usual place, where there is one.
    pub(super) fn read_if_there(path: &Path) -> (Self, Vec<SettingError>) {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => (Self::default(), Vec::new()),
            Err(error) => {
                let message = format!("cannot be read: {error}");
                let origin = at(path, 0, "");
                (Self::default(), vec![SettingError::new(origin, message)])
            }
        }
    }

    /// What is given for a key.
    pub(super) fn get(&self, key: &str) -> Option<Given<OsString>> {
        self.values.get(key).cloned()
    }

    /// Reads as much as makes sense, and notes the rest.
    pub(super) fn parse(text: &str, path: &Path) -> (Self, Vec<SettingError>) {
        let (table, broken) = DeTable::parse_recoverable(text);
        let mut file = Self::default();
        if !broken.is_empty() {
            // What was understood around it may not be what was meant.
            let broken = broken.iter().map(|error| {
                let line = error.span().map_or(0, |span| line_of(text, span.start));
                SettingError::new(at(path, line, ""), error.message())
            });
            return (file, broken.collect());
        }
        let mut errors = Vec::new();
        for (key, value) in table.get_ref() {
            let line = line_of(text, key.span().start);
            let name = key.get_ref();
            let origin = at(path, line, name);
            if let Some(problem) = unknown(name) {
                errors.push(SettingError::new(at(path, line, ""), problem));
                continue;
            }
            match written(value.get_ref()) {
                Some(value) => {
                    let value = OsString::from(value);
                    let given = Given { value, origin };
                    file.values.insert(name.to_string(), given);
                }
                None => errors.push(SettingError::new(
                    origin,
                    "the value is no text, number or switch",
                )),
            }
        }
        errors.sort_by_key(|error| error.origin.line());
        (file, errors)
    }
}

fn unknown(name: &str) -> Option<String> {
    let known = || env::SETTINGS.iter().map(|setting| setting.key);
    if known().any(|known| known == name) {
        return None;
    }
    let hint = match nearest(name, known()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("there are {}", known().collect::<Vec<_>>().join(", ")),
    };
    Some(format!("there is no setting `{name}`; {hint}"))
}

/// The text of a value as a flag would have it.
fn written(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(is_on) => Some(is_on.to_string()),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

fn at(path: &Path, line: usize, key: &str) -> Origin {
    Origin::File {
        path: PathBuf::from(path),
        line,
        key: key.to_owned(),
    }
}

/// The line of a byte, from one.
fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or_default();
    before.split(|byte| *byte == b'\n').count()
}
