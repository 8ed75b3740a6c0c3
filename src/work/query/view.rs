//! A table's rows as a list shows them: filtered and in order.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::fmt;
use std::ops::Range;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::thread;

use jiff::Timestamp;

use super::search::Matcher;
use super::table::{STRIDE, Snapshot, WORDS};
use super::{Column, Query, RowRef, Sort, Status};
use crate::api::model::UserId;

/// Rows sorted at once; between runs a worker can be stopped.
const RUN: usize = 1 << 18;
/// A base with fewer than one of so many rows is searched row by row, not chunk by chunk.
const FEW: usize = 16;
/// From so many chunks on, threads of their own are worth their start.
const MANY: usize = 100;
/// The screen and the network want some of the machine, too.
const MOST_CORES: usize = 4;
/// So many chunks a core searches at a time.
const PART: usize = 16;

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

    let old: Cow<'_, [u32]> = match base {
        None => Cow::default(),
        Some(base) if base.query.words == query.words => {
            if base.deaths == snapshot.deaths() {
                Cow::Borrowed(&base.rows)
            } else {
                keep(&base.rows, |row| snapshot.is_live(row))
            }
        }
        Some(base) if base.rows.len() * FEW < snapshot.len() => {
            keep(&base.rows, |row| snapshot.is_live(row) && snapshot.row(row).is_some_and(|row| matcher.row(row)))
        }
        Some(base) => {
            let bits = matches(snapshot, &matcher, 0..covered, stop)?;
            keep(&base.rows, |row| bits.get(row as usize / 64).is_some_and(|bits| bits >> (row % 64) & 1 == 1))
        }
    };
    let bits = matches(snapshot, &matcher, covered..snapshot.slots().len(), stop)?;
    let new = ones(&bits, (covered * STRIDE) as u32);
    // Who is banned changes with time.
    let ordered = base
        .is_some_and(|base| base.query.sort == query.sort && (query.sort.column != Column::Status || base.now == now));
    let rows: Arc<[u32]> = match (ordered, old) {
        (true, Cow::Borrowed(_)) if new.is_empty() => base.map(|base| Arc::clone(&base.rows)).unwrap_or_default(),
        (true, old) if new.is_empty() => old.into(),
        (true, old) => order.merge(&old, &order.sort(new, stop)?).into(),
        (false, old) => {
            let mut rows = old.into_owned();
            rows.extend(new);
            order.sort(rows, stop)?.into()
        }
    };
    (!stop()).then(|| View {
        rows,
        query: query.clone(),
        covers: snapshot.slots().len(),
        deaths: snapshot.deaths(),
        now,
        table: Arc::clone(snapshot.table()),
    })
}

/// The rows that are to stay, in their order.
fn keep(rows: &[u32], stays: impl Fn(u32) -> bool) -> Cow<'static, [u32]> {
    let mut kept = Vec::with_capacity(rows.len());
    kept.extend(rows.iter().copied().filter(|row| stays(*row)));
    Cow::Owned(kept)
}

/// A bit for each live row of these slots that matches. Many slots are shared out among the machine's cores.
fn matches(
    snapshot: &Snapshot,
    matcher: &Matcher<'_>,
    slots: Range<usize>,
    stop: impl Fn() -> bool + Sync,
) -> Option<Vec<u64>> {
    let dead = snapshot.dead().get(slots.start * WORDS..slots.end * WORDS).unwrap_or_default();
    let mut bits: Vec<u64> = dead.iter().map(|dead| !dead).collect();
    let chunks = snapshot.slots().get(slots).unwrap_or_default();
    let cores = if chunks.len() < MANY { 1 } else { thread::available_parallelism().map_or(1, usize::from) };
    let parts = Mutex::new(chunks.chunks(PART).zip(bits.chunks_mut(PART * WORDS)));
    let next = || parts.lock().ok()?.next();
    let search = || {
        while !stop()
            && let Some((chunks, bits)) = next()
        {
            for (chunk, bits) in chunks.iter().zip(bits.chunks_mut(WORDS)) {
                matcher.chunk(chunk, bits);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..cores.min(MOST_CORES) {
            // Where none can be had the others do its parts.
            drop(thread::Builder::new().spawn_scoped(scope, search));
        }
        search();
    });
    (!stop()).then_some(bits)
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

/// A row with what decides most comparisons without a look at it. Smaller comes first, whatever the direction.
#[derive(Clone, Copy)]
struct Key {
    /// A number, or a text's first 16 bytes; inverted where the order descends.
    start: u128,
    /// The start of the id.
    id: u64,
    row: u32,
    /// Rows without the value have a larger one.
    class: u8,
    /// Whether the text goes on.
    long: bool,
}

impl Key {
    /// Decides all but rows of equal numbers and ids' starts, and texts that go on.
    fn place(&self) -> (u8, u128, u64) {
        (self.class, self.start, self.id)
    }
}

impl Order<'_> {
    fn sort(&self, rows: Vec<u32>, stop: impl Fn() -> bool) -> Option<Vec<u32>> {
        let mut keys: Vec<Key> = rows.iter().map(|row| self.key(*row)).collect();
        for run in keys.chunks_mut(RUN) {
            if stop() {
                return None;
            }
            run.sort_unstable_by_key(Key::place);
            for same in run.chunk_by_mut(|a, b| (a.class, a.start) == (b.class, b.start)) {
                self.finish(same);
            }
        }
        let mut sorted = rows;
        sorted.clear();
        // At most 16 million rows are 64 runs; a million are four.
        let mut runs: Vec<&[Key]> = keys.chunks(RUN).collect();
        while let Some((first, run)) = self.least(&mut runs) {
            if sorted.len().is_multiple_of(RUN) && stop() {
                return None;
            }
            sorted.push(first.row);
            *run = run.get(1..).unwrap_or_default();
        }
        Some(sorted)
    }

    /// The run with the smallest first row, and that row.
    fn least<'k, 'r>(&self, runs: &'r mut [&'k [Key]]) -> Option<(&'k Key, &'r mut &'k [Key])> {
        let firsts = runs.iter_mut().filter_map(|run| run.first().map(|first| (first, run)));
        firsts.reduce(|a, b| if self.compare(b.0, a.0) == Ordering::Less { b } else { a })
    }

    /// Two sorted lists as one. The second is the smaller one: each of its rows is looked for in the first.
    fn merge(&self, old: &[u32], new: &[u32]) -> Vec<u32> {
        let mut merged = Vec::with_capacity(old.len() + new.len());
        let mut rest = old;
        for row in new {
            let key = self.key(*row);
            let before = rest.partition_point(|one| self.compare(&self.key(*one), &key) == Ordering::Less);
            if let Some((head, tail)) = rest.split_at_checked(before) {
                merged.extend_from_slice(head);
                rest = tail;
            }
            merged.push(*row);
        }
        merged.extend_from_slice(rest);
        merged
    }

    /// Sorts rows that are equal as far as their keys say; each row is looked at once.
    fn finish(&self, same: &mut [Key]) {
        let done = same.iter().all(|key| !key.long) && same.is_sorted_by(|a, b| a.id < b.id);
        if same.len() < 2 || done {
            return;
        }
        let mut rows: Vec<_> = same.iter().map(|key| (self.rest(key), *key)).collect();
        rows.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        for (to, (_, from)) in same.iter_mut().zip(rows) {
            *to = from;
        }
    }

    fn compare(&self, a: &Key, b: &Key) -> Ordering {
        (a.class, a.start).cmp(&(b.class, b.start)).then_with(|| {
            let ids = if a.long || b.long { Ordering::Equal } else { a.id.cmp(&b.id) };
            ids.then_with(|| self.rest(a).cmp(&self.rest(b)))
        })
    }

    /// What decides when keys do not: the rest of a text, one way or the other, and the id.
    fn rest(&self, key: &Key) -> (Option<&str>, Reverse<Option<&str>>, Option<UserId>) {
        let row = self.snapshot.row(key.row);
        let text = row.filter(|_| key.long).and_then(|row| self.text(row)).map(|text| text.1);
        let (up, down) = if self.sort.descending { (None, text) } else { (text, None) };
        (up, Reverse(down), row.map(RowRef::id))
    }

    fn key(&self, row: u32) -> Key {
        let missing = Key { start: 0, id: 0, row, class: u8::MAX, long: false };
        let Some(it) = self.snapshot.row(row) else { return missing };
        let id = it.id().0.as_u64_pair().0;
        let (class, start, long) = match self.sort.column {
            Column::Email | Column::Providers => match self.text(it) {
                Some((class, text)) => (class, start(text), text.len() > 16),
                None => return Key { id, ..missing },
            },
            Column::Created | Column::LastSignIn | Column::Status => match self.number(it) {
                Some(number) => (0, u128::from(number), false),
                None => return Key { id, ..missing },
            },
        };
        Key { start: if self.sort.descending { !start } else { start }, id, row, class, long }
    }

    /// The value in columns of numbers.
    fn number(&self, row: RowRef<'_>) -> Option<u64> {
        let time = |micros: i64| (micros as u64) ^ (1 << 63);
        match self.sort.column {
            Column::Created => row.created_micros().map(time),
            Column::LastSignIn => row.last_sign_in_micros().map(time),
            Column::Status => row.status(self.now).map(Status::rank),
            Column::Email | Column::Providers => None,
        }
    }

    /// Class and text in columns of texts.
    fn text<'a>(&self, row: RowRef<'a>) -> Option<(u8, &'a str)> {
        match self.sort.column {
            Column::Email => {
                row.folded_email().map(|text| (0, text)).or_else(|| row.folded_phone().map(|text| (1, text)))
            }
            Column::Providers => row.providers().map(|text| (0, text)),
            Column::Created | Column::LastSignIn | Column::Status => None,
        }
    }
}

/// The first 16 bytes; a clean text holds no zero.
fn start(text: &str) -> u128 {
    let mut bytes = [0; 16];
    match text.as_bytes().first_chunk::<16>() {
        Some(first) => bytes = *first,
        None => bytes.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from),
    }
    u128::from_be_bytes(bytes)
}
