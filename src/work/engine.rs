//! Carries out plans: a bounded number of items at once, one request budget for the server, every item ended and told.
//! How one item is sent is in `work::worker`.

pub(super) mod budget;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::{self, JoinError, JoinHandle, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::files::Ahead;
use super::outcome::{Counts, ItemState, JobId, Outcome};
use super::plan::Plan;
use super::progress::{Asked, ItemEvent, Meter, Totals};
use super::worker::{self, Job, Slot};
use crate::api::client::Client;
use crate::api::error::Kind;
use budget::{Budget, MOST};

/// How often totals and states are told.
const TICK: Duration = Duration::from_millis(100);
/// So many untold events make the job wait for whoever listens.
const UNTOLD: usize = 1_024;
/// So many items in a row without a connection end the job.
const UNREACHABLE: u32 = 3;

/// Runs jobs against one server; a copy shares its budget.
#[derive(Clone)]
pub struct Engine {
    client: Client,
    budget: Arc<Budget>,
}

/// A running job. Dropping it lets the job go on.
pub struct JobHandle {
    /// Its number.
    pub job: JobId,
    /// Its totals, told at most ten times a second; the last ones have `ended`.
    pub totals: watch::Receiver<Totals>,
    parallel: watch::Sender<usize>,
    stop: CancellationToken,
    task: JoinHandle<Vec<ItemState>>,
}

impl JobHandle {
    /// Stops the job: what has ended stays, the rest becomes `Stopped`, or what the server says of it.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// How many items may be under way at once from now on, 1 to 16.
    pub fn set_parallel(&self, parallel: usize) {
        self.parallel.send_replace(parallel.clamp(1, MOST));
    }

    /// The states of all items when the job has ended. Its events must be read meanwhile, or it waits for that.
    pub async fn ended(self) -> Vec<ItemState> {
        self.task.await.unwrap_or_default()
    }
}

impl Engine {
    /// An engine for this client's server.
    pub fn new(client: Client) -> Self {
        Self { client, budget: Arc::new(Budget::new()) }
    }

    /// Starts a job, `parallel` (1 to 16) items at once.
    ///
    /// Each item that changes its state is told through `events`, in batches; the job waits for the channel, so none is
    /// lost. Barred items are never told: they stand in [`Plan::states`]. The events of the last items come before the
    /// totals that say `ended`.
    pub fn start(&self, job: JobId, plan: Plan, parallel: usize, events: mpsc::Sender<Vec<ItemEvent>>) -> JobHandle {
        let stop = CancellationToken::new();
        let (parallel_sender, parallel) = watch::channel(parallel.clamp(1, MOST));
        let states = plan.states();
        let totals = Totals { counts: Counts::of(&states), bytes: plan.total().bytes, ..Totals::default() };
        let (sender, totals_receiver) = watch::channel(totals.clone());
        let queue = plan.sendable().map(|(index, _)| index).collect();
        let plan = Arc::new(plan);
        let shared = Job {
            client: self.client.clone(),
            files: Ahead::new(plan.clone()),
            plan,
            budget: self.budget.clone(),
            stop: stop.clone(),
        };
        let run = Run {
            job,
            queue,
            shared: Arc::new(shared),
            states,
            tasks: JoinSet::new(),
            active: HashMap::new(),
            halt: None,
            unreachable: 0,
            sent: 0,
            ended: 0,
            stored: 0,
            totals,
            meter: Meter::default(),
            started: Instant::now(),
            untold: Vec::new(),
            events,
            sender,
        };
        let task = tokio::spawn(run.run(parallel));
        JobHandle { job, totals: totals_receiver, parallel: parallel_sender, stop, task }
    }
}

/// A job on its way.
struct Run {
    job: JobId,
    shared: Arc<Job>,
    states: Vec<ItemState>,
    queue: VecDeque<usize>,
    tasks: JoinSet<Outcome>,
    active: HashMap<task::Id, (usize, Arc<Slot>)>,
    /// Why nothing more is begun.
    halt: Option<Outcome>,
    /// Items in a row that found no connection.
    unreachable: u32,
    /// Bytes that ended items sent.
    sent: u64,
    /// Bytes of ended items, and of those that are stored.
    ended: u64,
    stored: u64,
    totals: Totals,
    meter: Meter,
    started: Instant,
    untold: Vec<ItemEvent>,
    events: mpsc::Sender<Vec<ItemEvent>>,
    sender: watch::Sender<Totals>,
}

impl Run {
    async fn run(mut self, mut parallel: watch::Receiver<usize>) -> Vec<ItemState> {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stop = self.shared.stop.clone();
        loop {
            let most = *parallel.borrow_and_update();
            self.totals.parallel = most;
            while self.active.len() < most && self.halt.is_none() && self.begin() {}
            tokio::select! {
                ended = self.tasks.join_next_with_id() => match ended {
                    Some(ended) => self.end(ended),
                    None => break,
                },
                _ = tick.tick() => self.tell().await,
                Ok(()) = parallel.changed() => {}
                () = stop.cancelled(), if self.halt.is_none() => self.halt = Some(Outcome::Stopped),
            }
        }
        let rest = self.halt.take().unwrap_or(Outcome::Stopped);
        while let Some(index) = self.queue.pop_front() {
            let size = self.shared.plan.items.get(index).map_or(0, |item| item.size);
            self.ended = self.ended.saturating_add(size);
            self.note(index, ItemState::Ended(rest.clone()), Vec::new());
        }
        if !self.untold.is_empty() {
            // Whoever listened may have gone; the states are returned all the same.
            let _ = self.events.send(std::mem::take(&mut self.untold)).await;
        }
        self.totals.ended = true;
        self.count();
        self.states
    }

    /// Begins the next item; whether there was one.
    fn begin(&mut self) -> bool {
        let Some(index) = self.queue.pop_front() else { return false };
        let size = self.shared.plan.items.get(index).map_or(0, |item| item.size);
        let slot = Arc::new(Slot::new(size));
        let (shared, ours) = (self.shared.clone(), slot.clone());
        let handle = self.tasks.spawn(async move { worker::send(&shared, index, &ours).await });
        self.active.insert(handle.id(), (index, slot));
        true
    }

    fn end(&mut self, ended: Result<(task::Id, Outcome), JoinError>) {
        let (id, outcome) = ended.unwrap_or_else(|error| {
            let sentence = "The upload broke off inside this program: look before you send it again.".into();
            (error.id(), Outcome::Unknown { sentence })
        });
        let Some((index, slot)) = self.active.remove(&id) else { return };
        self.sent = self.sent.saturating_add(slot.sent());
        self.ended = self.ended.saturating_add(slot.size());
        if outcome.is_done() {
            self.stored = self.stored.saturating_add(slot.size());
        }
        let planned = self.shared.plan.items.get(index).map_or(0, |item| item.size);
        self.totals.bytes = self.totals.bytes.saturating_sub(planned).saturating_add(slot.size());
        self.consider(&outcome);
        self.note(index, ItemState::Ended(outcome), slot.take_asked());
    }

    /// Whether this outcome makes it useless to begin another item.
    fn consider(&mut self, outcome: &Outcome) {
        let (kind, sentence) = match outcome {
            Outcome::NotStored { kind, sentence } | Outcome::Refused { kind, sentence, .. } => (*kind, sentence),
            _ => {
                self.unreachable = 0;
                return;
            }
        };
        self.unreachable = if kind == Kind::Unreachable { self.unreachable + 1 } else { 0 };
        let hopeless =
            matches!(kind, Kind::NotSignedIn | Kind::Paused | Kind::Untrusted | Kind::WrongServer | Kind::NotFound)
                || self.unreachable >= UNREACHABLE;
        if hopeless && self.halt.is_none() {
            self.halt = Some(Outcome::NotStored { kind, sentence: format!("Not sent. {sentence}") });
        }
    }

    fn note(&mut self, index: usize, state: ItemState, asked: Vec<Asked>) {
        let Some(place) = self.states.get_mut(index).filter(|place| **place != state || !asked.is_empty()) else {
            return;
        };
        self.totals.counts.change(place, &state);
        *place = state.clone();
        self.untold.push(ItemEvent { job: self.job, index, state, asked });
    }

    /// Tells how the job stands.
    async fn tell(&mut self) {
        let moved = self.active.values().map(|(index, slot)| (*index, slot.state(), slot.take_asked()));
        for (index, state, asked) in moved.collect::<Vec<_>>() {
            self.note(index, state, asked);
        }
        self.count();
        let permit =
            if self.untold.len() >= UNTOLD { self.events.reserve().await.ok() } else { self.events.try_reserve().ok() };
        match permit {
            Some(permit) if !self.untold.is_empty() => permit.send(std::mem::take(&mut self.untold)),
            None if self.events.is_closed() => self.untold.clear(),
            _ => {}
        }
    }

    fn count(&mut self) {
        let sent: u64 = self.active.values().map(|(_, slot)| slot.sent()).sum();
        let totals = &mut self.totals;
        totals.sent = self.sent.saturating_add(sent);
        totals.stored = self.stored.saturating_add(sent);
        totals.elapsed = self.started.elapsed();
        self.meter.note(totals.elapsed, totals.sent);
        let counts = totals.counts;
        // Small files are sent between two looks: while more of them wait, only a pause means that nothing is sent.
        let last = counts.waiting == 0 || self.halt.is_some();
        let idle = counts.sending == 0 && (last || self.meter.is_still());
        totals.rate = self.meter.rate().filter(|_| !idle && !totals.ended);
        let left = totals.bytes.saturating_sub(self.ended.saturating_add(sent));
        totals.eta = self.meter.eta(left).filter(|_| totals.rate.is_some());
        totals.waiting_for_server = counts.sent_waiting > 0 && idle;
        totals.held = self.shared.budget.held().filter(|_| !totals.ended);
        self.sender.send_replace(totals.clone());
    }
}
