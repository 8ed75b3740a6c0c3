//! The users: seeded ones made on demand, changes to them, and those who came since the start.

use std::collections::HashMap;
use std::ops::Range;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::limits::like;
use super::seed::{self, Crowd, mix};

/// One way in of a user.
#[derive(Clone)]
pub(super) struct Identity {
    own_id: Uuid,
    /// The user's id at the provider.
    id: String,
    provider: String,
    /// What the provider tells; gone with a soft delete.
    data: Option<Value>,
    email: String,
    last_sign_in_at: Timestamp,
    created_at: Timestamp,
}

impl Identity {
    /// The identity of a user with a provider, from the user's first moment.
    pub(super) fn of(user: &User, provider: &str, own_id: Uuid) -> Self {
        let sub = user.id.to_string();
        let data = if provider == "phone" {
            json!({"email_verified": false, "phone": user.phone, "phone_verified": false, "sub": sub})
        } else {
            json!({"email": user.email, "email_verified": false, "phone_verified": false, "sub": sub})
        };
        Self {
            own_id,
            id: sub,
            provider: provider.to_owned(),
            data: Some(data),
            email: if provider == "phone" { String::new() } else { user.email.clone() },
            last_sign_in_at: user.created_at,
            created_at: user.created_at,
        }
    }

    /// What a soft delete leaves of it.
    pub(super) fn forgotten(self, hash: String) -> Self {
        Self { id: hash, data: None, email: String::new(), ..self }
    }
}

/// One user, whole, with GoTrue's names.
#[expect(clippy::struct_field_names, reason = "`user_metadata` is what the server calls it")]
#[derive(Clone)]
pub(super) struct User {
    pub(super) id: Uuid,
    pub(super) aud: String,
    pub(super) role: String,
    pub(super) email: String,
    pub(super) phone: String,
    pub(super) email_confirmed_at: Option<Timestamp>,
    pub(super) phone_confirmed_at: Option<Timestamp>,
    pub(super) confirmation_sent_at: Option<Timestamp>,
    pub(super) invited_at: Option<Timestamp>,
    pub(super) last_sign_in_at: Option<Timestamp>,
    pub(super) new_email: String,
    pub(super) new_phone: String,
    pub(super) banned_until: Option<Timestamp>,
    pub(super) deleted_at: Option<Timestamp>,
    pub(super) app_metadata: Map<String, Value>,
    pub(super) user_metadata: Map<String, Value>,
    pub(super) identities: Vec<Identity>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) is_anonymous: bool,
}

impl User {
    /// A user of whom only this is known.
    pub(super) fn new(id: Uuid, created_at: Timestamp) -> Self {
        Self {
            id,
            aud: "authenticated".to_owned(),
            role: "authenticated".to_owned(),
            email: String::new(),
            phone: String::new(),
            email_confirmed_at: None,
            phone_confirmed_at: None,
            confirmation_sent_at: None,
            invited_at: None,
            last_sign_in_at: None,
            new_email: String::new(),
            new_phone: String::new(),
            banned_until: None,
            deleted_at: None,
            app_metadata: Map::new(),
            user_metadata: Map::new(),
            identities: Vec::new(),
            created_at,
            updated_at: created_at,
            is_anonymous: false,
        }
    }
}

/// Which of GoTrue's three ways of writing a user.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    /// In a list: `identities` null.
    List,
    /// Alone.
    Single,
    /// The answer to the write that made it: no `confirmed_at`, and times not yet cut to microseconds.
    Created,
}

/// The row as it is written.
#[derive(Serialize)]
pub(super) struct Row {
    id: Uuid,
    aud: String,
    role: String,
    email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_confirmed_at: Option<String>,
    phone: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_confirmed_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation_sent_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invited_at: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    new_email: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    new_phone: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_sign_in_at: Option<String>,
    app_metadata: Map<String, Value>,
    user_metadata: Map<String, Value>,
    identities: Option<Vec<Value>>,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    banned_until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<String>,
    is_anonymous: bool,
}

/// Go's way: as many digits as needed.
fn nanoseconds(at: Timestamp) -> String {
    at.to_string()
}

/// As the database keeps it.
fn microseconds(at: Timestamp) -> String {
    seed::stamp(at.as_microsecond()).to_string()
}

impl Row {
    pub(super) fn new(user: User, view: View) -> Self {
        let written = if view == View::Created { nanoseconds } else { microseconds };
        let confirmed = match (user.email_confirmed_at, user.phone_confirmed_at) {
            (Some(email), Some(phone)) => Some(email.min(phone)),
            (email, phone) => email.or(phone),
        };
        let identity = |one: &Identity| {
            let mut value = json!({
                "identity_id": one.own_id,
                "id": one.id,
                "user_id": user.id,
                "provider": one.provider,
                "last_sign_in_at": written(one.last_sign_in_at),
                "created_at": microseconds(one.created_at),
                "updated_at": microseconds(one.created_at),
            });
            if let Some(map) = value.as_object_mut() {
                map.extend(one.data.iter().map(|data| ("identity_data".to_owned(), data.clone())));
                map.extend((!one.email.is_empty()).then(|| ("email".to_owned(), json!(one.email))));
            }
            value
        };
        let identities = (view != View::List).then(|| user.identities.iter().map(identity).collect());
        Self {
            identities,
            email_confirmed_at: user.email_confirmed_at.map(written),
            phone_confirmed_at: user.phone_confirmed_at.map(written),
            confirmation_sent_at: user.confirmation_sent_at.map(microseconds),
            confirmed_at: confirmed.filter(|_| view != View::Created).map(microseconds),
            invited_at: user.invited_at.map(microseconds),
            last_sign_in_at: user.last_sign_in_at.map(microseconds),
            banned_until: user.banned_until.map(written),
            deleted_at: user.deleted_at.map(microseconds),
            created_at: microseconds(user.created_at),
            updated_at: microseconds(user.updated_at),
            id: user.id,
            aud: user.aud,
            role: user.role,
            email: user.email,
            phone: user.phone,
            new_email: user.new_email,
            new_phone: user.new_phone,
            app_metadata: user.app_metadata,
            user_metadata: user.user_metadata,
            is_anonymous: user.is_anonymous,
        }
    }
}

/// Which part of the list is asked for.
pub(super) struct Wanted<'a> {
    pub(super) page: u64,
    pub(super) per_page: u64,
    pub(super) ascending: bool,
    pub(super) filter: &'a str,
}

/// A page, or why there is none.
pub(super) enum Page {
    Rows(Vec<Row>, u64),
    /// A row on it cannot be read.
    Unreadable,
}

/// One user, found or not.
pub(super) enum Found {
    User(Box<User>),
    Nobody,
    Unreadable,
}

/// All users of the project.
pub(super) struct People {
    crowd: Crowd,
    /// The number of the row that GoTrue cannot read.
    unreadable: Option<u32>,
    /// The last sign-in of seeded people since the start.
    signed_in: HashMap<u32, Timestamp>,
    added: Vec<User>,
    by_id: HashMap<Uuid, usize>,
    by_email: HashMap<String, usize>,
    by_phone: HashMap<String, usize>,
}

impl People {
    pub(super) fn new(crowd: Crowd, null_token_user: bool) -> Self {
        let unreadable =
            Some(crowd.count.saturating_sub(1 + crowd.count / 4)).filter(|_| null_token_user && crowd.count > 0);
        Self {
            crowd,
            unreadable,
            signed_in: HashMap::new(),
            added: Vec::new(),
            by_id: HashMap::new(),
            by_email: HashMap::new(),
            by_phone: HashMap::new(),
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> u32 {
        self.crowd.count + self.added.len() as u32
    }

    pub(super) fn has_email(&self, email: &str) -> bool {
        self.by_email.contains_key(email) || self.crowd.by_email(email).is_some()
    }

    pub(super) fn has_phone(&self, phone: &str) -> bool {
        self.by_phone.contains_key(phone) || self.crowd.by_phone(phone).is_some()
    }

    pub(super) fn has_id(&self, id: Uuid) -> bool {
        self.by_id.contains_key(&id) || self.crowd.by_id(id).is_some()
    }

    /// The moment of the next write: now, and later than any before.
    pub(super) fn next_moment(&self) -> Timestamp {
        let now = Timestamp::now();
        match self.added.last() {
            Some(last) if last.created_at.as_microsecond() >= now.as_microsecond() => {
                seed::stamp(last.created_at.as_microsecond() + 1)
            }
            _ => now,
        }
    }

    pub(super) fn add(&mut self, user: User) {
        let at = self.added.len();
        self.by_id.insert(user.id, at);
        if !user.email.is_empty() {
            self.by_email.insert(user.email.clone(), at);
        }
        if !user.phone.is_empty() {
            self.by_phone.insert(user.phone.clone(), at);
        }
        self.added.push(user);
    }

    pub(super) fn find(&self, id: Uuid) -> Found {
        if let Some(user) = self.by_id.get(&id).and_then(|at| self.added.get(*at)) {
            return Found::User(Box::new(user.clone()));
        }
        match self.crowd.by_id(id) {
            Some(number) if Some(number) == self.unreadable => Found::Unreadable,
            Some(number) => Found::User(Box::new(self.seeded(number))),
            None => Found::Nobody,
        }
    }

    /// Someone, chosen by a number, signs in.
    pub(super) fn sign_in(&mut self, by: u64) {
        let now = Timestamp::now();
        let place = by % u64::from(self.count().max(1));
        match usize::try_from(place).unwrap_or(0).checked_sub(self.crowd.count as usize) {
            None => {
                self.signed_in.insert(place as u32, now);
            }
            Some(at) => {
                if let Some(user) = self.added.get_mut(at) {
                    user.last_sign_in_at = Some(now);
                    user.updated_at = now;
                }
            }
        }
    }

    fn seeded(&self, number: u32) -> User {
        let mut user = self.crowd.user(number);
        if let Some(at) = self.signed_in.get(&number).filter(|_| user.deleted_at.is_none()) {
            user.last_sign_in_at = Some(*at);
            user.updated_at = *at;
        }
        user
    }

    /// When the user at this place came, in microseconds.
    pub(super) fn created_us(&self, place: u32) -> Option<i64> {
        match place.checked_sub(self.crowd.count) {
            Some(at) => self.added.get(at as usize).map(|user| user.created_at.as_microsecond()),
            None => Some(self.crowd.created(place)),
        }
    }

    /// The id of the user at this place.
    pub(super) fn id_at(&self, place: u32) -> Option<Uuid> {
        match place.checked_sub(self.crowd.count) {
            Some(at) => self.added.get(at as usize).map(|user| user.id),
            None => Some(self.crowd.id(place)),
        }
    }

    /// The place of the user with this id.
    pub(super) fn place_of(&self, id: Uuid) -> Option<u32> {
        let added = self.by_id.get(&id).map(|at| self.crowd.count + *at as u32);
        added.or_else(|| self.crowd.by_id(id))
    }

    /// The user at a place in time: 0 came first.
    pub(super) fn user_at(&self, place: u32) -> Option<User> {
        match place.checked_sub(self.crowd.count) {
            Some(at) => self.added.get(at as usize).cloned(),
            None => Some(self.seeded(place)),
        }
    }

    /// `filter` as GoTrue has it: the email, case counting, or the full name, case ignored.
    fn matches(&self, place: u32, filter: &str, folded: &str) -> bool {
        let (email, full_name) = match place.checked_sub(self.crowd.count) {
            Some(at) => {
                let Some(user) = self.added.get(at as usize) else { return false };
                let name = user.user_metadata.get("full_name").and_then(Value::as_str).map(str::to_owned);
                (user.email.clone(), name)
            }
            None => (self.crowd.email(place), self.crowd.full_name(place)),
        };
        like(filter, &email) || full_name.is_some_and(|name| like(folded, &name.to_lowercase()))
    }

    /// A page of the list. Among people of one instant the order is a different one for each end of a page, as it is
    /// in the database that cuts by the time alone: some come twice, others never, and again at each walk.
    pub(super) fn page(&self, wanted: &Wanted<'_>) -> Page {
        let count = self.count();
        let matched: Option<Vec<u32>> = (!wanted.filter.is_empty()).then(|| {
            let folded = wanted.filter.to_lowercase();
            (0..count).filter(|place| self.matches(*place, wanted.filter, &folded)).collect()
        });
        let total = matched.as_ref().map_or(u64::from(count), |matched| matched.len() as u64);
        let start = (wanted.page.max(1) - 1).saturating_mul(wanted.per_page);
        let end = start.saturating_add(wanted.per_page);
        let rows = start.min(total)..end.min(total);
        // Places in the order of the matched, oldest first.
        let import_end = self.crowd.import_end();
        let import = (import_end - self.crowd.import)..import_end;
        let tied: Range<u64> = match &matched {
            None => u64::from(import.start)..u64::from(import.end),
            Some(matched) => {
                let first = |bound: u32| matched.partition_point(|place| *place < bound) as u64;
                first(import.start)..first(import.end)
            }
        };
        let mut page = Vec::with_capacity((rows.end - rows.start) as usize);
        for row in rows {
            let mut at = if wanted.ascending { row } else { total - 1 - row };
            if tied.contains(&at) {
                at = tied.start + shuffle(at - tied.start, tied.end - tied.start, mix(self.crowd.seed, end));
            }
            let place = match &matched {
                None => Some(at as u32),
                Some(matched) => matched.get(at as usize).copied(),
            };
            let Some(place) = place else { continue };
            if Some(place) == self.unreadable {
                return Page::Unreadable;
            }
            if let Some(user) = self.user_at(place) {
                page.push(Row::new(user, View::List));
            }
        }
        Page::Rows(page, total)
    }
}

/// Where a key sends one of `size` places; one to one.
fn shuffle(place: u64, size: u64, key: u64) -> u64 {
    let mut step = key % size.max(1);
    while gcd(step, size) > 1 || step == 0 {
        step += 1;
    }
    (place * step + (key >> 32) % size.max(1)) % size.max(1)
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
