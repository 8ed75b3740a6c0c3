//! What the project begins with. Everything follows from the seed and a number, so that a million people cost
//! nothing until they are asked for.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::people::{Identity, User};
use super::store::{Bucket, Content, Made, Object, Shelf};

/// How long ago the first of the seeded people came, in microseconds.
const SPAN_US: i128 = 540 * 86_400 * 1_000_000;
/// How long ago the last of them came, in microseconds.
const LAST_US: i128 = 30 * 60 * 1_000_000;
/// Objects above this size have an etag that is no MD5, as pieces on S3 have.
const HASHED_BYTES: u64 = 64 * 1024;

const FIRST: [(&str, &str); 40] = [
    ("Ada", "ada"),
    ("Alan", "alan"),
    ("Amara", "amara"),
    ("Anaïs", "anais"),
    ("Arjun", "arjun"),
    ("Astrid", "astrid"),
    ("Barbara", "barbara"),
    ("Bjørn", "bjorn"),
    ("Carlos", "carlos"),
    ("Chen", "chen"),
    ("Chloé", "chloe"),
    ("Dmitri", "dmitri"),
    ("Edsger", "edsger"),
    ("Elif", "elif"),
    ("Fatima", "fatima"),
    ("Frances", "frances"),
    ("Giulia", "giulia"),
    ("Grace", "grace"),
    ("Hanna", "hanna"),
    ("Hiroshi", "hiroshi"),
    ("Ines", "ines"),
    ("Jean", "jean"),
    ("Joan", "joan"),
    ("Kofi", "kofi"),
    ("Lars", "lars"),
    ("Leila", "leila"),
    ("Łukasz", "lukasz"),
    ("Margaret", "margaret"),
    ("Mei", "mei"),
    ("Niklaus", "niklaus"),
    ("Noor", "noor"),
    ("Olga", "olga"),
    ("Priya", "priya"),
    ("Radia", "radia"),
    ("Sofia", "sofia"),
    ("Tim", "tim"),
    ("Usha", "usha"),
    ("Yara", "yara"),
    ("Zoë", "zoe"),
    ("Zuzana", "zuzana"),
];

const LAST: [(&str, &str); 40] = [
    ("Allen", "allen"),
    ("Andersson", "andersson"),
    ("Bartik", "bartik"),
    ("Becker", "becker"),
    ("Castro", "castro"),
    ("Clarke", "clarke"),
    ("Dijkstra", "dijkstra"),
    ("Dubois", "dubois"),
    ("Eriksen", "eriksen"),
    ("Fischer", "fischer"),
    ("García", "garcia"),
    ("Goldberg", "goldberg"),
    ("Hamilton", "hamilton"),
    ("Hopper", "hopper"),
    ("Ivanova", "ivanova"),
    ("Jensen", "jensen"),
    ("Kim", "kim"),
    ("Kowalski", "kowalski"),
    ("Lamarr", "lamarr"),
    ("Liskov", "liskov"),
    ("Lovelace", "lovelace"),
    ("Mensah", "mensah"),
    ("Moreau", "moreau"),
    ("Müller", "muller"),
    ("Nakamura", "nakamura"),
    ("Nguyen", "nguyen"),
    ("O'Brien", "obrien"),
    ("Okafor", "okafor"),
    ("Patel", "patel"),
    ("Perlman", "perlman"),
    ("Rossi", "rossi"),
    ("Santos", "santos"),
    ("Silva", "silva"),
    ("Singh", "singh"),
    ("Tanaka", "tanaka"),
    ("Turing", "turing"),
    ("Wang", "wang"),
    ("Wirth", "wirth"),
    ("Yılmaz", "yilmaz"),
    ("Zhang", "zhang"),
];

const HOSTS: [&str; 6] =
    ["example.com", "example.org", "mail.example", "northwind.example", "acme.example", "campus.example"];

/// One well-mixed number from two (splitmix64).
pub(super) fn mix(a: u64, b: u64) -> u64 {
    let mut z = a ^ b.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn pick<T: Copy>(from: &[T], by: u64) -> Option<T> {
    from.get(usize::try_from(by % from.len().max(1) as u64).unwrap_or(0)).copied()
}

/// An id that is random to look at and follows from two numbers.
pub(super) fn id_of(a: u64, b: u64) -> Uuid {
    let (high, low) = (mix(a, b), mix(a ^ 0x1d, b));
    uuid::Builder::from_random_bytes((u128::from(high) << 64 | u128::from(low)).to_be_bytes()).into_uuid()
}

/// A name as it is written and as it stands in an address.
pub(super) fn name(by: u64) -> (String, String) {
    let (first, last) = (pick(&FIRST, by).unwrap_or_default(), pick(&LAST, by >> 20).unwrap_or_default());
    (format!("{} {}", first.0, last.0), format!("{}.{}", first.1, last.1))
}

/// The host of an address.
pub(super) fn host(by: u64) -> &'static str {
    pick(&HOSTS, by).unwrap_or("example.com")
}

/// What way a seeded user comes in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Deleted,
    Anonymous,
    Phone,
    Sso,
    OAuth(&'static str),
    Email,
}

/// The seeded people, as a function of their number: 0 came first.
pub(super) struct Crowd {
    pub(super) seed: u64,
    pub(super) count: u32,
    /// The start of the day on which the server started, in microseconds.
    pub(super) base: i64,
    /// How many in the middle came with one import, at one instant.
    pub(super) import: u32,
}

impl Crowd {
    pub(super) fn new(seed: u64, count: u32, base: i64) -> Self {
        Self { seed, count, base, import: (count / 10).min(300) }
    }

    /// The number of the last of the import.
    pub(super) fn import_end(&self) -> u32 {
        self.count - self.count / 2
    }

    fn draw(&self, number: u32, salt: u64) -> u64 {
        mix(self.seed.wrapping_add(salt.wrapping_mul(0x51_7c_c1_b7)), u64::from(number))
    }

    fn kind(&self, number: u32) -> Kind {
        match self.draw(number, 1) % 1_000 {
            0..5 => Kind::Deleted,
            5..35 => Kind::Anonymous,
            35..95 => Kind::Phone,
            95..125 => Kind::Sso,
            125..275 => Kind::OAuth("google"),
            275..375 => Kind::OAuth("github"),
            _ => Kind::Email,
        }
    }

    /// The id: its last four bytes are the number, masked by the others, so that it can be found without a table.
    pub(super) fn id(&self, number: u32) -> Uuid {
        let mut bytes = id_of(self.seed ^ 0x75, u64::from(number)).into_bytes();
        let mask = Self::mask(self.seed, &bytes);
        if let Some(tail) = bytes.last_chunk_mut::<4>() {
            *tail = (number ^ mask).to_be_bytes();
        }
        Uuid::from_bytes(bytes)
    }

    fn mask(seed: u64, bytes: &[u8; 16]) -> u32 {
        let head = bytes.first_chunk::<8>().map_or(0, |head| u64::from_be_bytes(*head));
        mix(seed, head) as u32
    }

    /// Whose id this is.
    pub(super) fn by_id(&self, id: Uuid) -> Option<u32> {
        let bytes = id.as_bytes();
        let tail = bytes.last_chunk::<4>().map(|tail| u32::from_be_bytes(*tail))?;
        let number = tail ^ Self::mask(self.seed, bytes);
        (number < self.count && self.id(number) == id).then_some(number)
    }

    /// The address, `""` for those who have none.
    pub(super) fn email(&self, number: u32) -> String {
        match self.kind(number) {
            Kind::Anonymous | Kind::Phone => String::new(),
            Kind::Deleted => self.hash_text(number, 32),
            Kind::Sso => format!("{}{number}@corp.example", name(self.draw(number, 2)).1),
            Kind::OAuth(_) | Kind::Email => {
                format!("{}{number}@{}", name(self.draw(number, 2)).1, host(self.draw(number, 3)))
            }
        }
    }

    fn phone(&self, number: u32) -> String {
        match self.kind(number) {
            Kind::Phone => format!("1555{number:07}"),
            Kind::Deleted => self.hash_text(number, 11),
            _ => String::new(),
        }
    }

    fn hash_text(&self, number: u32, bytes: usize) -> String {
        use base64::Engine;
        let wide: Vec<u8> = (0..4).flat_map(|part| self.draw(number, 40 + part).to_be_bytes()).collect();
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(wide.get(..bytes).unwrap_or_default())
    }

    /// Whose address this is.
    pub(super) fn by_email(&self, email: &str) -> Option<u32> {
        let (local, _) = email.split_once('@')?;
        let digits = local.trim_start_matches(|c: char| !c.is_ascii_digit());
        let number = digits.parse().ok().filter(|number| *number < self.count)?;
        (self.email(number) == email).then_some(number)
    }

    /// Whose phone this is.
    pub(super) fn by_phone(&self, phone: &str) -> Option<u32> {
        let number = phone.strip_prefix("1555")?.parse().ok().filter(|number| *number < self.count)?;
        (self.phone(number) == phone).then_some(number)
    }

    /// `user_metadata.full_name`, where there is one.
    pub(super) fn full_name(&self, number: u32) -> Option<String> {
        let named = match self.kind(number) {
            Kind::Deleted | Kind::Anonymous | Kind::Phone => false,
            Kind::Sso | Kind::OAuth(_) => true,
            Kind::Email => !self.draw(number, 4).is_multiple_of(5),
        };
        named.then(|| name(self.draw(number, 2)).0)
    }

    /// When they came, in microseconds.
    pub(super) fn created(&self, number: u32) -> i64 {
        let end = self.import_end();
        let number = if (end - self.import..end).contains(&number) { end - 1 } else { number };
        let (rank, count) = (i128::from(self.count.saturating_sub(number + 1)), i128::from(self.count.max(1)));
        let ago = LAST_US + SPAN_US * (rank * count + rank * rank) / (2 * count * count);
        self.base - i64::try_from(ago).unwrap_or(0)
    }

    /// The whole user.
    pub(super) fn user(&self, number: u32) -> User {
        let kind = self.kind(number);
        let created = self.created(number);
        let age = (self.base - created).max(1);
        let after = |salt: u64, within_s: i64| {
            let most = u64::try_from(age.min(within_s * 1_000_000)).unwrap_or(1).max(1);
            stamp(created + (self.draw(number, salt) % most) as i64)
        };
        let chance = |salt: u64, of: u64| self.draw(number, salt).is_multiple_of(of);
        let mut user = User::new(self.id(number), stamp(created));
        user.email = self.email(number);
        user.phone = self.phone(number);
        let with_email = matches!(kind, Kind::Email | Kind::OAuth(_) | Kind::Sso);
        let confirmed = kind != Kind::Email || !chance(5, 11);
        if (with_email || kind == Kind::Deleted) && confirmed {
            user.email_confirmed_at = Some(after(6, 7_200));
        } else if with_email {
            user.confirmation_sent_at = Some(after(7, 1));
        }
        if kind == Kind::Phone {
            user.phone_confirmed_at = Some(after(6, 300));
        }
        if kind == Kind::Anonymous || (confirmed && kind != Kind::Deleted && !chance(8, 12)) {
            user.last_sign_in_at = Some(after(9, age / 1_000_000 + 1));
        }
        user.updated_at = user.last_sign_in_at.or(user.email_confirmed_at).unwrap_or(user.created_at);
        if kind == Kind::Email && chance(10, 60) {
            user.invited_at = Some(stamp(created));
        }
        if kind == Kind::Email && chance(11, 200) {
            user.new_email = format!("{}{number}@new.example", name(self.draw(number, 2)).1);
        }
        if with_email && chance(12, 80) {
            // Most bans hold, some are over.
            let days = if chance(13, 4) { -20 } else { 3_650 };
            user.banned_until = stamp(self.base).checked_add(SignedDuration::from_hours(24 * days)).ok();
        }
        if kind == Kind::Deleted {
            user.deleted_at = Some(after(14, age / 1_000_000 + 1));
            user.updated_at = user.deleted_at.unwrap_or(user.updated_at);
            user.new_email = self.hash_text(number, 30);
            user.new_phone = self.hash_text(number, 10);
            let forgotten = Identity::of(&user, "email", id_of(self.seed ^ 0x1de, u64::from(number)));
            user.identities = vec![forgotten.forgotten(self.hash_text(number, 31))];
        }
        user.is_anonymous = kind == Kind::Anonymous;
        self.describe(&mut user, number, kind, confirmed);
        user
    }

    fn describe(&self, user: &mut User, number: u32, kind: Kind, confirmed: bool) {
        let sso;
        let provider = match kind {
            Kind::Anonymous | Kind::Deleted => return,
            Kind::Phone => "phone",
            Kind::Email => "email",
            Kind::OAuth(provider) => provider,
            Kind::Sso => {
                sso = format!("sso:{}", id_of(self.seed, 0x550));
                sso.as_str()
            }
        };
        let both = matches!(kind, Kind::OAuth(_)) && self.draw(number, 15).is_multiple_of(6);
        let providers = if both { vec![provider, "email"] } else { vec![provider] };
        user.app_metadata = object(json!({"provider": provider, "providers": providers}));
        let meta = &mut user.user_metadata;
        if let Kind::OAuth(_) = kind {
            meta.insert(
                "avatar_url".into(),
                json!(format!("https://pictures.example/u/{:08x}.png", self.draw(number, 16) as u32)),
            );
        }
        if confirmed && kind != Kind::Phone {
            meta.insert("email_verified".into(), json!(true));
        }
        if let Some(full_name) = self.full_name(number) {
            meta.insert("full_name".into(), json!(full_name));
        } else if kind == Kind::Phone {
            meta.insert("name".into(), json!(name(self.draw(number, 2)).0));
        }
        if self.draw(number, 17).is_multiple_of(3) {
            let plan = pick(&["free", "pro", "team"], self.draw(number, 18)).unwrap_or("free");
            meta.insert("plan".into(), json!(plan));
        }
        user.identities = providers
            .iter()
            .zip(0_u64..)
            .map(|(provider, at)| Identity::of(user, provider, id_of(self.seed ^ (0x1de + at), u64::from(number))))
            .collect();
    }
}

/// A moment from microseconds; what no calendar holds is the epoch.
pub(super) fn stamp(us: i64) -> Timestamp {
    Timestamp::from_microsecond(us).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(map) = value { map } else { Map::new() }
}

/// What a seeded bucket holds: folder, stem, ending, type, how many, the largest size in bytes.
type Heap = (&'static str, &'static str, &'static str, &'static str, u32, u64);

/// A seeded bucket: name, public, size limit, allowed types, contents.
type Plan = (&'static str, bool, Option<u64>, &'static [&'static str], &'static [Heap]);

const PLANS: [Plan; 8] = [
    ("avatars", true, Some(2_097_152), &["image/*"], &[("", "user", "png", "image/png", 80, 90_000)]),
    (
        "public-assets",
        true,
        None,
        &[],
        &[
            ("css/", "site", "css", "text/css", 6, 30_000),
            ("img/", "hero", "jpg", "image/jpeg", 24, 900_000),
            ("img/icons/", "icon", "svg", "image/svg+xml", 40, 4_000),
            ("", "page", "html", "text/html", 5, 12_000),
        ],
    ),
    (
        "documents",
        false,
        Some(52_428_800),
        &["application/pdf", "text/plain", "text/markdown"],
        &[
            ("handbook/", "chapter", "md", "text/markdown", 14, 20_000),
            ("contracts/2025/", "contract", "pdf", "application/pdf", 22, 700_000),
            ("contracts/2026/", "contract", "pdf", "application/pdf", 31, 700_000),
        ],
    ),
    (
        "invoices",
        false,
        Some(10_000_000),
        &["application/pdf"],
        &[
            ("2026/09/", "invoice", "pdf", "application/pdf", 28, 90_000),
            ("2026/10/", "invoice", "pdf", "application/pdf", 33, 90_000),
        ],
    ),
    ("videos", false, None, &["video/*"], &[("raw/", "clip", "mp4", "video/mp4", 12, 38_000_000)]),
    ("notes", false, Some(1_000), &["text/plain", "text/markdown"], &[("", "note", "txt", "text/plain", 9, 900)]),
    ("team files", false, None, &[], &[("Q3 plan/", "slide", "txt", "text/plain", 7, 5_000)]),
    (
        "archive",
        false,
        None,
        &[],
        &[
            ("logs/2026/01/", "app", "log", "text/plain", 31, 60_000),
            ("logs/2026/02/", "app", "log", "text/plain", 28, 60_000),
            ("exports/", "users", "csv", "text/csv", 12, 50_000),
            ("exports/weekly/", "report", "json", "application/json", 20, 40_000),
        ],
    ),
];

/// The seeded buckets with their objects.
pub(super) fn shelves(seed: u64, base: i64) -> Vec<Shelf> {
    PLANS.iter().zip(0_u64..).map(|(plan, at)| shelf(seed, base, plan, at)).collect()
}

fn shelf(seed: u64, base: i64, plan: &Plan, at: u64) -> Shelf {
    let (name, public, limit, types, heaps) = plan;
    let created = stamp(base - (400 - 30 * at as i64) * 86_400_000_000);
    let types: Vec<String> = types.iter().map(|text| (*text).to_owned()).collect();
    let mut shelf = Shelf::new(Bucket {
        id: (*name).to_owned(),
        public: *public,
        file_size_limit: *limit,
        allowed_mime_types: (!types.is_empty()).then_some(types),
        created_at: created,
        updated_at: created,
    });
    for (folder, stem, ending, mime, count, largest) in *heaps {
        for number in 1..=*count {
            let key = format!("{folder}{stem}-{number:03}.{ending}");
            let draw =
                mix(seed ^ (at << 32), u64::from(number) ^ mix(largest ^ folder.len() as u64, u64::from(*count)));
            let size = largest / 3 + draw % (largest - largest / 3);
            let made = stamp(base - 3_600_000_000 - (draw % (300 * 86_400_000)) as i64 * 1_000);
            shelf.objects.insert(key.clone(), made_object(seed, &key, size, mime, made, draw));
        }
    }
    shelf
}

/// An object whose bytes follow from its key.
pub(super) fn made_object(seed: u64, key: &str, size: u64, mime: &str, at: Timestamp, draw: u64) -> Object {
    let text = mime.starts_with("text/") || mime == "application/json";
    let made = Made { seed: mix(seed, draw), len: size, line: text.then(|| Arc::from(key)) };
    let etag = if size <= HASHED_BYTES {
        hex(&Md5::digest(made.bytes(0, size as usize)))
    } else {
        format!("{:016x}{:016x}-{}", mix(draw, 1), mix(draw, 2), size / 5_242_880 + 1)
    };
    Object {
        id: id_of(seed ^ 0x0b, draw),
        version: id_of(seed ^ 0x7e, draw),
        content: Content::Made(made),
        size,
        mime: mime.to_owned(),
        cache_control: "no-cache".to_owned(),
        etag,
        metadata: json!({}),
        created_at: at,
        updated_at: at,
        last_modified: at,
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
