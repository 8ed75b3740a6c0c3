//! Which rows hold all words of a query.

use memchr::memmem::Finder;
use uuid::Uuid;

use super::chunk::{Chunk, RowRef};

/// The words of a query, made ready.
pub(super) struct Matcher<'q> {
    /// The longest first: it finds the fewest rows.
    words: Vec<Word<'q>>,
}

struct Word<'q> {
    finder: Finder<'q>,
    id: Option<IdPart>,
}

impl<'q> Matcher<'q> {
    pub(super) fn new(words: &'q [String]) -> Self {
        let mut words: Vec<_> =
            words.iter().map(|word| Word { finder: Finder::new(word), id: IdPart::new(word) }).collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.finder.needle().len()));
        Self { words }
    }

    /// Whether one row holds all words.
    pub(super) fn row(&self, row: RowRef<'_>) -> bool {
        self.words.iter().all(|word| word.is_in(row.searched().as_bytes(), row.id().0))
    }

    /// Of the rows whose bit is set, unsets those that do not hold all words.
    pub(super) fn chunk(&self, chunk: &Chunk, bits: &mut [u64]) {
        let Some((first, others)) = self.words.split_first() else { return };
        let text = chunk.search.text.as_bytes();
        let mut next = find(first, text, 0);
        let mut start = 0;
        for (at, (end, id)) in chunk.search.ends.iter().zip(&chunk.ids).enumerate() {
            let end = *end as usize;
            // No word holds the line break that ends a row, so a find never reaches into the next one.
            let found = next.is_some_and(|next| next < end);
            if found {
                next = find(first, text, end);
            }
            if let Some(word) = bits.get_mut(at / 64) {
                let bit = 1_u64 << (at % 64);
                let holds = *word & bit != 0
                    && (found || first.id.as_ref().is_some_and(|part| part.is_in(*id)))
                    && others.iter().all(|word| word.is_in(text.get(start..end).unwrap_or_default(), *id));
                if !holds {
                    *word &= !bit;
                }
            }
            start = end;
        }
    }
}

impl Word<'_> {
    fn is_in(&self, text: &[u8], id: Uuid) -> bool {
        self.finder.find(text).is_some() || self.id.as_ref().is_some_and(|part| part.is_in(id))
    }
}

fn find(word: &Word<'_>, text: &[u8], from: usize) -> Option<usize> {
    word.finder.find(text.get(from..)?).map(|at| from + at)
}

/// A part of an id's hyphenated form, compared with the id's 16 bytes: at each place where it could stand, a mask and
/// what must be under it. Places within one half of the id, where no hyphen was typed, need 64 bits.
struct IdPart {
    high: Vec<(u64, u64)>,
    low: Vec<(u64, u64)>,
    both: Vec<(u128, u128)>,
}

/// Where the hyphenated form has its hyphens, and how long it is.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];
const LENGTH: usize = 36;

impl IdPart {
    /// `None` where no id can hold the word.
    fn new(word: &str) -> Option<Self> {
        if word.is_empty() || word.len() > LENGTH {
            return None;
        }
        let mut part = Self { high: Vec::new(), low: Vec::new(), both: Vec::new() };
        for start in 0..=LENGTH - word.len() {
            let Some((mask, value)) = at(word, start) else { continue };
            if mask as u64 == 0 {
                part.high.push(((mask >> 64) as u64, (value >> 64) as u64));
            } else if mask >> 64 == 0 {
                part.low.push((mask as u64, value as u64));
            } else {
                part.both.push((mask, value));
            }
        }
        (!part.high.is_empty() || !part.low.is_empty() || !part.both.is_empty()).then_some(part)
    }

    fn is_in(&self, id: Uuid) -> bool {
        let (high, low) = id.as_u64_pair();
        self.high.iter().any(|(mask, value)| high & mask == *value)
            || self.low.iter().any(|(mask, value)| low & mask == *value)
            || self.both.iter().any(|(mask, value)| id.as_u128() & mask == *value)
    }
}

/// Mask and value of a word that stands at this character of the hyphenated form.
fn at(word: &str, start: usize) -> Option<(u128, u128)> {
    let (mut mask, mut value) = (0, 0);
    for (at, c) in (start..).zip(word.chars()) {
        if HYPHENS.contains(&at) != (c == '-') {
            return None;
        }
        if c != '-' {
            let digit = c.to_digit(16)?;
            let shift = 4 * (31 - (at - HYPHENS.iter().filter(|hyphen| **hyphen < at).count()));
            mask |= 0xF << shift;
            value |= u128::from(digit) << shift;
        }
    }
    Some((mask, value))
}
