//! The routes of users: a page of them, one of them, a new one.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value, json};

use super::client::{Answered, Ask, Client, Fill};
use super::model::{ListUsers, NewUser, Page, Row, Total, User, UserId, one, rows, total};
use super::route::{Door, Route};
use super::sql;

/// A page of users as it came this time.
#[derive(Clone, Debug)]
pub struct Read {
    /// The same where the server said the same, byte by byte.
    pub print: u64,
    /// The rows; `None` where they are those of the print that is known.
    pub rows: Option<Vec<Row<User>>>,
    /// How many users there are on all pages.
    pub total: Total,
}

/// A page of users.
pub async fn list(client: &Client, list: ListUsers) -> Answered<Page<User>> {
    read(client, list, None).await.map(|read| Page { rows: read.rows.unwrap_or_default(), total: read.total })
}

/// A page of users, whose rows are not read again where it is the one that is `known` by its print, with its total.
pub async fn read(client: &Client, list: ListUsers, known: Option<(u64, Total)>) -> Answered<Read> {
    let per_page = list.per_page.max(1);
    let mut ask = Ask::new(Route::UsersList, Fill::default());
    ask.query = format!("page={}&per_page={per_page}", list.page);
    if list.oldest_first {
        ask.query.push_str("&sort=created_at%20asc");
    }
    ask.studio = Some(sql::body(&sql::page(list)));
    let mut answer = client
        .ask(&ask, |reply| {
            let (count, link) = (reply.header("x-total-count"), reply.header("link"));
            let mut hasher = DefaultHasher::new();
            (&reply.body, count, link).hash(&mut hasher);
            let print = hasher.finish();
            if let Some((_, total)) = known.filter(|(known, _)| *known == print) {
                return Ok(Read { print, rows: None, total });
            }
            let (rows, said) = rows(&reply.body)?;
            Ok(Read { print, rows: Some(rows), total: total(count, said, link, per_page) })
        })
        .await;
    if answer.meta.door == Some(Door::Studio)
        && let Ok(page) = &mut answer.result
    {
        let mut ask = Ask::new(Route::UsersList, Fill::default());
        ask.studio = Some(sql::body(sql::COUNT));
        let counted = client.ask(&ask, |reply| sql::count(&reply.body)).await;
        answer.meta.took += counted.meta.took;
        // Rows without a total are worth having: the list then claims nothing.
        page.total = counted.result.map_or(Total::Unknown, Total::Exact);
    }
    answer
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
    ask.secret = user.password.clone();
    ask.whom = user.email.as_deref().or(user.phone.as_deref());
    ask.body = Some(Value::Object(body).to_string().into_bytes());
    client
        .ask(&ask, |reply| {
            let row: Row<User> = one(&reply.body)?;
            // Without an id it names no user, so it does not say that one was made.
            match &row.value {
                Err(why) if !has_id(&row.raw) => Err(why.clone()),
                _ => Ok(row),
            }
        })
        .await
}

fn has_id(raw: &str) -> bool {
    serde_json::from_str::<Value>(raw).is_ok_and(|row| row.get("id").is_some_and(Value::is_string))
}

/// One user, with identities and factors in the raw row.
pub async fn get(client: &Client, id: UserId) -> Answered<Row<User>> {
    let id = id.0.to_string();
    client.ask(&Ask::new(Route::UserGet, Fill { id: &id, ..Fill::default() }), |reply| one(&reply.body)).await
}
