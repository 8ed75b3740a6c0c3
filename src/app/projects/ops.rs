//! What one does about projects: open the switcher, and what it takes.

use strum::VariantArray;

use crate::app::op::{OpSpec, Scope};

/// Operations on projects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum Op {
    /// Open the switcher.
    Open,
    /// The same on the first screen.
    First,
    /// Go to the selected project.
    Switch,
    /// Close the switcher.
    Close,
    /// The next project.
    Down,
    /// The project above.
    Up,
    /// A page down.
    PageDown,
    /// A page up.
    PageUp,
    /// Ask them all again.
    Again,
    /// Help for the switcher.
    Help,
}

impl Op {
    /// The row of this operation.
    pub const fn spec(self) -> OpSpec {
        use Scope::{First, Global, Projects};
        match self {
            Self::Open => OpSpec::new("projects.open", "Projects", &["P"], Global)
                .help("Shows all profiles and what their platforms list, how each is, and goes to one; jobs and changes go on."),
            Self::First => OpSpec::new("first.projects", "Projects", &["P"], First)
                .help("Shows all profiles and what their platforms list, and opens one.")
                .bar(12, "projects"),
            Self::Switch => OpSpec::new("projects.switch", "Go to the project", &["enter"], Projects)
                .help("Leaves the open project and goes to the selected one; a profile without a project signs in or lists its own.")
                .bar(10, "open"),
            Self::Close => OpSpec::new("projects.close", "Close", &["esc"], Projects)
                .help("Closes the list of projects and stops asking them.")
                .bar(20, "close"),
            Self::Down => OpSpec::new("projects.down", "Next project", &["down", "ctrl-n", "tab"], Projects)
                .help("Selects the next project."),
            Self::Up => OpSpec::new("projects.up", "Project above", &["up", "ctrl-p", "backtab"], Projects)
                .help("Selects the project above."),
            Self::PageDown => {
                OpSpec::new("projects.page-down", "Page down", &["pagedown"], Projects).help("Moves a page.")
            }
            Self::PageUp => OpSpec::new("projects.page-up", "Page up", &["pageup"], Projects).help("Moves a page."),
            Self::Again => OpSpec::new("projects.again", "Ask again", &["ctrl-r"], Projects)
                .help("Asks each project again how it is, and each platform for its projects.")
                .bar(30, "ask again"),
            Self::Help => {
                OpSpec::new("projects.help", "Help", &["f1"], Projects).help("Shows the keys that work here.")
            }
        }
    }
}
