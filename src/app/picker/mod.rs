//! The file picker: walk and mark, then review and send. It reads nothing itself: it asks for directories and is told.

mod browse;
mod effect;
mod ops;
mod review;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use ratatui::layout::Size;

pub use browse::Browse;
pub use effect::{Body, Dir, DirEntry, Effect, EntryKind};
pub use ops::{Op, ReviewOp};
pub use review::{Focus, Review, Row};

use super::form::Typed;
use super::modal::Confirm;
use crate::api::model::BucketId;
use crate::work::plan::{Choices, Plan, Rules};
use browse::BrowseOut;
use review::ReviewOut;

/// The widest frame of the picker, in cells.
const WIDEST: u16 = 96;
/// Its highest, in cells.
const HIGHEST: u16 = 34;
/// Below this height a screen is low.
const LOW: u16 = 16;

/// What the picker asks of the root.
#[derive(Clone, Debug, PartialEq)]
pub enum PickerOut {
    /// Nothing.
    None,
    /// Close it; [`Picker::is_dirty`] says whether to ask first.
    Close,
    /// Read something; the answer goes to [`Picker::receive`].
    Ask(Effect),
    /// Send this, and close it.
    Upload(Box<Plan>),
    /// Ask this first; [`Picker::agreed`] is what yes sends.
    Confirm(Confirm),
    /// Show the keys of the picker.
    Help,
}

/// A picker for one bucket.
#[derive(Clone, Debug)]
pub struct Picker {
    /// Where the files go.
    pub bucket: BucketId,
    /// Project and door, for titles and questions.
    pub at: String,
    /// What the bucket takes, where that is known.
    pub rules: Option<Rules>,
    /// The folder in the bucket to begin with.
    pub prefix: String,
    /// What is decided about the files, kept while one goes back to them.
    pub choices: Choices,
    /// Files being walked through; kept while they are reviewed.
    pub browse: Browse,
    /// The second step, once files were taken.
    pub review: Option<Review>,
    /// Files that are being looked at before the review.
    checking: Option<Vec<PathBuf>>,
    height: usize,
}

impl Picker {
    /// A picker, and what it asks for first: the directory that the program was started in.
    pub fn open(bucket: BucketId, rules: Option<Rules>, prefix: &str) -> (Self, Effect) {
        let mut picker = Self {
            bucket,
            at: String::new(),
            rules,
            prefix: prefix.to_owned(),
            choices: Choices::default(),
            browse: Browse::default(),
            review: None,
            checking: None,
            height: 1,
        };
        picker.browse.sync();
        (picker, Effect::ReadDir(None))
    }

    /// The frame's size on a screen.
    pub fn size(screen: Size) -> Size {
        // A low screen is covered whole, but for the key bar.
        let below = if screen.height < LOW { 1 } else { 4 };
        Size { width: screen.width.min(WIDEST), height: screen.height.saturating_sub(below).min(HIGHEST) }
    }

    /// How many rows of the list are in view: all but the frame, the place, the line and the foot; in the review but the
    /// frame, four choices, a rule and a foot of two.
    pub fn rows(&self, screen: Size) -> usize {
        let taken = if self.review.is_some() { 9 } else { 5 };
        usize::from(Self::size(screen).height.saturating_sub(taken)).max(1)
    }

    /// Whether files are being looked at.
    pub fn is_checking(&self) -> bool {
        self.checking.is_some()
    }

    /// Whether closing it would lose marks.
    pub fn is_dirty(&self) -> bool {
        !self.browse.marks().is_empty()
    }

    /// Types into the line.
    pub fn typed(&mut self, typed: Typed<'_>) -> PickerOut {
        if let Some(review) = &mut self.review {
            review.typed(typed);
            return PickerOut::None;
        }
        self.checking = None;
        let out = self.browse.typed(typed);
        self.browsed(out)
    }

    /// Runs an operation of the walk on a screen of this size.
    pub fn run(&mut self, op: Op, screen: Size) -> PickerOut {
        self.height = self.rows(screen);
        if op == Op::Help {
            return PickerOut::Help;
        }
        self.checking = None;
        let out = self.browse.run(op, self.height);
        self.browsed(out)
    }

    /// Runs an operation of the review on a screen of this size.
    pub fn run_review(&mut self, op: ReviewOp, screen: Size) -> PickerOut {
        self.height = self.rows(screen);
        let Some(review) = &mut self.review else { return PickerOut::None };
        if op == ReviewOp::Help {
            return PickerOut::Help;
        }
        match review.run(op, self.height) {
            ReviewOut::None => PickerOut::None,
            ReviewOut::Send(plan) => PickerOut::Upload(plan),
            ReviewOut::Ask(mut confirm) => {
                confirm.lines.push(format!("They go to {} in {}.", self.bucket.0, self.at));
                PickerOut::Confirm(confirm)
            }
            ReviewOut::Back => {
                self.prefix = review.prefix.value().to_owned();
                self.choices = review.choices;
                self.review = None;
                PickerOut::None
            }
        }
    }

    /// What was asked for has come.
    pub fn receive(&mut self, body: Body) -> PickerOut {
        match body {
            Body::Dir(asked, read) => {
                let out = self.browse.received(asked, read, self.height);
                self.browsed(out)
            }
            Body::Stat(found) => {
                let asked = found.iter().map(|(path, _)| path);
                if self.checking.as_ref().is_some_and(|checking| checking.iter().eq(asked)) {
                    self.checking = None;
                    let (bucket, rules) = (self.bucket.clone(), self.rules.clone());
                    self.review = Some(Review::new(bucket, rules, &self.prefix, self.choices, found));
                }
                PickerOut::None
            }
        }
    }

    /// What is sent after the question was answered with yes.
    pub fn agreed(&self) -> Option<Plan> {
        self.review.as_ref().map(|review| review.plan.clone())
    }

    fn browsed(&mut self, out: BrowseOut) -> PickerOut {
        match out {
            BrowseOut::None => PickerOut::None,
            BrowseOut::Ask(effect) => PickerOut::Ask(effect),
            BrowseOut::Leave => PickerOut::Close,
            BrowseOut::Take(files) => {
                self.checking = Some(files.clone());
                PickerOut::Ask(Effect::Stat(files))
            }
        }
    }
}
