//! Each way from nothing to a profile, walked by a shell line by line as README tells it, against a server of its kind.

use std::path::Path;
use std::{env, fs};

use super::Place;
use super::served::Served;

/// The titles of README's walks and the lines of their shell blocks.
fn told(readme: &str) -> Vec<(&str, Vec<&str>)> {
    let (_, section) = readme.split_once("\n## From nothing to a profile\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let walk = |part| {
        let (title, text) = str::split_once(part, '\n').unwrap();
        let blocks = text.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
        (title, blocks.flat_map(str::lines).collect())
    };
    section.split("\n### ").skip(1).map(walk).collect()
}

#[test]
fn every_way_of_the_readme_leads_to_a_profile() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let servers = [
        ("Powabase cloud, by signing in", &["--sign-in", "--totp", "--wide"][..]),
        ("A control plane, with a token", &[]),
        ("A self-hosted stack", &["--studio", "--studio-user", "supabase"]),
        ("Hosted by Supabase", &["--management"]),
        ("A local development stack", &[]),
    ];
    let walks = told(&readme);
    assert_eq!(walks.iter().map(|(title, _)| *title).collect::<Vec<_>>(), servers.map(|(title, _)| title));
    for ((title, lines), (_, flags)) in walks.into_iter().zip(servers) {
        assert!(lines.len() >= 3, "{title}");
        walk(&Served::start(&[flags, &["--users", "3"]].concat()), flags, &lines);
    }
}

fn walk(served: &Served, flags: &[&str], lines: &[&str]) {
    let place = Place::new();
    let key = served.secret("demo.service-key");
    let has = |flag| flags.contains(&flag);
    place.write(".secrets/home.key", &key);
    place.write(".secrets/acme.token", if has("--studio") { String::new() } else { served.secret("demo.token") });
    // What the local command line tool prints.
    place.write("bin/supabase", format!("echo 'ANON_KEY=\"x\"'; echo 'SERVICE_ROLE_KEY=\"{key}\"'\n"));
    let program = Path::new(env!("CARGO_BIN_EXE_basedeck")).parent().unwrap();
    let path = format!("{}:{}", program.display(), env::var("PATH").unwrap());
    let tool = format!("supabase() {{ sh {}; }}; ", place.path("bin/supabase").display());
    let (mut profile, mut lists) = ("", false);
    for line in lines {
        let mut here = (*line).to_owned();
        for address in
            ["https://app.powabase.ai", "https://plane.acme.io", "http://localhost:8000", "http://127.0.0.1:54321"]
        {
            here = here.replace(address, served.url());
        }
        here = here.replace("abcdefgh", "demo").replace("ops@acme.io", "ops@example.com");
        let words: Vec<_> = line.split(' ').collect();
        match words[..] {
            ["basedeck", "config", "init", name, ..] => {
                profile = name;
                lists =
                    [" --login ", " --supabase "].iter().any(|flag| line.contains(flag)) && !line.contains(" --ref ");
            }
            ["basedeck", "login", name] => {
                let (password, code) =
                    served.secret("demo.account").split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
                here = format!("echo '{password}' | basedeck login {name} --password-stdin --code {code}");
            }
            // The screen needs a terminal.
            ["basedeck", name] => {
                let chosen = if lists { " --ref demo" } else { "" };
                here = format!("basedeck {name} users list --jsonl{chosen}");
            }
            _ => {}
        }
        let mut shell = std::process::Command::new("sh");
        shell.args(["-euc", &(tool.clone() + &here)]).env_clear().current_dir(place.path(""));
        shell.env("PATH", &path).env("HOME", place.path(""));
        for (name, file, is) in [
            ("SUPABASE_ACCESS_TOKEN", "demo.access-token", has("--management")),
            ("DASHBOARD_PASSWORD", "demo.studio-password", has("--studio")),
        ] {
            if is {
                shell.env(name, served.secret(file));
            }
        }
        let told = super::Told::from(shell.output().unwrap());
        told.ends(0, &[]);
        match words[..] {
            ["basedeck", "config", "init", ..] if has("--management") => {
                let file = place.path(".config/basedeck/config.toml");
                let own = format!("supabase = {{ api_url = \"{}\",", served.url());
                fs::write(&file, fs::read_to_string(&file).unwrap().replace("supabase = {", &own)).unwrap();
            }
            ["basedeck", "doctor", name] => {
                assert_eq!(name, profile);
                let projects = |line: &str| line.contains(" projects  ") && line.contains("demo, demo-two");
                let answers = |line: &str| line.contains(" answers  8 buckets");
                assert!(
                    told.out.lines().any(|line| if lists { projects(line) } else { answers(line) }),
                    "{}",
                    told.out
                );
            }
            ["basedeck", name] => {
                assert_eq!((name, told.out.lines().count()), (profile, 3));
                profile = "";
            }
            _ => {}
        }
    }
    assert_eq!(profile, "", "each profile is opened in the end");
}
