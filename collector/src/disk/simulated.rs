//! The disk of the tests: in memory, forgets on a crash what was not synced, tears the last
//! write, fails the n-th operation, and runs out of room. Every choice comes from a seed.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use super::{AppendFile, DirectoryEntry, Disk, ReadFile};

/// The operations that can be made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Operation {
    /// A new file.
    Create,
    /// Bytes behind the end of a file.
    Write,
    /// `fdatasync`.
    Sync,
    /// A file cut back.
    Truncate,
    /// Names made durable.
    SyncDirectory,
    /// A name changed.
    Rename,
    /// A file, or a directory with all that is in it, removed.
    Remove,
    /// A directory made.
    CreateDirectory,
    /// A file opened, to read or to append.
    Open,
    /// Bytes read.
    Read,
}

/// How bytes that were written and not synced look after a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Torn {
    /// None of them are there.
    Nothing,
    /// A prefix of seeded length is there.
    Prefix,
    /// A prefix is there, and behind it zeros up to the length that was written, as file
    /// systems leave that grew a file before its data came.
    PrefixThenZeros,
}

#[derive(Debug, Default)]
struct Inode {
    live: Vec<u8>,
    durable: Vec<u8>,
    /// Byte ranges whose sync failed: the system has thrown them away, whatever a later sync
    /// says.
    lost: Vec<std::ops::Range<usize>>,
}

#[derive(Debug, Default)]
struct State {
    inodes: Vec<Inode>,
    live_names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    directories: BTreeSet<PathBuf>,
    /// Those whose names a sync made durable.
    durable_directories: BTreeSet<PathBuf>,
    counts: BTreeMap<Operation, u64>,
    faults: BTreeMap<(Operation, u64), io::ErrorKind>,
    capacity_bytes: Option<usize>,
    random: u64,
    /// Operations of all kinds.
    total_count: u64,
    fault_at: Option<(u64, io::ErrorKind)>,
    power_off_at: Option<u64>,
    is_off: bool,
    /// Changes of names that no sync has made durable yet, in order; each is one step.
    journal: Vec<Vec<(PathBuf, Option<usize>)>>,
}

/// A disk in memory. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct SimulatedDisk(Arc<Mutex<State>>);

impl SimulatedDisk {
    /// An empty disk whose choices follow from the seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            random: seed,
            durable_directories: [PathBuf::from("/")].into(),
            ..State::default()
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Makes the n-th operation of this kind from now (the next is 0) fail.
    pub(crate) fn fail(&self, operation: Operation, nth: u64, kind: io::ErrorKind) {
        let mut state = self.state();
        let done = state.counts.get(&operation).copied().unwrap_or(0);
        state.faults.insert((operation, done + nth), kind);
    }

    /// How many operations of this kind were asked for.
    pub(crate) fn count(&self, operation: Operation) -> u64 {
        self.state().counts.get(&operation).copied().unwrap_or(0)
    }

    /// Makes the n-th operation from now, of whichever kind, fail.
    pub(crate) fn fail_any(&self, nth: u64, kind: io::ErrorKind) {
        let mut state = self.state();
        state.fault_at = Some((state.total_count + nth, kind));
    }

    /// Makes the power go with the n-th operation from now: it and all later ones fail.
    pub(crate) fn power_off_after(&self, nth: u64) {
        let mut state = self.state();
        state.power_off_at = Some(state.total_count + nth);
    }

    /// Whether the power is off.
    pub(crate) fn is_off(&self) -> bool {
        self.state().is_off
    }

    /// The power comes back. What was not synced is there, lost or torn, and of the changes of
    /// names some first ones are there, as on a file system with a journal.
    pub(crate) fn power_on(&self) {
        let torn = {
            let mut state = self.state();
            let steps = std::mem::take(&mut state.journal);
            let kept = state.draw() % (steps.len() as u64 + 1);
            let kept = usize::try_from(kept).unwrap();
            let lost: Vec<PathBuf> = state
                .directories
                .difference(&state.durable_directories)
                .cloned()
                .collect();
            let is_lost = |name: &Path| lost.iter().any(|lost| name.starts_with(lost));
            state.durable_names.retain(|name, _| !is_lost(name));
            state.directories.retain(|name| !is_lost(name));
            let steps = steps.into_iter().take(kept).flatten();
            for (name, index) in steps.filter(|(name, _)| !is_lost(name)) {
                match index {
                    Some(index) => state.durable_names.insert(name, index),
                    None => state.durable_names.remove(&name),
                };
            }
            match state.draw() % 3 {
                0 => Torn::Nothing,
                1 => Torn::Prefix,
                _ => Torn::PrefixThenZeros,
            }
        };
        self.crash(torn);
    }

    /// Bytes in all files together that there is room for; `None` for no limit.
    pub(crate) fn set_capacity(&self, bytes: Option<usize>) {
        self.state().capacity_bytes = bytes;
    }

    /// Bytes in all files together.
    pub(crate) fn used_bytes(&self) -> usize {
        self.state().used_bytes()
    }

    /// The power goes: what was not synced is lost, but for what `torn` leaves.
    pub(crate) fn crash(&self, torn: Torn) {
        let mut state = self.state();
        state.live_names = state.durable_names.clone();
        state.journal.clear();
        (state.fault_at, state.power_off_at, state.is_off) = (None, None, false);
        let found: Vec<PathBuf> = state.live_names.keys().cloned().collect();
        for name in found {
            for directory in name.ancestors().skip(1) {
                state.directories.insert(directory.to_owned());
            }
        }
        for index in 0..state.inodes.len() {
            let draw = state.draw();
            state.inodes[index].crash(torn, draw);
        }
        state.faults.clear();
    }

    /// The live content of a file, for tests that damage it.
    pub(crate) fn content(&self, path: &Path) -> Vec<u8> {
        let state = self.state();
        state.inodes[state.live_names[path]].live.clone()
    }

    /// Puts this content into a file, durable, whatever was there.
    pub(crate) fn set_content(&self, path: &Path, content: Vec<u8>) {
        let mut state = self.state();
        let index = match state.live_names.get(path) {
            Some(index) => *index,
            None => state.new_inode(),
        };
        state.live_names.insert(path.to_owned(), index);
        state.durable_names.insert(path.to_owned(), index);
        state.inodes[index] = Inode {
            durable: content.clone(),
            live: content,
            lost: Vec::new(),
        };
    }

    /// A disk with the same files that shares nothing with this one.
    pub(crate) fn copy(&self) -> Self {
        let state = self.state();
        let copy = Self::new(state.random);
        copy.state().directories = state.directories.clone();
        for (path, index) in &state.live_names {
            copy.set_content(path, state.inodes[*index].live.clone());
        }
        copy
    }
}

impl Inode {
    fn crash(&mut self, torn: Torn, draw: u64) {
        let written = std::mem::take(&mut self.live);
        self.live = self.durable.clone();
        if torn != Torn::Nothing && written.len() > self.live.len() {
            let unsynced = &written[self.live.len()..];
            let kept = usize::try_from(draw % (unsynced.len() as u64 + 1)).unwrap();
            self.live.extend_from_slice(&unsynced[..kept]);
            if torn == Torn::PrefixThenZeros {
                self.live.resize(written.len(), 0);
            }
        }
        self.durable = self.live.clone();
        self.lost.clear();
    }

    fn sync(&mut self) {
        self.durable = self.live.clone();
        for range in &self.lost {
            let end = range.end.min(self.durable.len());
            let start = range.start.min(end);
            self.durable[start..end].fill(0);
        }
    }
}

impl State {
    /// The next number of `SplitMix64` (Steele, Lea, Flood 2014).
    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn begin(&mut self, operation: Operation) -> io::Result<()> {
        let count = self.counts.entry(operation).or_insert(0);
        let nth = *count;
        *count += 1;
        let total = self.total_count;
        self.total_count += 1;
        self.is_off |= self.power_off_at.is_some_and(|at| total >= at);
        if self.is_off {
            return Err(io::Error::other("the power is off"));
        }
        if let Some((at, kind)) = self.fault_at
            && total == at
        {
            return Err(kind.into());
        }
        match self.faults.remove(&(operation, nth)) {
            Some(kind) => Err(kind.into()),
            None => Ok(()),
        }
    }

    fn used_bytes(&self) -> usize {
        self.live_names
            .values()
            .map(|index| self.inodes[*index].live.len())
            .sum()
    }

    fn new_inode(&mut self) -> usize {
        self.inodes.push(Inode::default());
        self.inodes.len() - 1
    }

    /// Gives names to inodes, or takes them away, in one step.
    fn rename(&mut self, step: Vec<(PathBuf, Option<usize>)>) {
        for (name, index) in &step {
            match index {
                Some(index) => self.live_names.insert(name.clone(), *index),
                None => self.live_names.remove(name),
            };
        }
        self.journal.push(step);
    }

    fn find(&self, path: &Path) -> io::Result<usize> {
        self.live_names
            .get(path)
            .copied()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl State {
    /// Gives a directory another name, durable at once.
    fn move_directory(&mut self, from: &Path, to: &Path) {
        let moved = |name: &Path| match name.strip_prefix(from) {
            Ok(rest) if rest.as_os_str().is_empty() => to.to_owned(),
            Ok(rest) => to.join(rest),
            Err(_) => name.to_owned(),
        };
        for names in [&mut self.live_names, &mut self.durable_names] {
            let old = std::mem::take(names);
            names.extend(old.into_iter().map(|(name, index)| (moved(&name), index)));
        }
        for (name, _) in self.journal.iter_mut().flatten() {
            *name = moved(name);
        }
        for directories in [&mut self.directories, &mut self.durable_directories] {
            *directories = directories.iter().map(|name| moved(name)).collect();
        }
    }
}

impl Disk for SimulatedDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        let mut state = self.state();
        state.begin(Operation::Create)?;
        if state.live_names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let parent = path.parent().map(Path::to_owned).unwrap_or_default();
        if !state.directories.contains(&parent) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let index = state.new_inode();
        state.rename(vec![(path.to_owned(), Some(index))]);
        Ok(Box::new(SimulatedFile {
            disk: self.clone(),
            index,
        }))
    }

    fn open_append(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        let mut state = self.state();
        state.begin(Operation::Open)?;
        let index = state.find(path)?;
        Ok(Box::new(SimulatedFile {
            disk: self.clone(),
            index,
        }))
    }

    fn open_read(&self, path: &Path) -> io::Result<Box<dyn ReadFile>> {
        let mut state = self.state();
        state.begin(Operation::Open)?;
        let index = state.find(path)?;
        Ok(Box::new(SimulatedReadFile {
            disk: self.clone(),
            content: state.inodes[index].live.clone(),
        }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.begin(Operation::Rename)?;
        if state.directories.contains(from) {
            state.move_directory(from, to);
            return Ok(());
        }
        let index = state.find(from)?;
        state.rename(vec![(from.to_owned(), None), (to.to_owned(), Some(index))]);
        Ok(())
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.begin(Operation::SyncDirectory)?;
        state
            .durable_names
            .retain(|name, _| name.parent() != Some(path));
        let inside: Vec<_> = state
            .live_names
            .iter()
            .filter(|(name, _)| name.parent() == Some(path))
            .map(|(name, index)| (name.clone(), *index))
            .collect();
        state.durable_names.extend(inside);
        let inside: Vec<PathBuf> = state
            .directories
            .iter()
            .filter(|name| name.parent() == Some(path))
            .cloned()
            .collect();
        state.durable_directories.extend(inside);
        state
            .journal
            .retain(|step| !step.iter().all(|(name, _)| name.parent() == Some(path)));
        Ok(())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<DirectoryEntry>> {
        let state = self.state();
        if !state.directories.contains(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let name_of = |inside: &Path| inside.file_name().unwrap().to_str().unwrap().to_owned();
        let files = state
            .live_names
            .iter()
            .filter(|(name, _)| name.parent() == Some(path))
            .map(|(name, index)| DirectoryEntry {
                name: name_of(name),
                is_directory: false,
                bytes: state.inodes[*index].live.len() as u64,
            });
        let directories = state
            .directories
            .iter()
            .filter(|name| name.parent() == Some(path))
            .map(|name| DirectoryEntry {
                name: name_of(name),
                is_directory: true,
                bytes: 0,
            });
        let mut entries: Vec<_> = files.chain(directories).collect();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.begin(Operation::Remove)?;
        state.find(path)?;
        state.rename(vec![(path.to_owned(), None)]);
        Ok(())
    }

    fn remove_directory_all(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.begin(Operation::Remove)?;
        if !state.directories.contains(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let inside: Vec<PathBuf> = state
            .live_names
            .keys()
            .filter(|name| name.starts_with(path))
            .cloned()
            .collect();
        for name in inside {
            state.rename(vec![(name, None)]);
        }
        state.directories.retain(|name| !name.starts_with(path));
        Ok(())
    }

    fn create_directory(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.begin(Operation::CreateDirectory)?;
        for ancestor in path.ancestors() {
            state.directories.insert(ancestor.to_owned());
        }
        Ok(())
    }
}

#[derive(Debug)]
struct SimulatedFile {
    disk: SimulatedDisk,
    index: usize,
}

impl AppendFile for SimulatedFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.state();
        let fault = state.begin(Operation::Write);
        let mut room = state
            .capacity_bytes
            .map_or(bytes.len(), |max| max.saturating_sub(state.used_bytes()))
            .min(bytes.len());
        if fault.is_err() {
            // A failing write leaves a part of the bytes behind.
            let draw = state.draw();
            room = room.min(usize::try_from(draw % (bytes.len() as u64 + 1)).unwrap());
        }
        state.inodes[self.index]
            .live
            .extend_from_slice(&bytes[..room]);
        fault?;
        if room < bytes.len() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    fn sync_data(&mut self) -> io::Result<()> {
        let mut state = self.disk.state();
        let fault = state.begin(Operation::Sync);
        let inode = &mut state.inodes[self.index];
        if let Err(error) = fault {
            let unsynced = inode.durable.len()..inode.live.len();
            inode.lost.push(unsynced);
            return Err(error);
        }
        inode.sync();
        Ok(())
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        state.begin(Operation::Truncate)?;
        let bytes = usize::try_from(bytes).unwrap();
        let inode = &mut state.inodes[self.index];
        inode.live.resize(bytes, 0);
        inode.lost.retain(|range| range.start < bytes);
        Ok(())
    }
}

#[derive(Debug)]
struct SimulatedReadFile {
    disk: SimulatedDisk,
    content: Vec<u8>,
}

impl ReadFile for SimulatedReadFile {
    fn bytes(&self) -> u64 {
        self.content.len() as u64
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.disk.state().begin(Operation::Read)?;
        let start = usize::try_from(offset).unwrap();
        let slice = self
            .content
            .get(start..start + buffer.len())
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(slice);
        Ok(())
    }
}
