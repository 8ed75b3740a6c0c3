//! Local files for uploads: looked at before they are planned, opened when their turn comes, and watched while they
//! are read, so that a file that changes meanwhile is never stored as if it were whole.

mod ahead;
#[cfg(test)]
mod tests;

pub(super) use ahead::Ahead;

use std::fs::{File, Metadata};
use std::future::Future;
use std::io::{self, Cursor, Read};
use std::path::{Component, Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{SystemTime, UNIX_EPOCH};

use md5::{Digest, Md5};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::task::JoinHandle;

use super::plan::{FileItem, Item};

/// Files of at most this many bytes are read whole in one go.
pub(super) const SMALL: u64 = 256 << 10;
/// So many bytes of a larger one are read at a time, while those before are sent.
const PART: usize = 1 << 20;
/// The type of a file whose name says nothing.
const ANY_TYPE: &str = "application/octet-stream";
const UNREAD: &str = "The file could not be read: send it again.";

/// Each file as it stands, or the sentence that says why it cannot be sent, in the order given.
///
/// `relative` holds the folders below the nearest one that all of them share. Blocks: call it on a blocking thread.
pub fn look(paths: &[PathBuf]) -> Vec<(PathBuf, Result<FileItem, String>)> {
    let shared = shared_folders(paths);
    paths.iter().map(|path| (path.clone(), look_at(path, shared))).collect()
}

fn look_at(path: &Path, shared: usize) -> Result<FileItem, String> {
    let names = names(path).skip(shared).map(|name| name.to_str());
    let Some(names) = names.collect::<Option<Vec<_>>>() else {
        return Err("The name is not UTF-8: rename the file.".into());
    };
    let (_, metadata) = open_file(path)?;
    Ok(FileItem {
        path: path.to_owned(),
        relative: names.join("/"),
        size: metadata.len(),
        mime: mime_guess::from_path(path).first_raw().unwrap_or(ANY_TYPE).to_owned(),
        modified: metadata.modified().ok().and_then(millis),
    })
}

/// How many folders at the start all of these paths have in common.
fn shared_folders(paths: &[PathBuf]) -> usize {
    let folders = |path: &PathBuf| {
        let mut names: Vec<_> = names(path).map(ToOwned::to_owned).collect();
        names.pop();
        names
    };
    let mut all = paths.iter().map(folders);
    let Some(mut shared) = all.next() else { return 0 };
    for folders in all {
        let same = shared.iter().zip(&folders).take_while(|(one, other)| one == other).count();
        shared.truncate(same);
    }
    shared.len()
}

fn names(path: &Path) -> impl Iterator<Item = &std::ffi::OsStr> {
    path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name),
        _ => None,
    })
}

/// Opens a plain file; anything else (opening a pipe would wait for its writer) is refused.
fn open_file(path: &Path) -> Result<(File, Metadata), String> {
    let unreadable = |cause: io::Error| match cause.kind() {
        io::ErrorKind::NotFound => "The file is not there any more: pick it again.".into(),
        io::ErrorKind::PermissionDenied => "The file may not be read: change its permissions.".into(),
        _ => format!("The file cannot be read ({cause}): look at it and pick it again."),
    };
    let metadata = path.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err("This is a directory: pick the files in it.".into());
    }
    if !metadata.is_file() {
        return Err("This is no plain file (a device, pipe or socket): pick another one.".into());
    }
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    Ok((file, metadata))
}

/// What tells one state of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub size: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { size: metadata.len(), modified: metadata.modified().ok() }
    }
}

/// A file whose turn has come.
pub(super) struct Opened {
    pub stamp: Stamp,
    pub body: Pin<Box<dyn AsyncRead + Send>>,
}

/// Opens a file to be sent; a small one is read at once.
pub(super) async fn open(item: &Item) -> Result<Opened, String> {
    let item = item.clone();
    tokio::task::spawn_blocking(move || open_now(&item)).await.unwrap_or_else(|_| Err(UNREAD.into()))
}

fn open_now(item: &Item) -> Result<Opened, String> {
    let (mut file, metadata) = open_file(&item.source)?;
    let stamp = Stamp::of(&metadata);
    if item.modified.is_some_and(|picked| (item.size, Some(picked)) != (stamp.size, stamp.modified.and_then(millis))) {
        return Err("The file changed since it was picked: run the rest again to send it as it is now.".into());
    }
    if stamp.size > SMALL {
        return Ok(Opened { stamp, body: Box::pin(Watched::new(file, stamp)) });
    }
    let mut bytes = Vec::with_capacity(stamp.size as usize + 1);
    (&mut file).take(stamp.size + 1).read_to_end(&mut bytes).map_err(broken)?;
    if bytes.len() as u64 != stamp.size || Stamp::of(&file.metadata().map_err(broken)?) != stamp {
        return Err("The file changed while it was read: look at it and send it again.".into());
    }
    Ok(Opened { stamp, body: Box::pin(Cursor::new(bytes)) })
}

fn broken(cause: io::Error) -> String {
    format!("The file cannot be read ({cause}): look at it and send it again.")
}

/// A large file, read ahead of whoever sends it, and checked once more when its end is reached, before its last bytes go
/// out.
struct Watched {
    /// What was read last, and how much of it was handed on.
    part: Part,
    given: usize,
    /// The next part; `None` behind the last one.
    next: Option<JoinHandle<Part>>,
    stamp: Stamp,
}

/// A file and what was read of it last.
struct Part {
    file: Arc<File>,
    bytes: Vec<u8>,
    read: io::Result<usize>,
}

impl Part {
    /// Reads on into these bytes; nothing is left where nothing was read, and the file was the same to its end.
    fn read(file: Arc<File>, mut bytes: Vec<u8>, stamp: Stamp) -> Self {
        let read = (&*file).read(&mut bytes).and_then(|read| match read {
            0 if Stamp::of(&file.metadata()?) != stamp => Err(io::Error::other("it changed while it was read")),
            read => Ok(read),
        });
        Self { file, bytes, read }
    }
}

impl Watched {
    /// Reads the first part; blocks.
    fn new(file: File, stamp: Stamp) -> Self {
        let part = Part::read(Arc::new(file), vec![0; PART], stamp);
        let next = Self::ahead(&part, vec![0; PART], stamp);
        Self { part, given: 0, next: Some(next), stamp }
    }

    fn ahead(part: &Part, bytes: Vec<u8>, stamp: Stamp) -> JoinHandle<Part> {
        let file = part.file.clone();
        tokio::task::spawn_blocking(move || Part::read(file, bytes, stamp))
    }
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            let read = match &mut this.part.read {
                Ok(read) => *read,
                failed => return Poll::Ready(std::mem::replace(failed, Ok(0)).map(drop)),
            };
            let left = this.part.bytes.get(this.given..read).unwrap_or_default();
            let Some(next) = this.next.as_mut().filter(|_| left.is_empty() && read > 0) else {
                let most = left.len().min(buf.remaining());
                buf.put_slice(left.get(..most).unwrap_or_default());
                this.given += most;
                return Poll::Ready(Ok(()));
            };
            let part = ready!(Pin::new(next).poll(cx)).map_err(io::Error::other)?;
            let spare = std::mem::take(&mut this.part.bytes);
            this.next = matches!(part.read, Ok(1..)).then(|| Self::ahead(&part, spare, this.stamp));
            (this.part, this.given) = (part, 0);
        }
    }
}

/// The MD5 of a file in hex, as long as it is still as it was when it was sent.
pub(super) async fn md5(path: PathBuf, sent: Stamp) -> Option<String> {
    let digest = tokio::task::spawn_blocking(move || {
        let (mut file, metadata) = open_file(&path).ok()?;
        let mut digest = Md5::new();
        let mut piece = vec![0; SMALL as usize];
        let mut left = sent.size;
        while left > 0 {
            let read = file.read(&mut piece).ok().filter(|&read| read > 0)?;
            digest.update(piece.get(..read)?);
            left = left.checked_sub(read as u64)?;
        }
        let same = Stamp::of(&metadata) == sent && Stamp::of(&file.metadata().ok()?) == sent;
        let hex = |digit: u8| char::from_digit(u32::from(digit), 16).unwrap_or_default();
        same.then(|| digest.finalize().iter().flat_map(|byte| [hex(byte >> 4), hex(byte & 15)]).collect())
    });
    digest.await.ok().flatten()
}

fn millis(time: SystemTime) -> Option<i64> {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).ok(),
        Err(before) => i64::try_from(before.duration().as_millis()).ok().map(|before| -before),
    }
}
