//! Parts that several screens draw: rule, table, detail, and what stands where rows are not.

pub mod detail;
pub mod empty;
pub mod input;
pub mod modal;
pub mod rule;
pub mod skeleton;
pub mod table;
