//! What the screen knows of a project before it asks it anything: from its configuration, its doors and what was kept.

use std::path::Path;

use crate::api::client::DoorConfig;
use crate::api::offers::Offers;
use crate::api::route::Door;
use crate::app::project::{Memory, Project, Which};
use crate::app::session::NOBODY;
use crate::config::address;
use crate::local::Setup;
use crate::local::setup::SignIn;

/// The project of a setup; what was kept of it is not known here.
pub fn project(setup: &Setup, config: Option<&Path>, offers: Offers) -> Project {
    let doors = &setup.connection.doors;
    let place = doors.first().map(|door| address::place(&door.base)).unwrap_or_default();
    // The address stands once: as the name, or beside a profile's.
    let place = if place == setup.name { String::new() } else { place };
    Project {
        which: which(setup),
        unchosen: setup.unchosen,
        name: setup.name.clone(),
        reference: setup.reference().map_or(place, str::to_owned),
        reach: reach(setup, config),
        color: setup.color.clone(),
        read_only: setup.connection.read_only,
        protected: setup.protected,
        locked: setup.locked,
        offers,
        who: doors.iter().filter_map(|door| Some((door.door, signed_in(door, setup.session.as_ref())?))).collect(),
        login: setup.session.as_ref().map(|session| session.login.clone().unwrap_or_default()),
        keys_offered: setup.offered.is_some(),
        ask_keys: setup.offered.as_ref().is_some_and(|offered| offered.ask),
        notices: setup.warnings.clone(),
        poll: setup.poll,
        memory: Memory::default(),
    }
}

/// Which project a setup is of.
pub fn which(setup: &Setup) -> Which {
    match (&setup.profile, setup.reference()) {
        (Some(profile), Some(reference)) if setup.listed => {
            Which::Listed { profile: profile.clone(), reference: reference.to_owned() }
        }
        (Some(profile), _) => Which::Profile(profile.clone()),
        (None, _) => Which::Given,
    }
}

/// The flags that make a command connect as this does; `config` is the file that was asked for.
fn reach(setup: &Setup, config: Option<&Path>) -> Vec<String> {
    let flags: Vec<(&str, String)> = if let Some(profile) = &setup.profile {
        let file = config.map(|file| ("--config", file.display().to_string()));
        let other = setup.reference().filter(|_| setup.listed).map(|reference| ("--ref", reference.to_owned()));
        file.into_iter().chain([("--profile", profile.clone())]).chain(other).collect()
    } else {
        let of = |config: &DoorConfig| {
            let base = config.base.to_string();
            match config.door {
                Door::ControlPlane => vec![("--url", base), ("--ref", config.reference.clone().unwrap_or_default())],
                Door::Gateway => vec![("--project-url", base)],
                Door::Studio => Vec::new(),
            }
        };
        setup.connection.doors.iter().flat_map(of).collect()
    };
    flags.into_iter().flat_map(|(flag, value)| [flag.to_owned(), value]).collect()
}

/// Who one is at a door, as far as that is known; nothing where its credential is still to be had.
fn signed_in(door: &DoorConfig, session: Option<&SignIn>) -> Option<String> {
    if let (Door::ControlPlane, Some(session)) = (door.door, session) {
        return Some(session.who.clone().unwrap_or_else(|| NOBODY.into()));
    }
    match (door.door, &door.user) {
        (Door::Studio, Some(user)) => Some(user.clone()),
        (Door::Studio, None) => Some("open Studio".into()),
        _ => (!door.credential.is_empty()).then(|| door.door.credential().into()),
    }
}
