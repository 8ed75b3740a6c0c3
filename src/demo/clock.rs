//! The demo's clock: the machine's, moved by as much as a test wants, so that nobody waits for a token to expire.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// The most seconds, a century, that it is moved by at once.
const FAR: i64 = 100 * 365 * 86_400;

/// One clock for the whole server; a clone shows the same time.
#[derive(Clone)]
pub(super) struct Clock(Arc<AtomicI64>);

impl Clock {
    /// Ahead of the machine's by these seconds; behind it where they are negative.
    pub(super) fn ahead(seconds: i64) -> Self {
        Self(Arc::new(AtomicI64::new(seconds.clamp(-FAR, FAR))))
    }

    /// Moves it further ahead.
    pub(super) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds.clamp(0, FAR), Ordering::Relaxed);
    }

    /// Seconds since 1970.
    pub(super) fn now(&self) -> i64 {
        Timestamp::now().as_second().saturating_add(self.0.load(Ordering::Relaxed))
    }

    /// The header `Date`, where it is not the one that every server tells.
    pub(super) fn date(&self) -> Option<String> {
        if self.0.load(Ordering::Relaxed) == 0 {
            return None;
        }
        Timestamp::from_second(self.now()).ok().map(|at| at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
    }
}
