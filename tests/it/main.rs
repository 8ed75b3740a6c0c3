//! One binary for all tests that look at the program from outside.

mod architecture;
#[cfg(feature = "demo")]
mod contract_demo;
//! tests

mod contract_client;
mod socket;
mod wire;
