//! Users in memory: chunks of rows, the table that holds each id once, and views of it (filtered, in order). Pure: what
//! takes long is a function that a worker calls with a snapshot. No request is made here.

mod chunk;
mod letters;
mod search;
mod table;
mod view;

#[cfg(test)]
mod tests;

pub use chunk::{Chunk, RowRef, Status};
pub use table::{Pushed, Snapshot, Table};
pub use view::{View, view};

use strum::VariantArray;

use crate::text::clean;

/// What a list of users is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum Column {
    /// Email, behind them the phones of those without one.
    Email,
    /// Providers, as shown.
    Providers,
    /// When the user was created.
    Created,
    /// When the user last signed in.
    LastSignIn,
    /// Status, in the order of [`Status`].
    Status,
}

impl Column {
    /// The name on screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email or phone",
            Self::Providers => "providers",
            Self::Created => "created",
            Self::LastSignIn => "last sign-in",
            Self::Status => "status",
        }
    }
}

/// An order of rows. Rows without a value come last in both directions; among equals the smaller id comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub column: Column,
    /// Largest first.
    pub descending: bool,
}

impl Default for Sort {
    fn default() -> Self {
        Self { column: Column::Created, descending: true }
    }
}

/// Which rows, in which order.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Query {
    /// Folded words; each must occur in the email, phone, name or id.
    pub words: Vec<String>,
    /// The order.
    pub sort: Sort,
}

impl Query {
    /// Blanks separate words that must all occur. The order is newest first.
    pub fn parse(text: &str) -> Self {
        Self { words: text.split_whitespace().map(fold).collect(), sort: Sort::default() }
    }

    /// The same words in another order.
    #[must_use]
    pub fn sorted(self, sort: Sort) -> Self {
        Self { sort, ..self }
    }

    /// Whether every row that this query finds is also found by the other one.
    pub fn narrows(&self, wider: &Self) -> bool {
        wider.words.iter().all(|part| self.words.iter().any(|word| word.contains(part.as_str())))
    }
}

/// The form in which words and rows are compared: clean, each letter in lower case by itself, so that a part of a word
/// folds to a part.
fn fold(text: &str) -> String {
    let clean = clean::line(text);
    if clean.is_ascii() { clean.to_ascii_lowercase() } else { clean.chars().flat_map(char::to_lowercase).collect() }
}
