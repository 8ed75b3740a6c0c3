//! GoTrue's admin routes: list, create, one user. The control plane passes its own to the same.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::header::{self, HeaderValue};
use axum::http::request::Parts;
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::demo::errors::{self, AuthError};
use crate::demo::limits;
use crate::demo::people::{Found, Identity, Page, Row, User, View, Wanted};
use crate::demo::query::Params;
use crate::demo::server::Demo;

/// How many users a page has when nobody says.
const PER_PAGE: u64 = 50;
const UNREADABLE: &str = "Database error finding users";

/// A page of the users.
pub(super) async fn list(demo: &Arc<Demo>, parts: &Parts) -> Response {
    let asked = parts.headers.clone();
    let (demo, params) = (Arc::clone(demo), Params::of(&parts.uri));
    // A large page, or a filter over a million, takes its time.
    let page = tokio::task::spawn_blocking(move || page(&demo, &params)).await;
    match page {
        Ok(Ok(response)) => response,
        Ok(Err(refused)) => refused.respond(&asked),
        Err(_) => AuthError::internal().respond(&asked),
    }
}

fn page(demo: &Demo, params: &Params) -> Result<Response, AuthError> {
    let number = |name: &str, default: u64| match params.get(name) {
        None | Some("") => Ok(default),
        Some(text) => text.parse::<u64>().map_err(|error| {
            let why = match error.kind() {
                std::num::IntErrorKind::PosOverflow => "value out of range",
                _ => "invalid syntax",
            };
            AuthError::invalid(&format!("Bad Pagination Parameters: strconv.ParseUint: parsing {text:?}: {why}"))
        }),
    };
    let (page, per_page) = (number("page", 1)?, number("per_page", PER_PAGE)?);
    let ascending = match params.get("sort") {
        None => false,
        Some(sort) => ascending(sort).map_err(|why| AuthError::invalid(&format!("Bad Sort Parameters: {why}")))?,
    };
    if per_page == 0 {
        return Err(AuthError::internal());
    }
    let filter = params.get("filter").unwrap_or("");
    let (rows, total) = match demo.people().page(&Wanted { page, per_page, ascending, filter }) {
        Page::Rows(rows, total) => (rows, total),
        Page::Unreadable => return Err(AuthError::database(UNREADABLE)),
    };
    let body = serde_json::to_vec(&Listed { users: rows, aud: "authenticated" }).map_err(|_| AuthError::internal())?;
    let mut response = errors::gotrue(200, body);
    let last = total.div_ceil(per_page);
    let to = |page: u64, rel: &str| format!("</admin/users?{}>; rel=\"{rel}\"", params.with_page(page));
    // Page 0 is page 1, and calls page 1 its next.
    let next = if page < last { to(page + 1, "next") + ", " } else { String::new() };
    if let Ok(link) = HeaderValue::from_str(&format!("{next}{}", to(last, "last"))) {
        response.headers_mut().insert(header::LINK, link);
    }
    response.headers_mut().insert("x-total-count", HeaderValue::from(total));
    Ok(response)
}

#[derive(serde::Serialize)]
struct Listed {
    users: Vec<Row>,
    aud: &'static str,
}

fn ascending(sort: &str) -> Result<bool, String> {
    let (field, direction) = sort.split_once(' ').map_or((sort, None), |(field, rest)| (field, Some(rest)));
    if field != "created_at" {
        return Err(format!("bad field for sort '{field}'"));
    }
    match direction.map(str::to_ascii_lowercase).as_deref() {
        Some("asc") => Ok(true),
        None | Some("desc") => Ok(false),
        Some(other) => Err(format!("bad direction for sort '{other}', only 'asc' and 'desc' allowed")),
    }
}

/// One user.
pub(super) fn single(demo: &Demo, parts: &Parts, id: &str) -> Response {
    let refused = match Uuid::parse_str(id).map(|id| demo.people().find(id)) {
        Ok(Found::User(user)) => return written(*user, View::Single),
        Ok(Found::Nobody) => AuthError::new(404, "user_not_found", "User not found"),
        Ok(Found::Unreadable) => AuthError::database(UNREADABLE),
        Err(_) => AuthError::new(404, "validation_failed", "user_id must be an UUID"),
    };
    refused.respond(&parts.headers)
}

/// A new user.
pub(super) async fn create(demo: &Demo, parts: &Parts, body: Body) -> Response {
    let made = match to_bytes(body, limits::JSON_BYTES).await {
        Ok(bytes) => made(demo, &bytes),
        Err(_) => Err(AuthError::bad_json("http: request body too large")),
    };
    match made {
        Ok(user) => written(user, View::Created),
        Err(refused) => refused.respond(&parts.headers),
    }
}

fn written(user: User, view: View) -> Response {
    match serde_json::to_vec(&Row::new(user, view)) {
        Ok(body) => errors::gotrue(200, body),
        Err(_) => AuthError::internal().respond(&header::HeaderMap::new()),
    }
}

/// A new user from the fields of a request.
pub(super) fn made(demo: &Demo, body: &[u8]) -> Result<User, AuthError> {
    let fields = Fields::parse(body)?;
    let (email, phone) = (fields.text("email")?, fields.text("phone")?);
    let (password, hash) = (fields.text("password")?, fields.text("password_hash")?);
    let (email_confirm, phone_confirm) = (fields.flag("email_confirm")?, fields.flag("phone_confirm")?);
    let (app_metadata, user_metadata) = (fields.map("app_metadata")?, fields.map("user_metadata")?);
    let (ban, id, role, aud) =
        (fields.text("ban_duration")?, fields.text("id")?, fields.text("role")?, fields.text("aud")?);
    fields.text("nonce")?;
    if email.is_empty() && phone.is_empty() {
        return Err(AuthError::invalid("Cannot create a user without either an email or phone"));
    }
    // From here on nobody else may take the address.
    let mut people = demo.people_mut();
    let email = if email.is_empty() { String::new() } else { limits::email(&email)? };
    if !email.is_empty() && people.has_email(&email) {
        return Err(AuthError::new(422, "email_exists", "A user with this email address has already been registered"));
    }
    let phone = if phone.is_empty() { String::new() } else { limits::phone(&phone)? };
    if !phone.is_empty() && people.has_phone(&phone) {
        return Err(AuthError::new(422, "phone_exists", "Phone number already registered by another user"));
    }
    if !password.is_empty() && !hash.is_empty() {
        return Err(AuthError::invalid("Only a password or a password hash should be provided"));
    }
    if password.len() > limits::PASSWORD_BYTES {
        return Err(AuthError::internal());
    }
    let id = match id.as_str() {
        "" => Uuid::from_bytes(random_id()?),
        text => Uuid::parse_str(text).map_err(|_| AuthError::invalid("ID must conform to the uuid v4 format"))?,
    };
    if people.has_id(id) {
        return Err(AuthError::database("Database error creating new user"));
    }
    let ban = match ban.as_str() {
        "" | "none" => None,
        text => Some(
            limits::go_duration(text)
                .map_err(|why| AuthError::invalid(&format!("invalid format for ban duration: {why}")))?,
        ),
    };
    let mut user = User::new(id, people.next_moment());
    user.email = email;
    user.phone = phone;
    let providers: Vec<&str> = [("email", &user.email), ("phone", &user.phone)]
        .iter()
        .filter(|(_, has)| !has.is_empty())
        .map(|p| p.0)
        .collect();
    let mut app = Map::new();
    app.insert("provider".into(), json!(providers.first()));
    app.insert("providers".into(), json!(providers));
    app.extend(app_metadata);
    user.app_metadata = sorted(app);
    let mut own = user_metadata;
    let confirmed = Timestamp::now().max(user.created_at);
    if email_confirm && !user.email.is_empty() {
        user.email_confirmed_at = Some(confirmed);
        own.insert("email_verified".into(), json!(true));
    }
    if phone_confirm && !user.phone.is_empty() {
        user.phone_confirmed_at = Some(confirmed);
    }
    user.user_metadata = sorted(own);
    user.identities = providers
        .iter()
        .map(|provider| Ok(Identity::of(&user, provider, Uuid::from_bytes(random_id()?))))
        .collect::<Result<_, AuthError>>()?;
    if !role.is_empty() {
        user.role = role;
    }
    if !aud.is_empty() {
        user.aud = aud;
    }
    user.banned_until = ban.and_then(|ban| confirmed.checked_add(ban).ok());
    user.updated_at = confirmed;
    people.add(user.clone());
    Ok(user)
}

fn random_id() -> Result<[u8; 16], AuthError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| AuthError::internal())?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().into_bytes())
}

/// As Go writes a map: by name, at every depth.
fn sorted(map: Map<String, Value>) -> Map<String, Value> {
    let mut pairs: Vec<(String, Value)> = map.into_iter().map(|(key, value)| (key, sorted_value(value))).collect();
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    pairs.into_iter().collect()
}

fn sorted_value(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(sorted(map)),
        Value::Array(items) => Value::Array(items.into_iter().map(sorted_value).collect()),
        other => other,
    }
}

/// The fields of a request, read with Go's types and refused in Go's words.
struct Fields(Map<String, Value>);

impl Fields {
    fn parse(body: &[u8]) -> Result<Self, AuthError> {
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            Ok(Value::Null) => Ok(Self(Map::new())),
            Ok(other) => {
                let why = format!("json: cannot unmarshal {} into Go value of type api.AdminUserParams", kind(&other));
                Err(AuthError::bad_json(&why))
            }
            Err(error) => Err(AuthError::bad_json(&go_words(body, &error))),
        }
    }

    fn text(&self, name: &str) -> Result<String, AuthError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(other) => Err(Self::mistyped(other, name, "string")),
        }
    }

    fn flag(&self, name: &str) -> Result<bool, AuthError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(Self::mistyped(other, name, "bool")),
        }
    }

    fn map(&self, name: &str) -> Result<Map<String, Value>, AuthError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(map)) => Ok(map.clone()),
            Some(other) => Err(Self::mistyped(other, name, "map[string]interface {}")),
        }
    }

    fn mistyped(value: &Value, name: &str, wanted: &str) -> AuthError {
        let why = format!(
            "json: cannot unmarshal {} into Go struct field AdminUserParams.{name} of type {wanted}",
            kind(value)
        );
        AuthError::bad_json(&why)
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// What Go's parser would say where ours stopped.
fn go_words(body: &[u8], error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "unexpected end of JSON input".to_owned();
    }
    let line = body.split(|byte| *byte == b'\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    let at = line.get(error.column().saturating_sub(1)).copied().map_or('?', char::from);
    let place = if error.to_string().starts_with("key must be a string") {
        "looking for beginning of object key string"
    } else {
        "looking for beginning of value"
    };
    format!("invalid character {at:?} {place}")
}
