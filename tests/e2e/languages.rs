//! Services in Python and Node with their official OpenTelemetry SDKs, told nothing but where to
//! send: two processes, one trace, logs in it.
//!
//! The services stand in `tests/languages`; `.ci/run` installs what they need below
//! `target/languages`. Without it the tests say that they were skipped, or fail where
//! `SPANWALK_SKIP=never` forbids that.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use spanwalk_harness::{
    Collector, DataDir, Http, Listener, eventually, is_skipping_forbidden, skipped, terminate,
};

/// A language: what is installed of it, and how a service of it is run.
struct Language {
    name: &'static str,
    /// What its SDK calls it.
    named_by_sdk: &'static str,
    /// What stands there when everything is installed.
    installed: &'static str,
    command: fn(&Path, &str) -> Command,
}

const PYTHON: Language = Language {
    name: "python",
    named_by_sdk: "python",
    installed: "python/bin/opentelemetry-instrument",
    command: |installed, file| {
        let bin = installed.join("python/bin");
        let mut command = Command::new(bin.join("opentelemetry-instrument"));
        command.arg(bin.join("python")).arg(format!("{file}.py"));
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command
    },
};

const NODE: Language = Language {
    name: "node",
    named_by_sdk: "nodejs",
    installed: "node/node_modules/@opentelemetry/sdk-node",
    command: |installed, file| {
        let mut command = Command::new("node");
        command
            .args(["--require", "./telemetry.js"])
            .arg(format!("{file}.js"));
        command.env("NODE_PATH", installed.join("node/node_modules"));
        command
    },
};

/// A service that runs; ended with this value.
struct Service {
    child: Child,
    port: u16,
    /// Where its standard error goes; told where the test fails.
    log: PathBuf,
}

impl Service {
    #[track_caller]
    fn start(language: &Language, file: &str, data: &DataDir, variables: &[(&str, &str)]) -> Self {
        let log = data.beside(&format!("{file}.log"));
        let mut command = (language.command)(&installed(), file);
        command
            .current_dir(top().join("tests/languages").join(language.name))
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut port = String::new();
        lines.read_line(&mut port).unwrap();
        thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        let mut service = Self {
            child,
            port: 0,
            log,
        };
        let port = port.trim().parse();
        service.port = port.unwrap_or_else(|_| panic!("{file} of {} did not start", language.name));
        service
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends it as a service manager does, so that it sends what it still has.
    fn stop(mut self) {
        terminate(self.child.id());
        eventually("the end of a service", || self.child.try_wait().unwrap());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            let said = std::fs::read_to_string(&self.log).unwrap_or_default();
            eprintln!("{} says:\n{said}", self.log.display());
        }
    }
}

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn installed() -> PathBuf {
    top().join("target/languages")
}

/// Whether the language is there; says so where it is not.
fn is_there(language: &Language, test: &str) -> bool {
    let is_there = installed().join(language.installed).try_exists().unwrap();
    if !is_there {
        let reason = format!(
            "target/languages holds nothing for {}; `.ci/run` installs it",
            language.name
        );
        assert!(!is_skipping_forbidden(), "{test}: {reason}");
        skipped(test, &reason);
    }
    is_there
}

/// Two services, a request that goes well and one that fails, both found whole.
fn two_services(language: &Language, protocol: &str, test: &str) {
    if !is_there(language, test) {
        return;
    }
    let data = DataDir::new();
    let collector = Collector::start(&data.path());
    let listener = match protocol {
        "grpc" => Listener::OtlpGrpc,
        _ => Listener::OtlpHttp,
    };
    let endpoint = collector.url(listener);
    let variables = |service| {
        [
            ("OTEL_SERVICE_NAME", service),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ]
    };
    let backend = Service::start(language, "backend", &data, &variables("payments"));
    let backend_url = backend.url();
    let mut of_frontend = variables("shop").to_vec();
    of_frontend.push(("BACKEND_URL", &backend_url));
    let frontend = Service::start(language, "frontend", &data, &of_frontend);
    let browser = Http::new(frontend.url());
    let good = browser.get("/checkout/good-17").unwrap();
    let bad = browser.get("/checkout/bad-23").unwrap();
    assert_eq!((good.status, bad.status), (200, 502));
    frontend.stop();
    backend.stop();
    hold(&collector, language.named_by_sdk);
    collector.stop();
}

#[track_caller]
fn hold(collector: &Collector, language: &str) {
    let api = collector.api();
    assert_eq!(api.search_all("").len(), 2, "two requests, two traces");
    let failed = api.search("\"card declined\"");
    let [trace] = failed.traces.as_slice() else {
        panic!("one trace has the failure: {:?}", failed.traces);
    };
    let services: Vec<_> = trace.services.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(services, ["shop", "payments"], "the context went over HTTP");
    assert_eq!(trace.span_count, 3, "server, client, server");
    assert!(trace.has_root && trace.root_service == "shop");
    assert!(trace.error_span_count >= 1 && trace.error_log_count >= 1);

    let logs = api.logs(&format!("trace:{}", trace.trace_id));
    let written = |service: &str, body: &str, level: &str| {
        let log = logs
            .iter()
            .find(|log| log.body == body)
            .unwrap_or_else(|| panic!("`{body}` is not in {logs:#?}"));
        assert_eq!((log.service.as_str(), log.level.as_str()), (service, level));
        assert!(log.span_id.is_some(), "it names its span: {log:?}");
    };
    written("shop", "checkout of order bad-23 begins", "info");
    written("payments", "charging order bad-23", "info");
    written("payments", "card declined for order bad-23", "error");
    written("shop", "order bad-23 was not paid", "warn");

    let walk = api.walk(&trace.trace_id);
    let at = |text: &str| {
        walk.events
            .iter()
            .position(|event| event.text == text)
            .unwrap()
    };
    let order = [
        at("checkout of order bad-23 begins"),
        at("charging order bad-23"),
        at("card declined for order bad-23"),
        at("order bad-23 was not paid"),
    ];
    assert!(
        order.is_sorted(),
        "causes before effects: {:#?}",
        walk.events
    );
    let origin = usize::try_from(walk.error_origin.expect("an origin")).unwrap();
    // Node's clocks count whole milliseconds, so that which failure came first can be unknown.
    if language != NODE.named_by_sdk {
        assert_eq!(walk.events[origin].service, "payments");
    }

    // Each says itself which SDK made it.
    let of_language = api.search_all(&format!("resource.telemetry.sdk.language:{language}"));
    assert_eq!(of_language.len(), 2);
    // The SDKs send metrics as well, which are not kept; nothing else is rejected.
    let mut rejected = api.status().rejected;
    rejected.remove("not_kept");
    assert!(rejected.is_empty(), "{rejected:?}");
}

#[test]
fn python_over_grpc() {
    two_services(&PYTHON, "grpc", "python_over_grpc");
}

#[test]
fn python_over_http_protobuf() {
    two_services(&PYTHON, "http/protobuf", "python_over_http_protobuf");
}

#[test]
fn node_over_grpc() {
    two_services(&NODE, "grpc", "node_over_grpc");
}

#[test]
fn node_over_http_protobuf() {
    two_services(&NODE, "http/protobuf", "node_over_http_protobuf");
}

#[test]
fn node_over_http_json() {
    two_services(&NODE, "http/json", "node_over_http_json");
}
