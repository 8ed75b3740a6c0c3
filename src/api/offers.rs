//! Which doors a project has and which routes they turned out to lack: a plain value that the client owns and `app`
//! keeps a copy of.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::route::{Door, Route};

/// How long a route that was found missing is believed to be missing.
const FORGET: SignedDuration = SignedDuration::from_mins(10);

/// The doors of a connection, and what they lack.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offers {
    doors: Vec<Door>,
    missing: BTreeMap<(Route, Door), Timestamp>,
}

impl Offers {
    /// The offers of a connection with these doors, in any order.
    pub fn new(doors: &[Door]) -> Self {
        let mut doors = doors.to_vec();
        doors.sort_unstable();
        doors.dedup();
        Self { doors, missing: BTreeMap::new() }
    }

    /// The doors there are, the control plane first.
    pub fn doors(&self) -> &[Door] {
        &self.doors
    }

    /// The first door that offers this route and is not known to lack it.
    pub fn door(&self, route: Route, now: Timestamp) -> Option<Door> {
        self.doors.iter().copied().find(|&door| route.spec().path(door).is_some() && !self.lacks(route, door, now))
    }

    /// Notes that a door does not have a route.
    pub fn mark_missing(&mut self, route: Route, door: Door, now: Timestamp) {
        self.missing.insert((route, door), now);
    }

    /// Forgets what was found missing: each door is asked again.
    pub fn forget(&mut self) {
        self.missing.clear();
    }

    fn lacks(&self, route: Route, door: Door, now: Timestamp) -> bool {
        self.missing.get(&(route, door)).is_some_and(|&since| now.duration_since(since) < FORGET)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_door_that_has_it_is_taken_and_what_is_missing_is_forgotten() {
        let now = Timestamp::from_second(1_000).unwrap();
        let mut offers = Offers::new(&[Door::Gateway, Door::ControlPlane, Door::Gateway]);
        assert_eq!(offers.doors(), [Door::ControlPlane, Door::Gateway]);
        assert_eq!(offers.door(Route::UsersList, now), Some(Door::ControlPlane));
        assert_eq!(offers.door(Route::UserGet, now), Some(Door::Gateway));
        offers.mark_missing(Route::UsersList, Door::ControlPlane, now);
        assert_eq!(offers.door(Route::UsersList, now), Some(Door::Gateway));
        assert_eq!(offers.door(Route::UserCreate, now), Some(Door::ControlPlane), "only that route");
        assert_eq!(offers.door(Route::UsersList, now + FORGET), Some(Door::ControlPlane), "after ten minutes");
        offers.mark_missing(Route::UsersList, Door::Gateway, now);
        assert_eq!(offers.door(Route::UsersList, now), None);
        offers.forget();
        assert_eq!(offers.door(Route::UsersList, now), Some(Door::ControlPlane));
    }
}
