//! The parts of a list's title: its name, its order and filter at the left, what it covers at the right.

use crate::ui::text::{Run, run};
use crate::ui::theme::Theme;

/// `Buckets  ↑ name  /filter`.
pub fn left(name: &str, order: Option<(&str, bool)>, filter: &str, theme: Theme) -> Vec<Run> {
    let mut runs = vec![run(name, theme.strong())];
    runs.extend(behind(order, filter, theme));
    runs
}

/// Order (its word, and whether the largest comes first) and filter, behind a name that is drawn otherwise.
pub fn behind(order: Option<(&str, bool)>, filter: &str, theme: Theme) -> Vec<Run> {
    let mut runs = Vec::new();
    if let Some((word, descending)) = order {
        runs.push(run(format!("  {} {word}", if descending { "↓" } else { "↑" }), theme.dim()));
    }
    if !filter.is_empty() {
        runs.extend([run("  /", theme.accent()), run(filter, theme.text())]);
    }
    runs
}

/// What the list covers; nothing where there is nothing to say.
pub fn right(text: String, theme: Theme) -> Vec<Run> {
    if text.is_empty() { Vec::new() } else { vec![run(text, theme.dim())] }
}
