//! A million made users: taking chunks in, filtering, sorting, merging, and the memory that they take. The bars stand in
//! the README's figures: a push 1 ms, a filter keystroke 16 ms, a sort by email 700 ms.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench stops at what is wrong, and prints its figures"
)]

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use basedeck::api::model::{Row, User, UserId};
use basedeck::work::query::{Chunk, Column, Query, Sort, Table, View, view};
use criterion::{Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use uuid::Uuid;

const USERS: u64 = 1_000_000;
const CHUNK: u64 = 1_000;

/// A number that looks like chance and is the same each time.
fn chance(seed: u64) -> u64 {
    let mut x = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

fn pick<'a>(words: &[&'a str], seed: u64) -> &'a str {
    words[(chance(seed) % words.len() as u64) as usize]
}

/// A row as GoTrue sends it, some 600 bytes.
fn row(n: u64, version: u64) -> Row<User> {
    const FIRST: [&str; 12] =
        ["alice", "bob", "carla", "dmitri", "elodie", "farid", "grace", "henrik", "ines", "jamal", "katarzyna", "liam"];
    const LAST: [&str; 12] = [
        "smith", "garcia", "okafor", "nguyen", "kowalski", "haddad", "jensen", "rossi", "tanaka", "silva", "meyer",
        "lee",
    ];
    const HOST: [&str; 5] = ["example.com", "mail.example", "shop.example", "corp.example.org", "x.io"];
    let (first, last) = (pick(&FIRST, n), pick(&LAST, n ^ 0xABCD));
    let id = Uuid::from_u64_pair(chance(n), chance(n ^ 0x5555_0000));
    let email = format!("{first}.{last}{}@{}", chance(n) % 100_000, pick(&HOST, n * 3));
    let second = |seed: u64| Timestamp::from_second(1_700_000_000 + (chance(seed) % 60_000_000) as i64).unwrap();
    let (created, signed_in) = (second(n), second(n + USERS));
    let (name, provider) = (format!("{first} {last} {version}"), pick(&["email", "google", "github"], n * 7));
    let confirmed = !chance(n * 11).is_multiple_of(10);
    let banned = chance(n * 13).is_multiple_of(50);
    let raw = format!(
        concat!(
            r#"{{"id":"{}","aud":"authenticated","role":"authenticated","email":"{}","email_confirmed_at":"{}","phone":"","#,
            r#""confirmed_at":"{}","last_sign_in_at":"{}","app_metadata":{{"provider":"{}","providers":["{}"]}},"#,
            r#""user_metadata":{{"email_verified":true,"full_name":"{}","locale":"en"}},"identities":null,"#,
            r#""created_at":"{}","updated_at":"{}","is_anonymous":false}}"#
        ),
        id, email, created, created, signed_in, provider, provider, name, created, signed_in
    );
    let user = User {
        id: UserId(id),
        email: Some(email),
        phone: None,
        name: Some(name),
        providers: vec![provider.to_owned()],
        created_at: Some(created),
        last_sign_in_at: Some(signed_in),
        confirmed_at: confirmed.then_some(created),
        banned_until: banned.then_some(signed_in),
        deleted_at: None,
        is_anonymous: false,
    };
    Row { raw: raw.into(), value: Ok(user) }
}

fn chunk(index: u64, version: u64) -> Arc<Chunk> {
    let rows: Vec<_> = (index * CHUNK..(index + 1) * CHUNK).map(|n| row(n, version)).collect();
    Chunk::build(&rows).remove(0)
}

fn seen(table: &Table, query: &Query, base: Option<&View>) -> View {
    view(&table.snapshot(), query, now(), base, &AtomicBool::new(false)).unwrap()
}

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn by(column: Column, descending: bool) -> Query {
    Query::default().sorted(Sort { column, descending })
}

fn typed(text: &str) -> Query {
    Query::parse(text).sorted(Sort { column: Column::Email, descending: false })
}

fn mib(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines = status.lines().filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM"));
    lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join(", ")
}

fn load() -> Table {
    let mut table = Table::new();
    let mut pushes = Vec::new();
    let mut building = Duration::ZERO;
    let raw: usize = (0..CHUNK).map(|n| row(n, 0).raw.len()).sum();
    for index in 0..USERS / CHUNK {
        let start = Instant::now();
        let chunk = chunk(index, 0);
        building += start.elapsed();
        // What a worker holds now and then.
        let held = table.snapshot();
        let start = Instant::now();
        black_box(table.push(chunk));
        pushes.push(start.elapsed());
        drop(held);
    }
    pushes.sort_unstable();
    let (all, deflated) = table.bytes();
    println!("rows of {} bytes; a chunk made and built in {:?}", raw as u64 / CHUNK, building / (USERS / CHUNK) as u32);
    println!("push of 1,000 new rows: median {:?}, p99 {:?}, longest {:?}", pushes[500], pushes[990], pushes[999]);
    println!("memory: columns {:.0} MiB, raw rows {:.0} MiB; {}", mib(all - deflated), mib(deflated), resident());
    table
}

fn benches(criterion: &mut Criterion) {
    let mut table = load();
    let all = seen(&table, &by(Column::Email, false), None);
    let mut group = criterion.benchmark_group("1,000,000 users");
    group.sample_size(10);

    for (name, text) in [
        ("filter, few: katarzyna.okafor77", "katarzyna.okafor77"),
        ("filter, a twelfth: alice", "alice"),
        ("filter, nearly all: e", "e"),
        ("filter, hex: 7f", "7f"),
        ("filter, hex: a", "a"),
        ("filter, part of an id: 3f2a-4", "3f2a-4"),
        ("filter, two words: lee x.io", "lee x.io"),
    ] {
        group.bench_function(name, |bench| bench.iter(|| seen(&table, &typed(text), Some(&all))));
    }
    let alice = seen(&table, &typed("alice"), Some(&all));
    group.bench_function("a letter more: alices", |bench| bench.iter(|| seen(&table, &typed("alices"), Some(&alice))));
    group.bench_function("filter to nothing", |bench| bench.iter(|| seen(&table, &typed("zzzz"), Some(&all))));

    for (name, query) in [
        ("sort by email", by(Column::Email, false)),
        ("sort by created", by(Column::Created, true)),
        ("sort by status", by(Column::Status, false)),
        ("sort by providers", by(Column::Providers, true)),
    ] {
        group.bench_function(name, |bench| bench.iter(|| seen(&table, &query, None)));
    }

    let same = chunk(500, 0);
    group.bench_function("push 1,000 rows that are there", |bench| bench.iter(|| table.push(Arc::clone(&same))));
    let mut versions = (1..).map(|version| chunk(501, version));
    group.bench_function("push 1,000 changed rows", |bench| {
        bench.iter_batched(|| versions.next().unwrap(), |chunk| table.push(chunk), criterion::BatchSize::PerIteration);
    });
    let mut pages = (1..).map(|version| {
        let rows: Vec<_> = (0..200).map(|n| row(n, if n < 10 { version } else { 0 })).collect();
        Chunk::build(&rows).remove(0)
    });
    group.bench_function("push a page with ten changed rows", |bench| {
        bench.iter_batched(|| pages.next().unwrap(), |chunk| table.push(chunk), criterion::BatchSize::PerIteration);
    });
    let before = seen(&table, &by(Column::Email, false), None);
    table.push(chunk(USERS / CHUNK, 0));
    group.bench_function("merge a chunk into the order", |bench| {
        bench.iter(|| seen(&table, &by(Column::Email, false), Some(&before)));
    });
    let ids: Vec<_> = (0..50).map(|at| table.row(before.rows[at * 1_000]).unwrap().id()).collect();
    group.bench_function("find 50 ids", |bench| bench.iter(|| ids.iter().filter_map(|id| table.find(*id)).count()));
    group.bench_function("a raw row", |bench| bench.iter(|| table.row(before.rows[777]).unwrap().raw()));
    group.finish();
    println!("after all: {}", resident());
}

criterion_group!(query, benches);
criterion_main!(query);
