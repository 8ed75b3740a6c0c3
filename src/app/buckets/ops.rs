//! What one can do with buckets.

use strum::VariantArray;

use crate::api::route::Route;
use crate::app::op::{OpSpec, Scope};

/// Operations of the list of buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum Op {
    /// List its objects.
    Open,
    /// Everything about it.
    Detail,
    /// Send files into it.
    Upload,
    /// Sort by the next column.
    Sort,
    /// Turn the order round.
    Reverse,
    /// Mark or unmark.
    Mark,
    /// Copy its id.
    Copy,
    /// Scroll the detail down.
    DetailDown,
    /// Scroll the detail up.
    DetailUp,
}

impl Op {
    /// The row of this operation.
    pub const fn spec(self) -> OpSpec {
        let scope = Scope::Buckets;
        match self {
            Self::Open => OpSpec::new("buckets.open", "Open", &["enter", "l", "right"], scope)
                .help("Lists the bucket's folders and objects.")
                .current()
                .routes(&[Route::ObjectsList, Route::ObjectsListV1])
                .bar(10, "open"),
            Self::Detail => OpSpec::new("buckets.detail", "Details", &["i"], scope)
                .help("Shows everything about the selected bucket.")
                .current()
                .bar(30, "details"),
            Self::Upload => OpSpec::new("buckets.upload", "Upload", &["u"], scope)
                .help("Picks local files and sends them into the bucket.")
                .current()
                .routes(&[Route::ObjectUpload])
                .bar(20, "upload"),
            Self::Sort => OpSpec::new("buckets.sort", "Sort by next column", &["s"], scope)
                .help("Sorts by the next column.")
                .bar(70, "sort"),
            Self::Reverse => {
                OpSpec::new("buckets.reverse", "Turn the order round", &["S"], scope).help("Turns the order round.")
            }
            Self::Mark => OpSpec::new("buckets.mark", "Mark", &["space"], scope)
                .help("Marks the selected bucket, or takes the mark away; copying takes the marked ones.")
                .current(),
            Self::Copy => OpSpec::new("buckets.copy", "Copy id", &["y"], scope)
                .help("Copies the id of the selected bucket, or of the marked ones.")
                .current()
                .bar(80, "copy")
                .in_detail(40, "copy"),
            Self::DetailDown => OpSpec::new("buckets.detail-down", "Detail down", &["J"], scope)
                .help("Scrolls the detail down.")
                .current()
                .in_detail(20, "scroll"),
            Self::DetailUp => OpSpec::new("buckets.detail-up", "Detail up", &["K"], scope)
                .help("Scrolls the detail up.")
                .current()
                .in_detail(20, "scroll"),
        }
    }
}
