//! Attribute names that the semantic conventions changed
//! (OpenTelemetry semantic conventions: the HTTP, database, RPC, messaging, network, code and
//! deployment migration guides; state of 1.42).

/// Old name and new name. Several old names may have become one.
const RENAMES: &[(&str, &str)] = &[
    ("http.method", "http.request.method"),
    ("http.status_code", "http.response.status_code"),
    ("http.url", "url.full"),
    ("http.target", "url.path"),
    ("http.scheme", "url.scheme"),
    ("http.host", "server.address"),
    ("http.server_name", "server.address"),
    ("http.client_ip", "client.address"),
    ("http.user_agent", "user_agent.original"),
    ("http.flavor", "network.protocol.version"),
    ("http.resend_count", "http.request.resend_count"),
    ("http.request_content_length", "http.request.body.size"),
    ("http.response_content_length", "http.response.body.size"),
    ("net.peer.name", "server.address"),
    ("net.peer.port", "server.port"),
    ("net.peer.ip", "network.peer.address"),
    ("net.host.name", "server.address"),
    ("net.host.port", "server.port"),
    ("net.host.ip", "network.local.address"),
    ("net.sock.peer.addr", "network.peer.address"),
    ("net.sock.peer.port", "network.peer.port"),
    ("net.sock.host.addr", "network.local.address"),
    ("net.sock.host.port", "network.local.port"),
    ("net.transport", "network.transport"),
    ("net.protocol.name", "network.protocol.name"),
    ("net.protocol.version", "network.protocol.version"),
    ("db.statement", "db.query.text"),
    ("db.system", "db.system.name"),
    ("db.name", "db.namespace"),
    ("db.operation", "db.operation.name"),
    ("db.sql.table", "db.collection.name"),
    ("db.mongodb.collection", "db.collection.name"),
    ("db.cassandra.table", "db.collection.name"),
    ("db.redis.database_index", "db.namespace"),
    ("rpc.system", "rpc.system.name"),
    ("rpc.grpc.status_code", "rpc.response.status_code"),
    ("rpc.jsonrpc.error_code", "rpc.response.status_code"),
    ("messaging.destination", "messaging.destination.name"),
    ("messaging.operation", "messaging.operation.type"),
    ("messaging.message_id", "messaging.message.id"),
    (
        "messaging.conversation_id",
        "messaging.message.conversation_id",
    ),
    (
        "messaging.message_payload_size_bytes",
        "messaging.message.body.size",
    ),
    (
        "messaging.kafka.partition",
        "messaging.destination.partition.id",
    ),
    (
        "messaging.kafka.destination.partition",
        "messaging.destination.partition.id",
    ),
    (
        "messaging.kafka.consumer_group",
        "messaging.consumer.group.name",
    ),
    (
        "messaging.kafka.consumer.group",
        "messaging.consumer.group.name",
    ),
    ("messaging.kafka.message.offset", "messaging.kafka.offset"),
    (
        "messaging.rabbitmq.routing_key",
        "messaging.rabbitmq.destination.routing_key",
    ),
    ("messaging.client_id", "messaging.client.id"),
    ("code.function", "code.function.name"),
    ("code.filepath", "code.file.path"),
    ("code.lineno", "code.line.number"),
    ("code.column", "code.column.number"),
    ("deployment.environment", "deployment.environment.name"),
    ("faas.id", "cloud.resource_id"),
    ("otel.library.name", "otel.scope.name"),
    ("otel.library.version", "otel.scope.version"),
    ("db.elasticsearch.cluster.name", "db.namespace"),
    ("db.cosmosdb.container", "db.collection.name"),
    (
        "messaging.eventhubs.consumer.group",
        "messaging.consumer.group.name",
    ),
    ("rpc.connect_rpc.error_code", "rpc.response.status_code"),
    ("peer.service", "service.peer.name"),
    ("feature_flag.variant", "feature_flag.result.variant"),
];

/// Old names whose meaning depended on the side of a call. The old name finds these new ones
/// too; these do not find the old one, which mostly meant something else.
const ALSO: &[(&str, &str)] = &[
    ("net.peer.name", "client.address"),
    ("net.peer.port", "client.port"),
    ("http.host", "http.request.header.host"),
];

/// The names that stand for the old one today; empty where the name is not an old one.
pub(crate) fn new_names(old: &str) -> impl Iterator<Item = &'static str> {
    RENAMES
        .iter()
        .chain(ALSO)
        .filter(move |(from, _)| *from == old)
        .map(|(_, to)| *to)
}

/// The names that data may carry in place of this one: newer ones and older ones.
pub(crate) fn other_names(name: &str) -> impl Iterator<Item = &'static str> {
    new_names(name).chain(
        RENAMES
            .iter()
            .filter(move |(_, to)| *to == name)
            .map(|(from, _)| *from),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_new_names_find_each_other() {
        assert!(other_names("http.status_code").eq(["http.response.status_code"]));
        assert!(other_names("http.response.status_code").eq(["http.status_code"]));
        assert!(new_names("http.response.status_code").next().is_none());
        assert!(other_names("server.port").eq(["net.peer.port", "net.host.port"]));
        assert!(other_names("net.peer.port").eq(["server.port", "client.port"]));
        assert!(other_names("client.port").next().is_none());
    }

    #[test]
    fn no_row_stands_twice_or_names_one_thing_twice() {
        for (index, row) in RENAMES.iter().enumerate() {
            assert!(!RENAMES[..index].contains(row), "{row:?}");
            assert_ne!(row.0, row.1);
        }
    }
}
