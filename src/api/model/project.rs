//! A project, as a platform lists it.

use serde::Deserialize;

use super::list::{Read, json};

/// A project as far as the switcher needs it. Addressed by its ref alone: ids are numbers here and UUIDs there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// The short id.
    pub reference: String,
    /// Its name.
    pub name: String,
    /// `ACTIVE_HEALTHY`, `INACTIVE` and others; new ones appear.
    pub status: String,
    /// Where it runs.
    pub region: Option<String>,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "ref")]
    reference: Option<String>,
    id: Option<serde_json::Value>,
    name: Option<String>,
    status: Option<String>,
    state: Option<String>,
    region: Option<String>,
}

/// States in which a project answers nothing, besides those of sleep.
const IDLE: [&str; 8] =
    ["COMING_UP", "GOING_DOWN", "INIT_FAILED", "REMOVED", "RESTARTING", "RESTORING", "RESTORE_FAILED", "UPGRADING"];

/// Whether a project in this state sleeps.
pub(in crate::api) fn sleeps(status: &str) -> bool {
    matches!(status.to_ascii_uppercase().as_str(), "INACTIVE" | "PAUSED" | "PAUSING")
}

impl Project {
    /// In which state it is, in a word or two (`paused`, `coming up`), where it answers nothing in it. What is not known
    /// is none of these: the project itself tells.
    pub fn idle(&self) -> Option<String> {
        if self.is_paused() {
            return Some("paused".into());
        }
        let word = self.status.to_ascii_uppercase();
        IDLE.contains(&word.as_str()).then(|| word.to_ascii_lowercase().replace('_', " "))
    }

    /// Whether it sleeps and answers nothing until it is resumed.
    pub fn is_paused(&self) -> bool {
        sleeps(&self.status)
    }
}

impl Read for Project {
    fn read(raw: &str) -> Result<Self, String> {
        let wire: Wire = json(raw)?;
        // The management API's `id` is the ref; elsewhere it is a number beside `ref`.
        let id = wire.id.as_ref().and_then(serde_json::Value::as_str).map(str::to_owned);
        let reference = wire.reference.or(id).filter(|text| !text.is_empty()).ok_or("it has no ref")?;
        let status = wire.state.filter(|state| state == "paused").or(wire.status).unwrap_or_default();
        Ok(Self { name: wire.name.unwrap_or_else(|| reference.clone()), reference, status, region: wire.region })
    }
}
