//! The name that was most likely meant where somebody typed one that there is not.

/// The nearest of some names: at most a third of its letters differ.
pub fn nearest<'n>(typed: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    // Long keys are not compared: the work grows with both lengths.
    let typed: Vec<char> = typed.chars().take(40).collect();
    names
        .into_iter()
        .map(|name| (distance(&typed, name), name))
        .min()
        .filter(|(far, name)| *far <= (name.len() / 3).max(1))
        .map(|(_, name)| name)
}

/// How many letters to change, add or take away (Levenshtein).
fn distance(typed: &[char], name: &str) -> usize {
    let mut row: Vec<usize> = (0..=typed.len()).collect();
    for (above, letter) in name.chars().enumerate() {
        let mut next = vec![above + 1];
        for ((&other, &corner), &up) in typed.iter().zip(&row).zip(row.iter().skip(1)) {
            let left = next.last().copied().unwrap_or_default();
            next.push((corner + usize::from(other != letter)).min(up + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
