//! Adding a profile to the configuration file: what stands there stays byte for byte, the new file is whole or not there,
//! and only its owner may read it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;
#[cfg(unix)]
use std::time::Duration;

use super::Unready;
#[cfg(unix)]
use super::own::lock;
use super::own::replace;
use super::setup::{LARGEST_CONFIG, bounded};
use crate::config::Config;
use crate::config::file::{Fault, Origin, parse};

/// Nobody holds the file's folder longer than it takes to write it.
#[cfg(unix)]
const PATIENCE: Duration = Duration::from_secs(5);

/// The names of the profiles in the file; none where it is missing.
///
/// # Errors
/// One sentence: the file cannot be read, or not be understood.
pub fn names(path: &Path) -> Result<BTreeSet<String>, Unready> {
    names_in(&text(path)?, path)
}

fn names_in(text: &str, path: &Path) -> Result<BTreeSet<String>, Unready> {
    let config = parsed(text, path).map_err(|fault| Unready(format!("{fault}: mend this first")))?;
    Ok(config.profiles.into_keys().collect())
}

fn text(path: &Path) -> Result<String, Unready> {
    let failed = |why: String| Unready(format!("{why}: nothing was changed"));
    let place = path.display();
    match File::open(path) {
        Ok(file) => {
            let bytes = bounded(file, path, LARGEST_CONFIG).map_err(|why| failed(why.0))?;
            String::from_utf8(bytes).map_err(|_| failed(format!("{place} is no plain text")))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(failed(format!("{place} cannot be read ({error})"))),
    }
}

fn parsed(text: &str, path: &Path) -> Result<Config, Fault> {
    let folder = path.parent().unwrap_or(Path::new("."));
    parse(text, &Origin { file: &path.display().to_string(), folder, home: None })
}

/// Holds a folder's lock, where its file system has one for folders: not each that lies on another machine has.
#[cfg(unix)]
fn hold(folder: io::Result<File>, patience: Duration) -> io::Result<Option<File>> {
    match folder.and_then(|folder| lock(folder, patience)) {
        Err(error) if error.kind() != ErrorKind::TimedOut => Ok(None),
        held => held.map(Some),
    }
}

/// Adds `block` at the end of the file, which is made where it is missing.
///
/// # Errors
/// One sentence; the file is then as it was.
pub fn append(path: &Path, name: &str, block: &str) -> Result<(), Unready> {
    let place = path.display();
    let failed = |error: io::Error| Unready(format!("{place} cannot be written ({error}): nothing was changed"));
    // A link stays a link, and what it points to is written.
    let path = &fs::canonicalize(path).or_else(|_| std::path::absolute(path)).map_err(failed)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    // One at a time, from reading to writing: another one's profile would be lost.
    #[cfg(unix)]
    let _lock = hold(File::open(folder), PATIENCE).map_err(failed)?;
    let before = text(path)?;
    if names_in(&before, path)?.contains(name) {
        return Err(Unready(format!("{place} has a profile {name} already: nothing was changed")));
    }
    let gap = match before.as_str() {
        "" => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    let whole = [&before, gap, block].concat();
    let after = parsed(&whole, path).map_err(|fault| {
        Unready(format!("the profile does not fit behind what {place} holds ({fault}): nothing was changed"))
    })?;
    if !after.profiles.contains_key(name) {
        return Err(Unready(format!("{place} would not hold the profile {name}: nothing was changed")));
    }
    replace(path, whole.as_bytes()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = "[profiles.home]\nproject = { url = \"http://localhost:8000\", service_key_env = \"KEY\" }\n";

    #[test]
    fn a_profile_is_added_behind_what_stands_there_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("config.toml");
        append(&path, "home", BLOCK).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), BLOCK);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let before = "# mine\npoll_seconds = 9";
        fs::write(&path, before).unwrap();
        append(&path, "home", BLOCK).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{before}\n\n{BLOCK}"));
    }

    #[test]
    fn profiles_that_are_added_at_once_are_all_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("config.toml");
        let threads: Vec<_> = (0..12)
            .map(|n| {
                let (path, name) = (path.clone(), format!("p{n}"));
                std::thread::spawn(move || append(&path, &name, &BLOCK.replace("home", &name)).unwrap())
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(names(&path).unwrap().len(), 12);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_knows_no_lock_is_not_waited_for_and_one_that_is_held_is() {
        use std::os::unix::fs::OpenOptionsExt;
        /// A handle that no lock can be had of (`O_PATH`).
        const PATH: i32 = 0o10_000_000;
        let folder = tempfile::tempdir().unwrap();
        let lockless = fs::OpenOptions::new().read(true).custom_flags(PATH).open(folder.path());
        assert!(lockless.as_ref().unwrap().try_lock().is_err());
        assert!(hold(lockless, PATIENCE).unwrap().is_none());
        let open = || File::open(folder.path());
        let _held = hold(open(), PATIENCE).unwrap().unwrap();
        assert_eq!(hold(open(), Duration::ZERO).unwrap_err().kind(), ErrorKind::TimedOut);
    }

    #[test]
    fn what_cannot_be_added_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        for (before, why) in [
            (BLOCK, "has a profile home already"),
            ("pol = 1\n", "mend this first"),
            ("profiles = {}\n", "does not fit behind"),
        ] {
            fs::write(&path, before).unwrap();
            let told = append(&path, "home", BLOCK).unwrap_err().0;
            assert!(told.contains(why), "{told}");
            assert_eq!(fs::read_to_string(&path).unwrap(), before);
        }
    }
}
