//! The main paths in a real terminal, against a demo server of its own: list, filter, create, refusal, upload, read
//! back, a server that dies and comes again, quit.

use super::glass::Pty;
use crate::headless::served::Served;

const SIZE: (u16, u16) = (110, 30);
const USERS: &[&str] = &["--users", "300"];

/// The screen on a server, connected by variables through both doors, one poll a second.
fn screen(served: &Served) -> Pty {
    let (token, key) = (served.secret("demo.token"), served.secret("demo.service-key"));
    let args = ["--url", served.url(), "--ref", "demo", "--project-url", served.url(), "--interval", "1"];
    let pty = Pty::spawn(&args, &[("BASEDECK_TOKEN", &token), ("BASEDECK_SERVICE_KEY", &key)], SIZE);
    pty.wait_for("of 300 loaded");
    pty
}

#[test]
fn users_are_listed_filtered_created_and_refused() {
    let served = Served::start(USERS);
    let mut pty = screen(&served);
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
    let served = Served::start(USERS);
    let mut pty = screen(&served);
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
    assert_eq!(served.object("archive/here/one.txt"), b"hello");
    assert!(served.object("archive/here/two.bin") == large, "the bytes are equal");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn a_server_that_dies_is_told_and_its_return_is_found() {
    let mut served = Served::start(USERS);
    let mut pty = screen(&served);
    let first = pty.screen().lines().find(|line| line.starts_with('▌')).unwrap_or_default().trim_end().to_owned();
    served.kill();
    let down = pty.wait_for("could not be refreshed");
    assert!(down.contains(first.split_whitespace().nth(1).unwrap_or_default()), "the rows stay:\n{down}");
    pty.wait_for("down");
    served.restart(USERS);
    pty.send("r");
    pty.wait_for("live");
    pty.wait_gone("could not be refreshed");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_eq!(pty.left_on(), Vec::<&str>::new());
}
