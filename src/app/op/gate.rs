//! The one gate: whether an operation may run here and now, and if not, why. Keys, key bar, help and palette ask only
//! this.

use strum::VariantArray;

use crate::api::route::Door;
use crate::app::modal::{self, Modal};
use crate::app::project::Link;
use crate::app::tab::Tab;
use crate::app::{App, activity, buckets, form, global, list, objects, projects, session, users};

use super::{Op, Scope, Target};

/// The gate's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Go on.
    Run,
    /// Not now.
    Dimmed(Reason),
    /// Not here.
    Absent,
}

/// Why an operation does not run now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum Reason {
    /// There is no row to act on.
    NothingSelected,
    /// No door of this connection offers it.
    NotOffered,
    /// Studio alone does not offer it: the project's key, which was not taken, would.
    WithoutKey,
    /// The connection is read-only.
    ReadOnly,
    /// The profile is protected.
    Locked,
    /// The same is under way.
    UnderWay,
    /// The job has ended.
    Ended,
    /// The job has not ended.
    StillRuns,
    /// Nothing of the job is left to be done.
    NothingLeft,
    /// No job has ended.
    NoneEnded,
    /// No item has failed.
    NoneFailed,
    /// The job belongs to another project.
    Elsewhere,
    /// The project is not open.
    NotOpen,
    /// The person signed out.
    SignedOut,
    /// No project is chosen.
    Unchosen,
    /// The entry was no request.
    NoRequest,
    /// No command does it.
    NoTwin,
    /// It holds what no shell's line should.
    NoLine,
    /// No detail stands beside the list.
    NoDetail,
}

impl Reason {
    /// In one or two words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NothingSelected => "no row selected",
            Self::NotOffered => "not offered",
            Self::WithoutKey => "without key",
            Self::ReadOnly => "read-only",
            Self::Locked => "protected",
            Self::UnderWay => "under way",
            Self::Ended => "ended",
            Self::StillRuns => "still runs",
            Self::NothingLeft => "nothing left",
            Self::NoneEnded => "none ended",
            Self::NoneFailed => "none failed",
            Self::Elsewhere => "other project",
            Self::NotOpen => "not connected",
            Self::SignedOut => "signed out",
            Self::Unchosen => "no project",
            Self::NoRequest => "no request",
            Self::NoTwin => "no command",
            Self::NoLine => "odd characters",
            Self::NoDetail => "no detail beside",
        }
    }

    /// One sentence, its keys named by their operations: [`Keymap::say`](super::keymap::Keymap::say) puts them in.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NothingSelected => "There is no row to act on: select one first.",
            Self::NotOffered => "This connection's server does not offer that: {global.refresh} asks it again.",
            Self::WithoutKey => "Studio alone does not offer that: {session.keys} takes the project's key, which does.",
            Self::ReadOnly => "This connection is read-only: start without --read-only to change things.",
            Self::Locked => "This profile is protected: {session.unlock} unlocks it for this session.",
            Self::UnderWay => "That is under way: wait for its end.",
            Self::Ended => "This job has ended: there is nothing to stop.",
            Self::StillRuns => "This job still runs: wait for its end, or stop it.",
            Self::NothingLeft => "Nothing is left: all that can be sent is on the server.",
            Self::NoneEnded => "No job has ended yet.",
            Self::NoneFailed => "No item of this job has failed.",
            Self::Elsewhere => "This job belongs to another project: {projects.open} goes there.",
            Self::NotOpen => {
                "This project is not connected yet: wait a moment, or {projects.open} goes to another one."
            }
            Self::SignedOut => "You are signed out: {session.credential} signs in again.",
            Self::Unchosen => "No project is chosen yet: {projects.open} shows those there are.",
            Self::NoRequest => "This entry is no request that reached a server: choose another one.",
            Self::NoTwin => "No command does this without the screen: {activity.copy-curl} copies the request as curl.",
            Self::NoLine => {
                "A name in it holds characters that a terminal might obey: it is not put into a line to paste."
            }
            Self::NoDetail => "There is no line to move: no detail stands beside a list here.",
        }
    }
}

/// May this operation run now?
pub fn gate(op: Op, app: &App) -> Gate {
    let spec = op.spec();
    if !app.scopes().contains(&spec.scope) {
        return Gate::Absent;
    }
    if !has_place(op, app) {
        return Gate::Absent;
    }
    let out = matches!(app.link, Link::SignedOut(_));
    if spec.target == Target::Current && !app.has_current(scope_tab(spec.scope)) {
        return Gate::Dimmed(if out { Reason::SignedOut } else { Reason::NothingSelected });
    }
    if matches!(op, Op::List(list::Op::Narrower | list::Op::Wider | list::Op::Usual)) && !app.has_detail_beside() {
        return Gate::Dimmed(Reason::NoDetail);
    }
    if let Op::Jobs(op) = op
        && let Some(reason) = app.jobs.why_not(op, &app.shell.which)
    {
        return Gate::Dimmed(reason);
    }
    if !spec.routes.is_empty() && app.link != Link::Open {
        return Gate::Dimmed(match app.link {
            Link::Choose => Reason::Unchosen,
            _ if out => Reason::SignedOut,
            _ => Reason::NotOpen,
        });
    }
    if let Op::Activity(op) = op
        && let Some(reason) = app.activity.why_not(op)
    {
        return Gate::Dimmed(reason);
    }
    if !spec.routes.is_empty() && !spec.routes.iter().any(|&route| app.shell.offers(route, app.shell.shown_now)) {
        let by_key = has_place(Op::Session(session::Op::Keys), app);
        return Gate::Dimmed(if by_key { Reason::WithoutKey } else { Reason::NotOffered });
    }
    if app.shell.read_only && spec.mutates() {
        return Gate::Dimmed(if app.project.locked { Reason::Locked } else { Reason::ReadOnly });
    }
    if spec.mutates() && app.shell.tickets.writes().any(|open| open.what.name == spec.name) {
        return Gate::Dimmed(Reason::UnderWay);
    }
    Gate::Run
}

/// Whether an operation of an open scope means anything at this step of it.
fn has_place(op: Op, app: &App) -> bool {
    match op {
        Op::Global(global::Op::Filter) if matches!(app.link, Link::SignedOut(_)) => app.tab == Tab::Activity,
        Op::Global(global::Op::Filter) => app.tab != Tab::Jobs,
        Op::Modal(modal::Op::FirstDemo) => app.demo,
        Op::Modal(modal::Op::FirstLocal) => app.local.is_some(),
        Op::Session(session::Op::Paste) => app.session.signs_in(Door::ControlPlane),
        Op::Session(session::Op::SignOut) => {
            app.session.signs_in(Door::ControlPlane) && !matches!(app.link, Link::SignedOut(_))
        }
        Op::Session(session::Op::Keys) => {
            app.project.keys_offered && !app.shell.offers.doors().contains(&Door::Gateway)
        }
        Op::Session(session::Op::Unlock) => app.project.locked && app.shell.read_only,
        Op::Projects(projects::Op::Switch) => app.modals.switcher().is_none_or(|all| all.selected().is_some()),
        Op::Form(op) => match app.modals.top() {
            Some(Modal::Form(form)) => form.form.takes(op) && (op.works_while_sent() || !app.form_under_way()),
            _ => true,
        },
        Op::Users(users::Op::Detail)
        | Op::Buckets(buckets::Op::Detail)
        | Op::Objects(objects::Op::Detail)
        | Op::Activity(activity::Op::Detail) => !app.is_detail_full(),
        Op::Modal(modal::Op::QuestionDown | modal::Op::QuestionUp) => {
            matches!(app.modals.top(), Some(Modal::Confirm(question)) if question.scrolls(app.size))
        }
        // What fits whole has nothing to scroll.
        Op::Modal(
            modal::Op::ViewerDown
            | modal::Op::ViewerUp
            | modal::Op::ViewerPageDown
            | modal::Op::ViewerPageUp
            | modal::Op::ViewerFirst
            | modal::Op::ViewerLast,
        ) => matches!(app.modals.top(), Some(Modal::Viewer(viewer)) if viewer.scrolls(app.size)),
        _ => true,
    }
}

/// The words for an operation in the key bar: what it does in the form or question that is open, where that has a word of
/// its own.
pub fn hint(op: Op, app: &App) -> &'static str {
    match (op, app.modals.top()) {
        (Op::Form(form::Op::Send), Some(Modal::Form(form))) => form.form.spec.submit,
        (Op::Form(form::Op::Cancel), Some(Modal::Form(_))) if app.form_under_way() => "hide",
        (Op::Modal(modal::Op::Yes), Some(Modal::Confirm(confirm))) => confirm.yes,
        (Op::Modal(modal::Op::No), Some(Modal::Confirm(confirm))) => confirm.no,
        _ => op.spec().hint,
    }
}

fn scope_tab(scope: Scope) -> Option<Tab> {
    match scope {
        Scope::Users => Some(Tab::Users),
        Scope::Buckets | Scope::Objects => Some(Tab::Buckets),
        Scope::Jobs => Some(Tab::Jobs),
        Scope::Activity => Some(Tab::Activity),
        _ => None,
    }
}
