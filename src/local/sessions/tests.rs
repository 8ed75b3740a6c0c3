//! The store: whole or not there, for its owner alone, one holder at a time.

use std::fs::TryLockError;
use std::thread;

use super::*;

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

fn store(folder: &Path) -> Store {
    Store::new(folder, &url("https://app.powabase.ai/auth/v1"), "ops@acme.io")
}

fn kept(access: &str) -> Kept {
    Kept {
        access: Secret::new(access.into()),
        refresh: Secret::new("r1".into()),
        received: "2026-11-24T13:34:08.5Z".parse().unwrap(),
        lives: Duration::from_secs(3_600),
        who: "ops@acme.io".into(),
    }
}

#[test]
fn what_is_stored_is_read_again_and_only_its_owner_may() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("state").join("sessions");
    let store = store(&folder);
    assert_eq!(store.read(), Ok(None));
    store.lock().unwrap().write(&kept("a1")).unwrap();
    assert_eq!(store.read(), Ok(Some(kept("a1"))));
    assert_eq!(store.file().file_name().unwrap(), "app.powabase.ai%2Fauth%2Fv1~ops@acme.io.json");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
        fs::set_permissions(store.file(), fs::Permissions::from_mode(0o644)).unwrap();
        let told = store.read().unwrap_err();
        assert!(told.contains("others can read") && told.contains("run chmod 600 "), "{told}");
    }
    let mut held = store.lock().unwrap();
    held.clear().unwrap();
    held.clear().unwrap();
    assert_eq!(held.read(), Ok(None));
}

#[test]
fn a_damaged_file_is_set_aside_and_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    for damaged in ["", "{", "[]", "{\"access_token\":\"a\"}", "\u{0}\u{0}"] {
        store.lock().unwrap().write(&kept("a1")).unwrap();
        fs::write(store.file(), damaged).unwrap();
        assert_eq!(store.read(), Ok(None), "{damaged:?}");
        let notices = store.notices();
        assert!(notices.len() == 1 && notices[0].contains(".json.damaged: sign in anew"), "{notices:?}");
        assert_eq!(fs::read_to_string(store.file().with_extension("json.damaged")).unwrap(), damaged);
        assert!(!store.file().exists() && store.notices().is_empty());
    }
}

#[test]
fn what_another_program_mends_meanwhile_is_not_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let (mine, theirs) = (store(folder.path()), store(folder.path()));
    let mut held = theirs.lock().unwrap();
    held.write(&kept("a1")).unwrap();
    fs::write(mine.file(), "{").unwrap();
    assert!(matches!(mine.load(), Ok(Err(Damaged))));
    let reads = thread::spawn({
        let mine = mine.clone();
        move || mine.read()
    });
    held.write(&kept("a2")).unwrap();
    drop(held);
    assert_eq!(reads.join().unwrap(), Ok(Some(kept("a2"))));
    assert!(!mine.file().with_extension("json.damaged").exists() && mine.notices().is_empty());
}

#[test]
fn another_account_or_server_finds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let long = "x".repeat(200);
    let server = url("https://app.powabase.ai/auth/v1");
    let (one, other) = (format!("{long}1@acme.io"), format!("{long}2@acme.io"));
    let (one, other) = (Store::new(folder.path(), &server, &one), Store::new(folder.path(), &server, &other));
    assert_eq!(one.file(), other.file(), "the names are cut");
    one.lock().unwrap().write(&kept("a1")).unwrap();
    assert_eq!(one.read(), Ok(Some(kept("a1"))));
    assert_eq!(other.read(), Ok(None));
    let elsewhere = Store::new(folder.path(), &url("https://other.io/auth/v1"), "../../etc/passwd");
    assert_eq!(elsewhere.file().parent(), Some(folder.path()));
}

#[test]
fn one_at_a_time_holds_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mine, theirs) = (store(folder.path()), store(folder.path()));
    let mut held = mine.lock().unwrap();
    let lock = private().open(mine.file().with_extension("lock")).unwrap();
    assert!(matches!(lock.try_lock(), Err(TryLockError::WouldBlock)));
    let waiting = thread::spawn(move || theirs.lock().unwrap().read());
    held.write(&kept("a2")).unwrap();
    drop(held);
    assert_eq!(waiting.join().unwrap(), Ok(Some(kept("a2"))));
}

#[test]
fn what_cannot_be_written_leaves_what_was() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("file");
    fs::write(&blocked, "").unwrap();
    let told = store(&blocked).lock().err().unwrap();
    assert!(told.contains("cannot be locked"), "{told}");
    assert!(!format!("{:?}", kept("hunter2")).contains("hunter2"));
}
