//! Starts telemetry: settings in, a guard out.

use std::io::IsTerminal;
use std::sync::Arc;

use opentelemetry::logs::LoggerProvider;
use opentelemetry::propagation::TextMapCompositePropagator;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Metadata;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::config::Config;
use crate::exporter::processor::Processor;
use crate::exporter::queue::Queue;
use crate::layer::LogLayer;
use crate::{Guard, InitError, exporter, guard, resource, signals};

/// Items of each signal that wait at most; about 1 s of a very busy service.
const QUEUE_COUNT: usize = 65_536;
/// Items of one request at most.
const BATCH_COUNT: usize = 512;
/// What the transport of telemetry says of itself is never exported.
const MUTED: &str = "hyper=off,hyper_util=off,h2=off,tonic=off,tower=off,reqwest=off,opentelemetry=off,opentelemetry_sdk=off";

/// How telemetry shall be; the environment wins over it.
#[derive(Debug, Clone)]
pub struct Builder {
    name: String,
    version: Option<String>,
    console: bool,
    queue_count: usize,
    end_on_signals: bool,
}

/// Starts to describe telemetry of the service `name`.
pub fn builder(name: impl Into<String>) -> Builder {
    Builder {
        name: name.into(),
        version: None,
        console: true,
        queue_count: QUEUE_COUNT,
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

    /// How many items of each signal wait at most; what is over is dropped and counted.
    pub fn queue_count(mut self, count: usize) -> Self {
        self.queue_count = count.max(1);
        self
    }

    /// Whether SIGTERM and SIGINT send what waits and end the process. For services without a
    /// graceful end of their own.
    pub fn end_on_signals(mut self, end: bool) -> Self {
        self.end_on_signals = end;
        self
    }

    /// Starts telemetry.
    ///
    /// # Errors
    /// When a variable cannot be understood, telemetry was started before, or no thread can be had.
    pub fn init(self) -> Result<Guard, InitError> {
        let config = Config::read(|name| std::env::var(name).ok())?;
        let console_filter = filter("RUST_LOG", &config.console_filter)?;
        let console = self.console.then(|| {
            tracing_subscriber::fmt::layer()
                .with_writer(std::io::stderr)
                .with_ansi(coloured())
                .with_filter(console_filter)
        });
        opentelemetry::global::set_text_map_propagator(TextMapCompositePropagator::new(vec![
            Box::new(TraceContextPropagator::new()),
            Box::new(BaggagePropagator::new()),
        ]));
        if config.disabled {
            Registry::default()
                .with(console)
                .try_init()
                .map_err(|_| InitError::AlreadyStarted)?;
            return Ok(Guard::disabled());
        }
        // The last directives win: the SDK's own spans are always there, so that no filter cuts traces.
        let export = format!("{},{MUTED},spanwalk_sdk=info", config.export_filter);
        let name = config
            .service_name
            .clone()
            .unwrap_or_else(|| self.service_name());
        let resource = resource::resource(name, self.version);
        let queue = Arc::new(Queue::new(
            self.queue_count,
            BATCH_COUNT.min(self.queue_count),
        ));
        let tracers = SdkTracerProvider::builder()
            .with_resource(resource.clone())
            .with_span_processor(Processor(Arc::clone(&queue)))
            .build();
        let loggers = SdkLoggerProvider::builder()
            .with_resource(resource.clone())
            .with_log_processor(Processor(Arc::clone(&queue)))
            .build();
        let spans = tracing_opentelemetry::layer()
            .with_tracer(tracers.tracer("spanwalk-sdk"))
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(is_span).and(filter("SPANWALK_FILTER", &export)?));
        let records = LogLayer::new(loggers.logger("spanwalk-sdk"))
            .with_filter(filter("SPANWALK_FILTER", &export)?);
        Registry::default()
            .with(console)
            .with(spans)
            .with(records)
            .try_init()
            .map_err(|_| InitError::AlreadyStarted)?;
        opentelemetry::global::set_tracer_provider(tracers);
        exporter::start(
            Arc::clone(&queue),
            config.protocol,
            config.endpoint,
            &resource,
        )?;
        let guard = Guard::new(queue);
        guard::hook_panics();
        if self.end_on_signals {
            signals::end_on_signals()?;
        }
        Ok(guard)
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

// A method path would do, were it general enough in its lifetimes.
fn is_span(metadata: &Metadata<'_>) -> bool {
    metadata.is_span()
}

/// Colours are for eyes: a file or a pipe gets plain text, and so does who asks for it.
fn coloured() -> bool {
    std::io::stderr().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
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
