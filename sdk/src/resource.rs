//! What a service says of itself: name, version, instance, host, process.

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::EnvResourceDetector;

/// `OTEL_RESOURCE_ATTRIBUTES` wins over what is found, the name of the service over both.
pub(crate) fn resource(name: String, version: Option<String>) -> Resource {
    let mut found = vec![
        KeyValue::new("service.instance.id", instance_id()),
        KeyValue::new("process.pid", i64::from(std::process::id())),
        KeyValue::new("telemetry.sdk.name", "spanwalk"),
        KeyValue::new("telemetry.sdk.language", "rust"),
        KeyValue::new("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
    ];
    found.extend(version.map(|it| KeyValue::new("service.version", it)));
    found.extend(host_name().map(|it| KeyValue::new("host.name", it)));
    let environment = Resource::builder_empty()
        .with_detector(Box::new(EnvResourceDetector::new()))
        .build();
    found.retain(|it| environment.get_ref(&it.key).is_none());
    Resource::builder_empty()
        .with_attributes(found)
        .with_attributes(
            environment
                .iter()
                .map(|(key, value)| KeyValue::new(key.clone(), value.clone())),
        )
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
