//! A key and a frame with a million made users loaded: what `update` and `draw` take at 120x40.

#![expect(clippy::unwrap_used, reason = "a bench stops at what is wrong")]

use std::time::Duration;

use basedeck::api::meta::Meta;
use basedeck::api::model::{Row, Total, User, UserId};
use basedeck::api::offers::Offers;
use basedeck::api::route::{Door, Route};
use basedeck::app::cx::Cx;
use basedeck::app::effect::Effect;
use basedeck::app::key::Key;
use basedeck::app::msg::{Answer, Body, Msg};
use basedeck::app::op::keymap::Keymap;
use basedeck::app::project::Project;
use basedeck::app::{App, Start, users};
use basedeck::ui;
use basedeck::work::query::{Chunk, view};
use criterion::{Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;
use uuid::Uuid;

const USERS: u64 = 1_000_000;
const SIZE: Size = Size { width: 120, height: 40 };

fn row(n: u64) -> Row<User> {
    let id = Uuid::from_u64_pair(n.wrapping_mul(0x9E37_79B9_7F4A_7C15), n);
    let created = Timestamp::from_second(1_790_000_000 - n as i64).unwrap();
    let email = format!("user{n}@example.com");
    let raw = format!(r#"{{"id":"{id}","email":"{email}","created_at":"{created}","user_metadata":{{"n":{n}}}}}"#);
    let value = User {
        id: UserId(id),
        email: Some(email),
        phone: None,
        name: None,
        providers: vec!["email".into()],
        created_at: Some(created),
        last_sign_in_at: None,
        confirmed_at: Some(created),
        banned_until: None,
        deleted_at: None,
        is_anonymous: false,
    };
    Row { raw: raw.into(), value: Ok(value) }
}

/// Takes what the state asks for: pages of made users, and views.
fn answer(app: &mut App, cx: &mut Cx, from: u64, left: &mut u64) {
    let mut next = from;
    loop {
        let effects = cx.take_effects();
        let mut fed = false;
        for (ticket, effect) in effects {
            let body = match effect {
                Effect::Users(users::Effect::Page(ask)) if *left > 0 => {
                    let count = u64::from(ask.per_page).min(*left);
                    let rows: Vec<Row<User>> = (next..next + count).map(row).collect();
                    next += count;
                    *left -= count;
                    let page = users::PageRead { chunks: Chunk::build(&rows), total: Total::Exact(USERS) };
                    users::Body::Page(ask, Ok(page))
                }
                Effect::Users(users::Effect::View(job)) => {
                    let stop = std::sync::atomic::AtomicBool::new(false);
                    users::Body::View(view(&job.snapshot, &job.query, cx.now, job.base.as_ref(), &stop).unwrap())
                }
                _ => continue,
            };
            fed = true;
            let meta = Some(Meta::of(Route::UsersList));
            app.update(cx, Msg::Answer(Answer { ticket, meta, body: Body::Users(body) }));
        }
        if !fed {
            return;
        }
    }
}

fn loaded() -> (App, Cx) {
    let now = Timestamp::from_second(1_795_000_000).unwrap();
    let project = Project {
        name: "bench".into(),
        reference: "abcdefgh".into(),
        reach: ["--profile", "demo"].map(String::from).into(),
        offers: Offers::new(&[Door::Gateway]),
        who: vec![(Door::Gateway, "service key".into())],
        poll: Duration::from_secs(5),
        ..Project::default()
    };
    let keymap = Keymap::default();
    let start =
        Start { project, connected: true, local: None, demo: false, colour: true, place: None, keymap, mouse: false };
    let mut cx = Cx::new(now, SIZE, [7; 32]);
    let mut app = App::new(start, now);
    app.update(&mut cx, Msg::Tick);
    let mut left = USERS;
    answer(&mut app, &mut cx, 0, &mut left);
    app.update(&mut cx, Msg::Key(Key::char('F')));
    answer(&mut app, &mut cx, USERS - left, &mut left);
    app.update(&mut cx, Msg::Key(Key::char('p')));
    (app, cx)
}

fn screen(criterion: &mut Criterion) {
    let (mut app, mut cx) = loaded();
    assert_eq!(app.users.table.len() as u64, USERS, "all are loaded");
    let mut down = false;
    criterion.bench_function("update: a cursor key", |bench| {
        bench.iter(|| {
            down = !down;
            app.update(&mut cx, Msg::Key(Key::char(if down { 'j' } else { 'k' })));
            cx.take_effects()
        });
    });
    criterion.bench_function("update: a letter of the filter", |bench| {
        app.update(&mut cx, Msg::Key(Key::char('/')));
        bench.iter(|| {
            app.update(&mut cx, Msg::Key(Key::char('u')));
            cx.take_effects()
        });
        app.update(&mut cx, Msg::Key("esc".parse().unwrap()));
    });
    let mut terminal = Terminal::new(TestBackend::new(SIZE.width, SIZE.height)).unwrap();
    criterion.bench_function("draw: a frame with the detail", |bench| {
        bench.iter(|| terminal.draw(|frame| ui::draw(&app, frame)).unwrap().count);
    });
}

criterion_group!(benches, screen);
criterion_main!(benches);
