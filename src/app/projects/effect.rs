//! What the switcher asks of the runtime, and what comes back.

use std::time::Duration;

use jiff::Timestamp;

use crate::api::route::Door;
use crate::app::cx::Ticket;
use crate::app::project::{Memory, Project, Which};

/// A wish about projects.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Read which projects there are.
    List,
    /// Ask a project how it is.
    Check(Which),
    /// Leave the open project and read what another one needs. Until [`Effect::Use`] there is none.
    Open(Which),
    /// From now on ask the project that was opened under this ticket.
    Use(Ticket),
    /// Keep this of a profile for the next time.
    Keep(String, Box<Memory>),
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// The projects there are, or why they cannot be read: one sentence.
    Listed(Result<Vec<Listed>, String>),
    /// How a project is.
    Checked(Which, Checked),
    /// What an opened project begins with, or why it cannot be opened: one sentence.
    Opened(Result<Box<Project>, String>),
    /// What could not be kept, and why: one sentence.
    Kept(String),
}

/// A project one can go to, as the configuration has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listed {
    /// Which one.
    pub which: Which,
    /// Its name.
    pub name: String,
    /// Its colour.
    pub color: Option<String>,
    /// Whether it is protected.
    pub protected: bool,
    /// Its doors.
    pub doors: Vec<Door>,
    /// Its ref, or its address.
    pub reference: String,
    /// A credential comes by a command, which may ask a person: it is not run for a look.
    pub command: bool,
    /// What was kept of it.
    pub memory: Memory,
}

/// How a project is.
#[derive(Clone, Debug, PartialEq)]
pub enum Checked {
    /// It answers.
    Reachable {
        /// How long the first answer took.
        took: Duration,
        /// How many users it has, where a door tells.
        users: Option<u64>,
        /// How many buckets, likewise.
        buckets: Option<u64>,
        /// When the first of its credentials ends, where that can be read.
        ends: Option<Timestamp>,
    },
    /// It refuses the credential: one sentence, from outside in part.
    SignIn(String),
    /// It cannot be reached or does not serve: likewise.
    Unreachable(String),
    /// It cannot be asked as it is configured: likewise.
    NotReady(String),
    /// A command would have to be run.
    NotAsked,
}
