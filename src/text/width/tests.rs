//! Texts fit where they were made to fit.

use proptest::prelude::*;

use super::*;
use crate::text::clean::{block, line};

#[test]
fn texts_are_cut_and_padded() {
    assert_eq!(width("漢字 e\u{301}"), 6);
    assert_eq!(cut("alice@example.com", 8), "alice@e…");
    assert_eq!(cut("漢字漢字", 4), "漢…");
    assert_eq!(cut("abc", 3), "abc");
    assert_eq!(cut("abc", 0), "");
    assert_eq!(cut_middle("path/to/some/file.txt", 11), "path/…e.txt");
    assert_eq!(pad("ab", 5, Align::Right), "   ab");
    assert_eq!(pad("ab", 5, Align::Center), " ab  ");
    assert_eq!(pad("漢字", 3, Align::Left), "漢…");
}

#[test]
fn words_are_wrapped() {
    assert_eq!(wrap("the quick brown fox", 9), ["the quick", "brown fox"]);
    assert_eq!(wrap("a verylongword b", 5), ["a", "veryl", "ongwo", "rd b"]);
    assert_eq!(wrap("one\n\ntwo", 9), ["one", "", "two"]);
    assert_eq!(wrap("漢a", 1), ["…", "a"]);
    assert_eq!(wrap("", 4), [""]);
    assert!(wrap("a", 0).is_empty());
    assert_eq!(at_most("the quick brown fox jumps", 9, 3), wrap("the quick brown fox jumps", 9));
    assert_eq!(at_most("the quick brown fox jumps", 9, 2), ["the quick", "brown fo…"]);
    assert_eq!(at_most("abcdefghijkl", 4, 2), ["abcd", "efg…"]);
    assert!(at_most("a", 9, 0).is_empty());
}

proptest! {
    #[test]
    fn everything_fits(raw in "[a-z 漢👍\u{301}\n]{0,30}|\\PC{0,20}", cells in 0..12_usize) {
        let text = line(&raw);
        prop_assert!(width(&cut(&text, cells)) <= cells);
        prop_assert!(width(&cut_middle(&text, cells)) <= cells);
        for align in [Align::Left, Align::Right, Align::Center] {
            prop_assert_eq!(width(&pad(&text, cells, align)), cells);
        }
        let text = block(&raw);
        let lines = wrap(&text, cells.max(2));
        prop_assert!(lines.iter().all(|line| width(line) <= cells.max(2)));
        let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        if text.graphemes(true).all(|grapheme| width(grapheme) <= 2) {
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}

#[test]
fn a_simple_character_is_one_cell_by_the_tables_too_and_never_joins_its_neighbour() {
    for c in (0..=0xffff).filter_map(char::from_u32).filter(|&c| is_simple(c)) {
        let pair = format!("{c}{c}");
        let by_table: usize = pair.graphemes(true).map(UnicodeWidthStr::width).sum();
        assert_eq!((pair.graphemes(true).count(), by_table), (2, 2), "{c:?}");
        assert!(!c.is_control());
    }
}
