//! A signed-in screen in a real terminal: it signs in by itself, outlives its access tokens, and where the session has
//! ended it asks over what is being typed and goes on there. No secret is seen on the way, nor written down.

use std::fs;
use std::time::Duration;

use basedeck::demo::{Options, Server, SignIn};
use rustix::process::Signal;
use tokio::runtime::Runtime;

use super::glass::Pty;

const SIZE: (u16, u16) = (110, 30);
/// The new users' password.
const THEIRS: &str = "correct-horse-battery";

/// Creates a user by the form: it is sent when this returns.
fn create(pty: &mut Pty, email: &str) {
    pty.send("n");
    pty.wait_for("New user");
    pty.send(format!("{email}\t{THEIRS}\r"));
}

/// A platform with three users where one signs in with a password, which comes with it, and the code `246810`.
fn in_two_steps() -> (Runtime, Server, String) {
    let runtime = Runtime::new().unwrap();
    let sign_in = SignIn { totp: Some("246810".into()), ..SignIn::default() };
    let password = sign_in.password.clone();
    let options = Options { users: 3, life: 0.0, sign_in: Some(sign_in), ..Options::default() };
    let server = runtime.block_on(Server::start(options)).unwrap();
    (runtime, server, password)
}

#[test]
fn a_session_is_renewed_in_silence_and_signed_in_again_over_a_half_filled_form() {
    let (_runtime, server, ours) = in_two_steps();

    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.toml");
    let url = server.url();
    fs::write(
        &config,
        format!(
            "[profiles.acme]\nprotected = true\n\
             control_plane = {{ url = \"{url}\", ref = \"demo\", login = \"ops@example.com\" }}\n"
        ),
    )
    .unwrap();
    let (config, state) = (config.display().to_string(), folder.path().join("state"));
    let log = folder.path().join("log.jsonl").display().to_string();
    let args = ["--config", &config, "--interval", "1", "--log", &log, "acme"];
    let mut pty = Pty::spawn(&args, &[("XDG_STATE_HOME", state.to_str().unwrap())], SIZE);

    pty.wait_for("Sign in at");
    pty.send(format!("{ours}\r"));
    pty.wait_for("Second step");
    pty.send("246810\r");
    pty.wait_for("all 3 loaded");
    pty.wait_for("ops@example.com");
    pty.send("W");
    pty.wait_for("Its name");
    pty.send("acme\r");
    pty.wait_for("unlocked");
    let audit = state.join("basedeck/audit");
    assert!(!audit.exists(), "nothing was changed yet");

    // The access token has ended at the server: nobody is asked anything.
    server.advance(Duration::from_secs(2 * 3_600));
    create(&mut pty, "ann@example.com");
    let screen = pty.wait_for("all 4 loaded");
    assert!(!screen.contains("Sign in at"), "{screen}");
    assert!(server.token_counts().refreshed >= 1);

    // The session has ended: what is typed stays.
    server.end_sessions();
    create(&mut pty, "bob@example.com");
    let screen = pty.wait_for("Sign in at");
    assert!(screen.contains("New user"), "{screen}");
    pty.send(format!("{ours}\r"));
    pty.wait_for("Second step");
    pty.send("246810\r");
    let screen = pty.wait_until("the form as it was", |screen| {
        let text = screen.contents();
        !text.contains("Second step") && text.contains("New user") && text.contains("bob@example.com")
    });
    assert!(!screen.contains(THEIRS), "{screen}");
    pty.send("\r");
    pty.wait_for("all 5 loaded");
    assert_eq!(server.reuses(), 0);

    let raw = pty.raw();
    pty.send("\x03");
    assert_eq!(pty.exit_code(), 0);
    let mut kept = vec![("the screen", raw), ("the log", fs::read(&log).unwrap())];
    let audit = fs::read(audit.join("acme.jsonl")).unwrap();
    let audited = String::from_utf8_lossy(&audit).into_owned();
    assert!(audited.contains("\"begins\"") && audited.contains("create user"), "{audited}");
    assert_eq!(audited.matches("\"whom\":\"ann@example.com\"").count(), 2, "before and after: {audited}");
    kept.push(("the audit", audit));
    kept.push(("what is remembered", fs::read(state.join("basedeck/state.json")).unwrap()));
    let sessions = fs::read_dir(state.join("basedeck/sessions")).unwrap();
    let stored: Vec<_> = sessions.filter_map(|entry| fs::read_to_string(entry.unwrap().path()).ok()).collect();
    let token = stored.iter().find_map(|text| text.split('"').find(|part| part.starts_with("eyJ"))).unwrap();
    for (place, bytes) in kept {
        for secret in [ours.as_str(), THEIRS, token] {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{place} holds a secret");
        }
    }
}

#[test]
fn whoever_quits_before_the_code_leaves_no_half_session_behind() {
    let (_runtime, server, password) = in_two_steps();
    let url = server.url();
    for signal in [None, Some(Signal::TERM)] {
        let args = ["--url", &url, "--ref", "demo", "--login", "ops@example.com"];
        let mut pty = Pty::spawn(&args, &[], SIZE);
        pty.wait_for("Sign in at");
        pty.send(format!("{password}\r"));
        pty.wait_for("Second step");
        assert_eq!(server.sessions(), 1);
        match signal {
            None => pty.send("\x03"),
            Some(signal) => pty.signal(signal),
        }
        pty.exit_code();
        assert_eq!((server.sessions(), pty.left_on()), (0, Vec::new()), "{signal:?}");
    }
}
