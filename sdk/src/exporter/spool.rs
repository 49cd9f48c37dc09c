//! Requests that wait on disk while the collector is away, oldest first.
//!
//! ```text
//! DIR/slot-00/lock                 held as long as the process lives
//! DIR/slot-00/traces/0000000000000007.otlp
//! DIR/slot-00/logs/…
//!
//! file = "SPWSPOOL" | crc32 of the rest, u32 | item count, u32 | OTLP request
//! ```
//!
//! Numbers are little-endian. A file is written beside its place and renamed into it: what is there
//! is whole, as far as the system gets to write it; what a power cut leaves half is found by its
//! checksum, removed and counted. A process takes the first slot that nobody holds, and what the
//! processes before it left in any of them.

use std::collections::VecDeque;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::Encoded;
use crate::config::{Signal, SpoolConfig};

const MAGIC: &[u8; 8] = b"SPWSPOOL";
/// Magic, checksum and count.
const HEAD_BYTES: usize = 16;
const ENDING: &str = "otlp";
/// Processes that can share a directory.
const SLOT_COUNT: usize = 256;

/// Why a request cannot be kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SpoolError {
    #[error("{bytes_max} bytes wait on disk already")]
    Full { bytes_max: u64 },
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A directory of one process.
#[derive(Debug)]
pub(crate) struct Slot {
    directory: PathBuf,
    bytes_max: u64,
    /// Its lock ends with it.
    _lock: File,
}

impl Slot {
    /// Takes the first free slot, and what free slots hold.
    pub(crate) fn take(config: &SpoolConfig) -> io::Result<Arc<Self>> {
        make_directory(&config.directory)?;
        let mut own: Option<Self> = None;
        for number in 0..SLOT_COUNT {
            let directory = config.directory.join(format!("slot-{number:02}"));
            if own.is_some() && !directory.try_exists()? {
                break;
            }
            make_directory(&directory)?;
            let lock = File::create(directory.join("lock"))?;
            match lock.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => continue,
                Err(TryLockError::Error(error)) => return Err(error),
            }
            match &own {
                None => {
                    own = Some(Self {
                        directory,
                        bytes_max: config.bytes_max,
                        _lock: lock,
                    });
                }
                Some(own) => own.adopt(&directory)?,
            }
        }
        own.map(Arc::new)
            .ok_or_else(|| io::Error::other(format!("all {SLOT_COUNT} slots are held")))
    }

    /// Moves what another slot holds behind what this one holds.
    fn adopt(&self, other: &Path) -> io::Result<()> {
        for signal in [Signal::Traces, Signal::Logs] {
            let (from, to) = (folder(other, signal), folder(&self.directory, signal));
            if !from.try_exists()? {
                continue;
            }
            make_directory(&to)?;
            let next = listed(&to)?.last().map_or(0, |it| it + 1);
            for (number, own) in listed(&from)?.into_iter().zip(next..) {
                fs::rename(file(&from, number), file(&to, own))?;
            }
        }
        Ok(())
    }
}

fn folder(slot: &Path, signal: Signal) -> PathBuf {
    slot.join(match signal {
        Signal::Traces => "traces",
        Signal::Logs => "logs",
    })
}

fn file(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:016}.{ENDING}"))
}

/// What services send is theirs: nobody else may read it.
fn make_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// The numbers of the files of a folder, oldest first; what was never finished is removed.
fn listed(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "part") {
            fs::remove_file(&path)?;
        } else if path.extension().is_some_and(|it| it == ENDING) {
            let stem = path.file_stem().and_then(|it| it.to_str());
            numbers.extend(stem.and_then(|it| it.parse::<u64>().ok()));
        }
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// A request on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kept {
    number: u64,
    bytes: u64,
    count: u64,
}

/// The requests of one signal on disk.
#[derive(Debug)]
pub(crate) struct Spool {
    folder: PathBuf,
    bytes_max: u64,
    bytes: u64,
    kept: VecDeque<Kept>,
    next: u64,
    _slot: Arc<Slot>,
}

impl Spool {
    /// Opens what `slot` holds of `signal`; each signal may take half of the bytes.
    pub(crate) fn open(slot: &Arc<Slot>, signal: Signal) -> io::Result<Self> {
        let folder = folder(&slot.directory, signal);
        make_directory(&folder)?;
        let mut kept = VecDeque::new();
        for number in listed(&folder)? {
            let path = file(&folder, number);
            let count = head(&path)?;
            let bytes = fs::metadata(&path)?.len();
            kept.push_back(Kept {
                number,
                bytes,
                count,
            });
        }
        Ok(Self {
            bytes_max: slot.bytes_max / 2,
            bytes: kept.iter().map(|it| it.bytes).sum(),
            next: kept.back().map_or(0, |it| it.number + 1),
            kept,
            folder,
            _slot: Arc::clone(slot),
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Items on disk.
    pub(crate) fn item_count(&self) -> u64 {
        self.kept.iter().map(|it| it.count).sum()
    }

    /// Puts a request behind all others.
    pub(crate) fn append(&mut self, request: &Encoded) -> Result<(), SpoolError> {
        let bytes = (HEAD_BYTES + request.bytes.len()) as u64;
        if self.bytes + bytes > self.bytes_max {
            return Err(SpoolError::Full {
                bytes_max: self.bytes_max,
            });
        }
        let count = u32::try_from(request.count).unwrap_or(u32::MAX);
        let mut content = Vec::with_capacity(HEAD_BYTES + request.bytes.len());
        content.extend_from_slice(MAGIC);
        content.extend_from_slice(&checksum(count, &request.bytes).to_le_bytes());
        content.extend_from_slice(&count.to_le_bytes());
        content.extend_from_slice(&request.bytes);
        let path = file(&self.folder, self.next);
        let part = path.with_extension("part");
        fs::write(&part, &content).and_then(|()| fs::rename(&part, &path))?;
        self.kept.push_back(Kept {
            number: self.next,
            bytes,
            count: request.count,
        });
        self.next += 1;
        self.bytes += bytes;
        Ok(())
    }

    /// The oldest request; an error, with its item count, when what is on disk is not what was written.
    pub(crate) fn front(&self) -> Option<Result<Encoded, u64>> {
        let kept = self.kept.front()?;
        let content = fs::read(file(&self.folder, kept.number));
        Some(content.ok().and_then(|it| parse(&it)).ok_or(kept.count))
    }

    /// Removes the oldest request.
    pub(crate) fn remove_front(&mut self) {
        if let Some(kept) = self.kept.pop_front() {
            self.bytes = self.bytes.saturating_sub(kept.bytes);
            // One that stays is sent once more after a restart: better twice than never.
            let _ = fs::remove_file(file(&self.folder, kept.number));
        }
    }
}

fn checksum(count: u32, request: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&count.to_le_bytes());
    hasher.update(request);
    hasher.finalize()
}

fn number(bytes: &[u8], from: usize) -> Option<u32> {
    let bytes = bytes.get(from..from + 4)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

fn parse(content: &[u8]) -> Option<Encoded> {
    let (sum, count) = (number(content, 8)?, number(content, 12)?);
    let request = content.get(HEAD_BYTES..)?;
    (content.starts_with(MAGIC) && checksum(count, request) == sum).then(|| Encoded {
        bytes: Bytes::copy_from_slice(request),
        count: u64::from(count),
    })
}

/// The item count that a file says it has; 0 when it is too short to say.
fn head(path: &Path) -> io::Result<u64> {
    let mut head = Vec::new();
    io::Read::read_to_end(
        &mut io::Read::take(File::open(path)?, HEAD_BYTES as u64),
        &mut head,
    )?;
    Ok(number(&head, 12).map_or(0, u64::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(directory: &tempfile::TempDir, bytes_max: u64) -> SpoolConfig {
        SpoolConfig {
            directory: directory.path().join("spool"),
            bytes_max,
        }
    }

    fn request(text: &'static str) -> Encoded {
        Encoded {
            bytes: Bytes::from_static(text.as_bytes()),
            count: text.len() as u64,
        }
    }

    fn drain(spool: &mut Spool) -> Vec<Result<Encoded, u64>> {
        let mut all = Vec::new();
        while let Some(front) = spool.front() {
            all.push(front);
            spool.remove_front();
        }
        all
    }

    #[test]
    fn what_was_kept_comes_back_oldest_first_also_after_a_restart() {
        let directory = tempfile::tempdir().unwrap();
        let config = config(&directory, 1 << 20);
        let slot = Slot::take(&config).unwrap();
        let mut spool = Spool::open(&slot, Signal::Traces).unwrap();
        let texts = ["first", "second", "the third"];
        for text in texts {
            spool.append(&request(text)).unwrap();
        }
        drop((spool, slot));
        let slot = Slot::take(&config).unwrap();
        let mut spool = Spool::open(&slot, Signal::Traces).unwrap();
        assert_eq!(spool.item_count(), 20);
        assert_eq!(drain(&mut spool), texts.map(|it| Ok(request(it))));
        assert!(Spool::open(&slot, Signal::Traces).unwrap().is_empty());
    }

    #[test]
    fn it_never_holds_more_than_it_may() {
        let directory = tempfile::tempdir().unwrap();
        let slot = Slot::take(&config(&directory, 100)).unwrap();
        let mut spool = Spool::open(&slot, Signal::Logs).unwrap();
        spool.append(&request("0123456789")).unwrap();
        let full = spool.append(&request("0123456789 0123456789"));
        assert!(matches!(full, Err(SpoolError::Full { bytes_max: 50 })));
        spool.remove_front();
        spool.append(&request("0123456789 0123456789")).unwrap();
    }

    #[test]
    fn damage_is_found_and_stops_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let slot = Slot::take(&config(&directory, 1 << 20)).unwrap();
        let mut spool = Spool::open(&slot, Signal::Traces).unwrap();
        spool.append(&request("whole")).unwrap();
        let path = file(&spool.folder, 0);
        let content = fs::read(&path).unwrap();
        for length in 0..content.len() {
            assert_eq!(parse(&content[..length]), None, "cut at {length}");
            let mut flipped = content.clone();
            flipped[length] ^= 1;
            assert_eq!(parse(&flipped), None, "flipped at {length}");
        }
        fs::write(&path, &content[..20]).unwrap();
        spool.append(&request("behind")).unwrap();
        fs::write(spool.folder.join("0000000000000009.part"), "half").unwrap();
        let mut spool = Spool::open(&slot, Signal::Traces).unwrap();
        assert_eq!(drain(&mut spool), [Err(5), Ok(request("behind"))]);
    }

    #[test]
    fn processes_share_a_directory_and_inherit_what_was_left() {
        let directory = tempfile::tempdir().unwrap();
        let config = config(&directory, 1 << 20);
        let (one, two) = (Slot::take(&config).unwrap(), Slot::take(&config).unwrap());
        assert_ne!(one.directory, two.directory);
        Spool::open(&one, Signal::Logs)
            .unwrap()
            .append(&request("one"))
            .unwrap();
        Spool::open(&two, Signal::Logs)
            .unwrap()
            .append(&request("two"))
            .unwrap();
        drop(two);
        drop(one);
        let next = Slot::take(&config).unwrap();
        let mut spool = Spool::open(&next, Signal::Logs).unwrap();
        assert_eq!(drain(&mut spool), [Ok(request("one")), Ok(request("two"))]);
    }
}
