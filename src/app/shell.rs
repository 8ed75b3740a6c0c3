//! What all features share: what the connection is, what it offers, what is under way; and what a feature may ask of
//! the root.

use std::time::Duration;

use jiff::Timestamp;

use super::cx::{Cx, Ticket};
use super::effect::{Effect, MOST_COPIED};
use super::geometry::Share;
use super::modal::{FormKind, Modal};
use super::project::Which;
use super::tab::Tab;
use crate::api::error::ApiError;
use crate::api::model::{Bucket, BucketId};
use crate::api::offers::Offers;
use crate::api::route::Route;
use crate::work::outcome::JobId;
use crate::work::plan::{Plan, Rules};

/// Shared by all features; changed by the root and by [`Shell::ask`] alone.
#[derive(Clone, Debug)]
pub struct Shell {
    /// Which project it is.
    pub which: Which,
    /// The profile's or the host's name.
    pub name: String,
    /// The project's ref, or its address.
    pub reference: String,
    /// No changing request leaves the client.
    pub read_only: bool,
    /// Doors and what they lack.
    pub offers: Offers,
    /// What is under way.
    pub tickets: Tickets,
    /// The detail's share of each list's body.
    pub share: Share,
    /// Times on screen are relative to this; it moves at most once a minute.
    pub shown_now: Timestamp,
}

impl Shell {
    /// Of a project without a name and doors.
    #[cfg(test)]
    pub(crate) fn bare(now: Timestamp) -> Self {
        Self {
            which: super::project::Which::Given,
            name: String::new(),
            reference: String::new(),
            read_only: false,
            offers: Offers::new(&[]),
            tickets: Tickets::default(),
            share: Share::default(),
            shown_now: now,
        }
    }

    /// Asks the runtime and notes it as under way.
    pub fn ask(&mut self, cx: &mut Cx, what: What, effect: Effect) -> Ticket {
        let ticket = cx.effect(effect);
        self.tickets.0.push(Open { ticket, what, since: cx.at });
        ticket
    }

    /// Gives up the reads of a place; writes go on.
    pub fn cancel(&mut self, cx: &mut Cx, tab: Tab) {
        self.give_up(cx, |what| what.tab == tab);
    }

    /// Gives up those reads; writes go on.
    pub fn give_up(&mut self, cx: &mut Cx, these: impl Fn(&What) -> bool) {
        self.tickets.0.retain(|open| {
            let keep = open.what.write || !these(&open.what);
            if !keep {
                cx.effect(Effect::Cancel(open.ticket));
            }
            keep
        });
    }

    /// The project and the door of a request, for titles and questions.
    pub fn at(&self, route: Route, now: Timestamp) -> String {
        let door = self.offers.door(route, now).map(|door| format!(" · {}", door.title())).unwrap_or_default();
        format!("{}{door}", self.name)
    }

    /// Whether some door offers this route, as far as is known.
    pub fn offers(&self, route: Route, now: Timestamp) -> bool {
        self.offers.door(route, now).is_some()
    }
}

/// What a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct What {
    /// The operation's name: `users.create`, `users.poll`.
    pub name: &'static str,
    /// What it acts on, for Activity; from outside, uncleaned.
    pub target: String,
    /// Whether it changes something: such an answer is never dropped.
    pub write: bool,
    /// Where it belongs.
    pub tab: Tab,
}

impl What {
    /// A read for a tab.
    pub fn read(name: &'static str, tab: Tab) -> Self {
        Self { name, target: String::new(), write: false, tab }
    }

    /// A write on something.
    pub fn write(name: &'static str, tab: Tab, target: impl Into<String>) -> Self {
        Self { name, target: target.into(), write: true, tab }
    }

    /// Whether it is one of the reads that come round by themselves.
    pub fn is_poll(&self) -> bool {
        matches!(self.name.split_once('.'), Some((_, "poll" | "poll-row")))
    }

    /// On what.
    pub fn on(mut self, target: impl Into<String>) -> Self {
        self.target = target.into();
        self
    }
}

/// One request under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Its ticket.
    pub ticket: Ticket,
    /// What it is for.
    pub what: What,
    /// Since when, in the loop's time.
    pub since: Duration,
}

/// A change under way of a project that was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The request.
    pub open: Open,
    /// Of which project.
    pub which: Which,
    /// The project's name.
    pub project: String,
}

/// The requests under way: spinners, the double-submit guard and the quit question are derived from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tickets(Vec<Open>);

impl Tickets {
    /// Closes a ticket; `None` when it was given up: its answer is stale.
    pub fn close(&mut self, ticket: Ticket) -> Option<Open> {
        let at = self.0.iter().position(|open| open.ticket == ticket)?;
        Some(self.0.remove(at))
    }

    /// Whether an operation of this name is under way.
    pub fn under_way(&self, name: &str) -> bool {
        self.0.iter().any(|open| open.what.name == name)
    }

    /// The changing requests under way.
    pub fn writes(&self) -> impl Iterator<Item = &Open> {
        self.0.iter().filter(|open| open.what.write)
    }

    /// The changing requests under way, those of a project that is left.
    pub fn into_writes(self) -> impl Iterator<Item = Open> {
        self.0.into_iter().filter(|open| open.what.write)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Open> {
        self.0.iter()
    }
}

/// How a notice is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something was done.
    Good,
    /// Something to know.
    Info,
    /// Something failed.
    Bad,
}

/// One line that tells what happened; shown above the key bar until the next one or for some seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How it is meant.
    pub tone: Tone,
    /// The sentence; from outside in part, uncleaned.
    pub text: String,
}

/// Puts a text on the clipboard and tells it, or tells that it is too long for that.
pub fn copy(cx: &mut Cx, text: String, told: String) -> Out {
    if text.len() > MOST_COPIED {
        let long = "Too long for the terminal's clipboard: select it with the mouse instead.";
        return Out::Notice(Tone::Info, long.into());
    }
    cx.effect(Effect::Copy(text));
    Out::Notice(Tone::Good, told)
}

/// What a feature asks of the root.
#[derive(Debug)]
pub enum Out {
    /// Tell something.
    Notice(Tone, String),
    /// Tell one of our own sentences, which names keys by their operations.
    Say(Tone, &'static str),
    /// Open a modal over what there is.
    Open(Box<Modal>),
    /// Begin an upload and show it in Jobs.
    Upload(Box<Plan>),
    /// What became of a form that was sent.
    FormEnded(FormKind, FormEnd),
    /// Show the objects of a bucket.
    OpenBucket(Box<Bucket>),
    /// Leave the objects: back to the buckets.
    CloseBucket,
    /// Read the buckets now: one of them may be gone.
    ReadBuckets,
    /// Pick files for a bucket.
    Pick {
        /// The bucket.
        bucket: BucketId,
        /// `""` for the root, else ends in `/`.
        prefix: String,
        /// What the bucket takes.
        rules: Rules,
    },
    /// A job has ended: tell it, and keep it in Activity.
    JobEnded {
        /// How it is meant.
        tone: Tone,
        /// What was sent where; from outside in part, uncleaned.
        what: String,
        /// Its counts.
        counts: String,
        /// The server refused the credential: another one is asked for.
        signed_out: bool,
        /// Of which project.
        which: Which,
        /// The project's name.
        project: String,
    },
    /// Ask whether a job is to be stopped; then [`super::jobs::State::stop`].
    ConfirmStop(JobId, String),
}

/// What became of a form that was sent.
#[derive(Clone, Debug, PartialEq)]
pub enum FormEnd {
    /// Done: the form may go.
    Done,
    /// The server refused: the form stays, with the refusal at its field.
    Failed(Box<ApiError>),
    /// The form stays, with this sentence under its title.
    Said(String),
}
