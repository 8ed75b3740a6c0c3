//! Files as they lie on this machine, and what is made of them.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::log::{Log, redact};
use super::state::Store;
use super::{Inputs, Setup, connect};
use crate::api::projects::Lister;
use crate::config::resolve::Flags;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, mode: u32, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, content).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        path
    }

    /// A gateway whose key stands in a file of this content.
    fn gateway(&self, key: impl AsRef<[u8]>, mode: u32) -> Result<Setup, String> {
        let flags = Flags {
            project_url: Some("http://localhost:8000/".into()),
            service_key_file: Some(self.write("key", mode, key)),
            ..Flags::default()
        };
        self.connect(flags, "")
    }

    fn connect(&self, flags: Flags, config: &str) -> Result<Setup, String> {
        let config = Some(self.write("config.toml", 0o600, config));
        connect(&Inputs { flags, config, ..Inputs::default() }).map_err(|unready| unready.0)
    }
}

#[test]
fn a_key_file_loses_one_line_break_and_nothing_else() {
    let folder = Folder::new();
    for content in ["k-1", "k-1\n", "k-1\r\n"] {
        let setup = folder.gateway(content, 0o600).unwrap();
        assert_eq!(setup.connection.doors[0].credential.expose(), "k-1", "{content:?}");
        assert!(setup.warnings.is_empty());
    }
    for (content, says) in [
        ("", "is empty"),
        ("\n", "is empty"),
        ("hunter2\n\n", "holds a blank"),
        ("hunter2 b", "holds a blank"),
        ("hünter2", "holds a blank"),
        (&"x".repeat(65_537), "more than 64 KiB"),
    ] {
        let said = folder.gateway(content, 0o600).unwrap_err();
        assert!(said.starts_with("the service key for localhost:8000 cannot be used: "), "{said}");
        assert!(said.contains(says) && !said.contains("nter2"), "{said}");
    }
    assert!(folder.gateway([0xff, 0xfe], 0o600).unwrap_err().contains("no plain text"));
}

#[test]
fn a_credential_of_the_wrong_kind_is_named_before_it_is_used() {
    let folder = Folder::new();
    let said = |url: &str, key: &str| {
        let at_gateway = url == "gateway";
        let (token, key) = (folder.write("token", 0o600, key), folder.write("key", 0o600, key));
        let flags = Flags {
            url: (!at_gateway).then(|| "https://x.io".into()),
            reference: (!at_gateway).then(|| "r".into()),
            token_file: (!at_gateway).then_some(token),
            project_url: at_gateway.then(|| "https://x.io".into()),
            service_key_file: at_gateway.then_some(key),
            ..Flags::default()
        };
        folder.connect(flags, "").unwrap().warnings.join("; ")
    };
    // {"role":"anon"}, {"role":"service_role"}, {"role":"authenticated"}, {"sub":"1"}
    let [anon, service, user, token] = [
        "eyJyb2xlIjoiYW5vbiJ9",
        "eyJyb2xlIjoic2VydmljZV9yb2xlIn0",
        "eyJyb2xlIjoiYXV0aGVudGljYXRlZCJ9",
        "eyJzdWIiOiIxIn0",
    ]
    .map(|claims| format!("e30.{claims}.c2ln"));
    assert!(said("gateway", &anon).contains("is the anon key"));
    assert!(said("gateway", "sb_publishable_1").contains("is the anon key"));
    assert!(said("gateway", &user).contains("has the role authenticated"));
    assert_eq!(said("gateway", &service) + &said("gateway", "sb_secret_1") + &said("gateway", "opaque"), "");
    assert!(said("control-plane", &service).contains("is a project's key, not a platform token"));
    assert_eq!(said("control-plane", &token) + &said("control-plane", &user), "");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_used_and_said() {
    let folder = Folder::new();
    let warnings = folder.gateway("k", 0o644).unwrap().warnings;
    assert!(warnings.len() == 1 && warnings[0].contains("run chmod 600 "), "{warnings:?}");
}

#[test]
fn a_missing_credential_says_how_to_give_it() {
    let folder = Folder::new();
    let config = "[profiles.a]\nproject = { url = \"https://x.io\", service_key_env = \"BASEDECK_TEST_UNSET\" }";
    assert_eq!(
        folder.connect(Flags::default(), config).unwrap_err(),
        "the service key for x.io is missing: profile a takes it from the variable BASEDECK_TEST_UNSET"
    );
    let missing = "[profiles.a]\nproject = { url = \"https://x.io\", service_key_file = \"none\" }";
    let said = folder.connect(Flags::default(), missing).unwrap_err();
    assert!(said.contains("none cannot be read") && said.contains("profile a names the file"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_configuration_with_a_secret_that_others_can_read_is_refused_with_the_command_to_run() {
    let folder = Folder::new();
    let text = "[profiles.a.project]\nurl = \"https://x.io\"\nservice_key = \"hunter2\"";
    let path = folder.write("open.toml", 0o644, text);
    let said = connect(&Inputs { config: Some(path.clone()), ..Inputs::default() }).unwrap_err().0;
    assert!(said.contains("open.toml:3:1: `service_key` would keep a secret"), "{said}");
    assert!(said.ends_with(&format!("run chmod 600 {}", path.display())) && !said.contains("hunter2"), "{said}");
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let folder = Folder::new();
    let nowhere = connect(&Inputs { config: Some(folder.0.path().join("none.toml")), ..Inputs::default() });
    assert!(nowhere.unwrap_err().0.contains("none.toml is not there: `basedeck config init --config "));
    let ca = |content: &str| {
        let flags = Flags {
            project_url: Some("https://x.io".into()),
            service_key_file: Some(folder.write("key", 0o600, "k")),
            ca_file: Some(folder.write("ca.pem", 0o644, content)),
            ..Flags::default()
        };
        folder.connect(flags, "").map(|setup| setup.connection.ca_file_pem)
    };
    assert!(ca("hello").unwrap_err().contains("holds no certificate"));
    let broken = ca("-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n").unwrap_err();
    assert!(broken.contains("ca.pem holds a certificate that cannot be used ("), "{broken}");
    assert!(ca("-----BEGIN CERTIFICATE-----\n").unwrap_err().contains("cannot be used"));
    assert!(!folder.connect(Flags::default(), "").unwrap().is_connected());
}

#[test]
fn the_log_is_json_lines_without_what_looks_like_a_credential() {
    let folder = Folder::new();
    let path = folder.0.path().join("log");
    let log = Log::open(Some(&path)).unwrap();
    log.write("request", &[("path", "/x?token=abc".into()), ("status", 200.into())]);
    log.of("acme").write("said", &[("text", "a\nb\u{1b}[31m".into())]);
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((lines[0]["event"].as_str(), lines[0]["status"].as_u64()), (Some("request"), Some(200)));
    assert!(lines[0]["project"].is_null() && lines[1]["project"] == "acme", "{text}");
    assert!(!text.contains("abc") && !text.contains('\u{1b}'));
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&fs::metadata(&path).unwrap()) & 0o777, 0o600);
    assert!(!Log::open(None).unwrap().is_on());
    for (text, safe) in [
        ("plain words, 42 = x", "plain words, 42 = x"),
        ("Bearer hunter2", "Bearer •••"),
        ("authorization: basic aGk=; rest", "authorization: basic •••=; rest"),
        ("(eyJhbGci.eyJyb2xl.c2ln)", "(•••)"),
        ("key sb_secret_1 and sb_publishable_2", "key ••• and •••"),
        ("refused (sbp_0123456789abcdef)", "refused (•••)"),
        ("/o?token=a.b.c&x=1", "/o?token=•••&x=1"),
    ] {
        assert_eq!(redact(text), safe);
    }
}

#[test]
fn a_door_whose_key_is_given_elsewhere_begins_without_one() {
    let folder = Folder::new();
    let token = folder.write("token", 0o600, "sbp_token");
    let hosted = Flags { supabase_ref: Some("abc".into()), token_file: Some(token.clone()), ..Flags::default() };
    let [door] = &folder.connect(hosted, "").unwrap().connection.doors[..] else { panic!("one door") };
    assert!(door.credential.is_empty() && door.renew.is_some(), "{door:?}");
    assert_eq!((door.base.as_str(), door.reference.as_deref()), ("https://abc.supabase.co/", Some("abc")));
    // A control plane may give the project's gateway; not where one door alone is wanted.
    let plane = Flags {
        url: Some("https://cp.io".into()),
        reference: Some("abc".into()),
        token_file: Some(token),
        ..Flags::default()
    };
    let doors = folder.connect(plane.clone(), "").unwrap().connection.doors;
    let [_, door] = &doors[..] else { panic!("two doors") };
    assert!(door.credential.is_empty() && door.renew.is_some());
    let alone = Flags { door: Some(crate::config::Door::ControlPlane), ..plane };
    assert_eq!(folder.connect(alone, "").unwrap().connection.doors.len(), 1);
}

#[test]
fn studios_key_is_taken_only_once_a_person_agreed() {
    let folder = Folder::new();
    let store = Store::at(folder.0.path().join("state.json"));
    let connect = |url: &str, agreed| {
        let config = Some(folder.write("config.toml", 0o600, format!("[profiles.a]\nstudio = {{ url = \"{url}\" }}")));
        // Whether it is the first project, or one that the switcher goes to.
        let first = Inputs { config, store: Some(store.clone()), ..Inputs::default() };
        let all = [first.clone(), super::fleet::common(&first)].map(|inputs| Inputs { agreed, ..inputs });
        let [one, other] = all.map(|inputs| super::connect(&inputs).unwrap());
        assert_eq!(one.connection.doors.len(), other.connection.doors.len());
        one
    };
    let asked = connect("http://localhost:8000", false);
    assert_eq!(asked.connection.doors.len(), 1);
    let offered = asked.offered.unwrap();
    assert!(offered.ask, "nobody was asked yet");
    let agreed = connect("http://localhost:8000", true);
    assert!(agreed.offered.is_none());
    assert_eq!(agreed.connection.doors[1].door, offered.door.door);
    for (before, ask, doors) in [(false, Some(false), 1), (true, None, 2)] {
        store.agree("a", before).unwrap();
        let remembered = connect("http://localhost:8000", false);
        assert_eq!((remembered.offered.map(|offered| offered.ask), remembered.connection.doors.len()), (ask, doors));
    }
    let plain = connect("http://10.0.0.1", true);
    assert!(plain.offered.is_none() && plain.connection.doors.len() == 1, "never over plain http");
}

#[test]
fn a_profile_lists_projects_by_its_token() {
    let folder = Folder::new();
    let token = folder.write("token", 0o600, "t").display().to_string();
    let lister = |line: &str| {
        let config = Some(folder.write("config.toml", 0o600, format!("[profiles.a]\n{line}")));
        super::connect(&Inputs { config, ..Inputs::default() }).map_err(|why| why.0)
    };
    let source = format!("token_file = \"{token}\"");
    let hosted = lister(&format!("supabase = {{ {source} }}")).unwrap();
    assert!(matches!(hosted.lister, Some(Lister::Hosted(_))) && hosted.unchosen && hosted.connection.doors.is_empty());
    let plane = lister(&format!("control_plane = {{ url = \"https://cp.io\", {source} }}")).unwrap();
    assert!(matches!(plane.lister, Some(Lister::Platform(_))) && plane.unchosen);
    let named = lister(&format!("control_plane = {{ url = \"https://cp.io\", ref = \"abc\", {source} }}")).unwrap();
    assert!(named.lister.is_some() && !named.unchosen && !named.listed);
    assert!(lister("studio = { url = \"http://localhost:1\" }").unwrap().lister.is_none());
    let missing = lister("supabase = { token_env = \"BASEDECK_TEST_NONE\" }").unwrap_err();
    assert!(missing.starts_with("the access token for api.supabase.com is missing"), "{missing}");
}

#[test]
fn of_profiles_with_one_credential_at_one_platform_one_asks_for_all() {
    let folder = Folder::new();
    let plane = |name: &str, more: &str, keys: &str| {
        format!("[profiles.{name}]\n{more}control_plane = {{ url = \"https://cp.io\", {keys} }}\n")
    };
    let fleet = |profiles: &[String]| {
        let path = folder.write("config.toml", 0o600, profiles.concat());
        let all = super::fleet::profiles(&super::setup::configuration(Some(&path)).unwrap());
        let facts = |profile: super::fleet::Profile| (profile.lists, profile.unchosen, profile.list_command);
        all.into_iter().map(facts).collect::<Vec<_>>()
    };
    let token = "token_env = \"T\"";
    let (a, b) = (format!("ref = \"a\", {token}"), format!("ref = \"b\", {token}"));
    let (asks, spared) = ((true, false, false), (false, false, false));
    assert_eq!(fleet(&[plane("a", "", &a), plane("b", "", &b)]), [asks, spared]);
    assert_eq!(fleet(&[plane("a", "", &a), plane("b", "protected = true\n", &b)]), [spared, asks], "the guarded one");
    assert_eq!(
        fleet(&[plane("a", "", &a), plane("z", "", token)]),
        [spared, (true, true, false)],
        "the one that only lists"
    );
    assert_eq!(fleet(&[plane("a", "", &a), plane("b", "", "ref = \"b\", token_env = \"U\"")]), [asks, asks]);
    let own = |name: &str| plane(name, "", &format!("ref = \"{name}\", auth_url = \"https://cp.io/auth/v1\""));
    assert_eq!(fleet(&[own("a"), own("b")]), [asks, asks], "each signs in as itself");
    assert_eq!(fleet(&[plane("a", "", "ref = \"a\", token_command = \"c\"")]), [(true, false, true)]);
    assert_eq!(
        fleet(&["[profiles.a]\nproject = { url = \"https://x.io\", service_key_env = \"K\" }".into()]),
        [spared]
    );
}
