//! What the jobs ask of the runtime, and what it tells.

use crate::work::outcome::{ItemState, JobId};
use crate::work::plan::Plan;
use crate::work::progress::{Asked, Totals};

/// A wish about jobs.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Begin a job.
    Start {
        /// Its number.
        job: JobId,
        /// What is to be sent.
        plan: Plan,
        /// How many items at once.
        parallel: usize,
    },
    /// Stop a job; what has ended stays.
    Stop(JobId),
}

/// How a job stands, and which items moved since the last time.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Which job.
    pub job: JobId,
    /// Its totals.
    pub totals: Totals,
    /// Items that moved: position in the plan and new state, in the order it happened.
    pub items: Vec<(usize, ItemState)>,
    /// Requests that were answered since the last time, with their item's position, in the order it happened.
    pub asked: Vec<(usize, Asked)>,
    /// Whether the job has ended: nothing follows.
    pub ended: bool,
}
