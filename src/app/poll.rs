//! When to ask the server again, and what its last answers say about it. One at a time, with jitter, slower while it
//! fails, never sooner than it asked for.

use std::time::Duration;

use jiff::Timestamp;
use rand_chacha::rand_core::Rng;

use super::cx::Cx;
use crate::api::error::ApiError;

/// Without the focus for so long, it is asked only once in [`AWAY_INTERVAL`].
const AWAY_AFTER: Duration = Duration::from_secs(600);
/// How often while nobody looks.
const AWAY_INTERVAL: Duration = Duration::from_secs(60);
/// So small a change of the latency is not shown.
const NO_NEWS: Duration = Duration::from_millis(5);
/// The longest pause between tries at a failing server.
const LONGEST: Duration = Duration::from_secs(120);

/// How one tab's data stands.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Health {
    /// When to ask next, in the loop's time.
    pub due: Duration,
    /// When an answer came last.
    pub good: Option<(Duration, Timestamp)>,
    /// The failure since then, and since when.
    pub bad: Option<Bad>,
    /// The server asked not to be asked by itself before this, in the loop's time.
    held: Duration,
    /// When it would have been this failing tab's turn, had nobody asked out of turn.
    turn: Option<Duration>,
}

impl Health {
    /// The next try is due now, out of turn: should it fail, the back-off is no longer for it.
    pub fn try_now(&mut self, at: Duration) {
        if self.bad.is_some() {
            self.turn.get_or_insert(self.due);
        }
        self.due = at;
    }

    /// As [`Health::try_now`], but never sooner than the server asked for.
    pub fn try_soon(&mut self, at: Duration) {
        self.try_now(at.max(self.held));
    }

    /// The server asks for a pause.
    pub fn hold(&mut self, wait: Duration, cx: &Cx) {
        self.held = self.held.max(cx.at.saturating_add(wait));
        self.due = self.due.max(self.held);
        if let Some(bad) = &mut self.bad {
            bad.next = bad.next.max(later(cx.now, wait));
        }
    }
}

/// A failing poll.
#[derive(Clone, Debug, PartialEq)]
pub struct Bad {
    /// Why.
    pub error: ApiError,
    /// Since when, in the loop's time.
    pub since: Duration,
    /// The time of day of the next try.
    pub next: Timestamp,
    /// How many tries failed.
    pub tries: u32,
}

/// Polling as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Poll {
    /// How often, in view and in focus.
    pub interval: Duration,
    /// Stopped by the person.
    pub paused: bool,
    /// Since when the terminal has been out of focus.
    pub unfocused: Option<Duration>,
    /// The latency shown: it moves only beyond ±30 %.
    pub latency: Option<Duration>,
    /// When anything went well last, whatever it was: reads, writes, bytes of a job. In the loop's time.
    pub heard: Option<Duration>,
    recent: [Duration; 5],
}

impl Poll {
    /// Every `interval`.
    pub fn new(interval: Duration) -> Self {
        Self {
            interval: interval.max(Duration::from_secs(1)),
            paused: false,
            unfocused: None,
            latency: None,
            heard: None,
            recent: [Duration::ZERO; 5],
        }
    }

    /// Whether nobody has looked for ten minutes.
    pub fn away(&self, at: Duration) -> bool {
        self.unfocused.is_some_and(|since| at.saturating_sub(since) >= AWAY_AFTER)
    }

    /// The time between two polls now.
    pub fn pace(&self, at: Duration) -> Duration {
        if self.away(at) { self.interval.max(AWAY_INTERVAL) } else { self.interval }
    }

    /// Takes a request's latency: the middle one of the last five counts, and a move of less than a third, or of a few
    /// milliseconds, is no news.
    pub fn took(&mut self, took: Duration) {
        self.recent.rotate_right(1);
        self.recent[0] = took;
        let mut sorted: Vec<Duration> = self.recent.iter().copied().filter(|took| !took.is_zero()).collect();
        sorted.sort_unstable();
        let Some(&middle) = sorted.get(sorted.len() / 2) else { return };
        let near = self.latency.is_some_and(|shown| {
            let away = shown.abs_diff(middle);
            away <= NO_NEWS || away.as_secs_f64() <= shown.as_secs_f64() * 0.3
        });
        if !near {
            self.latency = Some(middle);
        }
    }

    /// Notes a good answer and when to ask next.
    pub fn good(&self, health: &mut Health, cx: &mut Cx) {
        health.good = Some((cx.at, cx.now));
        (health.bad, health.turn) = (None, None);
        let pace = self.pace(cx.at);
        health.due = cx.at + jitter(pace, cx);
    }

    /// Notes a failure and when to try again.
    pub fn bad(&self, health: &mut Health, error: &ApiError, cx: &mut Cx) {
        let (since, tries) = health.bad.as_ref().map_or((cx.at, 0), |bad| (bad.since, bad.tries));
        let turn = health.turn.take();
        // A try out of turn is none of those that are counted: what was due before is due still.
        let counted = if turn.is_some() { tries.saturating_sub(1) } else { tries };
        let pace = self.pace(cx.at);
        let backoff = jitter(pace.saturating_mul(1 << counted.min(5)).min(LONGEST.max(pace)), cx);
        health.held = health.held.max(cx.at.saturating_add(error.retry_after.unwrap_or_default()));
        let due = turn.filter(|turn| *turn > cx.at).unwrap_or(cx.at.saturating_add(backoff));
        health.due = due.max(health.held);
        let next = later(cx.now, health.due.saturating_sub(cx.at));
        health.bad = Some(Bad { error: error.clone(), since, next, tries: counted.saturating_add(1) });
    }
}

/// A time of day after a wait; the end of time where it lies beyond.
fn later(now: Timestamp, wait: Duration) -> Timestamp {
    let wait = jiff::SignedDuration::try_from(wait).unwrap_or(jiff::SignedDuration::MAX);
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

/// A time within ±10 %, so that many programs do not ask in step.
fn jitter(time: Duration, cx: &mut Cx) -> Duration {
    time.mul_f64(0.9 + 0.2 * f64::from(cx.rng.next_u32()) / f64::from(u32::MAX))
}

/// How old data is, in the steps shown: nothing until two intervals, then 10 s, 30 s, 1 m, 2 m and doubling.
pub fn age_step(age: Duration, interval: Duration) -> Option<Duration> {
    if age <= interval * 2 {
        return None;
    }
    let seconds = age.as_secs();
    let step = match seconds {
        0..30 => 10,
        30..60 => 30,
        _ => 60 * (1_u64 << (seconds / 60).ilog2()),
    };
    Some(Duration::from_secs(step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_move_in_steps() {
        let five = Duration::from_secs(5);
        let step = |seconds| age_step(Duration::from_secs(seconds), five).map(|step| step.as_secs());
        assert_eq!(
            [8, 11, 29, 31, 61, 130, 250, 1000].map(step),
            [None, Some(10), Some(10), Some(30), Some(60), Some(120), Some(240), Some(960)]
        );
    }

    #[test]
    fn latency_moves_only_beyond_a_third_and_not_by_a_single_answer() {
        let mut poll = Poll::new(Duration::from_secs(5));
        for (took, shown) in [(40, 40), (50, 40), (53, 40), (400, 53), (400, 53), (400, 400), (2, 400)] {
            poll.took(Duration::from_millis(took));
            assert_eq!(poll.latency, Some(Duration::from_millis(shown)), "after {took}");
        }
    }
}
