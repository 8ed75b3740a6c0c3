//! Where an upload's bytes go: small ones through memory, others straight to a file, with one thread that writes and
//! one that hashes, so that neither waits for the other.

use std::fs::{DirEntry, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use md5::{Digest, Md5};
use tempfile::{NamedTempFile, TempDir};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

use super::seed::hex;
use super::store::SpoolFile;

/// Up to this size an upload is collected before anything is written.
const SMALL_BYTES: u64 = 256 * 1024;
/// How many pieces may wait for each thread.
const WAITING: usize = 8;

/// How the directories' names begin.
const PREFIX: &str = "basedeck-demo-";
/// The file in each that its server holds locked: from the moment in which it stands there to the server's end.
const LOCK: &str = "lock";

/// The directory of all uploads; it goes with the server, or, where that was killed, when the next one starts.
pub(super) struct SpoolDir {
    _lock: File,
    dir: TempDir,
    next: AtomicU64,
}

impl SpoolDir {
    pub(super) fn new() -> io::Result<Self> {
        Self::below(&std::env::temp_dir())
    }

    fn below(folder: &Path) -> io::Result<Self> {
        let mut how = tempfile::Builder::new();
        #[cfg(unix)]
        how.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let dir = how.prefix(PREFIX).tempdir_in(folder)?;
        let lock = NamedTempFile::new_in(dir.path())?;
        lock.as_file().lock()?;
        let lock = lock.persist(dir.path().join(LOCK)).map_err(|error| error.error)?;
        Ok(Self { _lock: lock, dir, next: AtomicU64::new(0) })
    }

    /// Removes it now: what still uses it would do so too late for the end of the program.
    pub(super) fn remove(&self) {
        // What cannot be removed goes when the next server starts.
        let _ = std::fs::remove_dir_all(self.path());
    }

    /// Removes what servers left that were killed.
    pub(super) fn sweep() {
        sweep(&std::env::temp_dir());
    }

    /// The beginning of an upload. Bytes beyond `cap` are counted and dropped.
    pub(super) fn begin(&self, cap: u64) -> Spool {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.dir.path().join(number.to_string());
        Spool { path, cap, size: 0, small: Vec::new(), large: None }
    }

    /// Where the files are.
    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }
}

/// Removes the directories below `folder` whose servers are surely gone: of this user, with a lock that nobody holds.
fn sweep(folder: &Path) {
    let Ok(ours) = NamedTempFile::new().and_then(|file| file.as_file().metadata()) else { return };
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(PREFIX) && is_own(&entry, &ours) {
            let path = entry.path();
            if let Ok(lock) = File::open(path.join(LOCK))
                && lock.try_lock().is_ok()
            {
                // What cannot be removed stays for the next one.
                let _ = std::fs::remove_dir_all(path);
            }
        }
    }
}

/// Whether it is a directory, and of the user whose file is `ours`.
#[cfg_attr(not(unix), expect(unused_variables, reason = "only there a file tells its owner"))]
fn is_own(entry: &DirEntry, ours: &Metadata) -> bool {
    let Ok(found) = entry.metadata() else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        found.is_dir() && ours.uid() == found.uid()
    }
    #[cfg(not(unix))]
    found.is_dir()
}

/// One upload under way. Dropped before its end it leaves nothing.
pub(super) struct Spool {
    path: PathBuf,
    cap: u64,
    size: u64,
    small: Vec<Bytes>,
    large: Option<Large>,
}

struct Large {
    to_file: mpsc::Sender<Bytes>,
    to_hash: mpsc::Sender<Bytes>,
    file: JoinHandle<io::Result<SpoolFile>>,
    hash: JoinHandle<String>,
}

/// A whole upload.
pub(super) struct Spooled {
    pub(super) file: Arc<SpoolFile>,
    pub(super) size: u64,
    /// The MD5 of the bytes, hexadecimal.
    pub(super) md5: String,
}

impl Spool {
    /// Whether more came than is allowed.
    pub(super) fn is_over(&self) -> bool {
        self.size > self.cap
    }

    pub(super) async fn push(&mut self, piece: Bytes) -> io::Result<()> {
        self.size += piece.len() as u64;
        if self.is_over() {
            self.small = Vec::new();
            self.large = None;
            return Ok(());
        }
        if let Some(large) = &self.large {
            return large.push(piece).await;
        }
        self.small.push(piece);
        if self.size > SMALL_BYTES {
            let large = Large::new(self.path.clone());
            for piece in std::mem::take(&mut self.small) {
                large.push(piece).await?;
            }
            self.large = Some(large);
        }
        Ok(())
    }

    pub(super) async fn finish(self) -> io::Result<Spooled> {
        let size = self.size;
        let (file, md5) = match self.large {
            Some(large) => {
                drop((large.to_file, large.to_hash));
                (large.file.await.map_err(io::Error::other)??, large.hash.await.map_err(io::Error::other)?)
            }
            None => spawn_blocking(move || {
                let mut hash = Md5::new();
                let file = write(self.path, self.small.into_iter().inspect(|piece| hash.update(piece)))?;
                io::Result::Ok((file, hex(&hash.finalize())))
            })
            .await
            .map_err(io::Error::other)??,
        };
        Ok(Spooled { file: Arc::new(file), size, md5 })
    }
}

impl Large {
    fn new(path: PathBuf) -> Self {
        let (to_file, mut file_pieces) = mpsc::channel::<Bytes>(WAITING);
        let (to_hash, mut hash_pieces) = mpsc::channel::<Bytes>(WAITING);
        let file = spawn_blocking(move || write(path, std::iter::from_fn(|| file_pieces.blocking_recv())));
        let hash = spawn_blocking(move || {
            let mut hash = Md5::new();
            while let Some(piece) = hash_pieces.blocking_recv() {
                hash.update(&piece);
            }
            hex(&hash.finalize())
        });
        Self { to_file, to_hash, file, hash }
    }

    async fn push(&self, piece: Bytes) -> io::Result<()> {
        // A closed channel means that the thread ended early: the disk is full, mostly.
        let closed = || io::Error::other("the spool's thread ended");
        self.to_hash.send(piece.clone()).await.map_err(|_| closed())?;
        self.to_file.send(piece).await.map_err(|_| closed())
    }
}

fn write(path: PathBuf, pieces: impl Iterator<Item = Bytes>) -> io::Result<SpoolFile> {
    let mut file = File::create_new(&path)?;
    let kept = SpoolFile(path);
    for piece in pieces {
        file.write_all(&piece)?;
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_a_killed_server_left_goes_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let live = SpoolDir::below(folder.path()).unwrap();
        for name in ["basedeck-demo-dead", "basedeck-demo-strange", "other"] {
            fs::create_dir(path(name)).unwrap();
            fs::write(path(name).join("0"), "an upload").unwrap();
        }
        for name in ["basedeck-demo-dead", "other"] {
            fs::write(path(name).join(LOCK), "").unwrap();
        }
        fs::write(path("basedeck-demo-file"), "").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(path("other"), path("basedeck-demo-link")).unwrap();
        sweep(folder.path());
        assert!(!path("basedeck-demo-dead").exists());
        for name in ["basedeck-demo-strange/0", "other/0", "basedeck-demo-file"] {
            assert!(path(name).exists(), "{name}");
        }
        assert!(live.path().join(LOCK).exists());
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&live.path().metadata().unwrap().permissions()) & 0o777,
            0o700
        );
        let left = live.path().to_owned();
        drop(live);
        assert!(!left.exists());
    }
}
