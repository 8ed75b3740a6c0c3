//! The file picker's effects: directories and files as they stand, read on blocking threads.

use std::fs::{self, FileType, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use rustix::fs::Access;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::Effects;
use crate::app::cx::Ticket;
use crate::app::msg;
use crate::app::picker::{Body, Dir, DirEntry, Effect, EntryKind};
use crate::work::files;

/// More entries than these are not held.
const MOST: usize = 100_000;
/// A directory on a disk that does not answer is given up after this.
const PATIENCE: Duration = Duration::from_secs(30);

/// Begins an effect.
pub(super) fn perform(effects: &mut Effects, ticket: Ticket, effect: Effect) {
    const BROKEN: &str = "The program failed while it read: try another directory.";
    const SLOW: &str = "The disk does not answer: try again, or another directory.";
    match effect {
        Effect::ReadDir(path) => {
            let wrap = |path: Option<PathBuf>, result| msg::Body::Picker(Body::Dir(path, result));
            let broken = wrap(path.clone(), Err(BROKEN.into()));
            effects.begin_read(ticket, broken, async move {
                let wanted = path.clone();
                let read = timeout(PATIENCE, spawn_blocking(move || read_dir(wanted.as_deref()))).await;
                let result = match read {
                    Ok(Ok(result)) => result,
                    Ok(Err(_)) => Err(BROKEN.into()),
                    Err(_) => Err(SLOW.into()),
                };
                (None, wrap(path, result))
            });
        }
        Effect::Stat(paths) => {
            let all = |why: &str| paths.iter().map(|path| (path.clone(), Err(why.to_owned()))).collect::<Vec<_>>();
            let (broken, slow) = (all(BROKEN), all(SLOW));
            let wrap = |found| msg::Body::Picker(Body::Stat(found));
            effects.begin_read(ticket, wrap(broken.clone()), async move {
                let looked = timeout(PATIENCE, spawn_blocking(move || files::look(&paths))).await;
                (None, wrap(looked.map_or(slow, |looked| looked.unwrap_or(broken))))
            });
        }
    }
}

/// Reads a directory. Blocks.
pub(super) fn read_dir(path: Option<&Path>) -> Result<Dir, String> {
    let path = place(path)?;
    let refused = |cause: io::Error| match cause.kind() {
        io::ErrorKind::NotFound => "There is no such directory: look at the path.".to_owned(),
        io::ErrorKind::PermissionDenied => "This directory may not be read: change its permissions.".to_owned(),
        io::ErrorKind::NotADirectory => "This is no directory: take it, or go up.".to_owned(),
        _ => format!("This directory cannot be read ({cause}): try another one."),
    };
    let mut found = fs::read_dir(&path).map_err(refused)?;
    let mut entries = Vec::new();
    for entry in found.by_ref().take(MOST) {
        entries.push(look(&entry.map_err(refused)?));
    }
    let cut = found.next().is_some();
    entries.sort_by(|one, other| {
        ((one.kind != EntryKind::Dir), &one.name).cmp(&((other.kind != EntryKind::Dir), &other.name))
    });
    Ok(Dir { path, entries, cut })
}

/// The absolute path that is meant: `~` is the home directory, no path where the program was started.
fn place(path: Option<&Path>) -> Result<PathBuf, String> {
    let home = || std::env::home_dir().ok_or("It is not known where your home directory is: name a path.");
    let meant = match path {
        None => PathBuf::from("."),
        Some(path) => match path.strip_prefix("~") {
            Ok(rest) => home()?.join(rest),
            Err(_) => path.to_owned(),
        },
    };
    let absolute = std::path::absolute(&meant).map_err(|cause| format!("This path leads nowhere ({cause})."))?;
    // What `..` means depends on links.
    let upward = absolute.components().any(|part| part == Component::ParentDir);
    Ok(if upward { absolute.canonicalize().unwrap_or(absolute) } else { absolute })
}

fn look(entry: &fs::DirEntry) -> DirEntry {
    let path = entry.path();
    // Links followed: a link to a file is the file.
    let metadata = path.metadata();
    let kind = metadata.as_ref().map_or(EntryKind::Other, |metadata| kind(metadata.file_type()));
    let fault = match &metadata {
        _ if entry.file_name().to_str().is_none() => Some("the name is not UTF-8".to_owned()),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Some("a link to nothing".to_owned()),
        Err(cause) => Some(format!("cannot be read: {cause}")),
        Ok(_) => unreadable(&path, kind),
    };
    DirEntry {
        name: entry.file_name().to_string_lossy().into_owned(),
        kind,
        size: metadata.as_ref().map_or(0, Metadata::len),
        modified: metadata.and_then(|metadata| metadata.modified()).ok().and_then(|time| {
            let since = time.duration_since(UNIX_EPOCH).map_or_else(
                |before| i64::try_from(before.duration().as_millis()).map(|millis| -millis),
                |after| i64::try_from(after.as_millis()),
            );
            since.ok()
        }),
        fault,
    }
}

fn kind(file: FileType) -> EntryKind {
    if file.is_dir() {
        EntryKind::Dir
    } else if file.is_file() {
        EntryKind::File
    } else {
        EntryKind::Other
    }
}

fn unreadable(path: &Path, kind: EntryKind) -> Option<String> {
    let access = match kind {
        EntryKind::Dir => Access::READ_OK | Access::EXEC_OK,
        EntryKind::File => Access::READ_OK,
        EntryKind::Other => return Some("no plain file".to_owned()),
    };
    rustix::fs::access(path, access).is_err().then(|| "may not be read".to_owned())
}
