//! basedeck: a terminal dashboard for the users and files of a project.

pub mod api;
#[cfg(feature = "demo")]
pub mod demo;
pub mod secret;
pub mod text;
pub mod work;
