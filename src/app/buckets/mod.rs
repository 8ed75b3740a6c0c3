//! The buckets: rows, order, filter, the selected one. Their objects are another feature.

mod detail;
mod effect;
mod ops;
#[cfg(test)]
mod tests;
mod update;

use std::collections::BTreeMap;
use std::time::Duration;

use strum::VariantArray;

use super::list::List;
use crate::api::error::ApiError;
use crate::api::model::{Bucket, BucketId, Row};
use crate::text::human;

pub use effect::{Body, Effect};
pub use ops::Op;

/// How long a new row is marked.
pub const FRESH: Duration = Duration::from_secs(10);

/// What names a row, whatever its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowId {
    /// A bucket by its id.
    Bucket(BucketId),
    /// A row that cannot be read, by its place among those.
    Broken(usize),
}

/// A column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum Column {
    /// The name.
    Name,
    /// Public or private.
    Access,
    /// The size limit.
    Limit,
    /// The allowed types.
    Types,
    /// When it was created.
    Created,
}

impl Column {
    /// For the title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Access => "access",
            Self::Limit => "limit",
            Self::Types => "types",
            Self::Created => "created",
        }
    }
}

/// The list of buckets.
#[derive(Clone, Debug)]
pub struct State {
    /// Selection and marks.
    pub list: List<RowId>,
    /// Whether the buckets have been read at least once.
    pub loaded: bool,
    /// Why they could not be read, as long as they never were.
    pub failed: Option<ApiError>,
    /// By what they are sorted, and whether the largest comes first.
    pub sort: (Column, bool),
    /// Rows that came a moment ago, until when they are marked.
    pub fresh: BTreeMap<RowId, Duration>,
    /// The detail fills the screen.
    pub detail: bool,
    /// Lines scrolled in the detail.
    pub scroll: usize,
    /// Whether some door can list objects, as of the last answer.
    pub can_list: bool,
    filter: String,
    rows: Vec<(RowId, Row<Bucket>)>,
    shown: Vec<RowId>,
    /// Positions in `rows`, in the order of `shown`.
    order: Vec<usize>,
    height: usize,
}

impl Default for State {
    fn default() -> Self {
        Self {
            list: List::default(),
            loaded: false,
            failed: None,
            sort: (Column::Name, false),
            fresh: BTreeMap::new(),
            detail: false,
            scroll: 0,
            can_list: true,
            filter: String::new(),
            rows: Vec::new(),
            shown: Vec::new(),
            order: Vec::new(),
            height: 1,
        }
    }
}

impl State {
    /// How many rows are shown.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether none is shown.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// The row at a position of the list.
    pub fn row_at(&self, position: usize) -> Option<(&RowId, &Row<Bucket>)> {
        let (id, row) = self.rows.get(*self.order.get(position)?)?;
        Some((id, row))
    }

    /// The selected row.
    pub fn current(&self) -> Option<&Row<Bucket>> {
        self.row_at(self.list.at()).map(|(_, row)| row)
    }

    /// The selected bucket, where its row can be read.
    pub fn bucket(&self) -> Option<&Bucket> {
        self.current()?.value.as_ref().ok()
    }

    /// All buckets that can be read.
    pub fn buckets(&self) -> impl Iterator<Item = &Bucket> {
        self.rows.iter().filter_map(|(_, row)| row.value.as_ref().ok())
    }

    /// Whether the server listed this bucket the last time; `None` before it listed any.
    pub fn knows(&self, id: &BucketId) -> Option<bool> {
        self.loaded.then(|| self.buckets().any(|bucket| bucket.id == *id))
    }

    /// The filter as typed.
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// How many there are, for the tab.
    pub fn badge(&self) -> Option<String> {
        self.loaded.then(|| human::count(self.rows.len() as u64))
    }

    /// What stands at the right of the rule.
    pub fn coverage(&self) -> String {
        if !self.loaded {
            return if self.failed.is_some() { String::new() } else { "loading".into() };
        }
        let all = self.rows.len() as u64;
        let mut parts = Vec::new();
        if !self.filter.trim().is_empty() {
            parts.push(format!("{} match", human::count(self.shown.len() as u64)));
        }
        parts.push(format!("{} bucket{}", human::count(all), if all == 1 { "" } else { "s" }));
        match self.rows.iter().filter(|(_, row)| row.value.is_err()).count() {
            0 => {}
            broken => parts.push(format!("{broken} unreadable")),
        }
        if !self.list.marks().is_empty() {
            parts.push(format!("◆ {} marked", human::count(self.list.marks().len() as u64)));
        }
        parts.join(" · ")
    }

    /// When this list needs a tick: a mark fades.
    pub fn deadline(&self) -> Option<Duration> {
        self.fresh.values().copied().min()
    }
}
