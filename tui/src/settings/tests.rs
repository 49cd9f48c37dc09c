//! Which place wins, and what is said of what is wrong.

use std::path::Path;

use super::*;

const FILE: &str = "/etc/spanwalk.toml";

fn check(
    flags: &[(Setting, &str)],
    environment: &Environment,
    file: &str,
) -> Result<Settings, Vec<String>> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    std::fs::write(&path, file).unwrap();
    let flags: Vec<_> = flags
        .iter()
        .map(|(setting, value)| (*setting, OsString::from(value)))
        .collect();
    Settings::check(&flags, Some(&path), environment).map_err(|errors| {
        let shown = path.display().to_string();
        errors
            .iter()
            .map(|error| error.to_string().replace(&shown, FILE))
            .collect()
    })
}

#[test]
fn everything_has_a_default() {
    let settings = check(&[], &Environment::default(), "").unwrap();
    assert_eq!(settings.otlp_grpc.to_string(), "127.0.0.1:4317");
    assert_eq!(settings.otlp_http.to_string(), "127.0.0.1:4318");
    assert_eq!(settings.api.to_string(), "127.0.0.1:4320");
    assert_eq!(settings.request_bytes_max, 64 << 20);
    assert_eq!(settings.in_flight_bytes_max, 256 << 20);
    assert_eq!(settings.query_timeout, Duration::from_secs(30));
    assert_eq!(settings.color, ColorWish::Auto);
    assert!(!settings.ascii && !settings.quiet);
    assert!(settings.collector.is_none() && settings.data_dir.is_none());
}

#[test]
fn flags_win_over_variables_and_these_over_the_file() {
    let file = "api = 'off'\notlp_grpc = 'off'\notlp_http = 'off'\nascii = true\n";
    let environment = Environment::default()
        .with("SPANWALK_OTLP_GRPC", "127.0.0.1:1")
        .with("SPANWALK_API", "127.0.0.1:1");
    let settings = check(&[(env::API, "127.0.0.1:2")], &environment, file).unwrap();
    assert_eq!(settings.api.to_string(), "127.0.0.1:2");
    assert_eq!(settings.otlp_grpc.to_string(), "127.0.0.1:1");
    assert_eq!(settings.otlp_http.to_string(), "off");
    assert!(settings.ascii);
}

#[test]
fn everything_that_is_wrong_is_told_together() {
    let file = "otlp_grcp = 'off'\ncolour = 1\nquery_timeout = [1]\n\nrequest_bytes_max = '3 potatoes'\nlog = '=='\n";
    let environment = Environment::default()
        .with("SPANWALK_COLLECTOR", "ftp://x")
        .with("SPANWALK_ASCII", "perhaps");
    let errors = check(&[(env::API, "4320")], &environment, file).unwrap_err();
    insta::assert_snapshot!(errors.join("\n"), @r"
    /etc/spanwalk.toml:1: there is no setting `otlp_grcp`; did you mean `otlp_grpc`?
    /etc/spanwalk.toml:2: there is no setting `colour`; did you mean `color`?
    /etc/spanwalk.toml:3: query_timeout: the value is no text, number or switch
    SPANWALK_COLLECTOR: `ftp://x` is not the URL of a collector; write it as http://HOST:PORT
    --api: `4320` is no address to listen at; write IP:PORT such as 127.0.0.1:4317, with port 0 for a free one, or `off`
    /etc/spanwalk.toml:5: request_bytes_max: `3 potatoes` is no size; write a number with a unit, such as 64MiB
    SPANWALK_ASCII: `perhaps` is neither true nor false
    /etc/spanwalk.toml:6: log: `==` is no filter (invalid filter directive); write levels and targets, such as warn,tantivy=info
    ");
}

#[test]
fn what_is_no_toml_is_placed() {
    let errors = check(&[], &Environment::default(), "api = 'off'\nascii = \n").unwrap_err();
    assert_eq!(errors.len(), 1);
    assert!(
        errors[0].starts_with("/etc/spanwalk.toml:2: "),
        "{errors:?}"
    );
}

#[test]
fn a_file_that_was_named_must_be_there_and_the_usual_one_need_not() {
    let nowhere = Path::new("/nonexistent/config.toml");
    let errors = Settings::check(&[], Some(nowhere), &Environment::default()).unwrap_err();
    assert!(
        errors[0]
            .to_string()
            .starts_with("--config: cannot read /nonexistent/config.toml: "),
        "{errors:?}"
    );
    let mut environment = Environment::default();
    environment.config_home = Some("/nonexistent".into());
    assert!(Settings::check(&[], None, &environment).is_ok());
}

#[test]
fn a_path_in_the_file_is_relative_to_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    std::fs::write(&path, "data_dir = 'data'\n").unwrap();
    let settings = Settings::check(&[], Some(&path), &Environment::default()).unwrap();
    assert_eq!(settings.data_dir.unwrap().value, dir.path().join("data"));
}

#[test]
fn a_data_directory_that_is_named_nearer_overrules_a_collector() {
    let url = "http://collector:4320";
    let environment = Environment::default().with("SPANWALK_COLLECTOR", url);
    let settings = check(&[], &environment, "data_dir = 'x'").unwrap();
    assert_eq!(settings.named_collector(), Some(url));
    let settings = check(&[(env::DATA_DIR, "x")], &environment, "").unwrap();
    assert_eq!(settings.named_collector(), None);
    let both = [(env::DATA_DIR, "x"), (env::COLLECTOR, url)];
    let settings = check(&both, &Environment::default(), "").unwrap();
    assert_eq!(settings.named_collector(), Some(url));
}
