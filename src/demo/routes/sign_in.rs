//! The platform's own GoTrue: who signs in to the control plane, with what, for how long.

use axum::body::{Body, to_bytes};
use axum::http::header::{HeaderMap, HeaderValue};
use axum::http::{Method, request::Parts};
use axum::response::Response;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{GOTRUE_HEALTH, GOTRUE_SETTINGS};
use crate::demo::auth;
use crate::demo::errors::{self, AuthError};
use crate::demo::limits::JSON_BYTES;
use crate::demo::query::Params;
use crate::demo::server::{SharedBody, Site};
use crate::demo::sessions::{Grant, Sessions};

/// What is asked for.
enum Route<'a> {
    Token,
    User,
    Logout,
    Settings,
    Health,
    Challenge(&'a str),
    Verify(&'a str),
}

/// Whether a path of GoTrue's is one of the platform's own; the others are the project's.
pub(super) fn is_own(inner: &str) -> bool {
    matches!(inner, "/token" | "/user" | "/logout" | "/settings" | "/health") || inner.starts_with("/factors")
}

fn route(inner: &str) -> Option<(Route<'_>, Method)> {
    Some(match inner {
        "/token" => (Route::Token, Method::POST),
        "/user" => (Route::User, Method::GET),
        "/logout" => (Route::Logout, Method::POST),
        "/settings" => (Route::Settings, Method::GET),
        "/health" => (Route::Health, Method::GET),
        _ => {
            let (factor, verb) = inner.strip_prefix("/factors/")?.split_once('/')?;
            match verb {
                "challenge" => (Route::Challenge(factor), Method::POST),
                "verify" => (Route::Verify(factor), Method::POST),
                _ => return None,
            }
        }
    })
}

/// The answer to one of its own paths.
pub(super) async fn answer(site: &Site, parts: &Parts, body: Body, inner: &str) -> Response {
    let how = site.main.options.sign_in.as_ref();
    if let Err(refused) = auth::platform_gateway(how.and_then(|how| how.apikey.as_deref()), &parts.headers) {
        site.main.leave_unread(SharedBody::new(body));
        return *refused;
    }
    let Some((route, method)) = route(inner) else { return errors::gotrue_no_route() };
    if parts.method != method {
        return errors::gotrue_no_method();
    }
    match served(site, parts, body, route).await {
        Ok(response) => response,
        Err(refused) => refused.respond(&parts.headers),
    }
}

async fn served(site: &Site, parts: &Parts, body: Body, route: Route<'_>) -> Result<Response, AuthError> {
    let now = site.clock.now();
    let params = Params::of(&parts.uri);
    let (headers, param) = (&parts.headers, |name: &str| params.get(name).unwrap_or(""));
    Ok(match route {
        Route::Health => errors::gotrue(200, GOTRUE_HEALTH),
        Route::Settings => errors::gotrue(200, GOTRUE_SETTINGS),
        Route::Token => {
            let fields = fields(body).await?;
            match param("grant_type") {
                "password" => password(site, &fields, now)?,
                "refresh_token" => {
                    let token = text(&fields, "refresh_token");
                    if token.is_empty() {
                        return Err(AuthError::invalid("refresh_token required"));
                    }
                    let grant = on(site, |sessions| sessions.refresh(token, now))?;
                    let reuse = HeaderValue::from_static(if grant.is_reuse { "true" } else { "false" });
                    let mut response = granted(grant, None);
                    response.headers_mut().insert("sb-auth-refresh-token-reuse", reuse);
                    response
                }
                _ => return Err(AuthError::new(400, "invalid_credentials", "unsupported_grant_type")),
            }
        }
        Route::User => {
            let session = auth::session(site, headers)?;
            let user = on(site, |sessions| sessions.user(session).ok_or_else(AuthError::internal))?;
            errors::gotrue(200, user.to_string())
        }
        Route::Logout => {
            let session = auth::session(site, headers)?;
            on(site, |sessions| sessions.sign_out(session, param("scope")))?;
            let mut response = errors::gotrue(204, Body::empty());
            response.headers_mut().remove("content-type");
            response
        }
        Route::Challenge(factor) => {
            let session = auth::session(site, headers)?;
            let (id, expires_at) = on(site, |sessions| sessions.challenge(session, factor, now))?;
            errors::gotrue(200, json!({"id": id, "type": "totp", "expires_at": expires_at}).to_string())
        }
        Route::Verify(factor) => {
            let session = auth::session(site, headers)?;
            let fields = fields(body).await?;
            let (challenge, code) = (text(&fields, "challenge_id"), text(&fields, "code"));
            granted(on(site, |sessions| sessions.verify(session, factor, challenge, code, now))?, None)
        }
    })
}

fn password(site: &Site, fields: &Map<String, Value>, now: i64) -> Result<Response, AuthError> {
    let wants_captcha = site.main.options.sign_in.as_ref().is_some_and(|how| how.captcha);
    let captcha = fields.get("gotrue_meta_security").and_then(Value::as_object);
    if wants_captcha && captcha.is_none_or(|captcha| text(captcha, "captcha_token").is_empty()) {
        let message = "captcha protection: request disallowed (no captcha_token found)";
        return Err(AuthError::new(400, "captcha_failed", message));
    }
    let (email, phone) = (text(fields, "email"), text(fields, "phone"));
    if email.is_empty() && phone.is_empty() {
        return Err(AuthError::invalid("missing email or phone"));
    }
    let grant = on(site, |sessions| sessions.sign_in(email, text(fields, "password"), now))?;
    Ok(granted(grant, Some(Value::Null)))
}

/// Does something with the sessions; without a sign-in there are none.
fn on<T>(site: &Site, what: impl FnOnce(&mut Sessions) -> Result<T, AuthError>) -> Result<T, AuthError> {
    what(&mut *site.sessions().ok_or_else(AuthError::internal)?)
}

/// A session, with what is said of a password's strength after a sign-in with one.
fn granted(grant: Grant, weak_password: Option<Value>) -> Response {
    let head = |text: &str| HeaderValue::from_str(text).ok();
    let named = [
        ("sb-auth-refresh-token-prefix", head(grant.refresh_token.get(..5).unwrap_or_default())),
        ("sb-auth-session-id", head(&grant.session.to_string())),
        ("sb-auth-user-id", head(&Uuid::to_string(&grant.user_id))),
    ];
    let mut body = json!({
        "access_token": grant.access_token,
        "token_type": "bearer",
        "expires_in": grant.expires_in,
        "expires_at": grant.expires_at,
        "refresh_token": grant.refresh_token,
        "user": grant.user,
    });
    if let Some(map) = body.as_object_mut() {
        map.extend(weak_password.map(|weak| ("weak_password".to_owned(), weak)));
    }
    let mut response = errors::gotrue(200, body.to_string());
    let headers: &mut HeaderMap = response.headers_mut();
    for (name, value) in named {
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }
    response
}

async fn fields(body: Body) -> Result<Map<String, Value>, AuthError> {
    let bytes = to_bytes(body, JSON_BYTES).await.map_err(|_| AuthError::bad_json("http: request body too large"))?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(AuthError::bad_json("json: cannot unmarshal into Go value")),
        Err(error) => Err(AuthError::bad_json(&error.to_string())),
    }
}

/// A text, or an empty one.
fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or("")
}
