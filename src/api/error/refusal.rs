//! What a server refused: every error body that these routes answer with is read into one shape, and one function
//! judges what it means.
//!
//! The order in which sentence, code and status are looked for, and the sentences themselves, are those of the servers
//! (GoTrue, Storage, gateways, the page server of the self-hosted console). Nothing here writes sentences for people.

use serde::Deserialize;
use serde_json::Value;

use super::Kind;
use crate::api::route::{Door, Route};

/// How much of a server's own sentence is kept, in characters.
const SAID: usize = 500;

/// What the body of a refusal was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A JSON object.
    Json,
    /// A page.
    Html,
    /// Any other text.
    Plain,
    /// Nothing.
    Empty,
}

/// An answer that is no success, read from whatever shape it had.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// HTTP's own status.
    pub http: u16,
    /// The true status: Storage hides it in the body of a 400.
    pub status: u16,
    /// The server's code.
    pub code: Option<String>,
    /// The server's sentence; empty where it said none.
    pub said: String,
    /// What names the taken value (`Key (email)=(…) already exists.`).
    pub detail: String,
    /// `error_id`, a request id of GoTrue.
    pub id: Option<String>,
    /// What the body was.
    pub form: Form,
    /// Whether the answer asks for HTTP basic credentials.
    pub basic: bool,
}

/// The fields that any of the shapes has, each of any type.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    msg: Value,
    message: Value,
    error_description: Value,
    error: Value,
    error_code: Value,
    code: Value,
    #[serde(rename = "statusCode")]
    status_code: Value,
    error_id: Value,
    detail: Value,
    weak_password: Value,
    balance: Value,
    renews_at: Value,
}

impl Refusal {
    /// Reads an answer: HTTP's status, GoTrue's header `X-Sb-Error-Code`, whether a Basic challenge came, the body.
    pub fn read(http: u16, header_code: Option<&str>, basic: bool, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let text = text.trim();
        let mut refusal = Self {
            http,
            status: http,
            code: header_code.map(short),
            said: String::new(),
            detail: String::new(),
            id: None,
            form: Form::Empty,
            basic,
        };
        if let Ok(body) = serde_json::from_str::<Body>(text) {
            refusal.form = Form::Json;
            refusal.take(&body, header_code);
        } else if text.starts_with('<') {
            refusal.form = Form::Html;
        } else if !text.is_empty() {
            refusal.form = Form::Plain;
            refusal.said = short(text.lines().next().unwrap_or_default());
        }
        refusal
    }

    fn take(&mut self, body: &Body, header_code: Option<&str>) {
        let inner = body.error.get("message");
        self.said = [Some(&body.msg), Some(&body.message), Some(&body.error_description), inner, Some(&body.error)]
            .into_iter()
            .flatten()
            .find_map(text_of)
            .unwrap_or_default();
        let word = text_of(&body.error).filter(|error| !error.contains(char::is_whitespace));
        self.code = text_of(&body.error_code)
            .or_else(|| text_of(&body.code))
            .or_else(|| header_code.map(short))
            .or(word)
            .or_else(|| text_of(&body.status_code));
        self.status =
            status_of(&body.status_code).or_else(|| body.code.as_u64().and_then(http_status)).unwrap_or(self.http);
        self.id = text_of(&body.error_id);
        self.detail = text_of(&body.detail).unwrap_or_default();
        // What the code alone does not tell: why a password is weak, and what is left of the credits.
        let balance = Some(&body.balance).filter(|balance| balance.is_number()).map(|left| format!("balance {left}"));
        let renewed = text_of(&body.renews_at).map(|at| format!("renewed {at}"));
        for more in [reasons(&body.weak_password), balance, renewed].into_iter().flatten() {
            self.said =
                if self.said.is_empty() { more } else { format!("{}; {more}", self.said.trim_end_matches('.')) };
        }
    }

    fn says(&self, part: &str) -> bool {
        self.said.to_ascii_lowercase().contains(part)
    }

    fn code_is(&self, codes: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|code| codes.contains(&code))
    }

    /// The field of the create form that is meant.
    pub fn field(&self) -> Option<&'static str> {
        if self.code_is(&["email_exists", "user_already_exists", "email_address_invalid"]) {
            return Some("email");
        }
        if self.code_is(&["phone_exists"]) {
            return Some("phone");
        }
        if self.code_is(&["weak_password"]) {
            return Some("password");
        }
        // The database names the column, and behind it the value, which may hold any word.
        if let Some(column) = self.detail.strip_prefix("Key (").and_then(|rest| rest.split(')').next()) {
            return ["email", "phone"].into_iter().find(|name| *name == column);
        }
        let refused = self.code_is(&["validation_failed", "bad_json"]) || self.http == 400;
        ["user_metadata", "password", "email", "phone"].into_iter().find(|name| refused && self.says(name))
    }
}

/// Judges what an answer means: the only place that decides "not signed in".
pub fn kind(route: Route, door: Door, refusal: &Refusal) -> Kind {
    if let Some(kind) = credential(door, refusal) {
        return kind;
    }
    if is_paused(refusal) {
        return Kind::Paused;
    }
    if no_such_route(refusal) {
        return Kind::NoSuchRoute;
    }
    if route == Route::UsersList && refusal.says("database error finding users") {
        return Kind::Unreadable;
    }
    by_words(refusal).unwrap_or_else(|| by_status(refusal.status))
}

/// Whether the credential is refused (none, broken, expired, of another project) or may not do this.
fn credential(door: Door, refusal: &Refusal) -> Option<Kind> {
    // At the other doors of a stack with one port a Basic challenge is the console's: a wrong path or a missing service.
    if refusal.http == 401 && refusal.basic && door != Door::Studio {
        return Some(Kind::NoSuchRoute);
    }
    if refusal.says("row-level security policy") {
        return Some(Kind::NotAllowed);
    }
    // Studio's own key is refused by the gateway behind it: no credential of ours mends that.
    if door == Door::Studio && refusal.http == 400 && refusal.says("invalid authentication credentials") {
        return Some(Kind::NotAllowed);
    }
    let storage = [
        "invalid compact jws",
        "\"exp\" claim timestamp check failed",
        "signature verification failed",
        "headers must have required property 'authorization'",
        "jwt expired",
        "jwt malformed",
        "invalid signature",
    ];
    let gotrue = ["no_authorization", "bad_jwt", "session_not_found", "session_expired", "unauthorized"];
    let client_fault = refusal.http == 400 || refusal.http == 401 || refusal.http == 403;
    if client_fault && (refusal.code_is(&gotrue) || storage.iter().any(|part| refusal.says(part))) {
        return Some(Kind::NotSignedIn);
    }
    match refusal.http {
        401 => Some(Kind::NotSignedIn),
        _ if refusal.status == 401 || refusal.status == 403 => Some(Kind::NotAllowed),
        _ => None,
    }
}

/// Whether it is said that the project is paused, which the status alone hardly tells.
fn is_paused(refusal: &Refusal) -> bool {
    refusal.http >= 400 && (refusal.says("project paused") || refusal.says("project is paused"))
}

/// Whether the server has no such route, as opposed to no such thing: never where it says what was not found, nor
/// where it says nothing.
fn no_such_route(refusal: &Refusal) -> bool {
    match refusal.http {
        405 | 501 => true,
        404 => match refusal.form {
            Form::Html | Form::Plain => true,
            Form::Empty => false,
            Form::Json => {
                refusal.says("no route matched")
                    || refusal.says("not supported on hosted")
                    || (refusal.says("route ") && refusal.says(" not found"))
            }
        },
        _ => false,
    }
}

/// What code or sentence say where the status hides it or says less.
fn by_words(refusal: &Refusal) -> Option<Kind> {
    let taken = [
        "email_exists",
        "phone_exists",
        "user_already_exists",
        "conflict",
        "23505",
        "Duplicate",
        "KeyAlreadyExists",
        "BucketAlreadyExists",
        "ResourceAlreadyExists",
    ];
    let many = [
        "over_request_rate_limit",
        "over_email_send_rate_limit",
        "over_sms_send_rate_limit",
        "SlowDown",
        "too_many_connections",
    ];
    if refusal.code_is(&taken) {
        return Some(Kind::Conflict);
    }
    if refusal.code_is(&["EntityTooLarge"]) {
        return Some(Kind::TooLarge);
    }
    if refusal.code_is(&many) {
        return Some(Kind::TooMany);
    }
    // A proxy in between drops code and status, and leaves a 400, or where it lists a 500, with the sentence alone.
    let bare = refusal.status == 400 || (refusal.status == 500 && refusal.code.is_none());
    let words = [
        (Kind::NotFound, &["user not found", "bucket not found", "object not found"][..]),
        (Kind::Conflict, &["already been registered", "already registered", "already exists"]),
        (Kind::TooLarge, &["maximum allowed size"]),
        (Kind::TooMany, &["rate limit reached", "you can only request this after"]),
        (Kind::Server, &["fetch failed", "bad gateway", "internal server error", "statement timeout"]),
    ];
    let said = words.iter().find(|(_, parts)| parts.iter().any(|part| refusal.says(part)));
    said.filter(|_| bare).map(|&(kind, _)| kind).or_else(|| (bare && refusal.said == "{}").then_some(Kind::Server))
}

/// What a status alone means.
fn by_status(status: u16) -> Kind {
    match status {
        // A proxy, or a network that wants a page to be seen first: the server was not reached.
        407 | 511 => Kind::Unreachable,
        300..400 => Kind::Redirected,
        404 | 410 => Kind::NotFound,
        409 | 423 => Kind::Conflict,
        413 => Kind::TooLarge,
        429 => Kind::TooMany,
        408 | 500.. => Kind::Server,
        400..500 => Kind::Refused,
        _ => Kind::BadAnswer,
    }
}

/// A text that says something, cut to a bearable length.
fn text_of(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(short)
}

fn short(text: &str) -> String {
    text.chars().take(SAID).collect()
}

fn status_of(value: &Value) -> Option<u16> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).and_then(http_status)
}

fn http_status(number: u64) -> Option<u16> {
    u16::try_from(number).ok().filter(|status| (100..600).contains(status))
}

/// `weak_password.reasons` as words.
fn reasons(weak: &Value) -> Option<String> {
    let reasons = weak.get("reasons").and_then(Value::as_array);
    let words: Vec<_> = reasons.into_iter().flatten().filter_map(text_of).take(8).collect();
    (!words.is_empty()).then(|| words.join(", "))
}
