//! A GoTrue user (`GET /admin/users`, its control-plane twin, and the answer to a create).

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::secret::Secret;

use super::list::{Read, json};
use super::wire::{some, time};

/// A user's id, the only key that no two users share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub Uuid);

/// Which page of users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListUsers {
    /// From 1.
    pub page: u32,
    /// Rows a page, at least 1 (GoTrue answers 0 with a 500); 1,000 is a sane most.
    pub per_page: u32,
    /// The oldest first; else the newest.
    pub oldest_first: bool,
}

/// A user to be created: an address or a phone number at least.
#[derive(Clone, Debug, PartialEq)]
pub struct NewUser {
    /// The address; GoTrue makes it lower case and does not trim it.
    pub email: Option<String>,
    /// E.164 digits, with `+` or without.
    pub phone: Option<String>,
    /// Empty: not sent, and the server makes a random one.
    pub password: Secret,
    /// Confirms the address and the phone number that are given.
    pub confirm: bool,
    /// An object of the person's own data.
    pub user_metadata: Option<Value>,
}

/// A user as far as columns need it; all else stays in the raw row.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The address, `None` where the server has `""`, null or no field.
    pub email: Option<String>,
    /// Digits without `+`, `None` where the server has `""`, null or no field.
    pub phone: Option<String>,
    /// The first text among `user_metadata.{full_name,name,display_name,user_name,preferred_username}`.
    pub name: Option<String>,
    /// `app_metadata.providers`, else `app_metadata.provider`.
    pub providers: Vec<String>,
    /// When the user was created.
    pub created_at: Option<Timestamp>,
    /// When the user last signed in.
    pub last_sign_in_at: Option<Timestamp>,
    /// The first of `confirmed_at`, `email_confirmed_at`, `phone_confirmed_at` that is set.
    pub confirmed_at: Option<Timestamp>,
    /// A ban holds while this lies in the future.
    pub banned_until: Option<Timestamp>,
    /// Set on soft-deleted users, who stay in the list and in the total.
    pub deleted_at: Option<Timestamp>,
    /// Signed in without an address.
    pub is_anonymous: bool,
}

#[derive(Deserialize)]
struct Wire<'a> {
    id: Uuid,
    email: Option<String>,
    phone: Option<String>,
    #[serde(borrow)]
    user_metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    app_metadata: Option<&'a RawValue>,
    #[serde(default, deserialize_with = "time")]
    created_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "time")]
    last_sign_in_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "time")]
    confirmed_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "time")]
    email_confirmed_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "time")]
    phone_confirmed_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "time")]
    banned_until: Option<Timestamp>,
    #[serde(default, deserialize_with = "time")]
    deleted_at: Option<Timestamp>,
    is_anonymous: Option<bool>,
}

impl Read for User {
    fn read(raw: &str) -> Result<Self, String> {
        let wire: Wire<'_> = json(raw)?;
        Ok(Self {
            id: UserId(wire.id),
            email: some(wire.email),
            phone: some(wire.phone),
            name: wire.user_metadata.and_then(name),
            providers: wire.app_metadata.map(providers).unwrap_or_default(),
            created_at: wire.created_at,
            last_sign_in_at: wire.last_sign_in_at,
            confirmed_at: wire.confirmed_at.or(wire.email_confirmed_at).or(wire.phone_confirmed_at),
            banned_until: wire.banned_until,
            deleted_at: wire.deleted_at,
            is_anonymous: wire.is_anonymous.unwrap_or_default(),
        })
    }
}

/// Metadata holds whatever people put there, so what is not of the expected shape is simply no name and no provider.
fn name(metadata: &RawValue) -> Option<String> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Names<'a> {
        #[serde(borrow)]
        full_name: Option<&'a RawValue>,
        #[serde(borrow)]
        name: Option<&'a RawValue>,
        #[serde(borrow)]
        display_name: Option<&'a RawValue>,
        #[serde(borrow)]
        user_name: Option<&'a RawValue>,
        #[serde(borrow)]
        preferred_username: Option<&'a RawValue>,
    }
    let names: Names<'_> = serde_json::from_str(metadata.get()).ok()?;
    [names.full_name, names.name, names.display_name, names.user_name, names.preferred_username]
        .into_iter()
        .flatten()
        .find_map(|raw| some(serde_json::from_str(raw.get()).ok()))
}

fn providers(metadata: &RawValue) -> Vec<String> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Providers<'a> {
        #[serde(borrow)]
        providers: Option<&'a RawValue>,
        #[serde(borrow)]
        provider: Option<&'a RawValue>,
    }
    let found: Providers<'_> = serde_json::from_str(metadata.get()).unwrap_or_default();
    let many = found.providers.and_then(|raw| serde_json::from_str(raw.get()).ok());
    let one = || Some(vec![serde_json::from_str(found.provider?.get()).ok()?]);
    many.or_else(one).unwrap_or_default()
}
