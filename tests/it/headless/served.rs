//! Against a demo server of its own: what a script does with both doors.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{Place, Told};

/// A demo server in a process of its own.
pub struct Served {
    child: Child,
    place: Place,
    url: String,
    /// Its one line on stdout.
    ready: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Served {
    /// On a free port, with a fresh token and key.
    pub fn start(more: &[&str]) -> Self {
        let place = Place::new();
        let (child, url, ready) = Self::launch(&place, "0", more);
        Self { child, place, url, ready }
    }

    fn launch(place: &Place, port: &str, more: &[&str]) -> (Child, String, String) {
        let args = [&["demo-server", "--port", port, "--life", "0"], more].concat();
        let mut child = place.command(&args).stdout(Stdio::piped()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let url = ready.split(' ').find(|word| word.starts_with("http://")).expect("a ready line").to_owned();
        (child, url, ready)
    }

    /// Ends it at once, as a crash does.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again on its port, with its token and key.
    pub fn restart(&mut self, more: &[&str]) {
        let port = self.url.rsplit(':').next().unwrap().to_owned();
        let (child, url, _) = Self::launch(&self.place, &port, more);
        assert_eq!(url, self.url);
        self.child = child;
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn control_plane(&self) -> [&str; 6] {
        ["--url", &self.url, "--ref", "demo", "--token-file", "demo.token"]
    }

    fn gateway(&self) -> [&str; 4] {
        ["--project-url", &self.url, "--service-key-file", "demo.service-key"]
    }

    fn run(&self, door: &[&str], args: &[&str]) -> Told {
        self.place.run(&[args, door].concat())
    }

    /// A command, with blanks between its words, through the project's own gateway.
    pub(crate) fn gateway_run(&self, command: &str, more: &[&str]) -> Told {
        let words: Vec<_> = command.split(' ').chain(more.iter().copied()).collect();
        self.run(&self.gateway(), &words)
    }

    /// Puts a file where its commands run.
    pub fn write(&self, name: &str, content: &str) {
        self.place.write(name, content);
    }

    /// What one of its files holds.
    pub fn secret(&self, file: &str) -> String {
        std::fs::read_to_string(self.place.path(file)).unwrap().trim().to_owned()
    }

    /// An object's bytes, read without the program.
    pub fn object(&self, path: &str) -> Vec<u8> {
        let key = self.secret("demo.service-key");
        let mut stream = TcpStream::connect(self.url.trim_start_matches("http://")).unwrap();
        write!(
            stream,
            "GET /storage/v1/object/{path} HTTP/1.1\r\nhost: x\r\napikey: {key}\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let head = answer.windows(4).position(|part| part == b"\r\n\r\n").expect("a head");
        let status = String::from_utf8_lossy(&answer[..head]).lines().next().unwrap().to_owned();
        assert!(status.contains(" 200 "), "{path}: {status}");
        answer[head + 4..].to_vec()
    }
}

fn ids(lines: &str) -> BTreeSet<String> {
    let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned();
    lines.lines().map(id).collect()
}

#[test]
fn all_users_come_once_through_both_doors_and_in_every_form() {
    let served = Served::start(&["--users", "2500"]);
    let lines = served.run(&served.gateway(), &["users", "list", "--jsonl"]);
    assert_eq!((lines.ends(0, &[]).out.lines().count(), ids(&lines.out).len()), (2500, 2500));
    assert_eq!(lines.err, "");
    let other = served.run(&served.control_plane(), &["users", "list", "--jsonl"]);
    assert_eq!(ids(&other.ends(0, &[]).out), ids(&lines.out));
    let array = served.run(&served.gateway(), &["users", "list", "--json"]);
    let rows: Vec<Value> = serde_json::from_str(&array.ends(0, &[]).out).unwrap();
    assert_eq!(rows.len(), 2500);
    let columns = served.run(&served.gateway(), &["users", "list"]);
    let first = columns.ends(0, &[]).out.lines().next().unwrap();
    assert_eq!((columns.out.lines().count(), first.split('\t').count()), (2500, 6));
    assert!(ids(&lines.out).contains(first.split('\t').next().unwrap()));
}

#[test]
fn a_platform_of_its_own_names_its_files_and_never_what_is_in_them() {
    let flags = ["--sign-in", "--totp", "--platform-key-file", "demo.platform-key", "--wide", "--management"];
    let served = Served::start(&[&flags[..], &["--users", "3"]].concat());
    let account = served.secret("demo.account");
    let (password, code) = account.split_once('\n').expect("a password and a code");
    assert!(password.len() > 20 && code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{account}");
    assert!(served.ready.contains(" ref demo ") && served.ready.contains("ops@example.com"), "{}", served.ready);
    for file in ["demo.account", "demo.platform-key", "demo.access-token", "demo.token", "demo.service-key"] {
        assert!(served.ready.contains(&format!("-file {file}")), "{file}: {}", served.ready);
        assert!(served.secret(file).lines().all(|secret| !served.ready.contains(secret)), "{file}");
    }
    assert!(served.secret("demo.access-token").starts_with("sbp_"));
}

#[test]
fn a_reader_that_has_seen_enough_ends_the_list_quietly() {
    let served = Served::start(&["--users", "3000"]);
    let args = [&["users", "list", "--jsonl"], &served.gateway()[..]].concat();
    let mut child = served.place.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut String::new()).unwrap();
    drop(out);
    let told: Told = child.wait_with_output().unwrap().into();
    assert_eq!(told.ends(0, &[]).err, "");
}

#[test]
fn a_wrong_credential_is_refused_and_never_repeated() {
    let served = Served::start(&["--users", "10"]);
    let wrong = served.place.write("wrong", "hunter2-hunter2");
    for door in [
        ["--url", &served.url, "--ref", "demo", "--token-file", &wrong].as_slice(),
        &["--project-url", &served.url, "--service-key-file", &wrong],
    ] {
        let told = served.run(door, &["users", "list", "--jsonl", "--log", "log"]);
        told.ends(3, &["give another"]);
        let log = std::fs::read_to_string(served.place.path("log")).unwrap();
        assert!(log.contains("\"operation\":\"list users\""), "{log}");
        assert!(![&told.err, &told.out, &log].iter().any(|text| text.contains("hunter2")), "{}", told.err);
    }
    let piped = ["users", "list", "--jsonl", "--url", &served.url, "--ref", "demo", "--token-stdin"];
    let token = served.secret("demo.token");
    let told = served.place.pipe(&piped, &format!("{token}\n"));
    assert_eq!(told.ends(0, &[]).out.lines().count(), 10);
    assert!(!told.err.contains(&token));
    served.place.pipe(&piped, "").ends(2, &["standard input is empty"]);
}

#[test]
fn variables_go_with_an_address_and_a_profile_keeps_to_its_own() {
    let served = Served::start(&["--users", "10"]);
    let key = served.secret("demo.service-key");
    let list = |config: &str, variables: &[(&str, &str)]| -> Told {
        served.place.write("config/basedeck/config.toml", config);
        let mut command = served.place.command(&["users", "list", "--jsonl"]);
        command.envs(variables.iter().copied()).output().unwrap().into()
    };
    let address = ("BASEDECK_PROJECT_URL", served.url.as_str());
    for name in ["BASEDECK_SERVICE_KEY", "SUPABASE_SERVICE_ROLE_KEY"] {
        assert_eq!(list("", &[address, (name, &key)]).ends(0, &[]).out.lines().count(), 10, "{name}");
    }
    let first = [address, ("BASEDECK_SERVICE_KEY", "wrong"), ("SUPABASE_SERVICE_ROLE_KEY", key.as_str())];
    list("", &first).ends(3, &[]);
    let profile = format!("[profiles.p]\nproject = {{ url = \"{}\", service_key_env = \"MINE\" }}", served.url);
    list(&profile, &[("BASEDECK_SERVICE_KEY", &key)]).ends(2, &["profile p takes it from the variable MINE"]);
    list(&profile, &[("BASEDECK_SERVICE_KEY", "wrong"), ("MINE", &key)]).ends(0, &[]);
}

#[test]
fn uploaded_bytes_are_read_back_equal_through_both_doors() {
    let served = Served::start(&["--users", "1"]);
    let bytes: Vec<u8> = (0..700_000u32).map(|number| (number % 251) as u8).collect();
    served.place.write("in/a b.bin", &bytes);
    served.place.write("in/deep/c+d.bin", b"");
    let upload = ["upload", "in/a b.bin", "in/deep/c+d.bin", "archive/by hand", "--keep-folders"];
    for (door, prefix) in [(&served.gateway()[..], "gw"), (&served.control_plane()[..], "cp")] {
        let target = format!("archive/{prefix}");
        let told = served.run(door, &["upload", "in/a b.bin", "in/deep/c+d.bin", &target, "--keep-folders"]);
        assert_eq!(told.ends(0, &[]).err, "");
        assert_eq!(served.object(&format!("archive/{prefix}/a%20b.bin")), bytes);
        assert_eq!(served.object(&format!("archive/{prefix}/deep/c%2Bd.bin")), b"");
    }
    served.run(&served.gateway(), &upload).ends(0, &[]);
}

#[test]
fn existing_names_fail_or_are_skipped_and_are_never_overwritten() {
    let served = Served::start(&["--users", "1"]);
    served.place.write("a.txt", "first");
    served.run(&served.gateway(), &["upload", "a.txt", "archive"]).ends(0, &[]);
    served.place.write("a.txt", "second");
    served.place.write("b.txt", "new");
    let both = ["upload", "a.txt", "b.txt", "archive"];
    served.run(&served.gateway(), &both).ends(1, &["a.txt: exists", "1 stored, 0 there already, 1 not"]);
    let skipped = served.run(&served.gateway(), &["upload", "a.txt", "b.txt", "archive", "--exists", "skip"]);
    assert_eq!(skipped.ends(0, &[]).err, "");
    assert_eq!((served.object("archive/a.txt"), served.object("archive/b.txt")), (b"first".to_vec(), b"new".to_vec()));
}

#[test]
fn each_file_that_is_not_stored_has_its_line() {
    let served = Served::start(&["--users", "1"]);
    served.place.write("big.txt", "x".repeat(1_001));
    served.place.write("wrong.png", "x");
    served.place.write("good.txt", "x");
    served.place.write("sub/good.txt", "x");
    let files = ["upload", "big.txt", "wrong.png", "none.txt", "notes"];
    served.run(&served.gateway(), &files).ends(
        1,
        &["big.txt: refused: ", "wrong.png: refused: ", "none.txt: not stored: ", "0 stored, 0 there already, 2 not"],
    );
    let same = ["upload", "good.txt", "sub/good.txt", "notes"];
    served.run(&served.gateway(), &same).ends(1, &["keep the folders", "0 stored, 0 there already, 2 not"]);
    served.run(&served.gateway(), &["upload", "good.txt", "notes", "--keep-folders"]).ends(0, &[]);
}

#[test]
fn what_became_of_each_file_is_told_to_programs_too() {
    let served = Served::start(&["--users", "1"]);
    for file in ["a.txt", "b.txt"] {
        served.place.write(file, file);
    }
    served.run(&served.gateway(), &["upload", "b.txt", "archive/x"]).ends(0, &[]);
    let upload = ["upload", "a.txt", "b.txt", "none.txt", "archive/x"];
    let told = served.run(&served.gateway(), &[&upload[..], &["--jsonl"]].concat());
    told.ends(1, &["b.txt: exists", "none.txt: not stored", "1 stored, 0 there already, 1 not"]);
    let rows: Vec<Value> = told.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let row = |rows: &[Value], file: &str| rows.iter().find(|row| row["file"] == file).unwrap().clone();
    assert_eq!(rows.len(), 3);
    assert_eq!(
        row(&rows, "a.txt"),
        serde_json::json!({"file": "a.txt", "bucket": "archive", "key": "x/a.txt", "outcome": "done", "why": null})
    );
    assert_eq!((&row(&rows, "b.txt")["outcome"], &row(&rows, "b.txt")["key"]), (&"exists".into(), &"x/b.txt".into()));
    assert_eq!(
        (&row(&rows, "none.txt")["outcome"], &row(&rows, "none.txt")["key"]),
        (&"not stored".into(), &Value::Null)
    );
    let told = served.run(&served.gateway(), &["upload", "a.txt", "b.txt", "archive/x", "--exists", "skip", "--json"]);
    let rows: Vec<Value> = serde_json::from_str(&told.ends(0, &[]).out).unwrap();
    assert!(rows.len() == 2 && rows.iter().all(|row| row["outcome"] == "there already"), "{}", told.out);
    // Where nothing could be sent at all, each file says so.
    let told = served.run(&served.gateway(), &["upload", "a.txt", "nowhere", "--json"]);
    let rows: Vec<Value> = serde_json::from_str(&told.ends(4, &["there is no bucket nowhere"]).out).unwrap();
    assert!(row(&rows, "a.txt")["why"].as_str().unwrap().contains("there is no bucket nowhere"), "{}", told.out);
}

#[test]
fn a_bucket_that_is_not_there_is_not_found() {
    let served = Served::start(&["--users", "1"]);
    served.place.write("a.txt", "a");
    for door in [&served.gateway()[..], &served.control_plane()] {
        served.run(door, &["upload", "a.txt", "nowhere/x"]).ends(4, &["there is no bucket nowhere: there is avatars"]);
    }
    served.run(&served.gateway(), &["upload", "a.txt", "/x"]).ends(2, &["names no bucket"]);
}

#[test]
fn what_is_read_only_or_protected_is_not_changed() {
    let served = Served::start(&["--users", "1"]);
    served.place.write("a.txt", "a");
    served.run(&served.gateway(), &["upload", "a.txt", "archive", "--read-only"]).ends(3, &["read-only"]);
    let key = served.place.path("demo.service-key");
    let door = format!("project = {{ url = \"{}\", service_key_file = \"{}\" }}", served.url, key.display());
    for safety in ["protected = true", "read_only = true"] {
        served.place.write("config/basedeck/config.toml", format!("[profiles.p]\n{safety}\n{door}"));
        served.run(&[], &["upload", "a.txt", "archive"]).ends(3, &["read-only"]);
        served.run(&[], &["users", "list", "--jsonl"]).ends(0, &[]);
    }
    served.place.write("config/basedeck/config.toml", format!("[profiles.p]\n{door}"));
    served.run(&[], &["upload", "a.txt", "archive"]).ends(0, &[]);
}

#[test]
fn more_than_most_servers_take_is_said_and_done() {
    let served = Served::start(&["--users", "1", "--body-limit", "2GiB"]);
    let file = std::fs::File::create(served.place.path("large.bin")).unwrap();
    file.set_len(53 << 20).unwrap();
    let told = served.run(&served.gateway(), &["upload", "large.bin", "archive"]);
    told.ends(0, &["1 file is larger than 50 MiB"]);
    assert_eq!(served.object("archive/large.bin").len(), 53 << 20);
}

#[test]
fn the_demo_serves_a_command_without_any_address() {
    let place = Place::new();
    let told = place.run(&["--demo", "--users", "12", "--life", "0", "users", "list", "--jsonl"]);
    assert_eq!(told.ends(0, &[]).out.lines().count(), 12);
}

#[test]
fn one_user_is_shown_by_id_email_or_phone_through_each_door() {
    let served = Served::start(&["--users", "1200"]);
    let all = served.run(&served.gateway(), &["users", "list", "--jsonl"]);
    let oldest: Value = serde_json::from_str(all.out.lines().rfind(|line| line.contains('@')).unwrap()).unwrap();
    let (id, email) = (oldest["id"].as_str().unwrap(), oldest["email"].as_str().unwrap().to_uppercase());
    for door in [&served.gateway()[..], &served.control_plane()[..]] {
        for who in [id, &email] {
            let told = served.run(door, &["users", "get", who, "--json"]);
            let user: Value = serde_json::from_str(&told.ends(0, &[]).out).unwrap();
            assert_eq!(user["id"], oldest["id"]);
        }
        let none = served.run(door, &["users", "get", "nobody@example.com"]);
        none.ends(4, &["no user is nobody@example.com (all 1,200 loaded): check the spelling"]);
    }
    let none = served.run(&served.gateway(), &["users", "get", "00000000-0000-4000-8000-000000000000"]);
    assert_eq!(none.ends(4, &["no user is 00000000-0000-4000-8000-000000000000: check the spelling"]).out, "");
}

#[test]
fn a_user_is_created_once_and_the_made_password_is_said_once() {
    let served = Served::start(&["--users", "3"]);
    for (door, email) in [(&served.gateway()[..], "ada@x.io"), (&served.control_plane()[..], "ben@x.io")] {
        let create = ["users", "create", email, "--confirm", "--generate-password", "--metadata", "{\"plan\":\"pro\"}"];
        let told = served.run(door, &create);
        let user: Value = serde_json::from_str(&told.ends(0, &["the password of"]).out).unwrap();
        assert_eq!((user["email"].as_str(), user["user_metadata"]["plan"].as_str()), (Some(email), Some("pro")));
        assert_eq!(told.err.lines().count(), 1);
        served.run(door, &create).ends(1, &[email]);
    }
    let door = served.gateway();
    served.run(&door, &["users", "create", "c@x.io", "--metadata", "[1]"]).ends(2, &["no object"]);
    served.run(&door, &["users", "create", "c@x.io", "--read-only"]).ends(3, &["read-only"]);
    let long = ["users", "create", "c@x.io", "--password-stdin"];
    for (password, said) in
        [(&*"x".repeat(73), "73 bytes: the server takes at most 72"), ("1", "At least 8 characters")]
    {
        let piped = served.place.pipe(&[&long[..], &door].concat(), password);
        piped.ends(2, &["the password will not do: ", said, "--generate-password makes a good one"]);
    }
    let piped = served.place.pipe(&[&long[..], &door].concat(), "correct horse\n");
    piped.ends(0, &[]);
    assert!(!piped.err.contains("horse") && !piped.out.contains("horse"));
}

#[cfg(target_os = "linux")]
#[test]
fn what_was_done_is_said_where_the_output_cannot_be_written() {
    let served = Served::start(&["--users", "3"]);
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    let run = |args: &[&str]| -> Told {
        let mut command = served.place.command(&[args, &served.gateway()].concat());
        command.stdout(full()).output().unwrap().into()
    };
    run(&["users", "create", "ada@x.io", "--jsonl"])
        .ends(1, &["cannot be written", "ada@x.io was created all the same"]);
    for args in
        [&["users", "list"][..], &["buckets", "list"], &["buckets", "get", "archive"], &["config", "path"], &["whoami"]]
    {
        run(args).ends(1, &["the output cannot be written ("]);
    }
}

#[test]
fn buckets_are_listed_and_shown() {
    let served = Served::start(&["--users", "3"]);
    let door = served.gateway();
    let lines = served.run(&door, &["buckets", "list", "--jsonl"]);
    let rows: Vec<Value> = lines.ends(0, &[]).out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let array = served.run(&served.control_plane(), &["buckets", "list", "--json"]);
    assert_eq!(serde_json::from_str::<Vec<Value>>(&array.ends(0, &[]).out).unwrap(), rows);
    let columns = served.run(&door, &["buckets", "list"]);
    let name = rows[0]["id"].as_str().unwrap();
    assert!(columns.ends(0, &[]).out.lines().next().unwrap().starts_with(&format!("{name}\t")), "{}", columns.out);
    let one = served.run(&door, &["buckets", "get", name]);
    assert_eq!(serde_json::from_str::<Value>(&one.ends(0, &[]).out).unwrap()["id"], rows[0]["id"]);
    served.run(&door, &["buckets", "get", "nowhere"]).ends(4, &["there is no bucket nowhere: `basedeck buckets list`"]);
}

#[test]
fn asked_to_end_it_leaves_no_upload_behind_even_with_a_connection_open() {
    let mut served = Served::start(&["--users", "3"]);
    served.write("a.txt", "a");
    served.gateway_run("upload a.txt archive", &[]).ends(0, &[]);
    let mut open = TcpStream::connect(served.url().trim_start_matches("http://")).unwrap();
    open.write_all(b"GET / HTTP/1.1\r\nHost: demo\r\n\r\n").unwrap();
    open.read_exact(&mut [0]).unwrap();
    let spools = || {
        let entries = std::fs::read_dir(served.place.path("")).unwrap();
        entries
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("basedeck-demo-"))
            .count()
    };
    assert_eq!(spools(), 1);
    kill_process(Pid::from_child(&served.child), Signal::TERM).unwrap();
    served.child.wait().unwrap();
    assert_eq!(spools(), 0);
}
