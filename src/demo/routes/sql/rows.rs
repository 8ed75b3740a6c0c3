//! The tables: their columns, and their rows as the project has them.

use std::cell::OnceCell;

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::value::Value;
use crate::demo::people::{People, Row as Written, User, View};
use crate::demo::store::{Bucket, Object, Store};

/// A column's type.
#[derive(Clone, Copy)]
enum Kind {
    Uuid,
    Text,
    Time,
    Bool,
    Int,
    Json,
    List,
}

/// A table: its name, the column that one row is found by, and the columns.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) key: &'static str,
    columns: &'static [(&'static str, Kind)],
}

const USERS: &Table = &Table {
    name: "auth.users",
    key: "id",
    columns: &[
        ("instance_id", Kind::Uuid),
        ("id", Kind::Uuid),
        ("aud", Kind::Text),
        ("role", Kind::Text),
        ("email", Kind::Text),
        ("email_confirmed_at", Kind::Time),
        ("invited_at", Kind::Time),
        ("confirmation_sent_at", Kind::Time),
        ("recovery_sent_at", Kind::Time),
        ("email_change", Kind::Text),
        ("email_change_sent_at", Kind::Time),
        ("last_sign_in_at", Kind::Time),
        ("raw_app_meta_data", Kind::Json),
        ("raw_user_meta_data", Kind::Json),
        ("is_super_admin", Kind::Bool),
        ("created_at", Kind::Time),
        ("updated_at", Kind::Time),
        ("phone", Kind::Text),
        ("phone_confirmed_at", Kind::Time),
        ("phone_change", Kind::Text),
        ("phone_change_sent_at", Kind::Time),
        ("confirmed_at", Kind::Time),
        ("banned_until", Kind::Time),
        ("reauthentication_sent_at", Kind::Time),
        ("is_sso_user", Kind::Bool),
        ("deleted_at", Kind::Time),
        ("is_anonymous", Kind::Bool),
    ],
};

const IDENTITIES: &Table = &Table {
    name: "auth.identities",
    key: "user_id",
    columns: &[
        ("id", Kind::Uuid),
        ("provider_id", Kind::Text),
        ("user_id", Kind::Uuid),
        ("identity_data", Kind::Json),
        ("provider", Kind::Text),
        ("last_sign_in_at", Kind::Time),
        ("created_at", Kind::Time),
        ("updated_at", Kind::Time),
        ("email", Kind::Text),
    ],
};

/// Nobody in the demo has a second factor.
const FACTORS: &Table = &Table {
    name: "auth.mfa_factors",
    key: "user_id",
    columns: &[
        ("id", Kind::Uuid),
        ("user_id", Kind::Uuid),
        ("friendly_name", Kind::Text),
        ("factor_type", Kind::Text),
        ("status", Kind::Text),
        ("phone", Kind::Text),
        ("last_challenged_at", Kind::Time),
        ("created_at", Kind::Time),
        ("updated_at", Kind::Time),
    ],
};

const BUCKETS: &Table = &Table {
    name: "storage.buckets",
    key: "id",
    columns: &[
        ("id", Kind::Text),
        ("name", Kind::Text),
        ("owner", Kind::Uuid),
        ("owner_id", Kind::Text),
        ("created_at", Kind::Time),
        ("updated_at", Kind::Time),
        ("public", Kind::Bool),
        ("avif_autodetection", Kind::Bool),
        ("file_size_limit", Kind::Int),
        ("allowed_mime_types", Kind::List),
        ("type", Kind::Text),
    ],
};

const OBJECTS: &Table = &Table {
    name: "storage.objects",
    key: "bucket_id",
    columns: &[
        ("id", Kind::Uuid),
        ("bucket_id", Kind::Text),
        ("name", Kind::Text),
        ("owner", Kind::Uuid),
        ("owner_id", Kind::Text),
        ("created_at", Kind::Time),
        ("updated_at", Kind::Time),
        ("last_accessed_at", Kind::Time),
        ("metadata", Kind::Json),
        ("path_tokens", Kind::List),
        ("version", Kind::Text),
        ("user_metadata", Kind::Json),
    ],
};

/// The table of this name.
pub(super) fn table(name: &str) -> Option<&'static Table> {
    [USERS, IDENTITIES, FACTORS, BUCKETS, OBJECTS].into_iter().find(|table| table.name == name)
}

/// One row.
pub(super) struct Row<'a> {
    table: Option<&'static Table>,
    from: Source<'a>,
}

enum Source<'a> {
    /// A row without any value.
    Nulls,
    /// A row with some value of the right type in each column.
    Sample,
    /// A user, by place in time; made when more is wanted than the place tells.
    User(&'a People, u32, OnceCell<Option<Box<User>>>),
    Identity(Json),
    Bucket(&'a Bucket),
    Object(&'a str, &'a str, &'a Object),
}

impl<'a> Row<'a> {
    pub(super) fn nulls(table: Option<&'static Table>) -> Self {
        Self { table, from: Source::Nulls }
    }

    pub(super) fn sample(table: Option<&'static Table>) -> Self {
        Self { table, from: Source::Sample }
    }

    /// All rows of a table, or those with this key. Users come in the order of their creation.
    pub(super) fn all(
        table: &'static Table,
        key: Option<&Value>,
        newest_first: bool,
        people: &'a People,
        store: &'a Store,
    ) -> Box<dyn Iterator<Item = Self> + 'a> {
        let user = move |place| Self { table: Some(table), from: Source::User(people, place, OnceCell::new()) };
        let places = move || {
            let count = people.count();
            (0..count).map(move |number| if newest_first { count - 1 - number } else { number })
        };
        match (table.name, key) {
            ("auth.users", Some(Value::Uuid(id))) => Box::new(people.place_of(*id).into_iter().map(user)),
            ("auth.users", _) => Box::new(places().map(user)),
            ("auth.identities", Some(Value::Uuid(id))) => Box::new(identities(table, people, *id)),
            ("auth.identities", _) => Box::new(
                places()
                    .filter_map(|place| people.user_at(place))
                    .flat_map(move |user| identities(table, people, user.id)),
            ),
            ("storage.buckets", _) => Box::new(
                store.shelves.iter().map(move |shelf| Self { table: Some(table), from: Source::Bucket(&shelf.bucket) }),
            ),
            ("storage.objects", _) => Box::new(store.shelves.iter().flat_map(move |shelf| {
                let bucket = shelf.bucket.id.as_str();
                shelf
                    .objects
                    .iter()
                    .map(move |(key, object)| Self { table: Some(table), from: Source::Object(bucket, key, object) })
            })),
            _ => Box::new(std::iter::empty()),
        }
    }

    /// The same row, without what was made for it: of a million rows only the places are kept.
    pub(super) fn again(&self) -> Self {
        let from = match &self.from {
            Source::Nulls => Source::Nulls,
            Source::Sample => Source::Sample,
            Source::User(people, place, _) => Source::User(people, *place, OnceCell::new()),
            Source::Identity(row) => Source::Identity(row.clone()),
            Source::Bucket(bucket) => Source::Bucket(bucket),
            Source::Object(bucket, key, object) => Source::Object(bucket, key, object),
        };
        Self { from, ..*self }
    }

    /// When the user came, in microseconds.
    pub(super) fn created(&self) -> Option<i64> {
        if let Source::User(people, place, _) = &self.from { people.created_us(*place) } else { None }
    }

    /// A column's value; none where there is no such column.
    pub(super) fn column(&self, name: &str) -> Option<Value> {
        let (_, kind) = self.table?.columns.iter().find(|(known, _)| *known == name)?;
        Some(match &self.from {
            Source::Nulls => Value::Null,
            Source::Sample => sample(*kind),
            Source::User(people, place, made) => match name {
                "id" => people.id_at(*place).map_or(Value::Null, Value::Uuid),
                "created_at" => people.created_us(*place).map_or(Value::Null, Value::Time),
                _ => {
                    let user = made.get_or_init(|| people.user_at(*place).map(Box::new));
                    user.as_deref().map_or(Value::Null, |user| of_user(user, name))
                }
            },
            Source::Identity(row) => of_identity(row, name, *kind),
            Source::Bucket(bucket) => of_bucket(bucket, name),
            Source::Object(bucket, key, object) => of_object(bucket, key, object, name),
        })
    }
}

fn sample(kind: Kind) -> Value {
    match kind {
        Kind::Uuid => Value::Uuid(Uuid::nil()),
        Kind::Text => Value::Text(String::new()),
        Kind::Time => Value::Time(0),
        Kind::Bool => Value::Bool(false),
        Kind::Int => Value::Int(0),
        Kind::Json => Value::Json(json!({})),
        Kind::List => Value::List(Vec::new()),
    }
}

fn identities<'a>(
    table: &'static Table,
    people: &'a People,
    user: Uuid,
) -> impl Iterator<Item = Row<'a>> + 'a + use<'a> {
    // A row that GoTrue cannot read is none that SQL cannot.
    let user = people.place_of(user).and_then(|place| people.user_at(place));
    let written = user.and_then(|user| serde_json::to_value(Written::new(user, View::Single)).ok());
    let rows = written
        .as_ref()
        .and_then(|written| written.get("identities"))
        .and_then(Json::as_array)
        .cloned()
        .unwrap_or_default();
    rows.into_iter().map(move |row| Row { table: Some(table), from: Source::Identity(row) })
}

fn time(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| Value::Time(at.as_microsecond()))
}

/// Text that is null where GoTrue says `""`.
fn text(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { Value::Text(text.to_owned()) }
}

fn of_user(user: &User, name: &str) -> Value {
    match name {
        "instance_id" => Value::Uuid(Uuid::nil()),
        "aud" => Value::Text(user.aud.clone()),
        "role" => Value::Text(user.role.clone()),
        "email" => text(&user.email),
        "phone" => text(&user.phone),
        "email_change" => Value::Text(user.new_email.clone()),
        "phone_change" => Value::Text(user.new_phone.clone()),
        "email_confirmed_at" => time(user.email_confirmed_at),
        "phone_confirmed_at" => time(user.phone_confirmed_at),
        "confirmed_at" => time([user.email_confirmed_at, user.phone_confirmed_at].into_iter().flatten().min()),
        "confirmation_sent_at" => time(user.confirmation_sent_at),
        "invited_at" => time(user.invited_at),
        "last_sign_in_at" => time(user.last_sign_in_at),
        "updated_at" => time(Some(user.updated_at)),
        "banned_until" => time(user.banned_until),
        "deleted_at" => time(user.deleted_at),
        "raw_app_meta_data" => Value::Json(Json::Object(user.app_metadata.clone())),
        "raw_user_meta_data" => Value::Json(Json::Object(user.user_metadata.clone())),
        "is_anonymous" => Value::Bool(user.is_anonymous),
        "is_sso_user" => {
            let provider = user.app_metadata.get("provider").and_then(Json::as_str);
            Value::Bool(provider.is_some_and(|provider| provider.starts_with("sso:")))
        }
        _ => Value::Null,
    }
}

fn of_identity(row: &Json, name: &str, kind: Kind) -> Value {
    let name = match name {
        "id" => "identity_id",
        "provider_id" => "id",
        other => other,
    };
    match row.get(name) {
        None | Some(Json::Null) => Value::Null,
        Some(Json::String(text)) => match kind {
            Kind::Uuid => text.parse().map_or(Value::Null, Value::Uuid),
            Kind::Time => time(text.parse().ok()),
            _ => Value::Text(text.clone()),
        },
        Some(other) => Value::Json(other.clone()),
    }
}

fn of_bucket(bucket: &Bucket, name: &str) -> Value {
    match name {
        "id" | "name" => Value::Text(bucket.id.clone()),
        "created_at" => time(Some(bucket.created_at)),
        "updated_at" => time(Some(bucket.updated_at)),
        "public" => Value::Bool(bucket.public),
        "avif_autodetection" => Value::Bool(false),
        "file_size_limit" => bucket.file_size_limit.map_or(Value::Null, |limit| Value::Int(limit as i64)),
        "allowed_mime_types" => match &bucket.allowed_mime_types {
            Some(types) => Value::List(types.iter().cloned().map(Value::Text).collect()),
            None => Value::Null,
        },
        "type" => Value::Text("STANDARD".to_owned()),
        _ => Value::Null,
    }
}

fn of_object(bucket: &str, key: &str, object: &Object, name: &str) -> Value {
    match name {
        "id" => Value::Uuid(object.id),
        "bucket_id" => Value::Text(bucket.to_owned()),
        "name" => Value::Text(key.to_owned()),
        "created_at" | "last_accessed_at" => time(Some(object.created_at)),
        "updated_at" => time(Some(object.updated_at)),
        "metadata" => Value::Json(object.row().get("metadata").cloned().unwrap_or_default()),
        "path_tokens" => Value::List(key.split('/').map(|part| Value::Text(part.to_owned())).collect()),
        "version" => Value::Text(object.version.to_string()),
        "user_metadata" => Value::Json(object.metadata.clone()),
        _ => Value::Null,
    }
}
