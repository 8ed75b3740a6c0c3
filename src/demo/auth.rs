//! Who is asking: the platform token, the gateway's `apikey`, and the bearer tokens that GoTrue and Storage read for
//! themselves, each with its own words of refusal.

use axum::http::header::{AUTHORIZATION, HeaderMap};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::errors::{self, AuthError, Refusal};
use super::server::Demo;

/// What a project's key allows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Everything.
    Service,
    /// Nothing here: lists are empty, writes are refused.
    Anon,
}

/// Why a bearer token is not taken.
enum Refused {
    Malformed,
    Expired,
    Signature,
}

/// A fresh platform token: 32 random bytes as text.
pub fn fresh_token() -> String {
    format!("demo_{}", URL_SAFE_NO_PAD.encode(random::<32>()))
}

/// A fresh project key in the shape of a JWT, with the claims `role`, `iss`, `iat`, `exp` (ten years). Its signature
/// is random: the server knows its keys by heart.
pub fn project_key(role: &str) -> String {
    let now = Timestamp::now().as_second();
    let claims = json!({"role": role, "iss": "supabase-demo", "iat": now, "exp": now + 10 * 365 * 86_400});
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signature = URL_SAFE_NO_PAD.encode(random::<32>());
    format!("{}.{}.{signature}", part(&json!({"alg": "HS256", "typ": "JWT"})), part(&claims))
}

#[expect(clippy::expect_used, reason = "without a random source no secret can be made, and none may be guessable")]
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// The control plane's own check.
pub(super) fn platform(demo: &Demo, headers: &HeaderMap) -> Result<(), Refusal> {
    match bearer(headers) {
        None | Some("") => Err(errors::platform(401, "unauthorized", "Missing bearer token").into()),
        Some(token) if token == demo.options.token => Ok(()),
        Some(_) => Err(errors::platform(401, "unauthorized", "Invalid platform token: invalid signature").into()),
    }
}

/// The gateway's check: some key of this project.
pub(super) fn gateway(demo: &Demo, headers: &HeaderMap) -> Result<(), Refusal> {
    let key = headers.get("apikey").map_or("", |value| value.to_str().unwrap_or("?"));
    if key.is_empty() {
        return Err(errors::gateway(401, "No API key found in request").into());
    }
    if key == demo.options.service_key || key == demo.options.anon_key {
        return Ok(());
    }
    Err(errors::gateway(401, "Invalid authentication credentials").into())
}

/// GoTrue's check of an admin route.
pub(super) fn gotrue(demo: &Demo, headers: &HeaderMap) -> Result<(), AuthError> {
    let token = bearer(headers).filter(|token| !token.is_empty() && !token.contains(char::is_whitespace));
    let Some(token) = token else {
        return Err(AuthError::new(401, "no_authorization", "This endpoint requires a valid Bearer token"));
    };
    let why = match role_of(demo, token) {
        Ok(Role::Service) => return Ok(()),
        Ok(Role::Anon) => return Err(AuthError::new(403, "not_admin", "User not allowed")),
        Err(Refused::Malformed) => "token is malformed: token contains an invalid number of segments",
        Err(Refused::Expired) => "token has invalid claims: token is expired",
        Err(Refused::Signature) => "token signature is invalid: signature is invalid",
    };
    Err(AuthError::new(403, "bad_jwt", &format!("invalid JWT: unable to parse or verify signature, {why}")))
}

/// Storage's check.
pub(super) fn storage(demo: &Demo, headers: &HeaderMap) -> Result<Role, Refusal> {
    if !headers.contains_key(AUTHORIZATION) {
        return Err(errors::invalid_request("headers must have required property 'authorization'").into());
    }
    let token = bearer(headers).unwrap_or("");
    if token.is_empty() {
        return Err(errors::invalid_request("").into());
    }
    role_of(demo, token).map_err(|refused| {
        let why = match refused {
            Refused::Malformed => "Invalid Compact JWS",
            Refused::Expired => "\"exp\" claim timestamp check failed",
            Refused::Signature => "signature verification failed",
        };
        errors::access_denied(why).into()
    })
}

fn role_of(demo: &Demo, token: &str) -> Result<Role, Refused> {
    if token == demo.options.service_key {
        return Ok(Role::Service);
    }
    if token == demo.options.anon_key {
        return Ok(Role::Anon);
    }
    let parts: Vec<&str> = token.split('.').collect();
    let [_, claims, _] = parts.as_slice() else { return Err(Refused::Malformed) };
    let claims = URL_SAFE_NO_PAD.decode(claims).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let expires = claims.as_ref().and_then(|claims| claims.get("exp")).and_then(Value::as_i64);
    match expires {
        Some(at) if at < Timestamp::now().as_second() => Err(Refused::Expired),
        _ => Err(Refused::Signature),
    }
}

/// The text behind `Bearer `; a header that is none of that kind counts as absent.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token.trim()),
        None if text.eq_ignore_ascii_case("bearer") => Some(""),
        _ => None,
    }
}
