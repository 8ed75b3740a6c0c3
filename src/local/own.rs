//! Files of this program's own: for their owner alone, whole or not there, and held by one process at a time.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How often a lock is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// Opens for writing what only its owner may read.
pub fn private() -> OpenOptions {
    let mut how = OpenOptions::new();
    how.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    how
}

/// Makes a folder, with those above it, for its owner alone.
pub fn private_folder(path: &Path) -> io::Result<()> {
    let mut how = DirBuilder::new();
    how.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut how, 0o700);
    how.create(path)
}

/// Puts a file in the place of what stands there; its folder must be there.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Temporary files are made readable by their owner alone.
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Holds the lock of a file, which goes with the handle; blocks for `patience` at most.
///
/// # Errors
/// Of the kind `TimedOut` where another process holds it all that time.
pub fn lock(file: File, patience: Duration) -> io::Result<File> {
    let until = Instant::now() + patience;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if Instant::now() > until => {
                let said = format!("another program has held it for {} s", patience.as_secs());
                return Err(io::Error::new(ErrorKind::TimedOut, said));
            }
            Err(TryLockError::WouldBlock) => thread::sleep(LOOK),
        }
    }
}
