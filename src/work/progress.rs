//! How a job goes on: its totals as plain data, the rate behind its ETA, and the events of its items. Pure: who reads
//! the clock passes the time in.

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::outcome::{Counts, ItemState, JobId};

/// Over how long the rate is smoothed.
const SMOOTH: f64 = 3.0;
/// No rate is told before this much time has been measured.
const SETTLED: Duration = Duration::from_millis(500);

/// A job at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// Items by state.
    pub counts: Counts,
    /// Bytes handed to the connections, those of items that failed later included.
    pub sent: u64,
    /// Bytes that need no more work: those sent, and those of items that ended in any way.
    pub settled: u64,
    /// Bytes of all items that are to be sent.
    pub bytes: u64,
    /// Since the job began; stands still when it has ended.
    pub elapsed: Duration,
    /// Bytes a second, smoothed; `None` until there is one.
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
    /// Done so far, in thousandths, for a bar.
    pub fn permille(&self) -> u16 {
        let (part, whole) = match self.bytes {
            0 => (self.counts.finished() + self.counts.failed(), self.counts.all()),
            bytes => (self.settled, bytes),
        };
        let permille = u128::from(part) * 1000 / u128::from(whole.max(1));
        permille.min(1000) as u16
    }
}

/// An item went into another state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemEvent {
    /// Which job.
    pub job: JobId,
    /// The item's position in the plan.
    pub index: usize,
    /// Its new state.
    pub state: ItemState,
}

/// Measures bytes a second, smoothed exponentially.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    since: Option<(Duration, u64)>,
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
        let now = sent.saturating_sub(had) as f64 / span.as_secs_f64();
        // The first measurements count in full, later ones by their share of the smoothing time.
        self.measured += span;
        let weight = 1.0 - (-span.as_secs_f64() / SMOOTH.min(self.measured.as_secs_f64())).exp();
        let weight = if self.measured == span { 1.0 } else { weight };
        self.rate += (now - self.rate) * weight;
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
