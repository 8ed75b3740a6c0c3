//! Credentials that can be had again: from a session that is refreshed, a command that is run once more, or a server
//! that gives a project's key. Here stands only what the client asks of them; each source is written elsewhere.

use std::fmt::Debug;
use std::pin::Pin;
use std::time::Duration;

use url::Url;

use super::error::ApiError;
use super::meta::Meta;
use super::route::Door;
use crate::secret::Secret;

/// A credential as it was received.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Given {
    /// The credential.
    pub secret: Secret,
    /// How long it lives from its receipt on, where the source says so; else a JWT's own claims tell.
    pub lives: Option<Duration>,
    /// Where its door's server is, where the source knows better than the configuration.
    pub base: Option<Url>,
    /// Who is signed in with it.
    pub who: Option<String>,
    /// Whether it lay ready, as a stored session does, and was not made for this: where it is refused, another one may
    /// be had at once.
    pub stored: bool,
}

/// Why there is no other credential.
#[derive(Clone, Debug, PartialEq)]
pub enum NotGiven {
    /// A person has to sign in, or to give another one. The reason, as the middle of a sentence.
    SignIn(String),
    /// The source does not give any to this project: the door stays shut. The reason, as the middle of a sentence.
    NoDoor(String),
    /// It failed for now; the same may go well later.
    Failed(Box<ApiError>),
}

/// Told of each request that a source sends for a project's key, once it has ended.
pub type Note = dyn Fn(&Meta, Option<&ApiError>) + Send + Sync;

/// Tells nobody.
pub fn unnoted(_: &Meta, _: Option<&ApiError>) {}

/// What [`Renew::renew`] comes to.
pub type Renewal<'a> = Pin<Box<dyn Future<Output = Result<Given, NotGiven>> + Send + 'a>>;

/// Where a door's credential comes from, as often as it is needed.
pub trait Renew: Debug + Send + Sync {
    /// Gives a credential other than `old`, the one that was refused or nears its end; without one, whatever is at hand.
    /// The client asks one at a time for each door; other processes may do the same at that moment.
    fn renew<'a>(&'a self, old: Option<&'a Secret>, note: &'a Note) -> Renewal<'a>;

    /// Whether it is a session: where it gives nothing any more a person signs in.
    fn signs_in(&self) -> bool {
        false
    }

    /// A person gave another credential at a door, or took it away (an empty one): a source that asks with that door's
    /// credential asks with this one from now on.
    fn told(&self, _door: Door, _secret: &Secret) {}
}
