//! What happens to the program: plain data, never closures.

use std::sync::Arc;

use ratatui::layout::Size;

use super::cx::Ticket;
use super::key::Key;
use super::mouse::Mouse;
use super::project::Which;
use super::{buckets, jobs, objects, picker, projects, session, users};
use crate::api::meta::Meta;
use crate::work::progress::Asked;

/// A message to `update`.
#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    /// A key was pressed (or repeats).
    Key(Key),
    /// The mouse did something.
    Mouse(Mouse),
    /// Text was pasted, whole. May hold a secret: it prints as its length.
    Paste(Pasted),
    /// The terminal has another size.
    Resize(Size),
    /// The terminal gained or lost the focus.
    Focus(bool),
    /// The deadline that `App::deadline` named has come.
    Tick,
    /// An effect has ended.
    Answer(Answer),
    /// A job's totals or items moved; at most ten times a second.
    Jobs(Arc<[jobs::Progress]>),
    /// A project's key was asked for, where it may be had: by the client itself, for whatever needs it.
    Asked {
        /// Which project's.
        which: Which,
        /// What that is called.
        project: String,
        /// The request.
        asked: Asked,
    },
    /// A signal asks the program to end.
    Signal(Signal),
    /// The program is back from ctrl-z.
    Resumed,
}

/// Pasted text; prints as its length only.
#[derive(Clone, PartialEq, Eq)]
pub struct Pasted(pub String);

impl std::fmt::Debug for Pasted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pasted({} bytes)", self.0.len())
    }
}

/// Signals that end the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Interrupt: exit code 130.
    Int,
    /// Terminate: 143.
    Term,
    /// The terminal is gone: 129.
    Hup,
}

impl Signal {
    /// The exit code by convention: 128 and the signal's number.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Int => 130,
            Self::Term => 143,
            Self::Hup => 129,
        }
    }
}

/// What came of an effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Of which effect.
    pub ticket: Ticket,
    /// What the request took; `None` where there was none (files, sorting).
    pub meta: Option<Meta>,
    /// The result.
    pub body: Body,
}

/// The result of an effect, by feature.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Of the users.
    Users(users::Body),
    /// Of the buckets.
    Buckets(buckets::Body),
    /// Of the objects.
    Objects(objects::Body),
    /// Of the file picker.
    Picker(picker::Body),
    /// Of the switcher.
    Projects(projects::Body),
    /// Of the connection.
    Session(session::Body),
    /// Nothing to tell (copied, credential taken).
    Nothing,
}
