//! The platform's own accounts and their sessions, by GoTrue's rules: passwords, a second factor, access tokens that
//! expire, refresh tokens that are used once. Each call is given the time, in seconds since 1970; no HTTP here.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::SignIn;
use super::auth::{random, signed};
use super::errors::AuthError;
use super::people::{Identity, Row, User, View};
use super::seed::id_of;

/// The account that can sign in.
pub const ACCOUNT: &str = "ops@example.com";
/// Accounts with the same password that are refused in other words.
const BANNED: &str = "banned@example.com";
const UNCONFIRMED: &str = "unconfirmed@example.com";

/// How long an older refresh token, or the current one of a dead family, is still taken.
const FORGIVEN_SECONDS: i64 = 10;
const CHALLENGE_SECONDS: i64 = 300;
/// The most that is kept, so that a long life stays small: sessions, refresh tokens of each, access tokens, challenges.
const KEPT: usize = 500;
const REFRESH_LEN: usize = 12;

/// How often refresh tokens were used.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct TokenCounts {
    /// The current one, once: what a well-behaved client does.
    pub refreshed: u32,
    /// One that was used before, and was taken all the same: the last used one, or an older one at once.
    pub forgiven: u32,
    /// One that was used before, and ended the session's refresh tokens.
    pub reused: u32,
}

/// What a sign-in, a second factor or a refresh is answered with.
pub(super) struct Grant {
    pub(super) access_token: String,
    pub(super) expires_in: i64,
    pub(super) expires_at: i64,
    pub(super) refresh_token: String,
    pub(super) user: Value,
    pub(super) user_id: Uuid,
    pub(super) session: Uuid,
    /// Whether the refresh token had been used before.
    pub(super) is_reuse: bool,
}

/// What an access token is worth.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is none of ours.
    Unknown,
    Expired,
    /// Its session is over.
    Ended,
    /// Of a session without the second factor that its account has.
    FirstFactorOnly(Uuid),
    /// Of this session.
    Good(Uuid),
}

struct Refresh {
    token: String,
    used_at: Option<i64>,
}

struct Session {
    id: Uuid,
    account: usize,
    /// The ways of proof, with their times.
    amr: Vec<(&'static str, i64)>,
    /// In order; the last is the current one.
    tokens: VecDeque<Refresh>,
    /// When a reuse ended the refresh tokens.
    dead_at: Option<i64>,
}

impl Session {
    fn renew(&mut self, now: i64) {
        if let Some(last) = self.tokens.back_mut() {
            last.used_at = Some(now);
        }
        push(&mut self.tokens, Refresh { token: refresh_token(), used_at: None });
    }

    fn is_second_level(&self) -> bool {
        self.amr.iter().any(|(method, _)| *method == "totp")
    }
}

struct Access {
    token: String,
    session: Uuid,
    expires_at: i64,
}

struct Challenge {
    id: Uuid,
    session: Uuid,
    expires_at: i64,
}

/// All accounts and sessions of the platform.
pub(super) struct Sessions {
    how: SignIn,
    accounts: Vec<User>,
    factor: Uuid,
    live: VecDeque<Session>,
    access: VecDeque<Access>,
    challenges: VecDeque<Challenge>,
    counts: TokenCounts,
}

impl Sessions {
    /// `base` is when the accounts were made, in microseconds.
    pub(super) fn new(how: SignIn, seed: u64, base: i64) -> Self {
        let accounts = [ACCOUNT, BANNED, UNCONFIRMED].iter().zip(0..).map(|(email, at)| account(email, seed, at, base));
        Self {
            how,
            accounts: accounts.collect(),
            factor: id_of(seed ^ 0xfac7, 1),
            live: VecDeque::new(),
            access: VecDeque::new(),
            challenges: VecDeque::new(),
            counts: TokenCounts::default(),
        }
    }

    pub(super) fn counts(&self) -> TokenCounts {
        self.counts
    }

    /// How many sessions there are.
    pub(super) fn count(&self) -> usize {
        self.live.len()
    }

    /// `grant_type=password`.
    pub(super) fn sign_in(&mut self, email: &str, password: &str, now: i64) -> Result<Grant, AuthError> {
        let refused = |code: &str, message: &str| Err(AuthError::new(400, code, message));
        let known = self.accounts.iter().position(|user| user.email == email.to_ascii_lowercase());
        let Some(account) = known.filter(|_| password == self.how.password) else {
            return refused("invalid_credentials", "Invalid login credentials");
        };
        match self.accounts.get_mut(account) {
            Some(user) if user.email == BANNED => return refused("user_banned", "User is banned"),
            Some(user) if user.email_confirmed_at.is_none() => {
                return refused("email_not_confirmed", "Email not confirmed");
            }
            Some(user) => user.last_sign_in_at = Timestamp::from_second(now).ok(),
            None => {}
        }
        let mut session =
            Session { id: new_id(), account, amr: vec![("password", now)], tokens: VecDeque::new(), dead_at: None };
        session.renew(now);
        let id = session.id;
        push(&mut self.live, session);
        self.grant(id, false, now)
    }

    /// `grant_type=refresh_token`.
    pub(super) fn refresh(&mut self, token: &str, now: i64) -> Result<Grant, AuthError> {
        let well_formed = token.len() == REFRESH_LEN && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !well_formed {
            return Err(AuthError::invalid("Refresh token is not valid"));
        }
        let found = self.live.iter_mut().find_map(|session| {
            let place = session.tokens.iter().position(|one| one.token == token)?;
            let used_at = session.tokens.get(place)?.used_at;
            Some((session, place, used_at))
        });
        let Some((session, place, used_at)) = found else {
            let message = "Invalid Refresh Token: Refresh Token Not Found";
            return Err(AuthError::new(400, "refresh_token_not_found", message));
        };
        let soon_after = |at: i64| now < at + FORGIVEN_SECONDS;
        let id = session.id;
        match (session.dead_at, used_at) {
            (None, None) => {
                session.renew(now);
                self.counts.refreshed += 1;
                self.grant(id, false, now)
            }
            (None, Some(at)) if place + 2 == session.tokens.len() || soon_after(at) => {
                self.counts.forgiven += 1;
                self.grant(id, true, now)
            }
            (Some(at), None) if soon_after(at) => self.grant(id, true, now),
            _ => {
                session.dead_at.get_or_insert(now);
                self.counts.reused += u32::from(used_at.is_some());
                let message = "Invalid Refresh Token: Already Used";
                Err(AuthError::new(400, "refresh_token_already_used", message))
            }
        }
    }

    /// A token's worth on the control plane.
    pub(super) fn standing(&self, token: &str, now: i64) -> Standing {
        let Some(access) = self.access.iter().find(|access| access.token == token) else { return Standing::Unknown };
        if access.expires_at <= now {
            return Standing::Expired;
        }
        match self.session(access.session) {
            None => Standing::Ended,
            Some(session) if self.how.totp.is_some() && !session.is_second_level() => {
                Standing::FirstFactorOnly(session.id)
            }
            Some(session) => Standing::Good(session.id),
        }
    }

    /// The account of a session, as GoTrue tells of it.
    pub(super) fn user(&self, session: Uuid) -> Option<Value> {
        let account = self.session(session)?.account;
        let user = self.accounts.get(account)?;
        let mut value = serde_json::to_value(Row::new(user.clone(), View::Single)).ok()?;
        if let Some(map) = value.as_object_mut().filter(|_| self.how.totp.is_some()) {
            let factor = json!({
                "id": self.factor,
                "friendly_name": "demo",
                "factor_type": "totp",
                "status": "verified",
                "created_at": user.created_at.to_string(),
                "updated_at": user.created_at.to_string(),
            });
            map.insert("factors".into(), json!([factor]));
        }
        Some(value)
    }

    /// A question for the code of the second factor: its id, and until when it can be answered.
    pub(super) fn challenge(&mut self, session: Uuid, factor: &str, now: i64) -> Result<(Uuid, i64), AuthError> {
        self.known_factor(factor)?;
        let challenge = Challenge { id: new_id(), session, expires_at: now + CHALLENGE_SECONDS };
        let told = (challenge.id, challenge.expires_at);
        push(&mut self.challenges, challenge);
        Ok(told)
    }

    /// The answer to it; the session rises to the second level and goes on with fresh tokens.
    pub(super) fn verify(
        &mut self,
        session: Uuid,
        factor: &str,
        challenge: &str,
        code: &str,
        now: i64,
    ) -> Result<Grant, AuthError> {
        self.known_factor(factor)?;
        let refused = |code: &str, message: &str| Err(AuthError::new(422, code, message));
        let asked = |one: &&Challenge| one.id.to_string() == challenge && one.session == session;
        let Some(expires_at) = self.challenges.iter().find(asked).map(|one| one.expires_at) else {
            return refused("mfa_factor_not_found", "MFA factor with the provided challenge ID not found");
        };
        if expires_at <= now {
            let message = format!(
                "MFA challenge {challenge} has expired, verify against another challenge or create a new challenge."
            );
            return refused("mfa_challenge_expired", &message);
        }
        if self.how.totp.as_deref() != Some(code) {
            return refused("mfa_verification_failed", "Invalid TOTP code entered");
        }
        self.challenges.retain(|one| one.id.to_string() != challenge);
        if let Some(session) = self.live.iter_mut().find(|one| one.id == session) {
            session.amr.push(("totp", now));
            session.renew(now);
        }
        self.grant(session, false, now)
    }

    fn known_factor(&self, factor: &str) -> Result<(), AuthError> {
        if self.how.totp.is_some() && self.factor.to_string() == factor {
            return Ok(());
        }
        Err(AuthError::new(404, "mfa_factor_not_found", "Factor not found"))
    }

    /// Ends sessions of this one's account: `global`, `local` or `others`.
    pub(super) fn sign_out(&mut self, session: Uuid, scope: &str) -> Result<(), AuthError> {
        let Some(account) = self.session(session).map(|session| session.account) else { return Ok(()) };
        match scope {
            "" | "global" => self.live.retain(|one| one.account != account),
            "local" => self.live.retain(|one| one.id != session),
            "others" => self.live.retain(|one| one.account != account || one.id == session),
            other => return Err(AuthError::invalid(&format!("Unsupported logout scope {other:?}"))),
        }
        Ok(())
    }

    /// Ends all, as a sign-out elsewhere does.
    pub(super) fn end_all(&mut self) {
        self.live.clear();
    }

    fn session(&self, id: Uuid) -> Option<&Session> {
        self.live.iter().find(|session| session.id == id)
    }

    /// A fresh access token, with the session's current refresh token.
    fn grant(&mut self, id: Uuid, is_reuse: bool, now: i64) -> Result<Grant, AuthError> {
        let gone = || AuthError::database("the session is gone");
        let session = self.session(id).ok_or_else(gone)?;
        let user = self.accounts.get(session.account).ok_or_else(gone)?;
        let refresh_token = session.tokens.back().ok_or_else(gone)?.token.clone();
        let expires_in = i64::try_from(self.how.token_life.as_secs()).unwrap_or(i64::MAX).clamp(1, 86_400 * 365);
        let expires_at = now + expires_in;
        let amr: Vec<Value> =
            session.amr.iter().rev().map(|(method, at)| json!({"method": method, "timestamp": at})).collect();
        let access_token = signed(&json!({
            "sub": user.id,
            "aud": user.aud,
            "role": user.role,
            "email": user.email,
            "phone": user.phone,
            "iat": now,
            "exp": expires_at,
            "session_id": id,
            "aal": if session.is_second_level() { "aal2" } else { "aal1" },
            "amr": amr,
            "app_metadata": user.app_metadata,
            "user_metadata": user.user_metadata,
            "is_anonymous": false,
        }));
        let (user_id, user) = (user.id, self.user(id).ok_or_else(gone)?);
        push(&mut self.access, Access { token: access_token.clone(), session: id, expires_at });
        Ok(Grant { access_token, expires_in, expires_at, refresh_token, user, user_id, session: id, is_reuse })
    }
}

fn account(email: &str, seed: u64, at: u64, base: i64) -> User {
    let created = super::seed::stamp(base - 90 * 86_400_000_000);
    let mut user = User::new(id_of(seed ^ 0x0b5, at), created);
    email.clone_into(&mut user.email);
    user.email_confirmed_at = (email != UNCONFIRMED).then_some(created);
    if let Some(map) = json!({"provider": "email", "providers": ["email"]}).as_object() {
        user.app_metadata.clone_from(map);
    }
    user.identities = vec![Identity::of(&user, "email", id_of(seed ^ 0x1d5, at))];
    user
}

fn push<T>(all: &mut VecDeque<T>, one: T) {
    if all.len() >= KEPT {
        all.pop_front();
    }
    all.push_back(one);
}

fn new_id() -> Uuid {
    uuid::Builder::from_random_bytes(random()).into_uuid()
}

fn refresh_token() -> String {
    let letters = b"abcdefghijklmnopqrstuvwxyz234567";
    let bytes: [u8; REFRESH_LEN] = random();
    bytes.iter().filter_map(|byte| letters.get(usize::from(byte % 32))).map(|letter| char::from(*letter)).collect()
}

#[cfg(test)]
mod tests;
