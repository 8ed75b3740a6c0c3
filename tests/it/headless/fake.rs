//! Against servers that no demo plays: rows that cannot be read, totals that do not add up, hostile names, silence.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

use super::Place;

/// A server on loopback that answers each request by a function of its first line, and then hangs up.
struct Fake(String);

/// What is answered: status, further head lines, body.
type Answer = (u16, String, String);

impl Fake {
    /// Tells this time with each answer, and has nothing to offer.
    fn with_clock(time: &'static str) -> Self {
        Self::serve(move |_| (404, format!("date: {time}\r\n"), "{}".into()))
    }

    fn start(answer: impl Fn(&str) -> Answer + Send + 'static) -> Self {
        Self::serve(move |line| if is_question(line) { unknown() } else { answer(line) })
    }

    fn serve(answer: impl Fn(&str) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let _ = serve(stream, &answer);
            }
        });
        Self(url)
    }
}

/// Whether it is only asked which kind of server this is.
fn is_question(line: &str) -> bool {
    basedeck::api::detect::PATHS.iter().any(|path| line.contains(path))
}

fn unknown() -> Answer {
    (404, String::new(), "{}".into())
}

fn serve(mut stream: TcpStream, answer: &impl Fn(&str) -> Answer) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let (mut line, mut sent) = (String::new(), 0);
    while reader.read_line(&mut line)? > 2 {
        if let Some(length) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            sent = length.trim().parse().unwrap();
        }
        line.clear();
    }
    reader.read_exact(&mut vec![0; sent])?;
    let (status, head, body) = answer(&first);
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status} S\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n{head}\r\n{body}"
    )
}

fn user(number: usize, email: &str) -> String {
    format!(
        "{{\"id\":\"00000000-0000-4000-8000-{number:012}\",\"email\":\"{email}\",\"created_at\":\"2026-01-01T00:00:00Z\"}}"
    )
}

/// A number in the request's query.
fn asked(line: &str, name: &str) -> usize {
    let after = line.split(['?', '&', ' ']).find_map(|part| part.strip_prefix(name)).expect("asked for");
    after.trim_start_matches('=').parse().unwrap()
}

/// A list of five, where each page with the third is refused as GoTrue refuses it.
fn holed() -> Fake {
    Fake::start(|line| {
        let (page, size) = (asked(line, "page="), asked(line, "per_page="));
        let rows = ((page - 1) * size..page * size).filter(|at| *at < 5);
        if rows.clone().any(|at| at == 2) {
            let body = "{\"code\":500,\"error_code\":\"unexpected_failure\",\"msg\":\"Database error finding users\"}";
            return (500, String::new(), body.into());
        }
        let rows: Vec<_> = rows.map(|at| user(at, "a@x.io")).collect();
        (200, "x-total-count: 5\r\n".into(), format!("{{\"users\":[{}]}}", rows.join(",")))
    })
}

/// The arguments that lead to a fake.
fn list(place: &Place, fake: &Fake, form: &str) -> super::Told {
    let key = place.write("key", "k");
    place.run(&["users", "list", form, "--project-url", &fake.0, "--service-key-file", &key])
}

#[test]
fn a_row_that_the_server_cannot_read_is_named_and_the_rest_is_written() {
    let place = Place::new();
    let told = list(&place, &holed(), "--jsonl");
    told.ends(1, &["cannot read row 3", "Database error finding users"]);
    assert_eq!(told.out.lines().count(), 4);
}

#[test]
fn users_that_are_counted_and_never_come_are_named() {
    let place = Place::new();
    let fake = Fake::start(|_| {
        (200, "x-total-count: 3\r\n".into(), format!("{{\"users\":[{},{}]}}", user(1, "a@x.io"), user(2, "b@x.io")))
    });
    let told = list(&place, &fake, "--json");
    told.ends(1, &["1 of the 3 users that the server counts are on none of its pages"]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&told.out).unwrap().as_array().unwrap().len(), 2);
}

#[test]
fn rows_keep_their_words_and_stand_on_one_line_each() {
    let place = Place::new();
    let row = "{\n  \"id\": \"00000000-0000-4000-8000-000000000001\",\n  \"odd\": [1.50, \"\\u001b[31m\"]\n}";
    let fake = Fake::start(move |_| (200, "x-total-count: 1\r\n".into(), format!("[{row}]")));
    let told = list(&place, &fake, "--jsonl");
    told.ends(0, &[]);
    assert_eq!(
        told.out,
        "{   \"id\": \"00000000-0000-4000-8000-000000000001\",   \"odd\": [1.50, \"\\u001b[31m\"] }\n"
    );
}

#[test]
fn an_empty_list_is_an_empty_list() {
    let place = Place::new();
    let fake = || Fake::start(|_| (200, "x-total-count: 0\r\n".into(), "{\"users\":[]}".into()));
    assert_eq!(list(&place, &fake(), "--json").ends(0, &[]).out, "[]\n");
    assert_eq!(list(&place, &fake(), "--jsonl").ends(0, &[]).out, "");
}

#[test]
fn hostile_words_of_a_server_do_not_reach_stderr_as_they_are() {
    let place = Place::new();
    place.write("a.txt", "a");
    let key = place.write("key", "k");
    let fake =
        Fake::start(|_| (200, String::new(), "[{\"id\":\"\\u001b]52;c;aGk=\\u0007\\u202e\",\"name\":\"x\"}]".into()));
    let told = place.run(&["upload", "a.txt", "docs", "--project-url", &fake.0, "--service-key-file", &key]);
    told.ends(4, &["there is no bucket docs"]);
    assert!(!told.err.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{:?}", told.err);
}

#[test]
fn an_upload_that_the_server_stored_elsewhere_is_not_done_and_said_once() {
    let place = Place::new();
    place.write("one.txt", "one");
    let key = place.write("key", "k");
    let fake = Fake::start(|line| {
        let missing = r#"{"statusCode":"404","error":"not_found","message":"Object not found","code":"NoSuchKey"}"#;
        let (status, body) = match line {
            line if line.starts_with("POST") => (200, r#"{"Key":"other/thing","Id":"x"}"#),
            line if line.contains("/object/info/") => (400, missing),
            _ => (200, r#"[{"id":"b","name":"b"}]"#),
        };
        (status, String::new(), body.into())
    });
    let told = place.run(&["upload", "one.txt", "b", "--project-url", &fake.0, "--service-key-file", &key]);
    told.ends(5, &["one.txt: not stored: The server does not hold it (it says that it stored `other/thing`)"]);
    assert_eq!(told.err.to_lowercase().matches("not stored").count(), 1, "{}", told.err);
}

#[test]
fn hostile_rows_are_drawn_harmlessly_on_a_terminal() {
    let place = Place::new();
    let hostile = "\\u001b[2J\\u009b31m\\u202eevil\u{9b}1m\u{202e}@x.io";
    for form in [None, Some("--json"), Some("--jsonl")] {
        let rows = user(1, hostile);
        let fake = Fake::start(move |_| (200, "x-total-count: 1\r\n".into(), format!("[{rows}]")));
        let key = place.write("key", "k");
        let pty = portable_pty::native_pty_system().openpty(portable_pty::PtySize::default()).unwrap();
        let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_basedeck"));
        command.args(["users", "list", "--project-url", &fake.0, "--service-key-file", &key]);
        command.args(form);
        command.env("HOME", place.path(""));
        let mut child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().unwrap();
        let (sender, told) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = Vec::new();
            // The terminal's other end answers with an error once the child is gone.
            let _ = reader.read_to_end(&mut bytes);
            let _ = sender.send(bytes);
        });
        assert!(child.wait().unwrap().success());
        let text = String::from_utf8(told.recv().unwrap()).unwrap();
        assert!(text.contains("evil"), "{text:?}");
        assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{form:?} {text:?}");
    }
}

#[test]
fn a_request_that_is_sent_again_is_said_with_the_reason() {
    let place = Place::new();
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let fake = Fake::start(move |_| match asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
        0 | 1 => (503, "retry-after: 0\r\n".into(), "{\"message\":\"no healthy upstream: wait\"}".into()),
        _ => (200, "x-total-count: 1\r\n".into(), format!("[{}]", user(1, "a@x.io"))),
    });
    let told = list(&place, &fake, "--jsonl");
    let host = fake.0.trim_start_matches("http://").to_owned();
    let line = format!("basedeck: {host} failed to list users (no healthy upstream: wait, 503): trying again.\n");
    assert_eq!((told.ends(0, &[]).err.as_str(), told.out.lines().count()), (line.repeat(2).as_str(), 1));
}

#[test]
fn users_without_end_are_left_and_the_list_is_not_complete() {
    let place = Place::new();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let fake = Fake::start(move |_| {
        let from = next.fetch_add(9_000, std::sync::atomic::Ordering::Relaxed);
        let rows: Vec<_> = (from..from + 9_000).map(|at| user(at, "a@x.io")).collect();
        (200, "x-total-count: 10000\r\n".into(), format!("[{}]", rows.join(",")))
    });
    let told = list(&place, &fake, "--jsonl");
    told.ends(1, &["The server sends users without end: left after 36,000 of them"]);
    assert_eq!(told.out.lines().count(), 36_000);
}

/// Ctrl-C in the middle of a body: what was not stored is named, and nothing is said to be done.
#[test]
fn an_upload_that_is_interrupted_names_what_was_not_stored() {
    let place = Place::new();
    let key = place.write("key", "k");
    let files = ["one.bin", "two.bin"];
    for file in files {
        std::fs::File::create(place.path(file)).unwrap().set_len(20_000_000).unwrap();
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, begun) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, sender) = (stream.unwrap(), sender.clone());
            thread::spawn(move || {
                let mut first = vec![0; 4];
                stream.read_exact(&mut first).unwrap();
                if first == b"GET " {
                    let body = "[{\"id\":\"docs\",\"name\":\"docs\",\"public\":false}]";
                    return serve(stream, &|_: &str| (200, String::new(), body.into()));
                }
                // Part of the body comes; then nothing more is read, and nothing is answered.
                stream.read_exact(&mut vec![0; 1_000_000]).unwrap();
                let _ = sender.send(());
                thread::park();
                Ok(())
            });
        }
    });
    let upload = ["upload", "one.bin", "two.bin", "docs", "--project-url", &url, "--service-key-file", &key];
    let child = place.command(&upload).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    for _ in files {
        begun.recv_timeout(std::time::Duration::from_secs(30)).expect("both files are on their way");
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let told: super::Told = child.wait_with_output().unwrap().into();
    told.ends(130, &["one.bin: stopped", "two.bin: stopped", "0 stored, 0 there already, 2 not"]);
    assert_eq!((told.out.as_str(), told.err.lines().count()), ("", 3), "{}", told.err);
}

#[test]
fn a_signal_ends_a_command_that_waits_with_its_own_code() {
    let place = Place::new();
    let key = place.write("key", "k");
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        for command in [&["users", "list", "--json"][..], &["upload", "key", "docs"]] {
            let silent = TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("http://{}", silent.local_addr().unwrap());
            let args = [command, &["--project-url", &url, "--service-key-file", &key]].concat();
            let mut child = place.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            // Connected: the command runs, and hears signals since before it began.
            let _held = silent.accept().unwrap();
            kill_process(Pid::from_child(&child), signal).unwrap();
            assert_eq!(child.wait().unwrap().code(), Some(code), "{command:?}");
        }
    }
}

#[test]
fn a_proxy_that_refuses_is_told_from_the_server_behind_it() {
    let place = Place::new();
    let key = place.write("key", "k");
    for (status, says) in [(407, "the proxy asks for a name and a password"), (403, "the proxy leads to no such place")]
    {
        let proxy = Fake::start(move |_| (status, String::new(), String::new()));
        let mut command =
            place.command(&["users", "list", "--project-url", "https://db.example", "--service-key-file", &key]);
        command.env("HTTPS_PROXY", &proxy.0);
        let told = super::Told::from(command.output().unwrap());
        // On a machine without certificates that is said instead.
        if !told.err.contains("CA certificates") {
            told.ends(5, &["db.example cannot be reached", says]);
        }
    }
}

#[test]
fn a_proxy_that_is_away_is_told_from_the_server_behind_it() {
    let place = Place::new();
    let key = place.write("key", "k");
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (scheme, variable) in [("https", "HTTPS_PROXY"), ("http", "http_proxy")] {
        let url = format!("{scheme}://db.example");
        let mut command =
            place.command(&["users", "list", "--project-url", &url, "--service-key-file", &key, "--allow-http"]);
        command.env(variable, format!("http://{nobody}"));
        let told = super::Told::from(command.output().unwrap());
        // On a machine without certificates that is said instead.
        if !told.err.contains("CA certificates") {
            told.ends(
                5,
                &["db.example cannot be asked (the proxy cannot be reached, nothing listens there): check HTTPS_PROXY"],
            );
        }
    }
}

#[test]
fn a_name_that_nobody_knows_is_told() {
    let place = Place::new();
    let key = place.write("key", "k");
    let there = ["--project-url", "http://db.invalid", "--allow-http", "--service-key-file", &key];
    place.run(&[&["users", "list"], &there[..]].concat()).ends(5, &["db.invalid cannot be reached"]);
}

#[test]
fn the_doctor_points_out_a_clock_that_is_off() {
    let place = Place::new();
    let key = place.write("key", "k");
    let fake = Fake::with_clock("Sat, 01 Jan 2000 00:00:00 GMT");
    let told = place.run(&["doctor", "--project-url", &fake.0, "--service-key-file", &key]);
    let host = fake.0.trim_start_matches("http://");
    assert!(told.out.contains("note  clock  this machine is "), "{}", told.out);
    assert!(told.out.contains(&format!(" s ahead of {host}: set its clock")), "{}", told.out);
}
