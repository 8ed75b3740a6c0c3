//! `basedeck config`: where the configuration lies, what it comes to, a new profile in it, and the keys to be set there.
//! Only for a new profile a server is looked at.

mod init;

use super::print::{Results, refuse, say};
use super::{DONE, PARTLY, UNCHOSEN, USAGE, inputs, unwritten};
use crate::cli;
use crate::config::{Config, paths};
use crate::local::log::Log;
use crate::local::setup;
use crate::text::clean;

/// Every operation of the screen with its keys, as the configuration writes them; made from the table of operations.
const KEYS: &str = include_str!("../../assets/keys.toml");

/// Runs the command; the exit code. `faults` tells what is wrong with the screen's keys, which are not known here.
pub fn run(what: &cli::Config, flags: &cli::Connection, faults: &dyn Fn(&Config) -> Vec<String>, log: &Log) -> u8 {
    let Some(path) = flags.config.clone().or_else(paths::config_file) else {
        return refuse("this system names no home: give the file with --config", USAGE);
    };
    match what {
        cli::Config::Path => print(&format!("{}\n", path.display())),
        cli::Config::Check => check(flags, faults),
        cli::Config::Keys => print(KEYS),
        cli::Config::Init(how) => match init::add(how, flags, &path, log) {
            Ok(()) => DONE,
            Err(why) => refuse(&why.0, USAGE),
        },
    }
}

fn print(text: &str) -> u8 {
    let mut out = Results::new();
    out.plain(text).and_then(|()| out.flush()).map_or_else(|error| unwritten(&error), |()| DONE)
}

/// Each profile and its doors on stdout, what is missing on stderr.
fn check(flags: &cli::Connection, faults: &dyn Fn(&Config) -> Vec<String>) -> u8 {
    let config = match setup::configuration(flags.config.as_deref()) {
        Ok(config) => config,
        Err(why) => return refuse(&why.0, USAGE),
    };
    for warning in &config.warnings {
        say(warning);
    }
    if config.profiles.is_empty() {
        let config = setup::of_config(flags.config.as_deref());
        say(&format!("there are no profiles: `basedeck config init{config}` makes one"));
    }
    let mut code = DONE;
    for fault in faults(&config) {
        code = USAGE;
        say(&fault);
    }
    let mut text = String::new();
    for (name, profile) in &config.profiles {
        let asked = cli::Connection { profile: Some(name.clone()), ..cli::Connection::default() };
        for warning in &profile.warnings {
            say(warning);
        }
        match setup::review(&inputs(&asked).flags, &config) {
            Ok((plan, missing)) => {
                let doors: Vec<String> =
                    plan.doors.iter().map(|door| format!("{} {}", door.door.name(), door.base)).collect();
                let guard = match (plan.protected, plan.read_only) {
                    (true, _) => ", protected",
                    (false, true) => ", read-only",
                    (false, false) => "",
                };
                let doors = if plan.unchosen { UNCHOSEN.to_owned() } else { doors.join(", ") };
                text.push_str(&clean::line(&format!("{name}: {doors}{guard}")));
                text.push('\n');
                for what in missing.iter().flatten() {
                    code = code.max(PARTLY);
                    say(&format!("{name}: {what}"));
                }
            }
            Err(why) => {
                code = USAGE;
                say(&format!("{name}: {}", why.0));
            }
        }
    }
    code.max(print(&text))
}
