//! How the buckets change: operations, answers, order and matches.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use strum::VariantArray;

use super::{Body, Column, Effect, FRESH, Op, RowId, State};
use crate::api::model::{Bucket, Page, Row};
use crate::api::route::Route;
use crate::app::cx::Cx;
use crate::app::effect::Effect as Root;
use crate::app::facts;
use crate::app::list;
use crate::app::project;
use crate::app::shell::{self, Out, Shell, Tone, What};
use crate::app::tab::Tab;
use crate::work::plan::Rules;

/// The name of this feature's read.
const POLL: &str = "buckets.poll";

impl State {
    /// Does what was asked for.
    pub fn run(&mut self, cx: &mut Cx, shell: &mut Shell, op: Op) -> Vec<Out> {
        self.look(shell, cx);
        match op {
            Op::Open => match self.bucket() {
                Some(bucket) if self.can_list => return vec![Out::OpenBucket(Box::new(bucket.clone()))],
                Some(_) => {
                    let text = "This door cannot list objects: connect through the project's gateway.";
                    return vec![Out::Notice(Tone::Info, text.into())];
                }
                None => return vec![Out::Say(Tone::Info, "This row cannot be read: {buckets.detail} shows it.")],
            },
            Op::Detail => {
                self.detail = true;
                self.scroll = 0;
            }
            Op::Upload => match self.bucket() {
                Some(bucket) => {
                    let rules = Rules::from(bucket);
                    return vec![Out::Pick { bucket: bucket.id.clone(), prefix: String::new(), rules }];
                }
                None => return vec![Out::Say(Tone::Info, "This row cannot be read: {buckets.detail} shows it.")],
            },
            Op::Sort => {
                let at = Column::VARIANTS.iter().position(|&column| column == self.sort.0).unwrap_or(0);
                let column = Column::VARIANTS.get((at + 1) % Column::VARIANTS.len()).copied().unwrap_or(Column::Name);
                // The newest and the public ones are looked for first.
                self.sort = (column, matches!(column, Column::Created | Column::Access));
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

    fn copy(&self, cx: &mut Cx) -> Vec<Out> {
        let marked: Vec<_> = self.list.marks().iter().filter_map(id_text).collect();
        let ids = if marked.is_empty() { self.list.selected().and_then(id_text).into_iter().collect() } else { marked };
        let text = match ids.as_slice() {
            [] => return vec![Out::Notice(Tone::Info, "This row cannot be read: it has no id to copy.".into())],
            [id] => format!("Copied {id}."),
            ids => format!("Copied {} ids.", ids.len()),
        };
        vec![shell::copy(cx, ids.join("\n"), text)]
    }

    fn scroll(&mut self, cx: &Cx, shell: &Shell, op: list::Op) {
        self.scroll = facts::scrolled(self.scroll, op, &self.facts(), (cx.size, shell.share), self.detail);
    }

    /// One step back; whether there was one.
    pub fn back(&mut self) -> bool {
        if self.detail {
            self.detail = false;
            return true;
        }
        if !self.filter.is_empty() {
            self.set_filter("");
            return true;
        }
        false
    }

    /// Moves in the list.
    pub fn move_list(&mut self, _: &mut Cx, _: &mut Shell, op: list::Op) -> Vec<Out> {
        self.list.run(op, self.shown.as_slice(), self.height);
        self.scroll = 0;
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

    /// Shows only what holds all the words, in any case.
    pub fn set_filter(&mut self, text: &str) {
        text.clone_into(&mut self.filter);
        self.arrange();
    }

    /// Asks for the buckets, unless that is under way.
    pub fn poll(&mut self, cx: &mut Cx, shell: &mut Shell) {
        self.look(shell, cx);
        if !shell.tickets.under_way(POLL) {
            shell.ask(cx, What::read(POLL, Tab::Buckets), Root::Buckets(Effect::List));
        }
    }

    /// Something is due: marks fade.
    pub fn tick(&mut self, cx: &mut Cx) {
        self.fresh.retain(|_, until| *until > cx.at);
    }

    /// Takes an answer.
    pub fn receive(&mut self, cx: &mut Cx, shell: &mut Shell, body: Body) -> Vec<Out> {
        self.look(shell, cx);
        match body {
            Body::List(Ok(page)) => self.take(cx, page),
            Body::List(Err(error)) => {
                if !self.loaded {
                    self.failed = Some(error);
                }
                Vec::new()
            }
        }
    }

    fn look(&mut self, shell: &Shell, cx: &Cx) {
        self.can_list = [Route::ObjectsList, Route::ObjectsListV1].iter().any(|&route| shell.offers(route, cx.now));
    }

    fn take(&mut self, cx: &Cx, page: Page<Bucket>) -> Vec<Out> {
        let mut broken = 0;
        let rows: Vec<_> = page.rows.into_iter().map(|row| (id_of(&row, &mut broken), row)).collect();
        let before: BTreeSet<_> = self.rows.iter().map(|(id, _)| id.clone()).collect();
        let after: BTreeSet<_> = rows.iter().map(|(id, _)| id.clone()).collect();
        if self.loaded {
            self.fresh.extend(after.difference(&before).map(|id| (id.clone(), cx.at + FRESH)));
        }
        self.fresh.retain(|id, _| after.contains(id));
        let gone: Vec<_> = before.difference(&after).filter_map(id_text).collect();
        let unmarked = before.difference(&after).filter(|id| self.list.unmark(id)).count();
        self.rows = rows;
        self.loaded = true;
        self.failed = None;
        self.arrange();
        gone_notice(&gone, unmarked).into_iter().collect()
    }

    /// Filters and sorts again; the selection stays with its row.
    fn arrange(&mut self) {
        let words: Vec<_> = self.filter.split_whitespace().map(str::to_lowercase).collect();
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        let row = |at: usize| self.rows.get(at).map(|(_, row)| row);
        order.retain(|&at| row(at).is_some_and(|row| holds(row, &words)));
        let (column, descending) = self.sort;
        order.sort_by(|&left, &right| {
            let (Some(left), Some(right)) = (row(left), row(right)) else { return Ordering::Equal };
            compare(left, right, column, descending)
        });
        self.shown = order.iter().filter_map(|&at| self.rows.get(at)).map(|(id, _)| id.clone()).collect();
        self.order = order;
        let before = self.list.selected().cloned();
        self.list.settle(self.shown.as_slice(), self.height);
        if self.list.selected() != before.as_ref() {
            self.scroll = 0;
        }
    }
}

fn id_of(row: &Row<Bucket>, broken: &mut usize) -> RowId {
    if let Ok(bucket) = &row.value {
        return RowId::Bucket(bucket.id.clone());
    }
    *broken += 1;
    RowId::Broken(*broken)
}

fn id_text(id: &RowId) -> Option<&str> {
    match id {
        RowId::Bucket(id) => Some(&id.0),
        RowId::Broken(_) => None,
    }
}

fn gone_notice(gone: &[&str], unmarked: usize) -> Option<Out> {
    let what = match gone {
        [] => return None,
        [one] => format!("Bucket {one} is gone"),
        [one, ..] => format!("{} buckets are gone, {one} among them", gone.len()),
    };
    let marks = match unmarked {
        0 => String::new(),
        1 => ", its mark with it".into(),
        marks => format!(", {marks} marks with them"),
    };
    Some(Out::Notice(Tone::Info, format!("{what}{marks}.")))
}

fn holds(row: &Row<Bucket>, words: &[String]) -> bool {
    let text = match &row.value {
        Ok(bucket) => format!("{} {}", bucket.name, bucket.id.0).to_lowercase(),
        Err(_) => row.raw.to_lowercase(),
    };
    words.iter().all(|word| text.contains(word))
}

/// Rows that cannot be read stand last; what is equal stands by name.
fn compare(left: &Row<Bucket>, right: &Row<Bucket>, column: Column, descending: bool) -> Ordering {
    let (left, right) = match (&left.value, &right.value) {
        (Ok(left), Ok(right)) => (left, right),
        (left, right) => return left.is_err().cmp(&right.is_err()),
    };
    let order = match column {
        Column::Name => left.name.cmp(&right.name),
        Column::Access => left.public.cmp(&right.public),
        // No limit of its own is more than any limit.
        Column::Limit => left.file_size_limit.unwrap_or(u64::MAX).cmp(&right.file_size_limit.unwrap_or(u64::MAX)),
        Column::Types => left.allowed_mime_types.cmp(&right.allowed_mime_types),
        Column::Created => left.created_at.cmp(&right.created_at),
    };
    let order = if descending { order.reverse() } else { order };
    order.then_with(|| left.name.cmp(&right.name)).then_with(|| left.id.cmp(&right.id))
}
