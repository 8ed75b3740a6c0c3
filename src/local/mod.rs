//! This machine: reads the configuration and secrets, keeps the log and panic reports, hears signals. It asks no server
//! and knows no screen.

pub mod audit;
mod command;
pub mod discover;
pub mod listing;
pub mod log;
pub mod machine;
pub mod panic;
pub mod profiles;
pub mod renew;
pub mod secrets;
pub mod setup;
pub mod signals;

pub use setup::{Inputs, Offered, Setup, Unready, connect};

#[cfg(test)]
mod tests;
