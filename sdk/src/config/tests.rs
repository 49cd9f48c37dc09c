//! What the environment and code resolve to.

use std::collections::BTreeMap;
use std::time::Duration;

use super::*;

fn read_both(environment: &[(&str, &str)], code: &[(&str, &str)]) -> Result<Config, InitError> {
    let of = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        let owned = pairs.iter().map(|it| (it.0.to_owned(), it.1.to_owned()));
        owned.collect()
    };
    let environment = of(environment);
    Config::read(&|name| environment.get(name).cloned(), &of(code))
}

fn read(environment: &[(&str, &str)]) -> Config {
    read_both(environment, &[]).unwrap()
}

fn setting<'a>(config: &'a Config, name: &str) -> (&'a str, Source) {
    let found = config
        .settings
        .iter()
        .find(|it| it.variable == name)
        .unwrap();
    (&found.value, found.source)
}

const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

#[test]
fn endpoints_follow_the_rules_of_each_protocol() {
    let http = (PROTOCOL, "http/protobuf");
    for (environment, traces, logs) in [
        (vec![], "http://localhost:4317", "http://localhost:4317"),
        (
            vec![http],
            "http://localhost:4318/v1/traces",
            "http://localhost:4318/v1/logs",
        ),
        (
            vec![http, (ENDPOINT, "http://a:1/base/")],
            "http://a:1/base/v1/traces",
            "http://a:1/base/v1/logs",
        ),
        (
            vec![http, (ENDPOINT, "http://a:1?k=v")],
            "http://a:1/v1/traces?k=v",
            "http://a:1/v1/logs?k=v",
        ),
        (
            vec![http, (ENDPOINT, "http://a:1"), (TRACES, "http://b:2")],
            "http://b:2/",
            "http://a:1/v1/logs",
        ),
        (
            vec![http, (TRACES, "http://b:2/own")],
            "http://b:2/own",
            "http://localhost:4318/v1/logs",
        ),
        (
            vec![(ENDPOINT, "http://a:1/ignored"), (TRACES, "http://b:2/x")],
            "http://b:2",
            "http://a:1",
        ),
        (
            vec![(ENDPOINT, "a:1"), ("OTEL_EXPORTER_OTLP_INSECURE", "true")],
            "http://a:1",
            "http://a:1",
        ),
        (
            vec![http, ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "grpc")],
            "http://localhost:4318/v1/traces",
            "http://localhost:4317",
        ),
    ] {
        let config = read(&environment);
        assert_eq!(
            (
                config.traces.endpoint.as_str(),
                config.logs.endpoint.as_str()
            ),
            (traces, logs),
            "{environment:?}"
        );
    }
}

#[test]
fn an_endpoint_that_is_none_stops_the_start_and_says_why() {
    for (address, hint) in [
        ("no address", "http://localhost:4317"),
        ("http://", "http://localhost:4317"),
        ("https://a:1", "TLS is not built in"),
        ("a:1", "TLS is not built in"),
        ("ftp://a", "begins with http://"),
    ] {
        let error = read_both(&[(TRACES, address)], &[])
            .unwrap_err()
            .to_string();
        assert!(error.contains(TRACES) && error.contains(hint), "{error}");
    }
    let file = read_both(&[("OTEL_CONFIG_FILE", "otel.yaml")], &[]).unwrap_err();
    assert!(
        file.to_string()
            .contains("OTEL_CONFIG_FILE is \"otel.yaml\"")
    );
}

#[test]
fn the_environment_wins_over_code_and_code_over_the_default() {
    let delay = "OTEL_BSP_SCHEDULE_DELAY";
    let config = read_both(
        &[(delay, "7")],
        &[(delay, "8"), ("OTEL_BLRP_SCHEDULE_DELAY", "9")],
    )
    .unwrap();
    assert_eq!(setting(&config, delay), ("7", Source::Environment));
    assert_eq!(
        setting(&config, "OTEL_BLRP_SCHEDULE_DELAY"),
        ("9", Source::Code)
    );
    assert_eq!(
        setting(&config, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"),
        ("512", Source::Default)
    );
    assert_eq!(config.traces.delay, Duration::from_millis(7));
    assert_eq!(config.logs.delay, Duration::from_millis(9));
    let empty = read_both(&[(delay, " ")], &[(delay, "8")]).unwrap();
    assert_eq!(
        empty.traces.delay,
        Duration::from_millis(8),
        "an empty value is none"
    );
}

#[test]
fn a_signals_own_variable_wins_over_the_one_for_both() {
    let config = read(&[
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "1000"),
        ("OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "2000"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "GZIP"),
        ("OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "none"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=1"),
        (
            "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
            "authorization=Basic%20eA==, b = 2 ",
        ),
        ("OTEL_BLRP_EXPORT_TIMEOUT", "1500"),
    ]);
    assert_eq!(config.traces.timeout, Duration::from_secs(1));
    assert_eq!(config.logs.timeout, Duration::from_millis(1500));
    assert_eq!((config.traces.gzip, config.logs.gzip), (true, false));
    assert_eq!(config.traces.headers["a"], "1");
    assert_eq!(config.logs.headers["authorization"], "Basic eA==");
    assert_eq!(config.logs.headers["b"], "2");
    assert!(!config.logs.headers.contains_key("a"));
    assert_eq!(
        setting(&config, "OTEL_EXPORTER_OTLP_LOGS_HEADERS").0,
        "authorization=***,b=***"
    );
    assert!(
        !format!("{config:?}").contains("eA=="),
        "secrets are shown nowhere"
    );
}

#[test]
fn what_cannot_be_understood_is_told_and_taken_as_not_set() {
    for (name, value) in [
        (PROTOCOL, "http/json"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zip"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "no pair"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "bad name=1"),
        ("OTEL_BSP_SCHEDULE_DELAY", "-1"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "99999999"),
        ("OTEL_TRACES_SAMPLER", "sometimes"),
        ("OTEL_TRACES_EXPORTER", "zipkin"),
        ("OTEL_PROPAGATORS", "tracecontext,smoke,baggage"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=1,b"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=%zz"),
        ("OTEL_SPAN_LINK_COUNT_LIMIT", "many"),
        ("OTEL_SDK_DISABLED", "yes"),
        ("OTEL_LOG_LEVEL", "loud"),
        ("SPANWALK_FILTER", "a=b=c"),
    ] {
        let config = read(&[(name, value)]);
        let [problem] = config.problems.as_slice() else {
            panic!("{name}={value}: {:?}", config.problems);
        };
        assert_eq!(problem.variable, name);
        assert_eq!(setting(&config, name).1, Source::Default, "{name}");
        let mut expected = read(&[]);
        expected.problems.clone_from(&config.problems);
        if name != "OTEL_BSP_MAX_EXPORT_BATCH_SIZE" {
            assert_eq!(
                format!("{config:?}"),
                format!("{expected:?}"),
                "{name}={value}"
            );
        }
    }
}

#[test]
fn samplers_have_a_parent_and_a_ratio() {
    let of = |name: &str, argument: &str| {
        read(&[
            ("OTEL_TRACES_SAMPLER", name),
            ("OTEL_TRACES_SAMPLER_ARG", argument),
        ])
        .sampler
    };
    let choice = |parent_based, ratio| {
        Some(SamplerChoice {
            parent_based,
            ratio,
        })
    };
    assert_eq!(of("always_on", "0.5"), choice(false, 1.0));
    assert_eq!(of("always_off", "0.5"), choice(false, 0.0));
    assert_eq!(of("parentbased_TraceIdRatio", "0.25"), choice(true, 0.25));
    assert_eq!(of("traceidratio", "2"), choice(false, 1.0));
    assert_eq!(read(&[]).sampler, None);
}

#[test]
fn propagators_keep_their_order_and_none_is_none() {
    let of = |value| read(&[("OTEL_PROPAGATORS", value)]).propagators;
    assert_eq!(
        of("b3, tracecontext,b3"),
        [Format::B3, Format::TraceContext]
    );
    assert_eq!(of("none"), []);
    assert_eq!(of("b3multi,jaeger,xray,baggage").len(), 4);
    assert_eq!(
        read(&[]).propagators,
        [Format::TraceContext, Format::Baggage]
    );
}

#[test]
fn limits_fall_back_to_the_general_ones() {
    let config = read(&[
        ("OTEL_ATTRIBUTE_COUNT_LIMIT", "10"),
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "20"),
        ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "0"),
        ("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "5"),
    ]);
    assert_eq!(
        (
            config.limits.span_attributes,
            config.limits.record_attributes
        ),
        (20, 10)
    );
    assert_eq!(
        (
            config.limits.span_value_chars,
            config.limits.record_value_chars
        ),
        (Some(0), Some(5))
    );
    assert_eq!(config.limits.events, 128);
}

#[test]
fn unknown_variables_are_found() {
    let names = [
        "OTEL_SERVICE_NAME",
        "OTEL_SERVICE_NAMES",
        "PATH",
        "SPANWALK_FILTERS",
    ];
    let found = unknown(names.iter().map(|it| (*it).to_owned()));
    assert_eq!(found, ["OTEL_SERVICE_NAMES", "SPANWALK_FILTERS"]);
}

#[test]
fn the_readme_lists_every_variable() {
    let readme = include_str!("../../README.md");
    let table = variables::table();
    assert!(
        readme.contains(&table),
        "the table in the README should be:\n{table}"
    );
}
