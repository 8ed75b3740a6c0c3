//! What one can do with the activity log.

use strum::VariantArray;

use crate::app::op::{OpSpec, Scope};

/// Operations of the Activity tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum Op {
    /// Everything about the entry, the raw answer among it.
    Detail,
    /// Copy the request and its result.
    Copy,
    /// Copy the request as curl.
    CopyCurl,
    /// Copy the command that does the same.
    CopyCommand,
    /// Scroll the detail down.
    DetailDown,
    /// Scroll the detail up.
    DetailUp,
}

impl Op {
    /// The row of this operation.
    pub const fn spec(self) -> OpSpec {
        let scope = Scope::Activity;
        match self {
            Self::Detail => OpSpec::new("activity.detail", "Details", &["enter", "i", "l", "right"], scope)
                .help("Shows everything about the selected entry, the server's raw answer among it.")
                .current()
                .bar(10, "details"),
            Self::Copy => OpSpec::new("activity.copy", "Copy entry", &["y"], scope)
                .help("Copies the request, its result and its id as one line.")
                .current()
                .bar(80, "copy")
                .in_detail(40, "copy"),
            Self::CopyCurl => OpSpec::new("activity.copy-curl", "Copy as curl", &["Y"], scope)
                .help("Copies the request as a line of curl, secrets as variables.")
                .current()
                .bar(82, "curl"),
            Self::CopyCommand => OpSpec::new("activity.copy-command", "Copy as a command", &["C"], scope)
                .help("Copies the command of this program that does the same without a screen.")
                .current(),
            Self::DetailDown => OpSpec::new("activity.detail-down", "Detail down", &["J"], scope)
                .help("Scrolls the detail down.")
                .current()
                .in_detail(20, "scroll"),
            Self::DetailUp => OpSpec::new("activity.detail-up", "Detail up", &["K"], scope)
                .help("Scrolls the detail up.")
                .current()
                .in_detail(20, "scroll"),
        }
    }
}
