//! What one request took.

use std::time::Duration;

use jiff::Timestamp;

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
    /// Path and query; no secrets.
    pub path: String,
    /// HTTP's own status.
    pub status: Option<u16>,
    /// From the first try to the end of the answer, pauses included.
    pub took: Duration,
    /// The server's name for this request.
    pub request_id: Option<String>,
    /// The offers as they are now, where this answer changed them.
    pub offers: Option<Offers>,
    /// Whether the credential that was refused was exchanged for another since: what was refused with it may be sent
    /// once more.
    pub renewed: bool,
    /// Who is signed in at the door and until when, where that changed since it was last told.
    pub standing: Option<Standing>,
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

impl Meta {
    /// Before anything is known.
    pub fn of(route: Route) -> Self {
        Self {
            route,
            door: None,
            method: route.spec().method.name(),
            path: String::new(),
            status: None,
            took: Duration::ZERO,
            request_id: None,
            offers: None,
            renewed: false,
            standing: None,
        }
    }
}
