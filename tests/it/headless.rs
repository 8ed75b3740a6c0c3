//! The real binary without a screen: what it prints where, and the exit code a script sees.

mod fake;
#[cfg(feature = "demo")]
mod hosted;
#[cfg(feature = "demo")]
mod profiles;
#[cfg(feature = "demo")]
mod read_only;
#[cfg(feature = "demo")]
pub mod served;
#[cfg(feature = "demo")]
mod signin;
mod tls;
#[cfg(feature = "demo")]
mod walks;

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder of its own that is home, configuration and working directory of the commands run in it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file that only its owner can read.
    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path.display().to_string()
    }

    /// The program with these arguments and nothing of this machine's environment.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_basedeck"));
        command.args(args).env_clear().current_dir(self.0.path()).stdin(Stdio::null());
        for (name, value) in [("HOME", ""), ("XDG_CONFIG_HOME", "config"), ("XDG_STATE_HOME", "state"), ("TMPDIR", "")]
        {
            command.env(name, self.path(value));
        }
        command
    }

    fn run(&self, args: &[&str]) -> Told {
        self.command(args).output().unwrap().into()
    }

    fn pipe(&self, args: &[&str], input: &str) -> Told {
        let mut command = self.command(args);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap().into()
    }
}

/// What a command told.
pub(crate) struct Told {
    code: Option<i32>,
    pub(crate) out: String,
    err: String,
}

impl From<Output> for Told {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Told {
    /// Ended with this code, and said each of these on stderr.
    #[track_caller]
    pub(crate) fn ends(&self, code: i32, says: &[&str]) -> &Self {
        assert_eq!(self.code, Some(code), "stderr: {}\nstdout: {}", self.err, self.out);
        for text in says {
            assert!(self.err.contains(text), "{text:?} is not in {}", self.err);
        }
        self
    }
}

#[test]
fn nothing_to_connect_to_is_a_matter_of_usage() {
    let place = Place::new();
    place.run(&["users", "list"]).ends(2, &["nothing to connect to: give --url and --ref, or --project-url"]);
    let upload = ["upload", "a", "b", "--url", "https://x.io", "--ref", "r"];
    place.run(&upload).ends(2, &["the platform token for x.io is missing: set BASEDECK_TOKEN, or give --token-file"]);
    let plain = ["users", "list", "--project-url", "http://10.0.0.1"];
    place.run(&plain).ends(2, &["plain http to 10.0.0.1 would show the service key to the network"]);
    place.run(&["users", "list", "--nonsense"]).ends(2, &["--nonsense"]);
}

#[test]
fn a_fault_in_the_usual_configuration_is_named_with_its_place() {
    let place = Place::new();
    let file = place.write("config/basedeck/config.toml", "[profiles.a]\ncolour = \"red\"\n");
    place
        .run(&["users", "list"])
        .ends(2, &[&format!("{file}:2:1: a profile has no key `colour` (did you mean `color`?)")]);
}

#[test]
fn without_a_terminal_there_is_no_screen() {
    let place = Place::new();
    for args in [&[][..], &["--url", "https://x.io", "--ref", "r"], &["--read-only"]] {
        let told = place.run(args);
        told.ends(2, &["the screen needs a terminal"]);
        assert!(told.out.is_empty() && told.err.lines().count() == 1, "{}", told.err);
    }
}

#[test]
fn a_server_that_is_down_is_a_matter_of_the_network() {
    let place = Place::new();
    let key = place.write("key", "k");
    let (_held, url) = crate::socket::deaf();
    let url = url.as_str().trim_end_matches('/').to_owned();
    let there = ["--project-url", &url, "--service-key-file", &key];
    place.run(&[&["users", "list"], &there[..]].concat()).ends(5, &["127.0.0.1"]);
    place.write("a.txt", "a");
    place.run(&[&["upload", "a.txt", "docs"], &there[..]].concat()).ends(5, &["127.0.0.1"]);
}

#[cfg(feature = "demo")]
#[test]
fn the_demo_server_takes_no_flag_of_a_connection() {
    let place = Place::new();
    for args in [["demo-server", "--url", "https://x.io"], ["--ca-file", "ca.pem", "demo-server"]] {
        place.run(&args).ends(2, &["demo-server connects to nothing"]);
    }
    let help = place.run(&["demo-server", "--help"]);
    assert!(!help.ends(0, &[]).out.contains("--read-only") && help.out.contains("--body-limit"), "{}", help.out);
}

#[test]
fn help_and_version_are_there() {
    let place = Place::new();
    assert!(place.run(&["--version"]).ends(0, &[]).out.starts_with("basedeck "));
    let help = place.run(&["--help"]);
    for text in ["Examples:", "BASEDECK_TOKEN", "Exit codes:", "--service-key-file", "users", "upload"] {
        assert!(help.ends(0, &[]).out.contains(text), "{text}");
    }
}
