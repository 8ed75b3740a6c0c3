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
