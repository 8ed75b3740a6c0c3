//! The README's picture: the cells of the real Users screen as an SVG. Everybody in it is made up.

use std::fmt::Write;
use std::time::Duration;

use basedeck::api::model::{Bucket, BucketId, Page, Row, Total, User, UserId};
use basedeck::api::route::{Door, Route};
use basedeck::app::effect::Effect;
use basedeck::app::msg::Body;
use basedeck::app::project::Project;
use basedeck::app::{buckets, users};
use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use serde_json::{Value, json};

use crate::drive::{Drive, one_chunk, some_users, start, start_time};

const SIZE: (u16, u16) = (120, 36);

/// A cell in pixels, and the margin around all of them.
const CELL: (u16, u16) = (8, 18);
const MARGIN: u16 = 14;

/// Name, host, providers, hours since the sign-up, hours since the last sign-in, confirmed, hours that a ban lasts.
type Person = (&'static str, &'static str, &'static [&'static str], i64, Option<i64>, bool, Option<i64>);

const PEOPLE: &[Person] = &[
    ("Noor Haddad", "nimbus.example", &["email"], 1, Some(1), true, None),
    ("Tim Becker", "mail.example", &["email"], 3, None, false, None),
    ("Grace Okafor", "nimbus.example", &["email", "google"], 7, Some(2), true, None),
    ("Lars Eriksen", "example.org", &["github"], 9, Some(9), true, None),
    ("", "", &["anonymous"], 14, Some(14), false, None),
    ("Priya Patel", "campus.example", &["google"], 26, Some(5), true, None),
    ("Joan Clarke", "example.com", &["email"], 31, None, false, None),
    ("Mei Tanaka", "mail.example", &["email", "apple"], 45, Some(20), true, None),
    ("Carlos Castro", "acme.example", &["email"], 52, Some(50), true, Some(70)),
    ("Astrid Jensen", "example.org", &["email"], 75, Some(28), true, None),
    ("Kofi Mensah", "nimbus.example", &["google"], 98, Some(3), true, None),
    ("Zuzana Kowalski", "example.com", &["email"], 120, Some(96), true, None),
    ("Hiroshi Kim", "campus.example", &["github"], 151, Some(150), true, None),
    ("Leila Santos", "mail.example", &["email"], 190, None, false, None),
    ("Edsger Rossi", "acme.example", &["email"], 233, Some(44), true, None),
    ("Ines Moreau", "nimbus.example", &["email", "google"], 260, Some(12), true, None),
    ("Chen Zhang", "example.org", &["email"], 301, Some(290), true, Some(24 * 12)),
    ("Amara Nguyen", "campus.example", &["google"], 344, Some(70), true, None),
    ("Olga Ivanova", "example.com", &["email"], 402, Some(33), true, None),
    ("Arjun Singh", "mail.example", &["github"], 455, Some(8), true, None),
    ("Hanna Fischer", "nimbus.example", &["email"], 530, Some(500), true, None),
    ("Giulia Silva", "acme.example", &["email"], 610, None, false, None),
    ("Yara Dubois", "example.org", &["email", "apple"], 702, Some(61), true, None),
    ("Niklaus Wirth", "campus.example", &["email"], 810, Some(400), true, None),
    ("Fatima Wang", "mail.example", &["google"], 905, Some(17), true, None),
    ("Chloe Turing", "example.com", &["email"], 960, Some(88), true, None),
    ("Usha Silva", "nimbus.example", &["github"], 1_020, Some(6), true, None),
    ("Ada Liskov", "campus.example", &["email"], 1_101, Some(41), true, None),
    ("Jean Allen", "example.org", &["email"], 1_177, None, false, None),
    ("Sofia Rossi", "mail.example", &["google"], 1_260, Some(26), true, None),
    ("Alan Perlman", "acme.example", &["email"], 1_333, Some(530), true, None),
];

fn hours(hours: i64) -> Timestamp {
    start_time().checked_add(SignedDuration::from_hours(hours)).unwrap()
}

/// A person as a list's row, or whole with identities and factors.
fn person(at: usize, whole: bool) -> Row<User> {
    let &(name, host, providers, created, seen, confirmed, banned) = &PEOPLE[at];
    // The steps make each time of its own minute and second.
    let step = SignedDuration::from_secs(613 * (at as i64 + 1));
    let ago = |since: i64| hours(-since).checked_sub(step).unwrap();
    let email = name.to_lowercase().replace(' ', ".") + "@" + host;
    let email = Some(email).filter(|_| !name.is_empty());
    let id = 0x3f2a_91c4_7be0_4d1f_a6e2_5c08_1b9d_4427_u128.wrapping_mul(2 * at as u128 + 1);
    let id = uuid::Builder::from_random_bytes(id.to_be_bytes()).into_uuid();
    let (created, seen) = (ago(created), seen.map(ago));
    let confirmed = confirmed.then_some(created);
    let identities: Vec<Value> = providers.iter().map(|name| json!({"provider": name})).collect();
    let mut raw = json!({
        "id": id, "aud": "authenticated", "role": "authenticated", "email": email, "phone": "",
        "email_confirmed_at": confirmed, "last_sign_in_at": seen, "created_at": created, "updated_at": created,
        "app_metadata": {"provider": providers[0], "providers": providers},
        "user_metadata": {"full_name": name, "plan": "team", "locale": "en"},
        "is_anonymous": email.is_none(), "banned_until": banned.map(hours),
    });
    if whole {
        raw["identities"] = identities.into();
        raw["factors"] = json!([{"factor_type": "totp", "status": "verified"}]);
    }
    let value = User {
        id: UserId(id),
        name: Some(name.to_owned()).filter(|_| email.is_some()),
        is_anonymous: email.is_none(),
        email,
        phone: None,
        providers: providers.iter().map(|&name| name.into()).collect(),
        created_at: Some(created),
        last_sign_in_at: seen,
        confirmed_at: confirmed,
        banned_until: banned.map(hours),
        deleted_at: None,
    };
    Row { raw: raw.to_string().into(), value: Ok(value) }
}

fn bucket(name: &str) -> Row<Bucket> {
    let value = Bucket {
        id: BucketId(name.into()),
        name: name.into(),
        public: false,
        kind: None,
        file_size_limit: None,
        allowed_mime_types: None,
        created_at: None,
        updated_at: None,
    };
    Row { raw: json!({"id": name}).to_string().into(), value: Ok(value) }
}

/// The screen: all tabs seen, one user marked, one new since the last look, one selected and read whole.
fn screen() -> Buffer {
    const ALL: Total = Total::Exact(12_345);
    let mut start = start(&[Door::ControlPlane, Door::Gateway]);
    start.project = Project {
        name: "nimbus".into(),
        reference: "qkzvdmtu".into(),
        color: Some("blue".into()),
        who: [Door::ControlPlane, Door::Gateway].map(|door| (door, door.credential().to_owned())).into(),
        ..start.project
    };
    let mut drive = Drive::with(start, SIZE.0, SIZE.1);
    // A whole page: those below the screen are anybody.
    let mut rows: Vec<_> = (0..PEOPLE.len()).map(|at| person(at, false)).collect();
    rows.extend(some_users(2_000, 201 - PEOPLE.len() as u32));
    drive.page(&rows[1..], ALL);
    drive.keys("2");
    let (ticket, _) = drive.take(|effect| matches!(effect, Effect::Buckets(_))).unwrap();
    let page = Page { rows: ["avatars", "documents", "videos"].map(bucket).into(), total: Total::Exact(3) };
    drive.answer(ticket, Route::BucketsList, Body::Buckets(buckets::Body::List(Ok(page))));
    drive.keys("1jjj j");
    drive.pass(Duration::from_secs(6));
    drive.page(&rows[..200], ALL);
    drive.keys("gjj");
    drive.pass(Duration::from_millis(500));
    let id = one_chunk(person(2, true)).row(0).unwrap().id();
    let (ticket, _) = drive.take(|effect| *effect == Effect::Users(users::Effect::Get(id))).unwrap();
    drive.answer(ticket, Route::UserGet, Body::Users(users::Body::Got(id, Ok(one_chunk(person(2, true))))));
    drive.shows("grace.okafor@nimbus.example").shows("totp").shows("+ noor");
    drive.buffer()
}

/// A dark terminal's colours.
const BACK: &str = "#14161b";
const FRONT: &str = "#d6d9e0";

fn shade(color: Color, usual: &'static str) -> &'static str {
    match color {
        Color::DarkGray => "#808897",
        Color::Red => "#ef6f78",
        Color::Green => "#84c77e",
        Color::Yellow => "#e3ba55",
        Color::Blue => "#2f6fd0",
        Color::Magenta => "#c58ae0",
        Color::Cyan => "#5ac3d6",
        Color::White => "#ffffff",
        _ => usual,
    }
}

/// How a cell looks: front, back, bold.
type Look = (&'static str, &'static str, bool);

fn look(cell: &Cell) -> Look {
    let (front, back) = (shade(cell.fg, FRONT), shade(cell.bg, BACK));
    let bold = cell.modifier.contains(Modifier::BOLD);
    if cell.modifier.contains(Modifier::REVERSED) { (back, front, bold) } else { (front, back, bold) }
}

/// What a run of cells is drawn as. Lines and bars are shapes: fonts leave gaps between them.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Across,
    Down,
    Bar,
}

fn kind(cell: &Cell) -> Kind {
    match cell.symbol() {
        "─" => Kind::Across,
        "│" => Kind::Down,
        "▌" => Kind::Bar,
        _ => Kind::Text,
    }
}

fn rect(svg: &mut String, x: u16, y: u16, width: u16, height: u16, fill: &str) {
    writeln!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\"/>").unwrap();
}

/// One run of cells that look the same.
fn draw(svg: &mut String, from: u16, row: u16, cells: &[&Cell]) {
    let (front, back, bold) = look(cells[0]);
    let (x, y, width) = (MARGIN + from * CELL.0, MARGIN + row * CELL.1, cells.len() as u16 * CELL.0);
    if back != BACK {
        rect(svg, x, y, width, CELL.1, back);
    }
    match kind(cells[0]) {
        Kind::Across => rect(svg, x, y + CELL.1 / 2, width, 1, front),
        Kind::Down => rect(svg, x + CELL.0 / 2, y, 1, CELL.1, front),
        Kind::Bar => rect(svg, x, y, CELL.0 / 2, CELL.1, front),
        Kind::Text => {
            let mut at = 0;
            // Apart where there are two blanks, so that columns stay where they are whatever font there is.
            for part in cells.iter().map(|cell| cell.symbol()).collect::<String>().split("  ") {
                let lead = u16::from(part.starts_with(' '));
                text(svg, x + (at + lead) * CELL.0, y, part.trim(), front, bold);
                at += part.chars().count() as u16 + 2;
            }
        }
    }
}

fn text(svg: &mut String, x: u16, y: u16, text: &str, fill: &str, bold: bool) {
    if text.is_empty() {
        return;
    }
    let safe = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let weight = if bold { " font-weight=\"bold\"" } else { "" };
    let (base, length) = (y + 13, text.chars().count() as u16 * CELL.0);
    writeln!(svg, "<text x=\"{x}\" y=\"{base}\" textLength=\"{length}\" fill=\"{fill}\"{weight}>{safe}</text>")
        .unwrap();
}

/// The picture.
pub fn svg() -> String {
    let buffer = screen();
    let (width, height) = (SIZE.0 * CELL.0 + 2 * MARGIN, SIZE.1 * CELL.1 + 2 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\">\n<title>basedeck: the Users screen</title>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{BACK}\"/>\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" \
         font-size=\"13\">\n"
    );
    for y in 0..SIZE.1 {
        let mut x = 0;
        while x < SIZE.0 {
            let first = &buffer[(x, y)];
            let same = |cell: &&Cell| look(cell) == look(first) && kind(cell) == kind(first);
            let run: Vec<&Cell> = (x..SIZE.0).map(|x| &buffer[(x, y)]).take_while(same).collect();
            draw(&mut svg, x, y, &run);
            x += run.len() as u16;
        }
    }
    svg + "</g>\n</svg>\n"
}
