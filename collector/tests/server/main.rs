//! A whole collector on real sockets: what belongs here needs listeners, or their start and
//! stop. What a route answers is tested in its room.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail as tests do"
)]

mod access;
mod conformance;
mod intake;
mod life;
mod metrics;
mod secrets;
mod senders;
mod slow;

use spanwalk_api::Status;
use spanwalk_collector::config::{Config, Listen};
use spanwalk_collector::serve::{self, Running};

/// A collector on free ports.
async fn start(directory: &std::path::Path) -> Running {
    serve::start(config(directory)).await.unwrap()
}

fn config(directory: &std::path::Path) -> Config {
    let mut config = Config::new(directory);
    config.otlp_grpc = Listen::loopback(0);
    config.otlp_http = Listen::loopback(0);
    config.zipkin = Listen::loopback(0);
    config.api = Listen::loopback(0);
    config
}

/// The URL of a listener.
fn url(running: &Running, name: &str) -> String {
    let ready = running.ready();
    let listener = ready.listeners.iter().find(|it| it.name == name).unwrap();
    assert_eq!(listener.problem, "");
    format!("http://{}", listener.address)
}

async fn status(running: &Running) -> Status {
    let url = format!("{}/api/v1/status", running.api_url().unwrap());
    reqwest::get(url).await.unwrap().json().await.unwrap()
}
