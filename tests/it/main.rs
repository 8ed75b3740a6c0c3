//! tests

mod contract_demo;
