//! One binary for all tests that look at the program from outside. `cfg(test)` on each module lets the lints see that
//! its helpers are tests too.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod contract_client;
#[cfg(all(test, feature = "demo"))]
mod contract_demo;
#[cfg(all(test, feature = "demo"))]
mod doors;
#[cfg(test)]
mod drive;
#[cfg(test)]
mod faults;
#[cfg(all(test, unix, feature = "demo"))]
mod headless;
#[cfg(test)]
mod socket;
#[cfg(all(test, feature = "demo"))]
mod transfers;
#[cfg(test)]
mod wire;
