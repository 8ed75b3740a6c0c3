//! Two profiles on two servers in a real terminal: opened at a place, gone between, found again where they were left.

use std::io::{Read, Write};
use std::net::Shutdown::Both;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use super::configured;
use super::glass::Pty;
use crate::headless::served::Served;

const SIZE: (u16, u16) = (110, 30);

/// The program ends well and leaves the terminal as it was.
fn quits(pty: &mut Pty) {
    pty.send("\x03");
    assert_eq!((pty.exit_code(), pty.left_on()), (0, Vec::<&str>::new()));
}

/// A profile of a server's gateway, reached at this address, with its key in a file beside the configuration.
fn profile(folder: &Path, name: &str, url: &str, served: &Served) -> String {
    std::fs::write(folder.join(name), served.secret("demo.service-key")).unwrap();
    format!("[profiles.{name}]\nproject = {{ url = \"{url}\", service_key_file = \"{name}\" }}\n")
}

#[test]
fn one_goes_between_projects_and_finds_each_where_it_was_left() {
    let acme = Served::start(&["--users", "300"]);
    let home = Served::start(&["--users", "7", "--seed", "2"]);
    let folder = tempfile::tempdir().unwrap();
    let profile = |name, served: &Served| profile(folder.path(), name, served.url(), served);
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

/// Stands before a server and hands everything on, but keeps the answers back while it is shut.
struct Weir {
    url: String,
    gate: Arc<(Mutex<Gate>, Condvar)>,
}

#[derive(Default)]
struct Gate {
    shut: bool,
    held: usize,
}

impl Weir {
    fn before(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (gate, server) =
            (Arc::<(Mutex<Gate>, Condvar)>::default(), server.trim_start_matches("http://").to_owned());
        let ours = Arc::clone(&gate);
        std::thread::spawn(move || {
            for near in listener.incoming() {
                let (near, far) = (near.unwrap(), TcpStream::connect(&server).unwrap());
                let (mut asks, mut hears) = (near.try_clone().unwrap(), far.try_clone().unwrap());
                let gate = Arc::clone(&ours);
                std::thread::spawn(move || std::io::copy(&mut asks, &mut hears).and_then(|_| hears.shutdown(Both)));
                std::thread::spawn(move || Self::answers(far, near, &gate));
            }
        });
        Self { url, gate }
    }

    fn answers(mut far: TcpStream, mut near: TcpStream, (gate, moved): &(Mutex<Gate>, Condvar)) {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(read @ 1..) = far.read(&mut bytes) {
            let mut gate = gate.lock().unwrap();
            gate.held += 1;
            moved.notify_all();
            let mut gate = moved.wait_while(gate, |gate| gate.shut).unwrap();
            // Whoever asked may have gone.
            let _ = near.write_all(&bytes[..read]);
            gate.held -= 1;
            moved.notify_all();
        }
    }

    fn shut(&self) {
        self.gate.0.lock().unwrap().shut = true;
    }

    /// Waits until an answer is kept back.
    fn holds(&self) {
        let (gate, patience) = (self.gate.0.lock().unwrap(), Duration::from_secs(60));
        let (gate, _) = self.gate.1.wait_timeout_while(gate, patience, |gate| gate.held == 0).unwrap();
        assert!(gate.held > 0, "no answer came");
    }

    /// Lets go what was kept back, and waits until it is gone.
    fn open(&self) {
        let mut gate = self.gate.0.lock().unwrap();
        gate.shut = false;
        self.gate.1.notify_all();
        drop(self.gate.1.wait_while(gate, |gate| gate.held > 0).unwrap());
    }
}

#[test]
fn nothing_of_a_project_shows_whose_answer_comes_after_it_was_left() {
    let acme = Served::start(&["--users", "300"]);
    let home = Served::start(&["--users", "7", "--seed", "2"]);
    let weir = Weir::before(acme.url());
    let folder = tempfile::tempdir().unwrap();
    let profile = |name, url, served| profile(folder.path(), name, url, served);
    let config = folder.path().join("config.toml");
    std::fs::write(&config, profile("acme", &weir.url, &acme) + &profile("home", home.url(), &home)).unwrap();
    let (config, state) = (config.display().to_string(), folder.path().join("state").display().to_string());
    let mut pty = Pty::spawn(&["--config", &config, "acme"], &[("XDG_STATE_HOME", &state)], SIZE);
    pty.wait_for("200 of 300 loaded");
    let email =
        |row: &str| serde_json::from_str::<serde_json::Value>(row).unwrap()["email"].as_str().map(str::to_owned);
    let listed = acme.gateway_run("users list --jsonl", &[]);
    let theirs: Vec<String> = listed.out.lines().filter_map(email).filter(|email| !email.is_empty()).collect();
    assert!(theirs.iter().any(|email| pty.screen().contains(&email[..20.min(email.len())])), "{}", pty.screen());

    weir.shut();
    pty.send("r");
    weir.holds();
    pty.send("P");
    pty.wait_for("● reachable");
    pty.send("home\r");
    pty.wait_for("all 7 loaded");
    weir.open();
    // What came for the old one was there before this is shown.
    home.gateway_run("users create late@x.io", &[]).ends(0, &[]);
    pty.send("r");
    pty.wait_for("late@x.io");
    let screen = pty.wait_for("all 8 loaded");
    assert!(!screen.contains(" acme ") && !screen.contains("300"), "{screen}");
    for email in theirs {
        assert!(!screen.contains(&email[..20.min(email.len())]), "{email} is on {screen}");
    }
    quits(&mut pty);
}

#[test]
fn a_profile_that_is_reached_from_the_demo_is_remembered_and_the_demo_is_not() {
    let console = Served::start(&["--users", "5", "--studio"]);
    let folder = configured(&format!("[profiles.home]\nstudio = {{ url = \"{}\" }}\n", console.url()));
    let state = folder.path().join("state");
    let home = |asks: bool| {
        let places = [("XDG_CONFIG_HOME", folder.path()), ("XDG_STATE_HOME", &state)];
        let places = places.map(|(name, path)| (name, path.to_str().unwrap()));
        let mut pty = Pty::spawn(&["--demo", "--life", "0", "--users", "20"], &places, SIZE);
        pty.wait_for("all 20 loaded");
        assert_eq!(state.exists(), !asks);
        pty.send("P");
        pty.wait_for("● reachable");
        pty.send("home\r");
        if asks {
            pty.wait_for("Your answer is remembered");
            pty.send("y");
            pty.wait_for("The gateway is open");
        }
        let screen = pty.wait_for("all 5 loaded");
        assert!(!screen.contains("Your answer"), "{screen}");
        // What the key opened was read with it, which is no secret.
        pty.send("\r");
        pty.wait_for("identity_id");
        pty.send("\x1b");
        pty.wait_for("all 5 loaded");
        pty.send("4");
        pty.wait_for("projects.key      ✓ 200");
        pty.send("1");
        pty.wait_for("all 5 loaded");
        quits(&mut pty);
    };
    home(true);
    home(false);
}

/// A hosted platform and a control plane, each behind a profile that names no project; one has to sign in at the second.
struct Platforms {
    _hosted: Served,
    plane: Served,
    folder: tempfile::TempDir,
}

impl Platforms {
    fn new() -> Self {
        let hosted = Served::start(&["--users", "300", "--management"]);
        let plane = Served::start(&["--users", "40", "--wide", "--sign-in"]);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pat"), hosted.secret("demo.access-token")).unwrap();
        std::fs::write(folder.path().join("token"), plane.secret("demo.token")).unwrap();
        let (api, url) = (hosted.url(), plane.url());
        let config = format!(
            "[profiles.hosted]\nsupabase = {{ api_url = \"{api}\", token_file = \"pat\" }}\n\
             [profiles.guarded]\nprotected = true\ncolor = \"red\"\n\
             control_plane = {{ url = \"{url}\", ref = \"demo\", token_file = \"token\" }}\n\
             [profiles.ops]\ncontrol_plane = {{ url = \"{url}\", login = \"ops@example.com\" }}\n"
        );
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        for secret in ["pat", "token"] {
            std::fs::set_permissions(folder.path().join(secret), std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        Self { _hosted: hosted, plane, folder }
    }

    fn state(&self) -> std::path::PathBuf {
        self.folder.path().join("state")
    }

    fn open(&self, args: &[&str]) -> Pty {
        let config = self.folder.path().join("config.toml").display().to_string();
        let state = self.state().display().to_string();
        Pty::spawn(&[&["--config", &config], args].concat(), &[("XDG_STATE_HOME", &state)], SIZE)
    }
}

fn header(screen: &vt100::Screen) -> String {
    screen.contents().lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_hosted_platforms_projects_are_chosen_opened_and_found_again() {
    let platforms = Platforms::new();
    // Each of the two platforms has one that sleeps.
    let told = |screen: &vt100::Screen| screen.contents().matches("‖ paused").count() == 2;
    let mut pty = platforms.open(&["hosted"]);
    pty.wait_for("no project");
    let screen = pty.wait_until("its projects", |screen| {
        let text = screen.contents();
        text.contains("demo · listed by hosted") && text.contains("157") && told(screen)
    });
    let paused = screen.lines().find(|line| line.contains("Asleep")).unwrap();
    assert!(paused.contains("‖ paused") && !paused.contains("reachable"), "{screen}");
    pty.send("two hosted\r");
    // The other platform has one of this name.
    pty.wait_until("Demo Two", |screen| header(screen).contains(" Demo Two (hosted/demo-two) "));
    pty.wait_for("all 157 loaded");
    pty.send("/a\rP");
    pty.wait_until("the projects of both", told);
    pty.send("demo hosted\r");
    pty.wait_for("of 300 loaded");
    // What one came from is selected, and it is the listed one.
    pty.send("P");
    pty.wait_until("what one came from, and the projects of both", |screen| {
        told(screen) && screen.contents().contains("demo-two · listed by hosted")
    });
    pty.send("\r");
    pty.wait_until("Demo Two as it was left", |screen| {
        header(screen).contains(" Demo Two (hosted/demo-two) ")
            && screen.contents().contains("/a")
            && screen.contents().contains("match")
    });
    // A paused one says what to do.
    pty.send("P");
    pty.wait_until("the projects of both", told);
    pty.send("asleep hosted\r");
    pty.wait_for("says that the project is paused (INACTIVE)");
    quits(&mut pty);
    let state = std::fs::read_to_string(platforms.state().join("basedeck/state.json")).unwrap();
    assert!(state.contains("\"hosted/demo-two\"") && state.contains("\"filter\":\"a\""), "{state}");
}

#[test]
fn a_control_planes_projects_are_there_once_one_has_signed_in() {
    let platforms = Platforms::new();
    let mut pty = platforms.open(&["ops"]);
    pty.wait_for("Sign in at 127.0.0.1:");
    pty.send(format!("{}\r", platforms.plane.secret("demo.account")));
    pty.wait_for("demo-two · listed by ops");
    pty.send("\r");
    pty.wait_until("Demo Two", |screen| {
        header(screen).contains("Demo Two") && screen.contents().contains("all 27 loaded")
    });
    // It says as a control plane what to do with one that sleeps.
    pty.send("P");
    pty.wait_for("2 projects");
    pty.send("asleep ops\r");
    pty.wait_for("says that the project is paused (Project is");
    quits(&mut pty);
}

#[test]
fn a_listed_project_of_the_command_line_is_come_back_to_and_locked_again() {
    let platforms = Platforms::new();
    let mut pty = platforms.open(&["--profile", "guarded", "--ref", "demo-two"]);
    let there = |screen: &vt100::Screen| {
        header(screen).contains(" demo-two  ■ protected  guarded ") && screen.contents().contains("all 27 loaded")
    };
    pty.wait_until("demo-two", there);
    pty.send("Wdemo-two\r");
    pty.wait_for("□ unlocked");
    pty.send("nada@x.io\t\x07\r");
    pty.wait_for("Users 28");
    pty.send("P");
    pty.wait_for("3 projects");
    pty.send("demo hosted\r");
    pty.wait_for("of 300 loaded");
    pty.send("P");
    pty.wait_for("demo-two · listed by guarded");
    pty.send("\r");
    pty.wait_until("demo-two again, locked", |screen| {
        let header = header(screen);
        let all = ["demo-two", "guarded", "■ protected"].iter().all(|part| header.contains(part));
        all && screen.contents().contains("all 28 loaded")
    });
    pty.send("P");
    pty.wait_for("◆    Demo Two");
    quits(&mut pty);
    let audit = std::fs::read_to_string(platforms.state().join("basedeck/audit/guarded/demo-two.jsonl")).unwrap();
    assert!(audit.contains("\"ref\":\"demo-two\"") && audit.contains("create user"), "{audit}");
    assert!(!platforms.state().join("basedeck/audit/guarded.jsonl").exists(), "a look leaves no trace");
}
