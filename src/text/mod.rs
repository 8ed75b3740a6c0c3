//! Strings for people and cells: a leaf that anybody may import.

pub mod address;
pub mod clean;
pub mod human;
pub mod json;
pub mod near;
pub mod reference;
pub mod width;
