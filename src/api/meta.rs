//! What one request took.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::detect::ServerKind;
use super::offers::Offers;
use super::route::{Door, Route};

/// What one request took, for Activity: filled for failures too.
#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    /// What was asked.
    pub route: Route,
    /// Through which door, if it came to that.
    pub door: Option<Door>,
    /// HTTP's method.
    pub method: &'static str,
    /// Scheme, host and port; empty where nothing was sent to any.
    pub origin: String,
    /// Path and query; no secrets.
    pub path: String,
    /// How it proved who asks.
    pub proof: Proof,
    /// What it carried.
    pub sent: Sent,
    /// Whom a change is about, where its path does not tell: an email or a phone number.
    pub whom: Option<String>,
    /// HTTP's own status.
    pub status: Option<u16>,
    /// From the first try to the end of the answer, pauses included.
    pub took: Duration,
    /// The server's name for this request.
    pub request_id: Option<String>,
    /// Whether the credential that was refused was exchanged for another since: what was refused with it may be sent
    /// once more.
    pub renewed: bool,
    /// What is offered now. Every answer tells this and the next two, news or not: one that nobody waits for any more
    /// takes nothing along.
    pub offers: Option<Offers>,
    /// Who is signed in at the door now, and until when.
    pub standing: Option<Standing>,
    /// Which kind of server stands at the door, once that was looked at.
    pub found: Option<ServerKind>,
}

/// Who is signed in at a door, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which door.
    pub door: Door,
    /// Who, where the credential or its source tells. From outside.
    pub who: Option<String>,
    /// When the credential ends by this machine's clock, counted from its receipt, where that is known.
    pub ends: Option<Timestamp>,
    /// Whether another one is had without a person.
    pub renews: bool,
}

/// How a request proves who asks; never the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Not at all.
    None,
    /// `Authorization: Bearer`.
    Bearer,
    /// As a Bearer, too: the management API's personal access token.
    Personal,
    /// `apikey`.
    Key,
    /// Both of these, with the same key.
    KeyAndBearer,
    /// HTTP basic.
    Basic,
}

/// What a request carried; never a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Nothing.
    Nothing,
    /// A JSON body.
    Json {
        /// Without the password.
        text: String,
        /// Whether a `password` stood in it.
        password: bool,
    },
    /// A JSON body that is too long to be kept.
    Long,
    /// A file.
    File {
        /// Its type.
        mime: String,
        /// Whether it takes the place of what is there.
        replaces: bool,
        /// As a form's part `file`; else as the body itself.
        form: bool,
    },
}

/// Longer bodies are not kept.
const LONGEST: usize = 16 << 10;

impl Sent {
    /// A JSON body as it was sent.
    pub fn json(body: &[u8]) -> Self {
        if body.len() > LONGEST {
            return Self::Long;
        }
        let Ok(mut value) = serde_json::from_slice::<Value>(body) else { return Self::Long };
        let password = value.as_object_mut().is_some_and(|map| map.remove("password").is_some());
        Self::Json { text: value.to_string(), password }
    }
}

impl Meta {
    /// Before anything is known.
    pub fn of(route: Route) -> Self {
        Self {
            route,
            door: None,
            method: route.spec().method.name(),
            origin: String::new(),
            path: String::new(),
            proof: Proof::None,
            sent: Sent::Nothing,
            whom: None,
            status: None,
            took: Duration::ZERO,
            request_id: None,
            renewed: false,
            offers: None,
            standing: None,
            found: None,
        }
    }
}
