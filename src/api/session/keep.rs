//! Where a session is kept between runs, as far as the client knows of it: something that is locked, read and written.

use std::fmt::Debug;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::secret::Secret;

/// A session as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The access token.
    pub access: Secret,
    /// The refresh token: used once.
    pub refresh: Secret,
    /// When the answer with both came, by this machine's clock.
    pub received: Timestamp,
    /// How long the access token lives from then on.
    pub lives: Duration,
    /// Who is signed in. From outside.
    pub who: String,
}

impl Kept {
    /// How long the access token goes on living: not at all where the clock was set back behind its receipt, for then
    /// nobody can tell.
    pub fn left(&self, now: Timestamp) -> Duration {
        let age = now.duration_since(self.received);
        if age < SignedDuration::ZERO {
            return Duration::ZERO;
        }
        self.lives.saturating_sub(age.unsigned_abs())
    }

    /// Whether the access token is about to end: it has less than 30 s left, or a tenth of a shorter life.
    pub fn nears_end(&self, now: Timestamp) -> bool {
        self.left(now) <= Duration::from_secs(30).min(self.lives / 10)
    }
}

/// A place for one session that programs share.
pub trait Keep: Debug + Send + Sync {
    /// Waits until nobody else holds it, and holds it. It may block, for no longer than half a minute.
    ///
    /// # Errors
    /// A sentence without its end.
    fn lock(&self) -> Result<Box<dyn Held>, String>;
}

/// The place while it is held: nobody else reads to refresh, or writes. Dropped, it is free.
pub trait Held: Send {
    /// What is kept.
    ///
    /// # Errors
    /// A sentence without its end.
    fn read(&self) -> Result<Option<Kept>, String>;

    /// Keeps this instead, for good once it returns.
    ///
    /// # Errors
    /// A sentence without its end; what was kept still is.
    fn write(&mut self, kept: &Kept) -> Result<(), String>;

    /// Keeps nothing.
    ///
    /// # Errors
    /// A sentence without its end.
    fn clear(&mut self) -> Result<(), String>;
}
