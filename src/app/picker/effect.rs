//! What the file picker asks of the runtime, and what comes back.

use std::path::PathBuf;

use crate::work::plan::FileItem;

/// A wish about local files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// List a directory; `None` is where the program was started. `~` is the home directory.
    ReadDir(Option<PathBuf>),
    /// Look at the marked files once more before they are planned.
    Stat(Vec<PathBuf>),
}

/// One entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    /// The name as text; lossy where it is not UTF-8.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// Bytes, for files.
    pub size: u64,
    /// Milliseconds since the epoch, where known.
    pub modified: Option<i64>,
    /// Why it cannot be taken (unreadable, not UTF-8, a device).
    pub fault: Option<String>,
}

/// What a directory entry is, links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A directory.
    Dir,
    /// A plain file.
    File,
    /// Anything else.
    Other,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A directory: its absolute path and its entries (at most 100,000; `cut` when there are more), or why not.
    Dir(Option<PathBuf>, Result<Dir, String>),
    /// Each file as it stands, or why it cannot be sent.
    Stat(Vec<(PathBuf, Result<FileItem, String>)>),
}

/// A directory as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dir {
    /// Its absolute path.
    pub path: PathBuf,
    /// Its entries: directories first, then by name.
    pub entries: Vec<DirEntry>,
    /// Whether there were more than are held.
    pub cut: bool,
}
