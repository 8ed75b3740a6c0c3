//! The users: what is loaded of them, how much of all that is, order and filter, the selected one.

mod create;
mod effect;
mod facts;
pub mod forms;
mod goto;
mod ops;
mod poll;
mod update;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tui_input::Input;

use super::cx::{Cx, Ticket};
use super::list::{List, Rows};
use super::op::keymap::Keymap;
use super::shell::{Out, Shell, What};
use super::tab::Tab;
use crate::api::error::ApiError;
use crate::api::model::{ListUsers, Total, UserId};
use crate::api::route::Door;
use crate::text::human;
use crate::work::query::{Chunk, Column, Query, RowRef, Sort, Table, View};
use crate::work::walk::Walk;

pub use create::Creating;
pub use effect::{Body, Effect, PageRead, ViewJob};
pub use facts::{label, status};
pub use ops::Op;
pub use poll::MOST_POLLED;

/// Users a page while one scrolls.
pub const PAGE: u32 = 200;
/// Users a page when all are loaded.
pub const BIG_PAGE: u32 = 1_000;
/// Above so many rows filtering and sorting leave the update path.
pub const AT_ONCE: usize = 10_000;
/// How long a row is marked as new or changed.
pub const FRESH: Duration = Duration::from_secs(10);
/// How long the selection rests before the detail beside the list follows it: a held key then sends rows, not details.
pub const FOLLOW: Duration = Duration::from_millis(40);
/// How long the selection rests before its user is read again.
pub const REST: Duration = Duration::from_millis(100);
/// The name of the reads that come round by themselves.
const POLL: &str = "users.poll";
/// The name of the reads of all pages.
pub const LOAD_ALL: &str = "users.load-all";
/// The name of the read of a user that one goes to.
pub const OPEN: &str = "users.open";

/// Why a row is marked for a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fresh {
    /// It was not there before.
    New,
    /// Something in it changed.
    Changed,
}

/// The one user read with identities and factors.
#[derive(Clone, Debug, PartialEq)]
pub struct Single {
    /// Whose.
    pub id: UserId,
    /// The user as a chunk of one row, or why it could not be read.
    pub read: Result<Arc<Chunk>, String>,
}

/// The Users tab.
pub struct Users {
    /// All that is loaded.
    pub table: Table,
    /// Order and matches, once there are any.
    pub view: Option<View>,
    /// What is wanted of the view; the view may be behind it.
    pub query: Query,
    /// The filter as typed.
    pub filter: Input,
    /// Selection and marks.
    pub list: List<UserId>,
    /// How many users the server says there are.
    pub total: Total,
    /// Whether the first page has come.
    pub loaded: bool,
    /// Why the users could not be read, as long as they never were.
    pub failed: Option<ApiError>,
    /// Whether all pages are being read.
    pub loading_all: bool,
    /// Rows marked for a moment, until when.
    pub fresh: BTreeMap<UserId, (Fresh, Duration)>,
    /// The detail fills the screen.
    pub detail: bool,
    /// Lines scrolled in the detail.
    pub scroll: usize,
    /// The selected user read again.
    pub single: Option<Single>,
    /// A user being created.
    pub creating: Option<Creating>,
    /// Whose detail is shown, once the selection has rested.
    shown: Option<UserId>,
    made: facts::Made,
    follow: Option<Duration>,
    /// Users on the first page that a poll reads: fewer while the server cannot read one of them.
    newest_page: u32,
    walk: Walk,
    rest: Option<(UserId, Duration)>,
    round: poll::Round,
    view_asked: Option<Ticket>,
    view_stale: bool,
    /// When the newest of the loaded users was created.
    newest: Option<jiff::Timestamp>,
    /// The size of the page that is being read in parts, for a row in it cannot be read.
    halving: Option<u32>,
    /// From which page the rows from a row number on came.
    pages: Vec<(u32, ListUsers)>,
    /// The door that the list comes through.
    door: Option<Door>,
    /// The rows up to this number came through another door.
    elsewhere: u32,
    height: usize,
}

impl Default for Users {
    fn default() -> Self {
        Self {
            table: Table::default(),
            view: None,
            query: Query { words: Vec::new(), sort: Sort { column: Column::Created, descending: true } },
            filter: Input::default(),
            list: List::default(),
            total: Total::Unknown,
            loaded: false,
            failed: None,
            loading_all: false,
            fresh: BTreeMap::new(),
            detail: false,
            scroll: 0,
            single: None,
            creating: None,
            shown: None,
            made: facts::Made::default(),
            follow: None,
            newest_page: PAGE,
            walk: Walk::new(PAGE),
            rest: None,
            round: poll::Round::default(),
            view_asked: None,
            view_stale: false,
            newest: None,
            halving: None,
            pages: Vec::new(),
            door: None,
            elsewhere: 0,
            height: 1,
        }
    }
}

/// The rows of the list: positions in the view are row numbers of the table.
pub struct Shown<'a> {
    table: &'a Table,
    rows: &'a [u32],
}

impl Rows<UserId> for Shown<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn id_at(&self, position: usize) -> Option<UserId> {
        self.rows.get(position).and_then(|&row| self.table.row(row)).map(RowRef::id)
    }

    fn position(&self, id: &UserId, hint: usize) -> Option<usize> {
        let row = self.table.find(*id)?;
        if self.rows.get(hint) == Some(&row) {
            return Some(hint);
        }
        self.rows.iter().position(|&other| other == row)
    }
}

/// The row numbers in view order.
fn rows_of(view: Option<&View>) -> &[u32] {
    view.map_or(&[], |view| &view.rows)
}

impl Users {
    /// The rows in their order, as far as the view has got.
    pub fn shown(&self) -> Shown<'_> {
        Shown { table: &self.table, rows: rows_of(self.view.as_ref()) }
    }

    /// The row at a position of the list.
    pub fn row_at(&self, position: usize) -> Option<RowRef<'_>> {
        rows_of(self.view.as_ref()).get(position).and_then(|&row| self.table.row(row))
    }

    /// The selected user's row.
    pub fn current(&self) -> Option<RowRef<'_>> {
        let id = self.list.selected()?;
        self.table.row(self.table.find(*id)?)
    }

    /// How many rows the list has.
    pub fn matches(&self) -> usize {
        rows_of(self.view.as_ref()).len()
    }

    /// What stands at the right of the rule: matches, coverage, holes, marks. It never claims more than is held.
    pub fn coverage(&self, keymap: &Keymap) -> String {
        if !self.loaded {
            return if self.failed.is_some() { String::new() } else { "loading".into() };
        }
        let mut parts = Vec::new();
        if !self.query.words.is_empty() {
            parts.push(format!("{} match", human::count(self.matches() as u64)));
        }
        parts.push(self.walk.coverage().title());
        if self.loading_all {
            parts.push(keymap.say("loading all · {users.load-all} stops"));
        }
        if !self.list.marks().is_empty() {
            parts.push(format!("◆ {} marked", human::count(self.list.marks().len() as u64)));
        }
        parts.join(" · ")
    }

    /// The total for the tab.
    pub fn badge(&self) -> Option<String> {
        match self.total {
            _ if !self.loaded => None,
            Total::Exact(total) => Some(human::count(total.max(self.table.len() as u64))),
            _ if self.walk_is_done() => Some(human::count(self.table.len() as u64)),
            _ => Some(format!("{}+", human::count(self.table.len() as u64))),
        }
    }

    /// The rows that the server cannot read, each with its place and why.
    pub fn holes(&self) -> Vec<String> {
        let holes = self.walk.coverage().holes;
        holes.iter().map(|hole| format!("Row {}: {}", human::count(hole.position), hole.sentence)).collect()
    }

    fn walk_is_done(&self) -> bool {
        matches!(self.walk.next(), crate::work::walk::Next::Done)
    }

    /// When this tab needs a tick: a mark fades, the selection has rested.
    pub fn deadline(&self) -> Option<Duration> {
        let fades = self.fresh.values().map(|(_, until)| *until).min();
        [fades, self.follow, self.rest.map(|(_, at)| at)].into_iter().flatten().min()
    }

    /// Something is due: marks fade, the user under a resting selection is read again.
    pub fn tick(&mut self, cx: &mut Cx, shell: &mut Shell) {
        self.fresh.retain(|_, (_, until)| *until > cx.at);
        if self.follow.is_some_and(|at| at <= cx.at) {
            self.show_selected();
        }
        if let Some((id, at)) = self.rest
            && at <= cx.at
        {
            self.rest = None;
            if shell.offers(crate::api::route::Route::UserGet, cx.now) {
                shell.ask(
                    cx,
                    What::read("users.read", Tab::Users).on(id.0.to_string()),
                    super::effect::Effect::Users(Effect::Get(id)),
                );
            }
        }
    }

    /// The reads under way were given up: a new round begins.
    pub fn gave_up(&mut self) {
        self.round.clear();
        self.view_asked = None;
        self.loading_all = false;
        self.newest_page = PAGE;
    }

    /// The window's height changed, or the rows did.
    pub fn settle(&mut self, height: usize) {
        self.height = height.max(1);
        let Self { table, view, list, .. } = self;
        list.settle(&Shown { table, rows: rows_of(view.as_ref()) }, self.height);
    }

    /// Moves in the list; its end loads the next page.
    pub fn move_list(&mut self, cx: &mut Cx, shell: &mut Shell, op: super::list::Op) -> Vec<Out> {
        let Self { table, view, list, .. } = self;
        list.run(op, &Shown { table, rows: rows_of(view.as_ref()) }, self.height);
        self.selection_moved(cx);
        self.load_at_end(cx, shell);
        Vec::new()
    }

    /// The detail shows the selected user from now on.
    fn show_selected(&mut self) {
        self.follow = None;
        self.scroll = 0;
        self.shown = self.list.selected().copied();
    }

    /// The user whose detail is shown; `None` where no row is selected.
    pub fn detailed(&self) -> Option<RowRef<'_>> {
        let selected = *self.list.selected()?;
        // While the selection moves, the one before it stays.
        let held = self.shown.filter(|_| self.follow.is_some());
        let row = |id| self.table.row(self.table.find(id)?);
        held.and_then(row).or_else(|| row(selected))
    }

    /// The view is another one: the selection is found in it again, and the detail goes with it at once.
    fn view_changed(&mut self, cx: &Cx) {
        let before = self.list.selected().copied();
        self.settle(self.height);
        if self.list.selected().copied() != before {
            self.selection_moved(cx);
            self.show_selected();
        }
    }

    fn selection_moved(&mut self, cx: &Cx) {
        if self.detail || self.shown.is_none() {
            self.show_selected();
        } else {
            self.follow = Some(cx.at + FOLLOW);
        }
        let selected = self.list.selected().copied();
        let known = self.single.as_ref().map(|single| single.id);
        self.rest = selected.filter(|id| Some(*id) != known).map(|id| (id, cx.at + REST));
    }
}

/// The walk's form of a page.
fn request(ask: ListUsers) -> crate::work::walk::Request {
    crate::work::walk::Request { page: ask.page, per_page: ask.per_page, oldest_first: ask.oldest_first }
}
