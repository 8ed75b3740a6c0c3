//! Which rows hold all words of a query.

use memchr::memchr;
use memchr::memmem::Finder;
use uuid::Uuid;

use super::chunk::{Chunk, RowRef};
use super::table::WORDS;

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
        let mut found = [0; WORDS];
        first.mark(chunk, &mut found);
        for (at, (bits, found)) in bits.iter_mut().zip(found).enumerate() {
            *bits &= found;
            if others.is_empty() {
                continue;
            }
            let mut rest = *bits;
            while rest != 0 {
                let bit = rest & rest.wrapping_neg();
                rest ^= bit;
                let row = chunk.row(at * 64 + bit.trailing_zeros() as usize);
                if !row.is_some_and(|row| others.iter().all(|word| word.is_in(row.searched().as_bytes(), row.id().0))) {
                    *bits ^= bit;
                }
            }
        }
    }
}

impl Word<'_> {
    /// Sets the bits of the rows that hold the word.
    fn mark(&self, chunk: &Chunk, bits: &mut [u64; WORDS]) {
        let known = match self.finder.needle() {
            [byte] => chunk.letters.rows(*byte),
            _ => None,
        };
        match known {
            Some(rows) => *bits = *rows,
            None => self.mark_texts(chunk, bits),
        }
        let Some(part) = &self.id else { return };
        for (bits, ids) in bits.iter_mut().zip(chunk.ids.chunks(64)) {
            for (at, id) in ids.iter().enumerate() {
                if *bits >> at & 1 == 0 {
                    *bits |= u64::from(part.is_in(*id)) << at;
                }
            }
        }
    }

    /// The same for what stands in the texts.
    fn mark_texts(&self, chunk: &Chunk, bits: &mut [u64; WORDS]) {
        // No word holds the line break that ends a row, so a find never reaches into the next one.
        let text = chunk.search.text.as_bytes();
        let mut ends = chunk.search.ends.iter().map(|end| *end as usize).enumerate();
        let mut from = 0;
        let find = |text| match self.finder.needle() {
            [byte] => memchr(*byte, text),
            _ => self.finder.find(text),
        };
        while let Some(at) = text.get(from..).and_then(find) {
            let Some((row, end)) = ends.find(|(_, end)| *end > from + at) else { break };
            if let Some(bits) = bits.get_mut(row / 64) {
                *bits |= 1 << (row % 64);
            }
            from = end;
        }
    }

    fn is_in(&self, text: &[u8], id: Uuid) -> bool {
        self.finder.find(text).is_some() || self.id.as_ref().is_some_and(|part| part.is_in(id))
    }
}

/// Where the hyphenated form of an id has its hyphens, and how long it is.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];
const LENGTH: usize = 36;
/// A one in each of 16 digits.
const ONES: u64 = 0x1111_1111_1111_1111;

/// A part of an id's hyphenated form, compared with the id's 16 bytes.
enum IdPart {
    /// Without a hyphen it lies within one half: its digits, each 16 times, and in each half the places of a digit where
    /// it may begin, as the digit's highest bit.
    Digits { digits: Vec<u64>, high: u64, low: u64 },
    /// With hyphens there are few places: at each a mask, and what must be under it.
    Masks(Vec<(u128, u128)>),
}

impl IdPart {
    /// `None` where no id can hold the word.
    fn new(word: &str) -> Option<Self> {
        if word.is_empty() || word.len() > LENGTH {
            return None;
        }
        let masks: Vec<(u128, u128)> = (0..=LENGTH - word.len()).filter_map(|start| at(word, start)).collect();
        if masks.is_empty() {
            return None;
        }
        if word.contains('-') {
            return Some(Self::Masks(masks));
        }
        let digits = word.chars().filter_map(|c| c.to_digit(16)).map(|digit| u64::from(digit) * ONES).collect();
        let starts = masks.iter().fold(0, |starts, (mask, _)| starts | 1_u128 << (127 - mask.leading_zeros()));
        Some(Self::Digits { digits, high: (starts >> 64) as u64, low: starts as u64 })
    }

    fn is_in(&self, id: Uuid) -> bool {
        match self {
            Self::Digits { digits, high, low } => {
                let (id_high, id_low) = id.as_u64_pair();
                begins(digits, [id_high, id_low], [*high, *low])
            }
            Self::Masks(masks) => masks.iter().any(|(mask, value)| id.as_u128() & mask == *value),
        }
    }
}

/// Whether the digits stand in an id's halves at one of these places: at all places at once, digit by digit.
fn begins(digits: &[u64], halves: [u64; 2], mut places: [u64; 2]) -> bool {
    for (at, digit) in (0_u32..).zip(digits) {
        for (half, places) in halves.iter().zip(&mut places) {
            let differs = half ^ digit;
            // The highest bit of each digit that is the same.
            let same = !(((differs & (7 * ONES)) + 7 * ONES) | differs) & (8 * ONES);
            *places &= same << (4 * at);
        }
        // Earlier it could go either way, and a wrong guess costs more than the next digit.
        if at >= 2 && places == [0, 0] {
            return false;
        }
    }
    places != [0, 0]
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
