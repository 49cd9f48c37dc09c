//! An index in one file: what tantivy would keep in a directory, and our own tables.
//!
//! ```text
//! index     := header (name's bytes)* directory trailer
//! directory := files(u32) (name_bytes(u8) name bytes(u64) crc(bytes)(u32))*
//! trailer   := directory_bytes(u32) crc(directory)(u32) magic(8 bytes)
//! ```
//!
//! One file is one sync and one name to make durable. Everything in it is checked when it is
//! opened, because tantivy trusts the bytes it reads.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    Directory, DirectoryLock, FileHandle, FileSlice, Lock, MmapDirectory, OwnedBytes,
    WatchCallback, WatchHandle, WritePtr,
};

use crate::disk::{Disk, HEADER_BYTES, ReadFile, header_of, read_header};

use super::IndexError;

/// The first bytes of the file, and the last.
pub(super) const MAGIC: [u8; 8] = *b"spanidx\n";
/// The version that this program writes, and the newest that it reads.
pub(super) const VERSION: u32 = 1;
const TRAILER_BYTES: usize = 16;
/// Bytes of a directory, at most.
const DIRECTORY_BYTES_MAX: u64 = 1024 * 1024;
/// Bytes that are checked at once.
const CHECKED_BYTES: usize = 1024 * 1024;

/// Writes the files as one, and syncs it. The name is durable after a sync of its directory.
pub(super) fn write(disk: &dyn Disk, path: &Path, files: &[(String, Vec<u8>)]) -> io::Result<()> {
    let mut file = disk.create(path)?;
    file.append(&header_of(MAGIC, VERSION))?;
    let count = u32::try_from(files.len()).map_err(io::Error::other)?;
    let mut directory = count.to_le_bytes().to_vec();
    for (name, content) in files {
        file.append(content)?;
        directory.push(u8::try_from(name.len()).map_err(io::Error::other)?);
        directory.extend_from_slice(name.as_bytes());
        directory.extend_from_slice(&(content.len() as u64).to_le_bytes());
        directory.extend_from_slice(&crc32fast::hash(content).to_le_bytes());
    }
    let directory_bytes = u32::try_from(directory.len()).map_err(io::Error::other)?;
    let checksum = crc32fast::hash(&directory);
    directory.extend_from_slice(&directory_bytes.to_le_bytes());
    directory.extend_from_slice(&checksum.to_le_bytes());
    directory.extend_from_slice(&MAGIC);
    file.append(&directory)?;
    file.sync_data()
}

/// The files of an index, as a directory that tantivy reads.
#[derive(Debug, Clone)]
pub(super) struct Container {
    files: Arc<BTreeMap<PathBuf, FileSlice>>,
}

impl Container {
    /// Opens and checks all.
    pub(super) fn open(disk: &dyn Disk, path: &Path) -> Result<Self, IndexError> {
        let failed = |error| IndexError::io(path, error);
        let file = disk.open_read(path).map_err(failed)?;
        let entries = read_entries(file.as_ref(), path)?;
        let whole = whole_file(disk, file.as_ref(), path)?;
        let mut files = BTreeMap::new();
        for entry in entries {
            let bytes = entry.start..entry.end;
            files.insert(entry.name, whole.slice(bytes));
        }
        Ok(Self {
            files: Arc::new(files),
        })
    }

    /// The content of a file.
    pub(super) fn file(&self, name: &str) -> io::Result<FileSlice> {
        self.files
            .get(Path::new(name))
            .cloned()
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, name.to_owned()))
    }
}

struct Entry {
    name: PathBuf,
    start: usize,
    end: usize,
}

fn read_entries(file: &dyn ReadFile, path: &Path) -> Result<Vec<Entry>, IndexError> {
    let damaged = |what: &'static str| IndexError::Damaged {
        path: path.to_owned(),
        what,
    };
    let failed = |error| IndexError::io(path, error);
    let mut header = [0; HEADER_BYTES];
    file.read_exact_at(0, &mut header).map_err(failed)?;
    match read_header(MAGIC, &header) {
        Some(VERSION) => {}
        Some(found) if found > VERSION => {
            return Err(IndexError::NewerVersion {
                path: path.to_owned(),
                found,
            });
        }
        _ => return Err(damaged("its header")),
    }
    let trailer_start = file
        .bytes()
        .checked_sub(TRAILER_BYTES as u64)
        .ok_or_else(|| damaged("its length"))?;
    let mut trailer = [0; TRAILER_BYTES];
    file.read_exact_at(trailer_start, &mut trailer)
        .map_err(failed)?;
    let [b0, b1, b2, b3, c0, c1, c2, c3, magic @ ..] = trailer;
    if magic != MAGIC {
        return Err(damaged("its end"));
    }
    let directory_bytes = u64::from(u32::from_le_bytes([b0, b1, b2, b3]));
    let directory_start = trailer_start
        .checked_sub(directory_bytes)
        .filter(|start| *start >= HEADER_BYTES as u64 && directory_bytes <= DIRECTORY_BYTES_MAX)
        .ok_or_else(|| damaged("its end"))?;
    let mut directory = vec![0; usize::try_from(directory_bytes).unwrap_or(0)];
    file.read_exact_at(directory_start, &mut directory)
        .map_err(failed)?;
    if crc32fast::hash(&directory) != u32::from_le_bytes([c0, c1, c2, c3]) {
        return Err(damaged("its directory"));
    }
    let (entries, checksums) =
        parse(&directory, directory_start).ok_or_else(|| damaged("its directory"))?;
    for (entry, checksum) in entries.iter().zip(checksums) {
        if checksum_of(file, entry).map_err(failed)? != checksum {
            return Err(damaged("one of its files"));
        }
    }
    Ok(entries)
}

/// The entries of a directory, with their checksums; `None` where they cannot be.
fn parse(directory: &[u8], files_end: u64) -> Option<(Vec<Entry>, Vec<u32>)> {
    let (count, mut rest) = directory.split_first_chunk::<4>()?;
    let mut start = HEADER_BYTES as u64;
    let (mut entries, mut checksums) = (Vec::new(), Vec::new());
    for _ in 0..u32::from_le_bytes(*count) {
        let (name_bytes, behind) = rest.split_first()?;
        let (name, behind) = behind.split_at_checked(usize::from(*name_bytes))?;
        let (bytes, behind) = behind.split_first_chunk::<8>()?;
        let (checksum, behind) = behind.split_first_chunk::<4>()?;
        rest = behind;
        let end = start
            .checked_add(u64::from_le_bytes(*bytes))
            .filter(|end| *end <= files_end)?;
        entries.push(Entry {
            name: PathBuf::from(std::str::from_utf8(name).ok()?),
            start: usize::try_from(start).ok()?,
            end: usize::try_from(end).ok()?,
        });
        checksums.push(u32::from_le_bytes(*checksum));
        start = end;
    }
    (rest.is_empty() && start == files_end).then_some((entries, checksums))
}

fn checksum_of(file: &dyn ReadFile, entry: &Entry) -> io::Result<u32> {
    let mut hasher = crc32fast::Hasher::new();
    let mut buffer = vec![0; CHECKED_BYTES.min(entry.end - entry.start)];
    let mut start = entry.start;
    while start < entry.end {
        let length = CHECKED_BYTES.min(entry.end - start);
        let chunk = buffer
            .get_mut(..length)
            .ok_or(io::ErrorKind::InvalidInput)?;
        file.read_exact_at(start as u64, chunk)?;
        hasher.update(chunk);
        start += length;
    }
    Ok(hasher.finalize())
}

/// The file mapped into memory where the disk is the system's, else read into it.
fn whole_file(disk: &dyn Disk, file: &dyn ReadFile, path: &Path) -> Result<FileSlice, IndexError> {
    let failed = |error| IndexError::io(path, error);
    if disk.is_of_system()
        && let (Some(directory), Some(name)) = (path.parent(), path.file_name())
    {
        let mapped = MmapDirectory::open(directory)
            .map_err(|error| IndexError::tantivy(path, error))?
            .get_file_handle(Path::new(name))
            .map_err(|error| IndexError::tantivy(path, error))?;
        return Ok(FileSlice::new(mapped));
    }
    let mut content = vec![0; usize::try_from(file.bytes()).unwrap_or(0)];
    file.read_exact_at(0, &mut content).map_err(failed)?;
    Ok(FileSlice::new(Arc::new(OwnedBytes::new(content))))
}

fn read_only() -> io::Error {
    io::Error::new(io::ErrorKind::ReadOnlyFilesystem, "an index never changes")
}

impl Directory for Container {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        match self.files.get(path) {
            Some(file) => Ok(Arc::new(file.clone())),
            None => Err(OpenReadError::FileDoesNotExist(path.to_owned())),
        }
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        Err(DeleteError::IoError {
            io_error: Arc::new(read_only()),
            filepath: path.to_owned(),
        })
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        Ok(self.files.contains_key(path))
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        Err(OpenWriteError::IoError {
            io_error: Arc::new(read_only()),
            filepath: path.to_owned(),
        })
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let file = self.open_read(path)?;
        let bytes = file.read_bytes().map_err(|error| OpenReadError::IoError {
            io_error: Arc::new(error),
            filepath: path.to_owned(),
        })?;
        Ok(bytes.to_vec())
    }

    fn atomic_write(&self, _path: &Path, _data: &[u8]) -> io::Result<()> {
        Err(read_only())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, _lock: &Lock) -> Result<DirectoryLock, LockError> {
        // Nobody writes, so there is nothing to keep out.
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}
