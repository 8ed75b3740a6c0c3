//! How the users change: operations, pages, order and matches.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use strum::VariantArray;
use tui_input::Input;

use super::super::effect::Effect as Root;
use super::{AT_ONCE, BIG_PAGE, Body, Effect, FRESH, Fresh, Op, PAGE, POLL, PageRead, Single, Users, ViewJob};
use crate::api::error::{ApiError, Kind};
use crate::api::model::{ListUsers, UserId};
use crate::api::route::{Door, Route};
use crate::app::cx::{Cx, Ticket};
use crate::app::shell::{self, Out, Shell, Tone, What};
use crate::app::tab::Tab;
use crate::app::{facts, list};
use crate::text::human;
use crate::work::query::{self, Column, Pushed, Query, RowRef, Sort};
use crate::work::walk::{Next, Request, Walk};

impl Users {
    /// Does what was asked for.
    pub fn run(&mut self, cx: &mut Cx, shell: &mut Shell, op: Op) -> Vec<Out> {
        match op {
            Op::New => return vec![Self::open_form(&shell.at(Route::UserCreate, cx.now))],
            Op::Detail => {
                self.detail = true;
                self.show_selected();
            }
            Op::Sort => {
                let columns = Column::VARIANTS;
                let at = columns.iter().position(|&column| column == self.query.sort.column).unwrap_or(0);
                let column = columns.get((at + 1) % columns.len()).copied().unwrap_or(Column::Created);
                let descending = matches!(column, Column::Created | Column::LastSignIn);
                self.query.sort = Sort { column, descending };
                self.refresh_view(cx, shell);
            }
            Op::Reverse => {
                self.query.sort.descending = !self.query.sort.descending;
                self.refresh_view(cx, shell);
            }
            Op::Mark => {
                if let Some(id) = self.list.selected().copied() {
                    self.list.toggle_mark(id);
                    return self.move_list(cx, shell, list::Op::Down);
                }
            }
            Op::Unmark => self.list.clear_marks(),
            Op::Copy | Op::CopyId => return self.copy(cx, op).into_iter().collect(),
            Op::LoadAll if self.loading_all => {
                self.loading_all = false;
                return vec![Out::Notice(Tone::Info, "Stopped loading: what has come stays.".into())];
            }
            Op::LoadAll => {
                self.loading_all = true;
                if self.walk_is_done() {
                    self.walk = Walk::new(BIG_PAGE);
                } else {
                    self.walk.resize(BIG_PAGE);
                }
                // A page under way goes on with the rest.
                if !shell.tickets.under_way("users.load") {
                    self.walk_on(cx, shell);
                }
            }
            Op::DetailDown | Op::DetailUp => {
                let by = if op == Op::DetailDown { list::Op::Down } else { list::Op::Up };
                self.scroll = facts::scrolled(self.scroll, by, self.facts(), (cx.size, shell.share), self.detail);
            }
        }
        Vec::new()
    }

    /// Copies the address or id of the marked users, in the order in which they were read, else of the selected one.
    fn copy(&self, cx: &mut Cx, op: Op) -> Option<Out> {
        let text = |row: RowRef<'_>| match row.email().or(row.phone()) {
            Some(address) if op == Op::Copy => address.to_owned(),
            _ => row.id().0.to_string(),
        };
        let mut marked: Vec<u32> = self.list.marks().iter().filter_map(|&id| self.table.find(id)).collect();
        marked.sort_unstable();
        let mut texts: Vec<String> = marked.into_iter().filter_map(|row| self.table.row(row)).map(text).collect();
        if texts.is_empty() {
            texts.extend(self.current().map(text));
        }
        let told = match texts.as_slice() {
            [] => return None,
            [one] => format!("Copied {one}."),
            many => {
                let what = if op == Op::Copy { "addresses" } else { "ids" };
                format!("Copied {what} of {} marked users.", human::count(many.len() as u64))
            }
        };
        Some(shell::copy(cx, texts.join("\n"), told))
    }

    /// The filter line changed.
    pub fn set_filter(&mut self, cx: &mut Cx, shell: &mut Shell, filter: Input) {
        let words = Query::parse(filter.value()).words;
        self.filter = filter;
        if words != self.query.words {
            self.query.words = words;
            self.refresh_view(cx, shell);
        }
    }

    /// The first page, for the first time or again.
    pub fn load_first(cx: &mut Cx, shell: &mut Shell) {
        Self::ask_page(cx, shell, ListUsers { page: 1, per_page: PAGE, oldest_first: false }, "users.load");
    }

    pub(super) fn ask_page(cx: &mut Cx, shell: &mut Shell, ask: ListUsers, name: &'static str) -> Ticket {
        let what = What::read(name, Tab::Users).on(format!("page {}, {} a page", ask.page, ask.per_page));
        shell.ask(cx, what, Root::Users(Effect::Page(ask)))
    }

    /// At the end of the list the next page is read.
    pub(super) fn load_at_end(&mut self, cx: &mut Cx, shell: &mut Shell) {
        let near = self.list.at() + self.height >= self.matches();
        if near && self.loaded && !self.loading_all && !shell.tickets.under_way("users.load") {
            self.walk_on(cx, shell);
        }
    }

    fn walk_on(&mut self, cx: &mut Cx, shell: &mut Shell) {
        match self.walk.next() {
            Next::Ask(request) => {
                let name = if self.loading_all { super::LOAD_ALL } else { "users.load" };
                let Request { page, per_page, oldest_first } = request;
                Self::ask_page(cx, shell, ListUsers { page, per_page, oldest_first }, name);
            }
            Next::Done => self.loading_all = false,
        }
    }

    /// Takes what the runtime brought.
    pub fn receive(&mut self, cx: &mut Cx, shell: &mut Shell, ticket: Ticket, name: &str, body: Body) -> Vec<Out> {
        match body {
            Body::Page(ask, Ok(page)) => self.take_page(cx, shell, ticket, name, ask, &page),
            Body::Page(ask, Err(error)) => self.page_failed(cx, shell, ticket, name, ask, &error),
            Body::Got(id, read) if name == super::OPEN => self.take_opened(cx, shell, id, read),
            Body::Got(id, read) => self.take_single(cx, shell, id, read),
            Body::Created(result) => self.created(cx, shell, result),
            Body::View(view) => {
                self.view_asked = None;
                self.view = Some(view);
                self.view_changed(cx);
                if self.view_stale {
                    self.refresh_view(cx, shell);
                }
                Vec::new()
            }
        }
    }

    /// Through which door the list comes now. Another one tells of the same users in other words: where a row differs
    /// from what the door before told, nothing has changed.
    pub fn read_by(&mut self, door: Door) {
        if self.door.replace(door).is_some_and(|before| before != door) {
            self.elsewhere = self.table.end();
        }
    }

    fn take_page(
        &mut self,
        cx: &mut Cx,
        shell: &mut Shell,
        ticket: Ticket,
        name: &str,
        ask: ListUsers,
        page: &PageRead,
    ) -> Vec<Out> {
        let before = self.table.len();
        let first = !self.loaded;
        (self.loaded, self.failed) = (true, None);
        self.total = page.total;
        let mut pushed = Pushed::default();
        let told_elsewhere = |row: &RowRef<'_>| self.table.find(row.id()).is_some_and(|row| row < self.elsewhere);
        let told_elsewhere: BTreeSet<UserId> = match self.elsewhere {
            0 => BTreeSet::new(),
            _ => page.rows().filter(told_elsewhere).map(RowRef::id).collect(),
        };
        for chunk in &page.chunks {
            let came = self.table.push(chunk.clone());
            if let Some(&row) = came.new.iter().chain(&came.changed).min() {
                self.pages.push((row, ask));
            }
            pushed.new.extend(came.new);
            pushed.changed.extend(came.changed);
        }
        let mut outs = Vec::new();
        let created = |row: &u32| self.table.row(*row).and_then(RowRef::created);
        // A poll may also bring rows that were not loaded yet: new is who came after the newest known.
        let signed_up: Vec<u32> =
            pushed.new.iter().copied().filter(|row| !first && created(row) > self.newest).collect();
        self.newest = pushed.new.iter().filter_map(created).max().max(self.newest);
        if name == POLL {
            for (rows, why) in [(&signed_up, Fresh::New), (&pushed.changed, Fresh::Changed)] {
                let ids = rows.iter().filter_map(|&row| self.table.row(row)).map(RowRef::id);
                for id in ids.filter(|id| !told_elsewhere.contains(id)) {
                    self.fresh.entry(id).or_insert((why, cx.at + FRESH));
                }
            }
            outs.extend(self.tell_new(&signed_up));
        }
        if !(pushed.new.is_empty() && pushed.changed.is_empty() && self.view.is_some()) {
            self.refresh_view(cx, shell);
        }
        match name {
            POLL => {
                self.walk.counted(self.table.len(), page.total);
                outs.extend(self.round_took(cx, shell, ask, page));
            }
            "users.verify" => outs.extend(self.verified(cx, shell, ticket, Ok(page))),
            _ => {
                let ids: Vec<UserId> = page.rows().map(RowRef::id).collect();
                let known = self.holes().len();
                self.walk.took(super::request(ask), &ids, self.table.len() - before, self.table.len(), page.total);
                outs.extend(self.tell_holes(known));
                if self.loading_all || self.is_in_parts() {
                    let all = self.loading_all;
                    self.walk_on(cx, shell);
                    if all && !self.loading_all && outs.is_empty() {
                        outs.push(Out::Notice(Tone::Info, format!("Done: {}.", self.walk.coverage().title())));
                    }
                }
            }
        }
        outs
    }

    /// Whether a page is being read in parts: the parts belong together.
    fn is_in_parts(&mut self) -> bool {
        let Some(whole) = self.halving else { return false };
        let more = matches!(self.walk.next(), Next::Ask(next) if next.per_page < whole);
        if !more {
            self.halving = None;
        }
        more
    }

    /// The holes beyond those that were known.
    fn tell_holes(&self, known: usize) -> Vec<Out> {
        self.holes().into_iter().skip(known).map(|hole| Out::Notice(Tone::Bad, hole)).collect()
    }

    fn tell_new(&self, new: &[u32]) -> Option<Out> {
        let row = new.first().and_then(|&row| self.table.row(row))?;
        let who = super::label(row);
        Some(Out::Notice(
            Tone::Good,
            if new.len() == 1 {
                format!("+ {who} signed up")
            } else {
                format!("+ {who} and {} more signed up", new.len() - 1)
            },
        ))
    }

    fn page_failed(
        &mut self,
        cx: &mut Cx,
        shell: &mut Shell,
        ticket: Ticket,
        name: &str,
        ask: ListUsers,
        error: &ApiError,
    ) -> Vec<Out> {
        if name == "users.verify" {
            return self.verified(cx, shell, ticket, Err(error));
        }
        if error.kind == Kind::Unreadable {
            (self.loaded, self.failed) = (true, None);
            if name == POLL {
                return self.poll_smaller(cx, shell, ask);
            }
            let known = self.holes().len();
            self.halving.get_or_insert(ask.per_page);
            self.walk.unreadable(super::request(ask), &error.sentence());
            self.walk_on(cx, shell);
            return self.tell_holes(known);
        }
        self.round.clear();
        if !self.loaded {
            self.failed = Some(error.clone());
        }
        // Why stands below the rows, or in their place.
        let all = std::mem::take(&mut self.loading_all);
        if all { vec![Out::Say(Tone::Bad, "Loading all stopped: {users.load-all} goes on.")] } else { Vec::new() }
    }

    fn take_single(
        &mut self,
        cx: &mut Cx,
        shell: &mut Shell,
        id: UserId,
        read: Result<std::sync::Arc<query::Chunk>, ApiError>,
    ) -> Vec<Out> {
        let gone = matches!(&read, Err(error) if error.kind == Kind::NotFound);
        if self.list.selected() == Some(&id) {
            self.single = Some(Single { id, read: read.map_err(|error| error.sentence()) });
        }
        if gone { self.remove(cx, shell, &[id]) } else { Vec::new() }
    }

    /// Takes users out who are gone, their marks along, and says so.
    pub(super) fn remove(&mut self, cx: &mut Cx, shell: &mut Shell, ids: &[UserId]) -> Vec<Out> {
        let mut outs = Vec::new();
        for id in ids {
            let who = self.table.find(*id).and_then(|row| self.table.row(row)).map(super::label);
            if self.table.remove(*id).is_some() {
                let marked = if self.list.unmark(id) { ", its mark with it" } else { "" };
                let who = who.unwrap_or_else(|| id.0.to_string());
                outs.push(Out::Notice(Tone::Info, format!("− {who} is gone{marked}")));
            }
        }
        if !outs.is_empty() {
            self.refresh_view(cx, shell);
        }
        outs
    }

    /// Makes order and matches anew: at once while that is quick, else off the update path.
    pub(super) fn refresh_view(&mut self, cx: &mut Cx, shell: &mut Shell) {
        if self.table.len() <= AT_ONCE {
            let snapshot = self.table.snapshot();
            let fresh = query::view(&snapshot, &self.query, cx.now, self.view.as_ref(), &AtomicBool::new(false));
            if fresh.is_some() {
                self.view = fresh;
            }
            self.view_changed(cx);
        } else if self.view_asked.is_none() {
            let job = ViewJob { snapshot: self.table.snapshot(), query: self.query.clone(), base: self.view.clone() };
            let what = What::read("users.view", Tab::Users);
            self.view_asked = Some(shell.ask(cx, what, Root::Users(Effect::View(job))));
            self.view_stale = false;
        } else {
            self.view_stale = true;
        }
    }
}
