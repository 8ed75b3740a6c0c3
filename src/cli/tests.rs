//! What the command line is read as.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use super::{Cli, Command, DoorName, Exists, Users};

fn parse(line: &str) -> Cli {
    Cli::try_parse_from(line.split_whitespace()).unwrap_or_else(|error| panic!("{line}: {error}"))
}

fn refused(line: &str) -> ErrorKind {
    Cli::try_parse_from(line.split_whitespace()).expect_err(line).kind()
}

#[test]
fn the_description_holds_together() {
    Cli::command().debug_assert();
}

#[test]
fn connection_flags_stand_before_or_after_the_command() {
    let before = parse("basedeck --url https://x.io --ref r --door control-plane --interval 9 users list --jsonl");
    let after = parse("basedeck users list --jsonl --url https://x.io --ref r --door control-plane --interval 9");
    assert_eq!(before, after);
    assert_eq!(before.connection.url.as_deref(), Some("https://x.io"));
    assert_eq!(before.connection.reference.as_deref(), Some("r"));
    assert_eq!(before.connection.door, Some(DoorName::ControlPlane));
    assert_eq!(before.connection.interval, Some(9));
    let Some(Command::Users(Users::List(list))) = before.command else { panic!("no list") };
    assert!(list.form.jsonl && !list.form.json);
}

#[test]
fn upload_takes_many_files_and_the_target_last() {
    let Some(Command::Upload(upload)) = parse("basedeck upload a.png dir/b.png images/2026 --exists skip").command
    else {
        panic!("no upload")
    };
    assert_eq!(upload.files, [PathBuf::from("a.png"), PathBuf::from("dir/b.png")]);
    assert_eq!((upload.target.as_str(), upload.exists, upload.keep_folders), ("images/2026", Exists::Skip, false));
    assert_eq!(upload.parallel, 8);
    assert_eq!(refused("basedeck upload a b --parallel 17"), ErrorKind::ValueValidation);
    assert_eq!(refused("basedeck upload only-one"), ErrorKind::MissingRequiredArgument);
    assert_eq!(refused("basedeck upload a b --exists overwrite"), ErrorKind::InvalidValue);
}

#[test]
fn what_contradicts_itself_is_refused() {
    assert_eq!(refused("basedeck --token-stdin --token-file f"), ErrorKind::ArgumentConflict);
    assert_eq!(refused("basedeck users list --json --jsonl"), ErrorKind::ArgumentConflict);
    assert_eq!(refused("basedeck --interval 0"), ErrorKind::ValueValidation);
    assert_eq!(refused("basedeck --door console"), ErrorKind::InvalidValue);
}

#[test]
fn a_secret_is_never_a_flags_value() {
    for flag in ["--token", "--service-key", "--password", "--apikey"] {
        assert_eq!(refused(&format!("basedeck {flag} x")), ErrorKind::UnknownArgument, "{flag}");
    }
}

#[cfg(feature = "demo")]
mod demo {
    use super::*;

    #[test]
    fn the_demos_flags_need_the_demo_and_exclude_an_address() {
        let demo = parse("basedeck --demo --users 7 --life 0 --latency 150ms --fault-rate 0.5 --demo-seed 3").demo;
        assert!(demo.demo);
        assert_eq!((demo.users, demo.latency.as_str(), demo.demo_seed), (7, "150ms", 3));
        assert_eq!(refused("basedeck --users 7"), ErrorKind::MissingRequiredArgument);
        assert_eq!(refused("basedeck --demo --url https://x.io"), ErrorKind::ArgumentConflict);
        assert_eq!(refused("basedeck --demo --fault-rate 1.5"), ErrorKind::ValueValidation);
        assert_eq!(refused("basedeck --demo --life NaN"), ErrorKind::ValueValidation);
    }

    #[test]
    fn the_demo_server_has_files_of_its_own() {
        let line = "basedeck demo-server --port 0 --users 10 --body-limit 2GiB --token-file t --service-key-file k";
        let Some(Command::DemoServer(server)) = parse(line).command else { panic!("no demo server") };
        assert_eq!((server.port, server.users, server.body_limit.as_str()), (0, 10, "2GiB"));
        assert_eq!(server.token_file, PathBuf::from("t"));
        assert_eq!(server.service_key_file, PathBuf::from("k"));
        let Some(Command::DemoServer(plain)) = parse("basedeck demo-server").command else { panic!("no demo server") };
        assert_eq!(plain.token_file, PathBuf::from("demo.token"));
        assert!(!parse(line).connection.is_given() && !parse("basedeck demo-server").connection.is_given());
    }

    #[test]
    fn the_demo_servers_sign_in_and_projects_are_a_control_planes() {
        let line = "basedeck demo-server --sign-in --token-life 20s --totp --captcha --wide --management";
        let Some(Command::DemoServer(server)) = parse(line).command else { panic!("no demo server") };
        assert!(server.sign_in && server.totp && server.captcha && server.wide && server.management);
        assert_eq!((server.token_life.as_str(), server.account_file), ("20s", PathBuf::from("demo.account")));
        for flag in ["--sign-in", "--wide", "--management"] {
            assert_eq!(
                refused(&format!("basedeck demo-server --studio {flag}")),
                ErrorKind::ArgumentConflict,
                "{flag}"
            );
        }
        for flag in ["--totp", "--captcha", "--token-life 20s", "--account-file f", "--access-token-file f"] {
            let line = format!("basedeck demo-server {flag}");
            assert_eq!(refused(&line), ErrorKind::MissingRequiredArgument, "{flag}");
        }
    }

    #[test]
    fn the_demo_server_connects_to_nothing() {
        let help = Cli::try_parse_from(["basedeck", "demo-server", "--help"]).unwrap_err().to_string();
        for flag in ["--port", "--token-file", "--service-key-file", "--help"] {
            assert!(help.contains(flag), "{flag}: {help}");
        }
        for flag in ["--url", "--read-only", "--ca-file", "--interval", "--log", "Connection:"] {
            assert!(!help.contains(flag), "{flag}: {help}");
        }
        for line in ["basedeck demo-server --url https://x.io", "basedeck --read-only demo-server"] {
            assert!(parse(line).connection.is_given(), "{line}");
        }
    }
}

#[test]
fn a_place_stands_behind_a_profiles_name() {
    for (line, profile, place) in [
        ("basedeck acme", Some("acme"), None),
        ("basedeck acme/", Some("acme"), Some("")),
        ("basedeck acme/buckets/avatars/2026/a%20b", Some("acme"), Some("buckets/avatars/2026/a%20b")),
        ("basedeck --profile acme/users/7", Some("acme"), Some("users/7")),
        ("basedeck --profile acme", Some("acme"), None),
        ("basedeck doctor acme", Some("acme"), None),
        ("basedeck acme whoami", Some("acme"), None),
        ("basedeck", None, None),
    ] {
        let cli = parse(line).placed().unwrap();
        assert_eq!((cli.connection.profile.as_deref(), cli.place.as_deref()), (profile, place), "{line}");
    }
}

#[test]
fn two_profiles_are_never_given_at_once() {
    for line in ["basedeck acme login beta", "basedeck acme doctor beta", "basedeck --profile acme doctor beta"] {
        assert_eq!(
            parse(line).placed().unwrap_err(),
            "acme and beta are both given as the profile: give one",
            "{line}"
        );
    }
}

#[test]
fn an_empty_name_is_no_name() {
    for command in ["users get", "users create", "buckets get"] {
        let words = ["basedeck"].into_iter().chain(command.split(' ')).chain([""]);
        assert_eq!(Cli::try_parse_from(words).unwrap_err().kind(), ErrorKind::InvalidValue, "{command}");
    }
}
