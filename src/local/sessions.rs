//! The stored sessions: one file for each account at each server, in the state directory, for its owner alone, whole or
//! not there, and shared by programs that hold its lock in turn. Profiles that name the same account share it.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

use super::own::{lock, private, private_folder, replace};
use super::secrets::{others_may_read, quoted};
use crate::api::session::{Held, Keep, Kept};
use crate::secret::Secret;

/// A larger file is damaged.
const LARGEST: u64 = 256 * 1024;
/// Nobody holds the lock longer: a refresh, tried twice, takes less.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest part of a file's name.
const NAME: usize = 90;

/// What a file holds that is no session.
struct Damaged;

/// Where one session lies. A copy is the same place.
#[derive(Clone, Debug)]
pub struct Store {
    file: PathBuf,
    auth: String,
    account: String,
    notices: Arc<Mutex<Vec<String>>>,
}

impl Store {
    /// The place of an account (its email, or the profile's name where none is given) at a server, below this folder.
    pub fn new(folder: &Path, auth: &Url, account: &str) -> Self {
        let server = auth.as_str().split_once("://").map_or(auth.as_str(), |(_, rest)| rest);
        let name = format!("{}~{}.json", plain(server.trim_end_matches('/')), plain(account));
        Self {
            file: folder.join(name),
            auth: auth.as_str().to_owned(),
            account: account.to_owned(),
            notices: Arc::default(),
        }
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// What is stored.
    ///
    /// # Errors
    /// A sentence without its end.
    pub fn read(&self) -> Result<Option<Kept>, String> {
        match self.load()? {
            Ok(kept) => Ok(kept),
            // Another program may have mended it meanwhile.
            Err(Damaged) => self.hold()?.read(),
        }
    }

    fn load(&self) -> Result<Result<Option<Kept>, Damaged>, String> {
        let shown = self.file.display();
        let failed = |error: io::Error| format!("the session in {shown} cannot be read ({error})");
        let file = match File::open(&self.file) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Ok(None)),
            Err(error) => return Err(failed(error)),
        };
        if others_may_read(&file) {
            let path = quoted(&self.file);
            return Err(format!("others can read the session in {shown}, which is not used: run chmod 600 {path}"));
        }
        let mut bytes = Vec::new();
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
        Ok(self.parse(&bytes).map(|(kept, is_ours)| Some(kept).filter(|_| is_ours)).ok_or(Damaged))
    }

    /// What is stored, read while the lock is held: what is damaged is set aside.
    fn load_or_set_aside(&self) -> Result<Option<Kept>, String> {
        if let Ok(kept) = self.load()? {
            return Ok(kept);
        }
        let shown = self.file.display();
        let failed = |error: io::Error| format!("the damaged session in {shown} cannot be set aside ({error})");
        let aside = self.file.with_extension("json.damaged");
        fs::rename(&self.file, &aside).map_err(failed)?;
        let notice =
            format!("the session in {shown} was damaged and is set aside as {}: sign in anew", aside.display());
        self.notices.lock().unwrap_or_else(PoisonError::into_inner).push(notice);
        Ok(None)
    }

    /// What is worth saying of what was read, once.
    pub fn notices(&self) -> Vec<String> {
        std::mem::take(&mut *self.notices.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the file holds, and whether it is this account's.
    fn parse(&self, bytes: &[u8]) -> Option<(Kept, bool)> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let secret = |name| {
            let token =
                text(name).filter(|token| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
            token.map(|token| Secret::new(token.to_owned()))
        };
        let kept = Kept {
            access: secret("access_token")?,
            refresh: secret("refresh_token")?,
            received: text("received")?.parse::<Timestamp>().ok()?,
            lives: Duration::from_secs(value.get("expires_in")?.as_u64()?),
            who: text("who")?.to_owned(),
        };
        Some((kept, text("auth_url") == Some(&self.auth) && text("account") == Some(&self.account)))
    }

    fn hold(&self) -> Result<Locked, String> {
        let path = self.file.with_extension("lock");
        let failed = |error: io::Error| format!("the session cannot be locked by {} ({error})", path.display());
        private_folder(self.file.parent().unwrap_or(Path::new("."))).map_err(failed)?;
        let file = private().create(true).truncate(false).open(&path).map_err(failed)?;
        Ok(Locked { store: self.clone(), _lock: lock(file, PATIENCE).map_err(failed)? })
    }
}

impl Keep for Store {
    fn lock(&self) -> Result<Box<dyn Held>, String> {
        Ok(Box::new(self.hold()?))
    }
}

/// The store while this program holds its lock, which goes with the file's handle.
struct Locked {
    store: Store,
    _lock: File,
}

impl Held for Locked {
    fn read(&self) -> Result<Option<Kept>, String> {
        self.store.load_or_set_aside()
    }

    fn write(&mut self, kept: &Kept) -> Result<(), String> {
        let Store { file, auth, account, .. } = &self.store;
        let text = json!({
            "auth_url": auth,
            "account": account,
            "who": kept.who,
            "access_token": kept.access.expose(),
            "refresh_token": kept.refresh.expose(),
            "received": kept.received.to_string(),
            "expires_in": kept.lives.as_secs(),
        });
        let failed = |error: io::Error| format!("the session cannot be stored in {} ({error})", file.display());
        let folder = file.parent().unwrap_or(Path::new("."));
        replace(file, format!("{text}\n").as_bytes()).map_err(failed)?;
        // The new name is on the disk once its folder is; some file systems know no such thing.
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
        Ok(())
    }

    fn clear(&mut self) -> Result<(), String> {
        let file = &self.store.file;
        match fs::remove_file(file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(format!("the session in {} cannot be removed ({error})", file.display()))
            }
            _ => Ok(()),
        }
    }
}

/// A text as a part of a file's name: other bytes than letters, digits and a few signs by their numbers. What is cut off
/// stands in the file.
fn plain(text: &str) -> String {
    let mut name = String::new();
    for byte in text.bytes() {
        if name.len() >= NAME {
            break;
        }
        if byte.is_ascii_alphanumeric() || b"-_.@".contains(&byte) {
            name.push(byte.into());
        } else {
            name.extend(["%", &format!("{byte:02X}")]);
        }
    }
    name
}

#[cfg(test)]
#[path = "sessions/tests.rs"]
mod tests;
