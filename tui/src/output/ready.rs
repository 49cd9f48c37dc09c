//! What a collector says when it listens.

use spanwalk_api::Ready;

use super::status::listener_name;
use super::{Line, Look};

/// Columns of the names at the left.
const NAME_COLUMNS: usize = 13;

/// The bound addresses, and how services send to them.
pub fn lines(ready: &Ready, look: &Look) -> Vec<Line> {
    let theme = look.theme;
    let head = format!("spanwalk {} is ready", env!("CARGO_PKG_VERSION"));
    let mut lines = vec![Line::new().text(&head, theme.strong())];
    let bound = ready.listeners.iter().filter(|one| one.problem.is_empty());
    for listener in bound.clone() {
        let address = match listener.address.as_str() {
            "" => "off".to_owned(),
            address => format!("http://{address}"),
        };
        lines.push(pair(listener_name(&listener.name), &address, look));
    }
    lines.push(pair("data", &ready.data_dir, look));
    lines.push(Line::new());
    lines.extend(how_to_send(ready, look));
    lines
}

/// What services must be told so that their spans arrive here.
pub fn how_to_send(ready: &Ready, look: &Look) -> Vec<Line> {
    let address = |name: &str| {
        ready
            .listeners
            .iter()
            .find(|one| one.name == name && one.problem.is_empty() && !one.address.is_empty())
            .map(|one| reachable(&one.address))
    };
    let is_default = |address: &str, port: &str| {
        address
            .rsplit_once(':')
            .is_some_and(|(_, found)| found == port)
    };
    let (grpc, http) = (address("otlp_grpc"), address("otlp_http"));
    let variable = |protocol: &str, address: &str| {
        Line::new().plain("  ").text(
            &format!(
                "OTEL_EXPORTER_OTLP_ENDPOINT=http://{address} OTEL_EXPORTER_OTLP_PROTOCOL={protocol}"
            ),
            look.theme.strong(),
        )
    };
    let is_usual = grpc.as_deref().is_none_or(|at| is_default(at, "4317"))
        && http.as_deref().is_none_or(|at| is_default(at, "4318"));
    let mut lines = Vec::new();
    match (&grpc, &http) {
        (None, None) => {
            return vec![Line::of(
                "nothing is received: both OTLP listeners are closed",
            )];
        }
        _ if is_usual => lines.push(Line::of(
            "services here that export OTLP to its default endpoint appear by themselves; \
             elsewhere, or to be sure, set one of",
        )),
        _ => lines.push(Line::of("services send here with one of")),
    }
    lines.extend(grpc.map(|address| variable("grpc", &address)));
    lines.extend(http.map(|address| variable("http/protobuf", &address)));
    lines
}

/// The address as it is written to connect to: an address that stands for all becomes the
/// loopback one.
fn reachable(address: &str) -> String {
    match address.parse::<std::net::SocketAddr>() {
        Ok(parsed) => crate::local::reachable(parsed).to_string(),
        Err(_) => address.to_owned(),
    }
}

fn pair(name: &str, value: &str, look: &Look) -> Line {
    let mut line = Line::new().text(&format!("  {name}"), look.theme.dim());
    line.fill_to(NAME_COLUMNS.max(line.width() + 2));
    line.plain(value)
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use spanwalk_api::ListenerStatus;

    fn ready(grpc: &str, http: &str, problem: &str) -> Ready {
        let listener = |name: &str, address: &str, problem: &str| ListenerStatus {
            name: name.to_owned(),
            address: address.to_owned(),
            problem: problem.to_owned(),
        };
        Ready {
            listeners: vec![
                listener("otlp_grpc", grpc, ""),
                listener("otlp_http", http, problem),
                listener("api", "127.0.0.1:4320", ""),
            ],
            data_dir: "/data".to_owned(),
            pid: 1,
        }
    }

    #[test]
    fn addresses_and_how_to_send_to_them_are_told() {
        let ready = ready("0.0.0.0:4317", "127.0.0.1:4318", "");
        let text = fixture::plain(lines(&ready, &fixture::look(None)));
        insta::assert_snapshot!(text, @r"
        spanwalk 0.1.0 is ready
          OTLP/gRPC  http://0.0.0.0:4317
          OTLP/HTTP  http://127.0.0.1:4318
          query API  http://127.0.0.1:4320
          data       /data

        services here that export OTLP to its default endpoint appear by themselves; elsewhere, or to be sure, set one of
          OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317 OTEL_EXPORTER_OTLP_PROTOCOL=grpc
          OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
        ");
    }

    #[test]
    fn ports_that_are_not_the_usual_ones_are_told_as_what_to_set() {
        let ready = ready("127.0.0.1:9", "", "127.0.0.1:4318 is in use");
        let text = fixture::plain(lines(&ready, &fixture::look(None)));
        insta::assert_snapshot!(text, @r"
        spanwalk 0.1.0 is ready
          OTLP/gRPC  http://127.0.0.1:9
          query API  http://127.0.0.1:4320
          data       /data

        services send here with one of
          OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9 OTEL_EXPORTER_OTLP_PROTOCOL=grpc
        ");
    }
}
