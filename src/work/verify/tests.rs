use super::*;
use crate::api::route::Route;
use std::fs;

fn sent(stamp: Stamp, source: PathBuf, bytes: u64, whole: bool) -> Sent {
    Sent { bucket: BucketId("b".into()), key: "k".into(), source, stamp, bytes, whole }
}

async fn hello() -> (tempfile::TempDir, PathBuf, Stamp) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("hello.txt");
    fs::write(&path, "hello").unwrap();
    let item = crate::work::plan::Item {
        source: path.clone(),
        key: "k".into(),
        size: 5,
        mime: "text/plain".into(),
        modified: None,
        fault: None,
        unsure: false,
    };
    let stamp = files::open(&item).await.unwrap().stamp;
    (dir, path, stamp)
}

#[tokio::test]
async fn the_same_size_and_md5_is_ours_and_anything_else_is_not() {
    let (_dir, path, stamp) = hello().await;
    let sent = sent(stamp, path.clone(), 5, true);
    let info =
        |size, etag: &str| ObjectInfo { size, etag: Some(etag.into()), mime: None, version: None, last_modified: None };
    let md5 = "5d41402abc4b2a76b9719d911017c592";
    assert_eq!(compare(&info(5, md5), &sent).await, Finding::Same("same size and MD5"));
    assert_eq!(compare(&info(5, &md5.to_uppercase()), &sent).await, Finding::Same("same size and MD5"));
    assert_eq!(compare(&info(5, &md5.replace('5', "6")), &sent).await, Finding::Other);
    assert_eq!(compare(&info(6, md5), &sent).await, Finding::Other);
    assert_eq!(compare(&info(5, "d41d8cd98f00b204e9800998ecf8427e-2"), &sent).await, Finding::Same("same size"));
    fs::write(&path, "hello, world").unwrap();
    assert!(matches!(compare(&info(5, md5), &sent).await, Finding::Failed(_)), "the file is another one now");
}

#[tokio::test]
async fn a_finding_means_what_can_be_proved() {
    let (_dir, path, stamp) = hello().await;
    let lost = ApiError::of(Kind::Lost, Route::ObjectUpload, "reset");
    let failed = || Finding::Failed("No connection.".into());
    for (finding, whole, exists, word) in [
        (Finding::Same("same size"), false, Exists::Fail, "done, checked"),
        (Finding::Same("same size"), true, Exists::Skip, "done, checked"),
        (Finding::Other, true, Exists::Fail, "exists"),
        (Finding::Other, true, Exists::Skip, "there already"),
        (Finding::Absent, false, Exists::Fail, "not stored"),
        (Finding::Absent, true, Exists::Fail, "not stored"),
        (Finding::NoRoute, false, Exists::Fail, "not stored"),
        (Finding::NoRoute, true, Exists::Fail, "unknown"),
        (failed(), false, Exists::Fail, "not stored"),
        (failed(), true, Exists::Fail, "unknown"),
    ] {
        let sent = sent(stamp, path.clone(), 3, whole);
        assert_eq!(conclude(finding.clone(), &sent, &lost, exists).word(), word, "{finding:?} {whole}");
    }
    let cut = conclude(Finding::NoRoute, &sent(stamp, path.clone(), 3, false), &lost, Exists::Fail);
    assert_eq!(cut.sentence().unwrap(), "Only 3 B of 5 B went out (reset): send it again.");
    let whole =
        |finding| conclude(finding, &sent(stamp, path.clone(), 5, true), &lost, Exists::Fail).sentence().unwrap();
    assert_eq!(whole(Finding::Absent), "The server does not hold it (reset): send it again.");
    let unknown = "Sent whole, no proof (reset; no door of this connection can look): look before you send it again.";
    assert_eq!(whole(Finding::NoRoute), unknown);
}

#[test]
fn a_stopped_item_that_was_stored_all_the_same_is_done() {
    assert_eq!(conclude_stopped(Finding::Same("same size")).word(), "done, checked");
    assert_eq!(conclude_stopped(Finding::Absent), Outcome::Stopped);
    assert_eq!(conclude_stopped(Finding::NoRoute).word(), "unknown");
}
