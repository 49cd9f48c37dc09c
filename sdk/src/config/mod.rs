//! Settings: every standard variable, what each resolves to, and where it came from.
//!
//! The environment wins over code, code over the default. A value that cannot be understood is told
//! and taken as not set, as the specification asks; only an endpoint that is no address, and a
//! configuration file, which is not supported, stop the start: nothing sensible could be assumed.

mod endpoint;
mod reader;
mod signal;
#[cfg(test)]
mod tests;
mod variables;

use std::collections::BTreeMap;

pub use reader::{Problem, Source};
pub(crate) use signal::{Exporter, Protocol, Signal, SignalConfig};
pub use variables::{VARIABLES, Variable};

use crate::InitError;
use crate::propagator::Format;
use reader::Reader;

/// Attributes of a span or record, events and links of a span, that are kept without a limit given.
const COUNT_LIMIT: usize = 128;
/// How much waits on disk at most.
const SPOOL_BYTES: u64 = 64 << 20;

/// A variable, its value and where that came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The variable's name.
    pub variable: &'static str,
    /// Its value as text; secrets are hidden.
    pub value: String,
    /// The unit of the value, empty for text.
    pub unit: &'static str,
    /// Where the value came from.
    pub source: Source,
    /// Why it has no effect, if it has none.
    pub ignored: Option<&'static str>,
}

/// How long texts and how many items are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) span_attributes: usize,
    pub(crate) span_value_chars: Option<usize>,
    pub(crate) events: usize,
    pub(crate) links: usize,
    pub(crate) event_attributes: usize,
    pub(crate) link_attributes: usize,
    pub(crate) record_attributes: usize,
    pub(crate) record_value_chars: Option<usize>,
}

/// The sampler that the environment names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SamplerChoice {
    /// A parent's decision is kept.
    pub(crate) parent_based: bool,
    /// Share of the traces that begin here and are kept, 0 to 1.
    pub(crate) ratio: f64,
}

/// What waits on disk while the collector is away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SpoolConfig {
    pub(crate) directory: std::path::PathBuf,
    pub(crate) bytes_max: u64,
}

/// Everything resolved.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) disabled: bool,
    /// As the environment has it: over all others.
    pub(crate) service_name: Option<String>,
    pub(crate) resource_attributes: Vec<(String, String)>,
    pub(crate) own_level: Option<String>,
    pub(crate) propagators: Vec<Format>,
    /// `None`: the code's own sampler, or the default.
    pub(crate) sampler: Option<SamplerChoice>,
    pub(crate) traces: SignalConfig,
    pub(crate) logs: SignalConfig,
    pub(crate) limits: Limits,
    pub(crate) export_filter: String,
    pub(crate) console_filter: String,
    pub(crate) spool: Option<SpoolConfig>,
    pub(crate) settings: Vec<Setting>,
    pub(crate) problems: Vec<Problem>,
}

impl Config {
    /// Reads through `environment`, so that tests need not change the process; `code` holds what
    /// the builder says, by the names of the variables.
    ///
    /// # Errors
    /// When an endpoint is no address, or a configuration file is asked for.
    pub(crate) fn read(
        environment: &dyn Fn(&str) -> Option<String>,
        code: &BTreeMap<String, String>,
    ) -> Result<Self, InitError> {
        let reader = Reader::new(environment, code);
        if let Some(file) = reader.text("OTEL_CONFIG_FILE") {
            return Err(InitError::Setting {
                variable: "OTEL_CONFIG_FILE",
                value: file,
                expected: "nothing: configuration files are not supported, use variables",
            });
        }
        let mut config = Self {
            disabled: reader.flag(&["OTEL_SDK_DISABLED"]),
            service_name: reader
                .raw("OTEL_SERVICE_NAME")
                .filter(|it| it.1 == Source::Environment)
                .map(|it| it.0),
            resource_attributes: resource_attributes(&reader),
            own_level: own_level(&reader),
            propagators: propagators(&reader),
            sampler: sampler(&reader),
            traces: SignalConfig::read(&reader, Signal::Traces)?,
            logs: SignalConfig::read(&reader, Signal::Logs)?,
            limits: limits(&reader),
            export_filter: filter(&reader, "SPANWALK_FILTER"),
            console_filter: filter(&reader, "RUST_LOG"),
            spool: spool(&reader),
            settings: VARIABLES.iter().map(|it| setting(&reader, it)).collect(),
            problems: Vec::new(),
        };
        config.problems = reader.problems();
        config.mark_problems();
        Ok(config)
    }

    /// A value that was not used is shown as what holds in its place.
    fn mark_problems(&mut self) {
        for setting in &mut self.settings {
            let told = self
                .problems
                .iter()
                .any(|it| it.variable == setting.variable);
            if told && let Some(it) = VARIABLES.iter().find(|it| it.name == setting.variable) {
                it.default.clone_into(&mut setting.value);
                setting.source = Source::Default;
            }
        }
    }
}

fn setting(reader: &Reader<'_>, variable: &Variable) -> Setting {
    let (value, source) = reader
        .raw(variable.name)
        .unwrap_or_else(|| (variable.default.to_owned(), Source::Default));
    let hidden = variable.secret && source != Source::Default;
    Setting {
        variable: variable.name,
        value: if hidden { hide(&value) } else { value },
        unit: variable.unit,
        source,
        ignored: (!variable.used).then_some(variable.meaning),
    }
}

/// The keys of `key=secret` pairs.
fn hide(value: &str) -> String {
    let keys = value
        .split(',')
        .map(|it| it.split('=').next().unwrap_or("").trim());
    let shown: Vec<_> = keys
        .filter(|it| !it.is_empty())
        .map(|it| format!("{it}=***"))
        .collect();
    shown.join(",")
}

/// One malformed pair discards the whole value, as the specification asks.
fn resource_attributes(reader: &Reader<'_>) -> Vec<(String, String)> {
    reader
        .parsed(
            &["OTEL_RESOURCE_ATTRIBUTES"],
            "a list of key=value pairs",
            reader::pairs,
        )
        .unwrap_or_default()
}

fn own_level(reader: &Reader<'_>) -> Option<String> {
    reader.parsed(&["OTEL_LOG_LEVEL"], "a level such as info", |value| {
        let value = value.to_ascii_lowercase();
        match value.as_str() {
            "none" | "off" => Some("off".to_owned()),
            "fatal" => Some("error".to_owned()),
            "trace" | "debug" | "info" | "warn" | "error" => Some(value),
            _ => None,
        }
    })
}

/// Unknown names are told and left out; twice the same is once.
fn propagators(reader: &Reader<'_>) -> Vec<Format> {
    let Some(list) = reader.text("OTEL_PROPAGATORS") else {
        return vec![Format::TraceContext, Format::Baggage];
    };
    let mut formats = Vec::new();
    for name in list.split(',').map(str::trim).filter(|it| !it.is_empty()) {
        if name.eq_ignore_ascii_case("none") {
            return Vec::new();
        }
        match Format::of(name) {
            Some(format) if formats.contains(&format) => {}
            Some(format) => formats.push(format),
            None => reader.problem(
                "OTEL_PROPAGATORS",
                format!("there is no propagator {name:?}; left out"),
            ),
        }
    }
    formats
}

fn sampler(reader: &Reader<'_>) -> Option<SamplerChoice> {
    let names = &["OTEL_TRACES_SAMPLER"];
    let expected = "always_on, always_off or traceidratio, with parentbased_ before it or not";
    let (parent_based, kind) = reader.parsed(names, expected, |value| {
        let value = value.to_ascii_lowercase();
        let (parent_based, kind) = value
            .strip_prefix("parentbased_")
            .map_or((false, value.as_str()), |kind| (true, kind));
        matches!(kind, "always_on" | "always_off" | "traceidratio")
            .then(|| (parent_based, kind.to_owned()))
    })?;
    let ratio = match kind.as_str() {
        "always_on" => 1.0,
        "always_off" => 0.0,
        _ => reader
            .parsed(
                &["OTEL_TRACES_SAMPLER_ARG"],
                "a ratio from 0 to 1",
                |value| value.parse().ok().filter(|it| (0.0..=1.0).contains(it)),
            )
            .unwrap_or(1.0),
    };
    Some(SamplerChoice {
        parent_based,
        ratio,
    })
}

fn limits(reader: &Reader<'_>) -> Limits {
    let count = |names: &[&str]| reader.limit(names).unwrap_or(COUNT_LIMIT);
    let general = "OTEL_ATTRIBUTE_COUNT_LIMIT";
    let chars = "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT";
    Limits {
        span_attributes: count(&["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", general]),
        span_value_chars: reader.limit(&["OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", chars]),
        events: count(&["OTEL_SPAN_EVENT_COUNT_LIMIT"]),
        links: count(&["OTEL_SPAN_LINK_COUNT_LIMIT"]),
        event_attributes: count(&["OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT"]),
        link_attributes: count(&["OTEL_LINK_ATTRIBUTE_COUNT_LIMIT"]),
        record_attributes: count(&["OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", general]),
        record_value_chars: reader.limit(&["OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", chars]),
    }
}

/// Directives that cannot be read are told, and the default holds.
fn filter(reader: &Reader<'_>, name: &str) -> String {
    reader
        .parsed(
            &[name],
            "a list of directives such as info,orders=debug",
            |value| {
                tracing_subscriber::EnvFilter::builder().parse(value).ok()?;
                Some(value.to_owned())
            },
        )
        .unwrap_or_else(|| "info".to_owned())
}

fn spool(reader: &Reader<'_>) -> Option<SpoolConfig> {
    let directory = reader.text("SPANWALK_SPOOL_DIR")?;
    let bytes_max = reader.parsed(
        &["SPANWALK_SPOOL_BYTES"],
        "a whole number of bytes",
        |value| value.parse().ok(),
    );
    Some(SpoolConfig {
        directory: directory.into(),
        bytes_max: bytes_max.unwrap_or(SPOOL_BYTES),
    })
}

/// Variables of the environment that look like OpenTelemetry's and that nobody here knows.
pub(crate) fn unknown(names: impl Iterator<Item = String>) -> Vec<String> {
    let ours = |name: &String| name.starts_with("OTEL_") || name.starts_with("SPANWALK_");
    let mut found: Vec<_> = names
        .filter(ours)
        .filter(|name| !VARIABLES.iter().any(|it| it.name == name))
        .collect();
    found.sort();
    found
}
