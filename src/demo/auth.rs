//! Who is asking: the platform token, the gateway's `apikey`, and the bearer tokens that GoTrue and Storage read for
//! themselves, each with its own words of refusal.

use axum::http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::errors::{self, AuthError, Refusal};
use super::projects::Project;
use super::server::{Demo, Site};
use super::sessions::{ACCOUNT, Standing};

/// Whose the platform token is.
const STRANGER: &str = "demo@example.com";

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

/// A fresh project key in the shape of a JWT, with the claims `role`, `iss`, `iat`, `exp` (ten years).
pub fn project_key(role: &str) -> String {
    let now = Timestamp::now().as_second();
    signed(&json!({"role": role, "iss": "supabase-demo", "iat": now, "exp": now + 10 * 365 * 86_400}))
}

/// A fresh key of the newer kind, which is no JWT: `sb_secret_…` or `sb_publishable_…`.
pub(super) fn new_key(kind: &str) -> String {
    format!("sb_{kind}_{}", URL_SAFE_NO_PAD.encode(random::<24>()))
}

/// Six fresh digits, in place of an authenticator's code: the demo's do not change with the time.
pub fn fresh_code() -> String {
    format!("{:06}", u32::from_le_bytes(random::<4>()) % 1_000_000)
}

/// A JWT with these claims. Its signature is random: who must know it again keeps it.
pub(super) fn signed(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signature = URL_SAFE_NO_PAD.encode(random::<32>());
    format!("{}.{}.{signature}", part(&json!({"alg": "HS256", "typ": "JWT"})), part(claims))
}

#[expect(clippy::expect_used, reason = "without a random source no secret can be made, and none may be guessable")]
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// The control plane's own check: the platform token, or the access token of a session. The email of who it is.
///
/// That a session without the second factor of its account is refused is the demo's own rule.
pub(super) fn platform(site: &Site, headers: &HeaderMap) -> Result<String, Refusal> {
    let refused = |message: &str| Err(errors::platform(401, "unauthorized", message).into());
    let token = match bearer(headers) {
        None | Some("") => return refused("Missing bearer token"),
        Some(token) if token == site.main.options.token => return Ok(STRANGER.to_owned()),
        Some(token) => token,
    };
    let standing = site.sessions().map(|sessions| sessions.standing(token, site.clock.now()));
    match standing.unwrap_or(Standing::Unknown) {
        Standing::Good(_) => Ok(ACCOUNT.to_owned()),
        Standing::Unknown => refused("Invalid platform token: invalid signature"),
        Standing::Expired => refused("Invalid platform token: token is expired"),
        Standing::Ended => refused("Invalid platform token: session has ended"),
        Standing::FirstFactorOnly(_) => refused("Invalid platform token: a second factor is required"),
    }
}

/// The check of the platform's own GoTrue: whose session it is.
pub(super) fn session(site: &Site, headers: &HeaderMap) -> Result<Uuid, AuthError> {
    let token = bearer(headers).filter(|token| !token.is_empty()).ok_or_else(no_authorization)?;
    let standing = site.sessions().map(|sessions| sessions.standing(token, site.clock.now()));
    match standing.unwrap_or(Standing::Unknown) {
        Standing::Good(session) | Standing::FirstFactorOnly(session) => Ok(session),
        Standing::Expired => Err(bad_jwt(&Refused::Expired)),
        Standing::Ended => {
            Err(AuthError::new(403, "session_not_found", "Session from session_id claim in JWT does not exist"))
        }
        Standing::Unknown => Err(match role_of(&site.main, token) {
            Ok(_) => AuthError::new(403, "bad_jwt", "invalid claim: missing sub claim"),
            Err(why) => bad_jwt(&why),
        }),
    }
}

/// The check of the gateway before the platform's own GoTrue, where it wants a key.
pub(super) fn platform_gateway(wanted: Option<&str>, headers: &HeaderMap) -> Result<(), Refusal> {
    match (wanted, headers.get("apikey").map(HeaderValue::as_bytes)) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(errors::gateway(401, "No API key found in request").into()),
        (Some(key), Some(given)) if given == key.as_bytes() => Ok(()),
        (Some(_), Some(_)) => Err(errors::gateway(401, "Invalid authentication credentials").into()),
    }
}

/// The gateway's check: some key of this project.
pub(super) fn gateway(demo: &Demo, headers: &HeaderMap) -> Result<(), Refusal> {
    let key = headers.get("apikey").map_or("", |value| value.to_str().unwrap_or("?"));
    if key.is_empty() {
        return Err(errors::gateway(401, "No API key found in request").into());
    }
    if newer(demo, key).is_some() || role_of(demo, key).is_ok() {
        return Ok(());
    }
    Err(errors::gateway(401, "Invalid authentication credentials").into())
}

/// The project whose key comes.
pub(super) fn owner<'a>(site: &'a Site, headers: &HeaderMap) -> Option<&'a Project> {
    site.projects.iter().find(|project| gateway(&project.demo, headers).is_ok())
}

/// GoTrue's check of an admin route.
pub(super) fn gotrue(demo: &Demo, headers: &HeaderMap) -> Result<(), AuthError> {
    let token = bearer(headers).filter(|token| !token.is_empty() && !token.contains(char::is_whitespace));
    let role = match token {
        Some(token) => role_of(demo, token).map_err(|why| bad_jwt(&why))?,
        None => newer_alone(demo, headers).ok_or_else(no_authorization)?,
    };
    match role {
        Role::Service => Ok(()),
        Role::Anon => Err(AuthError::new(403, "not_admin", "User not allowed")),
    }
}

fn no_authorization() -> AuthError {
    AuthError::new(401, "no_authorization", "This endpoint requires a valid Bearer token")
}

fn bad_jwt(why: &Refused) -> AuthError {
    let why = match why {
        Refused::Malformed => "token is malformed: token contains an invalid number of segments",
        Refused::Expired => "token has invalid claims: token is expired",
        Refused::Signature => "token signature is invalid: signature is invalid",
    };
    AuthError::new(403, "bad_jwt", &format!("invalid JWT: unable to parse or verify signature, {why}"))
}

/// The role of a key of the newer kind.
fn newer(demo: &Demo, key: &str) -> Option<Role> {
    match key {
        _ if key == demo.secret_key => Some(Role::Service),
        _ if key == demo.publishable_key => Some(Role::Anon),
        _ => None,
    }
}

/// The role of a key of the newer kind that came without a bearer token, as such keys do.
fn newer_alone(demo: &Demo, headers: &HeaderMap) -> Option<Role> {
    let key = headers.get("apikey")?.to_str().ok()?;
    newer(demo, key).filter(|_| !headers.contains_key(AUTHORIZATION))
}

/// Storage's check.
pub(super) fn storage(demo: &Demo, headers: &HeaderMap) -> Result<Role, Refusal> {
    if let Some(role) = newer_alone(demo, headers) {
        return Ok(role);
    }
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
    let now = demo.clock.now();
    if let Some((role, expires_at)) = demo.temporary_key(token) {
        return if expires_at > now { Ok(role) } else { Err(Refused::Expired) };
    }
    let parts: Vec<&str> = token.split('.').collect();
    let [_, claims, _] = parts.as_slice() else { return Err(Refused::Malformed) };
    let claims = URL_SAFE_NO_PAD.decode(claims).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let expires = claims.as_ref().and_then(|claims| claims.get("exp")).and_then(Value::as_i64);
    match expires {
        Some(at) if at < now => Err(Refused::Expired),
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
