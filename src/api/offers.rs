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
    closed: BTreeMap<Door, String>,
}

impl Offers {
    /// The offers of a connection with these doors, in any order.
    pub fn new(doors: &[Door]) -> Self {
        let mut doors = doors.to_vec();
        doors.sort_unstable();
        doors.dedup();
        Self { doors, ..Self::default() }
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

    /// Takes a door out: it gets no credential for this project. The reason is the middle of a sentence, from outside.
    pub fn close(&mut self, door: Door, why: String) {
        self.doors.retain(|&other| other != door);
        self.closed.insert(door, why);
    }

    /// Puts a door in, or in again.
    pub fn open(&mut self, door: Door) {
        self.closed.remove(&door);
        self.doors.push(door);
        self.doors.sort_unstable();
        self.doors.dedup();
    }

    /// Why a door was taken out.
    pub fn why_closed(&self, door: Door) -> Option<&str> {
        self.closed.get(&door).map(String::as_str)
    }

    /// The door that would offer a route, had it not been taken out.
    pub fn closed_door(&self, route: Route) -> Option<Door> {
        self.closed.keys().copied().find(|&door| route.spec().path(door).is_some())
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
    use strum::VariantArray;

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

    #[test]
    fn a_door_that_is_taken_out_says_why_until_it_is_put_in_again() {
        let now = Timestamp::from_second(1_000).unwrap();
        let mut offers = Offers::new(&[Door::ControlPlane, Door::Gateway]);
        offers.close(Door::ControlPlane, "paused".into());
        assert_eq!(offers.door(Route::UsersList, now), Some(Door::Gateway));
        assert_eq!(offers.why_closed(Door::ControlPlane), Some("paused"));
        offers.forget();
        assert_eq!(offers.doors(), [Door::Gateway], "it stays shut");
        assert_eq!(offers.closed_door(Route::UserGet), None, "it never offered that");
        offers.open(Door::ControlPlane);
        assert_eq!((offers.doors(), offers.why_closed(Door::ControlPlane)), (&Door::VARIANTS[..2], None));
    }
}
