//! The program in a real terminal: its modes, signals, floods, stops. What it is for is tested elsewhere.

mod expiry;
pub mod glass;
mod panic;
mod paths;
mod projects;
mod session;

use rustix::process::Signal;

use self::glass::Pty;

const SIZE: (u16, u16) = (100, 24);

/// The demo where nothing happens by itself, with its list on the screen.
fn demo() -> Pty {
    let pty = Pty::spawn(&["--demo", "--life", "0", "--users", "4000"], &[], SIZE);
    pty.wait_for("of 4,000 loaded");
    pty
}

/// A folder of configuration that holds ours.
fn configured(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("basedeck")).unwrap();
    std::fs::write(folder.path().join("basedeck/config.toml"), text).unwrap();
    folder
}

/// The row with the cursor.
fn selected(screen: &str) -> &str {
    screen.lines().find(|line| line.starts_with('▌')).unwrap_or_default()
}

#[test]
fn the_first_frame_comes_whole_and_asks_the_terminal_nothing() {
    let pty = demo();
    let start = pty.raw();
    assert!(start.starts_with(b"\x1b[?1049h\x1b[2J\x1b[?25l\x1b[?2004h\x1b[?1004h\x1b[?2026h"));
    for question in ["\x1b[6n", "\x1b[c", "\x1b[>", "\x1b]1", "\x1b[?u", "\x1bP", "$p"] {
        assert!(!start.windows(question.len()).any(|part| part == question.as_bytes()), "{question:?}");
    }
}

#[test]
fn quitting_leaves_the_terminal_as_it_was() {
    let mut pty = demo();
    assert!(pty.is_raw());
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_eq!(pty.left_on(), Vec::<&str>::new());
    assert_eq!(std::fs::read_dir(pty.home()).unwrap().count(), 0, "nothing is written at home");
}

#[test]
fn signals_end_it_with_their_codes_and_the_terminal_restored() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let mut pty = demo();
        pty.signal(signal);
        assert_eq!(pty.exit_code(), code, "{signal:?}");
        assert_eq!(pty.left_on(), Vec::<&str>::new(), "{signal:?}");
    }
}

#[test]
fn a_terminal_that_takes_nothing_holds_up_neither_keys_nor_the_end() {
    let mut pty = demo();
    let before = selected(&pty.screen()).to_owned();
    pty.stall(true);
    pty.send("jjjj");
    pty.stall(false);
    pty.wait_until("another row", |screen| selected(&screen.contents()) != before);

    pty.stall(true);
    pty.send("j");
    pty.signal(Signal::TERM);
    assert_eq!(pty.exit_code(), 143);
    assert!(!pty.is_raw());
}

#[test]
fn thousands_of_keys_in_one_write_are_all_obeyed() {
    let mut pty = demo();
    pty.send("F");
    pty.wait_for("4,000 loaded");
    pty.wait_gone("of 4,000 loaded");
    pty.send("g");
    pty.send("j".repeat(2900));
    // People are numbered, the newest first: 3999 is the first row, 1099 the one 2,900 rows below.
    pty.wait_until("row 2,901", |screen| selected(&screen.contents()).contains("1099"));
}

#[test]
fn ten_thousand_characters_arrive_typed_and_pasted() {
    let mut pty = demo();
    // A form's field, for a filter would look through all users for each of them.
    pty.send("n");
    pty.wait_for("Email");
    let erased = "\x7f".repeat(9_999);
    let email_is = |text: &'static str| {
        move |screen: &vt100::Screen| {
            let contents = screen.contents();
            let line = contents.lines().find(|line| line.contains(" Email ")).unwrap_or_default();
            line.split_once(" Email ")
                .and_then(|(_, rest)| rest.split('│').next())
                .is_some_and(|typed| typed.trim() == text)
        }
    };
    // All but one taken away again: what is left tells that none was missing.
    pty.send("a".repeat(10_000) + &erased);
    pty.wait_until("one a", email_is("a"));
    pty.send(format!("\x7f\x1b[200~{}\x1b[201~{erased}", "b".repeat(10_000)));
    pty.wait_until("one b", email_is("b"));
}

#[test]
fn another_size_is_drawn_whole() {
    let pty = demo();
    pty.resize((64, 16));
    pty.wait_until("the key bar in the last row", |screen| {
        screen.rows(0, 64).nth(15).is_some_and(|row| row.contains("n new"))
    });
    pty.resize((130, 40));
    pty.wait_until("the key bar in the last row", |screen| {
        screen.rows(0, 130).nth(39).is_some_and(|row| row.contains("n new"))
    });
}

#[test]
fn copying_goes_through_the_terminal() {
    let mut pty = demo();
    let from = pty.bytes();
    pty.send("y");
    pty.wait_bytes(from, b"\x1b]52;c;");
}

#[test]
fn the_mouse_is_taken_where_it_is_asked_for_and_given_back_whatever_ends_the_program() {
    let folder = configured("mouse = true\n[keys]\nglobal.help = \"f9\"\n");
    let screen = || {
        let home = [("XDG_CONFIG_HOME", folder.path().to_str().unwrap())];
        let pty = Pty::spawn(&["--demo", "--life", "0", "--users", "4000"], &home, SIZE);
        pty.wait_for("of 4,000 loaded");
        assert!(pty.raw().windows(16).any(|part| part == b"\x1b[?1000h\x1b[?1006h"));
        pty
    };
    let mut pty = screen();
    assert!(pty.screen().contains("f9 help"));
    // The fourth row, then the tab beside the first.
    let fourth = pty.screen().lines().nth(7).unwrap_or_default().trim().to_owned();
    pty.send("\x1b[<0;10;8M\x1b[<0;10;8m");
    pty.wait_until("the fourth row", |screen| selected(&screen.contents()).trim_start_matches('▌').trim() == fourth);
    pty.send("\x1b[<0;20;2M\x1b[<0;20;2m");
    pty.wait_for("archive");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_eq!(pty.left_on(), Vec::<&str>::new());
    let mut pty = screen();
    pty.signal(Signal::TERM);
    assert_eq!(pty.exit_code(), 143);
    assert_eq!(pty.left_on(), Vec::<&str>::new());
    // Stopped and gone on it takes it again.
    let mut pty = screen();
    pty.signal(Signal::STOP);
    let from = pty.bytes();
    pty.signal(Signal::CONT);
    pty.wait_bytes(from, b"\x1b[?1000h\x1b[?1006h");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_eq!(pty.left_on(), Vec::<&str>::new());
    // Not asked for, not taken.
    let plain = demo();
    assert!(!plain.raw().windows(8).any(|part| part == b"\x1b[?1000h"));
}

#[test]
fn a_fault_in_the_keys_stops_the_start_with_its_place() {
    let folder = configured("[keys]\nglobal.help = \"hyper-x\"\nusers.creat = \"x\"\n");
    let home = [("XDG_CONFIG_HOME", folder.path().to_str().unwrap())];
    let mut pty = Pty::spawn(&["--demo"], &home, (200, 24));
    assert_eq!(pty.exit_code(), 2);
    pty.wait_for("config.toml:2:15: `hyper-x` names no key");
    pty.wait_for("1 more: `basedeck config check`");
}

#[test]
fn stopped_by_ctrl_z_it_comes_back_whole() {
    let program = env!("CARGO_BIN_EXE_basedeck");
    let script = format!(
        "set -m; '{program}' --demo --life 0 --users 4000; echo \"STOPPED $?\"; read line; fg; echo \"OVER $?\""
    );
    let mut pty = Pty::command("bash", &["-c", &script], &[], SIZE);
    pty.wait_for("of 4,000 loaded");
    pty.send("\x1a");
    pty.wait_until("the shell, on its own screen", |screen| {
        screen.contents().contains("STOPPED") && !screen.alternate_screen() && !screen.hide_cursor()
    });
    assert!(!pty.is_raw());
    pty.send("go on\r");
    pty.wait_until("the screen again", |screen| {
        screen.alternate_screen() && screen.contents().contains("of 4,000 loaded")
    });
    pty.send("q");
    pty.wait_for("OVER 0");
    assert_eq!(pty.left_on(), Vec::<&str>::new());
}

#[test]
fn stopped_from_outside_it_mends_the_terminal_when_it_goes_on() {
    let mut pty = demo();
    pty.signal(Signal::STOP);
    let from = pty.bytes();
    pty.signal(Signal::CONT);
    pty.wait_bytes(from, b"\x1b[?1049h\x1b[2J");
    pty.wait_for("of 4,000 loaded");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_eq!(pty.left_on(), Vec::<&str>::new());
}
