//! Where the configuration and this program's own files lie on this system.

use std::path::{Path, PathBuf};

use directories::{BaseDirs, ProjectDirs};

/// The usual configuration file; `None` where the system names no home.
pub fn config_file() -> Option<PathBuf> {
    project().map(|dirs| dirs.config_dir().join("config.toml"))
}

/// Where panic reports go.
pub fn state_dir() -> Option<PathBuf> {
    project().map(|dirs| dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).to_owned())
}

/// The person's home.
pub fn home() -> Option<PathBuf> {
    BaseDirs::new().map(|dirs| dirs.home_dir().to_owned())
}

/// A path as the configuration writes it: `~/` is the home, a relative one begins at the file's folder.
pub fn expand(path: &str, folder: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => folder.join(path),
    }
}

fn project() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "basedeck")
}
