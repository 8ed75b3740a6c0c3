//! How many requests may be under way to one server, shared by all jobs: less after each 429, more again while all goes
//! well, and none while the server asks for a pause.

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::api::retry::LONGEST_ASKED;

/// The most requests at once.
pub(in crate::work) const MOST: usize = 16;
/// The first pause where the server names none; it doubles with each refusal that follows.
const FIRST: Duration = Duration::from_secs(1);
/// The longest pause of our own.
const LONGEST: Duration = Duration::from_secs(60);
/// After so many good answers one request more may be under way.
const GOOD: usize = 8;

/// The budget of one server.
pub(in crate::work) struct Budget {
    state: Mutex<State>,
    changed: Notify,
}

struct State {
    limit: usize,
    under_way: usize,
    good: usize,
    refusals: u32,
    /// Nothing is sent before this moment; how long the pause is as a whole.
    pause: Option<(Instant, Duration)>,
}

/// Allows one request; gives its place back when dropped.
pub(in crate::work) struct Permit(Arc<Budget>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.state().under_way -= 1;
        self.0.changed.notify_waiters();
    }
}

impl Budget {
    /// A budget that has seen no refusal.
    pub fn new() -> Self {
        let state = State { limit: MOST, under_way: 0, good: 0, refusals: 0, pause: None };
        Self { state: Mutex::new(state), changed: Notify::new() }
    }

    /// Waits for a place.
    pub async fn acquire(self: &Arc<Self>) -> Permit {
        loop {
            // Created before the look, so that no change in between is missed.
            let changed = self.changed.notified();
            let until = {
                let mut state = self.state();
                let now = Instant::now();
                state.pause = state.pause.filter(|(until, _)| *until > now);
                if state.pause.is_none() && state.under_way < state.limit {
                    state.under_way += 1;
                    return Permit(self.clone());
                }
                state.pause.map(|(until, _)| until)
            };
            match until {
                Some(until) => tokio::select! {
                    () = tokio::time::sleep_until(until) => {}
                    () = changed => {}
                },
                None => changed.await,
            }
        }
    }

    /// The server refused: fewer at once, and none before the pause it asks for is over.
    pub fn hold(&self, asked: Option<Duration>) {
        let now = Instant::now();
        let mut state = self.state();
        // Refusals of requests that were under way together count once.
        let first = state.pause.is_none_or(|(until, _)| until <= now);
        if first {
            state.limit = (state.under_way / 2).max(1);
            state.good = 0;
            state.refusals += 1;
        }
        let ours = FIRST.saturating_mul(1_u32.checked_shl(state.refusals - 1).unwrap_or(u32::MAX)).min(LONGEST);
        let pause = asked.map_or(ours, |asked| asked.min(LONGEST_ASKED));
        if state.pause.is_none_or(|(until, _)| until < now + pause) {
            state.pause = Some((now + pause, pause));
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// The server took one.
    pub fn thank(&self) {
        let mut state = self.state();
        state.refusals = 0;
        state.good += 1;
        if state.good >= GOOD && state.limit < MOST {
            state.good = 0;
            state.limit += 1;
            drop(state);
            self.changed.notify_waiters();
        }
    }

    /// The length of the pause that is being kept.
    pub fn held(&self) -> Option<Duration> {
        self.state().pause.filter(|(until, _)| *until > Instant::now()).map(|(_, pause)| pause)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
