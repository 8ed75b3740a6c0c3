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
    /// `ACTIVE_HEALTHY`, `INACTIVE` and others; new ones appear, and are shown as they are.
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

impl Project {
    /// Whether it sleeps and answers nothing until it is resumed.
    pub fn is_paused(&self) -> bool {
        matches!(self.status.to_ascii_uppercase().as_str(), "INACTIVE" | "PAUSED" | "PAUSING")
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
