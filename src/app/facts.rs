//! What a detail says, as plain facts, and how many lines they take: `update` scrolls by it and `ui` draws by it.

use ratatui::layout::Rect;

use ratatui::layout::Size;

use super::{geometry, list};
use crate::text::{clean, json, width};

/// Cells for the labels of a detail.
pub const LABEL: usize = 13;

/// Bytes of a row that are read as JSON for each frame.
const ROW: usize = 64 << 10;
/// Characters of a row that is shown as it stands.
const TEXT: usize = 4_000;

/// Cells before the text of a detail: the thin line and a blank.
pub const MARGIN: u16 = 2;

/// How a value is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mood {
    /// As it is.
    #[default]
    Plain,
    /// Secondary.
    Dim,
    /// In order.
    Good,
    /// To be looked at.
    Warn,
    /// Failed.
    Bad,
}

/// One fact of a detail. Texts may come from outside: what draws them makes them safe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// What it is about.
    Title(String),
    /// A name and what it is.
    Pair(&'static str, String),
    /// A sentence across the width.
    Note(String, Mood),
    /// A heading.
    Section(&'static str),
    /// A line of JSON.
    Json(json::Line),
    /// Nothing.
    Blank,
}

impl Fact {
    /// A plain pair.
    pub fn pair(label: &'static str, value: impl Into<String>) -> Self {
        Self::Pair(label, value.into())
    }

    /// A dim sentence.
    pub fn note(text: impl Into<String>) -> Self {
        Self::Note(text.into(), Mood::Dim)
    }
}

/// The cells of a detail's text within its area: a thin line and a blank stand before it.
pub const fn cells(area: Rect) -> usize {
    (area.width.saturating_sub(MARGIN)) as usize
}

/// Cells before a line of JSON, its fold mark among them: never more than half of what there is.
pub fn json_indent(line: &json::Line, cells: usize) -> usize {
    (2 * usize::from(line.indent) + 2).min(cells / 2)
}

/// Cells for the label of a pair, a blank after them: [`LABEL`], or fewer where only so a value of one word, such as an
/// id, stands whole in one line.
pub fn label_cells(label: &str, text: &str, cells: usize) -> usize {
    let text = clean::block(text);
    let left = cells.saturating_sub(width::width(&text) + 1);
    let whole = left >= width::width(label) && !text.contains(char::is_whitespace);
    if whole { left.min(LABEL) } else { LABEL }
}

/// The texts of one fact in lines of at most `cells` cells, made safe; those of JSON go without their indent. Headings
/// take one line.
pub fn wrapped(fact: &Fact, cells: usize) -> Vec<String> {
    let (text, room) = match fact {
        // What has so long a name is told in full by the facts below.
        Fact::Title(text) => return vec![width::cut(&clean::line(text), cells).into_owned()],
        Fact::Note(text, _) => (text, cells),
        Fact::Pair(label, text) => (text, cells.saturating_sub(label_cells(label, text, cells) + 1)),
        Fact::Json(line) => {
            let key = line.key.as_ref().map(|key| format!("{key}: ")).unwrap_or_default();
            let text = format!("{key}{}", line.text);
            let room = cells.saturating_sub(json_indent(line, cells)).max(1);
            // What goes on in the next line stands a step to the right.
            let room = if width::width(&text) <= room { room } else { room.saturating_sub(2).max(1) };
            return width::wrap(&text, room);
        }
        Fact::Section(_) | Fact::Blank => return vec![String::new()],
    };
    let mut lines = width::wrap(&clean::block(text), room.max(1));
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// The lines that all facts take.
pub fn height(facts: &[Fact], cells: usize) -> usize {
    facts.iter().map(|fact| wrapped(fact, cells).len()).sum()
}

/// The lines of a raw row: as folded JSON, or as it stands where it is none, or too large to be read for each frame.
pub fn raw(text: &str, leave_out: &[&str]) -> Vec<Fact> {
    match (text.len() <= ROW).then(|| serde_json::from_str(text).ok()).flatten() {
        Some(serde_json::Value::Object(mut map)) => {
            map.retain(|key, _| !leave_out.contains(&key.as_str()));
            if map.is_empty() {
                return Vec::new();
            }
            json::lines(&serde_json::Value::Object(map), &|_| false).into_iter().map(Fact::Json).collect()
        }
        Some(value) => json::lines(&value, &|_| false).into_iter().map(Fact::Json).collect(),
        None => vec![Fact::Note(beginning(text), Mood::Plain)],
    }
}

fn beginning(text: &str) -> String {
    match text.char_indices().nth(TEXT) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… cut: {} bytes", text.get(..end).unwrap_or_default(), text.len()),
    }
}

/// Where the detail of a list's tab is scrolled to after a list move; `full` as for [`geometry::split`].
pub fn scrolled(
    from: usize,
    op: list::Op,
    facts: &[Fact],
    (screen, share): (Size, geometry::Share),
    full: bool,
) -> usize {
    let Some(area) = geometry::split(geometry::areas(screen).body, full, share).detail else { return from };
    scroll(from, op, facts, (cells(area), usize::from(area.height)))
}

/// Where a detail is scrolled to after a list move, never past its end; `(width, height)` in cells.
fn scroll(from: usize, op: list::Op, facts: &[Fact], (cells, lines): (usize, usize)) -> usize {
    let last = height(facts, cells).saturating_sub(lines);
    let page = lines.max(1);
    let to = match op {
        list::Op::Down => from + 1,
        list::Op::Up => from.saturating_sub(1),
        list::Op::First => 0,
        list::Op::Last => last,
        list::Op::HalfDown => from + (page / 2).max(1),
        list::Op::HalfUp => from.saturating_sub((page / 2).max(1)),
        list::Op::PageDown => from + page,
        list::Op::PageUp => from.saturating_sub(page),
        list::Op::Narrower | list::Op::Wider | list::Op::Usual => from,
    };
    to.min(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_scrolls_to_its_last_line_and_not_beyond() {
        let facts = vec![Fact::note("one two three"), Fact::Blank, Fact::pair("id", "x")];
        assert_eq!(height(&facts, 5), 5);
        assert_eq!(scroll(0, list::Op::Last, &facts, (5, 3)), 2);
        assert_eq!(scroll(2, list::Op::Down, &facts, (5, 3)), 2);
        assert_eq!(scroll(2, list::Op::Up, &facts, (5, 3)), 1);
        assert_eq!(scroll(9, list::Op::PageDown, &facts, (80, 24)), 0);
    }

    #[test]
    fn an_id_stands_whole_in_one_line_beside_its_label_where_it_can() {
        let id = "6a9b0c1d-2e3f-4a5b-8c7d-9e0f1a2b3c4d";
        for (cells, lines) in [(80, 1), (50, 1), (46, 1), (39, 1), (38, 2)] {
            assert_eq!(wrapped(&Fact::pair("id", id), cells).len(), lines, "{cells}");
        }
        // What breaks between words stays in its column.
        assert_eq!(label_cells("name", "Augusta Ada King, Countess of Lovelace", 46), LABEL);
        assert_eq!((label_cells("id", "x", 46), label_cells("id", id, 46)), (LABEL, 9));
    }

    #[test]
    fn a_long_value_of_json_is_wrapped_and_not_cut() {
        let id = "6a9b0c1d-2e3f-4a5b-8c7d-9e0f1a2b3c4d";
        let facts = raw(&format!(r#"{{"identity_id":"{id}","plan":"pro"}}"#), &[]);
        let lines = |cells| facts.iter().flat_map(|fact| wrapped(fact, cells)).collect::<Vec<_>>();
        assert_eq!(lines(80), [format!("identity_id: \"{id}\""), "plan: \"pro\"".into()]);
        assert_eq!(lines(44), ["identity_id:".into(), format!("\"{id}\""), "plan: \"pro\"".into()]);
        assert_eq!(lines(20).concat(), format!("identity_id:\"{id}\"plan: \"pro\""));
        assert_eq!(height(&facts, 44), 3);
    }

    #[test]
    fn a_raw_row_that_is_no_json_is_shown_as_it_stands() {
        assert_eq!(raw("{oops", &[]), [Fact::Note("{oops".into(), Mood::Plain)]);
        assert_eq!(raw(r#"{"id":"a"}"#, &["id"]), []);
        assert_eq!(raw(r#"{"id":"a","x":1}"#, &["id"]).len(), 1);
        for long in ["é".repeat(100_000), format!("[{}]", "1,".repeat(100_000)), "[".repeat(5_000)] {
            let facts = raw(&long, &[]);
            let [Fact::Note(text, _)] = facts.as_slice() else { panic!("{facts:?}") };
            assert!(text.ends_with(&format!("… cut: {} bytes", long.len())) && text.len() < 9_000, "{text}");
        }
    }
}
