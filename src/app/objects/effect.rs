//! What the objects ask of the runtime, and what comes back.

use crate::api::error::ApiError;
use crate::api::model::{BucketId, Listing};

/// A wish about objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read one page below a prefix.
    List(ListObjects),
}

/// Which page of which folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListObjects {
    /// The bucket.
    pub bucket: BucketId,
    /// `""` for the root, else ends in `/`.
    pub prefix: String,
    /// Where the page before ended.
    pub next: Option<String>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A page, or why not.
    List(ListObjects, Result<Listing, ApiError>),
}
