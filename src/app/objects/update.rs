//! How the objects change: operations, pages, order and matches.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::Timestamp;
use strum::VariantArray;

use super::{Body, Column, Effect, FRESH, Fresh, ListObjects, Op, RowId, State};
use crate::api::model::{Entry, Listing, Row};
use crate::app::cx::Cx;
use crate::app::effect::Effect as Root;
use crate::app::facts;
use crate::app::list;
use crate::app::project;
use crate::app::shell::{self, Out, Shell, Tone, What};
use crate::app::tab::Tab;
use crate::work::plan::Rules;

/// The names of this feature's reads.
const POLL: &str = "objects.poll";
const OPEN: &str = "objects.open";
const MORE: &str = "objects.more";
/// A poll reads at most so many pages, one after the other.
const AT_MOST: usize = 4;

impl State {
    /// Does what was asked for.
    pub fn run(&mut self, cx: &mut Cx, shell: &mut Shell, op: Op) -> Vec<Out> {
        match op {
            Op::Open => match self.current() {
                Some((_, Row { value: Ok(entry), .. })) if entry.folder => {
                    let prefix = entry.key.clone();
                    return self.enter(cx, shell, prefix, None);
                }
                _ => self.show_detail(),
            },
            Op::Up => return self.up(cx, shell),
            Op::Detail => self.show_detail(),
            Op::Upload => {
                let (bucket, rules) = (self.bucket.id.clone(), Rules::from(&self.bucket));
                return vec![Out::Pick { bucket, prefix: self.prefix.clone(), rules }];
            }
            Op::Sort => {
                let at = Column::VARIANTS.iter().position(|&column| column == self.sort.0).unwrap_or(0);
                let column = Column::VARIANTS.get((at + 1) % Column::VARIANTS.len()).copied().unwrap_or(Column::Name);
                // The largest and the newest are looked for first.
                self.sort = (column, matches!(column, Column::Size | Column::Changed));
                self.arrange();
            }
            Op::Reverse => {
                self.sort.1 = !self.sort.1;
                self.arrange();
            }
            Op::Mark => {
                if let Some(id) = self.list.selected().cloned() {
                    self.list.toggle_mark(id);
                    return self.move_list(cx, shell, list::Op::Down);
                }
            }
            Op::Copy => return self.copy(cx),
            Op::DetailDown => self.scroll(cx, shell, list::Op::Down),
            Op::DetailUp => self.scroll(cx, shell, list::Op::Up),
        }
        Vec::new()
    }

    fn show_detail(&mut self) {
        self.detail = true;
        self.scroll = 0;
    }

    fn scroll(&mut self, cx: &Cx, shell: &Shell, op: list::Op) {
        self.scroll = facts::scrolled(self.scroll, op, &self.facts(), (cx.size, shell.share), self.detail);
    }

    fn copy(&self, cx: &mut Cx) -> Vec<Out> {
        let marked: Vec<_> = self.list.marks().iter().filter_map(RowId::key).collect();
        let selected = self.list.selected().and_then(RowId::key).into_iter();
        let keys = if marked.is_empty() { selected.collect() } else { marked };
        let text = match keys.as_slice() {
            [] => return vec![Out::Notice(Tone::Info, "This row cannot be read: it has no key to copy.".into())],
            [key] => format!("Copied {key}."),
            keys => format!("Copied {} keys.", keys.len()),
        };
        vec![shell::copy(cx, keys.join("\n"), text)]
    }

    /// Opens a folder; `from` is selected once it is there.
    fn enter(&mut self, cx: &mut Cx, shell: &mut Shell, prefix: String, from: Option<RowId>) -> Vec<Out> {
        if prefix == self.prefix {
            return vec![Out::Notice(Tone::Info, "This folder leads to itself: the server lists it oddly.".into())];
        }
        shell.cancel(cx, Tab::Buckets);
        let (sort, height) = (self.sort, self.height);
        *self = Self { prefix, sort, height, wanted: from, ..Self::new(self.bucket.clone()) };
        self.ask(cx, shell, OPEN, None);
        Vec::new()
    }

    fn up(&mut self, cx: &mut Cx, shell: &mut Shell) -> Vec<Out> {
        let Some(folder) = self.prefix.strip_suffix('/') else {
            shell.cancel(cx, Tab::Buckets);
            return vec![Out::CloseBucket];
        };
        let above = folder.rfind('/').and_then(|at| folder.get(..=at)).unwrap_or_default().to_owned();
        let from = RowId::Folder(self.prefix.clone());
        self.enter(cx, shell, above, Some(from))
    }

    /// One step back: closes the detail, drops the filter, goes to the folder above, leaves the bucket.
    pub fn back(&mut self, cx: &mut Cx, shell: &mut Shell) -> Vec<Out> {
        if self.detail {
            self.detail = false;
        } else if !self.filter.is_empty() {
            self.set_filter("");
        } else {
            return self.up(cx, shell);
        }
        Vec::new()
    }

    /// Moves in the list; its end loads the next page.
    pub fn move_list(&mut self, cx: &mut Cx, shell: &mut Shell, op: list::Op) -> Vec<Out> {
        self.list.run(op, self.shown.as_slice(), self.height);
        self.scroll = 0;
        // A filter that leaves few rows must not load a whole bucket by the way: only its own end does.
        let at_end = self.list.at() + 1 >= self.shown.len();
        if at_end && self.loaded && self.pages.may_grow() && !shell.tickets.under_way(MORE) {
            let next = self.pages.next().map(str::to_owned);
            self.ask(cx, shell, MORE, next);
        }
        Vec::new()
    }

    /// The window's height changed, or the rows did.
    pub fn settle(&mut self, height: usize) {
        self.height = height.max(1);
        self.list.settle(self.shown.as_slice(), self.height);
    }

    /// Order and filter as they were left.
    pub fn restore(&mut self, view: &project::View) {
        self.sort = view.order(Column::VARIANTS, Column::title).unwrap_or(self.sort);
        self.set_filter(&view.filter);
    }

    /// Shows only what holds all the words in its name, in any case.
    pub fn set_filter(&mut self, text: &str) {
        text.clone_into(&mut self.filter);
        self.arrange();
    }

    /// The list of buckets was read: whether it holds this one.
    pub fn bucket_known(&mut self, known: bool) {
        self.bucket_gone = !known;
    }

    /// Asks for the folder's first page, then for the other pages in view, unless that is under way.
    pub fn poll(&mut self, cx: &mut Cx, shell: &mut Shell) {
        if [POLL, OPEN].iter().any(|name| shell.tickets.under_way(name)) {
            return;
        }
        if !self.loaded {
            self.ask(cx, shell, OPEN, None);
            return;
        }
        let window = self.list.window(self.shown.len(), self.height);
        let mut pages: Vec<_> = window.filter_map(|position| self.order.get(position)).map(|(page, _)| *page).collect();
        pages.sort_unstable();
        pages.dedup();
        pages.retain(|&page| page != 0);
        pages.truncate(AT_MOST - 1);
        self.queue = pages.into_iter().filter_map(|page| self.pages.asked(page).cloned()).collect();
        self.ask(cx, shell, POLL, None);
    }

    fn ask(&self, cx: &mut Cx, shell: &mut Shell, name: &'static str, next: Option<String>) {
        let what = What::read(name, Tab::Buckets).on(format!("{}/{}", self.bucket.id.0, self.prefix));
        let list = ListObjects { bucket: self.bucket.id.clone(), prefix: self.prefix.clone(), next };
        shell.ask(cx, what, Root::Objects(Effect::List(list)));
    }

    /// Something is due: marks fade.
    pub fn tick(&mut self, cx: &mut Cx) {
        self.fresh.retain(|_, (_, until)| *until > cx.at);
    }

    /// Takes an answer.
    pub fn receive(&mut self, cx: &mut Cx, shell: &mut Shell, body: Body) -> Vec<Out> {
        let Body::List(asked, result) = body;
        if asked.bucket != self.bucket.id || asked.prefix != self.prefix {
            return Vec::new();
        }
        match result {
            Ok(listing) => self.take(cx, shell, asked.next, listing),
            Err(error) => {
                self.queue.clear();
                let more = self.loaded && asked.next.is_some();
                let text = format!("The next page could not be read. {}", error.sentence());
                self.failed = Some(error);
                if more { vec![Out::Notice(Tone::Bad, text)] } else { Vec::new() }
            }
        }
    }

    fn take(&mut self, cx: &mut Cx, shell: &mut Shell, asked: Option<String>, listing: Listing) -> Vec<Out> {
        self.failed = None;
        self.inexact = listing.inexact;
        let again = self.loaded && self.is_loaded(asked.as_ref());
        let before: BTreeMap<RowId, Option<Timestamp>> =
            self.pages.rows().into_iter().map(|(_, id, row)| (id.clone(), changed_at(row))).collect();
        if !self.pages.take(asked, listing) {
            // The page before it was read again and ends elsewhere now.
            return Vec::new();
        }
        self.loaded = true;
        if again {
            self.mark_fresh(cx, &before);
        }
        self.arrange();
        if let Some(wanted) = self.wanted.take() {
            self.list.select_id(&wanted, self.shown.as_slice(), self.height);
        }
        let mut outs: Vec<_> = self.drop_gone(&before).into_iter().collect();
        if let Some(next) = self.queue.pop_front() {
            self.ask(cx, shell, POLL, next);
        }
        if self.prefix.is_empty() && self.pages.counts() == (0, 0) {
            // An unknown bucket is answered like an empty one; the list of buckets tells them apart.
            outs.push(Out::ReadBuckets);
        }
        outs
    }

    fn is_loaded(&self, asked: Option<&String>) -> bool {
        (0..).map_while(|page| self.pages.asked(page)).any(|page| page.as_ref() == asked)
    }

    fn mark_fresh(&mut self, cx: &Cx, before: &BTreeMap<RowId, Option<Timestamp>>) {
        let until = cx.at + FRESH;
        let marks: Vec<_> = self
            .pages
            .rows()
            .into_iter()
            .filter_map(|(_, id, row)| match before.get(id) {
                None => Some((id.clone(), (Fresh::New, until))),
                Some(at) if *at != changed_at(row) => Some((id.clone(), (Fresh::Changed, until))),
                Some(_) => None,
            })
            .collect();
        self.fresh.extend(marks);
    }

    /// Rows that are gone take their marks along; it is told.
    fn drop_gone(&mut self, before: &BTreeMap<RowId, Option<Timestamp>>) -> Option<Out> {
        let after = self.pages.ids();
        self.fresh.retain(|id, _| after.contains(id));
        let gone: Vec<_> = before.keys().filter(|id| !after.contains(id)).collect();
        let marks = gone.iter().filter(|id| self.list.unmark(id)).count();
        let name = |id: &RowId| id.key().map(|key| key.strip_prefix(&self.prefix).unwrap_or(key).to_owned());
        let text = match gone.as_slice() {
            [] => return None,
            [one] => format!("{} is gone", name(one)?),
            [one, ..] => format!("{} rows are gone, {} among them", gone.len(), name(one)?),
        };
        let marks = match marks {
            0 => String::new(),
            1 => ", a mark with it".into(),
            marks => format!(", {marks} marks with them"),
        };
        Some(Out::Notice(Tone::Info, format!("{text}{marks}.")))
    }

    /// Filters and sorts again; the selection stays with its row.
    fn arrange(&mut self) {
        let words: Vec<_> = self.filter.split_whitespace().map(str::to_lowercase).collect();
        let mut rows = self.pages.rows();
        if !words.is_empty() {
            rows.retain(|(_, _, row)| holds(row, &self.prefix, &words));
        }
        let (column, descending) = self.sort;
        rows.sort_by(|(_, _, left), (_, _, right)| compare(left, right, column, descending));
        self.order = rows.iter().map(|(place, ..)| *place).collect();
        self.shown = rows.iter().map(|(_, id, _)| (*id).clone()).collect();
        let before = self.list.selected().cloned();
        self.list.settle(self.shown.as_slice(), self.height);
        if self.list.selected() != before.as_ref() {
            self.scroll = 0;
        }
    }
}

fn changed_at(row: &Row<Entry>) -> Option<Timestamp> {
    row.value.as_ref().ok().and_then(|entry| entry.updated_at)
}

fn holds(row: &Row<Entry>, prefix: &str, words: &[String]) -> bool {
    let text = match &row.value {
        Ok(entry) => entry.key.strip_prefix(prefix).unwrap_or(&entry.key).to_lowercase(),
        Err(_) => row.raw.to_lowercase(),
    };
    words.iter().all(|word| text.contains(word))
}

/// Folders first, rows that cannot be read last; what is equal stands by key.
fn compare(left: &Row<Entry>, right: &Row<Entry>, column: Column, descending: bool) -> Ordering {
    let (left, right) = match (&left.value, &right.value) {
        (Ok(left), Ok(right)) => (left, right),
        (left, right) => return left.is_err().cmp(&right.is_err()),
    };
    let order = match column {
        Column::Name => left.key.cmp(&right.key),
        Column::Size => left.size.cmp(&right.size),
        Column::Type => left.mime.cmp(&right.mime),
        Column::Changed => left.updated_at.cmp(&right.updated_at),
    };
    let order = if descending { order.reverse() } else { order };
    right.folder.cmp(&left.folder).then(order).then_with(|| left.key.cmp(&right.key))
}
