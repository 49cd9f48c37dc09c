//! The database of one service: a sqlite file, used off the runtime, each statement a span.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Params, Row};
use spanwalk_sdk::db;

use crate::DemoError;

/// How long a statement waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(1);

/// One connection that all requests of the service share.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    connection: Arc<Mutex<Connection>>,
}

/// Why a piece of work with the database failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DatabaseError {
    #[error(transparent)]
    Statement(#[from] rusqlite::Error),
    #[error("the work was cut off: {0}")]
    CutOff(#[from] tokio::task::JoinError),
}

impl Database {
    /// Opens `path` and executes `schema`, which must bear to be executed again.
    pub(crate) fn open(path: PathBuf, schema: &str) -> Result<Self, DemoError> {
        let connection =
            open(&path, schema).map_err(|source| DemoError::Database { path, source })?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    /// Does `work` on a thread that may block, within the current span.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, DatabaseError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, rusqlite::Error> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        let done = spanwalk_sdk::task::spawn_blocking(move || {
            // A transaction that panicked was rolled back when it was dropped.
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut connection)
        });
        Ok(done.await??)
    }
}

fn open(path: &Path, schema: &str) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.execute_batch(schema)?;
    Ok(connection)
}

/// Executes a statement that changes rows, and tells how many.
pub(crate) fn execute(
    connection: &Connection,
    text: &str,
    parameters: impl Params,
) -> Result<usize, rusqlite::Error> {
    let span = db::query_span("sqlite", text);
    let done = span.in_scope(|| connection.prepare_cached(text)?.execute(parameters));
    if let Err(error) = &done {
        db::failed(&span, error);
    }
    done
}

/// Executes a statement that gives rows.
pub(crate) fn rows<T>(
    connection: &Connection,
    text: &str,
    parameters: impl Params,
    read: impl FnMut(&Row<'_>) -> Result<T, rusqlite::Error>,
) -> Result<Vec<T>, rusqlite::Error> {
    let span = db::query_span("sqlite", text);
    let found = span.in_scope(|| {
        let mut statement = connection.prepare_cached(text)?;
        statement.query_map(parameters, read)?.collect()
    });
    match &found {
        Ok(rows) => db::returned(&span, Vec::len(rows)),
        Err(error) => db::failed(&span, error),
    }
    found
}

/// Executes a statement that gives a row or none.
pub(crate) fn row<T>(
    connection: &Connection,
    text: &str,
    parameters: impl Params,
    read: impl FnMut(&Row<'_>) -> Result<T, rusqlite::Error>,
) -> Result<Option<T>, rusqlite::Error> {
    Ok(rows(connection, text, parameters, read)?.into_iter().next())
}
