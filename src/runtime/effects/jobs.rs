//! The jobs' effects: one desk starts and stops them, gathers what they tell, and passes it on at most ten times a
//! second.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use super::Effects;
use crate::app::jobs::{Effect, Progress};
use crate::app::msg::Msg;
use crate::local::log::Log;
use crate::work::engine::{Engine, JobHandle};
use crate::work::outcome::{ItemState, JobId};
use crate::work::progress::{Asked, ItemEvent};

/// How often the screen is told.
const TELL: Duration = Duration::from_millis(100);
/// So many batches of events wait for the desk; then the jobs do.
const EVENTS: usize = 64;

/// Where effects are handed in: one a key press, so the channel needs no bound. With each come engine and log of the
/// project that is open: jobs that run keep theirs.
pub(super) type Desk = mpsc::UnboundedSender<(Effect, Option<(Engine, Log)>)>;

/// Hands an effect in; the first one opens the desk.
pub(super) fn perform(effects: &mut Effects, effect: Effect) {
    let client = effects.client.as_ref();
    let engine = client.map(|client| effects.engine.get_or_insert_with(|| Engine::new(client.clone())).clone());
    let engine = engine.map(|engine| (engine, effects.log()));
    let desk = effects.jobs.get_or_insert_with(|| {
        let (desk, orders) = mpsc::unbounded_channel();
        effects.workers.spawn(work(orders, effects.answers.clone()));
        desk
    });
    // It is open as long as the loop listens.
    let _ = desk.send((effect, engine));
}

struct Running {
    handle: JobHandle,
    items: Vec<(usize, ItemState)>,
    asked: Vec<(usize, Asked)>,
    /// Of each item its object's key, for the log.
    keys: Vec<String>,
    log: Log,
}

type Jobs = BTreeMap<JobId, Running>;

async fn work(mut orders: mpsc::UnboundedReceiver<(Effect, Option<(Engine, Log)>)>, answers: mpsc::Sender<Msg>) {
    let (sender, mut events) = mpsc::channel(EVENTS);
    let mut jobs = Jobs::new();
    let mut tell = interval(TELL);
    tell.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some((Effect::Start { job, plan, parallel }, Some((engine, log)))) => {
                    for (item, state) in plan.items.iter().zip(plan.states()) {
                        note(&log, &item.key, &state);
                    }
                    let logged = plan.items.iter().filter(|_| log.is_on());
                    let keys = logged.map(|item| item.key.clone()).collect();
                    let handle = engine.start(job, plan, parallel, sender.clone());
                    jobs.insert(job, Running { handle, items: Vec::new(), asked: Vec::new(), keys, log });
                }
                // The screen lets none begin without a project.
                Some((Effect::Start { .. }, None)) => {}
                Some((Effect::Stop(job), _)) => {
                    if let Some(running) = jobs.get(&job) {
                        running.handle.stop();
                    }
                }
                None => return,
            },
            Some(batch) = events.recv() => take(&mut jobs, batch),
            _ = tell.tick(), if !jobs.is_empty() => {
                let told = gather(&mut jobs, &mut events);
                if !told.is_empty() && answers.send(Msg::Jobs(told.into())).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn take(jobs: &mut Jobs, batch: Vec<ItemEvent>) {
    for event in batch {
        if let Some(running) = jobs.get_mut(&event.job) {
            if let Some(key) = running.keys.get(event.index) {
                note(&running.log, key, &event.state);
            }
            running.items.push((event.index, event.state));
            running.asked.extend(event.asked.into_iter().map(|asked| (event.index, asked)));
        }
    }
}

/// Writes down how an item ended.
fn note(log: &Log, key: &str, state: &ItemState) {
    if let Some(outcome) = state.outcome() {
        log.upload(key, outcome.word(), outcome.sentence());
    }
}

/// What moved since the last time. Totals are read before events: those that say "ended" come behind the last event.
fn gather(jobs: &mut Jobs, events: &mut mpsc::Receiver<Vec<ItemEvent>>) -> Vec<Progress> {
    let mut told: Vec<Progress> = Vec::new();
    for (job, running) in jobs.iter_mut() {
        // A job whose task is gone without a word has ended too.
        let (moved, gone) = match running.handle.totals.has_changed() {
            Ok(moved) => (moved, false),
            Err(_) => (true, true),
        };
        let totals = running.handle.totals.borrow_and_update().clone();
        let ended = totals.ended || gone;
        if moved || ended || !running.items.is_empty() {
            told.push(Progress { job: *job, totals, items: Vec::new(), asked: Vec::new(), ended });
        }
    }
    while let Ok(batch) = events.try_recv() {
        take(jobs, batch);
    }
    for progress in &mut told {
        if let Some(running) = jobs.get_mut(&progress.job) {
            progress.items = std::mem::take(&mut running.items);
            progress.asked = std::mem::take(&mut running.asked);
        }
        if progress.ended {
            jobs.remove(&progress.job);
        }
    }
    told
}
