//! The sanitizer's promises.

use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::*;
use crate::text::width::width;

#[test]
fn plain_text_is_borrowed() {
    assert!(matches!(line("alice@example.com"), Cow::Borrowed(_)));
    assert!(matches!(line("Zoë 漢字 👍🏽 🇩🇪 स्त्री e\u{301}"), Cow::Borrowed(_)));
    assert!(matches!(block("a\nb"), Cow::Borrowed(_)));
}

#[test]
fn what_is_not_to_be_written_becomes_visible() {
    for (raw, shown) in [
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\0b\x7f\r\n\t", "a␀b␡␍␊␉"),
        ("\u{9b}2J\u{85}", "�2J�"),
        ("evil\u{202e}gpj.exe\u{2066}\u{200f}\u{61c}", "evil�gpj.exe���"),
        ("a\u{200b}b\u{200d}c\u{feff}d\u{ad}e\u{2060}", "a�b�c�d�e�"),
        ("x\u{e0041}\u{e007f}y\u{180e}\u{3164}\u{115f}\u{1160}\u{ffa0}", "x��y�����"),
        ("l\u{2028}p\u{2029}n\u{ffff}m\u{1fffe}k\u{fdd0}i\u{fff9}j", "l�p�n�m�k�i�j"),
        ("❤\u{fe0f} ⌚\u{fe0f} a\u{fe0f} ⌚\u{fe0e} 漢\u{e0100}", "❤� ⌚\u{fe0f} a� ⌚� 漢�"),
        ("👨\u{200d}👩", "👨�👩"),
        ("\u{301}a", "◌\u{301}a"),
        ("\u{11a8}", "�"),
        ("a\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}b", "a\u{301}\u{302}\u{303}\u{304}�b"),
    ] {
        assert_eq!(line(raw), shown, "{raw:?}");
    }
}

#[test]
fn a_block_keeps_its_lines() {
    assert_eq!(block("a\tb\nc\r\n\u{301}d\x1b"), "a    b\nc␍\n◌\u{301}d␛");
}

#[test]
fn a_cell_takes_only_what_is_clean() {
    for good in ["a", " ", "", "漢", "e\u{301}", "👍🏽", "⌚\u{fe0f}", "␛", "�"] {
        assert!(is_safe_symbol(good), "{good:?}");
    }
    for bad in ["\x1b", "\u{9b}", "\n", "\u{301}", "\u{200b}", "\u{202e}", "a\u{200d}", "\u{1160}"] {
        assert!(!is_safe_symbol(bad), "{bad:?}");
    }
}

#[test]
fn long_input_is_cleaned_in_one_pass() {
    for piece in ["\u{301}", "a", "\x1b", "\u{11a8}", "\u{903}", "क\u{94d}", "\u{110bd}", "🇩", "\u{d4e}"] {
        let long = piece.repeat(200_000);
        let done = line(&long);
        assert!(done.len() <= long.len() * 3 + 16);
        assert_eq!(line(&done), done);
    }
}

fn hostile() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        '\u{301}', '\u{200d}', '\u{fe0f}', '\u{1160}', '\u{1100}', '\u{1161}', '\u{11a8}', '\u{202e}', '\x1b',
        '\u{9b}', '\n', '\t', '🇩', '👍', '🏽', '⌚', 'क', '\u{94d}', '\u{903}', '\u{d4e}', '\u{605}', '漢', '◌', '�',
        'ل', 'ا', '\u{e33}', '\u{e31}', '\u{20e3}', '1', '\u{2d7f}', '\u{a8fa}',
    ]);
    prop::collection::vec(prop_oneof![3 => odd, 1 => any::<char>()], 0..24)
        .prop_map(|chars| chars.into_iter().collect())
}

proptest! {
    #[test]
    fn a_clean_line_is_safe_and_stays_as_it_is(raw in hostile()) {
        let done = line(&raw).into_owned();
        let written = |c: char| !c.is_control() && (c == '\u{fe0f}' || !is_hidden(c));
        prop_assert!(done.chars().all(written));
        prop_assert_eq!(line(&done), done.as_str());
        for symbol in done.graphemes(true) {
            prop_assert!(symbol.width() >= 1, "{:?}", symbol);
            prop_assert!(symbol.width() <= 2 * (MARKS + 2), "{:?}", symbol);
            prop_assert!(is_safe_symbol(symbol), "{:?}", symbol);
        }
        prop_assert_eq!(width(&done), done.graphemes(true).map(UnicodeWidthStr::width).sum::<usize>());
    }

    #[test]
    fn a_clean_block_is_clean_lines(raw in hostile()) {
        let done = block(&raw).into_owned();
        prop_assert_eq!(block(&done), done.as_str());
        for part in done.split('\n') {
            prop_assert_eq!(line(part), part);
        }
    }
}
