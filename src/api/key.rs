//! Object keys: what Storage takes, which character it refuses, and a name it would take instead.

/// The characters besides ASCII letters and digits that Storage takes (each tried on a running server).
const TAKEN: &str = "_/!-.*'() &$@=;:+,?";
/// The longest segment, in bytes: a longer one is a server fault where objects are kept as files.
const SEGMENT: usize = 255;

/// Why Storage would refuse a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// There is no name at all.
    #[error("The name is empty: give one.")]
    Empty,
    /// A character it does not take.
    #[error("Storage refuses `{}` in a name: use another character.", .0.escape_default())]
    Character(char),
    /// A segment `.` or `..`: libraries resolve it before sending, so another key would be written.
    #[error("`{0}` cannot be a part of a key: use another name.")]
    DotSegment(&'static str),
    /// A segment of more than 255 bytes; how many it has.
    #[error("A part of the name has {0} bytes, and 255 is the most: use a shorter one.")]
    TooLong(usize),
}

/// Whether Storage takes this key; the first reason if not.
pub fn check_key(key: &str) -> Result<(), KeyFault> {
    if key.is_empty() {
        return Err(KeyFault::Empty);
    }
    for segment in key.split('/') {
        if let Some(dots) = [".", ".."].into_iter().find(|dots| *dots == segment) {
            return Err(KeyFault::DotSegment(dots));
        }
        if let Some(character) = segment.chars().find(|&character| !is_taken(character)) {
            return Err(KeyFault::Character(character));
        }
        if segment.len() > SEGMENT {
            return Err(KeyFault::TooLong(segment.len()));
        }
    }
    Ok(())
}

/// The nearest key that Storage takes: `_` for each refused character, long segments cut before their extension.
pub fn safe_key(key: &str) -> String {
    let segments: Vec<_> = key.split('/').map(safe_segment).collect();
    let safe = segments.join("/");
    if safe.is_empty() { "_".into() } else { safe }
}

fn safe_segment(segment: &str) -> String {
    if segment == "." || segment == ".." {
        return "_".repeat(segment.len());
    }
    // Only ASCII is left, so bytes are characters.
    let safe: String = segment.chars().map(|character| if is_taken(character) { character } else { '_' }).collect();
    if safe.len() <= SEGMENT {
        return safe;
    }
    let extension = safe.rsplit_once('.').map(|(_, end)| end).filter(|end| !end.is_empty() && end.len() <= 16);
    let kept = extension.map_or(SEGMENT, |end| SEGMENT - 1 - end.len());
    let start: String = safe.chars().take(kept).collect();
    extension.map_or(start.clone(), |end| format!("{start}.{end}"))
}

fn is_taken(character: char) -> bool {
    character.is_ascii_alphanumeric() || TAKEN.contains(character)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_what_storage_takes() {
        assert_eq!(check_key("a b/_!-.*'()&$@=;:+,?/x.png"), Ok(()));
        assert_eq!(check_key("/a//b/"), Ok(()));
        for (key, fault) in [
            ("", KeyFault::Empty),
            ("a/../b", KeyFault::DotSegment("..")),
            ("./a", KeyFault::DotSegment(".")),
            ("naïve", KeyFault::Character('ï')),
            ("a#b", KeyFault::Character('#')),
            ("a\tb", KeyFault::Character('\t')),
        ] {
            assert_eq!(check_key(key), Err(fault), "{key}");
        }
        assert_eq!(check_key(&"x".repeat(256)), Err(KeyFault::TooLong(256)));
        assert_eq!(check_key(&"x".repeat(255)), Ok(()));
    }

    #[test]
    fn a_safe_key_stays_near_the_name() {
        for (key, safe) in [("Übung 1.pdf", "_bung 1.pdf"), ("a/../b", "a/__/b"), ("", "_"), ("ok.txt", "ok.txt")] {
            assert_eq!(safe_key(key), safe);
        }
        let long = safe_key(&format!("{}.tar", "x".repeat(300)));
        assert_eq!((long.len(), long.ends_with("x.tar")), (255, true));
    }

    #[test]
    fn a_fault_shows_controls_harmlessly() {
        assert_eq!(
            KeyFault::Character('\u{1b}').to_string(),
            "Storage refuses `\\u{1b}` in a name: use another character."
        );
    }

    proptest! {
        #[test]
        fn a_safe_key_is_taken_and_is_left_alone(key in any::<String>()) {
            let safe = safe_key(&key);
            prop_assert_eq!(check_key(&safe), Ok(()));
            prop_assert_eq!(safe_key(&safe), safe.clone());
            prop_assert!(check_key(&key).is_err() || safe == key);
        }
    }
}
