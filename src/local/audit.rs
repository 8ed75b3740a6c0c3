//! The audit of a protected profile: each change as one JSON line before it is sent and one after, in the state
//! directory, for its owner alone. What is in it is what the log holds: paths and results, no bodies and no secrets.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Unready;
use super::log::Log;
use crate::api::error::ApiError;
use crate::api::meta::Meta;
use crate::api::watch::Watch;
use crate::config::paths;

/// Where the audit of a profile lies; `None` where the system names no home.
pub fn file(profile: &str) -> Option<PathBuf> {
    paths::state_dir().map(|folder| folder.join("audit").join(format!("{profile}.jsonl")))
}

/// Opens the audit of a profile.
///
/// # Errors
/// One sentence: without it, nothing of a protected profile is to be changed.
pub fn open(profile: &str) -> Result<Arc<dyn Watch>, Unready> {
    let path = file(profile).ok_or_else(|| Unready("the audit has no place: the system names no home".into()))?;
    Ok(Arc::new(Audit::open(&path, profile)?))
}

#[derive(Debug)]
struct Audit {
    log: Log,
    profile: String,
}

impl Audit {
    fn open(path: &Path, profile: &str) -> Result<Self, Unready> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| {
                Unready(format!("the audit's folder {} cannot be made ({error})", folder.display()))
            })?;
        }
        Ok(Self { log: Log::open(Some(path))?, profile: profile.to_owned() })
    }
}

impl Watch for Audit {
    fn begins(&self, meta: &Meta) -> Result<(), String> {
        let fields = [
            ("profile", self.profile.as_str().into()),
            ("operation", meta.route.spec().name.into()),
            ("door", meta.door.map(crate::api::route::Door::name).into()),
            ("method", meta.method.into()),
            ("path", meta.path.as_str().into()),
        ];
        self.log.try_write("begins", &fields).map_err(|error| format!("its audit cannot be written ({error})"))
    }

    fn ended(&self, meta: &Meta, error: Option<&ApiError>) {
        self.log.request(meta, error);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::error::Kind;
    use crate::api::route::{Door, Route};

    #[test]
    fn a_change_stands_there_before_and_after_it_was_sent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit").join("acme.jsonl");
        let audit = Audit::open(&path, "acme").unwrap();
        let meta =
            Meta { door: Some(Door::Gateway), path: "/auth/v1/admin/users".into(), ..Meta::of(Route::UserCreate) };
        audit.begins(&meta).unwrap();
        audit.ended(&meta, Some(&ApiError::of(Kind::Conflict, Route::UserCreate, "taken")));
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!((&lines[0]["event"], &lines[0]["profile"]), (&"begins".into(), &"acme".into()));
        assert_eq!(
            (&lines[1]["operation"], &lines[1]["path"]),
            (&"create user".into(), &"/auth/v1/admin/users".into())
        );
        assert!(lines[1]["error"].as_str().unwrap().contains("taken"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_audit_that_cannot_be_written_lets_nothing_begin() {
        let audit = Audit::open(Path::new("/dev/full"), "acme").unwrap();
        let told = audit.begins(&Meta::of(Route::UserCreate)).unwrap_err();
        assert!(told.starts_with("its audit cannot be written"), "{told}");
    }
}
