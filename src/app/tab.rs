//! The tabs, in their order on screen.

use strum::VariantArray;

/// A tab; none is listed before it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, VariantArray)]
pub enum Tab {
    /// GoTrue's users.
    Users,
    /// Storage's buckets, and the objects of an open one.
    Buckets,
    /// Uploads.
    Jobs,
    /// What this program did.
    Activity,
}

impl Tab {
    /// The name on screen.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Users => "Users",
            Self::Buckets => "Buckets",
            Self::Jobs => "Jobs",
            Self::Activity => "Activity",
        }
    }
}
