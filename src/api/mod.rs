//! The client: speaks HTTP to a project's servers and knows nothing of screens.
//!
//! [`route`] is the table of what a server can do; [`client::Client`] sends one route; `users`, `buckets`, `objects`
//! and `upload` hold one function per route.

pub mod error;
pub mod model;
pub mod offers;
pub mod route;
