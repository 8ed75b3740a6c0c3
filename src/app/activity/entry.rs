//! One line of the log: what was asked and what the server answered. It holds no credential: paths bear none.

use std::time::Duration;

use jiff::Timestamp;

use crate::api::error::{ApiError, Kind};
use crate::api::meta::Meta;
use crate::api::route::Route;
use crate::app::facts::{self, Fact, Mood};
use crate::app::project::Which;
use crate::app::shell::Open;
use crate::text::human;
use crate::work::progress::Asked;

/// One thing that this program did. Texts may come from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When it ended.
    pub at: Timestamp,
    /// Of which project.
    pub which: Which,
    /// The project's name.
    pub project: String,
    /// The operation's name.
    pub operation: &'static str,
    /// On what.
    pub target: String,
    /// Whether it was to change something.
    pub write: bool,
    /// The request, where there was one.
    pub meta: Option<Meta>,
    /// The failure, or what was done where no request says it.
    pub result: Result<Option<String>, Box<ApiError>>,
    /// It was done, and not all of it.
    pub partly: bool,
}

impl Entry {
    /// A request that has ended.
    pub fn new(at: Timestamp, open: &Open, meta: &Meta, error: Option<&ApiError>) -> Self {
        let what = &open.what;
        let entry = Self::request(at, what.name, what.target.clone(), meta, error);
        Self { write: what.write, ..entry }
    }

    /// A request of a job's item, told when it was answered.
    pub fn of_job(at: Timestamp, target: String, asked: &Asked) -> Self {
        let operation = if asked.meta.route.spec().mutates { "objects.upload" } else { "objects.check" };
        Self::request(at, operation, target, &asked.meta, asked.error.as_deref())
    }

    /// A profile's platform was asked for its projects.
    pub fn listed(at: Timestamp, profile: &str, meta: &Meta, error: Option<&ApiError>) -> Self {
        // The target is said even where the project in view is the only one that was opened.
        let entry = Self::request(at, "projects.list", profile.to_owned(), meta, error);
        entry.of(&Which::Profile(profile.to_owned()), profile)
    }

    /// A project's key was asked for, or what leads to it.
    pub fn of_key(at: Timestamp, which: &Which, project: &str, asked: &Asked) -> Self {
        let operation = if asked.meta.route == Route::ProjectsList { "projects.list" } else { "projects.key" };
        Self::request(at, operation, project.to_owned(), &asked.meta, asked.error.as_deref()).of(which, project)
    }

    fn request(at: Timestamp, operation: &'static str, target: String, meta: &Meta, error: Option<&ApiError>) -> Self {
        Self {
            at,
            which: Which::Given,
            project: String::new(),
            operation,
            target,
            write: meta.route.spec().mutates,
            meta: Some(itself(meta)),
            result: error.map_or(Ok(None), |error| Err(Box::new(error.clone()))),
            partly: false,
        }
    }

    /// Something done without a request of its own, such as a job's end; `whole` if nothing of it is missing.
    pub fn told(
        at: Timestamp,
        operation: &'static str,
        target: impl Into<String>,
        what: impl Into<String>,
        whole: bool,
    ) -> Self {
        let (target, what) = (target.into(), what.into());
        let (which, project, result) = (Which::Given, String::new(), Ok(Some(what)));
        Self { at, which, project, operation, target, write: true, meta: None, result, partly: !whole }
    }

    /// The same, in this project, which is called so.
    #[must_use]
    pub fn of(mut self, which: &Which, project: &str) -> Self {
        self.which.clone_from(which);
        project.clone_into(&mut self.project);
        self
    }

    /// A glyph of one cell: never colour alone.
    pub const fn glyph(&self) -> &'static str {
        match (&self.result, self.partly) {
            (Ok(_), false) => "✓",
            (Ok(_), true) => "!",
            (Err(_), _) => "✕",
        }
    }

    /// How the result is meant.
    pub const fn mood(&self) -> Mood {
        match (&self.result, self.partly) {
            (Ok(_), false) => Mood::Good,
            (Ok(_), true) => Mood::Warn,
            (Err(_), _) => Mood::Bad,
        }
    }

    /// The result in a few words: `200`, `422 refused`, `lost`.
    pub fn result_words(&self) -> String {
        let status = self.meta.as_ref().and_then(|meta| meta.status);
        match (&self.result, status) {
            (Ok(Some(words)), _) => words.clone(),
            (Ok(None), Some(status)) => status.to_string(),
            (Ok(None), None) => "done".into(),
            (Err(error), status) => match error.status.or(status) {
                Some(status) => format!("{status} {}", word(error.kind)),
                None => word(error.kind).into(),
            },
        }
    }

    /// Which door, or `—`.
    pub fn door(&self) -> &'static str {
        self.meta.as_ref().and_then(|meta| meta.door).map_or("—", crate::api::route::Door::title)
    }

    /// How long it took, where it was a request.
    pub fn took(&self) -> Option<Duration> {
        self.meta.as_ref().map(|meta| meta.took)
    }

    /// The server's id for the request.
    pub fn request_id(&self) -> Option<&str> {
        self.meta.as_ref().and_then(|meta| meta.request_id.as_deref())
    }

    /// One line for the clipboard.
    pub fn line(&self) -> String {
        let request = self.meta.as_ref().map(|meta| format!(" {} {}", meta.method, meta.path)).unwrap_or_default();
        let id = self.request_id().map(|id| format!(" · {id}")).unwrap_or_default();
        let why = self.result.as_ref().err().map(|error| format!(" · {}", error.sentence())).unwrap_or_default();
        format!("{} {}{request} · {}{id}{why}", human::exact(self.at), self.operation, self.result_words())
    }

    /// Everything about it; `several` says that its project is not plain.
    pub fn facts(&self, several: bool) -> Vec<Fact> {
        let mut facts = vec![
            Fact::Title(self.operation.into()),
            Fact::Note(format!("{} {}", self.glyph(), self.result_words()), self.mood()),
            Fact::Blank,
            Fact::pair("time", human::exact(self.at)),
        ];
        if several {
            facts.push(Fact::pair("project", self.project.clone()));
        }
        if !self.target.is_empty() {
            facts.push(Fact::pair("target", self.target.clone()));
        }
        if let Some(meta) = &self.meta {
            facts.push(Fact::pair("request", format!("{} {}", meta.method, meta.path)));
            facts.push(Fact::pair("door", self.door()));
            facts.push(Fact::pair("took", human::latency(meta.took)));
            facts.push(Fact::pair("request id", self.request_id().unwrap_or("—")));
        }
        if let Err(error) = &self.result {
            if !error.host.is_empty() {
                facts.push(Fact::pair("host", error.host.clone()));
            }
            if let Some(code) = &error.code {
                facts.push(Fact::pair("code", code.clone()));
            }
            facts.extend([Fact::Blank, Fact::Section("what it says")]);
            facts.push(Fact::Note(error.sentence(), Mood::Plain));
            facts.extend([Fact::Blank, Fact::Section("raw answer")]);
            match &error.raw {
                Some(raw) => facts.extend(facts::raw(raw, &[])),
                None => facts.push(Fact::note("There was none.")),
            }
        }
        facts
    }
}

/// A request without what its answer told of the connection, which is no part of what happened.
fn itself(meta: &Meta) -> Meta {
    Meta { offers: None, standing: None, found: None, ..meta.clone() }
}

/// A kind of failure in a word or two.
const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::NotSignedIn => "not signed in",
        Kind::NotAllowed => "not allowed",
        Kind::ReadOnly => "read-only",
        Kind::NoDoor | Kind::NoSuchRoute => "not offered",
        Kind::NotFound => "not found",
        Kind::Conflict => "exists",
        Kind::Refused => "refused",
        Kind::TooLarge => "too large",
        Kind::TooMany => "too many",
        Kind::Server => "server failed",
        Kind::Paused => "paused",
        Kind::Unreadable => "row unreadable",
        Kind::BadAnswer => "bad answer",
        Kind::Unreachable => "unreachable",
        Kind::Untrusted => "not trusted",
        Kind::WrongServer => "wrong server",
        Kind::Lost => "lost",
        Kind::Redirected => "redirected",
        Kind::LocalFile => "local file",
        Kind::Stopped => "stopped",
    }
}
