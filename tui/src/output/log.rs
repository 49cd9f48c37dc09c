//! What the collector writes about itself: to standard error under `serve`, else to a file or
//! nowhere, never onto a screen that is drawn.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{DefaultFields, Format};
use tracing_subscriber::fmt::{MakeWriter, SubscriberBuilder};

/// Writes to standard error.
pub fn to_stderr(filter: EnvFilter, is_coloured: bool) {
    start(builder(filter, is_coloured).with_writer(io::stderr));
}

/// Writes to the end of a file.
///
/// # Errors
/// Where the file cannot be opened.
pub fn to_file(filter: EnvFilter, path: &Path) -> io::Result<()> {
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)?;
    start(builder(filter, false).with_writer(Mutex::new(file)));
    Ok(())
}

fn builder(
    filter: EnvFilter,
    is_coloured: bool,
) -> SubscriberBuilder<DefaultFields, Format, EnvFilter> {
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(is_coloured)
}

fn start<W>(builder: SubscriberBuilder<DefaultFields, Format, EnvFilter, W>)
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    // One that is there already, as in tests, stays.
    let _ = tracing::subscriber::set_global_default(builder.finish());
}
