//! What can go wrong in the store.

/// Why the store could not read or write.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A record was asked for that this snapshot does not hold.
    #[error("the snapshot has no log record {row} in piece {piece}")]
    NoSuchLog {
        /// The piece asked for.
        piece: u32,
        /// The row asked for.
        row: u32,
    },
}
