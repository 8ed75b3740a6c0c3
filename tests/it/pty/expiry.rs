//! Signed in, in a real terminal, at a server whose clock and sessions the test holds: tokens that expire in mid-session,
//! sessions that end over a half-filled form, and where no secret may ever stand.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use basedeck::demo::{Options, Server, SignIn};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::glass::Pty;

const SIZE: (u16, u16) = (120, 30);
const HOUR: Duration = Duration::from_secs(3_600);

/// A server in this process, and a folder with the configuration and the state of the programs that go there.
struct Place {
    folder: TempDir,
    server: Server,
    password: String,
    key: String,
    /// Its threads serve; it ends last.
    _serves: Runtime,
}

impl Place {
    /// With 20 users and the profile `ops` that signs in; `more` are further lines of it.
    fn new(sign_in: SignIn, more: &str) -> Self {
        let serves = Runtime::new().unwrap();
        let options = Options { users: 20, life: 0.0, sign_in: Some(sign_in.clone()), ..Options::default() };
        let (password, key) = (sign_in.password, options.service_key.clone());
        let server = serves.block_on(Server::start(options)).unwrap();
        let place = Self { folder: tempfile::tempdir().unwrap(), server, password, key, _serves: serves };
        place.write("key", &place.key);
        let url = place.server.url();
        let door = format!("control_plane = {{ url = \"{url}\", ref = \"demo\", login = \"ops@example.com\" }}");
        place.write("config.toml", &format!("poll_seconds = 1\n[profiles.ops]\n{more}\n{door}\n"));
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        use std::os::unix::fs::PermissionsExt;
        fs::write(self.path(name), content).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn config(&self) -> String {
        self.path("config.toml").display().to_string()
    }

    fn state(&self) -> String {
        self.path("state").display().to_string()
    }

    /// A command without a screen, with this on its standard input; what it wrote.
    fn pipe(&self, args: &[&str], input: &str) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_basedeck"));
        command.args(args).env_clear().env("HOME", self.folder.path()).env("XDG_STATE_HOME", self.state());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8(told).unwrap();
        assert!(output.status.success(), "{args:?}: {told}");
        told
    }

    /// Signs in without a screen.
    fn login(&self, more: &[&str]) -> String {
        let config = self.config();
        self.pipe(&[&["login", "ops", "--config", &config, "--password-stdin"], more].concat(), &self.password)
    }

    /// Somebody else creates a user, by the project's own gateway.
    fn elsewhere(&self, email: &str) {
        let (url, key) = (self.server.url(), self.path("key").display().to_string());
        let door = ["--project-url", &url, "--service-key-file", &key];
        self.pipe(&[&["users", "create", email, "--password-stdin"], &door[..]].concat(), "elsewhere-77");
    }

    /// The screen of the profile.
    fn open(&self, args: &[&str], env: &[(&str, &str)]) -> Pty {
        let (config, state) = (self.config(), self.state());
        let env = [&[("XDG_STATE_HOME", state.as_str())], env].concat();
        let pty = Pty::spawn(&[&["ops", "--config", &config], args].concat(), &env, SIZE);
        pty.wait_for("all 20 loaded");
        pty
    }
}

/// The field's line of a form on the screen.
fn field<'a>(screen: &'a str, name: &str) -> &'a str {
    screen.lines().find(|line| line.contains(&format!(" {name} "))).unwrap_or_default()
}

fn quits(mut pty: Pty) {
    pty.send("\x03");
    assert_eq!(pty.exit_code(), 0);
    assert_eq!(pty.left_on(), Vec::<&str>::new());
}

/// So long the screen goes on: a user of each round is on the screen at its end.
fn goes_on(place: &Place, pty: &Pty, mut rounds: impl FnMut(u32) -> bool) {
    let mut round = 0;
    while rounds(round) {
        let email = format!("round{round}@example.org");
        place.elsewhere(&email);
        let screen = pty.wait_for(&email);
        assert!(screen.contains("ops@example.com"), "{screen}");
        for word in ["Sign in", "refuse", "expired", "401", "ended"] {
            assert!(!screen.contains(word), "{word}: {screen}");
        }
        round += 1;
    }
}

#[test]
fn tokens_that_live_for_seconds_are_renewed_without_a_word() {
    let place = Place::new(SignIn { token_life: Duration::from_secs(2), ..SignIn::default() }, "");
    place.login(&[]);
    let pty = place.open(&[], &[]);
    goes_on(&place, &pty, |round| round < 100 && place.server.token_counts().refreshed < 3);
    let counts = place.server.token_counts();
    assert!(counts.refreshed >= 3 && counts.reused == 0, "{counts:?}");
    quits(pty);
}

#[test]
fn a_token_that_is_refused_before_its_time_is_renewed_without_a_word() {
    let place = Place::new(SignIn::default(), "");
    place.login(&[]);
    let pty = place.open(&[], &[]);
    goes_on(&place, &pty, |round| {
        place.server.advance(HOUR);
        round < 3
    });
    let counts = place.server.token_counts();
    assert!(counts.refreshed >= 3 && counts.reused == 0, "{counts:?}");
    quits(pty);
}

/// Over a half-filled form the session ends; `code` is the second factor's.
fn signed_in_again_over_a_form(totp: Option<&str>) {
    let sign_in = SignIn { totp: totp.map(str::to_owned), ..SignIn::default() };
    let place = Place::new(sign_in, "");
    let code: Vec<_> = totp.iter().flat_map(|code| ["--code", code]).collect();
    place.login(&code);
    let mut pty = place.open(&[], &[]);
    pty.send("nnew@example.org\thalf-typed-77\t\t");
    pty.send("{\"plan\": \"pro\"");
    let before = pty.wait_for("\"pro\"");
    place.server.end_sessions();
    // The next look at the list is refused, and so is the refresh.
    pty.wait_for("Sign in at ");
    pty.send(format!("{}\r", place.password));
    if let Some(code) = totp {
        pty.wait_for("Second step");
        pty.send("000000\r");
        pty.wait_for("refuses this code");
        pty.send("\x7f".repeat(6) + code + "\r");
        pty.wait_gone("Second step");
    }
    let after = pty.wait_gone("Sign in at ");
    for name in ["Email", "Password", "Confirm now", "Metadata"] {
        assert!(!field(&before, name).is_empty(), "{name}: {before}");
        assert_eq!(field(&after, name), field(&before, name), "{name}");
    }
    pty.send("}\r");
    pty.wait_gone("New user");
    let screen = pty.wait_for("new@example.org");
    assert!(screen.contains("ops@example.com"), "{screen}");
    assert_eq!(place.server.sessions(), 1);
    quits(pty);
}

#[test]
fn a_session_that_ends_is_signed_in_again_over_a_half_filled_form() {
    signed_in_again_over_a_form(None);
}

#[test]
fn the_same_with_a_second_factor() {
    signed_in_again_over_a_form(Some("135790"));
}
