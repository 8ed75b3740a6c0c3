//! What can be read of a credential before it is sent: the role of a key and the end of a token's life. Nothing is
//! verified here; only the server can do that.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;

use super::route::Door;
use crate::secret::Secret;
use crate::text::human;

/// Whose key it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// May do everything in its project.
    Service,
    /// The public key: it gets empty lists where rights are missing, not errors.
    Anon,
    /// Another role, such as `authenticated`. From outside.
    Other(String),
    /// Nothing can be read of it: no JWT and no known prefix.
    Unknown,
}

#[derive(Deserialize)]
struct Claims {
    role: Option<String>,
    email: Option<String>,
    iat: Option<f64>,
    exp: Option<f64>,
    aal: Option<String>,
}

/// Reads a key's role: a JWT's claim `role`, else the prefix `sb_secret_` or `sb_publishable_`.
pub fn role(secret: &Secret) -> Role {
    let key = secret.expose().trim();
    if key.starts_with("sb_secret_") {
        return Role::Service;
    }
    if key.starts_with("sb_publishable_") {
        return Role::Anon;
    }
    match claims(key).and_then(|claims| claims.role) {
        Some(role) if role == "service_role" || role == "supabase_admin" => Role::Service,
        Some(role) if role == "anon" => Role::Anon,
        Some(role) => Role::Other(role.chars().take(100).collect()),
        None => Role::Unknown,
    }
}

/// What is wrong with a credential at a door, as what is said of it: servers answer some of these with empty lists
/// instead of errors, and others with a refusal that does not say why.
pub fn misplaced(door: Door, secret: &Secret) -> Option<String> {
    match (door, role(secret)) {
        (Door::Gateway, _) if is_personal(secret) => {
            Some("is a personal token, which opens all projects and is never sent to one".into())
        }
        (Door::Gateway, Role::Anon) => {
            Some("is the anon key: lists stay empty and changes are refused; give the service key".into())
        }
        (Door::Gateway, Role::Other(role)) => {
            Some(format!("has the role {role}, not service_role: lists may stay empty"))
        }
        (Door::ControlPlane, Role::Service | Role::Anon) => Some("is a project's key, not a platform token".into()),
        _ => None,
    }
}

/// That a token's life ended, as what is said of it.
pub fn ended(end: Timestamp) -> String {
    format!("expired at {} by this machine's clock, which may be wrong", human::exact(end))
}

/// Whether it is a personal access token of the management API, by its prefix.
pub(super) fn is_personal(secret: &Secret) -> bool {
    secret.expose().trim().starts_with("sbp_")
}

/// Whether a text has the form of a JWT.
pub fn is_jwt(secret: &Secret) -> bool {
    claims(secret.expose().trim()).is_some()
}

/// Whose token it is, as its claims say. From outside.
pub fn email(secret: &Secret) -> Option<String> {
    let email = claims(secret.expose().trim())?.email?;
    Some(email.chars().take(100).collect()).filter(|email: &String| !email.is_empty())
}

/// How long a JWT lives from when it was made; without that, from now.
pub fn life(secret: &Secret, now: Timestamp) -> Option<Duration> {
    let claims = claims(secret.expose().trim())?;
    Duration::try_from_secs_f64(claims.exp? - claims.iat.unwrap_or(now.as_second() as f64)).ok()
}

/// How long a JWT still lives by the clock of this machine (which may be wrong).
pub fn left(secret: &Secret, now: Timestamp) -> Option<Duration> {
    Duration::try_from_secs_f64(claims(secret.expose().trim())?.exp? - now.as_second() as f64).ok()
}

/// When a JWT's life ended, if it has ended by the clock of this machine (which may be wrong).
pub fn expired(secret: &Secret, now: Timestamp) -> Option<Timestamp> {
    ends(secret).filter(|end| *end <= now)
}

/// When a JWT's life ends, by its own word.
pub fn ends(secret: &Secret) -> Option<Timestamp> {
    let seconds = claims(secret.expose().trim())?.exp?;
    Timestamp::from_second(seconds as i64).ok()
}

/// Whether an access token says that a second factor was given (its claim `aal`).
pub(super) fn is_second(secret: &Secret) -> bool {
    claims(secret.expose()).and_then(|claims| claims.aal).is_some_and(|level| level == "aal2")
}

/// The access token in what a person pasted: the text itself, or that of a browser's session (a JSON object). Of such a
/// one nothing else is taken: to use its refresh token would sign the browser out.
pub fn pasted(text: &Secret) -> Secret {
    #[derive(Deserialize)]
    struct Browser {
        access_token: String,
    }
    let bare = text.expose().trim();
    let token = serde_json::from_str::<Browser>(bare).map_or_else(|_| bare.to_owned(), |session| session.access_token);
    Secret::new(token)
}

/// Whether a key is of the newer kind that is no JWT: it goes into `apikey` alone.
pub(super) fn is_opaque(key: &str) -> bool {
    key.starts_with("sb_secret_") || key.starts_with("sb_publishable_")
}

fn claims(key: &str) -> Option<Claims> {
    let mut parts = key.split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    let json = BASE64_URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(claims: &str) -> Secret {
        Secret::new(format!("e30.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(claims)))
    }

    #[test]
    fn the_role_is_a_claim_or_a_prefix() {
        assert_eq!(role(&jwt(r#"{"role":"service_role","exp":1}"#)), Role::Service);
        assert_eq!(role(&jwt(r#"{"role":"anon"}"#)), Role::Anon);
        assert_eq!(role(&jwt(r#"{"role":"authenticated"}"#)), Role::Other("authenticated".into()));
        assert_eq!(role(&Secret::new("sb_secret_x".into())), Role::Service);
        assert_eq!(role(&Secret::new("sb_publishable_x\n".into())), Role::Anon);
        for odd in ["", "token", "a.b.c", "a.b.c.d", "..", "e30.e30"] {
            assert_eq!(role(&Secret::new(odd.into())), Role::Unknown, "{odd}");
        }
        assert_eq!(role(&jwt("{}")), Role::Unknown);
        assert_eq!(role(&jwt(r#"{"role":7}"#)), Role::Unknown);
    }

    #[test]
    fn what_is_at_the_wrong_door_is_named() {
        let (service, anon) = (jwt(r#"{"role":"service_role"}"#), jwt(r#"{"role":"anon"}"#));
        let said = |door, key: &Secret| misplaced(door, key).unwrap_or_default();
        assert!(said(Door::Gateway, &anon).contains("the anon key"));
        assert!(said(Door::Gateway, &jwt(r#"{"role":"authenticated"}"#)).contains("the role authenticated"));
        assert!(said(Door::ControlPlane, &Secret::new("sb_secret_x".into())).contains("not a platform token"));
        assert!(said(Door::Gateway, &Secret::new("sbp_x".into())).contains("is never sent to one"));
        for (door, key) in [(Door::Gateway, &service), (Door::Studio, &service), (Door::ControlPlane, &jwt("{}"))] {
            assert_eq!(misplaced(door, key), None);
        }
    }

    #[test]
    fn a_life_is_counted_from_its_beginning() {
        let now = Timestamp::from_second(1_500).unwrap();
        let token = jwt(r#"{"iat":1000,"exp":4600,"email":"ops@example.com"}"#);
        assert_eq!(life(&token, now), Some(Duration::from_secs(3_600)));
        assert_eq!(left(&token, now), Some(Duration::from_secs(3_100)));
        assert_eq!(life(&jwt(r#"{"exp":1600}"#), now), Some(Duration::from_secs(100)));
        assert_eq!(email(&token).as_deref(), Some("ops@example.com"));
        for odd in [r#"{"exp":1e300,"iat":0}"#, r#"{"exp":1,"iat":2}"#, "{}"] {
            assert_eq!(life(&jwt(odd), now), None, "{odd}");
        }
        assert_eq!((is_jwt(&token), is_jwt(&Secret::new("sbp_abc".into()))), (true, false));
    }

    #[test]
    fn of_a_pasted_session_the_access_token_alone_is_taken() {
        let taken = |text: &str| pasted(&Secret::new(text.into())).expose().to_owned();
        assert_eq!(taken(" e30.e30.c2ln\n"), "e30.e30.c2ln");
        assert_eq!(taken(r#"{"access_token":"a.b.c","refresh_token":"never","expires_at":1}"#), "a.b.c");
        assert_eq!(taken(r#"{"refresh_token":"never"}"#), r#"{"refresh_token":"never"}"#);
        assert!(is_second(&jwt(r#"{"aal":"aal2"}"#)) && !is_second(&jwt(r#"{"aal":"aal1"}"#)));
    }

    #[test]
    fn the_end_of_a_life_is_read() {
        let now = Timestamp::from_second(1_000).unwrap();
        assert_eq!(expired(&jwt(r#"{"exp":999}"#), now), Timestamp::from_second(999).ok());
        assert_eq!(expired(&jwt(r#"{"exp":1001}"#), now), None);
        assert_eq!(expired(&jwt(r#"{"exp":1e300}"#), now), None);
        assert_eq!(expired(&Secret::new("sb_secret_x".into()), now), None);
    }
}
