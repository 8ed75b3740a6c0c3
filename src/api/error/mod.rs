//! What went wrong with a request: the kind, the server's own words, and one sentence that says what to do next.

mod refusal;
mod sentence;

use std::time::Duration;

pub use refusal::{Refusal, kind};

use super::route::{Door, Route};

/// What one is known by where one signs in with email and password.
pub const SESSION: &str = "session";

/// What a failure is, whatever shape the server gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The credential is missing, broken, expired or refused.
    NotSignedIn,
    /// The credential is good and may not do this.
    NotAllowed,
    /// The client refused: this connection is read-only.
    ReadOnly,
    /// No door of this connection offers the route.
    NoDoor,
    /// The server does not have this route.
    NoSuchRoute,
    /// The thing asked for is not there.
    NotFound,
    /// It is there already.
    Conflict,
    /// The server refuses the content: a field, a name, a type, a size.
    Refused,
    /// Larger than the server takes.
    TooLarge,
    /// Too many requests.
    TooMany,
    /// The server or one behind it failed (5xx).
    Server,
    /// The project is paused: nothing of it answers until it is restored.
    Paused,
    /// A row that the server cannot read spoils the page (`Database error finding users`).
    Unreadable,
    /// The answer is not what this route answers (HTML, half a body, endless or deep JSON).
    BadAnswer,
    /// No connection: DNS, refused, proxy, no TLS. Nothing was sent.
    Unreachable,
    /// The server's certificate is not accepted, or this machine trusts none. Nothing was sent.
    Untrusted,
    /// Another kind of server answers at this address than the door is for. No credential was sent.
    WrongServer,
    /// The connection broke, or the time ran out, after the request may have reached the server.
    Lost,
    /// A redirect was not followed: a read follows it within its origin, a change never.
    Redirected,
    /// A local file could not be read, or changed while it was read.
    LocalFile,
    /// Stopped by the person.
    Stopped,
}

/// A failed request.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct ApiError {
    /// What it is.
    pub kind: Kind,
    /// What was asked.
    pub route: Route,
    /// What was asked, in words, where the table of routes does not have it: `list projects`.
    pub asked: Option<&'static str>,
    /// Through which door, if it came to that.
    pub door: Option<Door>,
    /// What one is known by there, where it is not what the door usually takes: [`SESSION`], `access token`.
    pub known_by: Option<&'static str>,
    /// The true status (Storage hides it in the body), else HTTP's.
    pub status: Option<u16>,
    /// The server's code, such as `email_exists`.
    pub code: Option<String>,
    /// The server's sentence, or ours where it said nothing. From outside: clean it before it is shown.
    pub said: String,
    /// The field of the form that the server refuses: `email`, `phone`, `password` or `user_metadata`.
    pub field: Option<&'static str>,
    /// How long the server asks to wait.
    pub retry_after: Option<Duration>,
    /// The raw answer (at most 64 KiB), for the curious.
    pub raw: Option<String>,
    /// Whether surely no byte of the request reached a server.
    pub unsent: bool,
    /// The host that was asked, with its port where that is not the scheme's own.
    pub host: String,
}

impl ApiError {
    /// A failure without an answer from a server: door and host unknown, nothing sent yet known.
    pub fn of(kind: Kind, route: Route, said: impl Into<String>) -> Self {
        Self {
            kind,
            route,
            asked: None,
            door: None,
            known_by: None,
            status: None,
            code: None,
            said: said.into(),
            field: None,
            retry_after: None,
            raw: None,
            unsent: false,
            host: String::new(),
        }
    }

    /// Whether the request may have been carried out although no proper answer came.
    pub fn is_lost(&self) -> bool {
        !self.unsent
            && (matches!(self.kind, Kind::Lost | Kind::BadAnswer)
                || (self.kind == Kind::Server && matches!(self.status, Some(502..=504)))
                // Studio says "fetch failed" and its like with a 400, whatever its services did.
                || (self.kind == Kind::Server && self.door == Some(Door::Studio) && self.status == Some(400)))
    }

    /// Whether a server answered with anything that can be shown raw.
    pub fn answered(&self) -> bool {
        self.raw.as_ref().is_some_and(|raw| !raw.is_empty())
    }

    /// Whether a captcha bars signing in: then an access token may be pasted.
    pub fn wants_captcha(&self) -> bool {
        self.route == Route::SignIn && self.code.as_deref() == Some("captcha_failed")
    }

    /// What is the matter with a credential that is refused, or was not had, in two words: `key refused`, `needs sign-in`.
    pub fn needs(&self) -> String {
        sentence::needs(self)
    }

    /// One sentence: what happened, to what, and what to do next. From outside in part: clean it before it is shown.
    pub fn sentence(&self) -> String {
        sentence::of(self)
    }
}
