//! tests

mod contract_demo;
mod transfers;
