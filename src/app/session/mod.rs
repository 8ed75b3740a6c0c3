//! The connection as the screen sees it: another credential when one is refused.

mod effect;
pub mod forms;
mod ops;

use std::collections::{BTreeMap, BTreeSet};

pub use effect::Effect;
pub use ops::Op;

use crate::api::error::ApiError;
use crate::api::route::Door;

/// What the doors said against their credentials.
#[derive(Clone, Debug, Default)]
pub struct State {
    refused: BTreeMap<Door, ApiError>,
    /// Doors whose form was closed unsent: it does not open by itself again.
    put_off: BTreeSet<Door>,
}

impl State {
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
