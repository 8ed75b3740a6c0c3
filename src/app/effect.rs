//! What `update` wants done outside: plain data, compared in tests.

use super::cx::Ticket;
use super::{buckets, jobs, objects, picker, projects, session, users};

/// The most bytes that go on the terminal's clipboard at once: many terminals drop longer sequences, some show them.
pub const MOST_COPIED: usize = 74_994;

/// One wish to the runtime.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Of the users.
    Users(users::Effect),
    /// Of the buckets.
    Buckets(buckets::Effect),
    /// Of the objects.
    Objects(objects::Effect),
    /// Of the jobs.
    Jobs(jobs::Effect),
    /// Of the file picker.
    Picker(picker::Effect),
    /// Of the switcher.
    Projects(projects::Effect),
    /// Of the connection.
    Session(session::Effect),
    /// Give up a read.
    Cancel(Ticket),
    /// Put text of at most [`MOST_COPIED`] bytes on the terminal's clipboard (OSC 52).
    Copy(String),
    /// Stop as ctrl-z does.
    Suspend,
}
