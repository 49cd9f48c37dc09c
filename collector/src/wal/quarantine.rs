//! Damage put aside: nothing that could not be read is deleted.

use std::io;
use std::path::{Path, PathBuf};

use crate::disk::{Disk, replace_file};

use super::entry::Position;
use super::format::segment_name;

/// The directory within the wal's.
const DIRECTORY: &str = "quarantine";

/// The directory of what was put aside.
pub(super) fn directory(wal: &Path) -> PathBuf {
    wal.join(DIRECTORY)
}

/// Copies bytes of a segment into a file of their own. The same damage found again, by the
/// next start, gives the same file.
pub(super) fn copy(
    disk: &dyn Disk,
    wal: &Path,
    segment: Position,
    offset: usize,
    bytes: &[u8],
) -> io::Result<()> {
    let directory = directory(wal);
    disk.create_directory(&directory)?;
    let name = format!("{}.at-{offset}.damaged", segment_name(segment));
    replace_file(disk, &directory.join(name), bytes)
}

/// Moves a whole segment there.
pub(super) fn move_segment(disk: &dyn Disk, wal: &Path, segment: Position) -> io::Result<()> {
    let directory = directory(wal);
    disk.create_directory(&directory)?;
    let name = segment_name(segment);
    let mut target = directory.join(&name);
    // An earlier file of the same name is not written over.
    let taken = disk.list(&directory)?;
    let mut attempt = 1u32;
    while taken
        .iter()
        .any(|entry| Some(entry.name.as_str()) == target.file_name().and_then(|n| n.to_str()))
    {
        attempt = attempt.saturating_add(1);
        target = directory.join(format!("{name}.{attempt}"));
    }
    disk.rename(&wal.join(&name), &target)?;
    disk.sync_directory(wal)?;
    disk.sync_directory(&directory)
}
