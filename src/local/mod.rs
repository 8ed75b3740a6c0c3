//! This machine: reads the configuration and secrets, keeps the log, panic reports and what is remembered, hears
//! signals. It asks no server and knows no screen.

pub mod ask;
pub mod audit;
mod command;
pub mod discover;
pub mod fleet;
pub mod log;
pub mod machine;
mod own;
pub mod panic;
pub mod profiles;
pub mod renew;
pub mod secrets;
pub mod sessions;
pub mod setup;
pub mod signals;
pub mod state;
pub mod workers;

pub use setup::{Inputs, Offered, Setup, Unready, connect};

#[cfg(test)]
mod tests;
