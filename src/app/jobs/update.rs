//! How the jobs change: operations, and what the engine tells.

use super::{Effect, Job, MOST_ANSWERS, Op, Progress, State};
use crate::api::error::Kind;
use crate::api::route::Route;
use crate::app::cx::Cx;
use crate::app::effect::Effect as Root;
use crate::app::list::{self, List, Rows};
use crate::app::project::Which;
use crate::app::shell::{Out, Shell, Tone};
use crate::work::outcome::{Counts, ItemState, JobId, Outcome};
use crate::work::plan::Plan;
use crate::work::progress::Totals;

/// More ended jobs than this are dropped, the oldest first.
const MOST_ENDED: usize = 100;

/// The jobs as rows.
struct ById<'a>(&'a [Job]);

impl Rows<JobId> for ById<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn id_at(&self, position: usize) -> Option<JobId> {
        self.0.get(position).map(|job| job.id)
    }

    fn position(&self, id: &JobId, _: usize) -> Option<usize> {
        self.0.iter().position(|job| job.id == *id)
    }
}

/// The items of a job as rows: their positions in its plan, which never change.
struct Positions(usize);

impl Rows<usize> for Positions {
    fn len(&self) -> usize {
        self.0
    }

    fn id_at(&self, position: usize) -> Option<usize> {
        (position < self.0).then_some(position)
    }

    fn position(&self, id: &usize, _: usize) -> Option<usize> {
        (*id < self.0).then_some(*id)
    }
}

impl State {
    /// Does what was asked for.
    pub fn run(&mut self, cx: &mut Cx, shell: &mut Shell, op: Op) -> Vec<Out> {
        let Some(job) = self.current() else { return Vec::new() };
        match op {
            Op::Items if self.in_items => return self.item_viewer().map(Out::Open).into_iter().collect(),
            Op::Items => self.enter_items(),
            Op::Stop => {
                let text = format!("In {}: stop the upload of {}? What is stored stays.", job.at, job.title());
                return vec![Out::ConfirmStop(job.id, text)];
            }
            Op::Rerun => {
                if let Some(rest) = job.plan.rest(&job.states) {
                    self.start(cx, shell, rest);
                }
            }
            Op::Clear => return self.clear(),
            Op::NextFailed => self.next_failed(),
        }
        Vec::new()
    }

    /// Begins a job and selects it.
    pub fn start(&mut self, cx: &mut Cx, shell: &mut Shell, plan: Plan) {
        self.last += 1;
        let id = JobId(self.last);
        let states = plan.states();
        let counts = Counts::of(&states);
        let totals = Totals { counts, bytes: plan.total().bytes, parallel: self.parallel, ..Totals::default() };
        let effect = Effect::Start { job: id, plan: plan.clone(), parallel: self.parallel };
        let (which, project) = (shell.which.clone(), shell.name.clone());
        let at = shell.at(Route::ObjectUpload, cx.now);
        let job = Job { id, which, project, at, plan, states, counts, totals, ended: false, stopping: false };
        self.jobs.insert(0, job);
        self.drop_old();
        cx.effect(Root::Jobs(effect));
        self.in_items = false;
        self.select(0);
    }

    /// Stops a job: the answer to [`Out::ConfirmStop`].
    pub fn stop(&mut self, cx: &mut Cx, id: JobId) {
        if let Some(job) = self.jobs.iter_mut().find(|job| job.id == id && !job.ended) {
            job.stopping = true;
            cx.effect(Root::Jobs(Effect::Stop(id)));
        }
    }

    /// Whether this news shows that this project's server is there: bytes went, or an item was taken.
    pub fn moved(&self, all: &[Progress], here: &Which) -> bool {
        all.iter().any(|progress| {
            let Some(job) = self.job(progress.job).filter(|job| job.which == *here) else { return false };
            let sent = job.totals.sent;
            progress.totals.sent > sent
                || progress.items.iter().any(|(_, state)| state.outcome().is_some_and(Outcome::is_done))
        })
    }

    /// Takes what the engine tells; a job's end is told on.
    pub fn progress(&mut self, _: &mut Cx, all: &[Progress]) -> Vec<Out> {
        let mut outs = Vec::new();
        for progress in all {
            let Some(job) = self.jobs.iter_mut().find(|job| job.id == progress.job) else { continue };
            for (index, state) in &progress.items {
                if let Some(place) = job.states.get_mut(*index) {
                    job.counts.change(place, state);
                    state.clone_into(place);
                }
            }
            for (index, asked) in progress.asked.iter().filter(|(_, asked)| asked.meta.route == Route::ObjectUpload) {
                match &asked.error {
                    Some(error) => drop(self.answers.insert((job.id, *index), (**error).clone())),
                    None => drop(self.answers.remove(&(job.id, *index))),
                }
            }
            while self.answers.len() > MOST_ANSWERS {
                self.answers.pop_first();
            }
            job.totals = progress.totals.clone();
            if progress.ended && !job.ended {
                job.ended = true;
                outs.push(end(job));
            }
        }
        outs
    }

    /// Moves among the jobs, or among the items where one went into them.
    pub fn move_list(&mut self, _: &mut Cx, _: &mut Shell, op: list::Op) -> Vec<Out> {
        let parts = self.parts();
        if self.in_items {
            let len = self.current().map_or(0, |job| job.states.len());
            self.items.run(op, &Positions(len), usize::from(parts.items));
        } else {
            let before = self.list.at();
            self.list.run(op, &ById(&self.jobs), usize::from(parts.jobs));
            if self.list.at() != before {
                self.items = List::default();
            }
        }
        Vec::new()
    }

    /// One step back, out of the items; whether there was one.
    pub fn back(&mut self) -> bool {
        let was = std::mem::take(&mut self.in_items);
        if was {
            self.settle_parts();
        }
        was
    }

    /// The window's size changed: the rows of a plain list in the tab, and whether a detail stands beside a list.
    pub fn settle(&mut self, height: usize, wide: bool) {
        self.wide = wide;
        // The tab's own rule, and the heads that it does not have.
        self.height = (height.min(usize::from(u16::MAX) - 2) as u16) + 2;
        self.settle_parts();
    }

    fn settle_parts(&mut self) {
        let parts = self.parts();
        self.list.settle(&ById(&self.jobs), usize::from(parts.jobs));
        let len = self.current().map_or(0, |job| job.states.len());
        self.items.settle(&Positions(len), usize::from(parts.items));
    }

    fn select(&mut self, position: usize) {
        let jobs = usize::from(self.parts().jobs);
        self.list.select(position, &ById(&self.jobs), jobs);
        self.items = List::default();
        self.settle_parts();
    }

    fn enter_items(&mut self) {
        // What was in view stays in view.
        let first = self.items_window().start;
        self.in_items = true;
        self.settle_parts();
        if self.items.at() < first {
            self.select_item(first);
        }
    }

    fn select_item(&mut self, position: usize) {
        let len = self.current().map_or(0, |job| job.states.len());
        let height = usize::from(self.parts().items);
        self.items.select(position, &Positions(len), height);
    }

    fn next_failed(&mut self) {
        let Some(job) = self.current() else { return };
        let failed = |state: &ItemState| state.outcome().is_some_and(|outcome| !outcome.is_done());
        let from = if self.in_items { self.items.at() + 1 } else { 0 };
        let all = || job.states.iter().enumerate();
        let next = all().skip(from).chain(all()).find(|(_, state)| failed(state)).map(|(at, _)| at);
        let Some(next) = next else { return };
        self.in_items = true;
        self.settle_parts();
        self.select_item(next);
    }

    fn clear(&mut self) -> Vec<Out> {
        let before = self.jobs.len();
        self.jobs.retain(|job| !job.ended);
        let cleared = before - self.jobs.len();
        self.in_items = false;
        self.items = List::default();
        self.settle_parts();
        self.forget_answers();
        let jobs = if cleared == 1 { "1 job".into() } else { format!("{cleared} jobs") };
        vec![Out::Notice(Tone::Info, format!("Cleared {jobs}."))]
    }

    fn drop_old(&mut self) {
        let mut ended = 0;
        self.jobs.retain(|job| {
            ended += usize::from(job.ended);
            !job.ended || ended <= MOST_ENDED
        });
        self.forget_answers();
    }

    fn forget_answers(&mut self) {
        let jobs = &self.jobs;
        self.answers.retain(|(id, _), _| jobs.iter().any(|job| job.id == *id));
    }
}

fn end(job: &Job) -> Out {
    let stopped = job.states.iter().any(|state| matches!(state.outcome(), Some(Outcome::Stopped)));
    let tone = match job.failed() {
        false => Tone::Good,
        true if stopped && job.counts.failed() == job.counts.stopped => Tone::Info,
        true => Tone::Bad,
    };
    let refused = |state: &ItemState| state.outcome().and_then(Outcome::kind) == Some(Kind::NotSignedIn);
    Out::JobEnded {
        tone,
        what: job.title(),
        counts: job.summary(),
        signed_out: job.states.iter().any(refused),
        which: job.which.clone(),
        project: job.project.clone(),
    }
}
