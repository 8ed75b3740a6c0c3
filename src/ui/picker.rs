//! The file picker: the walk through directories, and the review of what will be sent.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::style::Style;

use super::text::{self, Run, run};
use super::theme::Theme;
use super::widget::input::input;
use super::widget::modal::{Framed, dim, frame, keys, room, row};
use super::widget::rule::rule;
use crate::app::op::Op as Root;
use crate::app::op::keymap::Keymap;
use crate::app::picker::{Browse, DirEntry, EntryKind, Focus, Op, Picker, Review, ReviewOp, Row};
use crate::text::width::{self, Align, cut_middle, wrap};
use crate::text::{clean, human};
use crate::work::plan::{Exists, Fault, Item};

/// Cells of a size, and of a day.
const SIZE: u16 = 9;
const DAY: u16 = 10;
/// From this width of the frame on days and repairs have a column.
const WIDE: u16 = 60;
/// Cells of a repair.
const REPAIR: u16 = 28;

/// Draws the picker.
pub fn draw(buffer: &mut Buffer, area: Rect, picker: &Picker, keymap: &Keymap, theme: Theme) -> Framed {
    dim(buffer, area, theme);
    let screen = Size { width: area.width, height: area.height + 1 };
    let op = |op| Root::Picker(op);
    let send = picker.review.as_ref().map(send_words).unwrap_or_default();
    let hints = match &picker.review {
        Some(_) => vec![
            (Root::Review(ReviewOp::Send), send.as_str()),
            (Root::Review(ReviewOp::Back), "back"),
            (Root::Review(ReviewOp::Next), "next"),
        ],
        // In the order in which they have a claim to the room.
        None => vec![(op(Op::Take), "take"), (op(Op::Go), "go on"), (op(Op::Cancel), "back"), (op(Op::Mark), "mark")],
    };
    let at = if picker.at.is_empty() { String::new() } else { format!(" in {}", picker.at) };
    let title = [run("Upload", theme.strong()), run(format!(" to {}{at}", picker.bucket.0), theme.dim())];
    let size = Picker::size(screen);
    let framed = frame(buffer, area, size, &title, &keys(keymap, &hints, room(size.width), theme), theme);
    let rows = picker.rows(screen);
    match &picker.review {
        Some(review) => draw_review(buffer, framed.inside, review, rows, theme),
        None => draw_browse(buffer, framed.inside, picker, rows, keymap, theme),
    }
    framed
}

fn draw_browse(buffer: &mut Buffer, area: Rect, picker: &Picker, rows: usize, keymap: &Keymap, theme: Theme) {
    let browse = &picker.browse;
    let head = row(area, 0, 1, 1);
    let at = text::right(buffer, head, &head_of(browse, area.width >= WIDE, theme));
    let room = at.saturating_sub(head.x + 1);
    let place = clean::line(&browse.place()).into_owned();
    text::left(buffer, Rect { width: room, ..head }, &[run(cut_middle(&place, usize::from(room)), theme.strong())]);
    text::left(buffer, row(area, 1, 1, 1), &[run("›", theme.accent())]);
    input(buffer, row(area, 1, 3, 1), browse.input.value(), Some(browse.input.cursor()), theme.strong());
    let window = browse.list().window(browse.count(), rows);
    for (line, (entry, marked)) in browse.shown(window.clone()).enumerate() {
        let selected = window.start + line == browse.list().at();
        draw_entry(buffer, row(area, 2 + line as u16, 0, 0), entry, marked, selected, theme);
    }
    if browse.count() == 0 && !browse.loading {
        let said =
            if browse.input.value().is_empty() { "This folder is empty." } else { "Nothing here has such a name." };
        text::left(buffer, row(area, 2, 3, 1), &[run(said, theme.dim())]);
    }
    let foot = row(area, area.height.saturating_sub(1), 1, 1);
    text::left(buffer, foot, &[foot_of(picker, browse, keymap, foot.width, theme)]);
}

/// What stands at the right of the path: what is marked, and where there is room how many entries are shown.
fn head_of(browse: &Browse, wide: bool, theme: Theme) -> Vec<Run> {
    let (count, bytes) =
        browse.marks().values().fold((0_u64, 0_u64), |(n, sum), size| (n + 1, sum.saturating_add(*size)));
    let mut runs = Vec::new();
    if count > 0 {
        runs.push(run(format!("◆ {} marked · {}", human::count(count), human::size(bytes)), theme.warn()));
    }
    let entries = if browse.count() == 1 { "entry" } else { "entries" };
    let state = match (browse.loading, browse.is_cut()) {
        (true, _) => "reading…".to_owned(),
        (false, true) => format!("{} {entries}, there are more", human::count(browse.count() as u64)),
        (false, false) => format!("{} {entries}", human::count(browse.count() as u64)),
    };
    if wide || (browse.loading && count == 0) {
        let gap = if runs.is_empty() { "" } else { "   " };
        runs.push(run(format!("{gap}{state}"), theme.dim()));
    }
    runs
}

fn foot_of(picker: &Picker, browse: &Browse, keymap: &Keymap, cells: u16, theme: Theme) -> Run {
    if let Some(note) = &browse.note {
        return run(format!("! {note}"), theme.warn());
    }
    if picker.is_checking() {
        return run("looking at the files…", theme.dim());
    }
    let said = keymap.say("type to filter · {picker.mark} marks · / ~/ ./ begin a path");
    let mut whole = said.as_str();
    while let Some((fewer, _)) = whole.rsplit_once(" · ").filter(|_| width::width(whole) > usize::from(cells)) {
        whole = fewer;
    }
    run(whole, theme.dim())
}

fn draw_entry(buffer: &mut Buffer, area: Rect, entry: &DirEntry, marked: bool, selected: bool, theme: Theme) {
    let base = if selected { theme.selected() } else { theme.text() };
    let style = if entry.fault.is_some() { base.patch(theme.dim()) } else { base };
    text::cell(buffer, area, "", Align::Left, style);
    let bar = if selected { "▌" } else { " " };
    let mark = if marked { "◆" } else { " " };
    let mark = run(mark, if selected { base } else { theme.warn() });
    text::left(buffer, row(area, 0, 0, 0), &[run(bar, style), mark]);
    let wide = area.width >= WIDE;
    let days = if wide { DAY + 2 } else { 0 };
    let right = 1 + SIZE + days;
    // What cannot be taken has its reason where others have their size.
    let names = row(area, 0, 3, if entry.fault.is_some() { days + 1 } else { right + 1 });
    let slash = if entry.kind == EntryKind::Dir { "/" } else { "" };
    let mut runs =
        vec![run(format!("{}{slash}", entry.name), if slash.is_empty() { style } else { style.patch(theme.strong()) })];
    if let Some(fault) = &entry.fault {
        runs.push(run(format!("  {fault}"), style));
    }
    text::left(buffer, names, &runs);
    if entry.kind == EntryKind::File && entry.fault.is_none() {
        let size = Rect { x: area.right().saturating_sub(right), width: SIZE.min(area.width), ..area };
        text::cell(buffer, size, &human::size(entry.size), Align::Right, style);
    }
    if wide && let Some(time) = entry.modified.and_then(|ms| Timestamp::from_millisecond(ms).ok()) {
        let day = Rect { x: area.right() - 1 - DAY, width: DAY, ..area };
        text::cell(buffer, day, &human::day(time), Align::Right, if selected { style } else { theme.dim() });
    }
}

fn draw_review(buffer: &mut Buffer, area: Rect, review: &Review, rows: usize, theme: Theme) {
    let focus = |line| review.focus == line;
    let label = |line| if focus(line) { theme.strong() } else { theme.dim() };
    text::left(buffer, row(area, 0, 1, 1), &[run("Folder", label(Focus::Prefix))]);
    let cursor = focus(Focus::Prefix).then(|| review.prefix.cursor());
    let style = if focus(Focus::Prefix) { theme.strong() } else { theme.text() };
    input(buffer, row(area, 0, 9, 1), review.prefix.value(), cursor, style);
    let choices = review.choices;
    let switches = [
        (Focus::Folders, choices.keep_folders, "keep the folders of the files"),
        (Focus::Names, choices.safe_names, "mend names the server refuses"),
        (Focus::Exists, choices.exists == Exists::Skip, "skip names that exist, else fail"),
    ];
    // In a narrow frame all of their words have room only below the label.
    let from = if area.width < WIDE { 1 } else { 9 };
    for (at, (line, on, said)) in (1..).zip(switches) {
        let mark = if focus(line) { theme.good().patch(theme.selected()) } else { theme.good() };
        let sign = if on { "✓" } else { " " };
        let runs =
            [run("[", theme.good()), run(sign, mark), run("]", theme.good()), run(format!(" {said}"), label(line))];
        text::left(buffer, row(area, at, from, 1), &runs);
    }
    let total = review.plan.total();
    let sum = format!("{} of {} · {}", total.files, review.count(), human::size(total.bytes));
    let left = [run("Files", theme.strong())];
    rule(buffer, row(area, 4, 0, 0), &left, &[run(sum, theme.text())], theme);
    let window = review.list().window(review.count(), rows);
    for (line, at) in window.enumerate() {
        let selected = at == review.list().at();
        if let Some(shown) = review.row(at) {
            draw_row(buffer, row(area, 5 + line as u16, 0, 0), review, shown, selected, theme);
        }
    }
    let (said, style) = said_of(review, theme);
    let room = usize::from(area.width.saturating_sub(2)).max(1);
    for (at, line) in wrap(&clean::line(&said), room).iter().take(2).enumerate() {
        text::left(buffer, row(area, (area.height.saturating_sub(2)) + at as u16, 1, 1), &[run(line, style)]);
    }
}

/// The foot: what to know, what is wrong with the folder, else all about the selected file.
fn said_of(review: &Review, theme: Theme) -> (String, Style) {
    if let Some(note) = &review.note {
        return (format!("! {note}"), theme.warn());
    }
    if let Some(fault) = review.prefix_fault() {
        return (format!("✕ The folder: {fault}"), theme.bad());
    }
    match review.row(review.list().at()) {
        Some(Row::Unreadable(path, why)) => (format!("✕ {}: {why}", path.display()), theme.bad()),
        Some(Row::Item(Item { fault: Some(fault), .. })) => (format!("✕ {}", fault.sentence()), theme.bad()),
        Some(Row::Item(item)) => (format!("{} → {}", item.source.display(), item.key), theme.dim()),
        None => (String::new(), theme.dim()),
    }
}

fn draw_row(buffer: &mut Buffer, area: Rect, review: &Review, shown: Row<'_>, selected: bool, theme: Theme) {
    let base = if selected { theme.selected() } else { theme.text() };
    text::cell(buffer, area, if selected { "▌" } else { " " }, Align::Left, base);
    // Where all can be sent their sizes stand at the edge.
    let faults = !matches!(review.row(0), Some(Row::Item(Item { fault: None, .. })));
    let wide = area.width >= WIDE && faults;
    let repairs = if wide { REPAIR + 2 } else { 0 };
    let names = row(area, 0, 4, repairs + SIZE + 2);
    let (name, size, fault) = match shown {
        Row::Item(item) => {
            let below = item.key.strip_prefix(&review.plan.destination.prefix).unwrap_or(&item.key);
            let repair = item.fault.as_ref().map(|fault| repair(fault, &review.plan.destination.prefix));
            (below.to_owned(), Some(item.size), repair)
        }
        Row::Unreadable(path, why) => {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            (name.unwrap_or_default(), None, Some(why.to_owned()))
        }
    };
    let (sign, style) = if fault.is_some() { ("✕", theme.bad()) } else { ("↑", theme.good()) };
    // Reversed colours of single words are hard to read: the selected row is plain.
    let style = if selected { base } else { style };
    text::left(buffer, row(area, 0, 2, 0), &[run(sign, style)]);
    let clean = clean::line(&name);
    text::left(buffer, names, &[run(width::cut_middle(&clean, usize::from(names.width)), base)]);
    if let Some(size) = size {
        let cells = Rect { x: names.right(), width: SIZE + 1, ..area };
        text::cell(buffer, cells, &human::size(size), Align::Right, base);
    }
    if let Some(fault) = fault.filter(|_| wide) {
        let cells = row(area, 0, area.width.saturating_sub(repairs), 1);
        text::left(buffer, cells, &[run(fault, style)]);
    }
}

/// What is wrong, or what would repair it, in a few words; the foot has the sentence.
fn repair(fault: &Fault, prefix: &str) -> String {
    match fault {
        Fault::TooLarge { limit } => format!("over {}", human::size(*limit)),
        Fault::TypeNotAllowed { .. } => "type not allowed".into(),
        Fault::BadKey { safe: Some(safe), .. } => format!("→ {}", safe.strip_prefix(prefix).unwrap_or(safe)),
        Fault::BadKey { safe: None, .. } => "the folder is refused".into(),
        Fault::SameKey { keep_folders: true, .. } => "same name: keep folders".into(),
        Fault::SameKey { keep_folders: false, .. } => "same name twice".into(),
    }
}

fn send_words(review: &Review) -> String {
    let (sent, all) = (review.plan.total().files, review.count() as u64);
    if sent == all { format!("send {sent}") } else { format!("send {sent} of {all}") }
}
