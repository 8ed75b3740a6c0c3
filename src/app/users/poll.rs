//! What a poll of the users reads: the newest page and the pages in view, at most four, one after the other; and how
//! it finds out that a user is gone.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{PAGE, POLL, PageRead, Users};
use crate::api::model::{ListUsers, UserId};
use crate::api::route::Route;
use crate::app::cx::Cx;
use crate::app::effect::Effect as Root;
use crate::app::shell::{Out, Shell, Tone, What};
use crate::app::tab::Tab;
use crate::work::query::{RowRef, Sort};

/// The most requests of one round.
pub const MOST_POLLED: usize = 4;

/// One round under way: what is still to be read, and what came.
#[derive(Clone, Debug, Default)]
pub struct Round {
    left: Vec<ListUsers>,
    read: Vec<Seen>,
}

/// One page as it came.
#[derive(Clone, Debug)]
struct Seen {
    page: u32,
    per_page: u32,
    ids: BTreeSet<UserId>,
    newest: Option<Timestamp>,
    oldest: Option<Timestamp>,
    short: bool,
}

impl Round {
    /// Gives the round up.
    pub fn clear(&mut self) {
        self.left.clear();
        self.read.clear();
    }
}

impl Users {
    /// Begins a round.
    pub fn poll(&mut self, cx: &mut Cx, shell: &mut Shell) {
        if self.loading_all {
            return;
        }
        let mut asks = vec![ListUsers { page: 1, per_page: self.newest_page, oldest_first: false }];
        for page in self.pages_in_view(shell.offers(Route::UserGet, cx.now)) {
            if asks.len() < MOST_POLLED && asks.iter().all(|ask| ask.page != page) {
                asks.push(ListUsers { page, per_page: PAGE, oldest_first: false });
            }
        }
        asks.reverse();
        self.round.clear();
        self.round.left = asks;
        self.next_of_round(cx, shell);
    }

    /// The server cannot read a row of this page: of the newest users fewer are asked for, so that those before that row
    /// are still seen; other pages wait for their next turn.
    pub(super) fn poll_smaller(&mut self, cx: &mut Cx, shell: &mut Shell, ask: ListUsers) -> Vec<Out> {
        if ask.page == 1 && ask.per_page > 1 {
            self.newest_page = (ask.per_page / 4).max(1);
            self.round.left.push(ListUsers { per_page: self.newest_page, ..ask });
        }
        let nothing = ask.page == 1 && ask.per_page == 1;
        if !self.next_of_round(cx, shell) {
            self.round.clear();
        }
        let told = "The server cannot read the newest row: users who sign up are not seen until it is mended.";
        if nothing { vec![Out::Notice(Tone::Bad, told.into())] } else { Vec::new() }
    }

    fn next_of_round(&mut self, cx: &mut Cx, shell: &mut Shell) -> bool {
        let Some(ask) = self.round.left.pop() else { return false };
        Self::ask_page(cx, shell, ask, POLL);
        true
    }

    /// The pages of the rows in view; where no read by id can prove that a user is gone, their neighbours too.
    fn pages_in_view(&self, proof: bool) -> Vec<u32> {
        let window = self.list.window(self.matches(), self.height);
        let mut pages = Vec::new();
        for row in super::rows_of(self.view.as_ref()).get(window).unwrap_or_default() {
            let at = self.pages.partition_point(|(first, _)| first <= row);
            let Some((first, ask)) = at.checked_sub(1).and_then(|at| self.pages.get(at)) else { continue };
            let offset = u64::from(ask.page - 1) * u64::from(ask.per_page) + u64::from(row - first);
            let page = (offset / u64::from(PAGE)) as u32 + 1;
            if !pages.contains(&page) {
                pages.push(page);
            }
        }
        if proof {
            return pages;
        }
        let neighbours: Vec<u32> =
            pages.iter().flat_map(|&page| [page.saturating_add(1), page.saturating_sub(1).max(1)]).collect();
        pages.extend(neighbours);
        pages
    }

    /// A page of the round came; at its end the users who are gone are found.
    pub(super) fn round_took(&mut self, cx: &mut Cx, shell: &mut Shell, ask: ListUsers, page: &PageRead) -> Vec<Out> {
        let (mut ids, mut newest, mut oldest) = (BTreeSet::new(), None, None);
        for row in page.rows() {
            ids.insert(row.id());
            if let Some(created) = row.created() {
                newest = newest.max(Some(created));
                oldest = Some(oldest.map_or(created, |oldest: Timestamp| oldest.min(created)));
            }
        }
        let short = (ids.len() as u64) < u64::from(ask.per_page);
        self.round.read.push(Seen { page: ask.page, per_page: ask.per_page, ids, newest, oldest, short });
        if short {
            self.round.left.retain(|left| left.page < ask.page);
        }
        if self.next_of_round(cx, shell) {
            return Vec::new();
        }
        let missing = self.missing();
        self.round.clear();
        if shell.offers(Route::UserGet, cx.now) {
            // A read by id is the proof; a few a round, the rest next time.
            for (id, _) in missing.into_iter().take(MOST_POLLED) {
                let what = What::read("users.poll-row", Tab::Users).on(id.0.to_string());
                shell.ask(cx, what, Root::Users(super::Effect::Get(id)));
            }
            return Vec::new();
        }
        let gone: Vec<UserId> = missing.into_iter().filter(|(_, sure)| *sure).map(|(id, _)| id).collect();
        self.remove(cx, shell, &gone)
    }

    /// The loaded rows that the pages read may cover: while they stand in the server's own order those between the ends
    /// of each page, else those in view.
    fn rows_near<'a>(&'a self, read: &'a [Seen]) -> Vec<RowRef<'a>> {
        let rows = super::rows_of(self.view.as_ref());
        let by_date = self.query.words.is_empty() && self.query.sort == Sort::default();
        let ranges: Vec<std::ops::Range<usize>> = if by_date {
            let created = |row: u32| self.table.row(row).and_then(RowRef::created);
            read.iter()
                .map(|seen| {
                    let start = match (seen.page, seen.newest) {
                        (1, _) | (_, None) => 0,
                        (_, Some(newest)) => rows.partition_point(|&row| created(row) > Some(newest)),
                    };
                    let end = match seen.oldest.filter(|_| !seen.short) {
                        Some(oldest) => rows.partition_point(|&row| created(row) >= Some(oldest)),
                        None => rows.len().min(start + 2 * PAGE as usize),
                    };
                    start..end.min(start + 2 * PAGE as usize)
                })
                .collect()
        } else {
            vec![self.list.window(rows.len(), self.height)]
        };
        let mut near: Vec<u32> =
            ranges.into_iter().flat_map(|range| rows.get(range).unwrap_or_default()).copied().collect();
        near.sort_unstable();
        near.dedup();
        near.into_iter().filter_map(|row| self.table.row(row)).collect()
    }

    /// Users whose place a page of this round covers and who were not in any; `true` where both neighbours of that
    /// page were read as well.
    fn missing(&self) -> Vec<(UserId, bool)> {
        let read = &self.round.read;
        let has = |page: u32| page == 0 || read.iter().any(|seen| seen.page == page);
        let covers: Vec<(Timestamp, Timestamp, bool)> = read
            .iter()
            .filter(|seen| seen.per_page == PAGE)
            .filter_map(|seen| {
                let sure = has(seen.page - 1) && (seen.short || has(seen.page + 1));
                let newest = if seen.page == 1 { Timestamp::MAX } else { seen.newest? };
                let oldest = if seen.short { Timestamp::MIN } else { seen.oldest? };
                Some((newest, oldest, sure))
            })
            .collect();
        let mut missing = Vec::new();
        // Whoever stands in view is looked at, and whoever stands on a page that was read: few rows, whatever is loaded.
        for row in self.rows_near(read) {
            let (id, Some(created)) = (row.id(), row.created()) else { continue };
            if read.iter().any(|seen| seen.ids.contains(&id)) {
                continue;
            }
            if let Some(&(_, _, sure)) = covers.iter().find(|(new, old, _)| created < *new && created > *old) {
                missing.push((id, sure));
            }
        }
        missing
    }
}
