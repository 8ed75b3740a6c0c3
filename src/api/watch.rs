//! Whoever is to know of each change before and after it is asked for: the audit of a protected profile.

use std::fmt::Debug;

use super::error::ApiError;
use super::meta::Meta;

/// Told of requests that change something, and of those alone: of each once before and once after, however often it had
/// to be sent. An upload whose bytes are read anew, for its credential was refused, is another one.
pub trait Watch: Debug + Send + Sync {
    /// One is about to be sent. It is not where this fails; the reason is the middle of a sentence.
    fn begins(&self, meta: &Meta) -> Result<(), String>;
    /// It has ended. Of one that was never sent nothing is told.
    fn ended(&self, meta: &Meta, error: Option<&ApiError>);
}
