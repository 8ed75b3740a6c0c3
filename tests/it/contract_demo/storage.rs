//! Buckets and objects, read.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Rig;

#[tokio::test]
async fn storage_answers_as_recorded() {
    let mut rig = Rig::few().await;
    rig.alike("storage/list-buckets-200").await;
    rig.alike("storage/get-bucket-200").await;
    for name in ["get-bucket-400-404", "download-400-404", "no-such-route-404", "bad-url-400", "expired-jwt-400-403"] {
        rig.same(&format!("storage/{name}")).await;
    }
    for name in ["list-no-prefix-400", "list-unknown-bucket-200", "list-v2-bad-cursor-400", "upload-anon-400-403"] {
        rig.same(&format!("storage/{name}")).await;
    }
    // The file for the lists, ranges and conditions is written three times, as it was.
    rig.alike("storage/upload-multipart-200").await;
    rig.same("storage/upload-duplicate-400-409").await;
    rig.alike("storage/upload-upsert-200").await;
    let third = rig.post(
        "/storage/v1/object/archive/mp/hello.txt",
        "x-upsert: true\r\nContent-Type: text/plain\r\n",
        b"third\n",
    );
    assert_eq!(third.await.status, 200);
    rig.alike("storage/upload-multipart-fields-200").await;
    rig.alike("storage/upload-raw-200").await;
    rig.alike("storage/upload-empty-folder-placeholder-200").await;
    rig.alike("storage/upload-multipart-part-without-type-200").await;
    for name in ["invalid-key-400", "mime-not-allowed-400-415", "multipart-no-filename-400"] {
        rig.same(&format!("storage/upload-{name}")).await;
    }
    for name in ["multipart-unterminated-400", "too-large-bucket-400-413"] {
        rig.same(&format!("storage/upload-{name}")).await;
    }

    for name in ["download-200", "range-206", "if-range-mismatch-206"] {
        let (_, got) = rig.replay(&format!("storage/{name}")).await;
        let recorded = rig.recorded(&format!("storage/{name}")).answer.expect("recorded");
        assert_eq!(got.text(), recorded.text(), "{name}");
        assert_eq!(got.header("etag"), recorded.header("etag"), "{name}: the MD5 of the bytes");
    }
    for name in ["head-200", "head-400", "if-none-match-304"] {
        let (_, got) = rig.replay(&format!("storage/{name}")).await;
        let recorded = rig.recorded(&format!("storage/{name}")).answer.expect("recorded");
        assert_eq!(got.header("content-length"), recorded.header("content-length"), "{name}");
    }
    rig.same("storage/range-at-end-416").await;
    let empty = rig.post("/storage/v1/object/archive/mp/empty", "Content-Type: text/plain\r\n", b"").await;
    assert_eq!(empty.status, 200);
    rig.same("storage/range-empty-object-416").await;
    let modified = rig.get("/storage/v1/object/archive/mp/hello.txt").await;
    rig.swap("Tue, 24 Nov 2026 13:36:34 GMT", modified.header("last-modified").expect("a date"));
    rig.replay("storage/if-modified-since-equal-200").await;

    let info = rig.alike("storage/info-200").await;
    let recorded = rig.recorded("storage/info-200").answer.expect("recorded").json();
    for key in ["name", "size", "content_type", "cache_control", "etag", "metadata"] {
        assert_eq!(info[key], recorded[key], "{key}");
    }
    let without_type = rig.alike("storage/info-part-without-type-200").await;
    assert_eq!(without_type["content_type"], "text/plain");
    let raw = rig.get("/storage/v1/object/info/archive/raw/a.json").await.json();
    assert_eq!((&raw["cache_control"], &raw["metadata"]), (&json!("max-age=60"), &json!({"who": "raw"})));

    rig.same("storage/public-of-private-400-404").await;
    let page = rig.post(
        "/storage/v1/object/public-assets/p%20q.txt",
        "Content-Type: text/html\r\ncache-control: max-age=3600\r\n",
        b"<b>public</b>",
    );
    assert_eq!(page.await.status, 200);
    for name in ["public-download-200", "public-download-disposition-200"] {
        assert_eq!(rig.replay(&format!("storage/{name}")).await.1.text(), "<b>public</b>", "{name}");
    }
    // Recorded on a route that the demo does not have: the check is the same on each.
    for name in ["bad-jwt-400-403", "no-authorization-400"] {
        let exchange = rig.recorded(&format!("storage/{name}"));
        let request = String::from_utf8(exchange.request).expect("text").replacen("POST ", "GET ", 1);
        let got = rig.send(request.as_bytes(), false).await.expect("an answer");
        let recorded = exchange.answer.expect("recorded");
        assert_eq!((got.status, got.json()), (recorded.status, recorded.json()), "{name}");
    }
    assert_eq!(rig.get("/storage/v1/status").await.text(), "");
    assert_eq!(rig.get("/storage/v1/version").await.text(), "v1.70.6");
}

#[tokio::test]
async fn objects_are_listed_as_recorded() {
    let mut rig = Rig::few().await;
    // Another empty room for the recorded folders.
    rig.swap("/srt ", "/invoices ");
    let put = async |bucket: &str, key: &str| {
        let kind = if bucket == "invoices" { "application/pdf" } else { "text/plain" };
        let path = format!("/storage/v1/object/{bucket}/{key}");
        assert_eq!(rig.post(&path, &format!("Content-Type: {kind}\r\n"), b"x").await.status, 200, "{key}");
    };
    for key in ["badmeta", "cc-after", "cc-before", "empty", "emptyname", "hello.txt", "noct"] {
        put("archive", &format!("mp/{key}")).await;
    }
    for key in ["mix/.emptyFolderPlaceholder", "mix/readme.md", "mix/sub/deep.txt", "Case/one.txt", "case/two.txt"] {
        put("archive", key).await;
    }
    rig.alike("storage/list-folder-200").await;
    rig.alike("storage/list-root-200").await;
    let names = |rows: &Value| -> Vec<String> {
        rows.as_array().expect("rows").iter().map(|row| row["name"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(names(&rig.alike("storage/list-mixed-200").await), [".emptyFolderPlaceholder", "readme.md", "sub"]);
    assert_eq!(names(&rig.alike("storage/list-case-insensitive-prefix-200").await), ["one.txt", "two.txt"]);
    let mixed = rig.alike("storage/list-v2-mixed-200").await;
    assert_eq!(names(&mixed["folders"]), ["mix/sub/"]);
    assert_eq!(mixed["folders"][0]["key"], "sub");
    assert_eq!(mixed["objects"][1]["key"], "readme.md");

    let first = rig.alike("storage/list-v2-page-200").await;
    assert_eq!(names(&first["objects"]), ["mp/badmeta", "mp/cc-after", "mp/cc-before"]);
    assert_eq!(first["nextCursor"], "bDptcC9jYy1iZWZvcmU=", "the recorded cursor");
    let second = rig.alike("storage/list-v2-page2-200").await;
    assert_eq!(names(&second["objects"]), ["mp/empty", "mp/emptyname", "mp/hello.txt"]);

    for key in ["z.txt", "m.txt", "a.txt", "s/one", "r/one", "q/one", "q/two", "p/one"] {
        put("invoices", key).await;
    }
    let down = rig.replay("storage/list-v2-name-desc-loses-folders-200").await.1.json();
    let folders = names(&down["folders"]);
    assert!(!folders.contains(&"s/".to_owned()), "a folder with one object behind a file is lost");
    assert!(folders.contains(&"r/".to_owned()) && folders.contains(&"q/".to_owned()));
    let body = br#"{"prefix": "", "with_delimiter": true}"#;
    let up = rig.post("/storage/v1/object/list-v2/invoices", "", body).await.json();
    assert!(names(&up["folders"]).contains(&"s/".to_owned()), "not in the other order");

    let deep = br#"{"prefix": "mix/"}"#;
    let deep = rig.post("/storage/v1/object/list-v2/archive", "", deep).await.json();
    assert_eq!(names(&deep["objects"]), ["mix/.emptyFolderPlaceholder", "mix/readme.md", "mix/sub/deep.txt"]);
    let too_many = rig.post("/storage/v1/object/list-v2/archive", "", br#"{"limit": 1001}"#).await;
    assert_eq!(too_many.json()["message"], "body/limit must be <= 1000");
    let none = rig.post("/storage/v1/object/list/archive", "", br#"{"prefix": "", "limit": 0}"#).await;
    assert_eq!(none.json()["message"], "body/limit must be >= 1");
}

#[tokio::test]
async fn a_page_of_objects_goes_on_by_each_order() {
    let rig = Rig::few().await;
    for sort in
        [json!(null), json!({"column": "name", "order": "desc"}), json!({"column": "created_at", "order": "desc"})]
    {
        let mut seen = Vec::new();
        let mut cursor = Value::Null;
        loop {
            let body = json!({"prefix": "logs/", "limit": 7, "sortBy": sort, "cursor": cursor});
            let page = rig.post("/storage/v1/object/list-v2/archive", "", body.to_string().as_bytes()).await.json();
            let rows = page["objects"].as_array().expect("rows");
            seen.extend(rows.iter().map(|row| row["name"].as_str().expect("a name").to_owned()));
            if page["hasNext"] == false {
                assert_eq!(page.get("nextCursor"), None);
                break;
            }
            cursor = page["nextCursor"].clone();
        }
        assert_eq!(seen.len(), 59, "{sort}");
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 59, "{sort}");
    }
}

#[tokio::test]
async fn an_anon_key_sees_nothing_and_is_told_nothing() {
    let rig = Rig::few().await;
    let ask = async |method: &str, path: &str, body: &str| {
        let key = &rig.options.anon_key;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\napikey: {key}\r\nAuthorization: Bearer {key}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        rig.send(request.as_bytes(), false).await.expect("an answer")
    };
    assert_eq!(ask("GET", "/storage/v1/bucket", "").await.json(), json!([]));
    assert_eq!(ask("POST", "/storage/v1/object/list/archive", r#"{"prefix":""}"#).await.json(), json!([]));
    let exact = ask("POST", "/storage/v1/object/list-v2/archive", r#"{"prefix":""}"#).await.json();
    assert_eq!(exact, json!({"hasNext": false, "folders": [], "objects": []}));
    let read = ask("GET", "/storage/v1/object/archive/exports/users-001.csv", "").await;
    assert_eq!((read.status, read.json()["statusCode"].clone()), (400, json!("404")));
    assert_eq!(rig.get("/storage/v1/object/archive/exports/users-001.csv").await.status, 200);
}

#[tokio::test]
async fn seeded_files_have_the_size_that_the_list_tells() {
    let rig = Rig::few().await;
    for (bucket, prefix) in [("archive", "exports/"), ("public-assets", "img/"), ("notes", "")] {
        let body = json!({"prefix": prefix, "with_delimiter": true}).to_string();
        let list = rig.post(&format!("/storage/v1/object/list-v2/{bucket}"), "", body.as_bytes()).await.json();
        let row = &list["objects"][0];
        let got = rig.get(&format!("/storage/v1/object/{bucket}/{}", row["name"].as_str().expect("a name"))).await;
        assert_eq!(json!(got.body.len()), row["metadata"]["size"]);
        assert_eq!(row["metadata"]["eTag"], got.header("etag").expect("an etag"));
    }
}
