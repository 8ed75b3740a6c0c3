//! basedeck: a terminal dashboard for the users and files of a project.

pub mod api;
pub mod app;
pub mod cli;
pub mod config;
#[cfg(feature = "demo")]
pub mod demo;
pub mod headless;
pub mod local;
pub mod runtime;
pub mod secret;
pub mod text;
pub mod ui;
pub mod work;
