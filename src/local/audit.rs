//! The audit of a protected profile: each change as one JSON line before it is sent and one after, in the state
//! directory, for its owner alone; another project that it lists has one of its own. What is in it is what the log holds,
//! and whom a change is about: paths, results and an email or a phone number, no bodies and no secrets.

use std::io;
use std::path::PathBuf;

use super::log::{Log, request};
use super::own::private_folder;
use crate::api::error::ApiError;
use crate::api::meta::Meta;
use crate::api::watch::Watch;
use crate::config::paths;

/// The audit of one profile. Its file is opened for each line: the first change makes it, and one that was moved away
/// meanwhile is made anew.
#[derive(Debug)]
pub struct Audit {
    /// `None` where the system names no home.
    path: Option<PathBuf>,
    profile: String,
    listed: Option<String>,
}

impl Audit {
    /// That of a profile's project, or of another one that it lists, by its ref, in the usual place. Nothing is opened yet.
    pub fn of(profile: &str, listed: Option<&str>) -> Self {
        let name = listed.map_or_else(|| profile.to_owned(), |reference| format!("{profile}/{reference}"));
        let path = paths::state_dir().map(|folder| folder.join("audit").join(format!("{name}.jsonl")));
        Self { path, profile: profile.to_owned(), listed: listed.map(str::to_owned) }
    }

    fn log(&self) -> io::Result<Log> {
        let path = self.path.as_ref().ok_or_else(|| io::Error::other("the system names no home"))?;
        path.parent().map_or(Ok(()), private_folder)?;
        Log::at(path)
    }
}

impl Watch for Audit {
    fn begins(&self, meta: &Meta) -> Result<(), String> {
        let fields = [
            ("profile", self.profile.as_str().into()),
            ("ref", self.listed.as_deref().into()),
            ("operation", meta.route.spec().name.into()),
            ("door", meta.door.map(crate::api::route::Door::name).into()),
            ("method", meta.method.into()),
            ("path", meta.path.as_str().into()),
            ("whom", meta.whom.as_deref().into()),
        ];
        self.log().and_then(|log| log.try_write("begins", &fields)).map_err(|error| {
            let place = self.path.as_ref().map(|path| format!(" {}", path.display())).unwrap_or_default();
            format!("nothing was sent, for the audit{place} cannot be written ({error})")
        })
    }

    fn ended(&self, meta: &Meta, error: Option<&ApiError>) {
        // It was done all the same.
        if let Ok(log) = self.log() {
            let mut fields = request(meta, error);
            fields.push(("whom", meta.whom.as_deref().into()));
            log.write("request", &fields);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::api::error::Kind;
    use crate::api::route::{Door, Route};

    fn audit(path: &Path) -> Audit {
        Audit { path: Some(path.to_owned()), profile: "acme".into(), listed: Some("abc".into()) }
    }

    #[test]
    fn a_change_stands_there_before_and_after_it_was_sent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit").join("acme.jsonl");
        let audit = audit(&path);
        let meta = Meta {
            door: Some(Door::Gateway),
            path: "/auth/v1/admin/users".into(),
            whom: Some("ada@example.org".into()),
            ..Meta::of(Route::UserCreate)
        };
        audit.begins(&meta).unwrap();
        audit.ended(&meta, Some(&ApiError::of(Kind::Conflict, Route::UserCreate, "taken")));
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!((&lines[0]["event"], &lines[0]["profile"]), (&"begins".into(), &"acme".into()));
        assert_eq!(lines[0]["ref"], "abc");
        assert_eq!(
            (&lines[1]["operation"], &lines[1]["path"]),
            (&"create user".into(), &"/auth/v1/admin/users".into())
        );
        assert!(lines[1]["error"].as_str().unwrap().contains("taken"));
        assert!(lines.iter().all(|line| line["whom"] == "ada@example.org"), "{text}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(path.parent().unwrap()).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "nobody else looks into the folder");
        }
    }

    #[test]
    fn an_audit_that_cannot_be_written_lets_nothing_begin() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("audit");
        fs::write(&file, "").unwrap();
        let beneath = file.join("acme.jsonl");
        for path in [beneath.as_path()].into_iter().chain(cfg!(target_os = "linux").then_some(Path::new("/dev/full"))) {
            let told = audit(path).begins(&Meta::of(Route::UserCreate)).unwrap_err();
            assert!(told.starts_with(&format!("nothing was sent, for the audit {} cannot", path.display())), "{told}");
        }
        let told = Audit { path: None, ..audit(&file) }.begins(&Meta::of(Route::UserCreate)).unwrap_err();
        assert_eq!(told, "nothing was sent, for the audit cannot be written (the system names no home)");
    }
}
