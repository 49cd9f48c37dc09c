//! A small file replaced as a whole or not at all.

use std::io;
use std::path::Path;

use super::Disk;

/// What the new content is called until it is whole.
const UNFINISHED_SUFFIX: &str = ".unfinished";

/// Writes the content beside the file, syncs it, and gives it the file's name in one step:
/// after a crash at any moment the file holds the old content or the new one.
///
/// # Errors
/// What the system says; the old content is then still in place.
pub fn replace_file(disk: &dyn Disk, path: &Path, content: &[u8]) -> io::Result<()> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not the path of a file in a directory",
        ));
    };
    let mut unfinished_name = name.to_os_string();
    unfinished_name.push(UNFINISHED_SUFFIX);
    let unfinished = directory.join(unfinished_name);
    match disk.remove_file(&unfinished) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let written = write_beside(disk, &unfinished, path, content);
    if written.is_err() {
        // For want of room, most likely: what is half written shall not keep it.
        let _ = disk.remove_file(&unfinished);
    }
    written?;
    disk.sync_directory(directory)
}

fn write_beside(disk: &dyn Disk, unfinished: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = disk.create(unfinished)?;
    file.append(content)?;
    file.sync_data()?;
    drop(file);
    disk.rename(unfinished, path)
}
