//! What one does in the file picker. Its line always has the keys, so all of these are keys that type nothing, or keys
//! that do both.

use strum::VariantArray;

use crate::app::op::{OpSpec, Scope};

/// Operations of the picker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum Op {
    /// The next row.
    Down,
    /// The row above.
    Up,
    /// A page down.
    PageDown,
    /// A page up.
    PageUp,
    /// Open the folder, take the file or the marked; in the review: send.
    Take,
    /// Open the folder at the end of the line, else move in the line.
    Into,
    /// Go up from an empty line, else move in the line.
    Parent,
    /// Go up from an empty line, else take a character away.
    Erase,
    /// Complete a path; in the review: the next field.
    Complete,
    /// In the review: the field before.
    Previous,
    /// Mark the file, or take its mark away.
    Mark,
    /// Show hidden files, or hide them.
    Hidden,
    /// Go on with the marked.
    Go,
    /// A blank; in the review: switch.
    Toggle,
    /// One step back.
    Cancel,
    /// The keys that work here.
    Help,
}

impl Op {
    /// Whether it means something in the second step, where the files are chosen already.
    pub const fn is_in_review(self) -> bool {
        !matches!(self, Self::Mark | Self::Hidden | Self::Go)
    }

    /// The row of this operation.
    pub const fn spec(self) -> OpSpec {
        use Scope::Picker;
        match self {
            Self::Down => OpSpec::new("picker.down", "Down", &["down", "ctrl-n"], Picker).help("Selects the next row."),
            Self::Up => OpSpec::new("picker.up", "Up", &["up", "ctrl-p"], Picker).help("Selects the row above."),
            Self::PageDown => OpSpec::new("picker.page-down", "Page down", &["pagedown"], Picker).help("Moves a page."),
            Self::PageUp => OpSpec::new("picker.page-up", "Page up", &["pageup"], Picker).help("Moves a page."),
            Self::Take => OpSpec::new("picker.take", "Open or take", &["enter"], Picker)
                .help("Opens the folder, or takes the file; where files are marked, takes those. In the review: sends.")
                .bar(10, "open, take"),
            Self::Into => OpSpec::new("picker.into", "Open the folder", &["right"], Picker)
                .help("Opens the folder; within a line moves to the right."),
            Self::Parent => OpSpec::new("picker.parent", "To the folder above", &["left"], Picker)
                .help("Goes to the folder above when the line is empty; within a line moves to the left.")
                .bar(50, "up"),
            Self::Erase => OpSpec::new("picker.erase", "Erase, or go up", &["backspace"], Picker)
                .help("Takes a character away; when the line is empty goes to the folder above."),
            Self::Complete => OpSpec::new("picker.complete", "Complete a path", &["tab"], Picker)
                .help("Completes a path that begins with /, ~/ or ./; in the review goes to the next line.")
                .bar(60, "complete"),
            Self::Previous => OpSpec::new("picker.previous", "Line before", &["backtab"], Picker)
                .help("In the review goes to the line before."),
            Self::Mark => OpSpec::new("picker.mark", "Mark the file", &["ctrl-space"], Picker)
                .help("Marks the file or takes its mark away; marks stay while you walk.")
                .bar(20, "mark"),
            Self::Hidden => OpSpec::new("picker.hidden", "Show hidden files", &["ctrl-t"], Picker)
                .help("Shows files whose names begin with a dot, or hides them.")
                .bar(70, "hidden"),
            Self::Go => OpSpec::new("picker.go", "Go on with the marked", &["ctrl-s"], Picker)
                .help("Goes on with the marked files from anywhere; in the review sends.")
                .bar(30, "go on"),
            Self::Toggle => OpSpec::new("picker.toggle", "Switch", &["space"], Picker)
                .help("In the review switches what is on or off; in a line it is a blank."),
            Self::Cancel => OpSpec::new("picker.cancel", "Back", &["esc"], Picker)
                .help("Empties the line; when it is empty goes one step back.")
                .bar(40, "back"),
            Self::Help => {
                OpSpec::new("picker.help", "Help in the picker", &["f1"], Picker).help("Shows the keys that work here.")
            }
        }
    }
}
