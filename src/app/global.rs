//! What one can ask for on every screen.

use strum::VariantArray;

use super::op::{Danger, OpSpec, Scope};

/// Operations of the whole program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum Op {
    /// The next tab.
    NextTab,
    /// The tab before.
    PreviousTab,
    /// The Users tab.
    Users,
    /// The Buckets tab.
    Buckets,
    /// The Jobs tab.
    Jobs,
    /// The Activity tab.
    Activity,
    /// Type a filter.
    Filter,
    /// Ask the server now.
    Refresh,
    /// Stop asking, or go on.
    Pause,
    /// The command palette.
    Palette,
    /// Help for here.
    Help,
    /// The raw answer behind the last error.
    Raw,
    /// One step back.
    Back,
    /// Leave.
    Quit,
    /// Leave, from anywhere.
    Exit,
    /// Back to the shell for a while.
    Suspend,
    /// Help where one types.
    HelpTyping,
    /// Keep the filter and go on in the list.
    FilterKeep,
    /// Drop the filter.
    FilterClear,
    /// Next row while filtering.
    FilterDown,
    /// Row above while filtering.
    FilterUp,
}

impl Op {
    /// The row of this operation.
    pub const fn spec(self) -> OpSpec {
        use Scope::{Always, Filter, Global};
        match self {
            Self::NextTab => OpSpec::new("global.next-tab", "Next tab", &["tab"], Global).help("Goes to the next tab."),
            Self::PreviousTab => {
                OpSpec::new("global.previous-tab", "Tab before", &["backtab"], Global).help("Goes to the tab before.")
            }
            Self::Users => OpSpec::new("global.users", "Users", &["1"], Global).help("Goes to the Users tab."),
            Self::Buckets => OpSpec::new("global.buckets", "Buckets", &["2"], Global).help("Goes to the Buckets tab."),
            Self::Jobs => OpSpec::new("global.jobs", "Jobs", &["3"], Global).help("Goes to the Jobs tab."),
            Self::Activity => {
                OpSpec::new("global.activity", "Activity", &["4"], Global).help("Goes to the Activity tab.")
            }
            Self::Filter => OpSpec::new("global.filter", "Filter", &["/"], Global)
                .help("Filters what is loaded while you type; blanks separate words that must all occur.")
                .bar(60, "filter"),
            Self::Refresh => OpSpec::new("global.refresh", "Refresh now", &["r"], Global)
                .help("Asks the server now, also for what it was found to lack.")
                .bar(85, "refresh"),
            Self::Pause => OpSpec::new("global.pause", "Pause polling", &["p"], Global)
                .help("Stops asking the server by itself, or goes on."),
            Self::Palette => OpSpec::new("global.commands", "Commands", &[":"], Global)
                .help("Finds any operation by its name.")
                .bar(90, "commands"),
            Self::Help => OpSpec::new("global.help", "Help", &["?", "f1"], Global)
                .help("Shows the keys that work here.")
                .bar(2, "help")
                .in_detail(90, "help"),
            Self::Raw => OpSpec::new("global.raw", "Raw answer", &["."], Global)
                .help("Shows the server's raw answer behind the last error."),
            Self::Back => OpSpec::new("global.back", "Back", &["esc"], Global)
                .help("One step back: closes the detail, drops the filter, leaves a folder or a job's items.")
                .bar(5, "back")
                .in_detail(10, "back"),
            Self::Quit => OpSpec::new("global.quit", "Quit", &["q"], Global)
                .help("Goes one step back, or leaves; asks while jobs run.")
                .bar(3, "quit")
                .danger(Danger::Asks),
            Self::Exit => OpSpec::new("global.exit", "Quit from anywhere", &["ctrl-c"], Always)
                .help("Leaves from anywhere; asks while jobs run.")
                .danger(Danger::Asks),
            Self::Suspend => OpSpec::new("global.suspend", "To the shell", &["ctrl-z"], Always)
                .help("Stops the program; fg brings it back whole."),
            Self::HelpTyping => OpSpec::new("global.help-typing", "Help while typing", &["f1"], Filter)
                .help("Shows the keys that work while you type."),
            Self::FilterKeep => OpSpec::new("filter.keep", "Keep the filter", &["enter", "tab"], Filter)
                .help("Goes on in the list with the filter kept.")
                .bar(10, "keep"),
            Self::FilterClear => OpSpec::new("filter.clear", "Drop the filter", &["esc"], Filter)
                .help("Drops the filter.")
                .bar(20, "drop"),
            Self::FilterDown => {
                OpSpec::new("filter.down", "Next match", &["down", "ctrl-n"], Filter).help("Selects the next match.")
            }
            Self::FilterUp => {
                OpSpec::new("filter.up", "Match above", &["up", "ctrl-p"], Filter).help("Selects the match above.")
            }
        }
    }
}
