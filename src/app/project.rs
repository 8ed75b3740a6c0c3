//! The project in view: which one it is, what is known of it before it answers, how the screen stands to it, and what is
//! kept of it when it is left. Other projects to go to are [`super::projects`].

use std::time::Duration;

use jiff::Timestamp;

use super::geometry::Share;
use super::place::Place;
use crate::api::offers::Offers;
use crate::api::route::Door;

/// Which project.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Which {
    /// The one that flags or variables gave, or the demo.
    #[default]
    Given,
    /// That of a profile, by its name; where the profile names none, the profile itself.
    Profile(String),
    /// Another one that a profile's platform lists.
    Listed {
        /// The profile's name.
        profile: String,
        /// The project's short id.
        reference: String,
    },
}

impl Which {
    /// What it is remembered by: no profile has a slash in its name.
    pub fn key(&self) -> Option<String> {
        match self {
            Self::Given => None,
            Self::Profile(name) => Some(name.clone()),
            Self::Listed { profile, reference } => Some(format!("{profile}/{reference}")),
        }
    }

    /// The profile whose guard, colour and credential it has.
    pub fn profile(&self) -> Option<&str> {
        match self {
            Self::Given => None,
            Self::Profile(name) | Self::Listed { profile: name, .. } => Some(name),
        }
    }
}

/// What a project begins with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Project {
    /// Which one.
    pub which: Which,
    /// No project of the profile is named: one is to be chosen among those that it lists.
    pub unchosen: bool,
    /// The profile's, the host's or the listed project's name.
    pub name: String,
    /// The ref, or the project's address.
    pub reference: String,
    /// The flags that make a command connect to the same place: a profile's, else those of the addresses.
    pub reach: Vec<String>,
    /// The profile's colour.
    pub color: Option<String>,
    /// Nothing may be changed.
    pub read_only: bool,
    /// The profile is protected: read-only until unlocked.
    pub protected: bool,
    /// It is read-only for being protected alone: it can be unlocked.
    pub locked: bool,
    /// Doors.
    pub offers: Offers,
    /// Who one is at each door that has its credential, as far as that is known: an email, `service key`.
    pub who: Vec<(Door, String)>,
    /// Where one signs in to the control plane: the usual address, `""` where none is configured.
    pub login: Option<String>,
    /// Whether the project's key can be had from Studio, with the person's agreement.
    pub keys_offered: bool,
    /// Whether to ask for that agreement, once Studio has let the person in: it was neither given nor refused.
    pub ask_keys: bool,
    /// What is to be told at the start.
    pub notices: Vec<String>,
    /// How often to poll.
    pub poll: Duration,
    /// What was kept when it was left the last time.
    pub memory: Memory,
}

/// How the screen stands to its project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// There is none: the first screen shows the ways in.
    None,
    /// It is a profile that lists projects and names none: one is to be chosen.
    Choose,
    /// Its credentials are being read.
    Opening,
    /// It could not be opened: one sentence, from outside in part.
    Shut(String),
    /// The person signed out; where the server could not be told, its sentence, from outside in part.
    SignedOut(Option<String>),
    /// It can be asked.
    Open,
}

/// What is kept of a project when it is left.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// When it was in view last.
    pub opened: Option<Timestamp>,
    /// What was in view.
    pub place: Option<Place>,
    /// The detail's share of the lists.
    pub share: Share,
    /// How the users stood.
    pub users: View,
    /// How the buckets stood.
    pub buckets: View,
    /// How the objects stood, where the place is in a bucket.
    pub objects: View,
}

/// Order and filter of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// The column's name, and whether the largest comes first.
    pub sort: Option<(String, bool)>,
    /// The filter as typed.
    pub filter: String,
}

impl View {
    /// The order among these columns, by their names on screen; none where the column is no longer there.
    pub fn order<C: Copy>(&self, columns: &[C], name: impl Fn(C) -> &'static str) -> Option<(C, bool)> {
        let (sorted, descending) = self.sort.as_ref()?;
        columns.iter().copied().find(|column| name(*column) == sorted).map(|column| (column, *descending))
    }
}
