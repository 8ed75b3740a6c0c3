//! The pages of one folder as they were read. A page that is read again replaces itself; what moved over its edges
//! meanwhile is neither lost nor doubled.

use std::collections::BTreeSet;

use super::{RowId, id_of, is_placeholder};
use crate::api::model::{Entry, Listing, Row};

/// More rows than this are not loaded: they would not be looked through by scrolling.
const MOST: usize = 200_000;

/// One page.
#[derive(Clone, Debug, PartialEq)]
struct Page {
    /// Where it begins, as asked for.
    asked: Option<String>,
    /// Where the next one begins.
    next: Option<String>,
    ids: Vec<RowId>,
    rows: Vec<Row<Entry>>,
}

/// All pages read so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pages {
    pages: Vec<Page>,
    /// The server gave a page without anything new and says that there are more: it was not asked further.
    pub cut: bool,
}

impl Pages {
    /// A row by page and place.
    pub fn row(&self, page: usize, place: usize) -> Option<&Row<Entry>> {
        self.pages.get(page)?.rows.get(place)
    }

    /// All rows with page and place, each id once.
    pub fn rows(&self) -> Vec<((usize, usize), &RowId, &Row<Entry>)> {
        let mut seen = BTreeSet::new();
        let mut rows = Vec::new();
        for (at, page) in self.pages.iter().enumerate() {
            for (place, (id, row)) in page.ids.iter().zip(&page.rows).enumerate() {
                if seen.insert(id) {
                    rows.push(((at, place), id, row));
                }
            }
        }
        rows
    }

    /// All ids.
    pub fn ids(&self) -> BTreeSet<RowId> {
        self.pages.iter().flat_map(|page| page.ids.iter().cloned()).collect()
    }

    /// Folders and objects, each once.
    pub fn counts(&self) -> (u64, u64) {
        let ids: BTreeSet<_> = self.pages.iter().flat_map(|page| &page.ids).collect();
        let folders = ids.iter().filter(|id| matches!(id, RowId::Folder(_))).count();
        let objects = ids.iter().filter(|id| matches!(id, RowId::Object(_))).count();
        (folders as u64, objects as u64)
    }

    /// Rows that cannot be read.
    pub fn broken(&self) -> u64 {
        self.pages.iter().flat_map(|page| &page.ids).filter(|id| matches!(id, RowId::Broken(_))).count() as u64
    }

    /// Where the page after the last one begins.
    pub fn next(&self) -> Option<&str> {
        if self.cut { None } else { self.pages.last().and_then(|page| page.next.as_deref()) }
    }

    /// Whether another page may be loaded.
    pub fn may_grow(&self) -> bool {
        self.next().is_some() && self.pages.iter().map(|page| page.rows.len()).sum::<usize>() < MOST
    }

    /// Where a page begins.
    pub fn asked(&self, page: usize) -> Option<&Option<String>> {
        self.pages.get(page).map(|page| &page.asked)
    }

    /// Takes a page: the one that begins there again, or the next one. Whether it fits anywhere.
    pub fn take(&mut self, asked: Option<String>, listing: Listing) -> bool {
        let rows: Vec<_> =
            listing.rows.into_iter().filter(|row| !row.value.as_ref().is_ok_and(is_placeholder)).collect();
        let page = Page { ids: rows.iter().map(id_of).collect(), asked, next: listing.next, rows };
        if let Some(at) = self.pages.iter().position(|old| old.asked == page.asked) {
            self.replace(at, page);
            return true;
        }
        if !self.pages.is_empty() && self.next() != page.asked.as_deref() {
            return false;
        }
        let known = self.ids();
        // A server that gives the same page for ever is not asked for ever.
        self.cut = page.next.is_some() && page.ids.iter().all(|id| known.contains(id));
        self.pages.push(page);
        true
    }

    fn replace(&mut self, at: usize, mut page: Page) {
        let Some(old) = self.pages.get(at) else { return };
        if page.next.is_none() {
            self.pages.truncate(at + 1);
            self.cut = false;
        } else if page.next != old.next && self.pages.len() > at + 1 {
            // New rows pushed old ones over the page's end, where the next page, as it was read, does not begin yet.
            for (id, row) in pushed_out(old, &page) {
                page.ids.push(id);
                page.rows.push(row);
            }
        }
        if let Some(place) = self.pages.get_mut(at) {
            *place = page;
        }
    }
}

/// The old rows behind the last one that both pages hold, folders and objects each for themselves.
fn pushed_out(old: &Page, new: &Page) -> Vec<(RowId, Row<Entry>)> {
    let held: BTreeSet<_> = new.ids.iter().collect();
    let mut out = Vec::new();
    for folders in [true, false] {
        let of_kind: Vec<_> =
            old.ids.iter().zip(&old.rows).filter(|(id, _)| matches!(id, RowId::Folder(_)) == folders).collect();
        let behind = of_kind.iter().rposition(|(id, _)| held.contains(id)).map_or(0, |at| at + 1);
        out.extend(of_kind.into_iter().skip(behind).map(|(id, row)| (id.clone(), row.clone())));
    }
    out
}
