//! Up to 1,000 users that came together, column by column, never changed after they were built.

use std::fmt;
use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;

use jiff::Timestamp;
use md5::{Digest, Md5};
use memchr::memchr_iter;
use uuid::Uuid;

use super::fold;
use super::letters::Letters;
use crate::api::model::{Row, User, UserId};
use crate::text::clean;

/// Rows of a chunk.
pub(super) const ROWS: usize = 1_000;
/// Raw rows deflated together.
const BLOCK: usize = 100;
/// As small as higher levels within a tenth, at a third of their time.
const LEVEL: u8 = 4;
/// A time that is not there.
const NEVER: i64 = i64::MIN;

/// What a user is at some moment: the first that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Soft-deleted.
    Deleted,
    /// Banned until then.
    Banned(Timestamp),
    /// No address was confirmed.
    Unconfirmed,
    /// Signed in without an address.
    Anonymous,
    /// An address was confirmed.
    Confirmed,
}

impl Status {
    /// The word on screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Banned(_) => "banned",
            Self::Unconfirmed => "unconfirmed",
            Self::Anonymous => "anonymous",
            Self::Confirmed => "confirmed",
        }
    }

    pub(super) const fn rank(self) -> u64 {
        match self {
            Self::Deleted => 0,
            Self::Banned(_) => 1,
            Self::Unconfirmed => 2,
            Self::Anonymous => 3,
            Self::Confirmed => 4,
        }
    }
}

/// Up to 1,000 rows. Equal by address, else by the rows' raw texts.
pub struct Chunk {
    pub(super) ids: Box<[Uuid]>,
    /// Hashes of the raw rows.
    contents: Box<[u64]>,
    /// For each row `email\nphone\nname\n`, folded.
    pub(super) search: Texts,
    pub(super) letters: Letters,
    /// Emails and phones that differ from their folded form.
    emails: Sparse<Box<str>>,
    phones: Sparse<Box<str>>,
    names: Texts,
    /// Joined providers, each once, and which one a row has.
    providers: Box<[Box<str>]>,
    provider: Box<[u16]>,
    created: Box<[i64]>,
    last_sign_in: Box<[i64]>,
    confirmed: Box<[i64]>,
    banned: Sparse<i64>,
    deleted: Sparse<i64>,
    anonymous: Sparse<()>,
    broken: Sparse<Box<str>>,
    blocks: Box<[Arc<[u8]>]>,
    /// Block and place in it of each row; none where the rows lie one after the other.
    places: Option<Box<[(u16, u16)]>>,
}

impl Chunk {
    /// Cleans and packs rows, 1,000 to a chunk. Slow: for a worker.
    pub fn build(rows: &[Row<User>]) -> Vec<Arc<Self>> {
        rows.chunks(ROWS).map(|rows| Arc::new(Self::build_one(rows))).collect()
    }

    fn build_one(rows: &[Row<User>]) -> Self {
        let mut builder = Builder::default();
        for row in rows {
            builder.add(&Cells::of(row));
        }
        let blocks = rows.chunks(BLOCK).map(deflate).collect();
        builder.finish(blocks, None)
    }

    /// A chunk of these rows alone. Quick: raw rows stay in the blocks they are in.
    pub(super) fn pick(&self, rows: &[usize]) -> Self {
        let mut builder = Builder::default();
        let mut blocks: Vec<Arc<[u8]>> = Vec::new();
        let mut last = None;
        let mut places = Vec::with_capacity(rows.len());
        for row in rows.iter().filter_map(|at| self.row(*at)) {
            builder.add(&Cells::again(row));
            let (block, place) = self.place(row.at);
            if last != Some(block) {
                last = Some(block);
                blocks.extend(self.blocks.get(usize::from(block)).cloned());
            }
            places.push((blocks.len().saturating_sub(1) as u16, place));
        }
        builder.finish(blocks.into(), Some(places.into()))
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// A row by its place.
    pub fn row(&self, at: usize) -> Option<RowRef<'_>> {
        (at < self.len()).then_some(RowRef { chunk: self, at })
    }

    /// The row as the server sent it.
    pub fn raw(&self, at: usize) -> Option<String> {
        let (block, place) = self.row(at).map(|_| self.place(at))?;
        inflate(self.blocks.get(usize::from(block))?, usize::from(place))
    }

    /// About how much memory it takes, the raw rows' part of it second.
    pub fn bytes(&self) -> (usize, usize) {
        let raw = self.blocks.iter().map(|block| block.len() + 16 + 16).sum();
        let rows = self.len() * (16 + 8 + 2 + 3 * 8) + self.places.as_ref().map_or(0, |places| places.len() * 4);
        let texts = self.search.bytes() + self.names.bytes() + self.letters.bytes();
        let rare = (self.banned.0.len() + self.deleted.0.len()) * 16 + self.anonymous.0.len() * 2;
        let boxed = [&self.emails, &self.phones, &self.broken].into_iter().flat_map(|texts| &texts.0);
        let rare = rare + boxed.map(|(_, text)| 24 + 16 + text.len()).sum::<usize>();
        let providers = self.providers.iter().map(|text| 32 + text.len()).sum::<usize>();
        (size_of::<Self>() + rows + texts + rare + providers + raw, raw)
    }

    fn place(&self, at: usize) -> (u16, u16) {
        match &self.places {
            None => ((at / BLOCK) as u16, (at % BLOCK) as u16),
            Some(places) => places.get(at).copied().unwrap_or((u16::MAX, 0)),
        }
    }
}

impl PartialEq for Chunk {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || (self.ids == other.ids && self.contents == other.contents)
    }
}

impl Eq for Chunk {}

impl fmt::Debug for Chunk {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Chunk({} rows)", self.len())
    }
}

/// A row of a chunk. All texts are clean.
#[derive(Clone, Copy)]
pub struct RowRef<'a> {
    chunk: &'a Chunk,
    at: usize,
}

impl<'a> RowRef<'a> {
    /// The id; of a row that cannot be read, the MD5 of its text.
    pub fn id(self) -> UserId {
        UserId(self.chunk.ids.get(self.at).copied().unwrap_or_default())
    }

    /// The email.
    pub fn email(self) -> Option<&'a str> {
        self.chunk.emails.get(self.at).map(AsRef::as_ref).or_else(|| self.folded_email())
    }

    /// The phone as it is shown: `+` and digits.
    pub fn phone(self) -> Option<&'a str> {
        self.chunk.phones.get(self.at).map(AsRef::as_ref).or_else(|| self.folded_phone())
    }

    /// The name.
    pub fn name(self) -> Option<&'a str> {
        some(self.chunk.names.get(self.at))
    }

    /// The providers, joined by blanks.
    pub fn providers(self) -> Option<&'a str> {
        let index = self.chunk.provider.get(self.at)?;
        some(self.chunk.providers.get(usize::from(*index))?)
    }

    /// When the user was created.
    pub fn created(self) -> Option<Timestamp> {
        time(*self.chunk.created.get(self.at)?)
    }

    /// When the user last signed in.
    pub fn last_sign_in(self) -> Option<Timestamp> {
        time(*self.chunk.last_sign_in.get(self.at)?)
    }

    /// When an address was confirmed.
    pub fn confirmed_at(self) -> Option<Timestamp> {
        time(*self.chunk.confirmed.get(self.at)?)
    }

    /// Until when the user is or was banned.
    pub fn banned_until(self) -> Option<Timestamp> {
        time(*self.chunk.banned.get(self.at)?)
    }

    /// When the user was soft-deleted.
    pub fn deleted_at(self) -> Option<Timestamp> {
        time(*self.chunk.deleted.get(self.at)?)
    }

    /// Whether the user signed in without an address.
    pub fn is_anonymous(self) -> bool {
        self.chunk.anonymous.get(self.at).is_some()
    }

    /// Why the row cannot be read; then it has no values but its raw text.
    pub fn broken(self) -> Option<&'a str> {
        self.chunk.broken.get(self.at).map(AsRef::as_ref)
    }

    /// The row as the server sent it, not clean. Inflates a block: for one row, not for a column.
    pub fn raw(self) -> Option<String> {
        self.chunk.raw(self.at)
    }

    /// What the user is now; nothing for a row that cannot be read.
    pub fn status(self, now: Timestamp) -> Option<Status> {
        if self.broken().is_some() {
            return None;
        }
        if self.deleted_at().is_some() {
            return Some(Status::Deleted);
        }
        if let Some(until) = self.banned_until().filter(|until| *until > now) {
            return Some(Status::Banned(until));
        }
        // Anonymous users have no address to confirm.
        Some(match (self.confirmed_at(), self.is_anonymous()) {
            (None, false) => Status::Unconfirmed,
            (_, true) => Status::Anonymous,
            (Some(_), false) => Status::Confirmed,
        })
    }

    /// A sum over all that the server sent of it: another sum, another content.
    pub fn content(self) -> Option<u64> {
        self.chunk.contents.get(self.at).copied()
    }

    /// What words are looked for in, besides the id.
    pub(super) fn searched(self) -> &'a str {
        self.chunk.search.get(self.at)
    }

    pub(super) fn folded_email(self) -> Option<&'a str> {
        self.folded(0)
    }

    pub(super) fn folded_phone(self) -> Option<&'a str> {
        self.folded(1)
    }

    pub(super) fn created_micros(self) -> Option<i64> {
        self.chunk.created.get(self.at).copied().filter(|micros| *micros != NEVER)
    }

    pub(super) fn last_sign_in_micros(self) -> Option<i64> {
        self.chunk.last_sign_in.get(self.at).copied().filter(|micros| *micros != NEVER)
    }

    /// Email, phone or name as they are searched.
    fn folded(self, field: usize) -> Option<&'a str> {
        let text = self.searched();
        let mut breaks = memchr_iter(b'\n', text.as_bytes());
        let start = field.checked_sub(1).map_or(Some(0), |before| breaks.nth(before).map(|at| at + 1))?;
        some(text.get(start..breaks.next()?)?)
    }
}

impl fmt::Debug for RowRef<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "RowRef({})", self.id().0)
    }
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn time(micros: i64) -> Option<Timestamp> {
    (micros != NEVER).then(|| Timestamp::from_microsecond(micros).ok()).flatten()
}

fn micros(time: Option<Timestamp>) -> i64 {
    time.map_or(NEVER, Timestamp::as_microsecond)
}

/// A text for each row, in one buffer.
#[derive(Default)]
pub(super) struct Texts {
    pub(super) text: Box<str>,
    /// Where each row's text ends.
    pub(super) ends: Box<[u32]>,
}

impl Texts {
    fn new(text: String, ends: Vec<u32>) -> Self {
        Self { text: text.into(), ends: ends.into() }
    }

    pub(super) fn get(&self, at: usize) -> &str {
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        self.ends.get(at).and_then(|end| self.text.get(start..*end as usize)).unwrap_or_default()
    }

    fn bytes(&self) -> usize {
        self.text.len() + self.ends.len() * 4 + 2 * 16
    }
}

/// Values that few rows have.
struct Sparse<T>(Box<[(u16, T)]>);

impl<T> Sparse<T> {
    fn get(&self, at: usize) -> Option<&T> {
        let found = self.0.binary_search_by_key(&at, |(row, _)| usize::from(*row)).ok()?;
        self.0.get(found).map(|(_, value)| value)
    }
}

/// One row's clean values on their way into the columns.
struct Cells {
    id: Uuid,
    content: u64,
    email: String,
    phone: String,
    name: String,
    providers: String,
    created: i64,
    last_sign_in: i64,
    confirmed: i64,
    banned: i64,
    deleted: i64,
    anonymous: bool,
    broken: Option<String>,
}

impl Cells {
    fn of(row: &Row<User>) -> Self {
        // Without a seed: a content's hash is the same in every chunk.
        let mut hasher = DefaultHasher::new();
        hasher.write(row.raw.as_bytes());
        let content = hasher.finish();
        let user = match &row.value {
            Ok(user) => user,
            Err(reason) => {
                return Self {
                    id: Uuid::from_bytes(Md5::digest(row.raw.as_bytes()).into()),
                    content,
                    email: String::new(),
                    phone: String::new(),
                    name: String::new(),
                    providers: String::new(),
                    created: NEVER,
                    last_sign_in: NEVER,
                    confirmed: NEVER,
                    banned: NEVER,
                    deleted: NEVER,
                    anonymous: false,
                    broken: Some(clean::line(reason).into_owned()),
                };
            }
        };
        let text = |text: &Option<String>| clean::line(text.as_deref().unwrap_or_default()).into_owned();
        let mut phone = text(&user.phone);
        // A soft-deleted user's phone is a hash.
        if !phone.is_empty() && phone.bytes().all(|byte| byte.is_ascii_digit()) {
            phone.insert(0, '+');
        }
        Self {
            id: user.id.0,
            content,
            email: text(&user.email),
            phone,
            name: text(&user.name),
            providers: clean::line(&user.providers.join(" ")).into_owned(),
            created: micros(user.created_at),
            last_sign_in: micros(user.last_sign_in_at),
            confirmed: micros(user.confirmed_at),
            banned: micros(user.banned_until),
            deleted: micros(user.deleted_at),
            anonymous: user.is_anonymous,
            broken: None,
        }
    }

    fn again(row: RowRef<'_>) -> Self {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Self {
            id: row.id().0,
            content: row.content().unwrap_or_default(),
            email: text(row.email()),
            phone: text(row.phone()),
            name: text(row.name()),
            providers: text(row.providers()),
            created: micros(row.created()),
            last_sign_in: micros(row.last_sign_in()),
            confirmed: micros(row.confirmed_at()),
            banned: micros(row.banned_until()),
            deleted: micros(row.deleted_at()),
            anonymous: row.is_anonymous(),
            broken: row.broken().map(str::to_owned),
        }
    }
}

#[derive(Default)]
struct Builder {
    ids: Vec<Uuid>,
    contents: Vec<u64>,
    search: String,
    search_ends: Vec<u32>,
    emails: Vec<(u16, Box<str>)>,
    phones: Vec<(u16, Box<str>)>,
    names: String,
    name_ends: Vec<u32>,
    providers: Vec<Box<str>>,
    provider: Vec<u16>,
    created: Vec<i64>,
    last_sign_in: Vec<i64>,
    confirmed: Vec<i64>,
    banned: Vec<(u16, i64)>,
    deleted: Vec<(u16, i64)>,
    anonymous: Vec<(u16, ())>,
    broken: Vec<(u16, Box<str>)>,
}

impl Builder {
    fn add(&mut self, cells: &Cells) {
        let at = self.ids.len() as u16;
        self.ids.push(cells.id);
        self.contents.push(cells.content);
        for (text, shown) in
            [(&cells.email, Some(&mut self.emails)), (&cells.phone, Some(&mut self.phones)), (&cells.name, None)]
        {
            let folded = fold(text);
            if let Some(shown) = shown.filter(|_| folded != *text) {
                shown.push((at, text.as_str().into()));
            }
            self.search.push_str(&folded);
            self.search.push('\n');
        }
        self.search_ends.push(self.search.len() as u32);
        self.names.push_str(&cells.name);
        self.name_ends.push(self.names.len() as u32);
        let known = self.providers.iter().position(|providers| **providers == *cells.providers);
        let known = known.unwrap_or_else(|| {
            self.providers.push(cells.providers.as_str().into());
            self.providers.len() - 1
        });
        self.provider.push(known as u16);
        self.created.push(cells.created);
        self.last_sign_in.push(cells.last_sign_in);
        self.confirmed.push(cells.confirmed);
        if cells.banned != NEVER {
            self.banned.push((at, cells.banned));
        }
        if cells.deleted != NEVER {
            self.deleted.push((at, cells.deleted));
        }
        if cells.anonymous {
            self.anonymous.push((at, ()));
        }
        if let Some(reason) = &cells.broken {
            self.broken.push((at, reason.as_str().into()));
        }
    }

    fn finish(self, blocks: Box<[Arc<[u8]>]>, places: Option<Box<[(u16, u16)]>>) -> Chunk {
        let search = Texts::new(self.search, self.search_ends);
        Chunk {
            ids: self.ids.into(),
            contents: self.contents.into(),
            letters: Letters::of(&search),
            search,
            emails: Sparse(self.emails.into()),
            phones: Sparse(self.phones.into()),
            names: Texts::new(self.names, self.name_ends),
            providers: self.providers.into(),
            provider: self.provider.into(),
            created: self.created.into(),
            last_sign_in: self.last_sign_in.into(),
            confirmed: self.confirmed.into(),
            banned: Sparse(self.banned.into()),
            deleted: Sparse(self.deleted.into()),
            anonymous: Sparse(self.anonymous.into()),
            broken: Sparse(self.broken.into()),
            blocks,
            places,
        }
    }
}

/// The lengths of `BLOCK` rows (0 for those that are not there), then the rows.
fn deflate(rows: &[Row<User>]) -> Arc<[u8]> {
    let lengths = rows.iter().map(|row| row.raw.len()).chain(std::iter::repeat(0)).take(BLOCK);
    let mut plain: Vec<u8> = lengths.flat_map(|length| (length as u32).to_le_bytes()).collect();
    for row in rows {
        plain.extend_from_slice(row.raw.as_bytes());
    }
    miniz_oxide::deflate::compress_to_vec(&plain, LEVEL).into()
}

fn inflate(block: &[u8], place: usize) -> Option<String> {
    let plain = miniz_oxide::inflate::decompress_to_vec(block).ok()?;
    let (lengths, texts) = plain.split_at_checked(BLOCK * 4)?;
    let mut lengths = lengths.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes) as usize);
    let start: usize = lengths.by_ref().take(place).sum();
    let text = texts.get(start..start + lengths.next()?)?;
    String::from_utf8(text.to_vec()).ok()
}
