//! What one request took.

use std::time::Duration;

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
        }
    }
}
