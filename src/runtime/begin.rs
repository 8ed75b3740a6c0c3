//! What the screen knows of a project before it asks it anything: from its configuration, its doors and what was kept.

use crate::api::client::DoorConfig;
use crate::api::offers::Offers;
use crate::api::route::Door;
use crate::app::project::{Memory, Project, Which};
use crate::config::address;
use crate::local::Setup;

/// The project of a setup.
pub fn project(setup: &Setup, offers: Offers, memory: Memory) -> Project {
    let doors = &setup.connection.doors;
    let place = doors.first().map(|door| address::place(&door.base)).unwrap_or_default();
    // The address stands once: as the name, or beside a profile's.
    let place = if place == setup.name { String::new() } else { place };
    let who: Vec<_> = doors.iter().map(signed_in).collect();
    Project {
        which: if setup.profile { Which::Profile(setup.name.clone()) } else { Which::Given },
        name: setup.name.clone(),
        reference: setup.reference().map_or(place, str::to_owned),
        color: setup.color.clone(),
        read_only: setup.connection.read_only,
        protected: setup.protected,
        locked: setup.locked,
        offers,
        who: who.join(" + "),
        notices: setup.warnings.clone(),
        poll: setup.poll,
        memory,
    }
}

/// Who one is at a door, as far as that is known.
fn signed_in(door: &DoorConfig) -> String {
    match (door.door, &door.user) {
        (Door::Studio, Some(user)) => user.clone(),
        (Door::Studio, None) => "open Studio".into(),
        _ => door.door.credential().into(),
    }
}
