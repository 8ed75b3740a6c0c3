//! What one can do with the objects of a bucket.

use strum::VariantArray;

use crate::api::route::Route;
use crate::app::op::{OpSpec, Scope};

/// Operations within a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum Op {
    /// Open the folder, or show the object.
    Open,
    /// To the folder above, at the root to the buckets.
    Up,
    /// Everything about it.
    Detail,
    /// Send files into this folder.
    Upload,
    /// Sort by the next column.
    Sort,
    /// Turn the order round.
    Reverse,
    /// Mark or unmark.
    Mark,
    /// Copy its key.
    Copy,
    /// Scroll the detail down.
    DetailDown,
    /// Scroll the detail up.
    DetailUp,
}

impl Op {
    /// The row of this operation.
    pub const fn spec(self) -> OpSpec {
        let scope = Scope::Objects;
        match self {
            Self::Open => OpSpec::new("objects.open", "Open", &["enter", "l", "right"], scope)
                .help("Opens the folder, or shows everything about the object.")
                .current()
                .bar(10, "open"),
            Self::Up => OpSpec::new("objects.up", "Folder above", &["h", "left", "backspace"], scope)
                .help("Goes to the folder above; from the bucket's root to the buckets.")
                .bar(40, "up"),
            Self::Detail => OpSpec::new("objects.detail", "Details", &["i"], scope)
                .help("Shows everything about the selected object.")
                .current()
                .bar(30, "details"),
            Self::Upload => OpSpec::new("objects.upload", "Upload here", &["u"], scope)
                .help("Picks local files and sends them into this folder.")
                .routes(&[Route::ObjectUpload])
                .bar(20, "upload"),
            Self::Sort => OpSpec::new("objects.sort", "Sort by next column", &["s"], scope)
                .help("Sorts what is loaded by the next column; folders stay first.")
                .bar(70, "sort"),
            Self::Reverse => {
                OpSpec::new("objects.reverse", "Turn the order round", &["S"], scope).help("Turns the order round.")
            }
            Self::Mark => OpSpec::new("objects.mark", "Mark", &["space"], scope)
                .help("Marks the selected row, or takes the mark away; copying takes the marked ones.")
                .current(),
            Self::Copy => OpSpec::new("objects.copy", "Copy key", &["y"], scope)
                .help("Copies the key of the selected row, or of the marked ones.")
                .current()
                .bar(80, "copy")
                .in_detail(40, "copy"),
            Self::DetailDown => OpSpec::new("objects.detail-down", "Detail down", &["J"], scope)
                .help("Scrolls the detail down.")
                .current()
                .in_detail(20, "scroll"),
            Self::DetailUp => OpSpec::new("objects.detail-up", "Detail up", &["K"], scope)
                .help("Scrolls the detail up.")
                .current()
                .in_detail(20, "scroll"),
        }
    }
}
