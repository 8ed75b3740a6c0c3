//! The connection as the screen sees it: another credential when one is refused.

mod effect;
pub mod forms;
mod ops;
mod standing;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub use effect::Effect;
pub use ops::Op;
pub use standing::NOBODY;

use crate::api::detect::ServerKind;
use crate::api::error::ApiError;
use crate::api::meta::Standing;
use crate::api::model::Factor;
use crate::api::offers::Offers;
use crate::api::route::Door;
use crate::app::project::Project;

/// What the doors said against their credentials.
#[derive(Clone, Debug, Default)]
pub struct State {
    refused: BTreeMap<Door, ApiError>,
    /// Doors whose form was closed unsent: it does not open by itself again.
    put_off: BTreeSet<Door>,
    /// Whether one signs in to the control plane, and with which address as a rule (`""` where none is configured).
    pub(super) login: Option<String>,
    /// Who one is at the doors whose credential was there at the start, was given by hand, or was taken.
    known: BTreeMap<Door, String>,
    /// Who is signed in where, and until when.
    pub(super) standings: BTreeMap<Door, Standing>,
    /// Which kind of server stands where.
    found: BTreeMap<Door, ServerKind>,
    /// The factor that a sign-in waits for.
    pub(super) factor: Option<Factor>,
}

/// What became of a wish about the connection.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// What a password, or a code, came to.
    Step(Result<Step, ApiError>),
    /// The session was ended; whether the server could be told.
    SignedOut(Result<(), ApiError>),
    /// The project's key was taken from Studio: the connection has another door.
    Keys(Offers),
}

/// How far a sign-in came.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// To its end.
    Done {
        /// Who. From outside.
        who: Option<String>,
        /// How long the token lives.
        lives: Option<Duration>,
    },
    /// One of these must be answered with a code.
    NeedsCode(Vec<Factor>),
}

impl State {
    /// At a project's start.
    pub fn new(project: &Project) -> Self {
        Self { login: project.login.clone(), known: project.who.iter().cloned().collect(), ..Self::default() }
    }

    /// Whether one signs in at a door, with email and password.
    pub fn signs_in(&self, door: Door) -> bool {
        door == Door::ControlPlane && self.login.is_some()
    }

    /// What the key does that opens a form for a door, for sentences: `signs in`, `gives another service key`.
    pub fn remedy(&self, door: Door) -> String {
        if self.signs_in(door) { "signs in".into() } else { format!("gives another {}", door.credential()) }
    }

    /// What a person pastes for a door: where one signs in the token of an account.
    pub fn pasted(&self, door: Door) -> &'static str {
        if self.signs_in(door) { "access token" } else { door.credential() }
    }

    /// A person gave a door another credential.
    pub fn given(&mut self, door: Door) {
        self.took(door);
        self.standings.remove(&door);
        self.known.insert(door, self.pasted(door).to_owned());
    }

    /// The person signed out of the control plane.
    pub fn left(&mut self) {
        self.took(Door::ControlPlane);
        self.standings.remove(&Door::ControlPlane);
        self.known.remove(&Door::ControlPlane);
    }

    /// How it stands with a door's credential now.
    pub fn stands(&mut self, standing: Standing) {
        let Standing { door, who, ends, renews } = &standing;
        if who.is_some() || ends.is_some() || *renews {
            self.standings.insert(*door, standing);
        } else {
            self.standings.remove(door);
        }
    }

    /// Which kind of server stands at a door now; whether it is another one than was known.
    pub fn finds(&mut self, door: Door, kind: &ServerKind) -> bool {
        self.found.insert(door, kind.clone()).as_ref() != Some(kind)
    }

    /// A door refuses its credential; whether to ask for another one unasked.
    pub fn refused(&mut self, door: Door, error: &ApiError) -> bool {
        self.refused.insert(door, error.clone());
        !self.put_off.contains(&door)
    }

    /// The form of a door was closed unsent; whether its credential is refused still.
    pub fn put_off(&mut self, door: Door) -> bool {
        let refused = self.refused.contains_key(&door);
        if refused {
            self.put_off.insert(door);
        }
        refused
    }

    /// A person asks the server again: the forms may open again.
    pub fn ask_again(&mut self) {
        self.put_off.clear();
    }

    /// A door took its credential, or was given another one.
    pub fn took(&mut self, door: Door) {
        self.refused.remove(&door);
        self.put_off.remove(&door);
        self.known.entry(door).or_insert_with(|| door.credential().to_owned());
    }

    /// Why a door refuses its credential.
    pub fn why(&self, door: Door) -> Option<&ApiError> {
        self.refused.get(&door)
    }

    /// The door to give another credential: `here`, unless it is another one that refuses.
    pub fn door(&self, here: Option<Door>) -> Option<Door> {
        let refuses = |door: &Door| self.refused.contains_key(door);
        here.filter(refuses).or_else(|| self.refused.keys().next().copied()).or(here)
    }
}
