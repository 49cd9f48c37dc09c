//! What a service says of itself: name, version, instance, host, process.

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;

/// The `given` attributes win over what is found, the name of the service over both.
pub(crate) fn resource(
    name: Option<String>,
    otherwise: String,
    version: Option<String>,
    given: Vec<(String, String)>,
) -> Resource {
    let given_name = given.iter().find(|it| it.0 == "service.name");
    let name = name
        .or_else(|| given_name.map(|it| it.1.clone()))
        .unwrap_or(otherwise);
    let mut found = vec![
        KeyValue::new("service.instance.id", instance_id()),
        KeyValue::new("process.pid", i64::from(std::process::id())),
        KeyValue::new("telemetry.sdk.name", "spanwalk"),
        KeyValue::new("telemetry.sdk.language", "rust"),
        KeyValue::new("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
        KeyValue::new("os.type", std::env::consts::OS),
    ];
    found.extend(version.map(|it| KeyValue::new("service.version", it)));
    found.extend(host_name().map(|it| KeyValue::new("host.name", it)));
    found.retain(|it| given.iter().all(|(key, _)| key != it.key.as_str()));
    found.extend(
        given
            .into_iter()
            .map(|(key, value)| KeyValue::new(key, value)),
    );
    Resource::builder_empty()
        .with_attributes(found)
        .with_service_name(name)
        .build()
}

fn host_name() -> Option<String> {
    let text = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    Some(text.trim().to_owned()).filter(|it| !it.is_empty())
}

/// A random UUID (version 4).
fn instance_id() -> String {
    let bits = (rand::random::<u128>() & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    let part = |from, to| hex.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-{}-{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32)
    )
}

#[cfg(test)]
mod tests {
    use opentelemetry::Key;

    use super::*;

    #[test]
    fn what_is_given_wins_over_what_is_found() {
        let given = vec![
            ("service.name".to_owned(), "given".to_owned()),
            ("host.name".to_owned(), "elsewhere".to_owned()),
        ];
        let of = |name: Option<&str>, key: &'static str| {
            let it = resource(
                name.map(str::to_owned),
                "code".to_owned(),
                None,
                given.clone(),
            );
            it.get(&Key::new(key)).map(|it| it.to_string())
        };
        assert_eq!(of(None, "service.name").as_deref(), Some("given"));
        assert_eq!(of(Some("named"), "service.name").as_deref(), Some("named"));
        assert_eq!(of(None, "host.name").as_deref(), Some("elsewhere"));
        assert_eq!(of(None, "telemetry.sdk.language").as_deref(), Some("rust"));
    }
}
