//! All users that were loaded, each id once. What `update` owns: no call here takes long, whatever was loaded.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use uuid::Uuid;

use super::chunk::{Chunk, RowRef};
use crate::api::model::UserId;

/// Row numbers of a slot; a chunk has fewer rows.
pub(super) const STRIDE: usize = 1 << STRIDE_BITS;
const STRIDE_BITS: u32 = 10;
/// Words of a slot in a bit set.
pub(super) const WORDS: usize = STRIDE / 64;
/// Parts of the index.
const SHARDS: usize = 1 << SHARD_BITS;
const SHARD_BITS: u32 = 12;
/// Of a chunk with fewer than one row of so many to keep, those rows alone are kept.
const SPARSE: usize = 4;

/// What a chunk brought, as row numbers.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Pushed {
    /// Rows of ids not seen before.
    pub new: Vec<u32>,
    /// Rows that stand in the place of an older row of their id.
    pub changed: Vec<u32>,
    /// How many rows were there already with the same content.
    pub same: usize,
}

/// The chunks and which of their rows count, at one moment. Cheap to clone and to send.
#[derive(Clone)]
pub struct Snapshot {
    slots: Arc<Vec<Arc<Chunk>>>,
    /// A bit for each row number that holds no row, or one that was removed or superseded.
    dead: Arc<Vec<u64>>,
    live: usize,
    /// How many rows were removed or superseded.
    deaths: u64,
    table: Arc<()>,
}

impl Snapshot {
    /// How many rows count.
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether no row counts.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// A row by its number, also one that was removed or superseded, while its chunk is held.
    pub fn row(&self, row: u32) -> Option<RowRef<'_>> {
        self.slots.get(slot(row))?.row(place(row))
    }

    /// Whether the row is there and was neither removed nor superseded.
    pub fn is_live(&self, row: u32) -> bool {
        self.dead.get(row as usize / 64).is_some_and(|bits| bits & bit(row) == 0)
    }

    /// The table's numbers of chunks so far.
    pub(super) fn slots(&self) -> &[Arc<Chunk>] {
        &self.slots
    }

    pub(super) fn dead(&self) -> &[u64] {
        &self.dead
    }

    pub(super) fn deaths(&self) -> u64 {
        self.deaths
    }

    pub(super) fn table(&self) -> &Arc<()> {
        &self.table
    }

    fn id(&self, row: u32) -> Option<Uuid> {
        self.slots.get(slot(row))?.ids.get(place(row)).copied()
    }
}

impl PartialEq for Snapshot {
    fn eq(&self, other: &Self) -> bool {
        (Arc::ptr_eq(&self.slots, &other.slots) && Arc::ptr_eq(&self.dead, &other.dead))
            || (self.dead == other.dead && self.slots == other.slots)
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Snapshot({} rows in {} chunks)", self.live, self.slots.len())
    }
}

/// All rows that were loaded.
pub struct Table {
    now: Snapshot,
    /// The live rows by id: in the shard of the id's hash, sorted by more of it. Shards grow one by one, so that no push
    /// pays for all; the hash is seeded, so that no server can fill one shard alone.
    shards: Vec<Vec<Entry>>,
    hasher: RandomState,
}

#[derive(Clone, Copy)]
struct Entry {
    tag: u32,
    row: u32,
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Table({:?})", self.now)
    }
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.now == other.now
    }
}

impl Table {
    /// A table without rows.
    pub fn new() -> Self {
        let now = Snapshot { slots: Arc::default(), dead: Arc::default(), live: 0, deaths: 0, table: Arc::new(()) };
        Self { now, shards: vec![Vec::new(); SHARDS], hasher: RandomState::new() }
    }

    /// How many distinct ids it holds.
    pub fn len(&self) -> usize {
        self.now.live
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.now.live == 0
    }

    /// Takes a chunk in. A row whose id is there already with other content takes the old one's place.
    pub fn push(&mut self, chunk: Arc<Chunk>) -> Pushed {
        let keep: Vec<usize> =
            (0..chunk.len()).filter(|at| chunk.row(*at).is_some_and(|row| !self.holds(row))).collect();
        let left_out = chunk.len() - keep.len();
        let sparse = keep.len() * SPARSE < chunk.len();
        let mut pushed = Pushed { same: if sparse { left_out } else { 0 }, ..Pushed::default() };
        if keep.is_empty() {
            pushed.same = left_out;
            return pushed;
        }
        let chunk = if sparse { Arc::new(chunk.pick(&keep)) } else { chunk };
        let first = self.end();
        Arc::make_mut(&mut self.now.slots).push(Arc::clone(&chunk));
        let dead = Arc::make_mut(&mut self.now.dead);
        dead.resize(dead.len() + WORDS, u64::MAX);
        for (row, it) in (first..).zip((0..chunk.len()).filter_map(|at| chunk.row(at))) {
            self.take(row, it, first, &mut pushed);
        }
        pushed
    }

    /// The number from which the rows of the next chunk are counted.
    pub fn end(&self) -> u32 {
        (self.now.slots.len() << STRIDE_BITS) as u32
    }

    /// Takes a row out; the number it had.
    pub fn remove(&mut self, id: UserId) -> Option<u32> {
        let (shard, _, found) = self.search(id.0);
        let at = found.ok()?;
        let entries = self.shards.get_mut(shard)?;
        let row = entries.get(at)?.row;
        entries.remove(at);
        self.bury(row);
        Some(row)
    }

    /// The number of the row with this id.
    pub fn find(&self, id: UserId) -> Option<u32> {
        let (shard, _, found) = self.search(id.0);
        self.entry(shard, found.ok()?).map(|entry| entry.row)
    }

    /// A row by its number, as it is now: of a superseded one the row in its place, of a removed one nothing.
    pub fn row(&self, row: u32) -> Option<RowRef<'_>> {
        let row = if self.now.is_live(row) { row } else { self.find(UserId(self.now.id(row)?))? };
        self.now.row(row)
    }

    /// What a worker needs to make a view.
    pub fn snapshot(&self) -> Snapshot {
        self.now.clone()
    }

    /// About how much memory it takes: all, and the raw rows' part of it.
    pub fn bytes(&self) -> (usize, usize) {
        let index: usize = self.shards.iter().map(|entries| 24 + entries.capacity() * size_of::<Entry>()).sum();
        let own = index + self.now.dead.capacity() * 8 + self.now.slots.capacity() * 8;
        self.now.slots.iter().map(|chunk| chunk.bytes()).fold((own, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    /// Whether the same row is there.
    fn holds(&self, row: RowRef<'_>) -> bool {
        self.find(row.id()).and_then(|old| self.now.row(old)).is_some_and(|old| old.content() == row.content())
    }

    fn take(&mut self, row: u32, it: RowRef<'_>, first: u32, pushed: &mut Pushed) {
        let (shard, tag, found) = self.search(it.id().0);
        let old = found.ok().and_then(|at| self.entry(shard, at)).map(|entry| entry.row);
        if old.and_then(|old| self.now.row(old)).is_some_and(|old| old.content() == it.content()) {
            pushed.same += 1;
            return;
        }
        let Some(entries) = self.shards.get_mut(shard) else { return };
        match found {
            Ok(at) => entries.iter_mut().skip(at).take(1).for_each(|entry| entry.row = row),
            Err(at) => {
                if entries.len() == entries.capacity() {
                    entries.reserve_exact(entries.len() / 8 + 8);
                }
                entries.insert(at, Entry { tag, row });
            }
        }
        if let Some(old) = old {
            self.bury(old);
        }
        self.now.live += 1;
        if let Some(bits) = Arc::make_mut(&mut self.now.dead).get_mut(row as usize / 64) {
            *bits &= !bit(row);
        }
        match old {
            None => pushed.new.push(row),
            // The id is in this chunk twice: the later row stands for both.
            Some(old) if old >= first => {
                pushed.new.iter_mut().chain(&mut pushed.changed).filter(|one| **one == old).for_each(|one| *one = row);
            }
            Some(_) => pushed.changed.push(row),
        }
    }

    /// Marks a row as dead, and lets its chunk go with its last row.
    fn bury(&mut self, row: u32) {
        self.now.live -= 1;
        self.now.deaths += 1;
        let dead = Arc::make_mut(&mut self.now.dead);
        if let Some(bits) = dead.get_mut(row as usize / 64) {
            *bits |= bit(row);
        }
        let slot = slot(row);
        let all =
            dead.get(slot * WORDS..(slot + 1) * WORDS).is_some_and(|bits| bits.iter().all(|bits| *bits == u64::MAX));
        // The last chunk may be one whose rows are just coming in.
        if all
            && slot + 1 < self.now.slots.len()
            && let Some(chunk) = Arc::make_mut(&mut self.now.slots).get_mut(slot)
        {
            *chunk = Arc::new(chunk.pick(&[]));
        }
    }

    /// The shard of an id, its tag, and where in the shard the id is or would be.
    fn search(&self, id: Uuid) -> (usize, u32, Result<usize, usize>) {
        let hash = self.hasher.hash_one(id);
        let (shard, tag) = ((hash >> (64 - SHARD_BITS)) as usize, hash as u32);
        let entries = self.shards.get(shard).map(Vec::as_slice).unwrap_or_default();
        // Tags are spread evenly: it is near where its size says, a line of the cache away.
        let guess = ((u64::from(tag) * entries.len() as u64) >> 32) as usize;
        let (before, behind) = entries.split_at_checked(guess).unwrap_or_default();
        let start = if before.last().is_some_and(|entry| entry.tag >= tag) {
            before.iter().rposition(|entry| entry.tag < tag).map_or(0, |last| last + 1)
        } else {
            guess + behind.iter().position(|entry| entry.tag >= tag).unwrap_or(behind.len())
        };
        let equal = entries.iter().skip(start).take_while(|entry| entry.tag == tag);
        let found = equal.enumerate().find(|(_, entry)| self.now.id(entry.row) == Some(id));
        (shard, tag, found.map_or(Err(start), |(at, _)| Ok(start + at)))
    }

    fn entry(&self, shard: usize, at: usize) -> Option<&Entry> {
        self.shards.get(shard)?.get(at)
    }
}

const fn slot(row: u32) -> usize {
    (row >> STRIDE_BITS) as usize
}

const fn place(row: u32) -> usize {
    row as usize % STRIDE
}

const fn bit(row: u32) -> u64 {
    1 << (row % 64)
}
