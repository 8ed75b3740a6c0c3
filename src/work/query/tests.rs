//! Chunks, the table and views against plain lists of users.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::api::model::{Row, User, UserId};

const NOW: i64 = 1_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn user(id: u128) -> User {
    User {
        id: UserId(Uuid::from_u128(id)),
        email: None,
        phone: None,
        name: None,
        providers: Vec::new(),
        created_at: None,
        last_sign_in_at: None,
        confirmed_at: None,
        banned_until: None,
        deleted_at: None,
        is_anonymous: false,
    }
}

fn row(user: &User) -> Row<User> {
    Row { raw: format!("{user:?}\n").into(), value: Ok(user.clone()) }
}

fn chunk(users: &[User]) -> Arc<Chunk> {
    Chunk::build(&users.iter().map(row).collect::<Vec<_>>()).remove(0)
}

fn seen(table: &Table, query: &Query, base: Option<&View>) -> View {
    view(&table.snapshot(), query, at(NOW), base, &AtomicBool::new(false)).unwrap()
}

fn emails(table: &Table, view: &View) -> Vec<String> {
    view.rows.iter().map(|row| table.row(*row).unwrap().email().unwrap_or("-").to_owned()).collect()
}

#[test]
fn a_row_says_what_the_user_is() {
    let alice = User {
        email: Some("Alice\u{202e}@Example.com".into()),
        phone: Some("491761234567".into()),
        name: Some("Alice \x1b[31mLiddell".into()),
        providers: vec!["email".into(), "google".into()],
        created_at: Some("2026-03-01T09:12:44.123456Z".parse().unwrap()),
        ..user(7)
    };
    let gone =
        User { email: Some("iEKAqmfL".into()), phone: Some("eJfs7ctw".into()), deleted_at: Some(at(3)), ..user(8) };
    let bad = Row { raw: "{\"id\": 5}".into(), value: Err("This user's id is no UUID.".to_owned()) };
    let chunks = Chunk::build(&[row(&alice), row(&gone), bad.clone()]);
    let one = chunks[0].row(0).unwrap();
    assert_eq!(one.id(), alice.id);
    assert_eq!(one.email(), Some("Alice�@Example.com"));
    assert_eq!(one.phone(), Some("+491761234567"));
    assert_eq!(one.name(), Some("Alice ␛[31mLiddell"));
    assert_eq!(one.providers(), Some("email google"));
    assert_eq!(one.created(), alice.created_at);
    assert_eq!(one.last_sign_in(), None);
    assert_eq!(one.raw().unwrap(), *row(&alice).raw);
    let two = chunks[0].row(1).unwrap();
    assert_eq!((two.phone(), two.status(at(NOW))), (Some("eJfs7ctw"), Some(Status::Deleted)));
    let three = chunks[0].row(2).unwrap();
    assert_eq!(three.broken(), Some("This user's id is no UUID."));
    assert_eq!((three.status(at(NOW)), three.email()), (None, None));
    assert_ne!(three.id().0, Uuid::nil());
    assert_eq!(three.raw().unwrap(), *bad.raw);
    assert!(chunks[0].row(3).is_none() && chunks[0].raw(3).is_none());
    assert_eq!(format!("{:?}", chunks[0]), "Chunk(3 rows)");
    assert_eq!(chunks[0], Chunk::build(&[row(&alice), row(&gone), bad])[0]);
    assert_ne!(chunks[0], Chunk::build(&[row(&alice)])[0]);
}

#[test]
fn the_first_status_that_holds_is_shown() {
    let full = User {
        deleted_at: Some(at(1)),
        banned_until: Some(at(NOW + 1)),
        confirmed_at: Some(at(1)),
        is_anonymous: true,
        ..user(1)
    };
    for (user, status) in [
        (full.clone(), "deleted"),
        (User { deleted_at: None, ..full.clone() }, "banned"),
        (User { deleted_at: None, banned_until: Some(at(NOW)), ..full.clone() }, "anonymous"),
        (User { is_anonymous: true, ..user(1) }, "anonymous"),
        (User { email: Some("a@b".into()), ..user(1) }, "unconfirmed"),
        (User { confirmed_at: Some(at(1)), ..user(1) }, "confirmed"),
    ] {
        let chunk = chunk(&[user]);
        assert_eq!(chunk.row(0).unwrap().status(at(NOW)).unwrap().name(), status);
    }
}

#[test]
fn ten_thousand_rows_come_in_chunks_and_every_raw_row_comes_back() {
    let rows: Vec<_> = (0..2_345).map(|id| row(&user(id))).collect();
    let chunks = Chunk::build(&rows);
    assert_eq!(chunks.iter().map(|chunk| chunk.len()).collect::<Vec<_>>(), [1_000, 1_000, 345]);
    let raws = chunks.iter().flat_map(|chunk| (0..chunk.len()).map(|at| chunk.raw(at).unwrap()));
    assert!(raws.eq(rows.iter().map(|row| row.raw.to_string())));
    assert!(Chunk::build(&[]).is_empty());
}

#[test]
fn a_page_read_again_brings_only_what_changed() {
    let mut users: Vec<_> = (0..200).map(user).collect();
    let mut table = Table::new();
    assert_eq!(table.push(chunk(&users)).new.len(), 200);
    let before = table.bytes().0;
    assert_eq!(table.push(chunk(&users)), Pushed { same: 200, ..Pushed::default() });
    assert_eq!(table.bytes().0, before);

    users[150].email = Some("new@x.io".into());
    users[151].name = Some("New".into());
    let pushed = table.push(chunk(&users));
    assert_eq!((pushed.new.len(), pushed.changed.len(), pushed.same), (0, 2, 198));
    assert_eq!(table.len(), 200);
    assert_eq!(table.row(150).unwrap().email(), Some("new@x.io"), "an old number leads to what is there now");
    assert_eq!(table.row(pushed.changed[1]).unwrap().raw().unwrap(), *row(&users[151]).raw);
    assert!(!table.snapshot().is_live(150));

    assert_eq!(table.remove(users[150].id), Some(pushed.changed[0]));
    assert_eq!(table.remove(users[150].id), None);
    assert_eq!((table.len(), table.find(users[150].id)), (199, None));
    assert!(table.row(150).is_none() && table.row(pushed.changed[0]).is_none() && table.row(99_999).is_none());
}

#[test]
fn an_id_that_comes_twice_in_one_chunk_counts_once() {
    let named = |name: &str| User { name: Some(name.into()), ..user(5) };
    let mut table = Table::new();
    let pushed = table.push(chunk(&[named("a"), user(6), named("b"), named("b")]));
    assert_eq!((pushed.new, pushed.changed, pushed.same), (vec![2, 1], vec![], 1));
    assert_eq!(table.row(0).unwrap().name(), Some("b"));
    let pushed = table.push(chunk(&[named("c"), named("d")]));
    assert_eq!((pushed.new, pushed.changed.len(), pushed.same), (vec![], 1, 0));
    assert_eq!(table.len(), 2);
}

#[test]
fn words_are_looked_for_in_email_phone_name_and_id() {
    let mut table = Table::new();
    let id = 0x3f2a_0000_1111_4222_8333_4444_dead_beef;
    table.push(chunk(&[
        User {
            email: Some("Alice@Example.com".into()),
            phone: Some("49123".into()),
            name: Some("ÉLODIE".into()),
            ..user(id)
        },
        User { email: Some("bob@example.com".into()), ..user(1) },
    ]));
    for (text, found) in [
        ("", 2),
        ("EXAMPLE", 2),
        ("alice example", 1),
        ("com alice +49", 1),
        ("élodie", 1),
        ("3f2a0000-1111", 1),
        ("DEADBEEF", 1),
        ("3f2a00001111", 0),
        ("alice bob", 0),
        ("com49", 0),
        ("-", 2),
        ("----", 0),
    ] {
        assert_eq!(seen(&table, &Query::parse(text), None).rows.len(), found, "{text}");
    }
}

#[test]
fn rows_without_a_value_come_last_both_ways() {
    let mut table = Table::new();
    let email = |id, email: &str| User { email: Some(email.into()), ..user(id) };
    let phone = User { phone: Some("49".into()), ..user(4) };
    table.push(chunk(&[user(1), email(2, "b@x.io"), phone, email(3, "A@x.io"), email(5, "b@x.io")]));
    for (descending, order) in [(false, [3, 2, 5, 4, 1]), (true, [2, 5, 3, 4, 1])] {
        let view = seen(&table, &Query::default().sorted(Sort { column: Column::Email, descending }), None);
        let ids: Vec<_> = view.rows.iter().map(|row| table.row(*row).unwrap().id().0.as_u128()).collect();
        assert_eq!(ids, order);
    }
}

#[test]
fn a_view_grows_with_what_comes() {
    let mut table = Table::new();
    let email = |id: u128| User { email: Some(format!("{id}@x.io")), ..user(id) };
    let by_email = Query::default().sorted(Sort { column: Column::Email, descending: false });
    table.push(chunk(&[email(1), email(3)]));
    let first = seen(&table, &by_email, None);
    assert!(!first.is_behind(&table.snapshot()));
    table.push(chunk(&[email(2), email(4)]));
    table.remove(email(3).id);
    assert!(first.is_behind(&table.snapshot()));
    let second = seen(&table, &by_email, Some(&first));
    assert_eq!(emails(&table, &second), ["1@x.io", "2@x.io", "4@x.io"]);
    assert_eq!(second.position(second.rows[2]), Some(2));
    assert!(view(&table.snapshot(), &by_email, at(NOW), None, &AtomicBool::new(true)).is_none());
    let other = seen(&Table::new(), &by_email, Some(&second));
    assert!(other.rows.is_empty(), "another table's view is no base");
}

fn spread(id: u128) -> u128 {
    id.wrapping_mul(0x1357_9bdf_0246_8ace_fedc_ba98_7654_3211)
}

#[derive(Clone, Debug)]
enum Step {
    Push(Vec<User>),
    Remove(u128),
    Look(String, Sort),
}

fn arbitrary_user() -> impl Strategy<Value = User> {
    let time = || prop::option::of((0..2 * NOW).prop_map(at));
    let text = |pattern| prop::option::of(prop::string::string_regex(pattern).unwrap());
    let id = (0..24_u128).prop_map(spread);
    let texts = (text("[abAB]{1,3}@[xX]{1,20}\u{202e}?"), text("[0-9]{1,3}"), text("[a-cÉ \n]{1,4}"));
    let providers = prop::collection::vec(prop::sample::select(vec!["email", "google"]), 0..3);
    let rare = (prop::option::weighted(0.2, (0..2 * NOW).prop_map(at)), prop::bool::weighted(0.1), any::<bool>());
    (id, texts, providers, time(), time(), rare).prop_map(|(id, texts, providers, created, signed_in, rare)| User {
        email: texts.0,
        phone: texts.1,
        name: texts.2.filter(|name| !name.is_empty()),
        providers: providers.into_iter().map(str::to_owned).collect(),
        created_at: created,
        last_sign_in_at: signed_in,
        confirmed_at: rare.2.then(|| at(1)),
        banned_until: rare.0,
        deleted_at: rare.1.then(|| at(2)),
        ..user(id)
    })
}

fn step() -> impl Strategy<Value = Step> {
    let sort = (prop::sample::select(Column::VARIANTS), any::<bool>())
        .prop_map(|(column, descending)| Sort { column, descending });
    let text = prop_oneof!["[a-c ]{0,3}", "[0-9a-f-]{0,5}", "[xX@é+]{0,3}"];
    prop_oneof![
        2 => prop::collection::vec(arbitrary_user(), 0..30).prop_map(Step::Push),
        1 => (0..24_u128).prop_map(|id| Step::Remove(spread(id))),
        3 => (text, sort).prop_map(|(text, sort)| Step::Look(text, sort)),
    ]
}

/// What the view should be, from a plain map.
fn expected(users: &BTreeMap<UserId, User>, query: &Query) -> Vec<UserId> {
    let folded = |text: &Option<String>| text.as_deref().map(fold).filter(|text| !text.is_empty());
    let phone = |user: &User| user.phone.as_ref().map(|phone| format!("+{phone}"));
    let matches = |user: &&User| {
        let fields = [folded(&user.email), phone(user), folded(&user.name), Some(user.id.0.hyphenated().to_string())];
        query.words.iter().all(|word| fields.iter().flatten().any(|field| field.contains(word.as_str())))
    };
    let status = |user: &User| {
        if user.deleted_at.is_some() {
            0
        } else if user.banned_until.is_some_and(|until| until > at(NOW)) {
            1
        } else if user.confirmed_at.is_none() {
            2
        } else {
            4
        }
    };
    let text = |text: Option<String>, class: u8| text.map(|text| (class, text));
    let key = |user: &User| match query.sort.column {
        Column::Email => text(folded(&user.email), 0).or_else(|| text(phone(user), 1)),
        Column::Providers => Some(user.providers.join(" ")).filter(|text| !text.is_empty()).map(|text| (0, text)),
        Column::Created => user.created_at.map(|time| (0, format!("{:020}", time.as_microsecond()))),
        Column::LastSignIn => user.last_sign_in_at.map(|time| (0, format!("{:020}", time.as_microsecond()))),
        Column::Status => Some((0, status(user).to_string())),
    };
    let mut found: Vec<&User> = users.values().filter(matches).collect();
    found.sort_by_cached_key(|user| {
        let (class, text) = key(user).unwrap_or((9, String::new()));
        let (up, down) = if query.sort.descending { (None, Some(Reverse(text))) } else { (Some(text), None) };
        (class, up, down, user.id)
    });
    found.iter().map(|user| user.id).collect()
}

proptest! {
    #[test]
    fn a_view_is_the_filtered_sorted_list(steps in prop::collection::vec(step(), 1..20)) {
        let (mut table, mut users) = (Table::new(), BTreeMap::new());
        let mut base: Option<View> = None;
        for step in steps {
            match step {
                Step::Push(rows) => {
                    if rows.is_empty() {
                        continue;
                    }
                    let before = users.len();
                    let pushed = table.push(chunk(&rows));
                    users.extend(rows.into_iter().map(|user| (user.id, user)));
                    prop_assert_eq!(pushed.new.len(), users.len() - before);
                }
                Step::Remove(id) => {
                    let id = UserId(Uuid::from_u128(id));
                    prop_assert_eq!(table.remove(id).is_some(), users.remove(&id).is_some());
                }
                Step::Look(text, sort) => {
                    let query = Query::parse(&text).sorted(sort);
                    let view = seen(&table, &query, base.as_ref());
                    let ids: Vec<_> = view.rows.iter().map(|row| table.row(*row).unwrap().id()).collect();
                    prop_assert_eq!(ids, expected(&users, &query));
                    base = Some(view);
                }
            }
            prop_assert_eq!(table.len(), users.len());
            for (id, user) in &users {
                let found = table.row(table.find(*id).unwrap()).unwrap();
                prop_assert_eq!(found.raw().unwrap(), row(user).raw.into_string());
            }
        }
    }

    #[test]
    fn a_part_of_an_id_is_found(id in any::<u128>(), start in 0..36_usize, len in 1..=36_usize) {
        let mut table = Table::new();
        table.push(chunk(&[user(id)]));
        let text = Uuid::from_u128(id).hyphenated().to_string();
        let part = &text[start..(start + len).min(36)];
        prop_assert_eq!(seen(&table, &Query::parse(part), None).rows.len(), 1);
    }
}

#[test]
fn many_chunks_are_searched_like_few() {
    let users: Vec<User> = (0..900).map(|id| User { email: Some(format!("u{id}@x.io")), ..user(id) }).collect();
    let mut table = Table::new();
    for users in users.chunks(3) {
        table.push(chunk(users));
    }
    assert_eq!(table.snapshot().slots().len(), 300);
    let sort = Sort { column: Column::Created, descending: false };
    let view = seen(&table, &Query::parse("7@ u").sorted(sort), None);
    let held = |email: &String| email.contains("7@");
    let mut expected: Vec<_> = users.iter().filter_map(|user| user.email.clone()).filter(held).collect();
    let mut found = emails(&table, &view);
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}
