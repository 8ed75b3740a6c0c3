//! basedeck: a terminal dashboard for the users and files of a project.

pub mod api;
pub mod cli;
pub mod config;
pub mod secret;
pub mod text;
pub mod work;
