//! Everything about the selected user, as facts for the detail.

use jiff::Timestamp;
use serde_json::Value;

use super::{Single, Users};
use crate::api::model::UserId;
use crate::api::route::Route;
use crate::app::facts::{self, Fact, Mood};
use crate::app::shell::Shell;
use crate::text::{human, json};
use crate::work::query::{RowRef, Status};

/// What names a user: the email, the phone, or that there is neither.
pub fn label(user: RowRef<'_>) -> String {
    if let Some(why) = user.broken() {
        format!("(unreadable: {why})")
    } else if let Some(email) = user.email() {
        email.to_owned()
    } else if let Some(phone) = user.phone() {
        phone.to_owned()
    } else if user.is_anonymous() {
        "(anonymous)".into()
    } else {
        "(no address)".into()
    }
}

/// Glyph, word and mood of a user's status.
pub fn status(user: RowRef<'_>, now: Timestamp) -> (&'static str, String, Mood) {
    if user.broken().is_some() {
        return ("?", "unreadable".into(), Mood::Bad);
    }
    match user.status(now) {
        None => ("?", "unknown".into(), Mood::Bad),
        Some(Status::Deleted) => ("✕", "deleted".into(), Mood::Dim),
        Some(Status::Banned(until)) => ("✕", format!("banned {}", left(now, until)), Mood::Bad),
        Some(Status::Unconfirmed) => ("○", "unconfirmed".into(), Mood::Warn),
        Some(Status::Anonymous) => ("·", "anonymous".into(), Mood::Dim),
        Some(Status::Confirmed) => ("✓", "confirmed".into(), Mood::Good),
    }
}

/// What is left of a ban, in one short word.
fn left(now: Timestamp, until: Timestamp) -> String {
    match until.duration_since(now).as_hours() {
        hours if hours < 1 => "< 1 h".into(),
        hours if hours < 48 => format!("{hours} h"),
        hours if hours < 24 * 365 => format!("{} d", hours / 24),
        hours => format!("{} y", hours / (24 * 365)),
    }
}

/// What the facts were made of.
#[derive(PartialEq)]
struct Source {
    row: Option<(UserId, Option<u64>)>,
    single: Option<Single>,
    now: Timestamp,
    readable: bool,
}

/// The facts and what they were made of. A row is inflated and read as JSON for them: once a change, not once a frame.
#[derive(Default)]
pub struct Made {
    of: Option<Source>,
    facts: Vec<Fact>,
}

impl Users {
    /// The facts of the selected user, as of the last [`Users::renew_facts`].
    pub fn facts(&self) -> &[Fact] {
        &self.made.facts
    }

    /// Makes the facts anew where what they are made of has changed.
    pub fn renew_facts(&mut self, shell: &Shell) {
        let row = self.detailed();
        let single = self.single.as_ref().filter(|single| row.is_some_and(|row| row.id() == single.id));
        let of = Some(Source {
            row: row.map(|row| (row.id(), row.content())),
            single: single.cloned(),
            now: shell.shown_now,
            readable: shell.offers(Route::UserGet, shell.shown_now),
        });
        if of != self.made.of {
            self.made = Made { facts: self.make_facts(shell), of };
        }
    }

    /// From the row at once, whole once the user was read alone.
    fn make_facts(&self, shell: &Shell) -> Vec<Fact> {
        let now = shell.shown_now;
        let Some(user) = self.detailed() else { return vec![Fact::note("no user selected")] };
        let (glyph, word, mood) = status(user, now);
        let seen = user
            .last_sign_in()
            .map_or_else(|| "never signed in".into(), |then| format!("signed in {}", human::ago(now, then)));
        let mut facts = vec![
            Fact::Title(label(user)),
            Fact::Note(format!("{glyph} {word} · {seen}"), mood),
            Fact::Blank,
            Fact::pair("id", user.id().0.to_string()),
        ];
        if let Some(name) = user.name() {
            facts.push(Fact::pair("name", name));
        }
        let single = self.single.as_ref().filter(|single| single.id == user.id());
        let whole = single.and_then(|single| single.read.as_ref().ok()).and_then(|chunk| chunk.raw(0));
        let read = whole.is_some();
        let raw = whole.or_else(|| user.raw()).unwrap_or_default();
        let value: Value = serde_json::from_str(&raw).unwrap_or_default();
        plain(&mut facts, &value);
        if !read {
            facts.push(Fact::Section("identities and factors"));
            facts.push(Fact::note(match single.map(|single| &single.read) {
                Some(Err(why)) => why.clone(),
                _ if !shell.offers(Route::UserGet, now) => {
                    "no door of this connection can read one user; lists carry neither identities nor factors".into()
                }
                _ => "reading…".into(),
            }));
        }
        for (title, key) in [
            ("identities", "identities"),
            ("factors", "factors"),
            ("user metadata", "user_metadata"),
            ("app metadata", "app_metadata"),
        ] {
            let part = value.get(key).filter(|part| !part.is_null());
            if let Some(part) = part {
                facts.push(Fact::Section(title));
                facts.extend(json::lines(part, &|_| false).into_iter().map(Fact::Json));
            }
        }
        if !value.is_object() && !raw.is_empty() {
            facts.push(Fact::Section("as the server sent it"));
            facts.extend(facts::raw(&raw, &[]));
        }
        facts
    }
}

/// The fields with a place of their own, then every other plain field as the server named it.
fn plain(facts: &mut Vec<Fact>, value: &Value) {
    const LABELS: [(&str, &str); 15] = [
        ("email", "email"),
        ("phone", "phone"),
        ("role", "role"),
        ("aud", "audience"),
        ("created_at", "created"),
        ("updated_at", "updated"),
        ("confirmed_at", "confirmed"),
        ("email_confirmed_at", "email conf."),
        ("phone_confirmed_at", "phone conf."),
        ("last_sign_in_at", "last sign-in"),
        ("invited_at", "invited"),
        ("banned_until", "banned until"),
        ("deleted_at", "deleted"),
        ("new_email", "new email"),
        ("is_anonymous", "anonymous"),
    ];
    let Some(object) = value.as_object() else { return };
    for (key, label) in LABELS {
        if let Some(text) = object.get(key).and_then(shown) {
            facts.push(Fact::pair(label, text));
        }
    }
    for (key, value) in object.iter().filter(|(key, _)| *key != "id" && LABELS.iter().all(|(label, _)| label != key)) {
        if let Some(text) = shown(value) {
            facts.push(Fact::note(format!("{key}: {text}")));
        }
    }
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Object(_) | Value::Array(_) => None,
        Value::String(text) if text.is_empty() => Some("—".into()),
        Value::String(text) => Some(text.parse().map_or_else(|_| text.clone(), human::exact)),
        Value::Bool(true) => Some("yes".into()),
        Value::Bool(false) => Some("no".into()),
        Value::Number(number) => Some(number.to_string()),
    }
}
