//! What one can do with users.

use strum::VariantArray;

use crate::api::route::Route;
use crate::app::op::{OpSpec, Scope};

/// Operations of the Users tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum Op {
    /// Create one.
    New,
    /// Detail over the whole screen, or scrolling in it.
    Detail,
    /// Sort by the next column.
    Sort,
    /// Turn the order round.
    Reverse,
    /// Mark or unmark.
    Mark,
    /// Take all marks away.
    Unmark,
    /// Copy the address or id.
    Copy,
    /// Copy the id.
    CopyId,
    /// Load all.
    LoadAll,
    /// Scroll the detail down.
    DetailDown,
    /// Scroll the detail up.
    DetailUp,
}

impl Op {
    /// The row of this operation.
    pub const fn spec(self) -> OpSpec {
        let scope = Scope::Users;
        match self {
            Self::New => OpSpec::new("users.create", "New user", &["n"], scope)
                .help("Opens the form for a new user.")
                .routes(&[Route::UserCreate])
                .bar(10, "new"),
            Self::Detail => OpSpec::new("users.detail", "Detail", &["enter", "i", "l", "right"], scope)
                .help("Shows everything about the selected user.")
                .current()
                .bar(20, "detail"),
            Self::Sort => OpSpec::new("users.sort", "Sort by next column", &["s"], scope)
                .help("Sorts what is loaded by the next column.")
                .bar(70, "sort"),
            Self::Reverse => {
                OpSpec::new("users.reverse", "Turn the order round", &["S"], scope).help("Turns the order round.")
            }
            Self::Mark => OpSpec::new("users.mark", "Mark", &["space"], scope)
                .help("Marks the selected user, or takes the mark away; copying takes the marked ones.")
                .current(),
            Self::Unmark => {
                OpSpec::new("users.unmark", "Take all marks away", &["U"], scope).help("Takes all marks away.")
            }
            Self::Copy => OpSpec::new("users.copy", "Copy address", &["y"], scope)
                .help("Copies the email, else the phone, else the id of the selected user, or of the marked ones.")
                .current()
                .bar(80, "copy")
                .in_detail(40, "copy"),
            Self::CopyId => OpSpec::new("users.copy-id", "Copy id", &["Y"], scope)
                .help("Copies the id of the selected user, or of the marked ones.")
                .current(),
            Self::LoadAll => OpSpec::new("users.load-all", "Load all", &["F"], scope)
                .help("Loads every page, 1,000 users at a time; {users.load-all} again stops.")
                .routes(&[Route::UsersList])
                .bar(50, "load all"),
            Self::DetailDown => OpSpec::new("users.detail-down", "Detail down", &["J"], scope)
                .help("Scrolls the detail down.")
                .current()
                .in_detail(20, "scroll"),
            Self::DetailUp => OpSpec::new("users.detail-up", "Detail up", &["K"], scope)
                .help("Scrolls the detail up.")
                .current()
                .in_detail(20, "scroll"),
        }
    }
}
