//! Which rows of a chunk hold which letter: a word of one letter is found in nearly all of them, and a search through
//! their texts would stop at each.

use super::chunk::Texts;
use super::table::WORDS;

/// How many bytes [`place`] knows.
const LETTERS: usize = 36;

/// For each letter and digit a bit for each row.
pub(super) struct Letters(Box<[[u64; WORDS]]>);

impl Letters {
    pub(super) fn of(search: &Texts) -> Self {
        let mut letters = vec![[0; WORDS]; LETTERS].into_boxed_slice();
        for row in 0..search.ends.len() {
            for place in search.get(row).bytes().filter_map(place) {
                if let Some(bits) = letters.get_mut(place).and_then(|rows| rows.get_mut(row / 64)) {
                    *bits |= 1 << (row % 64);
                }
            }
        }
        Self(letters)
    }

    /// The rows that hold a letter or digit; nothing for other bytes.
    pub(super) fn rows(&self, byte: u8) -> Option<&[u64; WORDS]> {
        self.0.get(place(byte)?)
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.0)
    }
}

fn place(byte: u8) -> Option<usize> {
    match byte {
        b'a'..=b'z' => Some(usize::from(byte - b'a')),
        b'0'..=b'9' => Some(usize::from(byte - b'0') + 26),
        _ => None,
    }
}
