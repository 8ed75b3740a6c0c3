//! The client: speaks HTTP to a project's servers and knows nothing of screens.
//!
//! [`route`] is the table of what a server can do; [`client::Client`] sends one route; `users`, `buckets`, `objects`
//! and `upload` hold one function per route.

pub mod buckets;
pub mod client;
pub mod credential;
pub mod detect;
pub mod error;
mod fault;
pub mod health;
mod key;
pub mod meta;
pub mod model;
pub mod objects;
pub mod offers;
pub mod projects;
pub mod renew;
mod reply;
pub mod retry;
pub mod route;
pub mod session;
mod sql;
pub mod upload;
pub mod users;
pub mod watch;
