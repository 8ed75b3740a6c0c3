use super::*;
use crate::api::model::BucketId;
use crate::work::plan::{Choices, Destination, plan};
use std::fs;
use tokio::io::AsyncReadExt;

fn item(path: &Path, size: u64, modified: Option<i64>) -> Item {
    let mime = "text/plain".into();
    Item { source: path.to_owned(), key: "k".into(), size, mime, modified, fault: None, unsure: false }
}

async fn read(opened: Opened) -> io::Result<Vec<u8>> {
    let mut body = opened.body;
    let mut bytes = Vec::new();
    body.read_to_end(&mut bytes).await.map(|_| bytes)
}

#[test]
fn files_are_named_below_the_folder_they_share() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("trip/day 1")).unwrap();
    let paths = ["trip/day 1/a.png", "trip/b.txt"].map(|name| dir.path().join(name));
    for path in &paths {
        fs::write(path, "hello").unwrap();
    }
    let looked = look(&paths);
    let items: Vec<_> = looked.into_iter().map(|(_, item)| item.unwrap()).collect();
    let seen: Vec<_> = items.iter().map(|item| (item.relative.as_str(), item.mime.as_str(), item.size)).collect();
    assert_eq!(seen, [("day 1/a.png", "image/png", 5), ("b.txt", "text/plain", 5)]);
    assert!(items.iter().all(|item| item.modified.is_some()));
    assert_eq!(look(&paths[..1])[0].1.as_ref().unwrap().relative, "a.png");
}

#[test]
fn what_cannot_be_sent_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("missing");
    for (path, word) in [(dir.path(), "directory"), (&missing, "not there"), (Path::new("/dev/null"), "device")] {
        let sentence = look(&[path.to_owned()]).remove(0).1.unwrap_err();
        assert!(sentence.contains(word), "{sentence}");
    }
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_text_is_refused() {
    use std::os::unix::ffi::OsStringExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(std::ffi::OsString::from_vec(vec![b'a', 0xff]));
    if fs::write(&path, "x").is_ok() {
        assert!(look(&[path]).remove(0).1.unwrap_err().contains("UTF-8"));
    }
}

#[tokio::test]
async fn small_and_large_files_are_read_to_their_end() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    for size in [0, 5, SMALL, SMALL + 1, PART as u64, 3 * PART as u64 + 7] {
        let bytes: Vec<_> = (0..size).map(|at| (at % 251) as u8).collect();
        fs::write(&path, &bytes).unwrap();
        let opened = open(&item(&path, size, None)).await.unwrap();
        assert_eq!(opened.stamp.size, size);
        assert!(read(opened).await.unwrap() == bytes, "{size} bytes");
    }
}

#[tokio::test]
async fn a_file_that_changed_since_it_was_picked_is_not_opened_unless_the_rest_is_run() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, "hello").unwrap();
    let picked = look(std::slice::from_ref(&path)).remove(0).1.unwrap();
    assert!(open(&item(&path, 5, picked.modified)).await.is_ok());
    fs::write(&path, "hello, world").unwrap();
    let sentence = open(&item(&path, 5, picked.modified)).await.err().unwrap();
    assert!(sentence.contains("changed since it was picked"), "{sentence}");
    assert_eq!(open(&item(&path, 5, None)).await.unwrap().stamp.size, 12);
}

#[tokio::test]
async fn a_large_file_that_changes_while_it_is_read_fails_at_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    // More than is read ahead.
    fs::write(&path, vec![1; 4 * PART]).unwrap();
    let mut opened = open(&item(&path, 0, None)).await.unwrap();
    opened.body.read_exact(&mut [0; 1000]).await.unwrap();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    let error = read(opened).await.unwrap_err();
    assert_eq!(error.to_string(), "it changed while it was read");
}

#[tokio::test]
async fn the_md5_is_of_the_file_that_was_sent_or_of_none() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, "hello").unwrap();
    let stamp = open(&item(&path, 5, None)).await.unwrap().stamp;
    assert_eq!(md5(path.clone(), stamp).await.as_deref(), Some("5d41402abc4b2a76b9719d911017c592"));
    fs::write(&path, "hello!").unwrap();
    assert_eq!(md5(path, stamp).await, None);
}

#[tokio::test]
async fn files_are_opened_ahead_in_whatever_order_their_turns_come_and_anew_for_another_turn() {
    let dir = tempfile::tempdir().unwrap();
    let paths: Vec<_> = (0..100).map(|at| dir.path().join(format!("{at}.txt"))).collect();
    for path in &paths {
        fs::write(path, path.as_os_str().as_encoded_bytes()).unwrap();
    }
    // One is too large to be opened ahead, and one is gone.
    fs::write(&paths[40], vec![b'x'; SMALL as usize + 1]).unwrap();
    let files: Vec<_> = look(&paths).into_iter().map(|(_, file)| file.unwrap()).collect();
    fs::remove_file(&paths[41]).unwrap();
    let destination = Destination::new(BucketId("docs".into()), "");
    let ahead = Ahead::new(Arc::new(plan(&files, &destination, Choices::default(), None)));
    for index in (0..100).map(|at| at ^ 7).filter(|index| *index < 100) {
        match ahead.open(index).await {
            Ok(opened) => assert_eq!(read(opened).await.unwrap(), fs::read(&paths[index]).unwrap()),
            Err(sentence) => assert!(index == 41 && sentence.contains("not there any more"), "{sentence}"),
        }
    }
    fs::write(&paths[3], "changed").unwrap();
    assert!(ahead.open(3).await.err().unwrap().contains("changed since it was picked"));
}
