//! All pages of a list, one after the other: which to ask for next, what cannot be read, and how much of the list was
//! really seen. Pure: it asks for pages and is told what they brought; whoever owns it makes the requests.
//!
//! GoTrue cuts pages by `created_at` alone, so of users with the same time some come twice and others never; a row that
//! it cannot read fails its whole page; some servers ignore paging. None of this may end in a list that looks complete.

use std::hash::{BuildHasher, RandomState};

use crate::api::model::{Total, UserId};
use crate::text::human::count;

#[cfg(test)]
mod tests;

/// Rows of a page on the second way: larger pages cut through fewer rows of the same time.
const SECOND_WAY: u32 = 1_000;
/// Requests beyond one a page that may be spent on unreadable rows.
const EXTRA: u32 = 256;
/// After so many failures in a row it is not a row that is bad, but the server.
const FAILURES: u32 = 24;
/// Pages without a new id that are forgiven beyond those that hold the known rows.
const STALE: u64 = 2;

/// The most users that are walked over: their ids are held in memory.
const MOST: u64 = 50_000_000;
/// Of a list whose total is known, so many come at most beyond twice that: users may be created meanwhile.
const SPARE: u64 = 10_000;

/// A page to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// From 1.
    pub page: u32,
    /// Rows of a page.
    pub per_page: u32,
    /// `sort=created_at asc`; else newest first.
    pub oldest_first: bool,
}

impl Request {
    /// Rows before its first one.
    fn start(self) -> u64 {
        u64::from(self.page.saturating_sub(1)) * u64::from(self.per_page)
    }

    /// The pages of the next smaller size that cover the same rows, last first: a page can only be cut where page
    /// numbers still meet its borders.
    fn parts(self) -> Vec<Self> {
        let size = self.per_page;
        let factor = (2..=size).find(|factor| size.is_multiple_of(*factor)).unwrap_or(1);
        let first = (self.page.saturating_sub(1)).saturating_mul(factor);
        (1..=factor).rev().map(|at| Self { page: first.saturating_add(at), per_page: size / factor, ..self }).collect()
    }
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask for this page, then call `took` or `unreadable`.
    Ask(Request),
    /// All was asked for.
    Done,
}

/// Rows that the server cannot read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    /// The first of them, from 1, in the order that it was asked in.
    pub position: u64,
    /// How many; `None` up to the end.
    pub rows: Option<u64>,
    /// What happened, for people.
    pub sentence: String,
}

/// How much of the list is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Distinct ids.
    pub distinct: u64,
    /// What the server counts.
    pub total: Total,
    /// What it cannot read.
    pub holes: Vec<Hole>,
    /// Of an exact total, how many neither came nor are in a hole.
    pub missing: u64,
    /// Whether there is nothing left to ask for.
    pub ended: bool,
    /// Whether each row that the server counts is there: never by an inexact total.
    pub complete: bool,
}

impl Coverage {
    /// For the list's title: `1,204 of 12,345 loaded`.
    pub fn title(&self) -> String {
        let distinct = count(self.distinct);
        let title = match self.total {
            Total::Exact(0) if self.complete => "empty".to_owned(),
            Total::Exact(_) if self.complete => format!("all {distinct} loaded"),
            Total::Exact(total) if self.distinct <= total => format!("{distinct} of {} loaded", count(total)),
            // Some that were loaded have gone since.
            Total::Exact(total) => format!("{distinct} loaded, the server counts {}", count(total)),
            Total::AtMost(_) | Total::Unknown if self.ended => format!("{distinct} loaded"),
            Total::AtMost(_) | Total::Unknown => format!("{distinct}+ loaded"),
        };
        let missing = if self.ended { self.missing } else { 0 };
        let but = [(rows(&self.holes), "unreadable"), (missing, "missing")];
        let but = but.into_iter().filter(|(rows, _)| *rows > 0).map(|(rows, what)| format!(", {} {what}", count(rows)));
        but.fold(title, |title, but| title + &but)
    }
}

/// A walk over all pages.
#[derive(Clone, Debug)]
pub struct Walk {
    per_page: u32,
    /// The next whole page.
    page: u32,
    /// Parts of an unreadable page, the next one last.
    parts: Vec<Request>,
    /// Newest first, then oldest first.
    ways: [Way; 2],
    second: bool,
    done: bool,
    distinct: u64,
    total: Total,
    /// Ids of the page before, as one number.
    last: Option<u64>,
    stale: u64,
    failures: u32,
    extra: u32,
    hasher: RandomState,
}

#[derive(Clone, Debug, Default)]
struct Way {
    holes: Vec<Hole>,
    /// Whether it led to the other end.
    through: bool,
}

impl Walk {
    /// A walk from the newest row, with pages of this size (at least 1: a page of 0 rows is an error at GoTrue).
    pub fn new(per_page: u32) -> Self {
        Self {
            per_page: per_page.max(1),
            page: 1,
            parts: Vec::new(),
            ways: <[Way; 2]>::default(),
            second: false,
            done: false,
            distinct: 0,
            total: Total::Unknown,
            last: None,
            stale: 0,
            failures: 0,
            extra: 0,
            hasher: RandomState::new(),
        }
    }

    /// Goes on with pages of another size from where it is; some rows may be asked for again.
    pub fn resize(&mut self, per_page: u32) {
        if self.parts.is_empty() && !self.second {
            let start = self.whole().start();
            self.per_page = per_page.max(1);
            self.page = (start / u64::from(self.per_page)) as u32 + 1;
        }
    }

    /// What to do next. The same until `took` or `unreadable` is called.
    pub fn next(&self) -> Next {
        if self.done { Next::Done } else { Next::Ask(self.parts.last().copied().unwrap_or_else(|| self.whole())) }
    }

    /// What a page brought: its ids, how many of them were not known, how many distinct ids are known now, and the
    /// total that came along. The answer to another request than the next one only counts for the figures.
    pub fn took(&mut self, request: Request, ids: &[UserId], new: usize, distinct: usize, total: Total) {
        self.counted(distinct, total);
        if self.next() != Next::Ask(request) {
            return;
        }
        self.failures = 0;
        if self.distinct > self.most() {
            return self.leave(request);
        }
        if self.parts.pop().is_some() {
            return if ids.is_empty() { self.end(true) } else { self.advance() };
        }
        let rows = ids.len() as u64;
        // Without an order: rows of the same time change places.
        let print = ids.iter().fold(rows, |sum, id| sum.wrapping_add(self.hasher.hash_one(id)));
        let again = rows > 1 && self.last.replace(print) == Some(print);
        self.stale = if new == 0 { self.stale + 1 } else { 0 };
        let exact = self.exact();
        let going_on = exact.is_some_and(|total| {
            self.distinct < total && self.stale <= self.distinct / u64::from(self.per_page) + STALE
        });
        if rows == 0 || again || exact.is_some_and(|total| rows >= total) || (self.stale > 0 && !going_on) {
            return self.end(true);
        }
        if request.page == 1 && rows < u64::from(self.per_page) && exact.is_some() {
            // The server has a largest page of its own.
            self.per_page = rows as u32;
        }
        self.advance();
    }

    /// Tells that the server cannot make a page, and why. It is asked for again in smaller parts.
    pub fn unreadable(&mut self, request: Request, why: &str) {
        if self.next() != Next::Ask(request) {
            return;
        }
        self.failures += 1;
        if self.failures > FAILURES {
            self.hole(request, None, why);
            return self.end(false);
        }
        let parts = request.parts();
        if parts.len() > 1 && self.extra + parts.len() as u32 <= EXTRA {
            self.extra += parts.len() as u32;
            self.parts.pop();
            self.parts.extend(parts);
            return;
        }
        self.hole(request, Some(u64::from(request.per_page)), why);
        self.parts.pop();
        self.advance();
    }

    /// Takes over figures that came by another way, such as a poll.
    pub fn counted(&mut self, distinct: usize, total: Total) {
        self.distinct = distinct as u64;
        if total != Total::Unknown {
            self.total = total;
        }
    }

    /// How much of the list is there.
    pub fn coverage(&self) -> Coverage {
        let [first, second] = &self.ways;
        // A way that led through the whole list met each hole once.
        let holes = match (first.through, second.through) {
            (false, true) => second.holes.clone(),
            (false, false) => [first.holes.as_slice(), second.holes.as_slice()].concat(),
            (true, _) => first.holes.clone(),
        };
        let missing = self.exact().map_or(0, |total| total.saturating_sub(self.distinct + rows(&holes)));
        let complete = self.done && holes.is_empty() && self.exact() == Some(self.distinct);
        Coverage { distinct: self.distinct, total: self.total, holes, missing, ended: self.done, complete }
    }

    fn whole(&self) -> Request {
        Request { page: self.page, per_page: self.per_page, oldest_first: self.second }
    }

    fn exact(&self) -> Option<u64> {
        match self.total {
            Total::Exact(total) => Some(total),
            Total::AtMost(_) | Total::Unknown => None,
        }
    }

    /// The most distinct ids that a server may send.
    fn most(&self) -> u64 {
        self.exact().map_or(MOST, |total| total.saturating_mul(2).saturating_add(SPARE).min(MOST))
    }

    /// Ends the walk: the server sends new users for ever.
    fn leave(&mut self, request: Request) {
        let sentence = format!("The server sends users without end: left after {} of them", count(self.distinct));
        let [first, _] = &mut self.ways;
        // Whatever the second way finds, it stays known.
        first.holes.push(Hole { position: request.start() + 1, rows: None, sentence });
        self.done = true;
    }

    /// On to the next part, or the next page once its parts are done, or to the end.
    fn advance(&mut self) {
        if self.parts.is_empty() {
            self.page = self.page.saturating_add(1);
        }
        let Next::Ask(next) = self.next() else { return };
        let found = self.second && self.exact().is_some_and(|total| self.distinct >= total);
        if found || self.page == u32::MAX || self.exact().is_some_and(|total| next.start() >= total) {
            self.end(true);
        }
    }

    fn end(&mut self, through: bool) {
        self.parts.clear();
        let [first, second] = &mut self.ways;
        let way = if self.second { second } else { first };
        way.through = through;
        let short = match self.total {
            Total::Exact(total) => self.distinct + rows(&way.holes) < total,
            Total::AtMost(_) | Total::Unknown => false,
        };
        if self.second || (through && !short) {
            self.done = true;
            return;
        }
        self.second = true;
        self.page = 1;
        self.per_page = self.per_page.max(SECOND_WAY);
        self.last = None;
        self.stale = 0;
        self.failures = 0;
    }

    fn hole(&mut self, request: Request, rows: Option<u64>, why: &str) {
        let position = request.start() + 1;
        let from = if request.oldest_first { "oldest" } else { "newest" };
        let what = match rows {
            Some(1) => format!("row {}", count(position)),
            Some(rows) => format!("rows {} to {}", count(position), count(position + rows - 1)),
            None => format!("rows from {} on", count(position)),
        };
        let sentence = format!("The server cannot read {what}, counted from the {from}: {why}");
        let [first, second] = &mut self.ways;
        let way = if self.second { second } else { first };
        way.holes.push(Hole { position, rows, sentence });
    }
}

fn rows(holes: &[Hole]) -> u64 {
    holes.iter().filter_map(|hole| hole.rows).sum()
}
