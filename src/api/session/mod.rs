//! Signing in to a control plane at its own GoTrue, and staying signed in: a password, a second factor where the account
//! has one, refresh tokens that are used once, by whichever program comes first.
//!
//! The session itself lies in a [`Keep`], which several programs share: whoever holds it refreshes, the others find what
//! it stored. Nothing is used before it is stored.

mod keep;
mod wire;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

use super::client::encode;
use super::credential::is_second;
use super::error::{ApiError, Kind};
use super::meta::Meta;
use super::model::Factor;
use super::renew::{Given, NotGiven, Note, Renew, Renewal};
use super::reply::Reply;
use crate::secret::Secret;

pub use keep::{Held, Keep, Kept};
use wire::{Call, Wire};

/// How long a person's request may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the end of a half sign-in may take: nobody asked for it.
const LEAVING: Duration = Duration::from_secs(3);
/// How long one try of a refresh may take: two of them fit into the time that others wait for the lock.
const REFRESH: Duration = Duration::from_secs(12);

/// What the server says of a refresh token or session that is over.
const OVER: [&str; 8] = [
    "refresh_token_already_used",
    "refresh_token_not_found",
    "session_not_found",
    "session_expired",
    "user_banned",
    "user_not_found",
    "invalid_grant",
    // The token has not even a token's form.
    "validation_failed",
];

/// Whose turn it is to hold the store, within this program.
type Turn<'a> = tokio::sync::MutexGuard<'a, ()>;

/// What a password comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Signed in, and stored.
    SignedIn(Given),
    /// One of these must be answered with a code, by [`Session::verify`]. None of them takes one where another way of
    /// signing in is needed.
    NeedsCode(Vec<Factor>),
}

/// Who is signed in, by the server's word.
#[derive(Clone, Debug, PartialEq)]
pub struct Who {
    /// The email, else the phone, else the id. From outside.
    pub name: String,
    /// The id. From outside.
    pub id: String,
    /// The server's `role`, `authenticated` as a rule. From outside.
    pub role: String,
    /// How long the access token goes on living, where that is known.
    pub left: Option<Duration>,
}

/// One account at one server. A copy is the same session.
#[derive(Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

struct Inner {
    wire: Wire,
    keep: Arc<dyn Keep>,
    /// Signed in with the password alone, in memory only.
    half: Mutex<Option<Half>>,
    /// One at a time waits for the lock.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Clone)]
struct Half {
    access: Secret,
    who: String,
    /// The factor that was challenged, and the challenge.
    challenge: Option<(String, String)>,
}

impl Session {
    /// A session at the GoTrue with this address (`https://app.powabase.ai/auth/v1`), with the platform's anon key where
    /// a gateway wants one, and further CA certificates (PEM). Nothing is read or sent yet.
    pub fn new(auth: Url, anon_key: Option<Secret>, keep: Arc<dyn Keep>, ca: Option<Vec<u8>>) -> Self {
        let wire = Wire::new(auth, anon_key, ca);
        Self { inner: Arc::new(Inner { wire, keep, half: Mutex::default(), turn: tokio::sync::Mutex::default() }) }
    }

    /// Each request from now on is told of, once it has ended: to the first who wants to know.
    pub fn noting(&self, note: impl Fn(&Meta, Option<&ApiError>) + Send + Sync + 'static) {
        let _ = self.inner.wire.note.set(Box::new(note));
    }

    /// Where one signs in.
    pub fn auth(&self) -> &Url {
        &self.inner.wire.auth
    }

    /// Its host, with the port where that is not the scheme's own.
    pub fn host(&self) -> String {
        self.inner.wire.host()
    }

    /// Signs in with a password. An account with a second factor is half signed in by it: in memory, until
    /// [`Session::verify`].
    ///
    /// # Errors
    /// A captcha in the way is one that [`ApiError::wants_captcha`].
    pub async fn sign_in(&self, email: &str, password: &Secret) -> Result<Step, ApiError> {
        let given_up = self.give_up();
        let body = json!({"email": email, "password": password.expose()});
        let asked = self.post("/token?grant_type=password", None, body, password);
        let ((), reply) = tokio::join!(given_up, asked);
        let (kept, factors) = self.inner.wire.tokens(&reply?, email)?;
        if factors.is_empty() || is_second(&kept.access) {
            return self.store(kept).await.map(Step::SignedIn);
        }
        *self.half() = Some(Half { access: kept.access, who: kept.who, challenge: None });
        Ok(Step::NeedsCode(factors))
    }

    /// Asks for a code: a phone gets it sent; an app shows one at any time, so that this may be left out.
    pub async fn challenge(&self, factor: &str) -> Result<(), ApiError> {
        let access = self.half_signed_in()?.access;
        let path = format!("/factors/{}/challenge", encode(factor));
        let reply = self.post(&path, Some(&access), json!({}), &Secret::default()).await?;
        let answer: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        let Some(id) = answer.get("id").and_then(Value::as_str) else {
            return Err(self.inner.wire.error(Kind::BadAnswer, "it names no challenge"));
        };
        if let Some(half) = self.half().as_mut() {
            half.challenge = Some((factor.to_owned(), id.to_owned()));
        }
        Ok(())
    }

    /// Completes a sign-in with the code of a factor; the session is stored. After a wrong code another one may be given.
    pub async fn verify(&self, factor: &str, code: &Secret) -> Result<Given, ApiError> {
        let challenged = |half: &Half| half.challenge.clone().filter(|(of, _)| of == factor);
        if challenged(&self.half_signed_in()?).is_none() {
            self.challenge(factor).await?;
        }
        let half = self.half_signed_in()?;
        let challenge = challenged(&half).map(|(_, id)| id).unwrap_or_default();
        let path = format!("/factors/{}/verify", encode(factor));
        let body = json!({"challenge_id": challenge, "code": code.expose().trim()});
        match self.post(&path, Some(&half.access), body, code).await {
            Ok(reply) => {
                let (kept, _) = self.inner.wire.tokens(&reply, &half.who)?;
                let given = self.store(kept).await?;
                // It is the same session, and a whole one now.
                *self.half() = None;
                Ok(given)
            }
            Err(error) => {
                if error.code.as_deref() != Some("mfa_verification_failed")
                    && let Some(half) = self.half().as_mut()
                {
                    half.challenge = None;
                }
                Err(error)
            }
        }
    }

    /// Gives up a sign-in that waits for its code: it is forgotten at once, and ended at the server by what comes back,
    /// for which nobody has to wait longer than 3 s. One that the server is not told of ends by itself.
    pub fn give_up(&self) -> impl Future<Output = ()> + Send + use<> {
        let (session, half) = (self.clone(), self.half().take());
        async move {
            if let Some(half) = half {
                let _ = session.end(&half.access, LEAVING).await;
            }
        }
    }

    /// Ends the session here, and then at the server for this session alone; whether one was stored. What is stored is
    /// gone even where the server could not be told. Before it is told `leave` is called, once: whoever holds the session
    /// lets go of it there, and whoever signs in again meanwhile keeps the new one.
    pub async fn sign_out(&self, leave: impl FnOnce()) -> Result<bool, ApiError> {
        let ((), ended) = tokio::join!(self.give_up(), self.end_kept(leave));
        ended
    }

    async fn end_kept(&self, leave: impl FnOnce()) -> Result<bool, ApiError> {
        let held = self.hold().await;
        // While it is held nobody renews it.
        leave();
        let (turn, held, kept) = held.map_err(|said| self.own(said))?;
        let cleared = blocking(held, |held| held.clear()).await;
        let kept = kept.map_err(|said| self.own(said));
        let (held, cleared) = cleared.map_err(|said| self.own(said))?;
        cleared.map_err(|said| self.own(said))?;
        let Some(mut kept) = kept? else { return Ok(false) };
        // Only a living token ends its session.
        if kept.nears_end(Timestamp::now()) {
            match self.refreshed(&kept).await {
                Ok(newer) => kept = newer,
                Err(error) if is_over(&error) => return Ok(true),
                Err(error) => return Err(error),
            }
        }
        drop((held, turn));
        match self.end(&kept.access, PATIENCE).await {
            Err(error) if !is_over(&error) => Err(error),
            _ => Ok(true),
        }
    }

    /// Ends the session of this token at the server, and no other one of the account.
    async fn end(&self, access: &Secret, patience: Duration) -> Result<Reply, ApiError> {
        let call = Call { path: "/logout?scope=local", bearer: Some(access), post: true, ..within(patience) };
        self.inner.wire.call(call).await
    }

    /// Who is signed in, by the server's word; the session is refreshed where it has to be.
    pub async fn whoami(&self) -> Result<Who, NotGiven> {
        let failed = |error| NotGiven::Failed(Box::new(error));
        let given = self.renewed(None).await?;
        match self.who_has(&given.secret).await {
            Ok(who) => Ok(Who { left: given.lives, ..who }),
            Err(error) if error.kind == Kind::NotSignedIn => {
                let given = self.renewed(Some(&given.secret)).await?;
                let who = self.who_has(&given.secret).await.map_err(failed)?;
                Ok(Who { left: given.lives, ..who })
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Whose this access token is, by the server's word.
    pub async fn who_has(&self, access: &Secret) -> Result<Who, ApiError> {
        let reply = self.inner.wire.call(Call { path: "/user", bearer: Some(access), ..within(PATIENCE) }).await?;
        let user: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        let text = |name: &str| user.get(name).and_then(Value::as_str).unwrap_or_default().chars().take(200).collect();
        let name = wire::who(&user).ok_or_else(|| self.inner.wire.error(Kind::BadAnswer, "it names no user"))?;
        Ok(Who { name, id: text("id"), role: text("role"), left: None })
    }

    /// Another session than `old`.
    async fn renewed(&self, old: Option<&Secret>) -> Result<Given, NotGiven> {
        let (session, old) = (self.clone(), old.cloned());
        // In a task of its own: whoever gives up waiting does not cut a refresh between answer and store.
        let task = tokio::spawn(async move { session.another(old.as_ref()).await });
        task.await.unwrap_or_else(|_| {
            Err(NotGiven::Failed(Box::new(self.own("the session was not refreshed: the program ends".into()))))
        })
    }

    /// The stored session other than `old`, where it lives; else a new one, had with its refresh token.
    async fn another(&self, old: Option<&Secret>) -> Result<Given, NotGiven> {
        let failed = |error| NotGiven::Failed(Box::new(error));
        let (_turn, held, kept) = self.hold().await.map_err(|said| failed(self.own(said)))?;
        let Some(kept) = kept.map_err(|said| failed(self.own(said)))? else {
            return Err(NotGiven::SignIn(format!("nobody is signed in at {}", self.host())));
        };
        if old.is_none_or(|old| *old != kept.access) && !kept.nears_end(Timestamp::now()) {
            return Ok(Given { stored: true, ..given(&kept) });
        }
        match self.refreshed(&kept).await {
            Ok(newer) => {
                let given = given(&newer);
                let (_held, stored) =
                    blocking(held, move |held| held.write(&newer)).await.map_err(|said| failed(self.own(said)))?;
                stored.map_err(|said| failed(self.own(said)))?;
                Ok(given)
            }
            Err(error) if is_over(&error) => {
                // One that cannot be taken away is refused again the next time.
                let _ = blocking(held, |held| held.clear()).await;
                Err(NotGiven::SignIn(format!("the session at {} has ended ({})", self.host(), error.said)))
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// A new pair for the refresh token. Where the answer is lost the same one is tried once more: the server forgives
    /// the last one used.
    async fn refreshed(&self, kept: &Kept) -> Result<Kept, ApiError> {
        let refresh = || {
            let body = json!({"refresh_token": kept.refresh.expose()});
            let path = "/token?grant_type=refresh_token";
            let call = Call { path, body: Some(body), post: true, secret: kept.refresh.clone(), ..within(REFRESH) };
            self.inner.wire.call(call)
        };
        let reply = match refresh().await {
            Err(error) if error.kind == Kind::Lost => refresh().await?,
            answered => answered?,
        };
        let (newer, _) = self.inner.wire.tokens(&reply, &kept.who)?;
        Ok(newer)
    }

    /// Stores a session that a person signed in to.
    async fn store(&self, kept: Kept) -> Result<Given, ApiError> {
        let given = given(&kept);
        let (_turn, held, _) = self.hold().await.map_err(|said| self.own(said))?;
        let (_held, stored) = blocking(held, move |held| held.write(&kept)).await.map_err(|said| self.own(said))?;
        stored.map_err(|said| self.own(said))?;
        Ok(given)
    }

    /// Holds the store, and reads it: in this program in the order in which that was asked for.
    async fn hold(&self) -> Result<(Turn<'_>, Box<dyn Held>, Result<Option<Kept>, String>), String> {
        let turn = self.inner.turn.lock().await;
        let keep = self.inner.keep.clone();
        let held = tokio::task::spawn_blocking(move || {
            let held = keep.lock()?;
            let kept = held.read();
            Ok((held, kept))
        });
        let held = held.await.unwrap_or_else(|_| Err("the stored session could not be read: the program ends".into()));
        held.map(|(held, kept)| (turn, held, kept))
    }

    async fn post(&self, path: &str, bearer: Option<&Secret>, body: Value, secret: &Secret) -> Result<Reply, ApiError> {
        let call = Call { path, bearer, body: Some(body), post: true, secret: secret.clone(), ..within(PATIENCE) };
        self.inner.wire.call(call).await
    }

    fn half(&self) -> MutexGuard<'_, Option<Half>> {
        self.inner.half.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn half_signed_in(&self) -> Result<Half, ApiError> {
        let half = self.half().clone();
        half.ok_or_else(|| self.inner.wire.error(Kind::NotSignedIn, "the password comes before the code"))
    }

    /// What went wrong on this machine.
    fn own(&self, said: String) -> ApiError {
        ApiError { unsent: true, ..self.inner.wire.error(Kind::LocalFile, said) }
    }
}

impl Renew for Session {
    fn renew<'a>(&'a self, old: Option<&'a Secret>, _: &'a Note) -> Renewal<'a> {
        Box::pin(self.renewed(old))
    }

    fn signs_in(&self) -> bool {
        true
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("auth", &self.auth().as_str())
            .field("keep", &self.inner.keep)
            .finish_non_exhaustive()
    }
}

/// A request that may take so long.
fn within(patience: Duration) -> Call<'static> {
    Call { within: patience, ..Call::default() }
}

fn given(kept: &Kept) -> Given {
    let lives = Some(kept.left(Timestamp::now()));
    Given { secret: kept.access.clone(), lives, base: None, who: Some(kept.who.clone()), stored: false }
}

/// Whether the server says that the session is over, as opposed to failing, or to a gateway that wants another key.
fn is_over(error: &ApiError) -> bool {
    let refused = matches!(error.status, Some(400..=404 | 422));
    let said = error.said.to_ascii_lowercase().contains("invalid refresh token");
    refused && (said || error.code.as_deref().is_some_and(|code| OVER.contains(&code)))
}

/// Does something with the store that may block.
async fn blocking<T: Send + 'static>(
    mut held: Box<dyn Held>,
    act: impl FnOnce(&mut dyn Held) -> T + Send + 'static,
) -> Result<(Box<dyn Held>, T), String> {
    let done = tokio::task::spawn_blocking(move || {
        let done = act(held.as_mut());
        (held, done)
    });
    done.await.map_err(|_| "the session was not stored: the program ends".into())
}
