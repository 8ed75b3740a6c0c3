//! What the screen and the commands share, without a screen.

pub mod query;
pub mod walk;
