//! What became of each item of a job, in one vocabulary for screen and commands: states, glyphs, words, counts and the
//! exit code they lead to. Pure.

#[cfg(test)]
mod tests;

use crate::api::error::Kind;

/// A job's number, counted by whoever starts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

/// How an item ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server holds it.
    Done {
        /// What proves it where the answer was lost: `same size and MD5`.
        verified: Option<&'static str>,
    },
    /// The name exists and existing ones are skipped.
    AlreadySo,
    /// The name exists and nothing was to be overwritten.
    Exists,
    /// The server, the bucket's rules or the plan refuse it.
    Refused {
        /// What kind of refusal.
        kind: Kind,
        /// Why; from outside in part.
        sentence: String,
        /// Whether sending it again might help.
        retry: bool,
    },
    /// It surely is not on the server, or never got there.
    NotStored {
        /// What kind of failure.
        kind: Kind,
        /// Why; from outside in part.
        sentence: String,
    },
    /// It may or may not be on the server, and nobody could tell.
    Unknown {
        /// What is known.
        sentence: String,
    },
    /// Stopped by the person before it was stored.
    Stopped,
}

impl Outcome {
    /// Whether there is nothing left to do.
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::AlreadySo)
    }

    /// A glyph of one cell: never colour alone.
    pub const fn glyph(&self) -> &'static str {
        match self {
            Self::Done { .. } => "✓",
            Self::AlreadySo => "=",
            Self::Exists | Self::Refused { .. } | Self::NotStored { .. } => "✕",
            Self::Unknown { .. } => "?",
            Self::Stopped => "■",
        }
    }

    /// The word beside the glyph.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Done { verified: None } => "done",
            Self::Done { verified: Some(_) } => "done, checked",
            Self::AlreadySo => "there already",
            Self::Exists => "exists",
            Self::Refused { .. } => "refused",
            Self::NotStored { .. } => "not stored",
            Self::Unknown { .. } => "unknown",
            Self::Stopped => "stopped",
        }
    }

    /// One sentence where there is more to say than the word. From outside in part: clean it before it is shown.
    pub fn sentence(&self) -> Option<String> {
        match self {
            Self::Done { verified } => {
                verified.map(|proof| format!("The answer was lost or of no use, but the server holds it: {proof}."))
            }
            Self::AlreadySo => Some("It was skipped.".into()),
            Self::Exists => Some("Send it elsewhere, or skip existing names.".into()),
            Self::Refused { sentence, .. } | Self::NotStored { sentence, .. } | Self::Unknown { sentence } => {
                Some(sentence.clone())
            }
            Self::Stopped => None,
        }
    }

    /// The kind behind an outcome that is not done.
    pub const fn kind(&self) -> Option<Kind> {
        match self {
            Self::Done { .. } | Self::AlreadySo => None,
            Self::Exists => Some(Kind::Conflict),
            Self::Refused { kind, .. } | Self::NotStored { kind, .. } => Some(*kind),
            Self::Unknown { .. } => Some(Kind::Lost),
            Self::Stopped => Some(Kind::Stopped),
        }
    }
}

/// How an item stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ItemState {
    /// Its turn has not come.
    #[default]
    Waiting,
    /// Its bytes are on their way.
    Sending,
    /// All bytes are sent; the server has not answered.
    SentWaiting,
    /// It has ended.
    Ended(Outcome),
}

impl ItemState {
    /// The outcome, once there is one.
    pub const fn outcome(&self) -> Option<&Outcome> {
        match self {
            Self::Ended(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// Whether it ended with nothing left to do.
    pub const fn is_done(&self) -> bool {
        match self {
            Self::Ended(outcome) => outcome.is_done(),
            _ => false,
        }
    }

    /// A glyph of one cell.
    pub const fn glyph(&self) -> &'static str {
        match self {
            Self::Waiting => "○",
            Self::Sending => "↑",
            Self::SentWaiting => "◌",
            Self::Ended(outcome) => outcome.glyph(),
        }
    }

    /// The word beside the glyph.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::SentWaiting => "sent, waiting for the server",
            Self::Ended(outcome) => outcome.word(),
        }
    }
}

/// Items by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Not begun.
    pub waiting: u64,
    /// On their way.
    pub sending: u64,
    /// Sent whole, unanswered.
    pub sent_waiting: u64,
    /// On the server.
    pub done: u64,
    /// There already, skipped.
    pub already: u64,
    /// Refused, existing names included.
    pub refused: u64,
    /// Surely not stored.
    pub not_stored: u64,
    /// Nobody can tell.
    pub unknown: u64,
    /// Stopped.
    pub stopped: u64,
}

impl Counts {
    /// Counts these states.
    pub fn of<'a>(states: impl IntoIterator<Item = &'a ItemState>) -> Self {
        let mut counts = Self::default();
        for state in states {
            *counts.place(state) += 1;
        }
        counts
    }

    /// Counts an item that went from one state to another.
    pub fn change(&mut self, from: &ItemState, to: &ItemState) {
        let place = self.place(from);
        *place = place.saturating_sub(1);
        *self.place(to) += 1;
    }

    fn place(&mut self, state: &ItemState) -> &mut u64 {
        match state {
            ItemState::Waiting => &mut self.waiting,
            ItemState::Sending => &mut self.sending,
            ItemState::SentWaiting => &mut self.sent_waiting,
            ItemState::Ended(outcome) => match outcome {
                Outcome::Done { .. } => &mut self.done,
                Outcome::AlreadySo => &mut self.already,
                Outcome::Exists | Outcome::Refused { .. } => &mut self.refused,
                Outcome::NotStored { .. } => &mut self.not_stored,
                Outcome::Unknown { .. } => &mut self.unknown,
                Outcome::Stopped => &mut self.stopped,
            },
        }
    }

    /// All items.
    pub const fn all(&self) -> u64 {
        self.waiting + self.sending + self.sent_waiting + self.finished() + self.failed()
    }

    /// Those with nothing left to do.
    pub const fn finished(&self) -> u64 {
        self.done + self.already
    }

    /// Those that ended otherwise.
    pub const fn failed(&self) -> u64 {
        self.refused + self.not_stored + self.unknown + self.stopped
    }

    /// Those that have not ended.
    pub const fn open(&self) -> u64 {
        self.waiting + self.sending + self.sent_waiting
    }
}

/// What a job comes to as a whole, for the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Nothing is left to do.
    AllDone,
    /// Refused, or done in part.
    Partly,
    /// Nothing was done: the credential is missing, refused, or may not do it.
    NotAllowed,
    /// Nothing was done: what was asked for is not there.
    NotFound,
    /// Nothing was done: no door of the connection offers it.
    NotOffered,
    /// Nothing was done: network or server.
    Network,
    /// The person stopped it.
    Stopped,
}

impl Class {
    /// The class of a job by its items. An empty job is done.
    pub fn of<'a>(states: impl IntoIterator<Item = &'a ItemState>) -> Self {
        let mut done = false;
        let mut classes = Vec::new();
        for state in states {
            let class = match state.outcome().map(Outcome::kind) {
                Some(None) => {
                    done = true;
                    continue;
                }
                Some(Some(kind)) => Self::of_kind(kind),
                None => Self::Stopped,
            };
            if class == Self::Stopped {
                return Self::Stopped;
            }
            if !classes.contains(&class) {
                classes.push(class);
            }
        }
        match (done, classes.as_slice()) {
            (_, []) => Self::AllDone,
            (false, [class]) => *class,
            _ => Self::Partly,
        }
    }

    /// The class of a failure.
    pub const fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::NotSignedIn | Kind::NotAllowed | Kind::ReadOnly => Self::NotAllowed,
            Kind::NotFound => Self::NotFound,
            Kind::NoDoor => Self::NotOffered,
            Kind::TooMany
            | Kind::Server
            | Kind::Paused
            | Kind::NoSuchRoute
            | Kind::WrongServer
            | Kind::Unreadable
            | Kind::BadAnswer
            | Kind::Unreachable
            | Kind::Untrusted
            | Kind::Lost
            | Kind::Redirected => Self::Network,
            Kind::Stopped => Self::Stopped,
            Kind::Conflict | Kind::Refused | Kind::TooLarge | Kind::LocalFile => Self::Partly,
        }
    }

    /// The exit code of a command that did this and nothing else.
    pub const fn code(self) -> u8 {
        match self {
            Self::AllDone => 0,
            Self::Partly => 1,
            Self::NotOffered => 2,
            Self::NotAllowed => 3,
            Self::NotFound => 4,
            Self::Network => 5,
            Self::Stopped => 130,
        }
    }
}
