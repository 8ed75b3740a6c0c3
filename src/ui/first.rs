//! The first screen, where nothing is connected: the ways in.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{self, Run, run};
use super::theme::Theme;
use super::widget::modal::row;
use crate::app::op::Op;
use crate::app::op::keymap::Keymap;
use crate::app::{modal, projects};
use crate::text::clean;
use crate::text::width::{cut_middle, width, wrap};

/// The kinds of server: a name, what to type behind the program's name, and what it takes.
const WAYS: [(&str, &str, &str); 5] = [
    ("Powabase", "--url URL --ref REF --login EMAIL", "at https://app.powabase.ai; asks for the password and a code"),
    ("control plane", "--url URL --ref REF", "the platform token in BASEDECK_TOKEN or --token-file"),
    ("self-hosted", "--project-url URL", "the service key in BASEDECK_SERVICE_KEY or --service-key-file"),
    ("Supabase", "--supabase-ref REF", "hosted there; the access token in SUPABASE_ACCESS_TOKEN"),
    ("Studio", "config init --studio-user NAME", "makes a profile; without the flag, one for any of the others"),
];
/// The column of names.
const NAMES: u16 = 15;
/// The column of keys.
const KEYS: u16 = 3;
/// Below this width nothing is said that the names do not tell.
const NARROW: u16 = 60;

/// A line: where each part of it begins, and the part.
type Line = Vec<(u16, Run)>;

/// What is left out, and all above it with it, where there is no room.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Less {
    Nothing,
    /// The blank lines between the kinds of server.
    Between,
    /// What each kind takes.
    Said,
    /// The blank lines around what belongs together.
    Blanks,
    Heading,
    /// What the commands begin with.
    Start,
    /// What the key bar tells too, and the middle of a long path.
    Keys,
}

/// In the order in which they are tried.
const TRIED: [Less; 7] =
    [Less::Nothing, Less::Between, Less::Said, Less::Blanks, Less::Heading, Less::Start, Less::Keys];

/// Draws the ways in; `demo` says whether this program has the demo in it, `local` names files that may name a project.
pub fn draw(buffer: &mut Buffer, area: Rect, demo: bool, local: Option<&str>, keymap: &Keymap, theme: Theme) {
    let height = usize::from(area.height);
    let tried = TRIED.iter().map(|&less| lines(area.width, less, (demo, local), keymap, theme));
    let Some(lines) = tried.reduce(|lines, fewer| if lines.len() > height { fewer } else { lines }) else { return };
    for (at, line) in lines.iter().take(height).enumerate() {
        for (left, part) in line {
            text::left(buffer, row(area, at as u16, *left, 1), std::slice::from_ref(part));
        }
    }
}

fn lines(width: u16, less: Less, (demo, local): (bool, Option<&str>), keymap: &Keymap, theme: Theme) -> Vec<Line> {
    let blank = || (less < Less::Blanks).then(Line::new);
    let heading = vec![(1, run("Nothing is connected. The ways in:", theme.strong()))];
    let mut lines: Vec<Line> = blank().into_iter().collect();
    lines.extend((less < Less::Heading).then_some(heading).into_iter().chain(blank()));
    let key = |op: Op| run(keymap.key(op), theme.accent());
    let (here, profiles) = (Op::Modal(modal::Op::FirstLocal), Op::Projects(projects::Op::First));
    let demo = demo.then_some(Op::Modal(modal::Op::FirstDemo));
    let files = local.map(clean::line);
    let here = files.as_ref().map(|_| key(here));
    if width < NARROW {
        let said = files.unwrap_or_else(|| "local stack: start in its folder".into());
        lines.extend(entry(1, here, &said, (width, if less < Less::Keys { 2 } else { 1 }), theme));
        if less < Less::Keys {
            let mut keys = vec![(1, key(profiles)), (1 + KEYS, run("profiles", theme.dim()))];
            if let Some(demo) = demo {
                keys.extend([(1 + NAMES, key(demo)), (1 + NAMES + KEYS, run("demo", theme.dim()))]);
            }
            lines.push(keys);
        }
        lines.extend((less < Less::Start).then(|| vec![(1, run("or start basedeck with:", theme.dim()))]));
    } else {
        let said = files.map_or_else(
            || "start basedeck in a folder with .env or supabase/config.toml".to_owned(),
            |files| format!("reads {files}, and opens the project named there"),
        );
        let mut named = |name, key, said: &str| {
            let mut all = entry(1 + NAMES, key, said, (width, 3), theme);
            if let Some(first) = all.first_mut() {
                first.push((1, run(name, theme.strong())));
            }
            lines.extend(all);
        };
        named("local stack", here, &said);
        named("profiles", Some(key(profiles)), "those of config.toml");
        if let Some(demo) = demo {
            named("demo", Some(key(demo)), "a server of its own on this machine");
        }
    }
    lines.extend(blank());
    lines.extend(ways(width, less, theme));
    lines
}

/// A key at a column, and what it opens behind it in at most so many lines: a long path is cut in its middle.
fn entry(from: u16, key: Option<Run>, said: &str, (width, most): (u16, usize), theme: Theme) -> Vec<Line> {
    let left = from + KEYS;
    let room = usize::from(width.saturating_sub(left + 1)).max(1);
    let mut cuts = (0..=room * most).rev().map(|cells| wrap(&cut_middle(said, cells), room));
    let said = cuts.find(|lines| lines.len() <= most);
    let mut lines: Vec<Line> = said.into_iter().flatten().map(|said| vec![(left, run(said, theme.dim()))]).collect();
    if let Some(first) = lines.first_mut() {
        first.extend(key.map(|key| (from, key)));
    }
    lines
}

/// What to type for each kind of server.
fn ways(width: u16, less: Less, theme: Theme) -> Vec<Line> {
    let from = 1 + NAMES;
    let room = usize::from(width.saturating_sub(from + 1)).max(1);
    let mut lines = Vec::new();
    for (at, (name, flags, said)) in WAYS.into_iter().enumerate() {
        if less < Less::Between && at > 0 {
            lines.push(Line::new());
        }
        let command = if width < NARROW { flags.to_owned() } else { format!("basedeck {flags}") };
        let start = lines.len();
        lines.extend(flagged(&command, room).into_iter().map(|part| vec![(from, run(part, theme.text()))]));
        if let Some(first) = lines.get_mut(start) {
            first.push((1, run(name, theme.strong())));
        }
        if less < Less::Said && width >= NARROW {
            lines.extend(wrap(said, room).into_iter().map(|said| vec![(from, run(said, theme.dim()))]));
        }
    }
    lines
}

/// A command in lines: a flag and its value stay together.
fn flagged(command: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (at, piece) in command.split(" --").enumerate() {
        let piece = if at == 0 { piece.to_owned() } else { format!("--{piece}") };
        match lines.last_mut().filter(|line| width(line) + 1 + width(&piece) <= room) {
            Some(line) => *line = format!("{line} {piece}"),
            None => lines.push(piece),
        }
    }
    lines
}
