//! The connection's effects: credentials, signing in and out, and the door that a person agreed to.

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use tokio::task::spawn_blocking;

use super::Effects;
use super::projects::Opened;
use crate::api::client::Client;
use crate::api::error::{ApiError, Kind};
use crate::api::projects::Lister;
use crate::api::renew::Given;
use crate::api::route::{Door, Route};
use crate::api::session::Step as Come;
use crate::app::cx::Ticket;
use crate::app::msg::Body as Root;
use crate::app::session::{Body, Effect, Step};
use crate::local::state::Store;

use crate::secret::Secret;

/// Begins an effect; what takes no time is done at once, and the answer only says so.
pub(super) fn perform(effects: &mut Effects, ticket: Ticket, effect: Effect) {
    let (broken, work) = match effects.client.clone() {
        Some(client) => begun(effects, client, effect),
        None => done(),
    };
    effects.begin(ticket, broken, work.map(|body| (None, body)));
}

/// What the answer is where the work fails, and the work.
fn begun(effects: &Effects, client: Client, effect: Effect) -> (Root, BoxFuture<'static, Root>) {
    let step = |result| Root::Session(Body::Step(result));
    let session = effects.here.as_ref().and_then(|here| here.session.clone());
    let lister = effects.here.as_ref().and_then(|here| here.lister.clone());
    match (effect, session) {
        (Effect::Credential(door, secret), _) => set(&client, lister.as_ref(), door, secret),
        (Effect::Unlock, _) => client.unlock(),
        (Effect::ForgetMissing, _) => client.forget_missing(),
        (Effect::SignIn { email, password }, Some(session)) => {
            let work = async move {
                let come = session.sign_in(&email, &password).await;
                step(come.map(|come| taken(&client, lister.as_ref(), come)))
            };
            return (step(Err(failed())), work.boxed());
        }
        (Effect::Code { factor, code }, Some(session)) => {
            let work = async move {
                let given = session.verify(&factor, &code).await;
                step(given.map(|given| taken(&client, lister.as_ref(), Come::SignedIn(given))))
            };
            return (step(Err(failed())), work.boxed());
        }
        (Effect::Challenge(factor), Some(session)) => {
            let work = async move {
                session.challenge(&factor).await.map_or_else(|error| step(Err(error)), |()| Root::Nothing)
            };
            return (step(Err(failed())), work.boxed());
        }
        (Effect::SignOut, Some(session)) => {
            let profile = effects.here.as_ref().and_then(|here| here.profile.as_deref());
            let leave = effects.projects.letting_go(profile);
            let work = async move { Root::Session(Body::SignedOut(session.sign_out(leave).await.map(|_| ()))) };
            return (Root::Session(Body::SignedOut(Err(failed()))), work.boxed());
        }
        (Effect::GiveUp, Some(session)) => {
            return (Root::Nothing, session.give_up().map(|()| Root::Nothing).boxed());
        }
        (Effect::GiveUp, None) => {}
        (Effect::SignIn { .. } | Effect::Code { .. } | Effect::Challenge(_), None) => {
            return (Root::Nothing, ready(step(Err(failed()))).boxed());
        }
        (Effect::SignOut, None) => {
            return (Root::Nothing, ready(Root::Session(Body::SignedOut(Err(failed())))).boxed());
        }
        (Effect::Keys(yes), _) => {
            let (here, store) = (effects.here.clone(), effects.projects.inputs.store.clone());
            return (Root::Nothing, async move { keys(&client, here, store, yes).await }.boxed());
        }
    }
    done()
}

fn done() -> (Root, BoxFuture<'static, Root>) {
    (Root::Nothing, ready(Root::Nothing).boxed())
}

/// Gives a door another credential; what lists its platform's projects asks with it too.
fn set(client: &Client, lister: Option<&Lister>, door: Door, secret: Secret) {
    if let Some(lister) = lister {
        lister.told(door, &secret);
    }
    client.set_credential(door, secret);
}

/// What a step of signing in came to; at its end the client uses what was given.
fn taken(client: &Client, lister: Option<&Lister>, come: Come) -> Step {
    match come {
        Come::SignedIn(Given { secret, lives, who, .. }) => {
            set(client, lister, Door::ControlPlane, secret);
            Step::Done { who, lives }
        }
        Come::NeedsCode(factors) => Step::NeedsCode(factors),
    }
}

/// Remembers the answer to the question about Studio's key, and after a yes adds the door.
async fn keys(client: &Client, here: Option<Opened>, store: Option<Store>, yes: bool) -> Root {
    let Some(Opened { profile, offered, .. }) = here else { return Root::Nothing };
    if let (Some(store), Some(profile)) = (store, profile) {
        // What is not remembered is asked once more.
        let _ = spawn_blocking(move || store.agree(&profile, yes)).await;
    }
    let Some(door) = offered.filter(|_| yes) else { return Root::Nothing };
    client.add_door(door);
    Root::Session(Body::Keys(client.offers()))
}

/// What is said where the program itself fails.
fn failed() -> ApiError {
    ApiError::of(Kind::BadAnswer, Route::SignIn, "The program failed while it signed in.")
}
