//! Signing in, out and staying signed in, with the real binary: `login`, `logout`, `whoami`, and programs that share a
//! session.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Stdio};
use std::time::Duration;

use basedeck::demo::{Options, Server, SignIn};
use rustix::process::Signal;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::served::Served;
use super::{Place, Told};
use crate::pty::glass::Pty;

/// A demo with its sign-in, in this process, and a place with a profile for it.
struct Rig {
    runtime: Runtime,
    server: Server,
    place: Place,
    password: String,
}

impl Rig {
    fn new(sign_in: SignIn) -> Self {
        let runtime = Runtime::new().unwrap();
        let password = sign_in.password.clone();
        let options = Options { users: 3, life: 0.0, sign_in: Some(sign_in), ..Options::default() };
        let service = options.service_key.clone();
        let server = runtime.block_on(Server::start(options)).unwrap();
        let place = Place::new();
        let url = server.url();
        place.write("service.key", service);
        place.write(
            "config/basedeck/config.toml",
            format!(
                "[profiles.acme]\ncontrol_plane = {{ url = \"{url}\", ref = \"demo\", login = \"ops@example.com\" }}\n\
                 [profiles.key]\nproject = {{ url = \"{url}\", service_key_file = \"../../service.key\" }}\n"
            ),
        );
        Self { runtime, server, place, password }
    }

    fn login(&self, more: &[&str]) -> Told {
        let args = [&["login", "acme", "--password-stdin"], more].concat();
        self.place.pipe(&args, &format!("{}\n", self.password))
    }

    fn start(&self, args: &[&str]) -> Child {
        self.place.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// The stored sessions.
    fn files(&self) -> Vec<std::path::PathBuf> {
        let Ok(found) = fs::read_dir(self.place.path("state/basedeck/sessions")) else { return Vec::new() };
        let files = found.map(|entry| entry.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|end| end == "json")).collect()
    }
}

#[test]
fn one_signs_in_is_told_who_one_is_and_signs_out() {
    let rig = Rig::new(SignIn::default());
    let none = rig.place.run(&["acme", "users", "list"]);
    none.ends(3, &["nobody is signed in at 127.0.0.1:", "run `basedeck login acme`"]);
    rig.place.run(&["whoami", "acme"]).ends(3, &["run `basedeck login acme`"]);
    let told = rig.login(&[]);
    assert!(told.ends(0, &["signed in at 127.0.0.1:", "as ops@example.com"]).out.is_empty());
    let [file] = &rig.files()[..] else { panic!("one session is stored") };
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(file), mode(file.parent().unwrap())), (0o600, 0o700));
    assert!(!fs::read_to_string(file).unwrap().contains(&rig.password));
    assert_eq!(rig.place.run(&["acme", "users", "list", "--jsonl"]).ends(0, &[]).out.lines().count(), 3);
    let who = rig.place.run(&["acme", "whoami"]);
    assert!(who.ends(0, &[]).out.starts_with("control-plane 127.0.0.1:"), "{}", who.out);
    assert!(who.out.contains(": ops@example.com, until "), "{}", who.out);
    let who: Value = serde_json::from_str(&rig.place.run(&["whoami", "acme", "--json"]).ends(0, &[]).out).unwrap();
    assert_eq!((&who[0]["who"], &who[0]["credential"]), (&"ops@example.com".into(), &"session".into()));
    // The same account by flags alone is the same session.
    let url = rig.server.url();
    let flags = ["--url", &url, "--ref", "demo", "--login", "ops@example.com"];
    rig.place.run(&[&["users", "list"], &flags[..]].concat()).ends(0, &[]);
    assert_eq!(rig.server.sessions(), 1);
    rig.place.run(&["logout", "acme"]).ends(0, &["signed out at 127.0.0.1:"]);
    assert_eq!((rig.files().len(), rig.server.sessions()), (0, 0));
    rig.place.run(&["logout", "acme"]).ends(0, &["nobody was signed in"]);
    rig.place.run(&["acme", "users", "list"]).ends(3, &["basedeck login acme"]);
}

#[test]
fn what_a_session_takes_stands_in_the_log_without_a_secret() {
    let rig = Rig::new(SignIn::default());
    rig.login(&["--log", "log"]).ends(0, &[]);
    let [file] = &rig.files()[..] else { panic!("one session is stored") };
    let mut stored: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    // Received long ago, so that it is refreshed.
    stored["received"] = "2020-01-01T00:00:00Z".into();
    fs::write(file, stored.to_string()).unwrap();
    rig.place.run(&["acme", "users", "list", "--log", "log"]).ends(0, &[]);
    rig.place.run(&["whoami", "acme", "--log", "log"]).ends(0, &[]);
    rig.place.run(&["logout", "acme", "--log", "log"]).ends(0, &[]);
    let log = fs::read_to_string(rig.place.path("log")).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let lines: Vec<Value> = lines.filter(|line| line["operation"] == "sign in").collect();
    let told: Vec<_> =
        lines.iter().map(|line| [&line["method"], &line["path"]].map(|text| text.as_str().unwrap())).collect();
    let expected = [
        ["POST", "/auth/v1/token?grant_type=password"],
        ["POST", "/auth/v1/token?grant_type=refresh_token"],
        ["GET", "/auth/v1/user"],
        ["POST", "/auth/v1/logout?scope=local"],
    ];
    assert_eq!(told, expected, "{log}");
    let url = rig.server.url();
    for line in &lines {
        assert_eq!((&line["project"], &line["origin"]), (&"acme".into(), &url.trim_end_matches('/').into()), "{line}");
        assert!(line["status"].as_u64().is_some_and(|status| status < 300) && line["error"].is_null(), "{line}");
    }
    let tokens = ["access_token", "refresh_token"].map(|name| stored[name].as_str().unwrap());
    assert!(tokens.iter().chain([&rig.password.as_str()]).all(|secret| !log.contains(*secret)), "{log}");
}

#[test]
fn doctor_uses_the_session_as_the_screen_does_and_says_whose_it_is() {
    let rig = Rig::new(SignIn::default());
    let nobody = rig.place.run(&["doctor", "acme"]);
    assert!(nobody.ends(1, &[]).out.contains("bad   acme platform token  nobody is signed in at 127.0.0.1:"));
    assert!(nobody.out.contains("run `basedeck login acme`"), "{}", nobody.out);
    rig.login(&[]).ends(0, &[]);
    let told = rig.place.run(&["doctor", "acme"]);
    for line in [
        "ok    acme platform token  the session of ops@example.com at 127.0.0.1:",
        "ok    acme control-plane answers  8 buckets",
        "ok    acme session  until ",
    ] {
        assert!(told.ends(0, &[]).out.contains(line), "{}", told.out);
    }
    rig.server.end_sessions();
    let over = rig.place.run(&["doctor", "acme"]);
    assert!(
        over.ends(1, &[]).out.contains("has ended (") && over.out.contains("run `basedeck login acme`"),
        "{}",
        over.out
    );
}

#[test]
fn a_key_is_nobody_and_is_told_as_what_it_is() {
    let rig = Rig::new(SignIn::default());
    let who = rig.place.run(&["whoami", "key"]);
    assert!(who.ends(0, &[]).out.contains(": a project's key with the role service_role"), "{}", who.out);
    rig.place.run(&["login", "key"]).ends(2, &["profile key has no door control-plane"]);
    let none = rig.place.run(&["logout", "key"]);
    none.ends(2, &["profile key has no control plane: there is no session to end"]);
    // A key where a platform token belongs, and a token that nobody knows.
    let url = rig.server.url();
    let there = ["whoami", "--url", &url, "--ref", "demo", "--token-file"];
    let who = rig.place.run(&[&there[..], &["service.key"]].concat());
    assert!(who.ends(0, &[]).out.contains("a project's key"), "{}", who.out);
    // It ended a second after the epoch.
    rig.place.write("old.token", "e30.eyJleHAiOjF9.c2ln");
    let who = rig.place.run(&["whoami", "--project-url", &url, "--service-key-file", "old.token"]);
    assert!(who.out.contains(", expired 1970-01-01 00:00:01 UTC"), "{}", who.out);
    let login = ["login", "--url", &url, "--ref", "demo", "--token-file", "service.key"];
    rig.place.run(&login).ends(2, &["is opened with a token, not by signing in: add `login`"]);
    let logout = [&["logout"], &login[1..]].concat();
    rig.place.run(&logout).ends(2, &["is opened with a token: there is no session to end"]);
    // The platform's gateway lets nobody in to ask who he is.
    let keyed = Served::start(&["--sign-in", "--platform-key-file", "demo.platform-key"]);
    rig.place.write("demo.token", keyed.secret("demo.token"));
    let asked = ["whoami", "--url", keyed.url(), "--ref", "demo", "--token-file", "demo.token"];
    let who = rig.place.run(&asked);
    assert!(who.ends(0, &[]).out.contains("a platform token, whose it is does not show"), "{}", who.out);
    let login = ["login", "--url", keyed.url(), "--ref", "demo", "--login", "ops@example.com", "--password-stdin"];
    rig.place.pipe(&login, "hunter2-hunter2").ends(3, &["wants its public key before one signs in", "anon_key"]);
    // One that is over is sent to nobody.
    let over = ["whoami", "--url", &url, "--ref", "demo", "--token-file", "old.token", "--log", "log"];
    rig.place.run(&over).ends(3, &["The platform token expired at 1970-01-01 00:00:01 UTC by this machine's clock"]);
    assert_eq!(fs::read_to_string(rig.place.path("log")).unwrap(), "", "nothing was asked");
    rig.place.write("token", "e30.e30.c2ln");
    rig.place.run(&[&there[..], &["token"]].concat()).ends(3, &["refuses the platform token"]);
}

#[test]
fn a_wrong_password_a_code_and_a_captcha_are_told_and_no_secret_with_them() {
    let rig = Rig::new(SignIn { totp: Some("123456".into()), ..SignIn::default() });
    let wrong = rig.place.pipe(&["login", "acme", "--password-stdin"], "hunter2-hunter2\n");
    wrong.ends(3, &["does not know this email with this password"]);
    assert!(!wrong.err.contains("hunter2"));
    rig.login(&[]).ends(2, &["give the code of the second factor with --code"]);
    rig.login(&["--code", "000000"]).ends(3, &["The code is not the right one"]);
    assert_eq!((rig.files().len(), rig.server.sessions()), (0, 0), "not even half a session is left");
    let told = rig.login(&["--code", "123456", "--json"]);
    let told: Value = serde_json::from_str(&told.ends(0, &[]).out).unwrap();
    assert_eq!(told["who"], "ops@example.com");
    let barred = Rig::new(SignIn { captcha: true, ..SignIn::default() });
    barred.login(&[]).ends(3, &["wants a captcha solved", "give its access token by token_command"]);
    let down = barred.server.url();
    barred.runtime.block_on(barred.server.stop());
    let place = barred.place;
    let there = ["login", "--url", &down, "--ref", "demo", "--login", "ops@example.com", "--password-stdin"];
    place.pipe(&there, "hunter2-hunter2\n").ends(5, &["cannot be reached"]);
}

#[test]
fn a_session_that_was_ended_elsewhere_asks_for_a_new_one() {
    let rig = Rig::new(SignIn::default());
    rig.login(&[]).ends(0, &[]);
    rig.server.end_sessions();
    rig.place.run(&["acme", "users", "list"]).ends(3, &["has ended", "run `basedeck login acme`"]);
    assert!(rig.files().is_empty());
    rig.login(&[]).ends(0, &[]);
    rig.server.end_sessions();
    rig.place.run(&["whoami", "acme"]).ends(3, &["has ended", "run `basedeck login acme`"]);
    rig.login(&[]).ends(0, &[]);
    // Damaged or open to others: said, and never used.
    let file = rig.files().remove(0);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    rig.place.run(&["whoami", "acme"]).ends(2, &["others can read the session", "run chmod 600"]);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&file, "{").unwrap();
    rig.place.run(&["whoami", "acme"]).ends(3, &["was damaged and is set aside", "basedeck login acme"]);
}

#[test]
fn a_password_is_typed_unseen_and_the_terminal_is_left_as_it_was() {
    let rig = Rig::new(SignIn { totp: Some("123456".into()), ..SignIn::default() });
    let [config, state] = ["config", "state"].map(|name| rig.place.path(name).display().to_string());
    let home = [("XDG_CONFIG_HOME", config.as_str()), ("XDG_STATE_HOME", state.as_str())];
    let ask = || {
        let pty = Pty::spawn(&["login", "acme"], &home, (120, 24));
        pty.wait_for("Password of ops@example.com at 127.0.0.1:");
        assert!(pty.is_raw());
        pty
    };
    let mut pty = ask();
    // What was typed wrong is taken away again, characters of several bytes too.
    pty.send(format!("wrong\x15x\u{fc}\x7f\x7f{}\r", rig.password));
    pty.wait_for("Code of the app");
    assert!(!pty.is_raw());
    pty.send("000000\r");
    pty.wait_for("The code is not the right one");
    pty.send("123456\r");
    pty.wait_for("signed in at 127.0.0.1:");
    assert_eq!(pty.exit_code(), 0);
    assert!(!String::from_utf8_lossy(&pty.raw()).contains(&rig.password));
    let mut pty = ask();
    pty.signal(Signal::TERM);
    assert_eq!((pty.exit_code(), pty.is_raw()), (143, false));
    let mut pty = ask();
    pty.send("\x03");
    assert_eq!((pty.exit_code(), pty.is_raw()), (2, false));
}

/// The refresh tokens of a session serve once: a hundred times two programs find the access token expired, and each time
/// one of them refreshes and the other takes what it stored.
#[test]
fn two_programs_share_a_session_while_it_is_refreshed_a_hundred_times() {
    let rig = Rig::new(SignIn::default());
    rig.login(&[]).ends(0, &[]);
    for round in 1..=100 {
        rig.server.advance(Duration::from_secs(3_601));
        let both = [rig.start(&["acme", "users", "list"]), rig.start(&["whoami", "acme"])];
        for program in both {
            Told::from(program.wait_with_output().unwrap()).ends(0, &[]);
        }
        assert_eq!(rig.server.token_counts().refreshed, round);
    }
    let counts = rig.server.token_counts();
    assert_eq!((counts.forgiven, counts.reused), (0, 0), "no token was used twice");
}
