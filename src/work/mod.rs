//! What the screen and the commands share, without a screen.

mod key;
pub mod outcome;
pub mod plan;
pub mod progress;
