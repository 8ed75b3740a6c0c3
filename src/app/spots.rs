//! Where things stand on the screen: the tabs, the keys in the key bar, the failing poll's lines, the rows. `ui` draws
//! by it and a click is found by it.

use std::ops::Range;

use ratatui::layout::{Position, Rect};

use super::geometry::{self, Areas, areas};
use super::modal::Modal;
use super::op::Op;
use super::op::gate::{Gate, gate, hint};
use super::poll::Bad;
use super::tab::Tab;
use super::{App, global, jobs};
use crate::text::{clean, width};

/// A tab as its line has room for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TabPart {
    /// Which.
    pub tab: Tab,
    /// Its number, with blanks around it.
    pub number: String,
    /// Its name with a blank behind it, where there is room.
    pub title: String,
    /// What it counts with a blank behind it, where there is room.
    pub badge: String,
    /// Its first cell.
    pub x: u16,
    /// Its cells.
    pub width: u16,
}

/// How much a tab says; what is not in view gives way where the width is short.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    Number,
    Title,
    All,
}

/// An operation in the key bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The operation; of several with the same words the first.
    pub op: Op,
    /// Its key, or those of several.
    pub keys: String,
    /// Its words.
    pub words: &'static str,
    /// Whether it would run.
    pub lit: bool,
    /// Its first cell.
    pub x: u16,
    place: u8,
}

impl Hint {
    /// Its cells.
    pub fn width(&self) -> u16 {
        (self.keys.chars().count() + self.words.chars().count() + 1) as u16
    }
}

/// A poll that failed: what is told below the rows that it could not refresh.
pub struct Failing<'a> {
    /// How it failed.
    pub bad: &'a Bad,
    /// The lines that it takes from the body; a single one has no room for the sentence.
    pub area: Rect,
    /// The sentence in the lines that have room.
    pub said: Vec<String>,
}

/// Rows of a body that a failing poll's sentence leaves: three of the list below its rule, and two around itself.
const LEFT: u16 = 6;
/// Cells between two hints of the key bar.
pub const GAP: u16 = 2;

/// What stands at a cell of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// A row of the list, by its position.
    Row(usize),
    /// A job, by its position.
    Job(usize),
    /// An item of the selected job, by its position.
    Item(usize),
    /// The detail.
    Detail,
    /// Nothing to be hit.
    Nothing,
}

impl App {
    /// The tabs as their line has room for them, and what stands between two.
    pub fn tab_line(&self, areas: Areas) -> (Vec<TabPart>, &'static str) {
        let badge = |tab: Tab| match tab {
            Tab::Users => self.users.badge(),
            Tab::Buckets => self.buckets.badge(),
            Tab::Jobs => self.jobs.badge(),
            Tab::Activity => None,
        };
        let gap = if areas.compact { "" } else { " " };
        // The parts of a tab take the same cells whether it is in view or not, so that nothing moves.
        let part = |at: usize, (tab, says): (Tab, Says)| {
            let number = format!(" {} ", at + 1);
            let title = if says == Says::Number { String::new() } else { format!("{} ", tab.title()) };
            let badge = badge(tab).filter(|_| says == Says::All).map(|badge| format!("{badge} ")).unwrap_or_default();
            let width = [&number, &title, &badge].map(|text| width::width(text)).iter().sum::<usize>() as u16;
            TabPart { tab, number, title, badge, x: 0, width }
        };
        let parts = |all: &[(Tab, Says)]| -> Vec<TabPart> {
            let mut x = areas.tabs.x;
            let place = |mut part: TabPart| {
                part.x = x;
                x = x.saturating_add(part.width).saturating_add(gap.len() as u16);
                part
            };
            all.iter().enumerate().map(|(at, &says)| part(at, says)).map(place).collect()
        };
        let fits = |all: &[(Tab, Says)]| {
            let cells = parts(all).last().map_or(0, |part| part.x + part.width + gap.len() as u16);
            cells <= areas.tabs.right()
        };
        let mut all: Vec<(Tab, Says)> = Self::tabs().iter().map(|&tab| (tab, Says::All)).collect();
        // What the others count gives way first, then what the one in view does, and names only after that.
        'fits: for (less, keep) in [(Says::Title, Some(self.tab)), (Says::Title, None), (Says::Number, Some(self.tab))]
        {
            for at in (0..all.len()).rev() {
                if fits(&all) {
                    break 'fits;
                }
                if let Some((_, says)) = all.get_mut(at).filter(|(tab, _)| Some(*tab) != keep) {
                    *says = less;
                }
            }
        }
        (parts(&all), gap)
    }

    /// The keys in the key bar: what matters most stays when the width is short.
    pub fn key_line(&self, area: Rect) -> Vec<Hint> {
        let mut hints = self.hints();
        // Behind the last one no gap is needed.
        let mut room = (area.width + GAP).saturating_sub(1);
        hints.retain(|hint| {
            let left = room.checked_sub(hint.width() + GAP);
            room = left.unwrap_or(room);
            left.is_some()
        });
        // Help and quit have the lowest places, so that they are never left out, and stand at the end.
        let (last, first): (Vec<_>, Vec<_>) = hints.into_iter().partition(|hint| hint.place < 10);
        let mut x = area.x + 1;
        let place = |mut hint: Hint| {
            hint.x = x;
            x += hint.width() + GAP;
            hint
        };
        first.into_iter().chain(last).map(place).collect()
    }

    fn hints(&self) -> Vec<Hint> {
        let scopes = self.scopes();
        let full = self.is_detail_full();
        let mut all: Vec<Hint> = Op::all()
            .filter(|op| scopes.contains(&op.spec().scope))
            .filter_map(|op| {
                let spec = op.spec();
                let inside = op != Op::Global(global::Op::Back) || self.is_inside();
                let (place, words) = if full { spec.detail? } else { (spec.bar.filter(|_| inside)?, hint(op, self)) };
                let lit = match gate(op, self) {
                    Gate::Run => true,
                    Gate::Dimmed(_) => false,
                    Gate::Absent => return None,
                };
                Some(Hint { op, place, keys: self.keymap.keys(op).next()?.to_string(), words, lit, x: 0 })
            })
            .collect();
        all.sort_by_key(|hint| hint.place);
        all.dedup_by(|next, hint| {
            let same = full && next.place == hint.place;
            if same {
                hint.keys.push('/');
                hint.keys.push_str(&next.keys);
            }
            same
        });
        all
    }

    /// The failing poll of the tab in view, where rows stand that it could not refresh.
    pub fn failing(&self, body: Rect) -> Option<Failing<'_>> {
        let loaded = match (self.tab, &self.objects) {
            (Tab::Users, _) => self.users.loaded,
            (Tab::Buckets, Some(objects)) => objects.loaded,
            (Tab::Buckets, None) => self.buckets.loaded,
            (Tab::Jobs | Tab::Activity, _) => false,
        };
        let asking = self.modals.asks_credential();
        let health = self.health.get(&self.polled_tab()).filter(|_| loaded && !asking)?;
        let bad = health.bad.as_ref().filter(|_| body.height > 3)?;
        let cells = usize::from(body.width.saturating_sub(4));
        let most = usize::from(body.height.saturating_sub(LEFT));
        let said = if body.height <= 8 {
            Vec::new()
        } else {
            width::at_most(&clean::line(&bad.error.sentence()), cells, most)
        };
        let height = if said.is_empty() { 1 } else { 2 + said.len() as u16 };
        Some(Failing { bad, area: Rect { y: body.bottom() - height, height, ..body }, said })
    }

    /// What a failing poll leaves of the body.
    pub fn rest_of(&self, body: Rect) -> Rect {
        let taken = self.failing(body).map_or(0, |failing| failing.area.height);
        Rect { height: body.height - taken, ..body }
    }

    /// What stands at a cell, where no modal is open.
    pub(super) fn spot(&self, at: Position) -> Spot {
        let body = self.rest_of(areas(self.size).body);
        if !body.contains(at) {
            return Spot::Nothing;
        }
        if self.tab == Tab::Jobs {
            return self.job_spot(body, at);
        }
        let split = geometry::split(body, self.is_detail_full(), self.shell.share);
        if split.detail.is_some_and(|detail| detail.contains(at)) {
            return Spot::Detail;
        }
        let (window, _) = self.window(split.rows);
        row(window, split.rows, at).map_or(Spot::Nothing, Spot::Row)
    }

    /// The positions in view of the list in view, and the selected one; not of jobs.
    fn window(&self, rows: Rect) -> (Range<usize>, usize) {
        let height = usize::from(rows.height);
        match (self.tab, &self.objects) {
            (Tab::Users | Tab::Jobs, _) => (self.users.list.window(self.users.matches(), height), self.users.list.at()),
            (Tab::Buckets, Some(objects)) => (objects.list.window(objects.len(), height), objects.list.at()),
            (Tab::Buckets, None) => (self.buckets.list.window(self.buckets.len(), height), self.buckets.list.at()),
            (Tab::Activity, _) => (self.activity.list.window(self.activity.len(), height), self.activity.list.at()),
        }
    }

    /// The row of the screen that bears the selection of the list in view, if one does.
    pub fn selected_row(&self, body: Rect) -> Option<u16> {
        let body = self.rest_of(body);
        let (window, at, first, each) = if self.tab == Tab::Jobs {
            let (jobs, rows) = self.job_rows(body);
            if self.jobs.in_items {
                (self.jobs.items_window(), self.jobs.items.at(), rows.y, 1)
            } else {
                let window = self.jobs.list.window(self.jobs.jobs().len(), usize::from(jobs.jobs));
                (window, self.jobs.list.at(), body.y + 1, jobs.per_job)
            }
        } else {
            let rows = geometry::split(body, self.is_detail_full(), self.shell.share).rows;
            let (window, at) = self.window(rows);
            (window, at, rows.y, 1)
        };
        let down = (at.checked_sub(window.start)?) as u16;
        (window.contains(&at) && !self.is_detail_full()).then_some(first + down * each)
    }

    /// How the jobs' tab is split, and the rows of the items.
    fn job_rows(&self, body: Rect) -> (jobs::Parts, Rect) {
        let jobs = &self.jobs;
        let parts = jobs::parts(body.height, jobs.jobs().len(), jobs.in_items, body.width >= geometry::WIDE);
        // Below the tab's rule the jobs, below theirs the items; where it is wide the selected one stands beside them.
        let above = 1 + parts.jobs * parts.per_job + 1;
        let beside = if jobs.in_items && parts.detail == 0 { self.shell.share.cells(body.width) } else { 0 };
        (parts, Rect { y: body.y + above, height: parts.items, width: body.width - beside, ..body })
    }

    fn job_spot(&self, body: Rect, at: Position) -> Spot {
        let jobs = &self.jobs;
        let (parts, rows) = self.job_rows(body);
        let line = usize::from(at.y - body.y);
        if (1..=usize::from(parts.jobs * parts.per_job)).contains(&line) {
            let window = jobs.list.window(jobs.jobs().len(), usize::from(parts.jobs));
            let position = window.start + (line - 1) / usize::from(parts.per_job);
            return if window.contains(&position) { Spot::Job(position) } else { Spot::Nothing };
        }
        row(jobs.items_window(), rows, at).map_or(Spot::Nothing, Spot::Item)
    }

    /// The position of the row at a cell in the list of a modal that has the keys, and of the selected one.
    pub(super) fn modal_row(&self, at: Position) -> Option<(usize, usize)> {
        let mut screen = Rect { x: 0, y: 0, width: self.size.width, height: areas(self.size).bar.y };
        let (size, rows, list, count, above) = match self.modals.top()? {
            Modal::Palette(all) => {
                (all.size(self.size), all.rows(self.size), all.finder.list(), all.finder.matches().len(), 1)
            }
            Modal::Picker(picker) if picker.review.is_none() => {
                let browse = &picker.browse;
                let size = super::picker::Picker::size(self.size);
                (size, picker.rows(self.size), browse.list(), browse.count(), 2)
            }
            Modal::Projects(all) => {
                let size = all.size(self.size);
                screen = geometry::top(screen, size);
                (size, all.height(self.size), all.finder.list(), all.finder.matches().len(), 2)
            }
            _ => return None,
        };
        let inside = geometry::inside(geometry::framed(screen, size));
        let first = Rect { y: inside.y + above, height: inside.height.saturating_sub(above), ..inside };
        let rows = Rect { height: first.height.min(rows as u16), ..first };
        let position = row(list.window(count, usize::from(rows.height)), rows, at)?;
        Some((position, list.at()))
    }
}

/// The position of the row at a cell.
fn row(window: Range<usize>, rows: Rect, at: Position) -> Option<usize> {
    let position = window.start + usize::from(at.y.checked_sub(rows.y)?);
    (rows.contains(at) && window.contains(&position)).then_some(position)
}
