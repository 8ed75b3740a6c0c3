//! What one can do with jobs.

use strum::VariantArray;

use crate::api::route::Route;
use crate::app::op::{Danger, OpSpec, Scope};

/// Operations of the Jobs tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum Op {
    /// Go into the items; in them all about the selected one.
    Items,
    /// Stop it.
    Stop,
    /// Send what is left.
    Rerun,
    /// Drop the ended ones from the list.
    Clear,
    /// To the next item that failed.
    NextFailed,
}

impl Op {
    /// The row of this operation.
    pub const fn spec(self) -> OpSpec {
        let scope = Scope::Jobs;
        match self {
            Self::Items => OpSpec::new("jobs.items", "Items", &["enter", "l", "right"], scope)
                .help(
                    "Goes into the items of the selected job, there tells all about the selected one; {global.back} comes back.",
                )
                .current()
                .bar(10, "open"),
            Self::Stop => OpSpec::new("jobs.stop", "Stop", &["x"], scope)
                .help("Stops the selected job after asking; what is stored stays.")
                .current()
                .danger(Danger::Asks)
                .bar(20, "stop"),
            Self::Rerun => OpSpec::new("jobs.rerun", "Rerun the rest", &["R"], scope)
                .help("Starts a new job of all that the selected one left undone.")
                .current()
                .routes(&[Route::ObjectUpload])
                .bar(30, "rerun the rest"),
            Self::Clear => OpSpec::new("jobs.clear", "Clear ended jobs", &["c"], scope)
                .help("Takes the jobs that have ended out of the list.")
                .bar(40, "clear ended"),
            Self::NextFailed => OpSpec::new("jobs.next-failed", "Next failed item", &["f"], scope)
                .help("Goes to the next item that was not stored.")
                .current()
                .bar(50, "next failed"),
        }
    }
}
