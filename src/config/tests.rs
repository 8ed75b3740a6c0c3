//! Tables: texts and what is read from them; flags, environment and profile and what they come to.

use std::path::{Path, PathBuf};

use super::file::{Fault, Origin, parse, quoted};
use super::resolve::{Environment, Flags, Plan, resolve};
use super::{AnonKey, Binding, Config, Door, Source, address};

const FOLDER: &str = "/etc/basedeck";
const FULL: &str = r#"
default_profile = "acme"
poll_seconds = 9
[profiles.acme]
color = "red"
protected = true
ca_file = "acme.pem"
control_plane = { url = "https://app.acme.io/", ref = "abc", token_env = "ACME_TOKEN" }
project = { url = "https://abc.acme.io", service_key_file = "~/acme.key" }
"#;

const KEY: &str = "service_key_command = \"pass show home\"";

fn read(text: &str) -> Result<Config, Fault> {
    parse(text, &Origin { file: "c.toml", folder: Path::new(FOLDER), home: Some(Path::new("/home/ann")) })
}

fn plan(flags: &Flags, environment: &Environment, text: &str) -> Result<Plan, String> {
    resolve(flags, environment, &read(text).unwrap()).map_err(|refused| refused.0)
}

fn flags(url: &str) -> Flags {
    Flags { url: Some(url.into()), reference: Some("r".into()), ..Flags::default() }
}

fn gateway(url: &str) -> Flags {
    Flags { project_url: Some(url.into()), ..Flags::default() }
}

fn env(names: &[&str]) -> Source {
    Source::Env(names.iter().map(ToString::to_string).collect())
}

#[test]
fn a_whole_profile_is_read() {
    let config = read(FULL).unwrap();
    assert_eq!((config.default_profile.as_deref(), config.poll_seconds), (Some("acme"), Some(9)));
    let acme = &config.profiles["acme"];
    assert_eq!((acme.color.as_deref(), acme.protected, acme.read_only), (Some("red"), true, false));
    assert_eq!(acme.ca_file, Some(PathBuf::from("/etc/basedeck/acme.pem")));
    let control_plane = acme.control_plane.as_ref().unwrap();
    assert_eq!((control_plane.url.host_str(), control_plane.reference.as_deref()), (Some("app.acme.io"), Some("abc")));
    assert_eq!(control_plane.source, Some(env(&["ACME_TOKEN"])));
    assert_eq!(acme.project.as_ref().unwrap().source, Some(Source::File("/home/ann/acme.key".into())));
    assert!(config.warnings.is_empty() && acme.warnings.is_empty());
}

#[test]
fn faults_name_line_column_what_is_allowed_and_the_nearest_key() {
    let cases = [
        (
            "poll = 5",
            "c.toml:1:1: the file has no key `poll`; it may have: default_profile, profiles, poll_seconds, mouse, keys",
        ),
        (
            "\npol_seconds = 5",
            "c.toml:2:1: the file has no key `pol_seconds` (did you mean `poll_seconds`?); it may have",
        ),
        ("poll_seconds = 0", "c.toml:1:16: `poll_seconds` is a whole number of seconds, from 1 to 86400"),
        ("poll_seconds = \"5\"", "c.toml:1:16: `poll_seconds` must be a whole number"),
        ("default_profile = \"x\"\n[profiles.y]", "c.toml:1:19: no profile has this name; there is: y"),
        ("[profiles.a]\ncolour = \"red\"", "c.toml:2:1: a profile has no key `colour` (did you mean `color`?)"),
        ("[profiles.a]\ncolor = \"pink\"", "c.toml:2:9: no such colour; there is: red, yellow"),
        ("[profiles.a]\nprotected = 1", "c.toml:2:13: `protected` must be true or false"),
        ("[profiles.a]\nproject = \"http://x\"", "c.toml:2:11: `project` must be a table"),
        ("[profiles.a]\nproject = {}", "c.toml:2:11: project needs `url`"),
        (
            "[profiles.a]\nsupabase = { ref = \"a/b\" }",
            "c.toml:2:20: `ref` is the project's short id: letters, digits, `-` and `_`",
        ),
        (
            "[profiles.a]\nsupabase = { ref = \"abc\" }\nproject = { url = \"https://x.io\" }",
            "c.toml:2:12: supabase gives the project's address and key: leave `project` out, or it",
        ),
        ("[profiles.a.supabase]\napi_url = \"x\"", "c.toml:2:11: `api_url` is no web address"),
        ("[profiles.a.supabase]\nservice_key_env = \"K\"", "c.toml:2:1: supabase has no key `service_key_env`"),
        ("[profiles.a.project]\nurl = \"ftp://x.io\"", "c.toml:2:7: `url` is no web address"),
        (
            "[profiles.a.project]\nurl = \"http://x\"\nservice_key_env = \"A\"\nservice_key_file = \"b\"",
            "c.toml:4:20: give one of service_key_env, service_key_file, service_key_command",
        ),
        ("mouse = 1", "c.toml:1:9: `mouse` must be true or false"),
        ("keys = 1", "c.toml:1:8: `keys` must be a table"),
        ("[keys]\na.b = 1", "c.toml:2:7: a key is a text in quotes, or a list of such, or \"off\""),
        ("[keys]\n\"a.b\" = [\"x\", 2]", "c.toml:2:15: a key is a text in quotes"),
        ("a = = 1", "c.toml:1:5: not TOML: "),
        ("# ä\n ü", "c.toml:2:"),
    ];
    for (text, expected) in cases {
        let fault = read(text).expect_err(text).to_string();
        assert!(fault.starts_with(expected), "{text:?}\n  gave {fault}\n  not  {expected}");
    }
}

#[test]
fn a_secret_in_the_file_is_refused_and_not_repeated() {
    for text in [
        "[profiles.a.control_plane]\nurl = \"https://x.io\"\nref = \"r\"\ntoken = \"hunter2\"",
        "[profiles.a.project]\nurl = \"https://x.io\"\nservice_key = \"hunter2\"",
        "[profiles.a.project]\nurl = \"https://x.io\"\nservice_key_env = \"eyJ.hunter2\"",
    ] {
        let fault = read(text).expect_err(text);
        assert!(fault.holds_secret, "{text}");
        assert!(!fault.to_string().contains("hunter2"), "{fault}");
    }
    let spoilt = read("[profiles.a.project]\nurl = \"https://x:hunter2@x.io\"").unwrap_err().to_string();
    assert!(spoilt.contains("holds a user or password") && !spoilt.contains("hunter2"), "{spoilt}");
}

#[test]
fn what_comes_later_is_named_with_its_line() {
    let config = read("theme = 1\n").unwrap();
    assert_eq!(config.warnings, ["c.toml:1: `theme` is not yet offered and is left out"]);
}

#[test]
fn keys_are_read_as_they_stand_with_their_places() {
    let config = read("mouse = true\n[keys]\n\"b.c\" = [\"x\", \"off\"]\na.d = \"ctrl-n\"\n").unwrap();
    assert!(config.mouse && config.warnings.is_empty());
    let binding = |name: &str, place, keys: &[(&str, _)]| Binding {
        name: name.into(),
        place,
        keys: keys.iter().map(|(key, place)| ((*key).to_owned(), *place)).collect(),
    };
    assert_eq!(config.keys.file, "c.toml");
    assert_eq!(
        config.keys.all,
        [binding("b.c", (3, 1), &[("x", (3, 10)), ("off", (3, 15))]), binding("a.d", (4, 3), &[("ctrl-n", (4, 7))]),]
    );
}

#[test]
fn the_sample_is_read_with_and_without_its_marks() {
    let sample = include_str!("../../assets/config.toml");
    assert_eq!(read(sample), Ok(Config::default()));
    let lines = sample.lines().map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line));
    let config = read(&lines.collect::<Vec<_>>().join("\n")).unwrap();
    assert_eq!(config.default_profile.as_deref(), Some("acme-prod"));
    assert!(config.profiles["acme-prod"].control_plane.is_some() && config.profiles["acme-prod"].project.is_some());
}

#[test]
fn addresses() {
    let cut = |text: &str| address::check(text).map(String::from);
    assert_eq!(cut("https://x.io/base//"), Ok("https://x.io/base".into()));
    assert_eq!(cut(" http://[::1]:8000 "), Ok("http://[::1]:8000/".into()));
    for (bad, why) in [
        ("x.io", "is no web address"),
        ("localhost:8000", "is no web address"),
        ("ftp://x.io", "is no web address"),
        ("https://", "is no web address"),
        ("https://u@x.io", "holds a user"),
        ("https://x.io/?k=v", "has a `?`"),
        ("https://x.io/#a", "has a `?`"),
        ("https://x.io/auth/v1/", "ends in /auth/v1"),
        (&"x".repeat(3_000), "is longer"),
    ] {
        let said = cut(bad).unwrap_err();
        assert!(said.starts_with(why), "{bad} gave {said}");
    }
}

#[test]
fn flags_go_before_environment_and_environment_before_the_profile() {
    let environment = Environment {
        url: Some("https://env.io".into()),
        reference: Some("env".into()),
        project_url: Some("https://gw.env.io".into()),
    };
    let named = |flags: &Flags, environment: &Environment| {
        let plan = plan(flags, environment, FULL).unwrap();
        let doors: Vec<String> =
            plan.doors.iter().map(|d| format!("{} {}", d.base, d.reference.as_deref().unwrap_or("-"))).collect();
        (plan.name, doors)
    };
    assert_eq!(
        named(&flags("https://flag.io"), &environment),
        ("flag.io".into(), vec!["https://flag.io/ r".to_owned(), "https://gw.env.io/ -".to_owned()])
    );
    assert_eq!(
        named(&Flags::default(), &environment),
        ("env.io".into(), vec!["https://env.io/ env".to_owned(), "https://gw.env.io/ -".to_owned()])
    );
    assert_eq!(
        named(&Flags::default(), &Environment::default()),
        ("acme".into(), vec!["https://app.acme.io/ abc".to_owned(), "https://abc.acme.io/ -".to_owned()])
    );
    let nothing = plan(&Flags::default(), &Environment::default(), "").unwrap();
    assert!(nothing.doors.is_empty());
    assert_eq!(nothing.poll_seconds, 5);
    let asked = Flags { interval: Some(30), ..Flags::default() };
    assert_eq!(plan(&asked, &Environment::default(), FULL).unwrap().poll_seconds, 30);
}

#[test]
fn credentials_go_with_an_address() {
    let none = Environment::default();
    // By flags or environment: their own sources, in this order.
    let both = Flags { project_url: Some("https://gw.io".into()), ..flags("https://cp.io") };
    let sources = |flags: &Flags, text: &str| {
        plan(flags, &none, text).map(|plan| plan.doors.into_iter().map(|door| door.source).collect::<Vec<_>>())
    };
    let key = env(&["BASEDECK_SERVICE_KEY", "SUPABASE_SERVICE_ROLE_KEY"]);
    assert_eq!(sources(&both, FULL), Ok(vec![Some(env(&["BASEDECK_TOKEN"])), Some(key)]));
    let files = Flags { token_file: Some("t".into()), service_key_file: Some("k".into()), ..both.clone() };
    assert_eq!(sources(&files, FULL), Ok(vec![Some(Source::File("t".into())), Some(Source::File("k".into()))]));
    let stdin = Flags { token_stdin: true, ..flags("https://cp.io") };
    assert_eq!(sources(&stdin, ""), Ok(vec![Some(Source::Stdin)]));
    // By a profile: its own sources alone.
    assert_eq!(
        sources(&Flags::default(), FULL),
        Ok(vec![Some(env(&["ACME_TOKEN"])), Some(Source::File("/home/ann/acme.key".into()))])
    );
    for (given, says) in [
        (Flags { token_file: Some("t".into()), ..Flags::default() }, "goes with an address"),
        (Flags { token_stdin: true, ..Flags::default() }, "goes with an address"),
        (Flags { service_key_file: Some("k".into()), ..Flags::default() }, "goes with an address"),
        (Flags { reference: Some("r".into()), ..Flags::default() }, "goes with a control plane's address"),
        (Flags { token_file: Some("t".into()), ..gateway("https://gw.io") }, "without a control plane"),
        (Flags { service_key_file: Some("k".into()), ..flags("https://cp.io") }, "without a project"),
    ] {
        let said = sources(&given, FULL).unwrap_err();
        assert!(said.contains(says), "{given:?} gave {said}");
    }
}

#[test]
fn what_cannot_be_connected_says_what_to_give() {
    let none = Environment::default();
    let sole = "[profiles.a]\nproject = { url = \"http://10.0.0.1\", service_key_env = \"K\" }";
    let open = "[profiles.a]\nallow_http = true\nproject = { url = \"http://10.0.0.1\", service_key_env = \"K\" }";
    let later = "[profiles.a]\nproject = { url = \"https://x.io\" }";
    let two = "[profiles.a]\n[profiles.b]";
    let cases = [
        (Flags { url: Some("https://cp.io".into()), ..Flags::default() }, "", "needs the project's short id"),
        (Flags { reference: Some("a/b".into()), ..flags("https://cp.io") }, "", "letters, digits"),
        (flags("cp.io"), "", "--url is no web address"),
        (
            gateway("http://10.0.0.1"),
            "",
            "would show the service key to the network: use https, or allow it with --allow",
        ),
        (Flags::default(), sole, "allow it with allow_http = true"),
        (Flags { door: Some(Door::Gateway), ..flags("https://cp.io") }, "", "give --project-url"),
        (Flags { door: Some(Door::ControlPlane), ..Flags::default() }, open, "profile a has no door control-plane"),
        (Flags::default(), later, "profile a has no service key that is offered: add service_key_env"),
        (Flags::default(), "[profiles.a]", "profile a has no door that is offered"),
        (
            Flags::default(),
            "[profiles.a]\nsupabase = { ref = \"abc\" }",
            "profile a has no access token: add token_env",
        ),
        (Flags::default(), two, "give one (basedeck a), or add default_profile"),
        (Flags { profile: Some("c".into()), ..Flags::default() }, two, "there is no profile c; there is: a, b"),
        (Flags { profile: Some("c".into()), ..Flags::default() }, "", "`basedeck config init` makes one"),
        (Flags { profile: Some("a".into()), ..gateway("https://gw.io") }, open, "profile a has its own addresses"),
    ];
    for (given, text, says) in cases {
        let said = plan(&given, &none, text).unwrap_err();
        assert!(said.contains(says), "{given:?} {text:?} gave {said}");
    }
    assert!(plan(&Flags::default(), &none, open).is_ok());
    assert!(plan(&gateway("http://localhost:8000"), &none, "").is_ok());
    assert!(plan(&Flags { allow_http: true, ..gateway("http://10.0.0.1") }, &none, "").is_ok());
}

#[test]
fn a_profile_brings_its_safety_and_an_address_does_not_take_it() {
    let none = Environment::default();
    let acme = plan(&Flags::default(), &none, FULL).unwrap();
    assert!(acme.read_only && acme.protected && acme.locked);
    let chosen = plan(&Flags { read_only: true, ..Flags::default() }, &none, FULL).unwrap();
    assert!(chosen.read_only && chosen.protected && !chosen.locked);
    assert_eq!(acme.color.as_deref(), Some("red"));
    let given = plan(&flags("https://cp.io"), &none, FULL).unwrap();
    assert!(!given.read_only && !given.protected && given.color.is_none() && given.ca_file.is_none());
    assert!(plan(&Flags { read_only: true, ..flags("https://cp.io") }, &none, "").unwrap().read_only);
    let one = plan(&Flags { door: Some(Door::Gateway), ..Flags::default() }, &none, FULL).unwrap();
    assert_eq!(one.doors.iter().map(|door| door.door).collect::<Vec<_>>(), [Door::Gateway]);
}

#[test]
fn a_profile_is_opened_by_its_name_whatever_the_environment_names() {
    let more = format!("{FULL}\n[profiles.home]\nproject = {{ url = \"http://localhost:8000\", {KEY} }}");
    let other = Environment { project_url: Some("https://gw.io".into()), ..Environment::default() };
    let asked = Flags { profile: Some("home".into()), ..Flags::default() };
    let home = plan(&asked, &other, &more).unwrap();
    let doors: Vec<_> = home.doors.iter().map(|door| (door.door, door.base.as_str(), door.source.clone())).collect();
    let key = Some(Source::Command("pass show home".into()));
    assert_eq!((home.name.as_str(), doors), ("home", vec![(Door::Gateway, "http://localhost:8000/", key)]));
    assert!(!home.protected && home.warnings.is_empty());
}

#[test]
fn a_profile_has_a_name_that_the_command_line_can_give() {
    for (name, why) in [
        ("users", "may not be a command's"),
        ("demo-server", "may not be a command's"),
        ("\"a/b\"", "is made of letters"),
        ("\"\"", "is made of letters"),
        ("-x", "is made of letters"),
    ] {
        let fault = read(&format!("[profiles.{name}]")).unwrap_err().to_string();
        assert!(fault.contains(why), "{name} gave {fault}");
    }
    assert!(read("[profiles.acme-prod_2]\n[profiles.\"acme.eu\"]").is_ok());
}

#[test]
fn what_is_quoted_is_read_as_it_was() {
    for text in ["plain", "a \"b\" \\c", "tab\tand\u{7f}", "ünï"] {
        let file = format!("[profiles.a.project]\nurl = \"https://x\"\nservice_key_command = {}", quoted(text));
        let source = read(&file).unwrap().profiles["a"].project.as_ref().unwrap().source.clone();
        assert_eq!(source, Some(Source::Command(text.into())));
    }
}

#[test]
fn a_studio_has_a_name_and_a_password_or_neither() {
    let open = "[profiles.a]\nstudio = { url = \"http://10.0.0.1:3000\" }";
    let studio = plan(&Flags::default(), &Environment::default(), open).unwrap().doors.remove(0);
    assert_eq!((studio.door, studio.reference.as_deref()), (Door::Studio, Some("default")));
    assert_eq!((studio.user, studio.source), (None, None));
    let basic = "[profiles.a]\nstudio = { url = \"http://localhost:8000\", user = \"ops\", password_env = \"P\" }";
    let studio = plan(&Flags::default(), &Environment::default(), basic).unwrap().doors.remove(0);
    assert_eq!((studio.user.as_deref(), studio.source), (Some("ops"), Some(env(&["P"]))));
    let half = read("[profiles.a]\nstudio = { url = \"http://x\", user = \"ops\" }").unwrap_err().to_string();
    assert!(half.starts_with("c.toml:2:10: studio needs `user` and a source of its password"), "{half}");
}

const HOSTED: &str = "[profiles.h]\nsupabase = { ref = \"abc\", token_env = \"PAT\" }";

#[test]
fn a_hosted_project_is_a_gateway_whose_key_the_management_api_gives() {
    let none = Environment::default();
    let [door] = &plan(&Flags::default(), &none, HOSTED).unwrap().doors[..] else { panic!("one door") };
    assert_eq!((door.door, door.base.as_str()), (Door::Gateway, "https://abc.supabase.co/"));
    assert_eq!(door.hosted.as_ref().map(url::Url::as_str), Some("https://api.supabase.com/"));
    assert_eq!((door.reference.as_deref(), &door.source), (Some("abc"), &Some(env(&["PAT"]))));
    // By flags: the token of the environment goes with a ref from the flags alone.
    let flags = Flags { supabase_ref: Some("xyz".into()), ..Flags::default() };
    let elsewhere = Environment { url: Some("https://cp.io".into()), ..Environment::default() };
    let [door] = &plan(&flags, &elsewhere, HOSTED).unwrap().doors[..] else { panic!("one door") };
    assert_eq!(
        (door.base.as_str(), &door.source),
        ("https://xyz.supabase.co/", &Some(env(&["SUPABASE_ACCESS_TOKEN"])))
    );
    let both = Flags { project_url: Some("https://gw.io".into()), ..flags.clone() };
    assert!(plan(&both, &none, "").unwrap_err().contains("--supabase-ref stands alone"));
    let bad = Flags { supabase_ref: Some("x.evil.io/".into()), ..Flags::default() };
    assert!(plan(&bad, &none, "").unwrap_err().contains("--supabase-ref is the project's short id"));
    let plain = "[profiles.h]\nsupabase = { ref = \"abc\", token_env = \"PAT\", api_url = \"http://10.0.0.1\" }";
    assert!(plan(&Flags::default(), &none, plain).unwrap_err().contains("would show the access token to the network"));
}

#[test]
fn a_profile_that_lists_projects_opens_any_of_them_without_the_doors_of_its_own() {
    let none = Environment::default();
    let at =
        |reference: &str| Flags { profile: Some("a".into()), reference: Some(reference.into()), ..Flags::default() };
    let bases = |flags: &Flags, text: &str| {
        let doors = plan(flags, &none, text)?.doors;
        Ok::<_, String>(doors.into_iter().map(|door| (door.door, door.reference)).collect::<Vec<_>>())
    };
    let whole = "[profiles.a]\ncontrol_plane = { url = \"https://cp.io\", ref = \"one\", token_env = \"T\" }\n\
                 project = { url = \"https://one.io\", service_key_env = \"K\" }";
    let plane = |reference: &str| (Door::ControlPlane, Some(reference.to_owned()));
    assert_eq!(bases(&at("one"), whole), Ok(vec![plane("one"), (Door::Gateway, None)]));
    assert_eq!(bases(&at("two"), whole), Ok(vec![plane("two")]), "the gateway is the other project's");
    let lists = "[profiles.a]\ncontrol_plane = { url = \"https://cp.io\", token_env = \"T\" }";
    assert_eq!(bases(&at("two"), lists), Ok(vec![plane("two")]));
    let hosted = "[profiles.a]\nsupabase = { token_env = \"PAT\" }";
    assert_eq!(bases(&at("two"), hosted), Ok(vec![(Door::Gateway, Some("two".into()))]));
    let which = |flags: &Flags, text: &str| {
        let plan = plan(flags, &none, text).unwrap();
        (plan.name, plan.profile, plan.listed, plan.unchosen)
    };
    let own = Some("a".to_owned());
    assert_eq!(which(&at("one"), whole), ("a".into(), own.clone(), false, false));
    assert_eq!(which(&at("two"), whole), ("two".into(), own.clone(), true, false));
    for (text, door) in [(lists, Door::ControlPlane), (hosted, Door::Gateway)] {
        assert_eq!(which(&Flags::default(), text), ("a".into(), own.clone(), false, true));
        assert_eq!(bases(&Flags::default(), text), Ok(vec![(door, None)]), "what lists them");
    }
    let list = Flags { list: true, ..Flags::default() };
    assert_eq!(which(&list, whole), ("a".into(), own, false, true));
    assert_eq!(bases(&list, whole), Ok(vec![plane("one")]));
    let one = "[profiles.a]\nproject = { url = \"https://one.io\", service_key_env = \"K\" }";
    assert!(bases(&at("two"), one).unwrap_err().contains("profile a is one project"));
    assert!(bases(&at("a/b"), hosted).unwrap_err().contains("letters, digits"));
}

#[test]
fn a_control_plane_is_signed_in_to_or_has_a_token() {
    let plane = |keys: &str| {
        read(&format!("[profiles.a]\ncontrol_plane = {{ url = \"https://app.acme.io/x\", ref = \"abc\", {keys} }}"))
    };
    let entry = |keys: &str| plane(keys).unwrap().profiles["a"].control_plane.clone().unwrap();
    let sign_in = |keys: &str| match entry(keys).source {
        Some(Source::Session(sign_in)) => *sign_in,
        other => panic!("{keys}: {other:?}"),
    };
    let usual = sign_in("login = \"ops@acme.io\"");
    assert_eq!((usual.auth.as_str(), usual.login.as_deref()), ("https://app.acme.io/auth/v1", Some("ops@acme.io")));
    assert_eq!(usual.anon_key, None);
    let other = "auth_url = \"http://localhost:8000\", api_url = \"http://localhost:5000/api/platform/\"";
    assert_eq!(sign_in(other).auth.as_str(), "http://localhost:8000/auth/v1");
    assert_eq!(sign_in(other).login, None);
    assert_eq!(entry(other).url.as_str(), "http://localhost:5000/");
    let key = sign_in("auth_url = \"https://id.acme.io/auth/v1/\", anon_key = \"public\"");
    assert_eq!(key.auth.as_str(), "https://id.acme.io/auth/v1");
    assert!(matches!(key.anon_key, Some(AnonKey::Itself(key)) if key.expose() == "public"));
    let key = sign_in("login = \"a@b.io\", anon_key_env = \"ACME_ANON\"");
    assert_eq!(key.anon_key, Some(AnonKey::From(env(&["ACME_ANON"]))));
    for (keys, why) in [
        ("login = \"a@b.io\", token_env = \"T\"", "give `login` or `token_env`: a credential has one source"),
        ("auth_url = \"https://x.io\", token_file = \"t\"", "give `auth_url` or `token_file`"),
        ("anon_key = \"k\"", "`anon_key` goes with signing in: add `login` or `auth_url`"),
        ("login = \"ops\"", "`login` is the email to sign in with"),
        ("login = \"a@b.io\", anon_key = \"\"", "`anon_key` is empty"),
        ("login = \"a@b.io\", anon_key = \"k\", anon_key_env = \"K\"", "a key has one source"),
        ("login = \"a@b.io\", anon_key_env = \"a.b.c\"", "`anon_key_env` is the name of an environment variable"),
        ("token_env = \"sbp_0123456789abcdef\"", "`token_env` looks like the secret itself"),
        ("auth_url = \"ftp://x.io\"", "`auth_url` is no web address"),
        ("login = \"a@b.io\", password = \"x\"", "`password` would keep a secret in this file"),
    ] {
        let fault = plane(keys).unwrap_err();
        assert!(fault.what.contains(why), "{keys}: {fault}");
    }
}

#[test]
fn signing_in_goes_with_an_address_and_over_https() {
    let flags = |url: &str| Flags {
        url: Some(url.into()),
        reference: Some("r".into()),
        login: Some("ops@acme.io".into()),
        ..Flags::default()
    };
    let none = (&Environment::default(), &Config::default());
    let plan = resolve(&flags("https://app.acme.io"), none.0, none.1).unwrap();
    let Some(Source::Session(sign_in)) = &plan.doors[0].source else { panic!() };
    assert_eq!(sign_in.auth.as_str(), "https://app.acme.io/auth/v1");
    let refused = |flags: Flags| resolve(&flags, none.0, none.1).unwrap_err().0;
    assert!(refused(flags("http://10.0.0.1")).starts_with("plain http to 10.0.0.1 would show the password"));
    assert!(refused(Flags { url: None, reference: None, ..flags("") }).starts_with("--login goes with an address"));
    assert!(refused(Flags { login: Some("ops".into()), ..flags("https://x.io") }).contains("is the email"));
    let both = Flags { token_file: Some("t".into()), ..flags("https://x.io") };
    assert!(refused(both).contains("give --login or --token-file: a credential has one source"));
    let text =
        "[profiles.a]\ncontrol_plane = { url = \"https://a.io\", ref = \"r\", auth_url = \"http://10.0.0.1/auth/v1\" }";
    let told = resolve(&Flags::default(), none.0, &read(text).unwrap()).unwrap_err().0;
    assert!(told.starts_with("plain http to 10.0.0.1 would show the password"), "{told}");
}
