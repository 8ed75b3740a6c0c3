//! What the screen and the commands share, without a screen.
//!
//! An upload job: [`plan`] settles what goes where, [`outcome`] and [`progress`] say how it stands (all three pure);
//! [`files`] looks at local files, [`engine`] carries a plan out with a worker per item, and a verifier asks for the
//! truth where an answer was lost.

pub mod engine;
pub mod files;
pub mod outcome;
pub mod password;
pub mod plan;
pub mod progress;
pub mod query;
mod verify;
pub mod walk;
mod worker;
