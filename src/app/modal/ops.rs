//! What one does in questions, the palette, help and details, and on the first screen.

use strum::VariantArray;

use crate::app::op::{OpSpec, Scope};

/// Operations of the modals that are neither form nor picker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum Op {
    /// Answer yes.
    Yes,
    /// Answer no.
    No,
    /// A line of a question down.
    QuestionDown,
    /// A line of a question up.
    QuestionUp,
    /// Run the selected command.
    PaletteRun,
    /// Close the palette.
    PaletteClose,
    /// The next command.
    PaletteDown,
    /// The command above.
    PaletteUp,
    /// A page of commands down.
    PalettePageDown,
    /// A page of commands up.
    PalettePageUp,
    /// Close what is read.
    ViewerClose,
    /// A line down.
    ViewerDown,
    /// A line up.
    ViewerUp,
    /// A page down.
    ViewerPageDown,
    /// A page up.
    ViewerPageUp,
    /// To the first line.
    ViewerFirst,
    /// To the last line.
    ViewerLast,
    /// Copy all of it.
    ViewerCopy,
    /// Start the demo.
    FirstDemo,
    /// Open the project of the files here.
    FirstLocal,
    /// Help on the first screen.
    FirstHelp,
    /// Leave.
    FirstQuit,
}

impl Op {
    /// The row of this operation.
    pub const fn spec(self) -> OpSpec {
        use Scope::{Confirm, First, Palette, Viewer};
        match self {
            Self::Yes => OpSpec::new("confirm.yes", "Yes", &["y"], Confirm)
                .help("Does it; enter does nothing here.")
                .bar(10, "yes"),
            Self::No => {
                OpSpec::new("confirm.no", "No", &["n", "esc"], Confirm).help("Leaves it as it is.").bar(20, "no")
            }
            Self::QuestionDown => {
                OpSpec::new("confirm.down", "Down", &["j", "down"], Confirm).help("Moves a line.").bar(30, "scroll")
            }
            Self::QuestionUp => OpSpec::new("confirm.up", "Up", &["k", "up"], Confirm).help("Moves a line."),
            Self::PaletteRun => OpSpec::new("commands.run", "Run the command", &["enter"], Palette)
                .help("Runs the selected command.")
                .bar(10, "run"),
            Self::PaletteClose => OpSpec::new("commands.close", "Close", &["esc"], Palette)
                .help("Closes the list of commands.")
                .bar(20, "close"),
            Self::PaletteDown => OpSpec::new("commands.down", "Next command", &["down", "ctrl-n", "tab"], Palette)
                .help("Selects the next command."),
            Self::PaletteUp => OpSpec::new("commands.up", "Command above", &["up", "ctrl-p", "backtab"], Palette)
                .help("Selects the command above."),
            Self::PalettePageDown => {
                OpSpec::new("commands.page-down", "Page down", &["pagedown"], Palette).help("Moves a page.")
            }
            Self::PalettePageUp => {
                OpSpec::new("commands.page-up", "Page up", &["pageup"], Palette).help("Moves a page.")
            }
            Self::ViewerClose => OpSpec::new("viewer.close", "Close", &["esc", "q", "enter", "?", "f1", "."], Viewer)
                .help("Closes what is read.")
                .bar(20, "close"),
            Self::ViewerDown => {
                OpSpec::new("viewer.down", "Down", &["j", "down"], Viewer).help("Moves a line.").bar(10, "scroll")
            }
            Self::ViewerUp => OpSpec::new("viewer.up", "Up", &["k", "up"], Viewer).help("Moves a line."),
            Self::ViewerPageDown => {
                OpSpec::new("viewer.page-down", "Page down", &["pagedown", "space", "ctrl-d"], Viewer)
                    .help("Moves a page.")
            }
            Self::ViewerPageUp => {
                OpSpec::new("viewer.page-up", "Page up", &["pageup", "ctrl-u"], Viewer).help("Moves a page.")
            }
            Self::ViewerFirst => {
                OpSpec::new("viewer.first", "To the start", &["g", "home"], Viewer).help("Goes to the first line.")
            }
            Self::ViewerLast => {
                OpSpec::new("viewer.last", "To the end", &["G", "end"], Viewer).help("Goes to the last line.")
            }
            Self::ViewerCopy => {
                OpSpec::new("viewer.copy", "Copy", &["y"], Viewer).help("Copies all of it.").bar(30, "copy")
            }
            Self::FirstDemo => OpSpec::new("first.demo", "Start the demo", &["d"], First)
                .help("Starts the embedded demo server and opens the screen on it.")
                .bar(12, "demo"),
            Self::FirstLocal => OpSpec::new("first.local", "Open the project here", &["o", "enter"], First)
                .help("Reads the files of this folder that are named on the screen, and opens the project they name.")
                .bar(10, "open"),
            Self::FirstHelp => OpSpec::new("first.help", "Help", &["?", "f1"], First)
                .help("Shows the keys that work here.")
                .bar(2, "help"),
            Self::FirstQuit => {
                OpSpec::new("first.quit", "Quit", &["q", "esc"], First).help("Leaves the program.").bar(3, "quit")
            }
        }
    }
}
