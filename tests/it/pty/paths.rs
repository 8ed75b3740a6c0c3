//! The main paths in a real terminal, with `--demo` and against a demo server of its own: list, filter, create, refusal,
//! upload; and where the server is known read back, a server that dies and comes again, the log.

use super::glass::Pty;
use crate::headless::served::Served;

const SIZE: (u16, u16) = (110, 30);
const USERS: &[&str] = &["--users", "300"];

/// The screen on a server, connected by variables through both doors, one poll a second.
fn screen(served: &Served, more: &[&str]) -> Pty {
    let (token, key) = (served.secret("demo.token"), served.secret("demo.service-key"));
    let args = ["--url", served.url(), "--ref", "demo", "--project-url", served.url(), "--interval", "1"];
    let args = [&args, more].concat();
    let pty = Pty::spawn(&args, &[("BASEDECK_TOKEN", &token), ("BASEDECK_SERVICE_KEY", &key)], SIZE);
    pty.wait_for("of 300 loaded");
    pty
}

/// The screen on its built-in demo.
fn demo() -> Pty {
    let pty = Pty::spawn(&[&["--demo", "--life", "0"], USERS].concat(), &[], SIZE);
    pty.wait_for("of 300 loaded");
    pty
}

#[test]
fn users_are_listed_filtered_created_and_refused() {
    users(&mut demo());
    let served = Served::start(USERS);
    users(&mut screen(&served, &[]));
}

fn users(pty: &mut Pty) {
    pty.send("/zoe");
    pty.wait_for("match");
    pty.send("\x1b");
    pty.wait_gone("match");
    pty.send("n");
    pty.wait_for("New user");
    pty.send("alice@example.test\t\x07\r");
    pty.wait_for("alice@example.test created");
    pty.wait_until("the new row, selected", |screen| {
        screen.contents().lines().any(|line| line.starts_with('▌') && line.contains("alice@example.test"))
    });
    pty.send("n");
    pty.wait_for("New user");
    pty.send("alice@example.test\t\x07\r");
    let refused = pty.wait_for("already registered");
    assert!(refused.contains("New user"), "the form stays:\n{refused}");
    pty.send("\x1b");
    pty.wait_for("Discard?");
    pty.send("y");
    pty.wait_gone("New user");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_eq!(pty.left_on(), Vec::<&str>::new());
}

#[test]
fn picked_files_are_uploaded_byte_for_byte() {
    upload(&mut demo());
    let served = Served::start(USERS);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log");
    let mut pty = screen(&served, &["--log", &file.display().to_string()]);
    let large = upload(&mut pty);
    assert_eq!(served.object("archive/here/one.txt"), b"hello");
    assert!(served.object("archive/here/two.bin") == large, "the bytes are equal");

    // What was done stands in the log, and no secret with it.
    let log = std::fs::read_to_string(file).unwrap();
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let asked = |operation: &str| lines.iter().filter(|line| line["operation"] == operation).count();
    assert!(asked("list users") > 0 && asked("list buckets") > 0, "{log}");
    for key in ["here/one.txt", "here/two.bin"] {
        let line = lines.iter().find(|line| line["key"] == key).unwrap_or_else(|| panic!("{key}: {log}"));
        assert_eq!((line["event"].as_str(), line["outcome"].as_str()), (Some("upload"), Some("done")), "{log}");
    }
    for file in ["demo.token", "demo.service-key"] {
        assert!(!log.contains(&served.secret(file)), "{file}: {log}");
    }
}

/// Uploads two files; what the large one holds.
fn upload(pty: &mut Pty) -> Vec<u8> {
    let large: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).take(3_000_000).collect();
    std::fs::write(pty.home().join("one.txt"), "hello").unwrap();
    std::fs::write(pty.home().join("two.bin"), &large).unwrap();
    pty.send("2");
    pty.wait_for("archive");
    pty.send("u");
    pty.wait_for("one.txt");
    pty.send("\0");
    pty.wait_for("1 marked");
    pty.send("\x1b[B\0");
    pty.wait_for("2 marked");
    pty.send("\x13");
    pty.wait_for("send 2");
    pty.send("here/\r");
    pty.wait_for("2 done");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    large
}

#[test]
fn a_server_that_dies_is_told_and_its_return_is_found() {
    let mut served = Served::start(USERS);
    let mut pty = screen(&served, &[]);
    let first = pty.screen().lines().find(|line| line.starts_with('▌')).unwrap_or_default().trim_end().to_owned();
    served.kill();
    let down = pty.wait_for("could not be refreshed");
    assert!(down.contains(first.split_whitespace().nth(1).unwrap_or_default()), "the rows stay:\n{down}");
    pty.wait_for("down");
    served.restart(USERS);
    pty.wait_for("live");
    pty.wait_gone("could not be refreshed");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_eq!(pty.left_on(), Vec::<&str>::new());
}
