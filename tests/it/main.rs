//! The integration tests, one binary. `cfg(test)` on each module lets the lints see that helpers are tests too.

#[cfg(test)]
mod contract_client;
#[cfg(test)]
mod socket;
#[cfg(test)]
mod wire;
