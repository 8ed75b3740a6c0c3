//! What the servers send, read leniently: unknown fields are kept in the raw row, missing ones are absent, and a wrong
//! type spoils only its own row.

mod bucket;
mod factor;
mod list;
mod object;
mod project;
mod user;
mod wire;

#[cfg(test)]
mod tests;

pub use bucket::{Bucket, BucketId};
pub use factor::Factor;
pub use object::{Entry, Listing, ObjectInfo};
pub use project::Project;
pub(in crate::api) use project::sleeps;
pub use user::{ListUsers, NewUser, User, UserId};

pub(in crate::api) use list::{Read, array, one, rows, total};

/// One row of a list: what could be read of it, and the row as the server sent it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<T> {
    /// The row's JSON text, unknown fields included.
    pub raw: Box<str>,
    /// The row, or the sentence that says why it cannot be read.
    pub value: Result<T, String>,
}

/// How many rows the server says there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Total {
    /// The server counted them (`X-Total-Count`, `total` or `count`).
    Exact(u64),
    /// An upper bound, from the number of the last page; never held against what was loaded.
    AtMost(u64),
    /// It did not say.
    #[default]
    Unknown,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The rows in the server's order.
    pub rows: Vec<Row<T>>,
    /// How many rows there are on all pages.
    pub total: Total,
}
