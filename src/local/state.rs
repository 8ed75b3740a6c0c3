//! What is remembered between two runs: of each project when it was in view last, the place, widths, order and filters,
//! and of each profile what was agreed to. One file, `state.json`, for its owner alone: a filter may be a person's
//! address. Nothing secret is in it. What other programs wrote meanwhile, and fields that this one does not know, stay.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::own::{lock, private, private_folder, replace};
use crate::config::paths;

/// A larger file is none of ours.
const LARGEST: u64 = 1024 * 1024;
/// The version that this program writes.
const VERSION: u32 = 1;
/// Nobody holds the lock longer than it takes to write the file; one who is stopped meanwhile holds up no other's end.
const PATIENCE: Duration = Duration::from_secs(1);
/// A longer text is not remembered, in bytes.
const LONGEST: usize = 4 * 1024;

/// What is remembered of one profile.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// When it was in view last.
    pub opened: Option<Timestamp>,
    /// The place in it, as one types it.
    pub place: Option<String>,
    /// The detail's share of the lists, in percent; the usual one where none was chosen.
    pub detail: Option<u8>,
    /// Order and filter of the users.
    pub users: View,
    /// Of the buckets.
    pub buckets: View,
    /// Of the objects at that place.
    pub objects: View,
}

/// Order and filter of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// The column's name, and whether the largest comes first.
    pub sort: Option<(String, bool)>,
    /// The filter as typed.
    pub filter: String,
}

/// The file.
#[derive(Clone, Debug)]
pub struct Store(PathBuf);

/// What a file holds that is no state of ours.
struct Damaged;

impl Store {
    /// The usual one; `None` where the system names no home.
    pub fn usual() -> Option<Self> {
        paths::state_dir().map(|folder| Self(folder.join("state.json")))
    }

    /// One at another place, for tests.
    pub const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// What is remembered, by profile; a damaged file is set aside, which the sentence tells.
    pub fn read(&self) -> (BTreeMap<String, Entry>, Option<String>) {
        let (state, told) = match self.load() {
            Ok(Ok(state)) => (state, None),
            Ok(Err(Damaged)) => {
                let place = self.0.display();
                match self.locked().and_then(|_lock| self.load_or_set_aside()) {
                    Ok(Some(mended)) => (mended, None),
                    Ok(None) => {
                        (Map::new(), Some(format!("{place} was damaged: it is set aside, and places begin anew")))
                    }
                    Err(error) => (Map::new(), Some(format!("{place} is damaged, and cannot be set aside ({error})"))),
                }
            }
            Err(error) => (Map::new(), Some(format!("{} cannot be read ({error})", self.0.display()))),
        };
        let profiles = state.get("profiles").and_then(Value::as_object);
        let entries = profiles.into_iter().flatten().map(|(name, value)| (name.clone(), entry(value)));
        (entries.collect(), told)
    }

    /// Keeps what is to be remembered of a profile; all else in the file stays.
    ///
    /// # Errors
    /// One sentence; the file is then as it was.
    pub fn keep(&self, profile: &str, entry: &Entry) -> Result<(), String> {
        self.change(profile, |fields| write_entry(fields, entry))
    }

    /// Whether the person agreed that Studio gives this profile's address and service key; nothing where nobody was asked.
    pub fn agreed(&self, profile: &str) -> Option<bool> {
        let Ok(Ok(state)) = self.load() else { return None };
        state.get("profiles")?.get(profile)?.get("agreed")?.as_bool()
    }

    /// Keeps the answer to that.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub fn agree(&self, profile: &str, yes: bool) -> Result<(), String> {
        self.change(profile, |fields| {
            fields.insert("agreed".into(), yes.into());
        })
    }

    fn change(&self, profile: &str, change: impl FnOnce(&mut Map<String, Value>)) -> Result<(), String> {
        self.try_change(profile, change)
            .map_err(|error| format!("Where you were in {profile} is not remembered: {} ({error}).", self.0.display()))
    }

    fn try_change(&self, profile: &str, change: impl FnOnce(&mut Map<String, Value>)) -> io::Result<()> {
        let folder = self.0.parent().unwrap_or(&self.0);
        private_folder(folder)?;
        let _lock = self.locked()?;
        let mut state = self.load_or_set_aside()?.unwrap_or_default();
        state.entry("version").or_insert_with(|| VERSION.into());
        change(object(object(&mut state, "profiles"), profile));
        replace(&self.0, Value::Object(state).to_string().as_bytes())
    }

    /// One process at a time; until the file is dropped.
    fn locked(&self) -> io::Result<File> {
        let path = self.0.with_extension("json.lock");
        lock(private().create(true).truncate(false).open(path)?, PATIENCE)
    }

    fn load(&self) -> io::Result<Result<Map<String, Value>, Damaged>> {
        let file = match File::open(&self.0) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Ok(Map::new())),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        file.take(LARGEST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LARGEST {
            return Ok(Err(Damaged));
        }
        Ok(match serde_json::from_slice(&bytes) {
            Ok(Value::Object(state)) => Ok(state),
            Ok(_) | Err(_) => Err(Damaged),
        })
    }

    /// What is in the file, which another process may have mended meanwhile; nothing where it was set aside.
    fn load_or_set_aside(&self) -> io::Result<Option<Map<String, Value>>> {
        if let Ok(state) = self.load()? {
            return Ok(Some(state));
        }
        fs::rename(&self.0, self.0.with_extension("json.damaged"))?;
        Ok(None)
    }
}

/// The object at a key; what else stands there makes room for one.
fn object<'a>(map: &'a mut Map<String, Value>, key: &str) -> &'a mut Map<String, Value> {
    let value = map.entry(key).or_insert(Value::Null);
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(map) => map,
        _ => unreachable!("it was made one"),
    }
}

fn entry(value: &Value) -> Entry {
    let text = |key: &str| value.get(key).and_then(Value::as_str).filter(|text| text.len() <= LONGEST);
    let view = |key: &str| value.get(key).map(view).unwrap_or_default();
    Entry {
        opened: text("opened").and_then(|text| text.parse().ok()),
        place: text("place").map(str::to_owned),
        detail: value.get("detail_percent").and_then(Value::as_u64).and_then(|percent| percent.try_into().ok()),
        users: view("users"),
        buckets: view("buckets"),
        objects: view("objects"),
    }
}

fn view(value: &Value) -> View {
    let text = |key: &str| value.get(key).and_then(Value::as_str).filter(|text| text.len() <= LONGEST);
    let descending = value.get("descending").and_then(Value::as_bool).unwrap_or_default();
    View {
        sort: text("sort").map(|column| (column.to_owned(), descending)),
        filter: text("filter").unwrap_or_default().to_owned(),
    }
}

fn write_entry(fields: &mut Map<String, Value>, entry: &Entry) {
    let view = |view: &View| {
        let (sort, descending) = view.sort.as_ref().map_or((None, false), |(column, down)| (Some(column), *down));
        json!({ "sort": sort, "descending": descending, "filter": view.filter })
    };
    fields.insert("opened".into(), entry.opened.map(|time| time.to_string()).into());
    fields.insert("place".into(), entry.place.clone().into());
    fields.insert("detail_percent".into(), entry.detail.into());
    fields.insert("users".into(), view(&entry.users));
    fields.insert("buckets".into(), view(&entry.buckets));
    fields.insert("objects".into(), view(&entry.objects));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path().join("new").join("state.json"));
        (folder, store)
    }

    fn at(place: &str) -> Entry {
        Entry {
            opened: Timestamp::from_second(1_000).ok(),
            place: Some(place.into()),
            detail: Some(55),
            users: View { sort: Some(("status".into(), true)), filter: "ada ü".into() },
            ..Entry::default()
        }
    }

    #[test]
    fn what_is_kept_is_read_again_and_only_its_owner_may() {
        let (_folder, store) = store();
        assert_eq!(store.read(), (BTreeMap::new(), None), "nothing is remembered yet");
        store.keep("acme", &at("buckets/a/b/")).unwrap();
        store.agree("home", true).unwrap();
        store.keep("home", &at("users")).unwrap();
        let (all, told) = store.read();
        assert_eq!((all.get("acme"), all.get("home"), told), (Some(&at("buckets/a/b/")), Some(&at("users")), None));
        assert_eq!((store.agreed("home"), store.agreed("acme"), store.agreed("x")), (Some(true), None, None));
        store.agree("acme", false).unwrap();
        assert_eq!(store.agreed("acme"), Some(false));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&store.0).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn what_others_wrote_and_what_is_not_known_stays() {
        let (_folder, store) = store();
        store.keep("acme", &at("users")).unwrap();
        let text = fs::read_to_string(&store.0).unwrap();
        let text = text.replacen('{', r#"{"later":[1],"#, 1).replace(r#""opened""#, r#""widths":{"a":9},"opened""#);
        fs::write(&store.0, text).unwrap();
        store.keep("home", &at("buckets")).unwrap();
        store.keep("acme", &at("jobs")).unwrap();
        let state: Value = serde_json::from_str(&fs::read_to_string(&store.0).unwrap()).unwrap();
        assert_eq!(state["later"], json!([1]));
        assert_eq!(state["version"], json!(1));
        assert_eq!(state["profiles"]["acme"]["widths"], json!({"a": 9}));
        assert_eq!(state["profiles"]["acme"]["place"], json!("jobs"));
        assert_eq!(state["profiles"]["home"]["place"], json!("buckets"));
    }

    #[test]
    fn a_damaged_file_is_set_aside_and_told_once() {
        let (_folder, store) = store();
        for damaged in ["", "{", "[]", "{\"profiles\": {\"a\": ", "\u{0}"] {
            fs::create_dir_all(store.0.parent().unwrap()).unwrap();
            fs::write(&store.0, damaged).unwrap();
            let (all, told) = store.read();
            assert!(all.is_empty() && told.unwrap().contains("set aside"), "{damaged}");
            assert_eq!(fs::read_to_string(store.0.with_extension("json.damaged")).unwrap(), damaged);
            assert_eq!(store.read().1, None);
        }
        fs::write(&store.0, "{").unwrap();
        store.keep("acme", &at("users")).unwrap();
        assert_eq!(store.read().0.len(), 1);
    }

    #[test]
    fn a_damaged_file_that_stays_is_not_said_to_be_set_aside() {
        let (_folder, store) = store();
        fs::create_dir_all(store.0.with_extension("json.damaged").join("in the way")).unwrap();
        fs::write(&store.0, "{").unwrap();
        let told = store.read().1.unwrap();
        assert!(told.contains("is damaged, and cannot be set aside ("), "{told}");
        assert_eq!(fs::read_to_string(&store.0).unwrap(), "{");
    }

    #[test]
    fn fields_of_another_shape_are_as_good_as_missing() {
        let (_folder, store) = store();
        fs::create_dir_all(store.0.parent().unwrap()).unwrap();
        for odd in [r#"{"profiles":7}"#, r#"{"profiles":{"a":[]}}"#, r#"{"profiles":{"a":{"opened":1,"users":"x"}}}"#] {
            fs::write(&store.0, odd).unwrap();
            let (all, told) = store.read();
            assert!(told.is_none() && all.values().all(|entry| *entry == Entry::default()), "{odd}");
            store.keep("a", &at("users")).unwrap();
            assert_eq!(store.read().0.get("a"), Some(&at("users")));
        }
    }

    #[test]
    fn one_who_holds_it_for_ever_holds_up_nobody() {
        let (_folder, store) = store();
        store.keep("acme", &at("users")).unwrap();
        let _held = store.locked().unwrap();
        let told = store.keep("acme", &at("jobs")).unwrap_err();
        assert!(told.contains("acme is not remembered") && told.contains("has held it for 1 s"), "{told}");
        assert_eq!(store.read().0.get("acme"), Some(&at("users")));
    }

    #[test]
    fn two_processes_lose_nothing_of_each_other() {
        let (_folder, store) = store();
        let threads: Vec<_> = (0..4)
            .map(|n| {
                let store = store.clone();
                std::thread::spawn(move || (0..10).for_each(|_| store.keep(&format!("p{n}"), &at("users")).unwrap()))
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(store.read().0.len(), 4);
    }
}
