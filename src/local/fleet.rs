//! The profiles as a whole: what each is, for a list of them. No secret is read for that, and nothing is run.

use std::path::Path;

use super::setup::{Inputs, Unready, configuration, kind};
use crate::api::route::Door;
use crate::config::resolve::Flags;
use crate::config::{DoorEntry, Profile as Entry, Source, address};

/// A profile, without its credentials.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Its colour.
    pub color: Option<String>,
    /// Whether it is protected.
    pub protected: bool,
    /// Its doors.
    pub doors: Vec<Door>,
    /// The project's short id, or its address.
    pub reference: String,
    /// Whether a credential comes by a command.
    pub command: bool,
}

/// All profiles of the configuration, by name.
///
/// # Errors
/// Why it cannot be read: one sentence.
pub fn profiles(config: Option<&Path>) -> Result<Vec<Profile>, Unready> {
    let config = configuration(config)?;
    Ok(config.profiles.into_iter().map(|(name, entry)| profile(name, &entry)).collect())
}

fn profile(name: String, entry: &Entry) -> Profile {
    use crate::config::Door as D;
    let doors: Vec<(Door, &DoorEntry)> =
        [(D::ControlPlane, &entry.control_plane), (D::Gateway, &entry.project), (D::Studio, &entry.studio)]
            .into_iter()
            .filter_map(|(door, entry)| Some((kind(door), entry.as_ref()?)))
            .collect();
    let reference = doors.iter().find_map(|(_, entry)| entry.reference.clone());
    let hosted = entry.supabase.as_ref();
    let reference = reference.or_else(|| hosted.and_then(|hosted| hosted.reference.clone()));
    let place = || doors.first().map(|(_, entry)| address::place(&entry.url)).unwrap_or_default();
    Profile {
        name,
        color: entry.color.clone(),
        protected: entry.protected,
        reference: reference.unwrap_or_else(place),
        command: doors
            .iter()
            .map(|(_, entry)| &entry.source)
            .chain(hosted.map(|hosted| &hosted.source))
            .any(|source| matches!(source, Some(Source::Command(_)))),
        // What the management API gives is a gateway.
        doors: doors.into_iter().map(|(kind, _)| kind).chain(hosted.map(|_| Door::Gateway)).collect(),
    }
}

/// What of the flags holds for every project: an address and what goes with it belongs to the one it was given for.
pub fn common(inputs: &Inputs) -> Inputs {
    let Flags { read_only, interval, .. } = inputs.flags;
    Inputs {
        flags: Flags { read_only, interval, ..Flags::default() },
        config: inputs.config.clone(),
        ..Inputs::default()
    }
}
