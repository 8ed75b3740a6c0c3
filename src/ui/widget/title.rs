//! The rule above a list: its name, order and filter at the left, what it covers at the right; above a detail that fills
//! the screen, what it is and its place in the list.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::input::input;
use super::rule::rule;
use crate::text::{clean, human, width};
use crate::ui::text::{self, Run, run};
use crate::ui::theme::Theme;

/// What stands between two parts of a coverage.
const BETWEEN: &str = " · ";

/// What the rule above a list says.
pub struct Title<'a> {
    /// What is listed.
    pub name: Vec<Run>,
    /// The word of the order, and whether the largest comes first.
    pub order: Option<(&'a str, bool)>,
    /// The filter.
    pub filter: &'a str,
    /// Where in the filter the cursor stands, in characters, while one types.
    pub typing: Option<usize>,
    /// What the list covers, the most important part first.
    pub coverage: String,
}

/// Draws the rule. A filter has the first claim, for it is what one types or what hides rows; then the coverage, which
/// loses its last parts first.
pub fn draw(buffer: &mut Buffer, area: Rect, title: &Title<'_>, theme: Theme) {
    let order = title.order.map(|(word, descending)| format!("  {} {word}", if descending { "↓" } else { "↑" }));
    let order = order.map(|order| run(order, theme.dim()));
    if title.filter.is_empty() && title.typing.is_none() {
        let left: Vec<Run> = title.name.iter().cloned().chain(order).collect();
        rule(buffer, area, &left, &right(&title.coverage, theme), theme);
        return;
    }
    // The corners and their blanks; behind the filter a blank.
    let room = usize::from(area.width).saturating_sub(5);
    let wanted = width::width(&clean::line(title.filter)) + usize::from(title.typing.is_some());
    let mut head = title.name.clone();
    head.extend(order);
    let mut covered = title.coverage.as_str();
    let fits = |head: &[Run], covered: &str| {
        let right = if covered.is_empty() { 0 } else { width::width(covered) + 2 };
        text::width_of(head) + slash(head).len() + wanted + right <= room
    };
    if !fits(&head, covered) {
        head.clone_from(&title.name);
    }
    while let Some((shorter, _)) = covered.rsplit_once(BETWEEN).filter(|_| !fits(&head, covered)) {
        covered = shorter;
    }
    if !fits(&head, covered) {
        head.clear();
    }
    if !fits(&head, covered) {
        covered = "";
    }
    let mut left = head;
    left.push(run(slash(&left), theme.accent()));
    let before = text::width_of(&left);
    let cells = wanted.min(room.saturating_sub(before));
    left.push(run(" ".repeat(cells), theme.text()));
    rule(buffer, area, &left, &right(covered, theme), theme);
    let line = Rect { x: area.x + 2 + before as u16, width: cells as u16, height: 1, ..area }.intersection(area);
    match title.typing {
        Some(_) => input(buffer, line, title.filter, title.typing, theme.text()),
        None => {
            text::left(buffer, line, &[run(title.filter, theme.text())]);
        }
    }
}

/// What a list covers; nothing where there is nothing to say.
pub fn right(text: &str, theme: Theme) -> Vec<Run> {
    if text.is_empty() { Vec::new() } else { vec![run(text, theme.dim())] }
}

/// What opens the filter.
fn slash(head: &[Run]) -> &'static str {
    if head.is_empty() { "/" } else { "  /" }
}

/// Draws the rule above a detail that fills the screen: what it is, and its place in the list.
pub fn detail(buffer: &mut Buffer, area: Rect, name: &str, (at, len): (usize, usize), theme: Theme) {
    let place = if len == 0 {
        Vec::new()
    } else {
        vec![run(format!("row {} of {}", human::count(at as u64 + 1), human::count(len as u64)), theme.dim())]
    };
    rule(buffer, area, &[run(name, theme.strong())], &place, theme);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(cells: u16, filter: &str, typing: Option<usize>) -> String {
        let theme = Theme::default();
        let area = Rect { x: 0, y: 0, width: cells, height: 1 };
        let mut buffer = Buffer::empty(area);
        let title = Title {
            name: vec![run("Users", theme.strong())],
            order: Some(("created", true)),
            filter,
            typing,
            coverage: "10 match · all 2,000 loaded".into(),
        };
        draw(&mut buffer, area, &title, theme);
        buffer.content().iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn what_is_typed_has_the_first_claim() {
        for (cells, filter, expected) in [
            (70, "lars", "─ Users  ↓ created  /lars  ─ 10 match · all 2,000 loaded ─"),
            (50, "lars", "─ Users  /lars  ─ 10 match · all 2,000 loaded ─"),
            (40, "lars", "─ Users  /lars  ─ 10 match ─"),
            (40, "a long filter that goes", "─ /a long filter that goes  ─ 10 match ─"),
            (40, "a longer filter than the rule has room", "─ /…er filter than the rule has room  ─"),
        ] {
            let line = drawn(cells, filter, Some(filter.len()));
            assert_eq!(line.chars().count(), usize::from(cells));
            let shown: Vec<&str> = line.split('─').filter(|part| !part.is_empty()).collect();
            assert_eq!(format!("─{}─", shown.join("─")), expected);
        }
        assert!(drawn(40, "kept", None).starts_with("─ Users  /kept ─"), "{}", drawn(40, "kept", None));
    }

    #[test]
    fn no_rule_is_too_short() {
        for cells in 1..40 {
            for typing in [None, Some(0), Some(4)] {
                drawn(cells, "some", typing);
            }
        }
    }
}
