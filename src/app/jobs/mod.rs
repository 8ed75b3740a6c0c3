//! The jobs: each one's plan, how its items stand, and the whole. What carries them out is `work::engine`.

mod effect;
mod item;
mod layout;
mod ops;
#[cfg(test)]
mod tests;
mod update;

use std::collections::BTreeMap;

use super::list::List;
use super::op::gate::Reason;
use super::project::Which;
use crate::api::error::ApiError;
use crate::text::human;
use crate::work::outcome::{Counts, ItemState, JobId};
use crate::work::plan::Plan;
use crate::work::progress::Totals;

pub use effect::{Effect, Progress};
pub use layout::{Parts, parts};
pub use ops::Op;

/// Items of one job at once, by default.
pub const PARALLEL: usize = 4;
/// The answers of so many failed items are kept, of up to 8 KiB each.
const MOST_ANSWERS: usize = 1_000;

/// One job.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// The project it goes to.
    pub which: Which,
    /// The project's name.
    pub project: String,
    /// Project and door at its start.
    pub at: String,
    /// What was settled at its start.
    pub plan: Plan,
    /// Each item of the plan.
    pub states: Vec<ItemState>,
    /// The items by state.
    pub counts: Counts,
    /// Bytes, rate, time left.
    pub totals: Totals,
    /// Nothing follows.
    pub ended: bool,
    /// The person asked it to stop.
    pub stopping: bool,
}

impl Job {
    /// What it does: `1,204 files → avatars/2026`, or the one file's name.
    pub fn title(&self) -> String {
        let what = match self.plan.items.as_slice() {
            [item] => self.name(&item.key).to_owned(),
            items => format!("{} files", human::count(items.len() as u64)),
        };
        format!("{what} → {}", self.place())
    }

    /// Bucket and folder.
    pub fn place(&self) -> String {
        let destination = &self.plan.destination;
        let folder = destination.prefix.trim_end_matches('/');
        if folder.is_empty() { destination.bucket.0.clone() } else { format!("{}/{folder}", destination.bucket.0) }
    }

    /// Where an item goes: `bucket/key`.
    pub fn target(&self, item: usize) -> Option<String> {
        Some(format!("{}/{}", self.plan.destination.bucket.0, self.plan.items.get(item)?.key))
    }

    /// A key without the job's folder.
    pub fn name<'a>(&self, key: &'a str) -> &'a str {
        key.strip_prefix(&self.plan.destination.prefix).unwrap_or(key)
    }

    /// Whether an item ended without being stored.
    pub fn failed(&self) -> bool {
        self.counts.failed() > 0
    }

    /// The outcomes that are not plain success, and what is open: `1 refused · 3 under way`.
    pub fn tally(&self) -> String {
        let counts = &self.counts;
        let parts: Vec<String> = [
            (counts.already, "there already"),
            (counts.refused, "refused"),
            (counts.not_stored, "not stored"),
            (counts.unknown, "unknown"),
            (counts.stopped, "stopped"),
            (counts.sending + counts.sent_waiting, "under way"),
        ]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{} {word}", human::count(number)))
        .collect();
        parts.join(" · ")
    }

    /// How it ended: `12 done, 1 refused`.
    pub fn summary(&self) -> String {
        let counts = &self.counts;
        let parts: Vec<String> = [
            (counts.done, "done"),
            (counts.already, "there already"),
            (counts.refused, "refused"),
            (counts.not_stored, "not stored"),
            (counts.unknown, "unknown"),
            (counts.stopped + counts.open(), "stopped"),
        ]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{} {word}", human::count(number)))
        .collect();
        if parts.is_empty() { "nothing to send".into() } else { parts.join(", ") }
    }
}

/// All jobs of this run of the program, the newest first.
#[derive(Clone, Debug)]
pub struct State {
    /// The selected job.
    pub list: List<JobId>,
    /// The selected item of the selected job, by its position in the plan.
    pub items: List<usize>,
    /// Whether list moves go to the items.
    pub in_items: bool,
    /// Items of a new job at once.
    pub parallel: usize,
    /// More than one project was opened: each job says its own.
    pub several: bool,
    jobs: Vec<Job>,
    last: u64,
    /// What the server answered to items that failed, the newest jobs' only; the uploads' own requests.
    answers: BTreeMap<(JobId, usize), ApiError>,
    /// Rows of the tab's body.
    height: u16,
    /// A detail stands beside a list.
    wide: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            list: List::default(),
            items: List::default(),
            in_items: false,
            parallel: PARALLEL,
            several: false,
            jobs: Vec::new(),
            last: 0,
            answers: BTreeMap::new(),
            height: 3,
            wide: false,
        }
    }
}

impl State {
    /// The jobs, the newest first.
    pub fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// The selected job.
    pub fn current(&self) -> Option<&Job> {
        self.jobs.get(self.list.at())
    }

    /// A job by its number.
    pub fn job(&self, id: JobId) -> Option<&Job> {
        self.jobs.iter().find(|job| job.id == id)
    }

    /// How many have not ended, by the name of their project.
    pub fn running_by_project(&self) -> BTreeMap<&str, usize> {
        let mut all = BTreeMap::new();
        for job in self.jobs.iter().filter(|job| !job.ended) {
            *all.entry(job.project.as_str()).or_default() += 1;
        }
        all
    }

    /// How many have not ended: for the question before quitting and the tab.
    pub fn running(&self) -> usize {
        self.jobs.iter().filter(|job| !job.ended).count()
    }

    /// For the tab: `↑2`.
    pub fn badge(&self) -> Option<String> {
        let running = self.running();
        (running > 0).then(|| format!("↑{running}"))
    }

    /// What the title says: `3 running · 1 with failures`.
    pub fn heading(&self) -> String {
        let running = self.running();
        let failed = self.jobs.iter().filter(|job| job.failed()).count();
        let mut parts = Vec::new();
        if running > 0 {
            parts.push(format!("{running} running"));
        }
        if failed > 0 {
            parts.push(format!("{failed} with failures"));
        }
        parts.join(" · ")
    }

    /// What stands at the right of the rule: all rates together, and when the last job is done.
    pub fn coverage(&self) -> String {
        let running = || self.jobs.iter().filter(|job| !job.ended && !job.stopping);
        let rate: f64 = running().filter_map(|job| job.totals.rate).sum();
        if rate <= 0.0 {
            return String::new();
        }
        // One job without a known end makes the whole unknown; one that only waits for the server sends no more.
        let sending = running().filter(|job| !job.totals.waiting_for_server);
        let eta = sending.map(|job| job.totals.eta).collect::<Option<Vec<_>>>();
        let left = eta.and_then(|all| all.into_iter().max());
        let left = left.map(|left| format!(" · {} left", human::span(left))).unwrap_or_default();
        format!("↑ {}{left}", human::rate(rate))
    }

    /// How the tab is split now.
    pub fn parts(&self) -> Parts {
        parts(self.height, self.jobs.len(), self.in_items, self.wide)
    }

    /// Why an operation has nothing to act on now.
    pub fn why_not(&self, op: Op, here: &Which) -> Option<Reason> {
        let job = self.current();
        let is = |test: fn(&Job) -> bool| job.is_some_and(test);
        match op {
            Op::Items => None,
            Op::Stop if is(|job| job.ended) => Some(Reason::Ended),
            Op::Stop => is(|job| job.stopping).then_some(Reason::UnderWay),
            Op::Rerun if is(|job| !job.ended) => Some(Reason::StillRuns),
            Op::Rerun if job.is_some_and(|job| job.which != *here) => Some(Reason::Elsewhere),
            Op::Rerun => is(|job| !job.failed() || !job.plan.has_rest(&job.states)).then_some(Reason::NothingLeft),
            Op::Clear => (!self.jobs.iter().any(|job| job.ended)).then_some(Reason::NoneEnded),
            Op::NextFailed => is(|job| !job.failed()).then_some(Reason::NoneFailed),
        }
    }

    /// The positions of the items in view: around the selected one, else where the work is.
    pub fn items_window(&self) -> std::ops::Range<usize> {
        let Some(job) = self.current() else { return 0..0 };
        let (len, height) = (job.states.len(), usize::from(self.parts().items));
        if self.in_items {
            return self.items.window(len, height);
        }
        let open = job.states.iter().position(|state| state.outcome().is_none()).unwrap_or(0);
        let top = open.saturating_sub(height / 3).min(len.saturating_sub(height));
        top..len.min(top + height)
    }
}
