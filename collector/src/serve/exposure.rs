//! Nothing listens where others can reach it unless that was said on purpose.

use std::net::SocketAddr;

use crate::config::{Config, Listen};

/// What is said of every listener that others could reach; empty where all is well.
pub(super) fn problems(config: &Config, listeners: &[(&'static str, &str, Listen)]) -> Vec<String> {
    if config.is_insecure {
        return Vec::new();
    }
    listeners
        .iter()
        .filter_map(|(name, flag, listen)| match listen {
            Listen::At(address) if !address.ip().is_loopback() => {
                Some(problem(name, flag, *address))
            }
            Listen::At(_) | Listen::Off => None,
        })
        .collect()
}

fn problem(name: &str, flag: &str, address: SocketAddr) -> String {
    format!(
        "{name} would listen on {address}, where other machines can reach it, and what goes there is not encrypted; \
         listen on this machine alone with {flag} 127.0.0.1:{port}, or say --insecure where the network is trusted, \
         best with --tokens FILE so that only who has a token comes in",
        port = address.port()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_this_machine_alone_are_open_and_others_are_a_choice() {
        let mut config = Config::new("unused");
        let listen = |text: &str| text.parse::<Listen>().unwrap();
        let of = |config: &Config, text: &str| {
            problems(config, &[("otlp_grpc", "--otlp-grpc", listen(text))])
        };
        for text in ["127.0.0.1:4317", "127.1.2.3:1", "[::1]:4317", "off"] {
            assert!(of(&config, text).is_empty(), "{text}");
        }
        for text in [
            "0.0.0.0:4317",
            "[::]:4317",
            "192.168.1.2:4317",
            "[::ffff:127.0.0.1]:1",
        ] {
            let told = of(&config, text);
            assert!(told[0].contains("--insecure"), "{told:?}");
            assert!(told[0].contains("--otlp-grpc 127.0.0.1:"), "{told:?}");
        }
        config.is_insecure = true;
        assert!(of(&config, "0.0.0.0:4317").is_empty());
    }
}
