//! basedeck: a terminal dashboard for the users and files of a project.

pub mod secret;
