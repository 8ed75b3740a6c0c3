//! `basedeck doctor`: looks at this machine, the configuration and each profile's servers, and says line by line what
//! is in order, what is worth knowing and what stands in the way. No credential is told, and nothing is changed.

mod profile;

use std::path::Path;

use futures_util::{StreamExt, stream};
use serde_json::json;

use super::print::{Results, refuse};
use super::{DONE, PARTLY, USAGE, inputs};
use crate::cli::{self, Doctor};
use crate::config::resolve::Flags;
use crate::config::{Config, paths};
use crate::local::log::Log;
use crate::local::machine::{self, Colours, Terminal};
use crate::local::{Inputs, secrets, setup};
use crate::text::clean;
use crate::text::width::{self, Align};

/// How many profiles are looked at a time.
const TOGETHER: usize = 4;
/// The widest names of findings that are kept below each other, in columns.
const NAMES: usize = 22;
/// No finding is broken into shorter lines.
const LEAST: usize = 12;
/// The smallest screen that shows everything.
const SMALLEST: (u16, u16) = (80, 24);

/// How a finding is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// In order.
    Ok,
    /// Worth knowing.
    Note,
    /// In the way.
    Bad,
}

impl Mark {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Bad => "bad",
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    mark: Mark,
    /// The profile it is about.
    profile: Option<String>,
    what: String,
    finding: String,
}

impl Line {
    fn new(mark: Mark, what: impl Into<String>, finding: impl Into<String>) -> Self {
        Self { mark, profile: None, what: what.into(), finding: finding.into() }
    }

    /// All of it on one line: cleaned, for much of it comes from outside.
    fn text(&self) -> String {
        let what = match &self.profile {
            Some(profile) => format!("{profile} {}", self.what),
            None => self.what.clone(),
        };
        clean::line(&format!("{:<4}  {what}  {}", self.mark.word(), self.finding)).into_owned()
    }

    fn json(&self) -> String {
        let clean = |text: &str| clean::line(text).into_owned();
        json!({
            "mark": self.mark.word(),
            "profile": self.profile.as_deref().map(clean),
            "what": clean(&self.what),
            "finding": clean(&self.finding),
        })
        .to_string()
    }
}

/// The findings as a person reads them in so many columns: below each other, each profile's below its name.
fn page(lines: &[Line], columns: usize) -> String {
    let names = lines.iter().map(|line| width::width(&clean::line(&line.what))).max().unwrap_or_default().min(NAMES);
    let mut text = String::new();
    let mut profile = None;
    for line in lines {
        if line.profile != profile {
            profile.clone_from(&line.profile);
            text.extend(["\n", &clean::line(profile.as_deref().unwrap_or_default()), "\n"]);
        }
        let what = width::pad(&clean::line(&line.what), names, Align::Left);
        let mut head = format!("{:<4}  {what}  ", line.mark.word());
        let blank = " ".repeat(width::width(&head));
        for part in width::wrap(&clean::line(&line.finding), columns.saturating_sub(blank.len()).max(LEAST)) {
            text.extend([head.as_str(), &part, "\n"]);
            head.clone_from(&blank);
        }
    }
    text
}

/// Runs the command; the exit code. `faults` tells what is wrong with the screen's keys, which are not known here.
pub async fn run(how: &Doctor, flags: &cli::Connection, faults: &dyn Fn(&Config) -> Vec<String>, log: &Log) -> u8 {
    let inputs = inputs(flags);
    let found = machine::terminal();
    let columns = found.size.map_or(usize::from(SMALLEST.0), |(columns, _)| columns.into());
    let mut lines = terminal(&found);
    lines.push(match machine::state_folder() {
        Ok(folder) => Line::new(Mark::Ok, "state", folder),
        Err(why) => Line::new(Mark::Bad, "state", format!("{why}: places and sessions are not remembered")),
    });
    let proxies = machine::proxies();
    if !proxies.is_empty() {
        let said = format!("{} is used, but for servers on this machine", proxies.join(", "));
        lines.push(Line::new(Mark::Note, "proxy", said));
    }
    let (config, targets) = match targets(&inputs, &mut lines) {
        Ok(found) => found,
        Err(why) => return refuse(&why, USAGE),
    };
    lines.extend(faults(&config).into_iter().map(|fault| Line::new(Mark::Bad, "config", fault)));
    let looks = targets.into_iter().map(|(name, inputs)| {
        let (run_commands, config) = (how.run_commands, &config);
        async move {
            let mut lines = profile::look(&inputs, config, run_commands, log).await;
            for line in &mut lines {
                line.profile.clone_from(&name);
            }
            lines
        }
    });
    // Commands may ask for something on the terminal: one after the other.
    let together = if how.run_commands { 1 } else { TOGETHER };
    let found: Vec<Vec<Line>> = stream::iter(looks).buffered(together).collect().await;
    lines.extend(found.into_iter().flatten());
    let bad = lines.iter().any(|line| line.mark == Mark::Bad);
    let mut out = Results::new();
    let written = if how.json {
        let rows: Vec<String> = lines.iter().map(Line::json).collect();
        out.array(rows.iter().map(String::as_str))
    } else if out.is_terminal() {
        out.plain(&page(&lines, columns))
    } else {
        lines.iter().try_for_each(|line| out.plain(&format!("{}\n", line.text())))
    };
    let ended = written.and_then(|()| out.flush()).map_or_else(|error| super::unwritten(&error), |()| DONE);
    if bad { PARTLY } else { ended }
}

/// What is to be looked at: the address of the flags, the named profile, or all of them.
type Targets = Vec<(Option<String>, Inputs)>;

/// The configuration and the targets; what is to be said of the configuration joins the lines.
fn targets(inputs: &Inputs, lines: &mut Vec<Line>) -> Result<(Config, Targets), String> {
    let path = inputs.config.clone().or_else(paths::config_file);
    let config = match setup::configuration(inputs.config.as_deref()) {
        Ok(config) => config,
        Err(why) => {
            if inputs.flags.profile.is_some() {
                return Err(why.0);
            }
            lines.push(Line::new(Mark::Bad, "config", why.0));
            return Ok((Config::default(), by_flags(inputs)));
        }
    };
    lines.extend(path.as_deref().map(|path| file(path, config.profiles.len())));
    for warning in &config.warnings {
        lines.push(Line::new(Mark::Note, "config", warning.clone()));
    }
    let by_flags = by_flags(inputs);
    if !by_flags.is_empty() && inputs.flags.profile.is_none() {
        return Ok((config, by_flags));
    }
    let one = |name: &str| {
        let flags = Flags { profile: Some(name.to_owned()), ..inputs.flags.clone() };
        (Some(name.to_owned()), Inputs { flags, ..inputs.clone() })
    };
    match &inputs.flags.profile {
        Some(name) if !config.profiles.contains_key(name) => {
            let names: Vec<&str> = config.profiles.keys().map(String::as_str).collect();
            let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            Err(format!("there is no profile {name}; there is: {there}"))
        }
        Some(name) => {
            let only = vec![one(name)];
            Ok((config, only))
        }
        None => {
            let all = config.profiles.keys().map(|name| one(name)).collect();
            Ok((config, all))
        }
    }
}

/// The target of the flags or the environment, where they name an address.
fn by_flags(inputs: &Inputs) -> Vec<(Option<String>, Inputs)> {
    let flags = &inputs.flags;
    let given = flags.url.is_some() || flags.project_url.is_some() || flags.supabase_ref.is_some();
    let set = machine::is_set("BASEDECK_URL") || machine::is_set("BASEDECK_PROJECT_URL");
    if given || (set && flags.profile.is_none()) { vec![(None, inputs.clone())] } else { Vec::new() }
}

fn file(path: &Path, profiles: usize) -> Line {
    let place = path.display();
    match machine::others_may_read(path) {
        None => Line::new(Mark::Note, "config", format!("{place} is not there: `basedeck config init` makes it")),
        Some(true) => {
            let said = format!("{place} can be read by others: run chmod 600 {}", secrets::quoted(path));
            Line::new(Mark::Note, "config", said)
        }
        Some(false) => {
            let said = if profiles == 1 { "1 profile".to_owned() } else { format!("{profiles} profiles") };
            Line::new(Mark::Ok, "config", format!("{place}, {said}"))
        }
    }
}

fn terminal(found: &Terminal) -> Vec<Line> {
    let Terminal { term, size, colours, utf8, through, clipboard } = found;
    let term = term.as_deref().unwrap_or("no TERM");
    let mut lines = Vec::new();
    let (least_columns, least_rows) = SMALLEST;
    lines.push(match size {
        None => Line::new(Mark::Note, "terminal", format!("{term}, and none is attached: the screen needs one")),
        Some((columns, rows)) if *columns < least_columns || *rows < least_rows => {
            let said = format!("{term}, {columns}x{rows}: {least_columns}x{least_rows} shows everything");
            Line::new(Mark::Note, "terminal", said)
        }
        Some((columns, rows)) => Line::new(Mark::Ok, "terminal", format!("{term}, {columns}x{rows}")),
    });
    lines.push(match colours {
        Colours::True => Line::new(Mark::Ok, "colours", "all of them"),
        Colours::Many => Line::new(Mark::Ok, "colours", "256"),
        Colours::Few => Line::new(Mark::Note, "colours", "16: COLORTERM=truecolor tells where there are more"),
        Colours::Off => Line::new(Mark::Note, "colours", "off, by NO_COLOR"),
    });
    lines.push(if *utf8 {
        Line::new(Mark::Ok, "locale", "UTF-8")
    } else {
        Line::new(Mark::Note, "locale", "not UTF-8: names may look broken; set LANG, such as C.UTF-8")
    });
    if !through.is_empty() {
        lines.push(Line::new(Mark::Note, "inside", through.join(", ")));
    }
    lines.push(if *clipboard {
        Line::new(Mark::Ok, "clipboard", "the terminal probably takes what is copied (OSC 52)")
    } else {
        Line::new(Mark::Note, "clipboard", "the terminal may not take what is copied (OSC 52)")
    });
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_steers_the_terminal() {
        let line = Line { profile: Some("a".into()), ..Line::new(Mark::Bad, "what", "said \u{1b}[31m\nmore") };
        assert!(line.text().starts_with("bad   a what  said ") && !line.text().contains(['\u{1b}', '\n']));
        assert!(!line.json().contains("\\u001b"), "{}", line.json());
    }

    #[test]
    fn on_a_terminal_findings_stand_below_each_other() {
        let of = |profile: &str, what: &str, finding: &str| Line {
            profile: Some(profile.into()),
            ..Line::new(Mark::Ok, what, finding)
        };
        let lines = [
            Line::new(Mark::Note, "locale", "not UTF-8"),
            of("a", "studio server", "a self-hosted stack: no control plane; the ref is not checked"),
            of("a", "clock", "as that of \u{1b}[2J"),
            of("b", "clock", "as that of x"),
        ];
        let told = page(&lines, 50);
        let expected = "\
note  locale         not UTF-8

a
ok    studio server  a self-hosted stack: no
                     control plane; the ref is not
                     checked
ok    clock          as that of ␛[2J

b
ok    clock          as that of x
";
        assert_eq!(told, expected);
    }

    #[test]
    fn a_small_and_a_missing_terminal_are_notes() {
        let found = Terminal {
            term: Some("xterm".into()),
            size: Some((79, 24)),
            colours: Colours::Few,
            utf8: false,
            through: vec!["tmux"],
            clipboard: false,
        };
        let lines = terminal(&found);
        assert!(lines.iter().all(|line| line.mark == Mark::Note), "{lines:?}");
        let large = terminal(&Terminal { size: Some((80, 24)), ..found.clone() });
        assert_eq!(large[0], Line::new(Mark::Ok, "terminal", "xterm, 80x24"));
        let none = terminal(&Terminal { size: None, ..found });
        assert!(none[0].finding.contains("none is attached"));
    }
}
