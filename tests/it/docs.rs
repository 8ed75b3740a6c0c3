//! README, picture and sample configuration say what the program does: what can be made from its tables is made from
//! them, the rest is checked. `UPDATE=1 cargo test --test it docs` writes the generated parts anew.

mod errors;
mod picture;

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use basedeck::api::route::Route;
use basedeck::app::op::keymap::{Keymap, Override};
use basedeck::app::op::{Op, Scope};
use basedeck::cli::Cli;
use basedeck::config::file::{COMMANDS, Origin, parse, quoted};
use basedeck::config::resolve::{Environment, Flags, resolve};
use basedeck::config::{Door, Source};
use basedeck::text::width;
use clap::CommandFactory;
use strum::VariantArray;

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(root(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn updates() -> bool {
    env::var_os("UPDATE").is_some_and(|value| value == "1")
}

const STALE: &str = "is not what the program says now: UPDATE=1 cargo test --test it docs writes it anew";

/// What stands in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('>', "&gt;")
}

/// Table 1: what each door offers.
fn doors() -> String {
    let path = |path: Option<&str>| path.map_or_else(|| "—".into(), |path| format!("`{path}`"));
    let mut table =
        String::from("| request | | control plane | project gateway | Studio | changes |\n|---|---|---|---|---|---|\n");
    for route in Route::VARIANTS.iter().filter(|route| route.is_a_doors()) {
        let spec = route.spec();
        let method = spec.method.name();
        let studio = spec.studio.map(|(own, path)| match own {
            own if own == spec.method => path.to_owned(),
            own => format!("{} {path}", own.name()),
        });
        let changes = if spec.mutates { "yes" } else { "" };
        let (plane, gateway) = (path(spec.control_plane), path(spec.gateway));
        let studio = path(studio.as_deref());
        writeln!(table, "| {} | {method} | {plane} | {gateway} | {studio} | {changes} |", spec.name).unwrap();
    }
    table
}

/// Table 2: the keys, scope by scope.
fn keys() -> String {
    let keymap = Keymap::default();
    let mut text = String::new();
    for scope in Scope::VARIANTS {
        let specs: Vec<_> = Op::all().map(Op::spec).filter(|spec| spec.scope == *scope).collect();
        if specs.is_empty() {
            continue;
        }
        writeln!(text, "#### {}\n\n| keys | what |\n|---|---|", scope.title()).unwrap();
        for spec in specs {
            let keys: Vec<_> = spec.keys.iter().map(|key| format!("`{key}`")).collect();
            writeln!(text, "| {} | {} |", keys.join(" "), cell(&keymap.say(spec.help))).unwrap();
        }
        text.push('\n');
    }
    text
}

/// What `#` lines of a file hold: no longer than one reads.
fn comment(text: &str) -> String {
    width::wrap(text, 116).iter().fold(String::new(), |all, line| all + "# " + line + "\n")
}

/// Table 2 as `[keys]` of a configuration, every line commented out.
fn keys_file() -> String {
    let keymap = Keymap::default();
    let mut text = String::from(
        "# The keys of basedeck's screen as they are. Put `[keys]` into config.toml and below it the lines to change.\n\
         # A key is a character, or a name (enter esc tab backtab backspace delete up down left right home end pageup\n\
         # pagedown space less minus f1 to f24), with `ctrl-` or `alt-` before it; several stand in a list; \"off\" is none.\n\
         # Made from the table of operations.\n\n#[keys]\n",
    );
    for scope in Scope::VARIANTS {
        let specs: Vec<_> = Op::all().map(Op::spec).filter(|spec| spec.scope == *scope).collect();
        if !specs.is_empty() {
            writeln!(text, "\n# {}", scope.title()).unwrap();
        }
        for spec in specs {
            let keys: Vec<_> = spec.keys.iter().map(|key| quoted(key)).collect();
            let keys = if let [key] = &keys[..] { key.clone() } else { format!("[{}]", keys.join(", ")) };
            let said = comment(&format!("{}: {}", spec.title, keymap.say(spec.help)));
            write!(text, "\n{said}#\"{}\" = {keys}\n", spec.name).unwrap();
        }
    }
    text
}

#[test]
fn the_file_of_default_keys_is_fresh_and_means_what_stands_without_it() {
    let (path, fresh) = ("assets/keys.toml", keys_file());
    if updates() {
        fs::write(root(path), &fresh).unwrap();
    }
    assert!(read(path) == fresh, "{path} {STALE}");
    assert!(read("README.md").contains(&format!("]({path})")), "README says where it is");
    let config = parse(&in_force(path), &Origin { file: path, folder: Path::new("/"), home: None }).unwrap();
    assert_eq!(config.keys.all.len(), Op::all().count());
    let overrides: Vec<_> = config
        .keys
        .all
        .into_iter()
        .map(|binding| Override { name: binding.name, place: binding.place, keys: binding.keys })
        .collect();
    assert_eq!(Keymap::with(&overrides), (Keymap::default(), Vec::new()));
}

/// The flags under one heading of `--help`.
fn flags(heading: &str) -> String {
    let command = Cli::command();
    let mut table = String::from("| flag | what |\n|---|---|\n");
    for arg in command.get_arguments().filter(|arg| arg.get_help_heading() == Some(heading)) {
        let value = arg.get_value_names().filter(|_| arg.get_action().takes_values());
        let value = value.map(|names| format!(" {}", names.join(" "))).unwrap_or_default();
        let help = arg.get_help().unwrap().to_string();
        let default = arg.get_default_values().first().and_then(|value| value.to_str());
        let default = default.filter(|_| arg.get_action().takes_values()).map(|value| format!(" [default: {value}]"));
        let name = arg.get_long().unwrap();
        writeln!(table, "| `--{name}{value}` | {}{} |", cell(&help), default.unwrap_or_default()).unwrap();
    }
    table
}

/// One part of what stands below the flags in `--help`.
fn help_part(title: &str) -> String {
    let help = Cli::command().get_after_help().unwrap().to_string();
    let (_, rest) = help.split_once(&format!("{title}:\n")).unwrap();
    let part = rest.split("\n\n").next().unwrap();
    let lines: Vec<_> = part.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
    format!("```text\n{}\n```\n", lines.join("\n"))
}

/// A file of settings that are commented out, with them put in force.
fn in_force(path: &str) -> String {
    let text = read(path);
    let lines = text.lines().map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// README with its generated parts made anew.
fn renewed(readme: &str) -> String {
    let mut text = String::new();
    let mut rest = readme;
    while let Some((before, after)) = rest.split_once("<!-- generated: ") {
        let (name, after) = after.split_once(" -->").unwrap();
        let (_, after) = after.split_once("<!-- end -->").unwrap_or_else(|| panic!("{name} has no end"));
        let part = match name {
            "doors" => doors(),
            "keys" => keys(),
            "connection flags" => flags("Connection"),
            "demo flags" => flags("Demo"),
            "environment" => help_part("Environment"),
            "exit codes" => help_part("Exit codes"),
            "config" => format!("```toml\n{}```\n", in_force("assets/config.toml")),
            name => panic!("nothing makes `{name}`"),
        };
        write!(text, "{before}<!-- generated: {name} -->\n\n{}\n\n<!-- end -->", part.trim_end()).unwrap();
        rest = after;
    }
    text + rest
}

#[test]
fn the_generated_parts_of_the_readme_are_fresh() {
    let readme = read("README.md");
    let fresh = renewed(&readme);
    if updates() {
        // Others read it meanwhile.
        if fresh != readme {
            fs::write(root("README.md"), &fresh).unwrap();
        }
        return;
    }
    let differs = fresh.lines().zip(readme.lines()).find(|(fresh, old)| fresh != old);
    assert!(fresh == readme, "README.md {STALE}\nfirst difference: {differs:?}");
    let parts = ["doors", "keys", "connection flags", "demo flags", "environment", "exit codes", "config"];
    for name in parts {
        assert_eq!(readme.matches(&format!("<!-- generated: {name} -->")).count(), 1, "{name}");
    }
}

#[test]
fn the_picture_shows_the_screen_of_today() {
    let path = "assets/users.svg";
    let fresh = picture::svg();
    if updates() {
        fs::write(root(path), &fresh).unwrap();
    }
    assert!(read(path) == fresh, "{path} {STALE}");
    assert!(read("README.md").contains(&format!("]({path})")), "README.md shows the picture");
}

/// The lines of all blocks of shell commands, in their order.
fn commands(readme: &str) -> Vec<&str> {
    let blocks = readme.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    blocks.flat_map(str::lines).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

#[test]
fn the_readme_begins_with_the_demo_and_the_tests() {
    let readme = read("README.md");
    assert!(commands(&readme).starts_with(&["cargo run --release -- --demo", "cargo test"]));
}

fn help(of: &[&str]) -> String {
    let out = Command::new(env!("CARGO_BIN_EXE_basedeck")).args(of).arg("--help").output().unwrap();
    assert!(out.status.success(), "{of:?} --help");
    String::from_utf8(out.stdout).unwrap()
}

/// Each `--name` in a text.
fn long_flags(text: &str) -> BTreeSet<&str> {
    text.match_indices("--")
        .map(|(at, _)| &text[at..])
        .filter_map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '-').unwrap_or(rest.len());
            Some(&rest[..end]).filter(|flag| flag.len() > 3 && !flag.starts_with("---"))
        })
        .collect()
}

#[test]
fn every_flag_of_the_readme_is_one_of_the_program() {
    let readme = read("README.md");
    let connecting = readme.split("\n## ").find(|part| part.starts_with("Connecting")).unwrap();
    let root = help(&[]);
    let missing: Vec<_> = long_flags(connecting).difference(&long_flags(&root)).copied().collect();
    assert!(missing.is_empty(), "--help names none of {missing:?}");

    let commands = [
        &["users", "list"][..],
        &["users", "create"],
        &["config", "init"],
        &["doctor"],
        &["upload"],
        &["users", "get"],
        &["login"],
        &["demo-server"],
    ];
    let all = commands.map(help).join("\n") + &root;
    let mut known = long_flags(&all);
    // Of cargo and the compiler, not of this program.
    known.extend(["--release", "--test", "--path", "--no-default-features"]);
    let missing: Vec<_> = long_flags(&readme).difference(&known).copied().collect();
    assert!(missing.is_empty(), "no help names any of {missing:?}");
}

#[test]
fn the_commands_of_the_readme_can_be_given() {
    let readme = read("README.md");
    let ours = commands(&readme).into_iter().filter(|line| line.starts_with("basedeck"));
    let mut count = 0;
    for line in ours {
        // What a shell would take for itself ends what the program is given.
        let words = line.split_whitespace().take_while(|word| !["|", ">", "#"].contains(word));
        if let Err(error) = <Cli as clap::Parser>::try_parse_from(words) {
            panic!("{line}: {error}");
        }
        count += 1;
    }
    assert!(count >= 5, "only {count} commands");
}

#[test]
fn the_example_configuration_is_taken_as_it_stands() {
    let readme = renewed(&read("README.md"));
    let (_, block) = readme.split_once("<!-- generated: config -->\n\n```toml\n").unwrap();
    let (text, _) = block.split_once("```").unwrap();
    let home = Path::new("/home/me");
    let origin = Origin { file: "config.toml", folder: Path::new("/etc"), home: Some(home) };
    let config = parse(text, &origin).unwrap();
    assert_eq!(config.warnings, [""; 0]);
    assert!(config.mouse);
    assert_eq!(config.keys.all.len(), 2);
    let plan = resolve(&Flags::default(), &Environment::default(), &config).unwrap();
    assert_eq!(plan.warnings, [""; 0]);
    assert_eq!((plan.name.as_str(), plan.color.as_deref(), plan.poll_seconds), ("acme-prod", Some("red"), 5));
    assert!(plan.protected && plan.read_only);
    assert_eq!(plan.ca_file, Some(home.join("acme-ca.pem")));
    let doors: Vec<_> = plan.doors.into_iter().map(|door| (door.door, door.base.to_string(), door.source)).collect();
    assert_eq!(
        doors,
        [
            (Door::ControlPlane, "https://app.powabase.ai/".into(), Some(Source::Env(vec!["ACME_TOKEN".into()]))),
            (
                Door::Gateway,
                "https://abcdefgh.p.powabase.ai/".into(),
                Some(Source::File(home.join(".secrets/acme.key")))
            ),
            (Door::Studio, "http://localhost:8000/".into(), Some(Source::Env(vec!["DASHBOARD_PASSWORD".into()]))),
        ]
    );
}

#[test]
fn the_map_names_every_module() {
    let lib = read("src/lib.rs");
    let modules: Vec<_> = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert!(modules.len() > 10);
    let readme = read("README.md");
    let doc: String = lib.lines().take_while(|line| line.starts_with("//!")).collect();
    for module in modules {
        assert!(readme.contains(&format!("| `{module}` |")), "README's map lacks {module}");
        assert!(doc.contains(&format!("[`{module}`]")), "the library's map lacks {module}");
    }
}

#[test]
fn what_the_readme_says_of_the_package_is_so() {
    let readme = read("README.md");
    let cargo = read("Cargo.toml");
    let of = |key: &str| {
        let line = cargo.lines().find_map(|line| line.strip_prefix(&format!("{key} = \""))).unwrap();
        line.trim_end_matches('"')
    };
    assert!(readme.contains(&format!("Rust {}", of("rust-version"))));
    assert!(readme.contains(of("license")));
}

#[test]
fn no_profile_can_bear_the_name_of_a_command() {
    for command in Cli::command().get_subcommands() {
        assert!(COMMANDS.contains(&command.get_name()), "{}", command.get_name());
    }
}
