//! The import itself: files are read on a thread of their own, chunks are sent several at a
//! time.

use std::future::Future;
use std::path::PathBuf;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use spanwalk_api::ImportReceipt;
use tokio::sync::mpsc;

use super::chunk::Chunk;
use super::error::ImportError;
use super::limits::{IN_FLIGHT_MAX, READ_AHEAD_MAX};
use super::read_file::read_file;
use super::report::{FileReport, ImportReport, Progress};

/// Where chunks go.
pub trait Sink: Sync {
    /// Why a chunk was not taken, after whatever was worth trying again was tried again.
    type Error: Send;

    /// Sends a chunk and waits until it is stored.
    fn send(
        &self,
        chunk: &Chunk,
    ) -> impl Future<Output = Result<ImportReceipt, Self::Error>> + Send;
}

/// What the thread that reads says.
enum Event {
    /// A chunk of the file of this index.
    Chunk(usize, Chunk),
    /// A file was read to its end, which does not say that its chunks were taken.
    Done(usize, Box<FileReport>),
}

/// Sends the files to the sink. A file that cannot be read, or not to its end, does not keep
/// the others from being read; see [`FileReport::problem`].
///
/// # Errors
/// Where the sink did not take a chunk. What it took before stays.
pub async fn import_files<S: Sink>(
    files: &[PathBuf],
    sink: &S,
    mut on_progress: impl FnMut(&Progress),
) -> Result<ImportReport, ImportError<S::Error>> {
    let (sender, mut events) = mpsc::channel(READ_AHEAD_MAX);
    let paths = files.to_vec();
    let bytes_total = paths
        .iter()
        .filter_map(|path| path.metadata().ok())
        .map(|file| file.len());
    let mut run = Run::new(files, bytes_total.sum());
    let reader = tokio::task::spawn_blocking(move || read_files(&paths, &sender));

    let mut in_flight = FuturesUnordered::new();
    let mut is_open = true;
    on_progress(&run.progress);
    while is_open || !in_flight.is_empty() {
        tokio::select! {
            event = events.recv(), if is_open && in_flight.len() < IN_FLIGHT_MAX => match event {
                Some(Event::Chunk(file, chunk)) => in_flight.push(async move {
                    let receipt = sink.send(&chunk).await;
                    (file, chunk.item_count, chunk.read_bytes, receipt)
                }),
                Some(Event::Done(file, report)) => run.file_read(file, *report),
                None => is_open = false,
            },
            Some((file, item_count, read_bytes, receipt)) = in_flight.next() => {
                let receipt = receipt.map_err(ImportError::Sink)?;
                run.chunk_taken(file, item_count, read_bytes, receipt);
            }
        }
        on_progress(&run.progress);
    }
    reader.await.map_err(|_| ImportError::Reader)?;
    Ok(run.finish())
}

fn read_files(paths: &[PathBuf], events: &mpsc::Sender<Event>) {
    for (index, path) in paths.iter().enumerate() {
        let report = read_file(path, &mut |chunk| {
            events.blocking_send(Event::Chunk(index, chunk)).is_ok()
        });
        let done = Event::Done(index, Box::new(report));
        if events.blocking_send(done).is_err() {
            // Nobody listens any more: the import ended early.
            return;
        }
    }
}

/// What is known while an import runs.
struct Run {
    files: Vec<FileProgress>,
    progress: Progress,
}

/// One file while an import runs: its chunks may be taken before or after it is read whole.
struct FileProgress {
    report: FileReport,
    is_read: bool,
    bytes_done: u64,
    size_bytes: u64,
}

impl Run {
    fn new(files: &[PathBuf], bytes_total: u64) -> Self {
        let file = |path: &PathBuf| FileProgress {
            report: FileReport::new(path.clone()),
            is_read: false,
            bytes_done: 0,
            size_bytes: path.metadata().map_or(0, |file| file.len()),
        };
        Self {
            files: files.iter().map(file).collect(),
            progress: Progress {
                files_total: files.len(),
                bytes_total,
                ..Progress::default()
            },
        }
    }

    fn file_read(&mut self, index: usize, read: FileReport) {
        if let Some(file) = self.files.get_mut(index) {
            let sent = std::mem::replace(&mut file.report, read);
            file.report.stored_count = sent.stored_count;
            file.report.known_count = sent.known_count;
            file.report.refused = sent.refused;
            file.is_read = true;
            file.bytes_done = file.size_bytes;
        }
        self.count();
    }

    fn chunk_taken(
        &mut self,
        index: usize,
        item_count: u64,
        read_bytes: u64,
        receipt: ImportReceipt,
    ) {
        if let Some(file) = self.files.get_mut(index) {
            file.report.stored_count += receipt.stored;
            if receipt.known {
                file.report.known_count += item_count;
            }
            for (reason, count) in receipt.rejected {
                *file.report.refused.entry(reason).or_default() += count;
            }
            file.bytes_done = file.bytes_done.max(read_bytes.min(file.size_bytes));
        }
        self.progress.items_done += item_count;
        self.count();
    }

    fn count(&mut self) {
        self.progress.files_done = self.files.iter().filter(|file| file.is_read).count();
        self.progress.bytes_done = self.files.iter().map(|file| file.bytes_done).sum();
    }

    fn finish(self) -> ImportReport {
        ImportReport {
            files: self.files.into_iter().map(|file| file.report).collect(),
        }
    }
}
