//! The connection as the screen sees it: another credential when one is refused.

mod effect;
pub mod forms;

pub use effect::Effect;
