//! This machine: reads the configuration and secrets, keeps the log and panic reports, hears signals. It asks no server
//! and knows no screen.

pub mod ask;
mod command;
pub mod log;
pub mod panic;
pub mod profiles;
pub mod secrets;
pub mod sessions;
pub mod setup;
pub mod signals;

pub use setup::{Inputs, Setup, Unready, connect};

#[cfg(test)]
mod tests;
