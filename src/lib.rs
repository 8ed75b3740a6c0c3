//! basedeck: a terminal dashboard for the users and files of a project.

pub mod api;
pub mod cli;
pub mod config;
#[cfg(feature = "demo")]
pub mod demo;
pub mod headless;
pub mod local;
pub mod secret;
pub mod text;
pub mod work;
