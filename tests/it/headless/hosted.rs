//! Where address and key come from, end to end: the management API, a control plane opened wide, Studio's settings;
//! and what `basedeck doctor` and `config init` find there.

use super::served::Served;
use super::{Place, Told};

/// What a log holds: operation, path and status of each request.
fn logged(log: &str) -> Vec<(String, String, u64)> {
    let lines = std::fs::read_to_string(log).unwrap();
    let text = |line: &serde_json::Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let lines = lines.lines().map(|line| serde_json::from_str(line).unwrap());
    lines
        .map(|line: serde_json::Value| {
            (text(&line, "operation"), text(&line, "path"), line["status"].as_u64().unwrap_or_default())
        })
        .collect()
}

/// Whether a log has a request that went well.
fn has(log: &str, operation: &str, path: &str) -> bool {
    logged(log).contains(&(operation.into(), path.into(), 200))
}

/// What a command told, with what differs from run to run replaced.
fn plain(told: &str, served: &Served, place: &Place) -> String {
    let address = served.url().trim_start_matches("http://");
    let lines = told.replace(address, "HOST").replace(&place.0.path().display().to_string(), "HOME");
    let mut all = String::new();
    for line in lines.lines() {
        let line = match (line.split_once(" in "), line.split_once(", ends ")) {
            (Some((before, after)), _) if after.ends_with(" ms") => format!("{before} in N ms"),
            (_, Some((before, _))) => format!("{before}, ends THEN"),
            _ => line.to_owned(),
        };
        all.push_str(&line);
        all.push('\n');
    }
    all
}

fn doctor(place: &Place, args: &[&str]) -> Told {
    place.run(&[&["doctor"], args].concat())
}

#[test]
fn a_personal_access_token_opens_a_project_and_its_key_is_told_nowhere() {
    let served = Served::start(&["--users", "3", "--management"]);
    let place = Place::new();
    place.write("pat", served.secret("demo.access-token"));
    let url = served.url();
    place.write(
        "config/basedeck/config.toml",
        format!(
            "[profiles.h]\nsupabase = {{ ref = \"demo\", token_file = \"../../pat\", api_url = \"{url}\" }}\n\
             [profiles.all]\nsupabase = {{ token_file = \"../../pat\", api_url = \"{url}\" }}\n\
             [profiles.bad]\nsupabase = {{ ref = \"demo\", token_file = \"../../bad\", api_url = \"{url}\" }}\n\
             [profiles.gone]\nsupabase = {{ ref = \"gone\", token_file = \"../../pat\", api_url = \"{url}\" }}\n"
        ),
    );
    place.write("bad", "sbp_of_somebody_else");
    let log = place.path("log").display().to_string();
    let listed = place.run(&["h", "users", "list", "--jsonl", "--log", &log]);
    assert_eq!(listed.ends(0, &[]).out.lines().count(), 3);
    assert!(has(&log, "read project keys", "/v1/projects/demo/api-keys?reveal=true"), "{:?}", logged(&log));
    let kept = std::fs::read_to_string(&log).unwrap();
    for secret in ["demo.access-token", "demo.service-key"] {
        assert!(!kept.contains(&served.secret(secret)), "{secret} is in the log");
    }
    let none =
        "profile all lists projects and names none: choose one with --ref REF; there is: demo, demo-two, demo-paused";
    for command in [&["all", "users", "list"][..], &["all", "buckets", "list"], &["whoami", "all"]] {
        let told = place.run(command);
        assert_eq!(told.ends(2, &[none]).err.lines().count(), 1, "{}", told.err);
    }
    place.run(&["all", "users", "list", "--log", &log]).ends(2, &[none]);
    let kept = std::fs::read_to_string(&log).unwrap();
    let line: serde_json::Value = serde_json::from_str(kept.lines().last().unwrap()).unwrap();
    assert_eq!((&line["operation"], &line["path"]), (&"list projects".into(), &"/v1/projects".into()), "{line}");
    assert!(line["status"] == 200 && !kept.contains(&served.secret("demo.access-token")), "{line}");
    for (reference, users) in [("demo", 3), ("demo-two", 8)] {
        let listed = place.run(&["all", "users", "list", "--jsonl", "--ref", reference]);
        assert_eq!(listed.ends(0, &[]).out.lines().count(), users, "{reference}");
    }
    let paused = place.run(&["all", "users", "list", "--ref", "demo-paused"]);
    paused.ends(5, &["the project is paused (INACTIVE): restore it in the console"]);
    let who = place.run(&["whoami", "h"]);
    assert!(
        who.ends(0, &[]).out.contains(": a project's key, asked for once it is needed: not every server gives one"),
        "{}",
        who.out
    );
    place.run(&["bad", "users", "list"]).ends(3, &["refuses the access token: give another access token"]);
    place.run(&["gone", "users", "list"]).ends(4, &["does not know this project"]);
    place.run(&["all", "users", "list", "--ref", "nosuch"]).ends(4, &["does not know this project"]);
}

#[test]
fn a_paused_project_is_said_to_be_one_and_nothing_is_sent_to_it() {
    let served = Served::start(&["--users", "3", "--management", "--wide"]);
    let place = Place::new();
    for secret in ["demo.access-token", "demo.token"] {
        place.write(secret, served.secret(secret));
    }
    let url = served.url();
    let config = format!(
        "[profiles.hosted]\nsupabase = {{ ref = \"demo-paused\", token_file = \"demo.access-token\", api_url = \"{url}\" }}\n\
         [profiles.wide]\ncontrol_plane = {{ url = \"{url}\", ref = \"demo-paused\", token_file = \"demo.token\" }}\n"
    );
    let config = place.write("c.toml", config);
    place.write("a.txt", "a");
    for name in ["hosted", "wide"] {
        for command in [
            &["users", "list"][..],
            &["buckets", "get", "documents"],
            &["users", "create", "a@x.io"],
            &["upload", "a.txt", "documents"],
        ] {
            let told = place.run(&[command, &["--profile", name, "--config", &config]].concat());
            told.ends(5, &["says that the project is paused (", "): restore it in the console"]);
            assert!(told.out.is_empty() && told.err.lines().count() == 1, "{command:?} {}", told.err);
        }
    }
}

#[test]
fn a_wide_control_plane_gives_what_its_four_routes_lack() {
    let place = Place::new();
    for (more, code) in [(&["--wide"][..], 0), (&[][..], 2)] {
        let served = Served::start(&[&["--users", "3"], more].concat());
        place.write("token", served.secret("demo.token"));
        let log = place.path("log").display().to_string();
        let there = ["--url", served.url(), "--ref", "demo", "--token-file", "token", "--log", &log];
        place.run(&[&["users", "list"], &there[..]].concat()).ends(0, &[]);
        // Only the project's own gateway has one bucket alone.
        let got = place.run(&[&["buckets", "get", "documents"], &there[..]].concat());
        assert_eq!(got.code, Some(code), "{}", got.err);
        let asked = logged(&log).into_iter().filter(|(operation, ..)| operation == "read project keys");
        assert!(
            asked
                .into_iter()
                .any(|(_, path, status)| path == "/api/platform/projects/demo" && (status == 200) == (code == 0))
        );
        let kept = std::fs::read_to_string(&log).unwrap();
        assert!(!kept.contains(&served.secret("demo.service-key")) && !kept.contains(&served.secret("demo.token")));
        std::fs::remove_file(&log).unwrap();
    }
}

#[test]
fn studios_settings_open_uploads_where_one_agreed() {
    let served = Served::start(&["--users", "3", "--studio", "--studio-user", "ops"]);
    let place = Place::new();
    place.write("password", served.secret("demo.studio-password"));
    place.write(
        "config/basedeck/config.toml",
        format!(
            "[profiles.s]\nstudio = {{ url = \"{}\", user = \"ops\", password_file = \"../../password\" }}\n",
            served.url()
        ),
    );
    place.write("a.txt", "of mine");
    let upload = ["upload", "a.txt", "documents", "--profile", "s"];
    let without = place.run(&upload);
    assert!(without.code != Some(0) && without.err.contains("connect the project's gateway too"), "{}", without.err);
    let log = place.path("log").display().to_string();
    place.run(&[&upload[..], &["--studio-key", "--log", &log]].concat()).ends(0, &[]);
    assert!(has(&log, "read project keys", "/api/platform/projects/default/settings"), "{:?}", logged(&log));
    assert!(!std::fs::read_to_string(&log).unwrap().contains(&served.secret("demo.service-key")));
    assert_eq!(served.object("documents/a.txt"), b"of mine");
}

#[test]
fn doctor_says_what_is_in_order_and_never_a_credential() {
    let served = Served::start(&["--users", "3"]);
    let place = Place::new();
    let key = served.secret("demo.service-key");
    place.write("key", &key);
    place.write(
        "config/basedeck/config.toml",
        format!(
            "[profiles.a]\nprotected = true\nproject = {{ url = \"{}\", service_key_file = \"../../key\" }}\n",
            served.url()
        ),
    );
    let told = doctor(&place, &[]);
    told.ends(0, &[]);
    assert!(!told.out.contains(&key));
    insta::with_settings!({snapshot_path => "../../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("doctor", plain(&told.out, &served, &place));
    });
    let json = doctor(&place, &["a", "--json"]);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json.ends(0, &[]).out).unwrap();
    assert_eq!(rows.len(), told.out.lines().count());
    assert!(rows.iter().any(|row| row["profile"] == "a" && row["what"] == "GoTrue" && row["mark"] == "ok"));
    doctor(&place, &["nosuch"]).ends(2, &["there is no profile nosuch; there is: a"]);
}

#[test]
fn doctor_finds_what_stands_in_the_way() {
    let served = Served::start(&["--users", "3"]);
    let place = Place::new();
    place.write("key", "not-the-key-of-this-project");
    let at = |url: &str, key: &str| doctor(&place, &["--project-url", url, "--service-key-file", key]);
    let wrong = at(served.url(), "key");
    wrong.ends(1, &[]);
    assert!(wrong.out.contains("bad   gateway answers  ") && !wrong.out.contains("not-the-key"), "{}", wrong.out);
    let dead = at("http://127.0.0.1:9", "key");
    assert!(dead.ends(1, &[]).out.contains("bad   connection  127.0.0.1:9 cannot be reached (nothing listens there)"));
    assert!(!dead.out.contains("offers") && !dead.out.contains("answers"), "nothing is known of it: {}", dead.out);
    let missing = at(served.url(), "none");
    assert!(
        missing.ends(1, &[]).out.contains("bad   service key  file none: the file none cannot be read"),
        "{}",
        missing.out
    );
    let file = place.write(
        "c.toml",
        "[profiles.a]\nproject = { url = \"http://127.0.0.1:9\", service_key_command = \"touch ran; echo k\" }\n",
    );
    let told = doctor(&place, &["--config", &file]);
    assert!(told.ends(1, &[]).out.contains("a service key  a command, not run: --run-commands does"), "{}", told.out);
    assert!(!place.path("ran").exists());
    place.write("config/basedeck/config.toml", "[profiles.a]\ncolour = 1\n");
    assert!(doctor(&place, &[]).ends(1, &[]).out.contains("bad   config  "));
    doctor(&place, &["a"]).ends(2, &["config.toml:2:1: a profile has no key `colour`"]);
    place.write("config/basedeck/config.toml", "[keys]\n\"users.creat\" = \"x\"\n");
    let keys = doctor(&place, &[]);
    assert!(
        keys.ends(1, &[]).out.contains(":2:1: there is no operation `users.creat`"),
        "the screen refuses: {}",
        keys.out
    );
}

/// A person who is asked for a passphrase is asked once.
#[test]
fn doctor_runs_a_credentials_command_once_even_where_it_is_refused() {
    let served = Served::start(&["--users", "3", "--management"]);
    let place = Place::new();
    let url = served.url();
    for (at, says) in [
        (format!("project = {{ url = \"{url}\", service_key_command"), "ok    a GoTrue  v"),
        (
            format!("control_plane = {{ url = \"{url}\", ref = \"demo\", token_command"),
            "bad   a control-plane answers  ",
        ),
        (format!("supabase = {{ api_url = \"{url}\", ref = \"demo\", token_command"), "bad   a gateway answers  "),
    ] {
        place.write("key", served.secret("demo.service-key"));
        let file = place.write("c.toml", format!("[profiles.a]\n{at} = \"echo x >> ran; cat key\" }}\n"));
        let told = doctor(&place, &["--config", &file, "--run-commands"]);
        assert!(told.out.contains(says), "{}", told.out);
        assert_eq!(std::fs::read_to_string(place.path("ran")).unwrap().lines().count(), 1, "{at}");
        std::fs::remove_file(place.path("ran")).unwrap();
    }
}

#[test]
fn doctor_looks_at_a_hosted_project_to_its_end() {
    let served = Served::start(&["--users", "3", "--management"]);
    let place = Place::new();
    place.write("pat", served.secret("demo.access-token"));
    let profile = |name: &str, reference: &str| {
        let url = served.url();
        format!(
            "[profiles.{name}]\nsupabase = {{ ref = \"{reference}\", token_file = \"pat\", api_url = \"{url}\" }}\n"
        )
    };
    let file = place.write("c.toml", profile("a", "demo") + &profile("b", "demo-paused"));
    let log = place.path("log").display().to_string();
    let told = doctor(&place, &["a", "--config", &file, "--log", &log]);
    for (operation, path) in [
        ("look at server", "/storage/v1/version"),
        ("read project keys", "/v1/projects/demo/api-keys?reveal=true"),
        ("list buckets", "/storage/v1/bucket?limit="),
    ] {
        assert!(
            logged(&log).iter().any(|(what, at, status)| what == operation && at.starts_with(path) && *status == 200),
            "{operation}: {:?}",
            logged(&log)
        );
    }
    let kept = std::fs::read_to_string(&log).unwrap();
    assert!(!kept.contains(&served.secret("demo.service-key")) && !kept.contains(&served.secret("demo.access-token")));
    for line in
        ["ok    a gateway answers  8 buckets", "ok    a GoTrue  v", "ok    a Storage  v", "ok    a offers  everything"]
    {
        assert!(told.ends(0, &[]).out.contains(line), "{}", told.out);
    }
    let told = doctor(&place, &["b", "--config", &file]);
    assert!(told.ends(1, &[]).out.contains("bad   b gateway answers  "), "{}", told.out);
    assert!(told.out.contains("the project is paused (INACTIVE): restore it in the console."), "{}", told.out);
}

#[test]
fn doctor_keeps_what_it_found_where_a_server_is_silent() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let place = Place::new();
    place.write("key", "k");
    let told = doctor(&place, &["--project-url", &url, "--service-key-file", "key"]);
    assert!(told.ends(1, &[]).out.contains("ok    service key  file key, set"), "{}", told.out);
    assert!(told.out.contains("bad   connection  ") && told.out.contains("no whole answer within 3 s"), "{}", told.out);
}

#[test]
fn init_writes_the_door_that_fits_what_stands_there() {
    let studio = Served::start(&["--users", "3", "--studio", "--studio-user", "ops"]);
    let place = Place::new();
    place.write("password", studio.secret("demo.studio-password"));
    place.write("key", studio.secret("demo.service-key"));
    let file = place.path("config/basedeck/config.toml");
    let init = |args: &[&str]| place.run(&[&["config", "init"], args].concat());
    // Given as a control plane, and the project's gateway of a self-hosted stack is there.
    let log = place.path("log").display().to_string();
    let stack = ["--url", studio.url(), "--ref", "default", "--service-key-file", "key", "--log", &log];
    init(&[&["one"], &stack[..]].concat()).ends(0, &["is a self-hosted stack", "it is written as project"]);
    let looked = logged(&log);
    assert!(looked.iter().any(|(operation, path, _)| operation == "look at server" && path == "/auth/v1/health"));
    place.run(&["one", "users", "list"]).ends(0, &[]);
    let console = ["--project-url", studio.url(), "--studio-user", "ops", "--studio-password-file", "password"];
    init(&[&["two"], &console[..]].concat()).ends(0, &["added profile two"]);
    place.run(&["two", "users", "list"]).ends(0, &[]);
    // Whichever flag bears the address; and both doors of a stack stand in one profile.
    let by_url = ["--url", studio.url(), "--studio-user", "ops", "--studio-password-file", "password"];
    init(&[&["by-url"], &by_url[..]].concat()).ends(0, &["added profile by-url"]);
    assert_eq!(place.run(&["config", "check"]).out.lines().next(), Some(&*format!("by-url: studio {}/", studio.url())));
    init(&[&["both"], &by_url[..], &["--service-key-file", "key"]].concat()).ends(0, &["added profile both"]);
    let both = format!("both: gateway {0}/, studio {0}/", studio.url());
    assert!(place.run(&["config", "check"]).out.contains(&both));
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(
        written.contains("# The self-hosted console") && written.contains("user = \"ops\", password_file = "),
        "{written}"
    );
    let hosted = ["three", "--supabase-ref", "abc", "--token-env", "PAT"];
    init(&hosted).ends(0, &["added profile three"]);
    assert!(std::fs::read_to_string(&file).unwrap().contains("supabase = { ref = \"abc\", token_env = \"PAT\" }"));
    let dead = ["four", "--project-url", "http://127.0.0.1:9", "--service-key-env", "K"];
    init(&dead).ends(0, &["cannot be reached", "It is written as you give it", "added profile four"]);
    let quiet = init(&["five", "--project-url", studio.url(), "--service-key-env", "K", "--no-detect"]);
    assert!(!quiet.ends(0, &["added profile five"]).err.contains("self-hosted stack"), "{}", quiet.err);
}

#[test]
fn files_of_local_development_are_named_and_never_read_unasked() {
    let place = Place::new();
    place.write(".env", "SUPABASE_URL=http://127.0.0.1:9\nSERVICE_ROLE_KEY=k\n");
    let told = place.run(&["users", "list"]);
    told.ends(2, &["nothing to connect to: ", "; the screen can open the project of ", ".env"]);
    assert!(!told.err.contains("127.0.0.1"));
}

#[test]
fn a_profile_without_a_ref_is_called_what_it_is() {
    let served = Served::start(&["--users", "3", "--management"]);
    let wide = Served::start(&["--users", "3", "--wide", "--sign-in"]);
    let place = Place::new();
    place.write("pat", served.secret("demo.access-token"));
    let (hosted, plane) = (served.url(), wide.url());
    place.write(
        "config/basedeck/config.toml",
        format!(
            "[profiles.all]\nprotected = true\nsupabase = {{ token_file = \"../../pat\", api_url = \"{hosted}\" }}\n\
             [profiles.ops]\ncontrol_plane = {{ url = \"{plane}\", login = \"ops@example.com\" }}\n"
        ),
    );
    let what = "no ref: choose among its projects with P on the screen, or with --ref";
    let told = place.run(&["config", "check"]);
    assert_eq!(told.ends(0, &[]).out, format!("all: {what}, protected\nops: {what}\n"));
    // One signs in first; then there is something to choose from.
    place.run(&["ops", "users", "list"]).ends(3, &["run `basedeck login ops`"]);
    let password = format!("{}\n", wide.secret("demo.account"));
    place.pipe(&["login", "ops", "--password-stdin"], &password).ends(0, &["as ops@example.com"]);
    place.run(&["ops", "users", "list"]).ends(2, &["choose one with --ref REF; there is: "]);
    place.run(&["ops", "users", "list", "--ref", "demo-two"]).ends(0, &[]);
    // What only the project's gateway has: its key is asked for with the session, which nothing used before.
    let one = place.run(&["ops", "buckets", "get", "documents", "--ref", "demo"]);
    assert!(one.ends(0, &[]).out.contains("\"id\":\"documents\""), "{}", one.out);
    let told = doctor(&place, &[]);
    for name in ["all", "ops"] {
        let projects = told.out.lines().find(|line| line.starts_with(&format!("ok    {name} projects  ")));
        let mut projects: Vec<_> = projects.and_then(|line| line.rsplit_once("  ")).unwrap().1.split(", ").collect();
        projects.sort_unstable();
        assert_eq!(projects, ["demo", "demo-paused", "demo-two"]);
        let line = format!("note  {name} project  {what}");
        assert!(told.ends(0, &[]).out.lines().any(|told| told == line), "{line} is not in {}", told.out);
    }
    assert!(place.run(&["whoami", "ops"]).ends(0, &[]).out.contains("ops@example.com"));
    // The profile's guard holds for what it lists.
    let created = ["users", "create", "ada@example.com", "--profile", "all", "--ref", "demo-two"];
    place.run(&created).ends(3, &["read-only"]);
    place.write("pat", "sbp_of_somebody_else");
    let told = doctor(&place, &["all"]);
    assert!(told.ends(1, &[]).out.contains("bad   all projects  "), "{}", told.out);
    place.run(&["all", "users", "list"]).ends(2, &["choose one with --ref REF"]);
}
