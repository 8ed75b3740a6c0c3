//! Two profiles on two servers in a real terminal: opened at a place, gone between, found again where they were left.

use super::glass::Pty;
use crate::headless::served::Served;

const SIZE: (u16, u16) = (110, 30);

#[test]
fn one_goes_between_projects_and_finds_each_where_it_was_left() {
    let acme = Served::start(&["--users", "300"]);
    let home = Served::start(&["--users", "7", "--seed", "2"]);
    let folder = tempfile::tempdir().unwrap();
    let profile = |name: &str, served: &Served| {
        std::fs::write(folder.path().join(name), served.secret("demo.service-key")).unwrap();
        let url = served.url();
        format!("[profiles.{name}]\nproject = {{ url = \"{url}\", service_key_file = \"{name}\" }}\n")
    };
    let config = folder.path().join("config.toml");
    std::fs::write(&config, profile("acme", &acme) + &profile("home", &home)).unwrap();
    let (config, state) = (config.display().to_string(), folder.path().join("state").display().to_string());
    let open =
        |place: &[&str]| Pty::spawn(&[&["--config", &config], place].concat(), &[("XDG_STATE_HOME", &state)], SIZE);

    let mut pty = open(&["acme/buckets/avatars"]);
    let in_avatars = |screen: &vt100::Screen| {
        let text = screen.contents();
        text.contains(" acme ") && text.contains("avatars") && text.contains("objects ─")
    };
    pty.wait_until("the objects of avatars", in_avatars);
    pty.send("P");
    pty.wait_until("both answer", |screen| screen.contents().matches("● reachable").count() == 2);
    let screen = pty.wait_for("home");
    assert!(screen.lines().any(|line| line.contains(" home ") && line.contains(" 7 ")), "{screen}");
    pty.send("home\r");
    let screen = pty.wait_for("all 7 loaded");
    assert!(!screen.contains(" acme "), "{screen}");
    pty.send("/a");
    pty.wait_for("match");
    pty.send("\rP");
    pty.wait_for("● reachable");
    // The one before is selected.
    pty.send("\r");
    pty.wait_until("the objects of avatars again", in_avatars);
    pty.send("\x03");
    assert_eq!(pty.exit_code(), 0);
    assert_eq!(pty.left_on(), Vec::<&str>::new());

    let mut pty = open(&["acme"]);
    pty.wait_until("the objects of avatars once more", in_avatars);
    pty.send("P");
    pty.wait_for("● reachable");
    pty.send("\r");
    pty.wait_until("the filter that was left", |screen| {
        screen.contents().contains("/a") && screen.contents().contains("match")
    });
    pty.send("\x03");
    assert_eq!(pty.exit_code(), 0);

    // Where none is named and none is the default, one chooses.
    let mut pty = open(&[]);
    pty.wait_for("Nothing is connected");
    pty.send("P");
    pty.wait_until("both answer", |screen| screen.contents().matches("● reachable").count() == 2);
    pty.send("acm\r");
    pty.wait_for(" acme ");
    pty.send("\x03");
    assert_eq!(pty.exit_code(), 0);
}
