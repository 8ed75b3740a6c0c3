//! Profiles: made, checked and used by their names.

use super::Place;
use super::served::Served;
use crate::pty::glass::Pty;

#[test]
fn a_profile_is_made_from_flags_and_then_used_by_its_name() {
    let served = Served::start(&["--users", "3"]);
    let place = Place::new();
    place.write("key", served.secret("demo.service-key"));
    let there = ["--project-url", served.url()];
    let made = place.run(&[&["config", "init", "home"], &there[..], &["--service-key-command", "cat key"]].concat());
    let file = place.path("config/basedeck/config.toml").display().to_string();
    made.ends(0, &[&format!("added profile home to {file}\n"), "open it with `basedeck home`"]);
    assert_eq!(place.run(&["config", "path"]).ends(0, &[]).out, format!("{file}\n"));
    let keys = place.run(&["config", "keys"]);
    assert!(keys.ends(0, &[]).out.contains("#\"users.create\" = \"n\"\n"), "{}", keys.out);
    let checked = place.run(&["config", "check"]);
    assert_eq!(checked.ends(0, &[]).out, format!("home: gateway {}/\n", served.url()));
    for args in [&["users", "list", "--jsonl", "--profile", "home"][..], &["home", "users", "list", "--jsonl"]] {
        assert_eq!(place.run(args).ends(0, &[]).out.lines().count(), 3, "{args:?}");
    }
    // A second one of the name changes nothing.
    let before = std::fs::read_to_string(&file).unwrap();
    place.run(&[&["config", "init", "home"], &there[..], &["--service-key-env", "K"]].concat()).ends(2, &["already"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
}

#[test]
fn what_is_said_of_another_configuration_names_it() {
    let place = Place::new();
    let config = place.path("my own.toml").display().to_string();
    let init = ["config", "init", "a", "--no-detect", "--url", "https://x.io", "--ref", "r", "--login", "me@x.io"];
    let told = place.run(&[&init[..], &["--config", &config]].concat());
    let end = format!("--config '{config}'`");
    told.ends(
        0,
        &[
            &format!("sign in with `basedeck login a {end}"),
            &format!("`basedeck doctor a {end}"),
            &format!("`basedeck a {end}"),
        ],
    );
    let told = place.run(&["users", "list", "--profile", "a", "--config", &config]);
    told.ends(3, &[&format!("run `basedeck login a {end}")]);
    let two = place.run(&[&["config", "init", "b"], &init[3..], &["--config", &config]].concat());
    two.ends(0, &[]);
    let told = place.run(&["users", "list", "--config", &config]);
    told.ends(2, &[&format!("give one (basedeck a --config '{config}')")]);
    for (file, says) in [("none.toml", "is not there: `"), ("empty.toml", "nor any other: `")] {
        place.write("empty.toml", "");
        let other = place.path(file).display().to_string();
        let told = place.run(&["users", "list", "--profile", "a", "--config", &other]);
        told.ends(2, &[&format!("{says}basedeck config init --config {other}` makes")]);
    }
}

#[test]
fn what_is_given_for_a_profile_and_has_no_place_in_it_is_refused() {
    let place = Place::new();
    let init = |args: &[&str]| place.run(&[&["config", "init", "a", "--no-detect"], args].concat());
    let plane = ["--url", "https://x.io", "--ref", "r"];
    let project = ["--project-url", "https://x.io", "--service-key-env", "K"];
    for (args, more, says) in [
        (&plane[..], &["--login", "me@x.io", "--token-env", "T"][..], "a credential has one source"),
        (&plane, &["--login", "me"], "--login is the email to sign in with"),
        (&plane, &["--token-env", "T", "--service-key-env", "K"], "a service key was given without a project"),
        (
            &plane[..2],
            &["--project-url", "https://x.io", "--token-env", "T"],
            "The project's ref is missing: give --ref",
        ),
        (&["--supabase-ref", ""], &["--token-env", "T"], "a ref is the project's short id"),
        (&["--supabase", "--url", "https://x.io"], &[], "cannot be used with"),
        (&plane, &["--token-stdin"], "a profile keeps where its token comes from"),
        (&plane, &["--token-env", "sbp_0123456789abcdef"], "--token-env looks like the secret itself"),
        (&project, &["--token-env", "T"], "a platform token was given without a control plane"),
        (&project, &["--login", "me@x.io"], "--login was given without a control plane"),
        (&["--supabase-ref", "r", "--token-env", "T"], &["--login", "me@x.io"], "--login was given without"),
    ] {
        let told = init(&[args, more].concat());
        told.ends(2, &[says]);
        assert!(!told.err.contains("sbp_"), "{}", told.err);
    }
    let key = init(&[&plane[..], &["--login", "me@x.io", "--anon-key", "sb_secret_0123456789"]].concat());
    assert!(!key.ends(2, &["that is a service key"]).err.contains("sb_secret"), "{}", key.err);
    assert!(!place.path("config/basedeck/config.toml").exists());
    init(&[&plane[..], &["--login", "me@x.io", "--anon-key", "sb_publishable_1"]].concat()).ends(0, &[]);
    let written = std::fs::read_to_string(place.path("config/basedeck/config.toml")).unwrap();
    assert!(written.contains("login = \"me@x.io\", anon_key = \"sb_publishable_1\" }"), "{written}");
}

/// A person types wrong things, is told why, and nothing of what was right is lost.
#[test]
fn a_profile_is_made_by_questions() {
    let served = Served::start(&["--users", "3", "--studio", "--studio-user", "ops"]);
    let plane = Served::start(&["--users", "3"]);
    let place = Place::new();
    let password = place.write("password", served.secret("demo.studio-password"));
    let token = place.write("token", plane.secret("demo.token"));
    let file = place
        .write("config/basedeck/config.toml", "# mine\n[profiles.old]\nstudio = { url = \"http://127.0.0.1:9\" }\n");
    let [config, state] = ["config", "state"].map(|name| place.path(name).display().to_string());
    let home = [("XDG_CONFIG_HOME", config.as_str()), ("XDG_STATE_HOME", state.as_str())];
    let walk = |answers: &[(&str, &str)], end: &str, code: u32| {
        let mut pty = Pty::spawn(&["config", "init"], &home, (120, 40));
        for (question, answer) in answers {
            pty.wait_for(question);
            pty.send(format!("{answer}\r"));
        }
        pty.wait_for(end);
        assert_eq!(pty.exit_code(), code);
    };
    let answers = [
        ("The profile's name: ", "users"),
        ("may not be a command's", "old"),
        ("there is a profile old already", "stack"),
        ("The address (", "localhost"),
        ("it is no web address", served.url()),
        ("is a self-hosted stack", "not a variable"),
        ("it is the name of an environment variable", ""),
        ("The name that Studio asks for: ", "ops"),
        ("Studio's password (", &password),
    ];
    walk(&answers, "open it with `basedeck stack`", 0);
    place.run(&["stack", "users", "list"]).ends(0, &[]);
    let answers = [
        ("The profile's name: ", "cloud"),
        ("The address (", plane.url()),
        ("The project's ref (empty: ", "a/b"),
        ("a ref is the project's short id", "demo"),
        ("Your email (", "sbp_0123456789abcdef"),
        ("it looks like the secret itself", "me@x.io"),
        ("The platform's public key (", ""),
    ];
    walk(&answers, "sign in with `basedeck login cloud`", 0);
    let answers = [
        ("The profile's name: ", "all"),
        ("The address (", plane.url()),
        ("The project's ref (empty: ", ""),
        ("Your email (", &token),
    ];
    walk(&answers, "opens on the list of its projects", 0);
    place.run(&["all", "users", "list"]).ends(2, &["profile all lists projects and names none"]);
    place.run(&["all", "users", "list", "--ref", "demo"]).ends(0, &[]);
    let answers =
        [("The profile's name: ", "hosted"), ("The address (", "https://supabase.com"), ("The access token (", "PAT")];
    walk(&answers, "opens on the list of its projects", 0);
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(
        written.starts_with("# mine\n[profiles.old]\n")
            && written.contains("ref = \"demo\", login = \"me@x.io\" }")
            && written.ends_with("projects.\nsupabase = { token_env = \"PAT\" }\n"),
        "{written}"
    );
    // Given up in the middle; the end by a signal reads as 1 here.
    walk(&[("The profile's name: ", "third"), ("The address (", "\x04")], "nothing was changed", 2);
    walk(&[("The profile's name: ", "fourth"), ("The address (", "\x03")], "^C", 1);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), written);
}

#[test]
fn what_a_profile_lacks_is_named_and_no_secret_with_it() {
    let place = Place::new();
    let file = place.write(
        "c.toml",
        "[profiles.a]\nprotected = true\nproject = { url = \"https://a.io\", service_key_env = \"A_KEY\" }\n\
         [profiles.b]\nproject = { url = \"https://b.io\", service_key_command = \"echo hunter2 >&2; exit 4\" }\n",
    );
    let told = place.run(&["config", "check", "--config", &file]);
    told.ends(1, &["a: the service key is missing: profile a takes it from the variable A_KEY"]);
    assert_eq!(told.out, "a: gateway https://a.io/, protected\nb: gateway https://b.io/\n");
    let told = place.run(&["users", "list", "--profile", "b", "--config", &file]);
    told.ends(2, &["the service key for b.io cannot be used: its command failed (exit status 4): hunter2"]);
    place
        .run(&["users", "list", "--profile", "c", "--config", &file])
        .ends(2, &["there is no profile c; there is: a, b"]);
    place.run(&["nonsense"]).ends(2, &["the screen needs a terminal"]);
}

#[test]
fn what_is_wrong_with_the_keys_is_told_by_the_check_and_does_not_hold_up_a_command() {
    let place = Place::new();
    let file = place.write(
        "c.toml",
        "[keys]\n\"users.creat\" = \"x\"\nglobal.pause = \"r\"\n\
         [profiles.a]\nproject = { url = \"https://a.io\", service_key_env = \"PATH\" }\n",
    );
    let told = place.run(&["config", "check", "--config", &file]);
    told.ends(
        2,
        &[
            &format!("{file}:2:1: there is no operation `users.creat` (did you mean `users.create`?)"),
            &format!("{file}:3:16: `r` means both `global.pause` and `global.refresh`"),
        ],
    );
    assert_eq!(told.out, "a: gateway https://a.io/\n");
    place.run(&["users", "list", "--config", &file, "--profile", "b"]).ends(2, &["there is no profile b"]);
}

#[test]
fn without_a_terminal_nothing_is_asked() {
    let place = Place::new();
    place.run(&["config", "init"]).ends(2, &["The profile's name is missing: give its NAME"]);
    place.run(&["config", "init", "users"]).ends(2, &["may not be a command's"]);
    place.run(&["config", "init", "x"]).ends(2, &["give --project-url, --url, --supabase-ref or --supabase"]);
    let half = ["config", "init", "x", "--project-url", "https://x.io"];
    place.run(&half).ends(2, &["give --service-key-env, --service-key-file or --service-key-command"]);
    place.run(&["config", "init", "x", "--color", "pink"]).ends(2, &["there is no colour pink; there is: red"]);
    assert!(!place.path("config/basedeck/config.toml").exists());
}

#[test]
fn a_studio_alone_lists_and_creates_and_says_what_it_lacks() {
    let served = Served::start(&["--users", "250", "--studio", "--studio-user", "ops"]);
    let place = Place::new();
    place.write("password", served.secret("demo.studio-password"));
    let url = served.url();
    place.write(
        "config/basedeck/config.toml",
        format!(
            "[profiles.home]\nstudio = {{ url = \"{url}\", user = \"ops\", password_file = \"../../password\" }}\n\
             [profiles.open]\nstudio = {{ url = \"{url}\" }}\n"
        ),
    );
    let listed = place.run(&["home", "users", "list", "--jsonl"]);
    assert_eq!(listed.ends(0, &[]).out.lines().count(), 250);
    let created = place.run(&["home", "users", "create", "ada@x.io", "--confirm"]);
    assert!(created.ends(0, &[]).out.contains("\"email\":\"ada@x.io\""), "{}", created.out);
    place.run(&["home", "users", "create", "ada@x.io"]).ends(1, &["ada@x.io: "]);
    assert!(place.run(&["home", "buckets", "list"]).ends(0, &[]).out.lines().count() > 3);
    place.write("a.txt", "a");
    let upload = place.run(&["upload", "a.txt", "documents", "--profile", "home"]);
    assert!(upload.code != Some(0) && upload.err.contains("connect the project's gateway too"), "{}", upload.err);
    place.run(&["open", "users", "list"]).ends(3, &["There is no name and password, and this Studio asks for both"]);
}
