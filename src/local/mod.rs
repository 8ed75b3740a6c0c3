//! This machine: reads the configuration and secrets, keeps the log and panic reports, hears signals, knows the
//! clipboard. It knows no server and no screen.

pub mod clipboard;
pub mod log;
pub mod panic;
mod secrets;
pub mod setup;
pub mod signals;

pub use setup::{DoorSetup, Inputs, Setup, Unready, connect};

#[cfg(test)]
mod tests;
