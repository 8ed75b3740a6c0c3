//! One binary for all tests that look at the program from outside. `cfg(test)` on each module lets the lints see that
//! its helpers are tests too.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod contract_client;
#[cfg(test)]
#[cfg(feature = "demo")]
mod contract_demo;
#[cfg(test)]
mod contract_studio;
#[cfg(test)]
mod detection;
#[cfg(test)]
#[cfg(feature = "demo")]
mod docs;
#[cfg(test)]
#[cfg(feature = "demo")]
mod doors;
#[cfg(test)]
mod drive;
#[cfg(test)]
mod faults;
#[cfg(test)]
#[cfg(all(unix, feature = "demo"))]
mod headless;
#[cfg(test)]
#[cfg(all(unix, feature = "demo"))]
mod pty;
#[cfg(test)]
mod renewal;
#[cfg(test)]
#[cfg(feature = "demo")]
mod signin;
#[cfg(test)]
mod socket;
#[cfg(test)]
#[cfg(feature = "demo")]
mod transfers;
#[cfg(test)]
mod wire;
