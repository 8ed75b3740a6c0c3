//! basedeck: a terminal dashboard for the users and files of a project.

pub mod api;
pub mod cli;
pub mod secret;
pub mod text;
pub mod work;
