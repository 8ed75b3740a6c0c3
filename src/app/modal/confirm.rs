//! A question with yes and no.

use crate::work::outcome::JobId;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Leave although something is under way.
    Quit,
    /// Go to another project although something typed would be lost.
    LeaveProject,
    /// Throw away what was typed or marked in the modal below.
    Discard,
    /// Send files that most servers refuse for their size.
    OverLimit,
    /// Stop a job.
    StopJob(JobId),
    /// Take the project's key from Studio.
    TakeKeys,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// The question itself.
    pub title: String,
    /// What yes would do; from outside in part, uncleaned.
    pub lines: Vec<String>,
    /// What `y` does: one or two words.
    pub yes: &'static str,
    /// What `n` does: one or two words.
    pub no: &'static str,
    /// What is asked.
    pub what: Ask,
}

impl Confirm {
    /// Whether to leave, and what that would end.
    pub fn quit(lines: Vec<String>) -> Self {
        Self { title: "Quit?".into(), lines, yes: "quit", no: "stay", what: Ask::Quit }
    }

    /// Whether to go to a project, and what would be lost.
    pub fn leave(to: &str, lines: Vec<String>) -> Self {
        Self { title: format!("Go to {to}?"), lines, yes: "go", no: "stay", what: Ask::LeaveProject }
    }

    /// Whether to throw away what was typed.
    pub fn discard(what: impl Into<String>) -> Self {
        Self { title: "Discard?".into(), lines: vec![what.into()], yes: "discard", no: "go on", what: Ask::Discard }
    }

    /// Whether to send more than 50 MiB to a bucket without a limit of its own.
    pub fn over_limit(lines: Vec<String>) -> Self {
        Self { title: "Send large files?".into(), lines, yes: "send", no: "go back", what: Ask::OverLimit }
    }

    /// Whether to take the project's key from Studio.
    pub fn take_keys(lines: Vec<String>) -> Self {
        Self { title: "Take the project's key?".into(), lines, yes: "take it", no: "go without", what: Ask::TakeKeys }
    }

    /// Whether to stop a job.
    pub fn stop(job: JobId, lines: Vec<String>) -> Self {
        Self { title: "Stop this job?".into(), lines, yes: "stop it", no: "let it run", what: Ask::StopJob(job) }
    }
}
