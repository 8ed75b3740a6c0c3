//! Profiles: made, checked and used by their names.

use super::Place;
use super::served::Served;

#[test]
fn a_profile_is_made_from_flags_and_then_used_by_its_name() {
    let served = Served::start(&["--users", "3"]);
    let place = Place::new();
    place.write("key", served.secret("demo.service-key"));
    let there = ["--project-url", served.url()];
    let made = place.run(&[&["config", "init", "home"], &there[..], &["--service-key-command", "cat key"]].concat());
    let file = place.path("config/basedeck/config.toml").display().to_string();
    made.ends(0, &[&format!("added profile home to {file}: open it with `basedeck home`")]);
    assert_eq!(place.run(&["config", "path"]).ends(0, &[]).out, format!("{file}\n"));
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
    place.run(&["config", "init", "x"]).ends(2, &["--project-url, or --url and --ref"]);
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
