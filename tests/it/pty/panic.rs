//! A panic of the screen while it holds every kind of secret. No key and no answer is known to bring one about, so a
//! process of this test binary runs the same screen as the program, on the same connection, with a key's source that
//! breaks, and quotes the secret that it was told: once in a worker, then in the screen's own thread.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use basedeck::api::client::install_tls;
use basedeck::api::renew::{Given, Note, Renew, Renewal};
use basedeck::api::route::Door;
use basedeck::api::session::{Keep, Kept};
use basedeck::app::op::keymap::Keymap;
use basedeck::config::resolve::Flags;
use basedeck::demo::SignIn;
use basedeck::local::log::Log;
use basedeck::local::sessions::Store;
use basedeck::local::{self, Inputs, panic, state, workers};
use basedeck::runtime::{self, ScreenSetup};
use basedeck::secret::Secret;
use jiff::Timestamp;
use serde_json::Value;

use super::expiry::{Place, SIZE, found, sweep, tokens};
use super::glass::Pty;

/// Names the folder of a [`Place`] in the environment of the process that is to panic.
const PLACE: &str = "BASEDECK_TEST_PANIC";

/// A source of the service key: it breaks when it is first asked, and when a person gives a credential.
#[derive(Debug)]
struct Breaks {
    key: Secret,
    broken: AtomicBool,
}

impl Renew for Breaks {
    fn renew<'a>(&'a self, _: Option<&'a Secret>, _: &'a Note) -> Renewal<'a> {
        let first = !self.broken.swap(true, Ordering::Relaxed);
        assert!(!first, "the key is {}", self.key.expose());
        Box::pin(async { Ok(Given { secret: self.key.clone(), ..Given::default() }) })
    }

    fn told(&self, door: Door, secret: &Secret) {
        panic!("what to do with {} at {door:?}, beside {}?", secret.expose(), self.key.expose());
    }
}

/// Not a test by itself: what the test below runs in a terminal.
#[test]
fn a_screen_that_breaks() {
    let Some(folder) = std::env::var_os(PLACE).map(PathBuf::from) else { return };
    panic::install();
    install_tls();
    let flags = Flags { profile: Some("ops".into()), ..Flags::default() };
    let inputs =
        Inputs { flags, config: Some(folder.join("config.toml")), store: state::Store::usual(), ..Inputs::default() };
    let mut setup = local::connect(&inputs).unwrap();
    let gateway = setup.connection.doors.iter_mut().find(|door| door.door == Door::Gateway).unwrap();
    let key = std::mem::take(&mut gateway.credential);
    gateway.renew = Some(Arc::new(Breaks { key, broken: AtomicBool::default() }));
    let log = Log::open(Some(&folder.join("log"))).unwrap();
    let keymap = Keymap::default();
    let screen =
        ScreenSetup { setup, inputs, place: None, local: None, demo: true, colour: true, keymap, mouse: true, log };
    let left = workers::with(|workers| {
        // What nobody ends does not hold up the end.
        workers.spawn_blocking(|| std::thread::sleep(Duration::from_secs(3_600)));
        runtime::run(screen, workers.handle())
    });
    unreachable!("it did not break: {:?}", left.map(Result::ok));
}

/// Has a session with a captcha solved, which a terminal cannot, and stores it for the program.
fn signed_in(place: &Place) {
    let url = place.server.url();
    let body = serde_json::json!({
        "email": "ops@example.com", "password": place.password, "gotrue_meta_security": {"captcha_token": "solved"},
    });
    let body = body.to_string();
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    let head = "POST /auth/v1/token?grant_type=password HTTP/1.1\r\nhost: x\r\ncontent-type: application/json";
    write!(stream, "{head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let pair: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    let token = |name: &str| Secret::new(pair[name].as_str().unwrap().to_owned());
    let kept = Kept {
        access: token("access_token"),
        refresh: token("refresh_token"),
        received: Timestamp::now(),
        lives: Duration::from_secs(3_600),
        who: "ops@example.com".into(),
    };
    let auth = format!("{url}/auth/v1").parse().unwrap();
    let store = Store::new(&place.path("state/basedeck/sessions"), &auth, "ops@example.com");
    store.lock().unwrap().write(&kept).unwrap();
}

#[test]
fn a_panic_restores_the_terminal_and_writes_no_secret_anywhere() {
    let place = Place::new(SignIn { captcha: true, ..SignIn::default() }, "protected = true");
    let config = fs::read_to_string(place.config()).unwrap();
    let gateway = format!("project = {{ url = \"{}\", service_key_file = \"key\" }}\n", place.server.url());
    place.write("config.toml", &(config + &gateway));
    signed_in(&place);
    let [access, refresh] = tokens(&place);

    let program = std::env::current_exe().unwrap().display().to_string();
    let args = ["--exact", "pty::panic::a_screen_that_breaks", "--nocapture", "--test-threads=1"];
    let (folder, state) = (place.path("").display().to_string(), place.state());
    let mut pty = Pty::command(&program, &args, &[(PLACE, &folder), ("XDG_STATE_HOME", &state)], SIZE);
    pty.wait_for("all 20 loaded");
    // The detail is read through the gateway, whose key's source breaks in a worker: the screen goes on.
    pty.wait_for("Another service key");
    pty.send("\x1b");
    pty.wait_gone("Another service key");
    pty.send("W");
    pty.wait_for("Unlock");
    pty.send("ops\r");
    pty.wait_gone("Unlock");
    pty.send("naudited@example.org\tthe-new-users-77\r");
    pty.wait_for("+ audited@example.org created");
    pty.send("nhalf@example.org\thalf-typed-77");
    pty.wait_for("half@example.org");
    place.server.end_sessions();
    pty.wait_for("Sign in at ");
    pty.send(format!("{}\r", place.password));
    pty.wait_for("asks for a captcha");
    pty.send("a-pasted-token-77\r");
    pty.wait_for("basedeck has a fault and stopped; what happened is in ");
    // As the program's own: an abort on the way, for a second panic, would have another.
    assert_eq!(pty.exit_code(), 101);
    assert_eq!(pty.left_on(), Vec::<&str>::new());

    let mut told = vec![("the screen".to_owned(), pty.raw()), ("log".into(), fs::read(place.path("log")).unwrap())];
    sweep(&place.path("state"), &mut told);
    let reports: Vec<_> = told.iter().filter(|(name, _)| name.contains("/panic-")).cloned().collect();
    assert_eq!(reports.len(), 2, "the worker's and the screen's: {:?}", told.iter().map(|(name, _)| name));
    for (name, report) in &reports {
        assert_eq!(fs::metadata(name).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
        let report = String::from_utf8_lossy(report);
        for part in ["basedeck ", "thread ", "at tests/it/pty/panic.rs:", "it may quote data"] {
            assert!(report.contains(part), "{part}: {report}");
        }
        assert!(!report.contains("what to do with") && !report.contains("the key is"), "{report}");
    }
    let holds = |name: &str, part: &str| {
        let text = told.iter().find(|(of, _)| of.ends_with(name)).map(|(_, bytes)| String::from_utf8_lossy(bytes));
        assert!(text.as_ref().is_some_and(|text| text.contains(part)), "{name}: {text:?}");
    };
    holds("the screen", "half@example.org");
    holds("log", "\"status\":401");
    holds("audit/ops.jsonl", "create user");
    let secrets = [
        ("the access token", access),
        ("the refresh token", refresh),
        ("the service key", place.key.clone()),
        ("the password", place.password.clone()),
        ("the new user's password", "the-new-users-77".into()),
        ("a half-typed password", "half-typed-77".into()),
        ("a pasted token", "a-pasted-token-77".into()),
    ];
    assert_eq!(found(&told, &secrets), Vec::<String>::new());
}
