//! A table's rows as a list shows them: filtered and in order.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::Timestamp;

use super::search::Matcher;
use super::table::{STRIDE, Snapshot, WORDS};
use super::{Column, Query, RowRef, Sort};

/// Rows sorted at once; between runs a worker can be stopped.
const RUN: usize = 1 << 16;
/// A base with fewer than one of so many rows is searched row by row, not chunk by chunk.
const FEW: usize = 16;

/// Row numbers in order.
#[derive(Clone)]
pub struct View {
    /// The rows.
    pub rows: Arc<[u32]>,
    /// What they answer.
    pub query: Query,
    /// How many of the table's chunks were looked at.
    covers: usize,
    /// How many rows had died by then.
    deaths: u64,
    now: Timestamp,
    table: Arc<()>,
}

impl View {
    /// Whether all rows of this query are among these, so that this view is a base for it.
    pub fn serves(&self, query: &Query) -> bool {
        query.narrows(&self.query)
    }

    /// Whether rows have come or gone since.
    pub fn is_behind(&self, snapshot: &Snapshot) -> bool {
        self.covers != snapshot.slots().len() || self.deaths != snapshot.deaths() || !self.is_before(snapshot)
    }

    /// Where a row stands.
    pub fn position(&self, row: u32) -> Option<usize> {
        self.rows.iter().position(|one| *one == row)
    }

    /// Whether it is of this table, and not of a later moment.
    fn is_before(&self, snapshot: &Snapshot) -> bool {
        Arc::ptr_eq(&self.table, snapshot.table())
            && self.covers <= snapshot.slots().len()
            && self.deaths <= snapshot.deaths()
    }
}

impl PartialEq for View {
    fn eq(&self, other: &Self) -> bool {
        self.query == other.query
            && self.covers == other.covers
            && self.now == other.now
            && (Arc::ptr_eq(&self.rows, &other.rows) || self.rows == other.rows)
    }
}

impl fmt::Debug for View {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "View({} rows, {:?})", self.rows.len(), self.query)
    }
}

/// The rows that a query finds, in its order. With a base that serves the query, only its rows and those of newer chunks
/// are looked at, and its order is used where it is the same. `None` once `cancel` is set. For a worker.
pub fn view(
    snapshot: &Snapshot,
    query: &Query,
    now: Timestamp,
    base: Option<&View>,
    cancel: &AtomicBool,
) -> Option<View> {
    let base = base.filter(|base| base.is_before(snapshot) && base.serves(query));
    let covered = base.map_or(0, |base| base.covers);
    let stop = || cancel.load(std::sync::atomic::Ordering::Relaxed);
    let matcher = Matcher::new(&query.words);
    let order = Order { snapshot, sort: query.sort, now };

    let mut rows: Vec<u32> = match base {
        None => Vec::new(),
        Some(base) if base.query.words == query.words => live(snapshot, base).collect(),
        Some(base) if base.rows.len() * FEW < snapshot.len() => {
            live(snapshot, base).filter(|row| snapshot.row(*row).is_some_and(|it| matcher.row(it))).collect()
        }
        Some(base) => {
            let bits = matches(snapshot, &matcher, 0..covered, stop)?;
            base.rows.iter().copied().filter(|row| is_set(&bits, *row)).collect()
        }
    };
    let bits = matches(snapshot, &matcher, covered..snapshot.slots().len(), stop)?;
    let new = ones(&bits, (covered * STRIDE) as u32);
    // Who is banned changes with time.
    let ordered = base
        .is_some_and(|base| base.query.sort == query.sort && (query.sort.column != Column::Status || base.now == now));
    if ordered {
        rows = order.merge(rows, order.sort(new, stop)?);
    } else {
        rows.extend(new);
        rows = order.sort(rows, stop)?;
    }
    (!stop()).then(|| View {
        rows: rows.into(),
        query: query.clone(),
        covers: snapshot.slots().len(),
        deaths: snapshot.deaths(),
        now,
        table: Arc::clone(snapshot.table()),
    })
}

fn live<'a>(snapshot: &'a Snapshot, base: &'a View) -> impl Iterator<Item = u32> + 'a {
    base.rows.iter().copied().filter(|row| snapshot.is_live(*row))
}

/// A bit for each live row of these slots that matches.
fn matches(
    snapshot: &Snapshot,
    matcher: &Matcher<'_>,
    slots: std::ops::Range<usize>,
    stop: impl Fn() -> bool,
) -> Option<Vec<u64>> {
    let dead = snapshot.dead().get(slots.start * WORDS..slots.end * WORDS).unwrap_or_default();
    let mut bits: Vec<u64> = dead.iter().map(|dead| !dead).collect();
    for (chunk, bits) in snapshot.slots().iter().skip(slots.start).zip(bits.chunks_mut(WORDS)) {
        if stop() {
            return None;
        }
        matcher.chunk(chunk, bits);
    }
    Some(bits)
}

fn is_set(bits: &[u64], row: u32) -> bool {
    bits.get(row as usize / 64).is_some_and(|bits| bits >> (row % 64) & 1 == 1)
}

fn ones(bits: &[u64], first: u32) -> Vec<u32> {
    let mut rows = Vec::with_capacity(bits.iter().map(|bits| bits.count_ones() as usize).sum());
    for (start, bits) in (first..).step_by(64).zip(bits) {
        let mut rest = *bits;
        while rest != 0 {
            rows.push(start + rest.trailing_zeros());
            rest &= rest - 1;
        }
    }
    rows
}

/// How rows of a snapshot compare.
#[derive(Clone, Copy)]
struct Order<'a> {
    snapshot: &'a Snapshot,
    sort: Sort,
    now: Timestamp,
}

/// What decides most comparisons without a look at the row: ascending, whatever the order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Rows without the value have a larger one.
    class: u8,
    /// A number, or a text's first 16 bytes; inverted where the order descends.
    start: [u64; 2],
}

impl Order<'_> {
    fn sort(&self, rows: Vec<u32>, stop: impl Fn() -> bool) -> Option<Vec<u32>> {
        let mut keys: Vec<(Key, u32)> = rows.iter().map(|row| (self.key(*row), *row)).collect();
        for run in keys.chunks_mut(RUN) {
            if stop() {
                return None;
            }
            run.sort_unstable_by(|a, b| self.compare(*a, *b));
        }
        let mut sorted = rows;
        sorted.clear();
        let mut heads: BinaryHeap<Reverse<Head<'_>>> =
            keys.chunks(RUN).filter_map(|run| Head::new(run.iter(), self)).map(Reverse).collect();
        while let Some(Reverse(head)) = heads.pop() {
            if sorted.len().is_multiple_of(RUN) && stop() {
                return None;
            }
            sorted.push(head.first.1);
            heads.extend(Head::new(head.rest, self).map(Reverse));
        }
        Some(sorted)
    }

    /// Two sorted lists as one. The second is the smaller one: each of its rows is looked for in the first.
    fn merge(&self, old: Vec<u32>, new: Vec<u32>) -> Vec<u32> {
        if new.is_empty() {
            return old;
        }
        let mut merged = Vec::with_capacity(old.len() + new.len());
        let mut rest = old.as_slice();
        for row in new {
            let key = (self.key(row), row);
            let before = rest.partition_point(|one| self.compare((self.key(*one), *one), key) == Ordering::Less);
            if let Some((head, tail)) = rest.split_at_checked(before) {
                merged.extend_from_slice(head);
                rest = tail;
            }
            merged.push(row);
        }
        merged.extend_from_slice(rest);
        merged
    }

    fn compare(&self, a: (Key, u32), b: (Key, u32)) -> Ordering {
        a.0.cmp(&b.0).then_with(|| {
            let (Some(a), Some(b)) = (self.snapshot.row(a.1), self.snapshot.row(b.1)) else { return Ordering::Equal };
            let texts = self.text(a).map(|text| text.1).cmp(&self.text(b).map(|text| text.1));
            let texts = if self.sort.descending { texts.reverse() } else { texts };
            texts.then_with(|| a.id().cmp(&b.id()))
        })
    }

    fn key(&self, row: u32) -> Key {
        let missing = Key { class: u8::MAX, start: [0, 0] };
        let Some(row) = self.snapshot.row(row) else { return missing };
        let number = |micros: Option<i64>| micros.map(|micros| (0, [(micros as u64) ^ (1 << 63), 0]));
        let found = match self.sort.column {
            Column::Email | Column::Providers => self.text(row).map(|(class, text)| (class, start(text))),
            Column::Created => number(row.created_micros()),
            Column::LastSignIn => number(row.last_sign_in_micros()),
            Column::Status => row.status(self.now).map(|status| (0, [status.rank(), 0])),
        };
        let Some((class, start)) = found else { return missing };
        Key { class, start: if self.sort.descending { start.map(|part| !part) } else { start } }
    }

    /// Class and text, for columns of texts.
    fn text<'a>(&self, row: RowRef<'a>) -> Option<(u8, &'a str)> {
        match self.sort.column {
            Column::Email => {
                row.folded_email().map(|text| (0, text)).or_else(|| row.folded_phone().map(|text| (1, text)))
            }
            Column::Providers => row.providers().map(|text| (0, text)),
            _ => None,
        }
    }
}

/// The first 16 bytes; a clean text holds no zero.
fn start(text: &str) -> [u64; 2] {
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(text.bytes()) {
        *to = from;
    }
    let all = u128::from_be_bytes(bytes);
    [(all >> 64) as u64, all as u64]
}

/// The first of what is left of a sorted run.
struct Head<'a> {
    first: (Key, u32),
    rest: std::slice::Iter<'a, (Key, u32)>,
    order: &'a Order<'a>,
}

impl<'a> Head<'a> {
    fn new(mut rest: std::slice::Iter<'a, (Key, u32)>, order: &'a Order<'a>) -> Option<Self> {
        rest.next().map(|first| Self { first: *first, rest, order })
    }
}

impl Ord for Head<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order.compare(self.first, other.first)
    }
}

impl PartialOrd for Head<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Head<'_> {}
