//! Every variable of the environment that the program reads, and the setting that each one is.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use etcetera::BaseStrategy;

/// A setting: what it is called in each of its places, and what holds where it is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Its key in the configuration file.
    pub key: &'static str,
    /// Its variable.
    pub variable: &'static str,
    /// Its flag; empty where it has none.
    pub flag: &'static str,
    /// Its default, for people.
    pub default: &'static str,
    /// What it does, in one line.
    pub help: &'static str,
}

/// Where everything is kept.
pub const DATA_DIR: Setting = Setting {
    key: "data_dir",
    variable: "SPANWALK_DATA_DIR",
    flag: "--data-dir",
    default: "$XDG_DATA_HOME/spanwalk",
    help: "directory that the collector keeps its data in",
};

/// Which collector to ask.
pub const COLLECTOR: Setting = Setting {
    key: "collector",
    variable: "SPANWALK_COLLECTOR",
    flag: "--collector",
    default: "the one that runs here, else one inside",
    help: "URL of the collector to ask",
};

/// OTLP over gRPC.
pub const OTLP_GRPC: Setting = Setting {
    key: "otlp_grpc",
    variable: "SPANWALK_OTLP_GRPC",
    flag: "--otlp-grpc",
    default: "127.0.0.1:4317",
    help: "address that takes OTLP over gRPC; port 0 for a free one, `off` for none",
};

/// OTLP over HTTP.
pub const OTLP_HTTP: Setting = Setting {
    key: "otlp_http",
    variable: "SPANWALK_OTLP_HTTP",
    flag: "--otlp-http",
    default: "127.0.0.1:4318",
    help: "address that takes OTLP over HTTP; port 0 for a free one, `off` for none",
};

/// Zipkin's spans.
pub const ZIPKIN: Setting = Setting {
    key: "zipkin",
    variable: "SPANWALK_ZIPKIN",
    flag: "--zipkin",
    default: "127.0.0.1:9411",
    help: "address that takes Zipkin's spans; port 0 for a free one, `off` for none",
};

/// The query API.
pub const API: Setting = Setting {
    key: "api",
    variable: "SPANWALK_API",
    flag: "--api",
    default: "127.0.0.1:4320",
    help: "address of the query API; port 0 for a free one, `off` for none",
};

/// Listening where others are.
pub const INSECURE: Setting = Setting {
    key: "insecure",
    variable: "SPANWALK_INSECURE",
    flag: "--insecure",
    default: "false",
    help: "let listeners be where other machines reach them, although nothing is encrypted",
};

/// Who is let in.
pub const TOKENS: Setting = Setting {
    key: "tokens",
    variable: "SPANWALK_TOKENS",
    flag: "--tokens",
    default: "none: everybody is let in",
    help: "file of the tokens that are let in: a line has rights (`send`, `query`, or both with a comma) and a token",
};

/// The token to show.
pub const TOKEN_FILE: Setting = Setting {
    key: "token_file",
    variable: "SPANWALK_TOKEN_FILE",
    flag: "--token-file",
    default: "none",
    help: "file with the token to show to the collector that is asked",
};

/// Hiding secrets.
pub const REDACT: Setting = Setting {
    key: "redact",
    variable: "SPANWALK_REDACT",
    flag: "",
    default: "true",
    help: "hide known secrets before anything is written",
};

/// Keys to hide beside those that are known.
pub const REDACT_KEYS: Setting = Setting {
    key: "redact_keys",
    variable: "SPANWALK_REDACT_KEYS",
    flag: "",
    default: "none",
    help: "keys to hide too, with commas between them and `*` for any characters",
};

/// Keys to keep.
pub const REDACT_KEEP: Setting = Setting {
    key: "redact_keep",
    variable: "SPANWALK_REDACT_KEEP",
    flag: "",
    default: "none",
    help: "keys to keep although they look like secrets, with commas between them and `*` for any characters",
};

/// The key of digests.
pub const REDACT_DIGEST_KEY_FILE: Setting = Setting {
    key: "redact_digest_key_file",
    variable: "SPANWALK_REDACT_DIGEST_KEY_FILE",
    flag: "",
    default: "none: `[redacted]` stands there",
    help: "file with a secret of yours; a digest keyed with it then stands in the place of what is hidden",
};

/// Bytes of one request.
pub const REQUEST_BYTES_MAX: Setting = Setting {
    key: "request_bytes_max",
    variable: "SPANWALK_REQUEST_BYTES_MAX",
    flag: "",
    default: "64MiB",
    help: "bytes that one request may have, before and after decompression",
};

/// Bytes of all requests.
pub const IN_FLIGHT_BYTES_MAX: Setting = Setting {
    key: "in_flight_bytes_max",
    variable: "SPANWALK_IN_FLIGHT_BYTES_MAX",
    flag: "",
    default: "256MiB",
    help: "bytes of all requests that may be in memory at once",
};

/// How long a query may take.
pub const QUERY_TIMEOUT: Setting = Setting {
    key: "query_timeout",
    variable: "SPANWALK_QUERY_TIMEOUT",
    flag: "",
    default: "30s",
    help: "how long a query may take",
};

/// Colours.
pub const COLOR: Setting = Setting {
    key: "color",
    variable: "SPANWALK_COLOR",
    flag: "--color",
    default: "auto",
    help: "colours: auto, always or never; auto heeds NO_COLOR, CLICOLOR and CLICOLOR_FORCE",
};

/// Nothing but ASCII in lines and marks.
pub const ASCII: Setting = Setting {
    key: "ascii",
    variable: "SPANWALK_ASCII",
    flag: "--ascii",
    default: "false",
    help: "draw lines, bars and marks in ASCII",
};

/// No remarks.
pub const QUIET: Setting = Setting {
    key: "quiet",
    variable: "SPANWALK_QUIET",
    flag: "--quiet",
    default: "false",
    help: "say nothing but results and errors",
};

/// What the collector writes of itself.
pub const LOG: Setting = Setting {
    key: "log",
    variable: "SPANWALK_LOG",
    flag: "",
    default: "warnings, and what the collector does",
    help: "what the collector writes about itself, as a tracing filter such as `debug`",
};

/// Where the collector writes it.
pub const LOG_FILE: Setting = Setting {
    key: "log_file",
    variable: "SPANWALK_LOG_FILE",
    flag: "",
    default: "standard error of `serve`, nowhere else",
    help: "file that the collector writes about itself to",
};

/// Every setting, in the order that help shows.
pub const SETTINGS: [Setting; 21] = [
    DATA_DIR,
    COLLECTOR,
    OTLP_GRPC,
    OTLP_HTTP,
    ZIPKIN,
    API,
    INSECURE,
    TOKENS,
    TOKEN_FILE,
    REDACT,
    REDACT_KEYS,
    REDACT_KEEP,
    REDACT_DIGEST_KEY_FILE,
    REQUEST_BYTES_MAX,
    IN_FLIGHT_BYTES_MAX,
    QUERY_TIMEOUT,
    COLOR,
    ASCII,
    QUIET,
    LOG,
    LOG_FILE,
];

/// Names the configuration file; the flag is `--config`.
pub const CONFIG_VARIABLE: &str = "SPANWALK_CONFIG";

/// Variables of others that say whether colours are wanted.
const COLOR_VARIABLES: [&str; 4] = ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM"];

/// What every variable of ours begins with.
pub const PREFIX: &str = "SPANWALK_";

/// What the program knows of where it runs; passed as a value, so that tests can make one up.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    /// Where users keep configuration; `None` where there is no home.
    pub config_home: Option<PathBuf>,
    /// Where users keep data.
    pub data_home: Option<PathBuf>,
    /// Where users keep what can be made again.
    pub cache_home: Option<PathBuf>,
}

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        let is_read = |name: &OsStr| {
            let name = name.as_encoded_bytes();
            name.starts_with(PREFIX.as_bytes())
                || COLOR_VARIABLES.iter().any(|known| known.as_bytes() == name)
        };
        let homes = etcetera::choose_base_strategy().ok();
        Self {
            variables: std::env::vars_os()
                .filter(|(name, _)| is_read(name))
                .collect(),
            config_home: homes.as_ref().map(BaseStrategy::config_dir),
            data_home: homes.as_ref().map(BaseStrategy::data_dir),
            cache_home: homes.as_ref().map(BaseStrategy::cache_dir),
        }
    }

    /// The value of a variable; an empty one counts as not set.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables
            .get(OsStr::new(name))
            .map(OsString::as_os_str)
            .filter(|value| !value.is_empty())
    }

    /// The same environment with one more variable.
    #[cfg(test)]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// Variables that look like ours, are not read, and may have been meant as one that is:
    /// the name, and the one that was meant.
    pub fn misspelt(&self) -> Vec<(String, &'static str)> {
        let known = || {
            SETTINGS
                .iter()
                .map(|setting| setting.variable)
                .chain([CONFIG_VARIABLE])
        };
        self.variables
            .keys()
            .map(|name| name.to_string_lossy().into_owned())
            .filter(|name| name.starts_with(PREFIX) && known().all(|known| known != name))
            .filter_map(|name| {
                let meant = nearest(&name, known())?;
                Some((name, meant))
            })
            .collect()
    }
}

/// The known word that differs least from this one, where one is near enough to have been
/// meant.
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    const SLIPS_MAX: usize = 2;
    known
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(word, known), known))
        .filter(|(slips, known)| *slips <= SLIPS_MAX && slips * 2 < known.len())
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_has_one_name_in_three_forms() {
        for setting in SETTINGS {
            let upper = setting.key.to_uppercase();
            assert_eq!(setting.variable, format!("{PREFIX}{upper}"));
            let flag = format!("--{}", setting.key.replace('_', "-"));
            assert!(setting.flag.is_empty() || setting.flag == flag);
            assert!(!setting.help.is_empty() && !setting.default.is_empty());
        }
    }

    #[test]
    fn the_page_of_settings_is_up_to_date() {
        use std::fmt::Write as _;
        let mut expected = String::new();
        for setting in SETTINGS {
            let flag = match setting.flag {
                "" => String::new(),
                flag => format!("`{flag}`"),
            };
            writeln!(
                expected,
                "| `{}` | `{}` | {flag} | {} | {} |",
                setting.key, setting.variable, setting.default, setting.help
            )
            .unwrap();
        }
        let page = include_str!("../../docs/settings.md");
        let start = page.find("| `").unwrap();
        assert_eq!(
            page.get(start..),
            Some(expected.as_str()),
            "docs/settings.md is stale; it should end with the right side"
        );
    }

    #[test]
    fn a_slip_in_a_variable_is_noticed_and_names_of_others_are_not() {
        let environment = Environment::default()
            .with("SPANWALK_DATADIR", "x")
            .with("SPANWALK_API", "x")
            .with("SPANWALK_FILTER", "info")
            .with("SPANWALK_BIN", "x");
        let expected = vec![("SPANWALK_DATADIR".to_owned(), "SPANWALK_DATA_DIR")];
        assert_eq!(environment.misspelt(), expected);
    }

    #[test]
    fn an_empty_variable_is_not_set() {
        let environment = Environment::default().with("SPANWALK_API", "");
        assert_eq!(environment.get("SPANWALK_API"), None);
    }
}
