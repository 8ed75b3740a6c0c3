//! One binary for all tests that look at the program from outside.

mod architecture;
#[cfg(feature = "demo")]
mod contract_demo;
