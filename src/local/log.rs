//! The log: JSON lines in the file that `--log` names, and only then. Strings pass one redaction and the sanitizer on
//! their way; the caller gives no secret in the first place.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};

use super::Unready;
use super::own::private;
use crate::api::error::ApiError;
use crate::api::meta::Meta;
use crate::api::route::Door;
use crate::text::clean;

/// What stands in place of a secret.
const HIDDEN: &str = "•••";

/// Writes lines, or nothing when no log was asked for. A copy writes to the same file.
#[derive(Clone, Debug, Default)]
pub struct Log {
    file: Option<Arc<Mutex<File>>>,
    project: Option<Arc<str>>,
}

impl Log {
    /// Appends to the file that was asked for; `None` keeps no log.
    pub fn open(path: Option<&Path>) -> Result<Self, Unready> {
        let Some(path) = path else { return Ok(Self::default()) };
        Self::at(path)
            .map_err(|error| Unready(format!("the log {} cannot be written ({error}): give another", path.display())))
    }

    /// Appends to a file, made for its owner alone.
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        let file = private().append(true).create(true).open(path)?;
        Ok(Self { file: Some(Arc::new(Mutex::new(file))), project: None })
    }

    /// A copy whose lines name this project.
    pub fn of(&self, project: &str) -> Self {
        Self { project: Some(project.into()), ..self.clone() }
    }

    /// Whether lines go anywhere: spares making them.
    pub fn is_on(&self) -> bool {
        self.file.is_some()
    }

    /// Writes one line: the time, what happened, in which project, and its fields. A log that cannot be written ends nothing.
    pub fn write(&self, event: &str, fields: &[(&str, Value)]) {
        let _ = self.try_write(event, fields);
    }

    /// The same, and says whether it went well.
    pub fn try_write(&self, event: &str, fields: &[(&str, Value)]) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let mut line = Map::new();
        line.insert("time".into(), jiff::Timestamp::now().to_string().into());
        line.insert("event".into(), event.into());
        let project = self.project.as_deref().map(|project| ("project", project.into()));
        for (name, value) in project.iter().chain(fields) {
            let value = match value {
                Value::String(text) => Value::String(clean::line(&redact(text)).into_owned()),
                other => other.clone(),
            };
            line.insert((*name).to_owned(), value);
        }
        let text = format!("{}\n", Value::Object(line));
        // One write a line, so that lines of several processes do not mix.
        file.lock().unwrap_or_else(PoisonError::into_inner).write_all(text.as_bytes())
    }
}

impl Log {
    /// Writes the line of a request: what it took, and how it failed.
    pub fn request(&self, meta: &Meta, error: Option<&ApiError>) {
        if !self.is_on() {
            return;
        }
        self.write("request", &request(meta, error));
    }

    /// Writes the line of each request that it is told of.
    pub fn noting(&self) -> impl Fn(&Meta, Option<&ApiError>) + Send + Sync + use<> {
        let log = self.clone();
        move |meta, error| log.request(meta, error)
    }

    /// Writes the line of an object's upload, once that has ended.
    pub fn upload(&self, key: &str, outcome: &str, why: Option<String>) {
        self.write("upload", &[("key", key.into()), ("outcome", outcome.into()), ("why", why.into())]);
    }
}

/// The fields of a request's line.
pub(super) fn request(meta: &Meta, error: Option<&ApiError>) -> Vec<(&'static str, Value)> {
    let origin = Some(meta.origin.as_str()).filter(|origin| !origin.is_empty());
    vec![
        ("operation", meta.route.spec().name.into()),
        ("door", meta.door.map(Door::name).into()),
        ("method", meta.method.into()),
        ("origin", origin.into()),
        ("path", meta.path.as_str().into()),
        ("status", meta.status.into()),
        ("ms", (meta.took.as_millis() as u64).into()),
        ("request_id", meta.request_id.as_deref().into()),
        ("error", error.map(ApiError::sentence).into()),
    ]
}

/// Hides what looks like a credential: JWTs, the newer keys, personal tokens, and the word behind `Bearer`, `Basic` or `token=`.
pub fn redact(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut hide_next = false;
    for word in text.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || "._-+/~".contains(c))) {
        let bare = word.trim_end_matches(|c: char| !(c.is_ascii_alphanumeric() || "._-+/~".contains(c)));
        let looks_secret = ["eyJ", "sb_secret_", "sb_publishable_", "sbp_"].iter().any(|start| bare.starts_with(start));
        if !bare.is_empty() && (hide_next || looks_secret) {
            safe.push_str(HIDDEN);
            safe.push_str(word.get(bare.len()..).unwrap_or_default());
        } else {
            safe.push_str(word);
        }
        if !bare.is_empty() {
            let leads = ["bearer", "basic"].iter().any(|lead| bare.eq_ignore_ascii_case(lead));
            hide_next = leads || (bare.ends_with("token") && word.ends_with('='));
        }
    }
    safe
}
