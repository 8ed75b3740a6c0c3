//! What the users ask of the runtime, and what comes back.

use std::sync::Arc;

use crate::api::error::ApiError;
use crate::api::model::{ListUsers, NewUser, Total, UserId};
use crate::work::query::{Chunk, Query, RowRef, Snapshot, View};

/// A wish about users.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Read one page.
    Page(ListUsers),
    /// Read one user again, with identities and factors.
    Get(UserId),
    /// Create a user.
    Create(NewUser),
    /// Filter and sort off the update path; a newer one replaces a pending one.
    View(ViewJob),
}

/// What is to be filtered and sorted.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewJob {
    /// The rows as they stand.
    pub snapshot: Snapshot,
    /// Words and order.
    pub query: Query,
    /// The view so far, to start from.
    pub base: Option<View>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A page, or why not.
    Page(ListUsers, Result<PageRead, ApiError>),
    /// One user as a chunk of one row.
    Got(UserId, Result<Arc<Chunk>, ApiError>),
    /// The created user as a chunk of one row.
    Created(Result<Arc<Chunk>, ApiError>),
    /// Order and matches.
    View(View),
}

/// A page as the worker built it: parsed, cleaned, column by column.
#[derive(Clone, Debug, PartialEq)]
pub struct PageRead {
    /// Its rows, in chunks of at most 1,000: a server may ignore the size that was asked for.
    pub chunks: Vec<Arc<Chunk>>,
    /// How many users there are on all pages.
    pub total: Total,
}

impl PageRead {
    /// Its rows in order.
    pub fn rows(&self) -> impl Iterator<Item = RowRef<'_>> {
        self.chunks.iter().flat_map(|chunk| (0..chunk.len()).filter_map(|at| chunk.row(at)))
    }
}
