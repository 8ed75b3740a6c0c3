use std::io::{Read, Write};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rustix::termios::LocalModes;

use super::*;

/// Named in the environment of the process that is to panic with the screen up, and where.
const PANICS: &str = "BASEDECK_TEST_PANICS";

/// Not a test by itself: what the tests below run in a terminal.
#[test]
fn on_a_screen() {
    let Ok(place) = std::env::var(PANICS) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let tty = Tty::open().unwrap();
        guard_panics();
        let _guard = Guard::enter(&tty).unwrap();
        io::stdout().write_all(ENTER).unwrap();
        io::stdout().flush().unwrap();
        assert_ne!(place, "here", "on purpose");
        let _ = thread::spawn(|| panic!("on purpose")).join();
    });
}

/// Runs [`on_a_screen`] in a terminal; all it wrote, and whether the line was left raw.
fn panicking(place: &str) -> (Vec<u8>, bool) {
    let home = tempfile::tempdir().unwrap();
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "runtime::terminal::tests::on_a_screen", "--nocapture", "--test-threads=1"]);
    command.env(PANICS, place);
    command.env("HOME", home.path());
    command.env("XDG_STATE_HOME", home.path());
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let name = pair.master.tty_name().unwrap();
    let mut reader = pair.master.try_clone_reader().unwrap();
    let reading = thread::spawn(move || {
        let mut written = Vec::new();
        // The end of a terminal is an error.
        let _ = reader.read_to_end(&mut written);
        written
    });
    child.wait().unwrap();
    let line = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    let cooked = rustix::termios::tcgetattr(&line).unwrap().local_modes.contains(LocalModes::ICANON | LocalModes::ECHO);
    drop(line);
    (reading.join().unwrap(), !cooked)
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

#[test]
fn a_panic_is_told_after_the_terminal_is_restored() {
    let (written, raw) = panicking("here");
    assert!(!raw);
    let restored = find(&written, LEAVE).expect("the screen is left");
    let after = String::from_utf8_lossy(&written[restored + LEAVE.len()..]).into_owned();
    assert!(after.contains("on purpose"), "{after}");
    assert!(find(&written[..restored], b"on purpose").is_none(), "nothing is told on the screen");
}

#[test]
fn a_panic_elsewhere_does_not_disturb_the_screen() {
    let (written, raw) = panicking("elsewhere");
    assert!(!raw);
    let (entered, left) = (find(&written, ENTER).unwrap(), find(&written, LEAVE).unwrap());
    assert_eq!(&written[entered + ENTER.len()..left], b"", "not a byte between");
}
