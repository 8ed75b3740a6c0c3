//! Read-only holds for each command: every leaf of the command line has its row here, and the rows together make every
//! change that the table of routes knows.

use std::collections::BTreeSet;

use basedeck::api::route::Route;
use basedeck::cli::Cli;
use clap::CommandFactory;
use strum::VariantArray;

use super::served::Served;

/// A command as it is given, and the changing requests that it makes; `None` where it has no project.
const COMMANDS: &[(&str, Option<&[Route]>)] = &[
    ("users list", Some(&[])),
    ("users get 00000000-0000-4000-8000-000000000000", Some(&[])),
    ("users create new@example.com", Some(&[Route::UserCreate])),
    ("buckets list", Some(&[])),
    ("buckets get docs", Some(&[])),
    ("upload a.txt archive", Some(&[Route::ObjectUpload])),
    ("config path", None),
    ("config check", None),
    ("config init", None),
    ("config keys", None),
    ("doctor", None),
    ("login", None),
    ("logout", None),
    ("whoami", None),
    ("demo-server", None),
];

/// The names of all commands that have none below them, as words behind the program's.
fn leaves(command: &clap::Command, before: &str) -> Vec<String> {
    let mut found = Vec::new();
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let name = format!("{before}{}", sub.get_name());
        let below = leaves(sub, &format!("{name} "));
        if below.is_empty() {
            found.push(name);
        } else {
            found.extend(below);
        }
    }
    found
}

#[test]
fn every_command_is_looked_at() {
    for leaf in leaves(&Cli::command(), "") {
        let known = COMMANDS.iter().any(|(given, _)| *given == leaf || given.starts_with(&format!("{leaf} ")));
        assert!(known, "{leaf} has no row: say which changes it makes");
    }
    let made: BTreeSet<Route> = COMMANDS.iter().filter_map(|(_, routes)| *routes).flatten().copied().collect();
    let changes = Route::VARIANTS.iter().filter(|route| route.spec().mutates).copied().collect();
    assert_eq!(made, changes, "each change is made by some command");
}

#[test]
fn every_change_is_refused_and_every_read_is_not() {
    let served = Served::start(&["--users", "20"]);
    served.write("a.txt", "a");
    let counts = || ["users list", "buckets list"].map(|list| served.gateway_run(list, &[]).out);
    let before = counts();
    for (command, routes) in COMMANDS {
        let Some(routes) = routes else { continue };
        let told = served.gateway_run(command, &["--read-only"]);
        if routes.is_empty() {
            assert_ne!(told.code, Some(3), "{command}: {}", told.err);
        } else {
            told.ends(3, &["read-only"]);
        }
    }
    assert_eq!(counts(), before);
}
