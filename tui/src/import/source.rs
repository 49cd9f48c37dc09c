//! The bytes of a file, decompressed, with a count of what was read of it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use super::error::FileProblem;

const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// Reads ahead in steps of this size.
const BUFFER_BYTES: usize = 256 << 10;

/// The largest window that a zstd frame may ask for, as a power of two: 128 MiB, what
/// `zstd --long` writes.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

/// A file's content.
pub(super) struct Source {
    reader: Replayed,
    read_bytes: Arc<AtomicU64>,
    passed_bytes: u64,
}

/// A reader whose first bytes were looked at, and perhaps an error behind them.
struct Replayed {
    front: Cursor<Vec<u8>>,
    error: Option<io::Error>,
    inner: Box<dyn BufRead>,
}

impl BufRead for Replayed {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let left = (self.front.get_ref().len() as u64).saturating_sub(self.front.position());
        if left > 0 {
            return self.front.fill_buf();
        }
        match self.error.take() {
            Some(error) => Err(error),
            None => self.inner.fill_buf(),
        }
    }

    fn consume(&mut self, count: usize) {
        let left = (self.front.get_ref().len() as u64).saturating_sub(self.front.position());
        if left > 0 {
            self.front.consume(count);
        } else {
            self.inner.consume(count);
        }
    }
}

impl Read for Replayed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

/// Counts what passes.
struct Counted<R> {
    inner: R,
    read_bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read_bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl Source {
    /// Opens a file and finds out how it is compressed. A byte order mark is passed over.
    pub(super) fn open(path: &Path) -> Result<Self, FileProblem> {
        let file = File::open(path).map_err(FileProblem::Unreadable)?;
        let metadata = file.metadata().map_err(FileProblem::Unreadable)?;
        if metadata.is_dir() {
            return Err(FileProblem::Directory);
        }
        Self::of(file).map_err(FileProblem::Unreadable)
    }

    fn of(file: impl Read + 'static) -> io::Result<Self> {
        let read_bytes = Arc::new(AtomicU64::new(0));
        let counted = Counted {
            inner: file,
            read_bytes: Arc::clone(&read_bytes),
        };
        let mut raw = BufReader::with_capacity(BUFFER_BYTES, counted);
        let front = raw.fill_buf()?;
        let mut reader: Box<dyn BufRead> = if front.starts_with(GZIP_MAGIC) {
            let decoder = MultiGzDecoder::new(raw);
            Box::new(BufReader::with_capacity(BUFFER_BYTES, decoder))
        } else if front.starts_with(ZSTD_MAGIC) {
            let mut decoder = zstd::Decoder::with_buffer(raw)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
            Box::new(BufReader::with_capacity(BUFFER_BYTES, decoder))
        } else {
            Box::new(raw)
        };
        // Damage shows again at the next read, where it can be placed.
        let has_mark = reader
            .fill_buf()
            .is_ok_and(|front| front.starts_with(BYTE_ORDER_MARK));
        if has_mark {
            reader.consume(BYTE_ORDER_MARK.len());
        }
        Ok(Self {
            reader: Replayed {
                front: Cursor::default(),
                error: None,
                inner: reader,
            },
            read_bytes,
            passed_bytes: 0,
        })
    }

    /// The first bytes, up to so many, which will be read again; and whether the file could
    /// be read so far, which shows again too.
    pub(super) fn front(&mut self, count: usize) -> Vec<u8> {
        let mut front = Vec::new();
        self.reader.error = (&mut self.reader.inner)
            .take(count as u64)
            .read_to_end(&mut front)
            .err();
        self.reader.front = Cursor::new(front.clone());
        front
    }

    /// How many bytes of the uncompressed content were passed.
    pub(super) fn passed_bytes(&self) -> u64 {
        self.passed_bytes
    }

    /// How many bytes of the file, as it lies on the disk, were read.
    pub(super) fn read_bytes(&self) -> u64 {
        self.read_bytes.load(Ordering::Relaxed)
    }

    /// Appends to `buffer` up to and with the next line end, or up to the end. Stops where
    /// the buffer would hold more than `bytes_max`; then the result is `false`. What was
    /// read before an error is in the buffer.
    pub(super) fn read_line(&mut self, buffer: &mut Vec<u8>, bytes_max: usize) -> io::Result<bool> {
        self.read_with(buffer, bytes_max, |reader, buffer| {
            reader.read_until(b'\n', buffer)
        })
    }

    /// Appends everything that is left, in the same way.
    pub(super) fn read_rest(&mut self, buffer: &mut Vec<u8>, bytes_max: usize) -> io::Result<bool> {
        self.read_with(buffer, bytes_max, |reader, buffer| {
            reader.read_to_end(buffer)
        })
    }

    /// Appends this many bytes, fewer at the end.
    pub(super) fn read_some(&mut self, buffer: &mut Vec<u8>, count: usize) -> io::Result<()> {
        let before = buffer.len();
        let result = (&mut self.reader).take(count as u64).read_to_end(buffer);
        self.passed_bytes += (buffer.len() - before) as u64;
        result.map(|_| ())
    }

    fn read_with(
        &mut self,
        buffer: &mut Vec<u8>,
        bytes_max: usize,
        read: impl FnOnce(&mut io::Take<&mut Replayed>, &mut Vec<u8>) -> io::Result<usize>,
    ) -> io::Result<bool> {
        let before = buffer.len();
        // One byte more, to tell what just fits from what does not.
        let room = (bytes_max.saturating_sub(before) as u64).saturating_add(1);
        let result = read(&mut (&mut self.reader).take(room), buffer);
        self.passed_bytes += (buffer.len() - before) as u64;
        result.map(|_| buffer.len() <= bytes_max)
    }
}
