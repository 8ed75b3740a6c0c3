//! Files of this program's own: for their owner alone, and whole or not there.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

/// Opens for writing what only its owner may read.
pub fn private() -> OpenOptions {
    let mut how = OpenOptions::new();
    how.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    how
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
