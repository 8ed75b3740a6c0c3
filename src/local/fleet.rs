//! The profiles as a whole: what each is, for a list of them. No secret is read for that, and nothing is run.

use super::setup::{Inputs, kind};
use crate::api::route::Door;
use crate::config::resolve::Flags;
use crate::config::{Config, DoorEntry, Profile as Entry, Source, address};

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
    /// It names no project: one is chosen among those that it lists.
    pub unchosen: bool,
    /// The address of its platform, where it has one that lists projects.
    pub platform: Option<String>,
    /// Its platform is to be asked for projects; of profiles that have the same credential one is enough.
    pub lists: bool,
    /// The door of the projects that it lists.
    pub listed_door: Door,
    /// Whether the credential that lists comes by a command.
    pub list_command: bool,
}

/// All profiles of a configuration, by name.
pub fn profiles(config: &Config) -> Vec<Profile> {
    config.profiles.iter().map(|(name, entry)| profile(name, entry, is_spared(config, name, entry))).collect()
}

/// Whether another profile asks the same platform with the same credential.
fn is_spared(config: &Config, name: &str, entry: &Entry) -> bool {
    let own = match entry.lists() {
        // The account is then the profile's own.
        Some((_, Some(Source::Session(sign_in)))) if sign_in.login.is_none() => return false,
        Some(own) if entry.references().next().is_some() => own,
        _ => return false,
    };
    // Of those that name a project the protected one, for what is found bears its guard.
    let place = |name: &str, entry: &Entry| (entry.references().next().is_some(), !entry.protected, name.to_owned());
    let others = config.profiles.iter().filter(|(_, other)| other.lists() == Some(own));
    others.map(|(name, other)| place(name, other)).min().is_some_and(|first| first != place(name, entry))
}

fn profile(name: &str, entry: &Entry, spared: bool) -> Profile {
    use crate::config::Door as D;
    let doors: Vec<(Door, &DoorEntry)> =
        [(D::ControlPlane, &entry.control_plane), (D::Gateway, &entry.project), (D::Studio, &entry.studio)]
            .into_iter()
            .filter_map(|(door, entry)| Some((kind(door), entry.as_ref()?)))
            .collect();
    let reference = doors.iter().find_map(|(_, entry)| entry.reference.clone());
    let hosted = entry.supabase.as_ref();
    let reference = reference.or_else(|| hosted.and_then(|hosted| hosted.reference.clone()));
    let lists = entry.lists();
    let url = doors.first().map(|(_, entry)| &entry.url).or(lists.map(|(url, _)| url));
    let place = || url.map(address::place).unwrap_or_default();
    let list_source = lists.and_then(|(_, source)| source);
    Profile {
        name: name.to_owned(),
        color: entry.color.clone(),
        protected: entry.protected,
        reference: reference.unwrap_or_else(place),
        command: doors
            .iter()
            .map(|(_, entry)| &entry.source)
            .chain(hosted.map(|hosted| &hosted.source))
            .any(|source| matches!(source, Some(Source::Command(_)))),
        unchosen: lists.is_some() && entry.references().next().is_none(),
        platform: lists.map(|(url, _)| url.to_string()),
        lists: list_source.is_some() && !spared,
        listed_door: if hosted.is_some() { Door::Gateway } else { Door::ControlPlane },
        list_command: matches!(list_source, Some(Source::Command(_))),
        // What the management API gives is a gateway.
        doors: doors.into_iter().map(|(kind, _)| kind).chain(hosted.map(|_| Door::Gateway)).collect(),
    }
}

/// What of the flags holds for every project: an address and what goes with it belongs to the one it was given for.
pub fn common(inputs: &Inputs) -> Inputs {
    let Flags { read_only, interval, .. } = inputs.flags;
    Inputs { flags: Flags { read_only, interval, ..Flags::default() }, agreed: false, ..inputs.clone() }
}
