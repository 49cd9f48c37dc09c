//! Settings, checked: flags over variables over one TOML file, everything else by default.
//!
//! - `file`: what the configuration file says, with the line of each setting.
//! - `value`: the forms of values.
//! - `error`: what is wrong with a setting, and where it was given.

mod error;
mod file;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::env::{self, Environment, Setting};
use crate::local::Listen;

pub use error::{Origin, SettingError};
pub use value::ColorWish;

use file::File;

/// A value and where it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given<T> {
    /// The value.
    pub value: T,
    /// Where it was given.
    pub origin: Origin,
}

/// What a collector hides before anything is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RedactionSettings {
    /// Whether anything is hidden at all.
    pub is_on: bool,
    /// Keys to hide beside those that are known.
    pub hide: Vec<String>,
    /// Keys to keep.
    pub keep: Vec<String>,
    /// The file with the key of digests.
    pub digest_key_file: Option<PathBuf>,
}

/// Everything that the program is told, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The data directory, where one was named.
    pub data_dir: Option<Given<PathBuf>>,
    /// The data directory where none was named; `None` where there is no home.
    pub default_data_dir: Option<PathBuf>,
    /// Where the demo keeps its data; `None` where there is no home.
    pub demo_dir: Option<PathBuf>,
    /// The collector to ask, where one was named.
    pub collector: Option<Given<String>>,
    /// Where OTLP over gRPC is taken.
    pub otlp_grpc: Listen,
    /// Where OTLP over HTTP is taken.
    pub otlp_http: Listen,
    /// Where Zipkin's spans are taken.
    pub zipkin: Listen,
    /// Where the query API answers.
    pub api: Listen,
    /// Whether listeners may be where other machines reach them.
    pub insecure: bool,
    /// The file of the tokens that are let in; `None` lets everybody in.
    pub tokens: Option<PathBuf>,
    /// The file with the token to show to a collector.
    pub token_file: Option<PathBuf>,
    /// What a collector hides.
    pub redaction: RedactionSettings,
    /// Bytes that one request may have.
    pub request_bytes_max: usize,
    /// Bytes of all requests that may be in memory at once.
    pub in_flight_bytes_max: usize,
    /// How long a query may take.
    pub query_timeout: Duration,
    /// Whether colours are wanted.
    pub color: ColorWish,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// Whether remarks are left out.
    pub quiet: bool,
    /// What the collector writes about itself, as a filter; `None` for the default.
    pub log: Option<String>,
    /// The file that it writes to; `None` for none.
    pub log_file: Option<PathBuf>,
}

impl Settings {
    /// Checks what flags, variables and the configuration file say.
    ///
    /// # Errors
    /// Everything that is wrong, told together.
    pub fn check(
        flags: &[(Setting, OsString)],
        config: Option<&Path>,
        environment: &Environment,
    ) -> Result<Self, Vec<SettingError>> {
        let mut sources = Sources::read(flags, config, environment);
        let settings = Self {
            data_dir: sources.path(env::DATA_DIR),
            default_data_dir: environment
                .data_home
                .as_ref()
                .map(|home| home.join("spanwalk")),
            demo_dir: environment
                .cache_home
                .as_ref()
                .map(|home| home.join("spanwalk").join("demo")),
            collector: sources.get(env::COLLECTOR, value::url),
            otlp_grpc: sources.listen(env::OTLP_GRPC),
            otlp_http: sources.listen(env::OTLP_HTTP),
            zipkin: sources.listen(env::ZIPKIN),
            api: sources.listen(env::API),
            insecure: sources.or_default(env::INSECURE, value::switch),
            tokens: sources.path(env::TOKENS).map(|file| file.value),
            token_file: sources.path(env::TOKEN_FILE).map(|file| file.value),
            redaction: RedactionSettings {
                is_on: sources.or_default(env::REDACT, value::switch),
                hide: sources.list(env::REDACT_KEYS),
                keep: sources.list(env::REDACT_KEEP),
                digest_key_file: sources
                    .path(env::REDACT_DIGEST_KEY_FILE)
                    .map(|file| file.value),
            },
            request_bytes_max: sources.or_default(env::REQUEST_BYTES_MAX, value::bytes),
            in_flight_bytes_max: sources.or_default(env::IN_FLIGHT_BYTES_MAX, value::bytes),
            query_timeout: sources.or_default(env::QUERY_TIMEOUT, value::duration),
            color: sources.or_default(env::COLOR, value::color),
            ascii: sources.or_default(env::ASCII, value::switch),
            quiet: sources.or_default(env::QUIET, value::switch),
            log: sources.get(env::LOG, value::filter).map(|log| log.value),
            log_file: sources.path(env::LOG_FILE).map(|file| file.value),
        };
        if sources.errors.is_empty() {
            Ok(settings)
        } else {
            Err(sources.errors)
        }
    }

    /// The collector to ask, unless a data directory was named nearer: a flag is nearer than a
    /// variable, and that than the file.
    pub fn named_collector(&self) -> Option<&str> {
        let collector = self.collector.as_ref()?;
        let is_overruled = self
            .data_dir
            .as_ref()
            .is_some_and(|dir| dir.origin.rank() < collector.origin.rank());
        (!is_overruled).then_some(collector.value.as_str())
    }
}

/// The places that settings come from, and what was wrong so far.
struct Sources<'s> {
    flags: BTreeMap<&'static str, &'s OsString>,
    environment: &'s Environment,
    file: File,
    errors: Vec<SettingError>,
}

impl<'s> Sources<'s> {
    fn read(
        flags: &'s [(Setting, OsString)],
        config: Option<&Path>,
        environment: &'s Environment,
    ) -> Self {
        let named = match config {
            Some(path) => Some((path.to_owned(), Origin::Flag("--config"))),
            None => environment.get(env::CONFIG_VARIABLE).map(|path| {
                let origin = Origin::Variable(env::CONFIG_VARIABLE);
                (PathBuf::from(path), origin)
            }),
        };
        let (file, errors) = match (named, &environment.config_home) {
            (Some((path, origin)), _) => File::read_named(&path, origin),
            (None, Some(home)) => File::read_if_there(&home.join("spanwalk").join("config.toml")),
            (None, None) => (File::default(), Vec::new()),
        };
        Self {
            flags: flags
                .iter()
                .map(|(setting, value)| (setting.key, value))
                .collect(),
            environment,
            file,
            errors,
        }
    }

    /// What is given for a setting, at its nearest place.
    fn find(&self, setting: Setting) -> Option<Given<OsString>> {
        if let Some(value) = self.flags.get(setting.key) {
            return Some(Given {
                value: (*value).clone(),
                origin: Origin::Flag(setting.flag),
            });
        }
        if let Some(value) = self.environment.get(setting.variable) {
            return Some(Given {
                value: value.to_owned(),
                origin: Origin::Variable(setting.variable),
            });
        }
        self.file.get(setting.key)
    }

    /// A setting, read; `None` where it is not given or wrong, and then noted.
    fn get<T>(
        &mut self,
        setting: Setting,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<Given<T>> {
        let given = self.find(setting)?;
        let outcome = match given.value.to_str() {
            Some(text) => read(text),
            None => Err(format!("{} is not valid Unicode", given.value.display())),
        };
        match outcome {
            Ok(value) => Some(Given {
                value,
                origin: given.origin,
            }),
            Err(message) => {
                self.errors.push(SettingError::new(given.origin, message));
                None
            }
        }
    }

    /// A path, which need not be Unicode.
    fn path(&self, setting: Setting) -> Option<Given<PathBuf>> {
        self.find(setting).map(|given| Given {
            value: value::path(&given.value, &given.origin),
            origin: given.origin,
        })
    }

    /// A setting, read; its default where it is not given.
    fn or_default<T: Default>(
        &mut self,
        setting: Setting,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> T {
        match self.get(setting, &read) {
            Some(given) => given.value,
            // Where the value given is wrong nobody sees this one: the error ends the program.
            None => read(setting.default).unwrap_or_default(),
        }
    }

    /// A list, empty where it is not given.
    fn list(&mut self, setting: Setting) -> Vec<String> {
        let given = self.get(setting, |text| Ok(value::list(text)));
        given.map(|list| list.value).unwrap_or_default()
    }

    fn listen(&mut self, setting: Setting) -> Listen {
        match self.get(setting, value::listen) {
            Some(given) => given.value,
            None => value::listen(setting.default).unwrap_or(Listen::Off),
        }
    }
}
