//! basedeck: a terminal dashboard for the users and files of a project.

#[cfg(feature = "demo")]
pub mod demo;
pub mod secret;
