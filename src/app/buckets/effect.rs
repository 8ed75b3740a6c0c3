//! What the buckets ask of the runtime, and what comes back.

use crate::api::error::ApiError;
use crate::api::model::{Bucket, Page};

/// A wish about buckets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read all buckets.
    List,
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// All buckets, or why not.
    List(Result<Page<Bucket>, ApiError>),
}
