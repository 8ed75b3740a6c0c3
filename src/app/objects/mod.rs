//! The objects of one open bucket: the folder in view as far as it is loaded, page by page; order, filter, the selected
//! row. Read only.

mod detail;
mod effect;
mod ops;
mod pages;
#[cfg(test)]
mod tests;
mod update;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use strum::VariantArray;

use super::list::List;
use crate::api::error::{ApiError, Kind};
use crate::api::model::{Bucket, Entry, Row};
use crate::text::human;

pub use effect::{Body, Effect, ListObjects};
pub use ops::Op;
use pages::Pages;

/// How long a new or changed row is marked.
pub const FRESH: Duration = Duration::from_secs(10);
/// Keeps an empty folder alive on the server: never shown.
const PLACEHOLDER: &str = ".emptyFolderPlaceholder";

/// What names a row, whatever its place. A folder and an object may share a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowId {
    /// A folder by its full key, which ends in `/`.
    Folder(String),
    /// An object by its full key.
    Object(String),
    /// A row that cannot be read, by its text.
    Broken(String),
}

impl RowId {
    /// The full key, where there is one.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Folder(key) | Self::Object(key) => Some(key),
            Self::Broken(_) => None,
        }
    }
}

/// A column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum Column {
    /// The name.
    Name,
    /// Bytes.
    Size,
    /// The type.
    Type,
    /// When it was written last.
    Changed,
}

impl Column {
    /// For the title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Size => "size",
            Self::Type => "type",
            Self::Changed => "changed",
        }
    }
}

/// Why a row is marked for a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fresh {
    /// It was not there before.
    New,
    /// It was written again.
    Changed,
}

/// An open bucket.
#[derive(Clone, Debug)]
pub struct State {
    /// The bucket.
    pub bucket: Bucket,
    /// The folder in view: `""` for the root, else ends in `/`.
    pub prefix: String,
    /// Selection and marks.
    pub list: List<RowId>,
    /// Whether the folder's first page has come.
    pub loaded: bool,
    /// Why the last read failed, until one goes well.
    pub failed: Option<ApiError>,
    /// The server does not list the bucket any more.
    pub bucket_gone: bool,
    /// Whether list-v1 answered, which ignores the prefix's case.
    pub inexact: bool,
    /// By what they are sorted, and whether the largest comes first.
    pub sort: (Column, bool),
    /// Rows marked for a moment, until when.
    pub fresh: BTreeMap<RowId, (Fresh, Duration)>,
    /// The detail fills the screen.
    pub detail: bool,
    /// Lines scrolled in the detail.
    pub scroll: usize,
    filter: String,
    pages: Pages,
    shown: Vec<RowId>,
    /// Page and place in it, in the order of `shown`.
    order: Vec<(usize, usize)>,
    /// Pages still to be read again by this poll, by where they begin.
    queue: VecDeque<Option<String>>,
    /// To be selected once it is there: the folder one came from.
    wanted: Option<RowId>,
    height: usize,
}

impl State {
    /// The bucket's root, nothing read yet; [`State::poll`] asks for it.
    pub fn new(bucket: Bucket) -> Self {
        Self {
            bucket,
            prefix: String::new(),
            list: List::default(),
            loaded: false,
            failed: None,
            bucket_gone: false,
            inexact: false,
            sort: (Column::Name, false),
            fresh: BTreeMap::new(),
            detail: false,
            scroll: 0,
            filter: String::new(),
            pages: Pages::default(),
            shown: Vec::new(),
            order: Vec::new(),
            queue: VecDeque::new(),
            wanted: None,
            height: 1,
        }
    }

    /// How many rows are shown.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether none is shown.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// The row at a position of the list.
    pub fn row_at(&self, position: usize) -> Option<(&RowId, &Row<Entry>)> {
        let (page, place) = self.order.get(position)?;
        Some((self.shown.get(position)?, self.pages.row(*page, *place)?))
    }

    /// The selected row.
    pub fn current(&self) -> Option<(&RowId, &Row<Entry>)> {
        self.row_at(self.list.at())
    }

    /// The filter as typed.
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// The bucket and the folders below it, as they are named; an empty segment says so.
    pub fn crumbs(&self) -> Vec<&str> {
        let folders = self.prefix.strip_suffix('/').into_iter().flat_map(|prefix| prefix.split('/'));
        std::iter::once(self.bucket.name.as_str())
            .chain(folders)
            .map(|name| if name.is_empty() { "(empty name)" } else { name })
            .collect()
    }

    /// A row's name within the folder in view; what does not lie in it keeps its full key.
    pub fn name(&self, entry: &Entry) -> String {
        let name = entry.key.strip_prefix(&self.prefix).unwrap_or(&entry.key);
        let bare = if entry.folder { name.strip_suffix('/').unwrap_or(name) } else { name };
        let bare = if bare.is_empty() { "(empty name)" } else { bare };
        if entry.folder { format!("{bare}/") } else { bare.to_owned() }
    }

    /// Whether the server has more of this folder.
    pub fn has_more(&self) -> bool {
        self.pages.next().is_some()
    }

    /// Whether there is no such bucket, as far as a failure or the list of buckets tells. An empty bucket is another
    /// thing, though servers answer both with an empty list.
    pub fn is_gone(&self) -> bool {
        self.bucket_gone || self.failed.as_ref().is_some_and(|error| error.kind == Kind::NotFound)
    }

    /// What stands at the right of the rule: it claims a number of objects only when all are loaded.
    pub fn coverage(&self) -> String {
        if !self.loaded {
            return if self.failed.is_some() { String::new() } else { "loading".into() };
        }
        let mut parts = Vec::new();
        if !self.filter.trim().is_empty() {
            parts.push(format!("{} match", human::count(self.shown.len() as u64)));
        }
        let (folders, objects) = self.pages.counts();
        if self.has_more() {
            parts.push(format!("{} loaded · more", human::count(folders + objects)));
        } else {
            if folders > 0 {
                parts.push(counted(folders, "folder"));
            }
            if objects > 0 || folders == 0 {
                parts.push(counted(objects, "object"));
            }
        }
        if self.pages.cut {
            parts.push("the server repeats itself: there may be more".into());
        }
        if self.pages.broken() > 0 {
            parts.push(format!("{} unreadable", human::count(self.pages.broken())));
        }
        if self.inexact {
            parts.push("inexact: list v1 mixes Docs/ and docs/".into());
        }
        if !self.list.marks().is_empty() {
            parts.push(format!("◆ {} marked", human::count(self.list.marks().len() as u64)));
        }
        parts.join(" · ")
    }

    /// When this list needs a tick: a mark fades.
    pub fn deadline(&self) -> Option<Duration> {
        self.fresh.values().map(|(_, until)| *until).min()
    }
}

fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", human::count(number), if number == 1 { "" } else { "s" })
}

/// Whether the row only keeps a folder alive.
fn is_placeholder(entry: &Entry) -> bool {
    !entry.folder && entry.key.rsplit('/').next() == Some(PLACEHOLDER)
}

/// What names a row.
fn id_of(row: &Row<Entry>) -> RowId {
    match &row.value {
        Ok(entry) if entry.folder => RowId::Folder(entry.key.clone()),
        Ok(entry) => RowId::Object(entry.key.clone()),
        Err(_) => RowId::Broken(row.raw.chars().take(200).collect()),
    }
}
