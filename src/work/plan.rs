//! What an upload job will do, settled before the first byte: which file goes to which key, and what bars a file.
//!
//! Pure: files are looked at in `work::files`, and the plan is carried out by `work::engine`. A plan never changes; a
//! rerun is a new plan.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use super::outcome::{ItemState, Outcome};
use crate::api::error::Kind;
use crate::api::model::{Bucket, BucketId};
use crate::api::objects::{KeyFault, check_key, safe_key};
use crate::text::human::size;

/// What most servers take at most in one request (Storage's default), in bytes.
pub const USUAL_LIMIT: u64 = 50 * 1024 * 1024;
/// Keeps an empty folder alive; free of a bucket's rules while it is empty.
const PLACEHOLDER: &str = ".emptyFolderPlaceholder";

/// A local file as it was when it was picked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileItem {
    /// Where it is.
    pub path: PathBuf,
    /// Its path with the folders as picked, separated by `/`.
    pub relative: String,
    /// Bytes.
    pub size: u64,
    /// The content type, from the name.
    pub mime: String,
    /// When it was changed last, in milliseconds since the epoch, where known.
    pub modified: Option<i64>,
}

/// Where the files go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The bucket.
    pub bucket: BucketId,
    /// `""` for the root, else a folder with its `/` at the end.
    pub prefix: String,
}

impl Destination {
    /// A destination from what was typed: no `/` at the start, one at the end.
    pub fn new(bucket: BucketId, prefix: &str) -> Self {
        let mut prefix = prefix.trim_start_matches('/').to_owned();
        if !prefix.is_empty() && !prefix.ends_with('/') {
            prefix.push('/');
        }
        Self { bucket, prefix }
    }

    /// Whether Storage takes the prefix; the first reason if not.
    pub fn check(&self) -> Result<(), KeyFault> {
        match self.prefix.strip_suffix('/') {
            None | Some("") => Ok(()),
            Some(folder) => check_key(folder),
        }
    }
}

/// What to do where a name exists already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exists {
    /// The item is refused.
    #[default]
    Fail,
    /// The item is left out, and that is fine.
    Skip,
}

/// What a person decides about all files of a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Keys keep the folders as picked; else only the file's name counts.
    pub keep_folders: bool,
    /// What to do with existing names.
    pub exists: Exists,
    /// Names that Storage refuses are sent under the nearest one it takes.
    pub safe_names: bool,
}

/// What a bucket takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// The largest file in bytes; `None` leaves it to the server.
    pub size_limit: Option<u64>,
    /// Allowed types, `image/*` among them; `None` for any.
    pub mimes: Option<Vec<String>>,
}

impl From<&Bucket> for Rules {
    fn from(bucket: &Bucket) -> Self {
        let mimes = bucket.allowed_mime_types.clone().filter(|types| !types.is_empty());
        Self { size_limit: bucket.file_size_limit, mimes }
    }
}

/// Why a file is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Larger than the bucket takes.
    TooLarge {
        /// Bytes.
        limit: u64,
    },
    /// Of a type that the bucket does not take.
    TypeNotAllowed {
        /// What it takes.
        allowed: Vec<String>,
    },
    /// Storage refuses the key.
    BadKey {
        /// Why.
        why: KeyFault,
        /// The nearest key that it takes, unless the folder itself is refused.
        safe: Option<String>,
    },
    /// Another file of this job would get the same key: neither is sent.
    SameKey {
        /// The other one's position in the plan.
        other: usize,
        /// Whether keeping the folders would tell them apart.
        keep_folders: bool,
    },
}

impl Fault {
    /// One sentence: what is wrong and what would help. Holds names from outside.
    pub fn sentence(&self) -> String {
        match self {
            Self::TooLarge { limit } => {
                format!("The bucket takes at most {}: raise its limit or send a smaller file.", size(*limit))
            }
            Self::TypeNotAllowed { allowed } => {
                format!("The bucket takes only {}: send it to another one.", allowed.join(", "))
            }
            Self::BadKey { why, safe: None } => format!("The folder cannot be used. {why}"),
            Self::BadKey { why, safe: Some(safe) } => format!("{why} It could be sent as `{safe}`."),
            Self::SameKey { keep_folders: true, .. } => {
                "Another file of this job has the same name: keep the folders to send both.".into()
            }
            Self::SameKey { keep_folders: false, .. } => {
                "Another file of this job would get the same name: send one of them by itself.".into()
            }
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::TooLarge { .. } => Kind::TooLarge,
            Self::SameKey { .. } => Kind::Conflict,
            Self::TypeNotAllowed { .. } | Self::BadKey { .. } => Kind::Refused,
        }
    }
}

/// One file of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The local file.
    pub source: PathBuf,
    /// The full key in the bucket.
    pub key: String,
    /// Bytes, when it was picked.
    pub size: u64,
    /// The content type.
    pub mime: String,
    /// When the file was changed last (ms since the epoch), as picked; `None`: the file is taken as it is when its turn
    /// comes.
    pub modified: Option<i64>,
    /// Why it is not sent.
    pub fault: Option<Fault>,
    /// Sent before without an answer: the server may hold it already.
    pub unsure: bool,
}

/// A job, settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Where it all goes.
    pub destination: Destination,
    /// What to do with existing names.
    pub exists: Exists,
    /// The files, those that are not sent included.
    pub items: Vec<Item>,
    /// The bucket's own size limit, where it is known and set.
    pub size_limit: Option<u64>,
}

/// Some files, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Files that most servers would refuse: to be asked about first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Large {
    /// How many.
    pub files: u64,
    /// The largest, in bytes.
    pub largest: u64,
}

impl Large {
    /// One sentence for the question and for stderr.
    pub fn sentence(&self) -> String {
        let files = if self.files == 1 { "1 file is".into() } else { format!("{} files are", self.files) };
        format!("{files} larger than 50 MiB: the bucket names no limit, but most servers refuse that.")
    }
}

/// Settles where each file goes and which ones cannot be sent. `rules` are the bucket's, where they are known.
///
/// A file picked twice is sent once. Two files that would get one key are both barred.
pub fn plan(files: &[FileItem], destination: &Destination, choices: Choices, rules: Option<&Rules>) -> Plan {
    let mut seen = HashSet::new();
    let files: Vec<_> = files.iter().filter(|file| seen.insert(&file.path)).collect();
    let mut items: Vec<_> = files.iter().map(|file| item(file, destination, choices, rules)).collect();
    bar_same_keys(&mut items, &files, choices);
    let size_limit = rules.and_then(|rules| rules.size_limit);
    Plan { destination: destination.clone(), exists: choices.exists, items, size_limit }
}

fn item(file: &FileItem, destination: &Destination, choices: Choices, rules: Option<&Rules>) -> Item {
    let name = if choices.keep_folders { file.relative.as_str() } else { last(&file.relative) };
    let safe = safe_key(name);
    let name = if choices.safe_names { &safe } else { name };
    let key = format!("{}{name}", destination.prefix);
    let bad = destination.check().err().map(|why| (why, None));
    let bad = bad.or_else(|| check_key(name).err().map(|why| (why, Some(format!("{}{safe}", destination.prefix)))));
    let fault = match bad {
        Some((why, safe)) => Some(Fault::BadKey { why, safe }),
        None => rules.and_then(|rules| break_rule(file, rules)),
    };
    Item {
        source: file.path.clone(),
        key,
        size: file.size,
        mime: file.mime.clone(),
        modified: file.modified,
        fault,
        unsure: false,
    }
}

fn break_rule(file: &FileItem, rules: &Rules) -> Option<Fault> {
    if file.size == 0 && last(&file.relative) == PLACEHOLDER {
        return None;
    }
    if let Some(limit) = rules.size_limit.filter(|&limit| file.size > limit) {
        return Some(Fault::TooLarge { limit });
    }
    let allowed = rules.mimes.as_ref().filter(|types| !types.is_empty())?;
    let fits = allowed.iter().any(|pattern| is_of(&file.mime, pattern));
    (!fits).then(|| Fault::TypeNotAllowed { allowed: allowed.clone() })
}

/// Whether a type fits a bucket's entry: `image/png`, `image/*` or `*/*`; parameters and case do not count.
fn is_of(mime: &str, pattern: &str) -> bool {
    let bare = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (mime, pattern) = (bare(mime), bare(pattern));
    match pattern.strip_suffix("/*") {
        Some("*") => true,
        Some(family) => mime.split('/').next() == Some(family),
        None => mime == pattern,
    }
}

fn bar_same_keys(items: &mut [Item], files: &[&FileItem], choices: Choices) {
    let mut holders: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, item) in items.iter().enumerate() {
        holders.entry(item.key.clone()).or_default().push(index);
    }
    for holders in holders.values().filter(|holders| holders.len() > 1) {
        for &index in holders {
            let Some(&other) = holders.iter().find(|&&other| other != index) else { continue };
            let path = |index: usize| files.get(index).map(|file| &file.relative);
            let keep_folders = !choices.keep_folders && path(index) != path(other);
            if let Some(item) = items.get_mut(index).filter(|item| item.fault.is_none()) {
                item.fault = Some(Fault::SameKey { other, keep_folders });
            }
        }
    }
}

fn last(relative: &str) -> &str {
    relative.rsplit('/').next().unwrap_or(relative)
}

impl Plan {
    /// The files that are sent, with their positions.
    pub fn sendable(&self) -> impl Iterator<Item = (usize, &Item)> {
        self.items.iter().enumerate().filter(|(_, item)| item.fault.is_none())
    }

    /// The files that are not sent, with their positions and why.
    pub fn barred(&self) -> impl Iterator<Item = (usize, &Item, &Fault)> {
        self.items.iter().enumerate().filter_map(|(index, item)| Some((index, item, item.fault.as_ref()?)))
    }

    /// Count and bytes of what is sent.
    pub fn total(&self) -> Sum {
        self.sendable().fold(Sum::default(), |sum, (_, item)| Sum {
            files: sum.files + 1,
            bytes: sum.bytes.saturating_add(item.size),
        })
    }

    /// What to ask about first: the bucket names no limit, and these are larger than most servers take.
    pub fn asks_first(&self) -> Option<Large> {
        if self.size_limit.is_some() {
            return None;
        }
        let sizes = self.sendable().map(|(_, item)| item.size).filter(|&size| size > USUAL_LIMIT);
        sizes.fold(None, |large: Option<Large>, size| {
            let large = large.unwrap_or(Large { files: 0, largest: 0 });
            Some(Large { files: large.files + 1, largest: large.largest.max(size) })
        })
    }

    /// How each item stands before the job begins: what is barred has ended.
    pub fn states(&self) -> Vec<ItemState> {
        let state = |item: &Item| match &item.fault {
            None => ItemState::Waiting,
            Some(fault) => {
                let (kind, sentence) = (fault.kind(), fault.sentence());
                ItemState::Ended(Outcome::Refused { kind, sentence, retry: false })
            }
        };
        self.items.iter().map(state).collect()
    }

    /// Whether [`Plan::rest`] would leave anything to send.
    pub fn has_rest(&self, states: &[ItemState]) -> bool {
        self.items.iter().zip(states).any(|(item, state)| item.fault.is_none() && !state.is_done())
    }

    /// A new plan of what this one left undone, by the states of its items; `None` when there is nothing to send.
    ///
    /// What was barred stays out. Files are taken as they are when their turn comes.
    pub fn rest(&self, states: &[ItemState]) -> Option<Self> {
        let undone = self.items.iter().zip(states).filter(|(item, state)| item.fault.is_none() && !state.is_done());
        let items: Vec<_> = undone
            .map(|(item, state)| Item {
                modified: None,
                unsure: item.unsure || matches!(state, ItemState::Ended(Outcome::Unknown { .. })),
                ..item.clone()
            })
            .collect();
        (!items.is_empty()).then(|| Self { items, ..self.clone() })
    }
}
