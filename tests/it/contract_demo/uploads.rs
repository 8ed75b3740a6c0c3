//! Uploads: whole, refused early and late, cut, at once.

use serde_json::json;
use tokio::io::AsyncWriteExt;

use super::{Rig, read_answer};

#[tokio::test]
async fn uploads_come_back_byte_for_byte() {
    let rig = Rig::few().await;
    let bytes: Vec<u8> =
        (0..3_000_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).take(5_000_001).collect();
    let raw = rig.post("/storage/v1/object/archive/up/raw.bin", "Content-Type: application/x-thing\r\n", &bytes).await;
    assert_eq!(raw.status, 200, "{}", raw.text());
    let mut form =
        b"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\nContent-Type: image/png\r\n\r\n"
            .to_vec();
    form.extend_from_slice(&bytes);
    form.extend_from_slice(b"\r\n--B--\r\n");
    let path = "/api/platform/storage/demo/object/archive/up/form.bin";
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: {}\r\n\r\n",
        rig.options.token,
        form.len()
    )
    .into_bytes();
    request.extend_from_slice(&form);
    assert_eq!(rig.send(&request, false).await.expect("an answer").status, 200);
    for (name, kind) in [("raw.bin", "application/x-thing"), ("form.bin", "image/png")] {
        let got = rig.get(&format!("/storage/v1/object/archive/up/{name}")).await;
        assert!(got.body == bytes, "{name}");
        assert_eq!(got.header("content-type"), Some(kind));
    }
    let info = rig.get("/storage/v1/object/info/archive/up/raw.bin").await.json();
    let form = rig.get("/storage/v1/object/info/archive/up/form.bin").await.json();
    assert_eq!((&info["size"], &info["etag"]), (&json!(bytes.len()), &form["etag"]));
}

/// The head of an upload of `length` bytes, by the project's key.
fn upload_head(rig: &Rig, path: &str, headers: &str, length: usize) -> String {
    format!("POST /storage/v1/object/{path} HTTP/1.1\r\n{}{headers}Content-Length: {length}\r\n\r\n", rig.key_headers())
}

#[tokio::test]
async fn early_refusals_come_while_the_body_is_being_sent() {
    let rig = Rig::few().await;
    let part =
        "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\nContent-Type: application/zip\r\n\r\n";
    let form = "Content-Type: multipart/form-data; boundary=B\r\n";
    let cases = [
        ("notes/a.txt", "Content-Type: text/plain\r\n", "", "413"),
        ("nosuch/a.txt", "Content-Type: text/plain\r\n", "", "404"),
        ("archive/exports/users-001.csv", "Content-Type: text/plain\r\n", "", "409"),
        ("archive/exports/users-001.csv", form, part, "409"),
        ("archive/bad%7Bkey", form, part, "400"),
        ("documents/a.zip", form, part, "415"),
    ];
    for (path, headers, begin, status) in cases {
        let mut socket = rig.connect().await;
        let head = upload_head(&rig, path, headers, 40_000_000);
        socket.write_all(head.as_bytes()).await.expect("written");
        socket.write_all(begin.as_bytes()).await.expect("written");
        socket.write_all(&vec![b'x'; 50_000]).await.expect("written");
        let answer = read_answer(&mut socket, false).await.expect("an answer");
        assert_eq!(answer.json()["statusCode"], status, "{path}: {}", answer.text());
        socket.write_all(&vec![b'x'; 50_000]).await.expect("the connection is still open");
    }
}

#[tokio::test]
async fn a_refused_small_body_does_not_cost_its_connection() {
    let rig = Rig::few().await;
    let mut socket = rig.connect().await;
    for _ in 0..2 {
        let head = upload_head(&rig, "archive/exports/users-001.csv", "Content-Type: text/csv\r\n", 3_000);
        socket.write_all(head.as_bytes()).await.expect("written");
        socket.write_all(&vec![b'x'; 3_000]).await.expect("written");
        assert_eq!(read_answer(&mut socket, false).await.expect("an answer").json()["statusCode"], "409");
    }
}

#[tokio::test]
async fn a_form_too_large_is_read_to_its_end() {
    let rig = Rig::few().await;
    let mut socket = rig.connect().await;
    let begin =
        "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\nContent-Type: text/plain\r\n\r\n";
    let body = [begin.as_bytes(), &vec![b'x'; 3_000_000], b"\r\n--B--\r\n"].concat();
    for _ in 0..2 {
        let head =
            upload_head(&rig, "notes/large.txt", "Content-Type: multipart/form-data; boundary=B\r\n", body.len());
        socket.write_all(head.as_bytes()).await.expect("written");
        socket.write_all(&body).await.expect("all of it is read");
        assert_eq!(read_answer(&mut socket, false).await.expect("an answer").json()["statusCode"], "413");
    }
    assert_eq!(rig.get("/storage/v1/object/info/notes/large.txt").await.status, 400);
}

#[tokio::test]
async fn a_raw_body_of_unknown_length_is_not_held_against_the_bucket() {
    let rig = Rig::few().await;
    let mut socket = rig.connect().await;
    let head = format!(
        "POST /storage/v1/object/notes/chunked.txt HTTP/1.1\r\n{}Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n",
        rig.key_headers()
    );
    let chunk = format!("7d0\r\n{}\r\n0\r\n\r\n", "x".repeat(2_000));
    socket.write_all((head + &chunk).as_bytes()).await.expect("written");
    assert_eq!(read_answer(&mut socket, false).await.expect("an answer").status, 200);
}

#[tokio::test]
async fn a_cut_upload_leaves_nothing() {
    let rig = Rig::few().await;
    let expect = "Content-Type: text/plain\r\nExpect: 100-continue\r\n";
    for path in ["archive/cut.txt", "archive/exports/users-001.csv"] {
        let mut socket = rig.connect().await;
        let headers = format!("x-upsert: true\r\n{expect}");
        socket.write_all(upload_head(&rig, path, &headers, 1_000_000).as_bytes()).await.expect("written");
        assert_eq!(read_answer(&mut socket, false).await.expect("go on").status, 100);
        socket.write_all(&vec![b'x'; 600_000]).await.expect("written");
        drop(socket);
    }
    assert_eq!(rig.get("/storage/v1/object/archive/cut.txt").await.json()["statusCode"], "404");
    let old = rig.get("/storage/v1/object/archive/exports/users-001.csv").await;
    assert!(old.text().starts_with("exports/users-001.csv"), "the old object stays");
}

#[tokio::test]
async fn of_two_uploads_at_once_both_are_told_yes_and_the_last_wins() {
    let rig = Rig::few().await;
    let headers = "Content-Type: text/plain\r\nExpect: 100-continue\r\n";
    let mut sockets = Vec::new();
    for _ in 0..2 {
        let mut socket = rig.connect().await;
        socket.write_all(upload_head(&rig, "archive/race.txt", headers, 3).as_bytes()).await.expect("written");
        // The check for a duplicate is behind us when the server asks for the body.
        assert_eq!(read_answer(&mut socket, false).await.expect("go on").status, 100);
        sockets.push(socket);
    }
    for (socket, text) in sockets.iter_mut().zip(["one", "two"]) {
        socket.write_all(text.as_bytes()).await.expect("written");
        assert_eq!(read_answer(socket, false).await.expect("an answer").status, 200);
    }
    assert_eq!(rig.get("/storage/v1/object/archive/race.txt").await.text(), "two");
}
