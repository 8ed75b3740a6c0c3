//! What is configured, as data: the file's text becomes plain values with line numbers, and flags, environment and
//! profile become one plan of where to connect. Nothing is read here: `local` reads files, variables and secrets.

pub mod address;
pub mod file;
pub mod paths;
pub mod resolve;

use std::collections::BTreeMap;
use std::path::PathBuf;

use url::Url;

use crate::secret::Secret;

/// A way into a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Door {
    /// The control plane, with a platform token.
    ControlPlane,
    /// The project's own gateway, with its service key.
    Gateway,
    /// The self-hosted console, with its HTTP basic name and password.
    Studio,
}

impl Door {
    /// The name in flags and sentences.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ControlPlane => "control-plane",
            Self::Gateway => "gateway",
            Self::Studio => "studio",
        }
    }

    /// What this door takes as a credential, for sentences.
    pub const fn credential(self) -> &'static str {
        match self {
            Self::ControlPlane => "platform token",
            Self::Gateway => "service key",
            Self::Studio => "password",
        }
    }
}

/// Where a secret comes from; never the secret itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The first of these environment variables that is set and not empty.
    Env(Vec<String>),
    /// A file's content.
    File(PathBuf),
    /// What a shell command prints.
    Command(String),
    /// Standard input, to its end.
    Stdin,
    /// Signing in, at the control plane alone: the session is stored by this program itself.
    Session(Box<SignIn>),
}

/// Where one signs in to a control plane, and as whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// The address of the platform's own GoTrue, `…/auth/v1`.
    pub auth: Url,
    /// The platform's public key, where its gateway wants one.
    pub anon_key: Option<AnonKey>,
    /// The email to sign in with.
    pub login: Option<String>,
}

/// A platform's public key: it may stand in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnonKey {
    /// The key itself.
    Itself(Secret),
    /// Where it comes from; where that has none, none is sent.
    From(Source),
}

/// The management API of hosted projects.
pub const HOSTED_API: &str = "https://api.supabase.com";

/// A configuration file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The profile that is used when no address is given.
    pub default_profile: Option<String>,
    /// The profiles by name.
    pub profiles: BTreeMap<String, Profile>,
    /// Seconds between two looks at the server.
    pub poll_seconds: Option<u32>,
    /// Whether the screen takes the mouse.
    pub mouse: bool,
    /// Other keys for the screen's operations.
    pub keys: Bindings,
    /// What stands outside of profiles and is not yet offered.
    pub warnings: Vec<String>,
    /// What a command has to end in that goes by this configuration: nothing where it is the usual one.
    pub flag: String,
}

impl Config {
    /// The variables that hold credentials, in whichever profile.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        let sources = self.profiles.values().flat_map(|profile| {
            let doors = [&profile.control_plane, &profile.project, &profile.studio].into_iter().flatten();
            doors.map(|door| &door.source).chain(profile.supabase.as_ref().map(|hosted| &hosted.source)).flatten()
        });
        sources
            .flat_map(|source| if let Source::Env(names) = source { names.as_slice() } else { &[] })
            .map(String::as_str)
    }
}

/// Line and column in a file, each from 1.
pub type Place = (usize, usize);

/// `[keys]`: other keys for the screen's operations, as they were written and unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bindings {
    /// The file as it was named.
    pub file: String,
    /// In the order of the file.
    pub all: Vec<Binding>,
}

/// One operation's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The operation's name, such as `users.create`.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// Its keys, each with where it stands; `off` alone for none.
    pub keys: Vec<(String, Place)>,
}

/// A named project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// The header's colour, one of [`file::COLORS`].
    pub color: Option<String>,
    /// Read-only until unlocked.
    pub protected: bool,
    /// Read-only.
    pub read_only: bool,
    /// Credentials may go over plain http to another machine.
    pub allow_http: bool,
    /// Further CA certificates (PEM).
    pub ca_file: Option<PathBuf>,
    /// The control plane.
    pub control_plane: Option<DoorEntry>,
    /// The project's own gateway.
    pub project: Option<DoorEntry>,
    /// The self-hosted console.
    pub studio: Option<DoorEntry>,
    /// The management API that gives a hosted project's address and key, instead of `project`.
    pub supabase: Option<Hosted>,
    /// What stands in this profile and is not yet offered.
    pub warnings: Vec<String>,
}

impl Profile {
    /// Where its projects are listed, and where the credential for that comes from; `None` where it is one project.
    pub fn lists(&self) -> Option<(&Url, Option<&Source>)> {
        let hosted = self.supabase.as_ref().map(|hosted| (&hosted.api, hosted.source.as_ref()));
        hosted.or_else(|| self.control_plane.as_ref().map(|plane| (&plane.url, plane.source.as_ref())))
    }

    /// The refs of its own project.
    pub fn references(&self) -> impl Iterator<Item = &str> {
        let plane = self.control_plane.as_ref().and_then(|plane| plane.reference.as_deref());
        plane.into_iter().chain(self.supabase.as_ref().and_then(|hosted| hosted.reference.as_deref()))
    }
}

/// A hosted project: its address and key come from the management API.
#[derive(Clone, Debug, PartialEq)]
pub struct Hosted {
    /// The management API's checked address.
    pub api: Url,
    /// The project's short id; without one the profile only lists projects.
    pub reference: Option<String>,
    /// Where the personal access token comes from.
    pub source: Option<Source>,
}

/// One door of a profile.
#[derive(Clone, Debug, PartialEq)]
pub struct DoorEntry {
    /// The checked address.
    pub url: Url,
    /// The project's short id, at the control plane and at Studio, which ignores it; a control plane without one only
    /// lists projects.
    pub reference: Option<String>,
    /// The name for HTTP basic, at Studio alone.
    pub user: Option<String>,
    /// Where its credential comes from; `None` when the file names none that is offered.
    pub source: Option<Source>,
}

#[cfg(test)]
mod tests;
