//! Which kind of server answers at an address, judged from two answers that were asked for without any credential, and
//! whether it is one for a door. Pure: the client asks and acts.

use serde_json::Value;

use super::error::Kind;
use super::route::Door;

#[cfg(test)]
mod tests;

/// What is asked, in this order; the paths stand behind a door's address.
pub const PATHS: [&str; 2] = ["/api/platform/profile", "/auth/v1/health"];
/// Who is signed in at every self-hosted console, whoever asks.
const NOBODY: &str = "johndoe@supabase.io";

/// A kind of server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerKind {
    /// Many projects, by a platform token.
    ControlPlane,
    /// A console behind HTTP basic, mostly with a project's services at the same address.
    SelfHosted,
    /// A console that asks nobody for a password.
    OpenStudio,
    /// A console's pages alone, built for a control plane that is elsewhere.
    PageServer,
    /// A project's services, without a console.
    Gateway,
    /// Pages of something else: another server, or a network that wants a sign-in first.
    WebPage,
    /// It sends every request on to this origin.
    Elsewhere(String),
    /// It does not say.
    Unknown,
}

impl ServerKind {
    /// The name inside a sentence.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::ControlPlane => "a control plane",
            Self::SelfHosted => "a self-hosted stack",
            Self::OpenStudio => "a Studio without a password",
            Self::PageServer => "a server of web pages alone",
            Self::Gateway => "a project's gateway",
            Self::WebPage => "some other web page",
            Self::Elsewhere(_) => "a server that sends us on",
            Self::Unknown => "a server of an unknown kind",
        }
    }

    /// What it lacks, or what cannot be known there: the middle of a sentence.
    pub const fn lacks(&self) -> Option<&'static str> {
        match self {
            Self::SelfHosted => Some("no control plane; its Studio lists users by SQL; the ref is not checked"),
            Self::OpenStudio => Some(
                "no control plane; whoever reaches it may do everything, and no password is sent; the ref is not \
                 checked",
            ),
            Self::PageServer => Some("no routes of a control plane: it stands at another address"),
            Self::Gateway => Some("no control plane and no Studio: one project by its service key"),
            Self::WebPage | Self::Elsewhere(_) => Some("nothing of a project"),
            Self::ControlPlane | Self::Unknown => None,
        }
    }
}

/// What was found at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The kind.
    pub kind: ServerKind,
    /// Whether a project's services answer there too; in doubt they do.
    pub services: bool,
}

/// One of the two answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// HTTP's status.
    pub status: u16,
    /// Whether it asks for HTTP basic credentials.
    pub basic: bool,
    /// The other origin that it redirects to.
    pub elsewhere: Option<String>,
    /// The beginning of its body.
    pub body: Vec<u8>,
}

/// What an answer alone says.
#[derive(Clone, Copy, PartialEq)]
enum Sign {
    Unauthorized,
    Basic,
    Nobody,
    Hosted,
    Services,
    Page,
    None,
}

/// Judges the answers to [`PATHS`]; `None` where there was none.
pub fn judge(profile: Option<&Heard>, health: Option<&Heard>) -> Found {
    let at_health = health.map(|heard| sign(heard, "name"));
    let services = match at_health {
        Some(Sign::Services) | None => true,
        Some(Sign::None) => health.is_some_and(|heard| heard.status >= 500),
        Some(_) => false,
    };
    let gateway = at_health == Some(Sign::Services);
    let kind = match profile.map(|heard| (sign(heard, "primary_email"), heard)) {
        Some((Sign::Unauthorized, _)) => ServerKind::ControlPlane,
        Some((Sign::Basic, _)) => ServerKind::SelfHosted,
        Some((Sign::Nobody, _)) => ServerKind::OpenStudio,
        Some((Sign::Hosted, _)) => ServerKind::PageServer,
        Some((Sign::Services, _)) => ServerKind::Gateway,
        // A server that fails now may be any.
        Some((_, heard)) if heard.status >= 500 && heard.status != 511 => ServerKind::Unknown,
        Some(_) if gateway => ServerKind::Gateway,
        Some((_, Heard { elsewhere: Some(to), .. })) => ServerKind::Elsewhere(to.clone()),
        Some((Sign::Page, _)) => ServerKind::WebPage,
        Some((Sign::None, _)) | None => ServerKind::Unknown,
    };
    let services = services && !matches!(kind, ServerKind::WebPage | ServerKind::Elsewhere(_));
    Found { kind, services }
}

/// What one answer says; `field` is the field of a success that names the server.
fn sign(heard: &Heard, field: &str) -> Sign {
    if heard.status == 401 && heard.basic {
        return Sign::Basic;
    }
    let opening = heard.body.iter().find(|byte| !byte.is_ascii_whitespace());
    if heard.status == 511 || (opening == Some(&b'<') && heard.status < 500) {
        return Sign::Page;
    }
    let body: Value = serde_json::from_slice(&heard.body).unwrap_or_default();
    let is = |name: &str, text: &str| body.get(name).and_then(Value::as_str).is_some_and(|said| said.contains(text));
    match heard.status {
        200 if is(field, NOBODY) => Sign::Nobody,
        200 if is(field, "GoTrue") => Sign::Services,
        401 if is("message", "No API key found") || is("message", "Invalid authentication credentials") => {
            Sign::Services
        }
        401 if is("code", "unauthorized") || is("error", "unauthorized") => Sign::Unauthorized,
        404 if is("message", "not supported on hosted") => Sign::Hosted,
        _ => Sign::None,
    }
}

/// Whether a door's credential belongs to such a server; else the kind of failure, and the middle of a sentence that
/// says what was found and what to do instead. `named`: whether the door has a name for HTTP basic.
pub fn fits(found: &Found, door: Door, named: bool) -> Result<(), (Kind, String)> {
    use ServerKind::{ControlPlane, Elsewhere, Gateway, OpenStudio, PageServer, SelfHosted, Unknown, WebPage};
    let advice = match (&found.kind, door) {
        (SelfHosted, Door::Studio) if !named => {
            let said = "there is no name and password, and this Studio asks for both";
            return Err((Kind::NotSignedIn, said.into()));
        }
        (Unknown, _)
        | (ControlPlane, Door::ControlPlane)
        | (Gateway, Door::Gateway)
        | (SelfHosted | OpenStudio, Door::Studio) => return Ok(()),
        (ControlPlane | SelfHosted | OpenStudio | PageServer, Door::Gateway) if found.services => return Ok(()),
        (SelfHosted, Door::ControlPlane) => {
            "give it as `project` with the service key, or as `studio` with its name and password"
        }
        (OpenStudio, Door::ControlPlane) => "give it as `project` with the service key, or as `studio`",
        (Gateway, Door::ControlPlane) => "give it as `project` with the service key",
        (PageServer, _) => "try http://localhost:5000 as the control plane, or the project's gateway",
        (ControlPlane, _) => "give it as `control_plane` with the project's ref and a platform token",
        (SelfHosted | OpenStudio, Door::Gateway) => "give it as `studio`, or the address of the project's gateway",
        (Gateway, Door::Studio) => "give it as `project` with the service key, or Studio's own address",
        (WebPage, _) => "check the address, or sign in to the network first",
        (Elsewhere(_), _) => "give that address yourself if you trust it, or sign in to the network first",
    };
    let what = match &found.kind {
        Elsewhere(to) => format!("sends us on to {to}"),
        kind => format!("is {}, not {}", kind.words(), wanted(door)),
    };
    Err((Kind::WrongServer, format!("{what}; {advice}")))
}

const fn wanted(door: Door) -> &'static str {
    match door {
        Door::ControlPlane => ServerKind::ControlPlane.words(),
        Door::Gateway => ServerKind::Gateway.words(),
        Door::Studio => "a Studio",
    }
}
