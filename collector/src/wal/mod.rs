//! The write-ahead log: acknowledged means here.
//!
//! Requests are kept as they came, in the order they came, until the store has written them
//! into its own files. One thread writes and syncs for all who wait ([`GroupCommit`]); a start
//! after any end of the process reads everything back ([`Wal::replay`]).
//!
//! ```text
//!  wal/00000000000000000001.wal            the name is the first position in the file
//!      ┌────────┬───────┬───────┬───────┬──
//!      │ header │ frame │ frame │ frame │ ...
//!      └────────┴───────┴───────┴───────┴──
//!  wal/00000000000000004711.wal            new segments begin at 16 MiB
//!  wal/quarantine/                         what could not be read, kept for people
//! ```
//!
//! - `format`: magic, version, limits. `docs/formats.md` draws the bytes.
//! - `entry`: what is kept. `frame`: one entry as bytes. `scan`: the frames of one segment, and
//!   the way behind a damaged one.
//! - `log`: the segments of a directory: open, replay, release. `replay`: reads them back and
//!   cuts torn ends. `quarantine`: damage put aside.
//! - `writer`: appends and syncs. `group_commit`: one sync for all who wait.
//!
//! What holds:
//! - an acknowledged entry was synced before; positions are never used twice, also where the
//!   end of the log was lost;
//! - after a write or a sync that failed for another reason than a full disk, nothing is
//!   acknowledged until a restart: the system may have dropped the bytes and call the next
//!   sync a success;
//! - nothing in the files stops a start, but a format that is newer than this program.

mod entry;
mod error;
mod format;
mod frame;
mod group_commit;
mod log;
mod quarantine;
mod replay;
mod scan;
mod writer;

pub use entry::{DeliveryId, Entry, Position, Signal};
pub use error::WalError;
pub use format::{ENTRY_BYTES_MAX, VERSION};
pub use group_commit::{GroupCommit, GroupCommitOptions};
pub use log::{Wal, WalOptions};
pub use replay::ReplayReport;

#[cfg(test)]
mod fault_tests;
#[cfg(test)]
mod fixture_tests;
#[cfg(test)]
mod proptests;
#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tests;
