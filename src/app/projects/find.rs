//! Which rows of the switcher stand there, and in which order.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Listed, Row, State};
use crate::app::finder::scores;
use crate::app::project::Which;

/// The positions of the rows that have these letters, the best first; of all, where none are typed.
pub(super) fn find(rows: &[Row], typed: &str) -> Vec<usize> {
    if typed.trim().is_empty() { in_groups(rows) } else { matching(rows, typed) }
}

/// Where a listed project stands below its profile: those opened last first, then by name, and what sleeps last.
pub(super) fn place(project: &Listed) -> impl Ord + use<> {
    let Listed { memory, idle, name, reference, .. } = project;
    (Reverse(memory.opened), idle.is_some(), name.to_lowercase(), reference.clone())
}

/// Each profile in its order, and below it what it lists.
fn in_groups(rows: &[Row]) -> Vec<usize> {
    let mut below: BTreeMap<&str, Vec<(_, usize)>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate().filter(|(_, row)| row.state != State::Gone) {
        if let Which::Listed { profile, .. } = &row.project.which {
            below.entry(profile).or_default().push((place(&row.project), at));
        }
    }
    let mut all = Vec::new();
    for (at, row) in rows.iter().enumerate().filter(|(_, row)| !row.is_listed()) {
        all.push(at);
        let mut listed = row.project.which.profile().and_then(|name| below.remove(name)).unwrap_or_default();
        listed.sort();
        all.extend(listed.into_iter().map(|(_, at)| at));
    }
    all
}

/// The name is what one types. A part of the ref or address is a second way to it, for any letters would find them all;
/// the profile's name with the project's a third.
fn matching(rows: &[Row], typed: &str) -> Vec<usize> {
    let mut score = scores(typed);
    let part = typed.trim().to_lowercase();
    // Of equals the shorter name is the one that was typed, and then the one that stands first.
    let mut found = Vec::new();
    for (place, at) in in_groups(rows).into_iter().enumerate() {
        let Some(row) = rows.get(at) else { continue };
        let project = &row.project;
        let placed = || project.reference.to_lowercase().contains(&part).then_some((1, 0));
        let whose = || project.which.profile().filter(|_| row.is_listed());
        let named = score(&project.name).map(|score| (0, score)).or_else(placed);
        let named = named.or_else(|| Some((2, score(&format!("{} {}", whose()?, project.name))?)));
        found.extend(named.map(|(way, score)| (way, score, project.name.len(), place, at)));
    }
    found.sort_unstable();
    found.into_iter().map(|(.., at)| at).collect()
}
