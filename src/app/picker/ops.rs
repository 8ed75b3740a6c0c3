//! What one does in the file picker and in its review. A line always has the keys, so all of these are keys that type
//! nothing, or keys that do both.

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
    /// Open the folder, take the file or the marked.
    Take,
    /// Open the folder at the end of the line, else move in the line.
    Into,
    /// Go up from an empty line, else move in the line.
    Parent,
    /// Go up from an empty line, else take a character away.
    Erase,
    /// Complete a path.
    Complete,
    /// Mark the file, or take its mark away.
    Mark,
    /// Show hidden files, or hide them.
    Hidden,
    /// Go on with the marked.
    Go,
    /// One step back.
    Cancel,
    /// The keys that work here.
    Help,
}

impl Op {
    /// The row of this operation.
    pub const fn spec(self) -> OpSpec {
        use Scope::Picker;
        match self {
            Self::Down => OpSpec::new("picker.down", "Down", &["down", "ctrl-n"], Picker).help("Selects the next row."),
            Self::Up => OpSpec::new("picker.up", "Up", &["up", "ctrl-p"], Picker).help("Selects the row above."),
            Self::PageDown => OpSpec::new("picker.page-down", "Page down", &["pagedown"], Picker).help("Moves a page."),
            Self::PageUp => OpSpec::new("picker.page-up", "Page up", &["pageup"], Picker).help("Moves a page."),
            Self::Take => OpSpec::new("picker.take", "Open or take", &["enter"], Picker)
                .help("Opens the folder, or takes the file; where files are marked, takes those.")
                .bar(10, "take"),
            Self::Into => OpSpec::new("picker.into", "Open the folder", &["right"], Picker)
                .help("Opens the folder; within a line moves to the right."),
            Self::Parent => OpSpec::new("picker.parent", "To the folder above", &["left"], Picker)
                .help("Goes to the folder above when the line is empty; within a line moves to the left.")
                .bar(50, "up"),
            Self::Erase => OpSpec::new("picker.erase", "Erase, or go up", &["backspace"], Picker)
                .help("Takes a character away; when the line is empty goes to the folder above."),
            Self::Complete => OpSpec::new("picker.complete", "Complete a path", &["tab"], Picker)
                .help("Completes a path that begins with /, ~/ or ./.")
                .bar(60, "complete"),
            Self::Mark => OpSpec::new("picker.mark", "Mark the file", &["ctrl-space"], Picker)
                .help("Marks the file or takes its mark away; marks stay while you walk.")
                .bar(40, "mark"),
            Self::Hidden => OpSpec::new("picker.hidden", "Show hidden files", &["ctrl-t"], Picker)
                .help("Shows files whose names begin with a dot, or hides them.")
                .bar(70, "hidden"),
            Self::Go => OpSpec::new("picker.go", "Go on with the marked", &["ctrl-s"], Picker)
                .help("Goes on with the marked files from anywhere.")
                .bar(20, "go on"),
            Self::Cancel => OpSpec::new("picker.cancel", "Back", &["esc"], Picker)
                .help("Empties the line; when it is empty goes one step back.")
                .bar(30, "back"),
            Self::Help => {
                OpSpec::new("picker.help", "Help in the picker", &["f1"], Picker).help("Shows the keys that work here.")
            }
        }
    }
}

/// Operations of the review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum ReviewOp {
    /// Send.
    Send,
    /// The next line.
    Next,
    /// The line before.
    Previous,
    /// Switch; in the folder's line a blank.
    Switch,
    /// Back to the files.
    Back,
    /// The next row.
    Down,
    /// The row above.
    Up,
    /// A page down.
    PageDown,
    /// A page up.
    PageUp,
    /// To the right in the line, else switch.
    Right,
    /// To the left in the line, else switch.
    Left,
    /// Take a character away.
    Erase,
    /// The keys that work here.
    Help,
}

impl ReviewOp {
    /// The row of this operation.
    pub const fn spec(self) -> OpSpec {
        use Scope::Review;
        match self {
            Self::Send => OpSpec::new("review.send", "Send", &["enter", "ctrl-s"], Review)
                .help("Sends what can be sent; asks first where files are larger than most servers take.")
                .bar(10, "send"),
            Self::Next => {
                OpSpec::new("review.next", "Next line", &["tab"], Review).help("Goes to the next line.").bar(20, "next")
            }
            Self::Previous => {
                OpSpec::new("review.previous", "Line before", &["backtab"], Review).help("Goes to the line before.")
            }
            Self::Switch => OpSpec::new("review.switch", "Switch", &["space"], Review)
                .help("Switches the line on or off; in the folder it is a blank.")
                .bar(30, "switch"),
            Self::Back => OpSpec::new("review.back", "Back to the files", &["esc"], Review)
                .help("Goes back to the files.")
                .bar(40, "back"),
            Self::Down => {
                OpSpec::new("review.down", "Down", &["down", "ctrl-n"], Review).help("Selects the next file.")
            }
            Self::Up => OpSpec::new("review.up", "Up", &["up", "ctrl-p"], Review).help("Selects the file above."),
            Self::PageDown => OpSpec::new("review.page-down", "Page down", &["pagedown"], Review).help("Moves a page."),
            Self::PageUp => OpSpec::new("review.page-up", "Page up", &["pageup"], Review).help("Moves a page."),
            Self::Right => OpSpec::new("review.right", "Right", &["right"], Review)
                .help("In the folder moves to the right; elsewhere switches."),
            Self::Left => OpSpec::new("review.left", "Left", &["left"], Review)
                .help("In the folder moves to the left; elsewhere switches."),
            Self::Erase => OpSpec::new("review.erase", "Erase", &["backspace"], Review)
                .help("Takes a character of the folder away."),
            Self::Help => {
                OpSpec::new("review.help", "Help in the review", &["f1"], Review).help("Shows the keys that work here.")
            }
        }
    }
}
