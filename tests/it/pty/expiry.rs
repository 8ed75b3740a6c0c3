//! Signed in, in a real terminal, at a server whose clock and sessions the test holds: tokens that expire in mid-session,
//! sessions that end over a half-filled form, and where no secret may ever stand.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use basedeck::demo::{Options, Server, SignIn};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::glass::Pty;

pub const SIZE: (u16, u16) = (120, 30);
const HOUR: Duration = Duration::from_secs(3_600);

/// A server in this process, and a folder with the configuration and the state of the programs that go there.
pub struct Place {
    folder: TempDir,
    pub server: Server,
    pub password: String,
    pub key: String,
    /// Its threads serve; it ends last.
    _serves: Runtime,
}

impl Place {
    /// With 20 users and the profile `ops` that signs in; `more` are further lines of it.
    pub fn new(sign_in: SignIn, more: &str) -> Self {
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

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: &str) {
        use std::os::unix::fs::PermissionsExt;
        fs::write(self.path(name), content).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub fn config(&self) -> String {
        self.path("config.toml").display().to_string()
    }

    pub fn state(&self) -> String {
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
    let address = place.server.url().trim_start_matches("http://").to_owned();
    let mut round = 0;
    while rounds(round) {
        let email = format!("round{round}@example.org");
        place.elsewhere(&email);
        let screen = pty.wait_for(&email);
        assert!(screen.contains("ops@example.com"), "{screen}");
        // Which has any number in it.
        let screen = screen.replace(&address, "");
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
    for name in ["Email", "Password", "Address", "Metadata"] {
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

/// What was written somewhere: where, and the bytes.
type Written = (String, Vec<u8>);

/// Whatever lies below a folder, each file's path with its bytes; the stored sessions are left out.
pub fn sweep(folder: &Path, all: &mut Vec<Written>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("sessions") {
            sweep(&path, all);
        } else if path.is_file() {
            all.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
}

/// The tokens of the one stored session.
pub fn tokens(place: &Place) -> [String; 2] {
    let stored = place.path("state/basedeck/sessions");
    let paths = fs::read_dir(stored).unwrap().map(|entry| entry.unwrap().path());
    let path = paths.into_iter().find(|path| path.extension().is_some_and(|end| end == "json")).expect("a session");
    let kept: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    ["access_token", "refresh_token"].map(|name| kept[name].as_str().unwrap().to_owned())
}

/// Which secrets, each with its name, stand where.
pub fn found(told: &[Written], secrets: &[(&str, String)]) -> Vec<String> {
    let stands = |bytes: &[u8], secret: &str| bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
    let each = told.iter().flat_map(|(name, bytes)| secrets.iter().map(move |secret| (name, bytes, secret)));
    each.filter(|(_, bytes, (_, secret))| stands(bytes, secret))
        .map(|(name, _, (what, _))| format!("{what} in {name}"))
        .collect()
}

#[test]
fn no_secret_stands_in_log_screen_state_arguments_or_the_environment_of_children() {
    let place = Place::new(SignIn::default(), "protected = true");
    let (env, key, url) = (place.path("child-env"), place.path("key"), place.server.url());
    let command = format!("cat {} && env >> {}", key.display(), env.display());
    let more = [
        format!("project = {{ url = \"{url}\", service_key_command = \"{command}\" }}"),
        format!("[profiles.other]\nproject = {{ url = \"{url}\", service_key_env = \"OTHER_KEY\" }}\n"),
    ];
    let config = fs::read_to_string(place.config()).unwrap();
    place.write("config.toml", &(config + &more.join("\n")));
    let log = place.path("log").display().to_string();
    let mut secrets = vec![("the password", place.password.clone()), ("the service key", place.key.clone())];
    let mut told = vec![("login".to_owned(), place.login(&["--log", &log]).into_bytes())];
    let mut keep = |place: &Place| {
        let [access, refresh] = tokens(place);
        secrets.extend([("an access token", access), ("a refresh token", refresh)]);
    };
    keep(&place);

    // What a person may have set for other programs, and for other profiles.
    let others = ["BASEDECK_TOKEN", "BASEDECK_SERVICE_KEY", "SUPABASE_ACCESS_TOKEN", "OTHER_KEY"];
    let set = others.map(|name| (name, "a-secret-of-another-77"));
    let mut pty = place.open(&["--log", &log], &set);
    // A token that is refused, and renewed.
    place.server.advance(HOUR);
    goes_on(&place, &pty, |round| round < 2);
    assert_eq!(place.server.token_counts().refreshed, 1);
    keep(&place);
    // A renewal that fails.
    place.server.end_sessions();
    pty.wait_for("Sign in at ");
    pty.send("a-wrong-password-77\r");
    pty.wait_for("knows no such email");
    pty.send("\x7f".repeat(30) + &place.password + "\r");
    pty.wait_for("Signed in as ops@example.com");
    keep(&place);
    // A change to a protected profile, with a password.
    pty.send("W");
    pty.wait_for("Unlock");
    pty.send("ops\r");
    pty.wait_gone("Unlock");
    pty.send("nsweep@example.org\tthe-new-users-77\r");
    pty.wait_for("+ sweep@example.org created");
    let arguments = fs::read(format!("/proc/{}/cmdline", pty.pid().as_raw_nonzero())).unwrap();
    pty.send("\x03");
    assert_eq!(pty.exit_code(), 0);
    pty.left_on();
    told.push(("the screen".into(), pty.raw()));
    told.push(("the arguments".into(), arguments));
    sweep(&place.path("state"), &mut told);
    for name in ["log", "child-env"] {
        told.push((name.into(), fs::read(place.path(name)).unwrap()));
    }

    secrets.push(("a wrong password", "a-wrong-password-77".into()));
    secrets.push(("the new user's password", "the-new-users-77".into()));
    secrets.push(("a variable", "a-secret-of-another-77".into()));
    let tokens = secrets.iter().map(|(_, secret)| secret).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(tokens.len(), 11, "each is another one");
    // What is looked through holds what it is for.
    let holds = |name: &str, part: &str| {
        let text = told.iter().find(|(of, _)| of.ends_with(name)).map(|(_, bytes)| String::from_utf8_lossy(bytes));
        assert!(text.as_ref().is_some_and(|text| text.contains(part)), "{name}: {text:?}");
    };
    holds("login", "signed in at ");
    holds("the screen", "sweep@example.org");
    holds("the arguments", "--log");
    holds("audit/ops.jsonl", "create user");
    holds("state.json", "ops");
    holds("log", "\"status\":401");
    holds("child-env", "PATH=");
    assert_eq!(found(&told, &secrets), Vec::<String>::new());
}
