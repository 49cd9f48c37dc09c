//! Starts telemetry: settings in, a guard out.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanLimits};
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::config::{Config, Exporter as Destination, Limits, Source};
use crate::doctor::Report;
use crate::exporter::processor::Processor;
use crate::exporter::{Exporter, TARGET};
use crate::layer::{LogLayer, MUTED, SkipUnsampled, is_span};
use crate::loss::Stats;
use crate::{Guard, InitError, Sampler, exporter, guard, propagator, resource, signals};

/// How telemetry shall be. The environment wins over it: who runs a service has the last word.
#[derive(Debug, Clone)]
pub struct Builder {
    name: String,
    version: Option<String>,
    console: bool,
    sampler: Option<Sampler>,
    settings: BTreeMap<String, String>,
    end_on_signals: bool,
}

/// Starts to describe telemetry of the service `name`.
pub fn builder(name: impl Into<String>) -> Builder {
    Builder {
        name: name.into(),
        version: None,
        console: true,
        sampler: None,
        settings: BTreeMap::new(),
        end_on_signals: false,
    }
}

impl Builder {
    /// The version of the service, mostly `env!("CARGO_PKG_VERSION")`.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Whether people see events on stderr (they do by default).
    pub fn console(mut self, console: bool) -> Self {
        self.console = console;
        self
    }

    /// A value for any variable of [`VARIABLES`](crate::config::VARIABLES), unless the environment
    /// has one.
    ///
    /// ```
    /// let builder = spanwalk_sdk::builder("orders")
    ///     .setting("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    ///     .setting("OTEL_BSP_SCHEDULE_DELAY", 200);
    /// # let _ = builder;
    /// ```
    #[expect(
        clippy::needless_pass_by_value,
        reason = "numbers and texts are written alike"
    )]
    pub fn setting(mut self, variable: impl Into<String>, value: impl ToString) -> Self {
        self.settings.insert(variable.into(), value.to_string());
        self
    }

    /// How many items of each signal wait at most; what is over is dropped and counted.
    pub fn queue_count(self, count: usize) -> Self {
        let count = count.max(1);
        self.setting("OTEL_BSP_MAX_QUEUE_SIZE", count)
            .setting("OTEL_BLRP_MAX_QUEUE_SIZE", count)
    }

    /// Which traces are kept; all by default, and what the caller decided.
    pub fn sampler(mut self, sampler: Sampler) -> Self {
        self.sampler = Some(sampler);
        self
    }

    /// Where telemetry waits on disk while the collector is away and memory is half full, and at the
    /// end of the process: at most `bytes_max`, 64 MiB being a good value. The next process sends it.
    pub fn spool(self, directory: impl Into<PathBuf>, bytes_max: u64) -> Self {
        self.setting("SPANWALK_SPOOL_DIR", directory.into().display())
            .setting("SPANWALK_SPOOL_BYTES", bytes_max)
    }

    /// Whether SIGTERM and SIGINT send what waits and end the process. For services without a
    /// graceful end of their own.
    pub fn end_on_signals(mut self, end: bool) -> Self {
        self.end_on_signals = end;
        self
    }

    /// What the settings resolve to, and whether a probe span arrives, without starting anything.
    ///
    /// # Errors
    /// When a setting stops the start; see [`Builder::init`].
    pub fn doctor(&self) -> Result<Report, InitError> {
        let config = self.config()?;
        let resource = self.resource(&config);
        Ok(Report::make(&config, &resource, Stats::default()))
    }

    /// Starts telemetry.
    ///
    /// # Errors
    /// When an endpoint is no address, a configuration file is asked for, telemetry was started
    /// before, no thread can be had, or the directory of the spool cannot be used. Other values that
    /// cannot be understood are told in a warning and taken as not set.
    pub fn init(self) -> Result<Guard, InitError> {
        let config = self.config()?;
        let resource = self.resource(&config);
        let formats = propagator::composite(&config.propagators);
        opentelemetry::global::set_text_map_propagator(formats);
        let console_filter = console_filter(&config)?;
        let console = self.console.then(|| {
            tracing_subscriber::fmt::layer()
                .with_writer(std::io::stderr)
                .with_ansi(coloured())
                .with_filter(console_filter)
        });
        if config.disabled {
            Registry::default()
                .with(console)
                .try_init()
                .map_err(|_| InitError::AlreadyStarted)?;
            tell(&config);
            return Ok(Guard::new(None, config, resource));
        }
        let exporter = Arc::new(Exporter::new(&config.traces, &config.logs));
        let sampler = self.effective_sampler(&config);
        let tracers = tracers(&exporter, &config, sampler, &resource);
        let spans = tracing_opentelemetry::layer()
            .with_tracer(tracers.tracer("spanwalk-sdk"))
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(
                SkipUnsampled
                    .and(filter_fn(is_span))
                    .and(export_filter(&config)?),
            );
        // Not an optional layer: those do not learn of their dispatcher.
        let heard = match config.logs.exporter {
            Destination::None => EnvFilter::new("off"),
            _ => export_filter(&config)?,
        };
        let records = LogLayer::new(Arc::clone(&exporter.records)).with_filter(heard);
        Registry::default()
            .with(console)
            .with(spans)
            .with(records)
            .try_init()
            .map_err(|_| InitError::AlreadyStarted)?;
        opentelemetry::global::set_tracer_provider(tracers);
        let told = tracing::dispatcher::get_default(Clone::clone);
        exporter::start(&exporter, &config, &resource, Some(told))?;
        tell(&config);
        let guard = Guard::new(Some(exporter), config, resource);
        guard::hook_panics();
        if self.end_on_signals {
            signals::end_on_signals()?;
        }
        Ok(guard)
    }

    fn config(&self) -> Result<Config, InitError> {
        let mut settings = self.settings.clone();
        if !self.name.is_empty() {
            settings.insert("OTEL_SERVICE_NAME".to_owned(), self.name.clone());
        }
        let mut config = Config::read(&|name| std::env::var(name).ok(), &settings)?;
        if self.sampler.is_some() && config.sampler.is_none() {
            let setting = config
                .settings
                .iter_mut()
                .find(|it| it.variable == "OTEL_TRACES_SAMPLER");
            if let Some(setting) = setting {
                setting.source = Source::Code;
                "the builder's".clone_into(&mut setting.value);
            }
        }
        Ok(config)
    }

    fn resource(&self, config: &Config) -> Resource {
        resource::resource(
            config.service_name.clone(),
            self.service_name(),
            self.version.clone(),
            config.resource_attributes.clone(),
        )
    }

    fn effective_sampler(&self, config: &Config) -> Sampler {
        let chosen = config.sampler.map(Sampler::chosen);
        chosen
            .or_else(|| self.sampler.clone())
            .unwrap_or_else(Sampler::always)
    }

    fn service_name(&self) -> String {
        if !self.name.is_empty() {
            return self.name.clone();
        }
        let executable = std::env::current_exe().ok();
        let name = executable.as_deref().and_then(std::path::Path::file_name);
        name.map_or_else(
            || "unknown_service".to_owned(),
            |it| it.to_string_lossy().into_owned(),
        )
    }
}

/// Spans without a destination still have ids, so that context travels and records have them.
pub(crate) fn tracers(
    exporter: &Arc<Exporter>,
    config: &Config,
    sampler: Sampler,
    resource: &Resource,
) -> SdkTracerProvider {
    let tracers = SdkTracerProvider::builder()
        .with_resource(resource.clone())
        .with_sampler(sampler)
        .with_span_limits(span_limits(&config.limits));
    if config.traces.exporter == Destination::None {
        return tracers.build();
    }
    tracers
        .with_span_processor(Processor(Arc::clone(exporter)))
        .build()
}

fn span_limits(limits: &Limits) -> SpanLimits {
    let of = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    SpanLimits {
        max_attributes_per_span: of(limits.span_attributes),
        max_events_per_span: of(limits.events),
        max_links_per_span: of(limits.links),
        max_attributes_per_event: of(limits.event_attributes),
        max_attributes_per_link: of(limits.link_attributes),
    }
}

/// Tells what was given and is not used, once there is somebody to hear it.
fn tell(config: &Config) {
    for problem in &config.problems {
        tracing::warn!(target: TARGET, "{problem}");
    }
}

/// Colours are for eyes: a file or a pipe gets plain text, and so does who asks for it.
fn coloured() -> bool {
    std::io::stderr().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The last directives win: the SDK's own spans are always there, so that no filter cuts traces.
fn export_filter(config: &Config) -> Result<EnvFilter, InitError> {
    let text = format!("{},{MUTED},spanwalk_sdk=info", config.export_filter);
    filter("SPANWALK_FILTER", &text)
}

fn console_filter(config: &Config) -> Result<EnvFilter, InitError> {
    let own = config.own_level.as_ref();
    let own = own.map(|level| format!(",{TARGET}={level}"));
    let text = format!("{}{}", config.console_filter, own.unwrap_or_default());
    filter("RUST_LOG", &text)
}

fn filter(variable: &'static str, text: &str) -> Result<EnvFilter, InitError> {
    EnvFilter::builder()
        .parse(text)
        .map_err(|_| InitError::Setting {
            variable,
            value: text.to_owned(),
            expected: "directives such as info,orders=debug",
        })
}
