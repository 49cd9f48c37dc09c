//! Builds the rooms in the order data takes, binds, runs, and stops them in that order.

use std::path::Path;

use spanwalk_api::Ready;

use crate::config::Config;
use crate::store::{OpenError, StoreError};

/// Why a collector could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// No listener could be bound.
    #[error("no listener could be bound: {}", problems.join("; "))]
    NoListener {
        /// What stood in the way of each.
        problems: Vec<String>,
    },
}

/// A collector that runs.
#[derive(Debug)]
pub struct Running {
    ready: Ready,
}

/// Opens the data directory and starts every listener that is not off.
///
/// A listener whose address is taken does not stop the others; [`Running::ready`] tells why it
/// is not bound.
///
/// # Errors
/// [`StartError`].
pub async fn start(_config: Config) -> Result<Running, StartError> {
    Ok(Running {
        ready: Ready::default(),
    })
}

/// The collector that uses this data directory now, where one does.
pub fn find_running(_data_dir: &Path) -> Option<Ready> {
    None
}

impl Running {
    /// The bound addresses.
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// The URL of the query API, such as `http://127.0.0.1:4320`; `None` where it is off or
    /// could not be bound.
    pub fn api_url(&self) -> Option<String> {
        None
    }

    /// Takes nothing more, answers what it has taken, flushes, and gives the directory back.
    ///
    /// # Errors
    /// [`StoreError`] where the last flush failed; the wal then keeps its data.
    pub async fn stop(self) -> Result<(), StoreError> {
        Ok(())
    }
}
