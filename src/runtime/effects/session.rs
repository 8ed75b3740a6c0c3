//! The connection's effects: credentials, signing in and out, and the door that a person agreed to.

use tokio::task::spawn_blocking;

use super::Effects;
use crate::api::client::Client;
use crate::api::error::{ApiError, Kind};
use crate::api::renew::Given;
use crate::api::route::{Door, Route};
use crate::api::session::{Session, Step as Come};
use crate::app::cx::Ticket;
use crate::app::msg::Body as Root;
use crate::app::session::{Body, Effect, Step};
use crate::secret::Secret;

/// Begins an effect; what takes no time is done at once, and the answer only says so.
pub(super) fn perform(effects: &mut Effects, ticket: Ticket, effect: Effect) {
    let Some(client) = effects.client.clone() else {
        effects.begin(ticket, Root::Nothing, async { (None, Root::Nothing) });
        return;
    };
    match effect {
        Effect::Credential(door, secret) => client.set_credential(door, secret),
        Effect::Unlock => client.unlock(),
        Effect::ForgetMissing => client.forget_missing(),
        Effect::SignIn { email, password } => {
            sign(effects, ticket, client, move |session| async move { session.sign_in(&email, &password).await });
            return;
        }
        Effect::Code { factor, code } => {
            sign(effects, ticket, client, move |session| async move {
                session.verify(&factor, &code).await.map(Come::SignedIn)
            });
            return;
        }
        Effect::Challenge(factor) => {
            let Some(session) = session(effects) else { return };
            effects.begin(ticket, Root::Nothing, async move {
                let body = match session.challenge(&factor).await {
                    Ok(()) => Root::Nothing,
                    Err(error) => Root::Session(Body::Step(Err(error))),
                };
                (None, body)
            });
            return;
        }
        Effect::SignOut => {
            let Some(session) = session(effects) else { return };
            effects.begin(ticket, Root::Session(Body::SignedOut(Err(broken()))), async move {
                let told = session.sign_out().await.map(|_| ());
                client.set_credential(Door::ControlPlane, Secret::default());
                (None, Root::Session(Body::SignedOut(told)))
            });
            return;
        }
        Effect::Keys(yes) => {
            let here = effects.here.clone();
            let store = effects.projects.store.clone();
            effects.begin(ticket, Root::Nothing, async move {
                let profile = here.as_ref().and_then(|here| here.profile.clone());
                if let (Some(store), Some(profile)) = (store, profile) {
                    // What is not remembered is asked once more.
                    let _ = spawn_blocking(move || store.agree(&profile, yes)).await;
                }
                let door = here.and_then(|here| here.offered).filter(|_| yes);
                let Some(door) = door else { return (None, Root::Nothing) };
                client.add_door(door);
                (None, Root::Session(Body::Keys(client.offers())))
            });
            return;
        }
    }
    effects.begin(ticket, Root::Nothing, async { (None, Root::Nothing) });
}

fn session(effects: &Effects) -> Option<Session> {
    effects.here.as_ref().and_then(|here| here.session.clone())
}

/// One step of signing in; at its end the client uses what was given.
fn sign<F>(effects: &Effects, ticket: Ticket, client: Client, step: impl FnOnce(Session) -> F + Send + 'static)
where
    F: Future<Output = Result<Come, ApiError>> + Send + 'static,
{
    let session = session(effects);
    effects.begin(ticket, Root::Session(Body::Step(Err(broken()))), async move {
        let come = match session {
            Some(session) => step(session).await,
            None => Err(broken()),
        };
        let come = come.map(|come| match come {
            Come::SignedIn(Given { secret, lives, who, .. }) => {
                client.set_credential(Door::ControlPlane, secret);
                Step::Done { who, lives }
            }
            Come::NeedsCode(factors) => Step::NeedsCode(factors),
        });
        (None, Root::Session(Body::Step(come)))
    });
}

/// What is said where the program itself fails.
fn broken() -> ApiError {
    ApiError::of(Kind::BadAnswer, Route::SignIn, "The program failed while it signed in.")
}
