//! How a job goes on: its totals as plain data, the rate behind its ETA, and the events of its items. Pure: who reads
//! the clock passes the time in.

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::outcome::{Counts, ItemState, JobId};
use crate::api::error::ApiError;
use crate::api::meta::Meta;

/// Over how long the rate is smoothed.
const SMOOTH: f64 = 3.0;
/// No rate is told before this much time has been measured.
const SETTLED: Duration = Duration::from_millis(500);
/// Bytes that have not moved for so long stand still.
const STILL: Duration = Duration::from_secs(1);
/// The most that is kept of the raw answer to a request of a job, in bytes.
const RAW: usize = 8 << 10;

/// A job at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// Items by state.
    pub counts: Counts,
    /// Bytes handed to the connections, those of items that failed later included.
    pub sent: u64,
    /// Bytes that the server holds, and those sent of items under way.
    pub stored: u64,
    /// Bytes of all items that are to be sent.
    pub bytes: u64,
    /// Since the job began; stands still when it has ended.
    pub elapsed: Duration,
    /// Bytes a second, smoothed; `None` until there is one, and once nothing is being sent.
    pub rate: Option<f64>,
    /// How long it will take at this rate.
    pub eta: Option<Duration>,
    /// Everything under way is sent whole and waits for the server.
    pub waiting_for_server: bool,
    /// The server asked for a pause: how long it was to be when it began.
    pub held: Option<Duration>,
    /// How many items may be under way at once.
    pub parallel: usize,
    /// Whether nothing follows.
    pub ended: bool,
}

impl Totals {
    /// Stored so far, in thousandths, for a bar; never all of them where an item has failed.
    pub fn permille(&self) -> u16 {
        let (part, whole) = match self.bytes {
            0 => (self.counts.finished(), self.counts.all()),
            bytes => (self.stored, bytes),
        };
        let most = if self.counts.failed() > 0 { 999 } else { 1000 };
        let permille = u128::from(part) * 1000 / u128::from(whole.max(1));
        permille.min(most) as u16
    }
}

/// One request of an item as it was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// What it took.
    pub meta: Meta,
    /// The failure, with no more than 8 KiB of the raw answer.
    pub error: Option<Box<ApiError>>,
}

impl Asked {
    /// From what the client gave back.
    pub fn new(meta: &Meta, error: Option<&ApiError>) -> Self {
        let error = error.map(|error| {
            let raw = error.raw.as_deref().map(|raw| match raw.len() {
                0..=RAW => raw.to_owned(),
                all => {
                    let end = (0..=RAW).rev().find(|&at| raw.is_char_boundary(at)).unwrap_or_default();
                    format!("{}… cut: {all} bytes", raw.get(..end).unwrap_or_default())
                }
            });
            Box::new(ApiError { raw, ..error.clone() })
        });
        Self { meta: meta.clone(), error }
    }
}

/// An item went into another state, or one of its requests was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemEvent {
    /// Which job.
    pub job: JobId,
    /// The item's position in the plan.
    pub index: usize,
    /// Its new state.
    pub state: ItemState,
    /// Its requests that were answered since its last event, in their order.
    pub asked: Vec<Asked>,
}

/// Measures bytes a second, smoothed exponentially.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    since: Option<(Duration, u64)>,
    /// When a byte was last seen to have moved.
    moved: Duration,
    measured: Duration,
    rate: f64,
}

impl Meter {
    /// Notes how many bytes were sent up to a moment; both only grow.
    pub fn note(&mut self, at: Duration, sent: u64) {
        let Some((before, had)) = self.since.replace((at, sent)) else { return };
        let span = at.saturating_sub(before);
        if span.is_zero() {
            self.since = Some((before, had));
            return;
        }
        if sent > had {
            self.moved = at;
        }
        let now = sent.saturating_sub(had) as f64 / span.as_secs_f64();
        // The first measurements count in full, later ones by their share of the smoothing time.
        self.measured += span;
        let weight = 1.0 - (-span.as_secs_f64() / SMOOTH.min(self.measured.as_secs_f64())).exp();
        let weight = if self.measured == span { 1.0 } else { weight };
        self.rate += (now - self.rate) * weight;
    }

    /// Whether no byte has moved for a while.
    pub fn is_still(&self) -> bool {
        self.since.is_none_or(|(at, _)| at.saturating_sub(self.moved) >= STILL)
    }

    /// Bytes a second, once there is something to tell.
    pub fn rate(&self) -> Option<f64> {
        (self.measured >= SETTLED && self.rate >= 1.0).then_some(self.rate)
    }

    /// How long the rest takes at this rate.
    pub fn eta(&self, left: u64) -> Option<Duration> {
        let seconds = left as f64 / self.rate()?;
        Duration::try_from_secs_f64(seconds.ceil()).ok()
    }
}
