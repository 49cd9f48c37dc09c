//! Semantic-convention keys that the code names
//! (OpenTelemetry semantic conventions, schema 1.42).

/// The logical name of a service.
pub const SERVICE_NAME: &str = "service.name";
/// The version of a service.
pub const SERVICE_VERSION: &str = "service.version";
/// One running instance of a service.
pub const SERVICE_INSTANCE_ID: &str = "service.instance.id";
/// The name of a span event that records an exception.
pub const EXCEPTION_EVENT: &str = "exception";
/// The message of an exception.
pub const EXCEPTION_MESSAGE: &str = "exception.message";
/// The type of an exception.
pub const EXCEPTION_TYPE: &str = "exception.type";
/// The stack trace of an exception.
pub const EXCEPTION_STACKTRACE: &str = "exception.stacktrace";
/// The source file that recorded the item.
pub const CODE_FILE_PATH: &str = "code.file.path";
/// The line in that file.
pub const CODE_LINE_NUMBER: &str = "code.line.number";
