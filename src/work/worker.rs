//! Carries out one item of a plan: waits for the server's budget, opens the file, sends it, and judges what came back.
//! What a lost answer means is found out by `work::verify`; which item is next is decided by `work::engine`.

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::engine::budget::Budget;
use super::files::{Ahead, SMALL};
use super::outcome::{ItemState, Outcome};
use super::plan::{Exists, Plan};
use super::progress::Asked;
use super::verify::{self, Finding, Sent};
use crate::api::client::{Answered, Client};
use crate::api::error::{ApiError, Kind};
use crate::api::retry;
use crate::api::route::Route;
use crate::api::upload::{Progress, Source, Upload, upload};

/// How often an item is sent again because the server asked for a pause.
const PAUSES: u32 = 10;

/// What all items of a job share.
pub(super) struct Job {
    pub client: Client,
    pub plan: Arc<Plan>,
    pub files: Ahead,
    pub budget: Arc<Budget>,
    pub stop: CancellationToken,
}

/// How far one item is, for whoever shows it.
#[derive(Default)]
pub(super) struct Slot {
    progress: Mutex<Arc<Progress>>,
    size: AtomicU64,
    begun: AtomicBool,
    asked: Mutex<Vec<Asked>>,
}

impl Slot {
    /// For an item of this many bytes.
    pub fn new(size: u64) -> Self {
        Self { size: size.into(), ..Self::default() }
    }

    /// Bytes that were handed to the connection.
    pub fn sent(&self) -> u64 {
        self.progress().sent()
    }

    /// Bytes in all: as planned, then as opened.
    pub fn size(&self) -> u64 {
        self.size.load(Ordering::Relaxed)
    }

    /// The state of an item that has not ended.
    pub fn state(&self) -> ItemState {
        match (self.begun.load(Ordering::Relaxed), self.progress().whole()) {
            (false, _) => ItemState::Waiting,
            (true, false) => ItemState::Sending,
            (true, true) => ItemState::SentWaiting,
        }
    }

    /// The requests that were answered since the last time.
    pub fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes a request that was answered.
    pub fn note<T>(&self, answer: &Answered<T>) {
        let asked = Asked::new(&answer.meta, answer.result.as_ref().err());
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    }

    fn progress(&self) -> Arc<Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn begin(&self, size: u64) -> Arc<Progress> {
        let fresh = Arc::new(Progress::default());
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = fresh.clone();
        self.size.store(size, Ordering::Relaxed);
        self.begun.store(true, Ordering::Relaxed);
        fresh
    }

    fn rest(&self) {
        self.begun.store(false, Ordering::Relaxed);
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = Arc::default();
    }
}

/// What an attempt came to.
#[derive(Debug, PartialEq)]
enum Verdict {
    /// This is how it ended.
    End(Outcome),
    /// The server asks for a pause; nothing was stored.
    Pause(Option<Duration>),
    /// No connection: nothing was sent.
    Unreachable,
    /// Whether it was stored must be asked.
    Ask,
}

/// Sends one item and says how it ended.
pub(super) async fn send(job: &Job, index: usize, slot: &Slot) -> Outcome {
    let Some(item) = job.plan.items.get(index) else { return Outcome::Stopped };
    let (bucket, exists) = (&job.plan.destination.bucket, job.plan.exists);
    let (mut tries, mut pauses, mut unsure, mut renewed) = (0, 0, item.unsure, false);
    loop {
        let permit = tokio::select! {
            biased;
            () = job.stop.cancelled() => return Outcome::Stopped,
            permit = job.budget.acquire() => permit,
        };
        let opened = match job.files.open(index).await {
            Ok(opened) => opened,
            Err(sentence) => return Outcome::NotStored { kind: Kind::LocalFile, sentence },
        };
        let what = Upload {
            bucket: bucket.clone(),
            key: item.key.clone(),
            mime: item.mime.clone(),
            size: opened.stamp.size,
            upsert: false,
        };
        let (stamp, source) = (opened.stamp, Source { body: opened.body });
        let progress = slot.begin(stamp.size);
        tries += 1;
        let answer = upload(&job.client, &what, source, progress.clone(), job.stop.clone()).await;
        slot.note(&answer);
        let Err(error) = answer.result else {
            job.budget.thank();
            return Outcome::Done { verified: None };
        };
        if answer.meta.renewed && !renewed {
            renewed = true;
            slot.rest();
            continue;
        }
        let pause = match judge(&error, progress.whole(), exists, unsure) {
            Verdict::End(outcome) => {
                if error.status.is_some() {
                    job.budget.thank();
                }
                return outcome;
            }
            Verdict::Pause(asked) => {
                job.budget.hold(asked);
                pauses += 1;
                if pauses > PAUSES {
                    return Outcome::Refused { kind: Kind::TooMany, sentence: error.sentence(), retry: true };
                }
                None
            }
            Verdict::Unreachable => match retry::pause(Route::ObjectUpload, &error, tries, item.key.len() as u64) {
                Some(pause) => Some(pause),
                None => return Outcome::NotStored { kind: Kind::Unreachable, sentence: error.sentence() },
            },
            Verdict::Ask => {
                let sent = Sent {
                    bucket: bucket.clone(),
                    key: item.key.clone(),
                    source: item.source.clone(),
                    stamp,
                    bytes: progress.sent(),
                    whole: progress.whole(),
                };
                let finding = tokio::select! {
                    biased;
                    () = job.stop.cancelled() => None,
                    finding = verify::look(&job.client, &sent, slot, true) => Some(finding),
                };
                let Some(finding) = finding else {
                    return verify::conclude_stopped(verify::look(&job.client, &sent, slot, false).await);
                };
                // Surely not there and cheap to send: a server that closes idle connections costs nobody a small file.
                if finding != Finding::Absent || unsure || stamp.size > SMALL {
                    return verify::conclude(finding, &sent, &error, exists);
                }
                unsure = true;
                None
            }
        };
        slot.rest();
        drop(permit);
        if let Some(pause) = pause {
            tokio::select! {
                () = job.stop.cancelled() => return Outcome::Stopped,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}

/// What a failure means. `unsure`: this key was sent before without an answer.
fn judge(error: &ApiError, whole: bool, exists: Exists, unsure: bool) -> Verdict {
    let kind = error.kind;
    let refused = |retry| Verdict::End(Outcome::Refused { kind, sentence: error.sentence(), retry });
    let not_stored = || Verdict::End(Outcome::NotStored { kind, sentence: error.sentence() });
    match kind {
        Kind::TooMany => Verdict::Pause(error.retry_after),
        Kind::Unreachable if error.unsent => Verdict::Unreachable,
        Kind::Conflict if error.status == Some(423) => refused(true),
        Kind::Conflict if unsure => Verdict::Ask,
        Kind::Conflict if exists == Exists::Skip => Verdict::End(Outcome::AlreadySo),
        Kind::Conflict => Verdict::End(Outcome::Exists),
        // A proxy's refusal may come after the server behind it took everything.
        Kind::Lost | Kind::Unreachable => Verdict::Ask,
        Kind::Server | Kind::BadAnswer | Kind::Stopped if whole => Verdict::Ask,
        Kind::Stopped => Verdict::End(Outcome::Stopped),
        Kind::NotSignedIn
        | Kind::Untrusted
        | Kind::WrongServer
        | Kind::LocalFile
        | Kind::Server
        | Kind::Paused
        | Kind::BadAnswer
        | Kind::Redirected => not_stored(),
        Kind::Refused | Kind::TooLarge | Kind::NotAllowed | Kind::ReadOnly => refused(false),
        Kind::NoDoor | Kind::NoSuchRoute | Kind::NotFound | Kind::Unreadable => refused(true),
    }
}
