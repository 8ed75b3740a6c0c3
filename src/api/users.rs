//! The routes of users: a page of them, one of them, a new one.

use serde_json::{Map, Value, json};

use super::client::{Answered, Ask, Client, Fill};
use super::model::{Page, Row, User, UserId, one, rows, total};
use super::route::Route;
use crate::secret::Secret;

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

/// A page of users.
pub async fn list(client: &Client, list: ListUsers) -> Answered<Page<User>> {
    let per_page = list.per_page.max(1);
    let mut ask = Ask::new(Route::UsersList, Fill::default());
    ask.query = format!("page={}&per_page={per_page}", list.page);
    if list.oldest_first {
        ask.query.push_str("&sort=created_at%20asc");
    }
    client
        .ask(&ask, |reply| {
            let (rows, count) = rows(&reply.body)?;
            let total = total(reply.header("x-total-count"), count, reply.header("link"), per_page);
            Ok(Page { rows, total })
        })
        .await
}

/// Creates a user. No mail goes out.
pub async fn create(client: &Client, user: &NewUser) -> Answered<Row<User>> {
    let mut body = Map::new();
    for (field, confirm, value) in [("email", "email_confirm", &user.email), ("phone", "phone_confirm", &user.phone)] {
        if let Some(value) = value {
            body.insert(field.into(), json!(value));
            if user.confirm {
                body.insert(confirm.into(), json!(true));
            }
        }
    }
    if !user.password.is_empty() {
        body.insert("password".into(), json!(user.password.expose()));
    }
    if let Some(metadata) = &user.user_metadata {
        body.insert("user_metadata".into(), metadata.clone());
    }
    let mut ask = Ask::new(Route::UserCreate, Fill::default());
    ask.body = Some(Value::Object(body).to_string().into_bytes());
    client.ask(&ask, |reply| one(&reply.body)).await
}

/// One user, with identities and factors in the raw row.
pub async fn get(client: &Client, id: UserId) -> Answered<Row<User>> {
    let id = id.0.to_string();
    client.ask(&Ask::new(Route::UserGet, Fill { id: &id, ..Fill::default() }), |reply| one(&reply.body)).await
}
