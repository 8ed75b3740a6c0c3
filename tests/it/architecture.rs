//! Who may import whom: downward only, no circles, no sibling features; small files; I/O in its own rooms.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each module with those of ours it may import, and the outside crates it may name.
const TABLE: &[(&str, &str, &str)] = &[
    ("text", "", "unicode_width unicode_segmentation jiff serde_json url"),
    ("secret", "", "secrecy"),
    ("config", "text secret", "toml serde directories url"),
    (
        "api",
        "text secret",
        "reqwest hyper_util rustls rustls_platform_verifier serde serde_json tokio tokio_util futures_util url percent_encoding \
         mime_guess base64 uuid jiff bytes strum rand_chacha",
    ),
    (
        "work",
        "api text secret",
        "memchr md5 miniz_oxide jiff serde_json uuid tokio tokio_util futures_util bytes mime_guess strum rand_chacha",
    ),
    ("local", "api config text secret", "tokio rustix tempfile base64 getrandom jiff serde_json url futures_util"),
    (
        "app",
        "work api text secret",
        "tui_input serde_json jiff uuid nucleo_matcher strum rand_chacha ratatui unicode_segmentation",
    ),
    ("ui", "app work api text", "ratatui unicode_width unicode_segmentation jiff serde_json"),
    ("cli", "", "clap"),
    ("headless", "work local api config cli text secret", "tokio tokio_util serde_json jiff futures_util strum url"),
    (
        "runtime",
        "ui app work local api config text secret",
        "tokio tokio_util crossterm ratatui rustix futures_util jiff getrandom strum directories mime_guess bytes base64 \
         memchr",
    ),
    (
        "demo",
        "",
        "axum tokio tokio_util futures_util bytes serde serde_json jiff uuid base64 md5 percent_encoding rand_chacha \
         tempfile getrandom",
    ),
];

/// What any module may name.
const ANYWHERE: &[&str] = &["std", "core", "alloc", "self", "super", "crate", "thiserror"];

/// Of `api`, what is pure: all that `app` may import.
const PURE_API: &[&str] = &["model", "error", "route", "offers", "meta", "credential", "detect", "key"];

/// Of `work`, what is pure.
const PURE_WORK: &[&str] = &["plan", "outcome", "password", "progress", "query", "walk"];

/// Features of `app` and `ui`, which never import each other.
const FEATURES: &[&str] = &["users", "buckets", "objects", "jobs", "activity", "session", "projects"];

/// Files that may be longer than 500 code lines, and why.
const LONG: &[(&str, &str)] = &[];

fn has(words: &str, word: &str) -> bool {
    words.split_whitespace().any(|other| other == word)
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path);
        }
    }
}

/// The code of a file without comments, strings' insides kept, and without its test module.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    lines.join("\n")
}

fn sources() -> Vec<(String, String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&src, &mut found);
    found.sort();
    found
        .into_iter()
        .filter(|path| !path.ends_with("tests.rs"))
        .map(|path| {
            let name = path.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
            let module = name.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
            (name, module, code(&path))
        })
        .collect()
}

/// Every path that begins with `crate::`, brace groups spread out.
fn crate_paths(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let head: String = rest.chars().take_while(|c| c.is_alphanumeric() || "_:".contains(*c)).collect();
        if let Some(group) = rest[head.len()..].strip_prefix('{') {
            for part in group.split('}').next().unwrap_or_default().split(',') {
                paths.push(format!("{head}{}", part.trim()));
            }
        } else {
            paths.push(head);
        }
    }
    paths
}

#[test]
fn modules_import_only_downward() {
    let mut faults = Vec::new();
    for (name, module, code) in sources() {
        let Some((_, ours, crates)) = TABLE.iter().find(|(row, _, _)| *row == module) else {
            assert!(["main", "lib"].contains(&module.as_str()), "{name}: no row in the table");
            continue;
        };
        for path in crate_paths(&code) {
            let mut parts = path.split("::");
            let (first, second) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            if first != module && !has(ours, first) {
                faults.push(format!("{name} imports {first}"));
            }
            let pure = match first {
                "api" => PURE_API,
                "work" => PURE_WORK,
                _ => continue,
            };
            if ["app", "ui"].contains(&module.as_str()) && !second.is_empty() && !pure.contains(&second) {
                faults.push(format!("{name} imports {first}::{second}, which does I/O"));
            }
        }
        for line in code.lines().map(str::trim).filter_map(|line| line.strip_prefix("use ")) {
            let root = line.split([':', ';', ' ']).next().unwrap_or_default();
            // A name of ours, declared or imported elsewhere in the file.
            let named = |part: &str| {
                let part = part.trim_start();
                part.starts_with("use ")
                    && part.split(|c: char| !c.is_alphanumeric() && c != '_').skip(2).any(|w| w == root)
            };
            let inner = code.contains(&format!("mod {root};"))
                || root.chars().next().is_some_and(char::is_uppercase)
                || code.split(';').any(named);
            if !ANYWHERE.contains(&root) && !has(crates, root) && !inner {
                faults.push(format!("{name} uses the crate {root}"));
            }
            if module == "app" && root == "ratatui" && !line.starts_with("ratatui::layout") {
                faults.push(format!("{name} uses more of ratatui than its layout"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn features_do_not_import_each_other() {
    let mut faults = Vec::new();
    for (name, module, code) in sources() {
        let mut parts = name.split('/').skip(1);
        let feature = parts.next().unwrap_or_default().trim_end_matches(".rs");
        if !FEATURES.contains(&feature) || !["app", "ui"].contains(&module.as_str()) {
            continue;
        }
        for path in crate_paths(&code) {
            let sibling = path.strip_prefix(&format!("{module}::")).and_then(|rest| rest.split("::").next());
            if sibling.is_some_and(|sibling| FEATURES.contains(&sibling) && sibling != feature) {
                faults.push(format!("{name} imports its sibling {path}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn below<'a>(module: &'a str, edges: &BTreeMap<&'a str, &'a str>, seen: &mut BTreeSet<&'a str>) {
    for next in edges.get(module).copied().unwrap_or_default().split_whitespace() {
        if seen.insert(next) {
            below(next, edges, seen);
        }
    }
}

#[test]
fn the_table_has_no_circle() {
    let edges: BTreeMap<&str, &str> = TABLE.iter().map(|(module, ours, _)| (*module, *ours)).collect();
    for &module in edges.keys() {
        let mut seen = BTreeSet::new();
        below(module, &edges, &mut seen);
        assert!(!seen.contains(module), "{module} is above itself");
    }
}

#[test]
fn files_can_be_read_in_one_sitting() {
    let long: Vec<String> = sources()
        .into_iter()
        .filter(|(name, _, code)| {
            let lines = code.lines().filter(|line| !line.trim().is_empty()).count();
            lines > 500 && !LONG.iter().any(|(file, _)| file == name)
        })
        .map(|(name, ..)| name)
        .collect();
    assert!(long.is_empty(), "over 500 code lines: {}", long.join(", "));
}

#[test]
fn io_and_clocks_stay_in_their_rooms() {
    const FILES: &[&str] = &["std::fs", "tokio::fs", "std::env", "std::process"];
    const TIME: &[&str] = &["Instant::now", "SystemTime::now", "Timestamp::now", "tokio::spawn", "spawn_blocking"];
    const IO_WORK: &[&str] = &["work/engine", "work/worker", "work/verify", "work/files", "work/journal"];
    let mut faults = Vec::new();
    for (name, module, code) in sources() {
        let room = ["main", "local", "runtime", "headless", "demo"].contains(&module.as_str())
            || IO_WORK.iter().any(|file| name.starts_with(file));
        for word in FILES.iter().filter(|_| !room).chain(TIME.iter().filter(|_| !room && module != "api")) {
            if code.contains(word) {
                faults.push(format!("{name} names {word}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
