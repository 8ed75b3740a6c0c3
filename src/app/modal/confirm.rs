//! A question with yes and no. What has no room for all of its words scrolls.

use ratatui::layout::Size;

use crate::text::{clean, width};
use crate::work::outcome::JobId;

/// The frame's width where the screen has it.
const WIDEST: u16 = 56;
/// From this height of the screen on blanks have room.
const AIRY: u16 = 16;

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
    top: usize,
}

/// A question as it stands on a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// The frame's size.
    pub size: Size,
    /// All lines, cleaned.
    pub lines: Vec<String>,
    /// The first line in view.
    pub top: usize,
    /// How many are in view.
    pub shown: usize,
    /// Cells between the frame and the text.
    pub side: u16,
    /// Blank rows above the text, and below it.
    pub blank: u16,
}

impl Confirm {
    fn new(title: impl Into<String>, lines: Vec<String>, yes: &'static str, no: &'static str, what: Ask) -> Self {
        Self { title: title.into(), lines, yes, no, what, top: 0 }
    }

    /// How it stands on a screen, key bar included: in a small one the words take what blanks take elsewhere.
    pub fn laid(&self, screen: Size) -> Laid {
        let (side, blank) = if screen.height > AIRY { (2, 1) } else { (1, 0) };
        let width = screen.width.min(WIDEST);
        let cells = usize::from(width.saturating_sub(2 + 2 * side)).max(1);
        let lines: Vec<String> = self.lines.iter().flat_map(|line| width::wrap(&clean::line(line), cells)).collect();
        // The frame takes two rows, the keys one; the key bar is the screen's last.
        let around = 3 + 2 * blank;
        let shown = lines.len().min(usize::from(screen.height.saturating_sub(around + 1)).max(1));
        let top = self.top.min(lines.len() - shown);
        Laid { size: Size { width, height: shown as u16 + around }, lines, top, shown, side, blank }
    }

    /// Whether there is more than fits on a screen of this size.
    pub fn scrolls(&self, screen: Size) -> bool {
        let laid = self.laid(screen);
        laid.lines.len() > laid.shown
    }

    /// Scrolls by a line on a screen of this size.
    pub fn scroll(&mut self, down: bool, screen: Size) {
        let top = self.laid(screen).top;
        self.top = if down { top + 1 } else { top.saturating_sub(1) };
        self.top = self.laid(screen).top;
    }

    /// Whether to leave, and what that would end.
    pub fn quit(lines: Vec<String>) -> Self {
        Self::new("Quit?", lines, "quit", "stay", Ask::Quit)
    }

    /// Whether to go to a project, and what would be lost.
    pub fn leave(to: &str, lines: Vec<String>) -> Self {
        Self::new(format!("Go to {to}?"), lines, "go", "stay", Ask::LeaveProject)
    }

    /// Whether to throw away what was typed.
    pub fn discard(what: impl Into<String>) -> Self {
        Self::new("Discard?", vec![what.into()], "discard", "go on", Ask::Discard)
    }

    /// Whether to send more than 50 MiB to a bucket without a limit of its own.
    pub fn over_limit(lines: Vec<String>) -> Self {
        Self::new("Send large files?", lines, "send", "go back", Ask::OverLimit)
    }

    /// Whether to take the project's key from Studio.
    pub fn take_keys(lines: Vec<String>) -> Self {
        Self::new("Take the project's key?", lines, "take it", "go without", Ask::TakeKeys)
    }

    /// Whether to stop a job.
    pub fn stop(job: JobId, lines: Vec<String>) -> Self {
        Self::new("Stop this job?", lines, "stop it", "let it run", Ask::StopJob(job))
    }
}
