//! tests

mod contract_client;
mod socket;
mod wire;
