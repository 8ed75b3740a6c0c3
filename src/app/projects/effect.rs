//! What the switcher asks of the runtime, and what comes back.

use std::time::Duration;

use jiff::Timestamp;

use crate::api::error::ApiError;
use crate::api::meta::Meta;
use crate::api::route::Door;
use crate::app::cx::Ticket;
use crate::app::project::{Memory, Project, Which};

/// A wish about projects.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Read which projects there are.
    List,
    /// Ask a profile's platform which projects it has.
    Find(String),
    /// Ask a project how it is.
    Check(Which),
    /// Leave the open project and read what another one needs, which is called so. Until [`Effect::Use`] there is none.
    Open(Which, String),
    /// From now on ask the project that was opened under this ticket.
    Use(Ticket),
    /// Keep this of a project, by [`Which::key`], for the next time.
    Keep(String, Box<Memory>),
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// The projects there are, or why there are none: one sentence.
    Listed(Result<Vec<Listed>, String>),
    /// Which projects a profile's platform lists, and the request, where it came to one.
    Found(String, Option<Box<Meta>>, Result<Found, NotFound>),
    /// How a project is.
    Checked(Which, Checked),
    /// What an opened project begins with, or why it cannot be opened: one sentence.
    Opened(Result<Box<Project>, String>),
    /// What could not be kept, and why: one sentence.
    Kept(String),
}

/// What a platform lists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Its projects, each once.
    pub projects: Vec<Listed>,
    /// How many entries are none that can be opened, and what is wrong with the first; from outside in part.
    pub left_out: Option<(usize, String)>,
}

/// Why a platform lists nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum NotFound {
    /// It refuses, or cannot be had.
    Refused(Box<ApiError>),
    /// It cannot be asked as it is configured, or did not answer in time: one sentence.
    NotReady(String),
}

/// A project one can go to, as the configuration has it or a platform lists it.
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
    /// A profile that names no project: one of those that it lists is to be chosen.
    pub unchosen: bool,
    /// The address of its platform, where it has one that lists projects.
    pub platform: Option<String>,
    /// Whether that platform is to be asked for projects with this profile's credential.
    pub lists: bool,
    /// In which state it is by its platform's word, in a word or two, where it answers nothing in it.
    pub idle: Option<String>,
    /// When it, or a project that it lists, was in view last.
    pub recent: Option<Timestamp>,
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
    /// It refuses the credential, or that was not had.
    SignIn(Box<ApiError>),
    /// It cannot be reached or does not serve: one sentence, from outside in part.
    Unreachable(String),
    /// It cannot be asked as it is configured: likewise.
    NotReady(String),
    /// It sleeps, and answers nothing.
    Paused,
    /// A command would have to be run.
    NotAsked,
}
