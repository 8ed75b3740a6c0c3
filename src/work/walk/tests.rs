//! Walks over servers that behave, and over those that do not.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use uuid::Uuid;

use super::*;

/// A server as far as paging goes.
#[derive(Clone)]
struct Server {
    /// Creation time and id.
    users: Vec<(u32, u128)>,
    bad: HashSet<u128>,
    total: bool,
    largest: Option<u32>,
    ignores_paging: bool,
    down: bool,
}

impl Server {
    fn new(users: impl IntoIterator<Item = (u32, u128)>) -> Self {
        Self {
            users: users.into_iter().collect(),
            bad: HashSet::new(),
            total: true,
            largest: None,
            ignores_paging: false,
            down: false,
        }
    }

    /// As the database does it: rows of the same time lie in an order that depends on the page that is cut.
    fn answer(&self, request: Request) -> Option<Vec<UserId>> {
        let size = request.per_page.min(self.largest.unwrap_or(u32::MAX)) as usize;
        let start = if self.ignores_paging { 0 } else { (request.page as usize - 1) * size };
        let mut users = self.users.clone();
        users.sort_by_key(|(time, id)| {
            let mut hasher = DefaultHasher::new();
            (start + size, request.oldest_first, id).hash(&mut hasher);
            (if request.oldest_first { i64::from(*time) } else { -i64::from(*time) }, hasher.finish())
        });
        let page: Vec<_> = users.iter().skip(start).take(size).map(|(_, id)| *id).collect();
        let fails = self.down || page.iter().any(|id| self.bad.contains(id));
        (!fails).then(|| page.into_iter().map(|id| UserId(Uuid::from_u128(id))).collect())
    }

    fn total(&self) -> Total {
        if self.total { Total::Exact(self.users.len() as u64) } else { Total::Unknown }
    }

    /// Walks to the end: what was found, and how many requests it took.
    fn walk(mut self, per_page: u32, mut meanwhile: impl FnMut(&mut Self, u32)) -> (Coverage, u32) {
        let mut walk = Walk::new(per_page);
        let mut known = HashSet::new();
        let mut requests = 0;
        while let Next::Ask(request) = walk.next() {
            requests += 1;
            assert!(requests < 5_000, "endless: {:?}", walk.coverage());
            match self.answer(request) {
                Some(ids) => {
                    let before = known.len();
                    known.extend(ids.iter().copied());
                    walk.took(request, &ids, known.len() - before, known.len(), self.total());
                }
                None => walk.unreadable(request, "Database error finding users"),
            }
            meanwhile(&mut self, requests);
        }
        (walk.coverage(), requests)
    }
}

fn users(count: u32) -> impl Iterator<Item = (u32, u128)> {
    (0..count).map(|at| (at, u128::from(at) + 1))
}

#[test]
fn a_plain_list_is_walked_once() {
    let (coverage, requests) = Server::new(users(2_345)).walk(1_000, |_, _| {});
    assert_eq!((coverage.distinct, coverage.complete, requests), (2_345, true, 3));
    assert_eq!(coverage.title(), "all 2,345 loaded");
    let (coverage, requests) = Server::new(users(2_000)).walk(1_000, |_, _| {});
    assert_eq!((coverage.complete, requests), (true, 2));
    let (coverage, requests) = Server::new(users(0)).walk(50, |_, _| {});
    assert_eq!((coverage.title().as_str(), requests), ("empty", 1));
}

#[test]
fn half_a_walk_says_so() {
    let server = Server::new(users(12_345));
    let mut walk = Walk::new(200);
    let Next::Ask(first) = walk.next() else { panic!() };
    walk.took(first, &server.answer(first).unwrap(), 200, 200, server.total());
    assert_eq!(walk.coverage().title(), "200 of 12,345 loaded");
    assert_eq!(walk.coverage().missing, 12_145);
    assert_eq!(walk.next(), Next::Ask(Request { page: 2, per_page: 200, oldest_first: false }));
    walk.took(first, &[], 0, 200, Total::Unknown);
    assert_eq!(walk.next(), Next::Ask(Request { page: 2, per_page: 200, oldest_first: false }), "an old answer");
    walk.resize(1_000);
    assert_eq!(walk.next(), Next::Ask(Request { page: 1, per_page: 1_000, oldest_first: false }));
}

#[test]
fn without_a_total_nothing_is_called_complete() {
    let server = Server { total: false, ..Server::new(users(120)) };
    let (coverage, requests) = server.walk(50, |_, _| {});
    assert_eq!((coverage.distinct, coverage.complete, requests), (120, false, 4));
    assert_eq!(coverage.title(), "120 loaded");
    let mut walk = Walk::new(50);
    walk.counted(50, Total::AtMost(150));
    assert_eq!(walk.coverage().title(), "50+ loaded");
}

#[test]
fn rows_of_one_time_are_found_the_other_way_or_counted_as_missing() {
    let server = Server::new((1..=300).map(|id| (7, id)));
    let first_way = {
        let mut known = HashSet::new();
        for page in 1..=43 {
            known.extend(server.answer(Request { page, per_page: 7, oldest_first: false }).unwrap());
        }
        known.len()
    };
    assert!(first_way < 300, "the fault is there");
    let (coverage, requests) = server.walk(7, |_, _| {});
    assert!(coverage.complete && requests <= 46, "{requests}");

    // Where no page is large enough, some stay missing, and that is said.
    let server = Server { largest: Some(7), ..Server::new((1..=300).map(|id| (7, id))) };
    let (coverage, requests) = server.walk(7, |_, _| {});
    assert!(!coverage.complete && coverage.missing > 0 && requests <= 90, "{requests}");
    assert_eq!(coverage.missing, 300 - coverage.distinct);
    assert_eq!(coverage.title(), format!("{} of 300 loaded, {} missing", coverage.distinct, coverage.missing));
}

#[test]
fn a_row_that_the_server_cannot_read_is_a_named_hole() {
    for per_page in [200, 1_000, 7, 1, 97] {
        let server = Server { bad: HashSet::from([100]), ..Server::new(users(500)) };
        let (coverage, requests) = server.walk(per_page, |_, _| {});
        assert_eq!((coverage.distinct, coverage.missing, coverage.complete), (499, 0, false), "{per_page}");
        assert_eq!(coverage.holes.len(), 1);
        assert_eq!((coverage.holes[0].position, coverage.holes[0].rows), (401, Some(1)));
        assert!(requests <= 500 / per_page + 100, "{per_page}: {requests}");
        assert_eq!(coverage.title(), "499 of 500 loaded, 1 unreadable");
    }
    let server = Server { bad: HashSet::from([3]), ..Server::new(users(30)) };
    let sentence = &server.walk(1_000, |_, _| {}).0.holes[0].sentence;
    let said = "The server cannot read row 28, counted from the newest: Database error finding users";
    assert_eq!(sentence, said);
}

#[test]
fn many_bad_rows_cost_a_bounded_number_of_requests() {
    let bad = (1..=10_000).step_by(50).collect();
    let (coverage, requests) = Server { bad, ..Server::new(users(10_000)) }.walk(1_000, |_, _| {});
    assert!(requests <= 10 + EXTRA + 20 + FAILURES, "{requests}");
    let unreadable: u64 = coverage.holes.iter().filter_map(|hole| hole.rows).sum();
    assert_eq!(coverage.distinct + unreadable, 10_000, "{}", coverage.title());

    let (coverage, requests) = Server { down: true, ..Server::new(users(500)) }.walk(200, |_, _| {});
    assert!(requests <= 2 * (FAILURES + 1), "{requests}");
    assert!(!coverage.complete && coverage.holes.iter().any(|hole| hole.rows.is_none()));
}

#[test]
fn a_bad_stretch_at_the_front_is_walked_round() {
    let bad = (400..=500).collect();
    let (coverage, _) = Server { bad, ..Server::new(users(500)) }.walk(200, |_, _| {});
    assert!(coverage.distinct >= 390, "{}", coverage.title());
    assert!(!coverage.complete && !coverage.holes.is_empty());
}

#[test]
fn servers_that_ignore_paging_end_the_walk() {
    for (total, largest) in [(true, None), (false, None), (true, Some(50)), (false, Some(50))] {
        let server = Server { total, largest, ignores_paging: true, ..Server::new(users(500)) };
        let (coverage, requests) = server.walk(100, |_, _| {});
        assert!(requests <= 6, "{requests}");
        assert_eq!(coverage.complete, total && largest.is_none() && coverage.distinct == 500);
    }
}

#[test]
fn a_server_with_a_largest_page_is_walked_whole() {
    let (coverage, requests) = Server { largest: Some(100), ..Server::new(users(950)) }.walk(1_000, |_, _| {});
    assert_eq!((coverage.complete, requests), (true, 10));
    let server = Server { largest: Some(100), total: false, ..Server::new(users(950)) };
    assert_eq!(server.walk(1_000, |_, _| {}).0.distinct, 950);
}

#[test]
fn users_that_come_and_go_meanwhile_are_counted_right() {
    // Each deletion moves the rest up by one, over the border of the next page.
    let (coverage, _) = Server::new(users(1_000)).walk(100, |server, requests| {
        if requests <= 5 {
            server.users.pop();
        }
    });
    assert!(coverage.distinct >= 995, "{}", coverage.title());
    assert!(!coverage.complete || coverage.distinct == 995);
    let (coverage, _) = Server::new(users(1_000)).walk(100, |server, requests| {
        server.users.push((10_000 + requests, 90_000 + u128::from(requests)));
    });
    assert!(coverage.complete && coverage.distinct > 1_010, "found the other way: {}", coverage.title());
}

#[test]
fn a_server_that_sends_new_users_without_end_is_left() {
    for (total, most) in [
        (Total::Exact(100), 10_200),
        (Total::Exact(u64::MAX), MOST),
        (Total::AtMost(100), MOST),
        (Total::Unknown, MOST),
    ] {
        let mut walk = Walk::new(1_000);
        let mut distinct = 0;
        while let Next::Ask(request) = walk.next() {
            assert!(distinct <= most, "{total:?}");
            // Two strange rows stand for a page; the count goes on in larger steps.
            let ids = [distinct, distinct + 1].map(|id| UserId(Uuid::from_u128(id.into())));
            distinct += (most / 10).max(1_000);
            walk.took(request, &ids, 1_000, distinct as usize, total);
        }
        let coverage = walk.coverage();
        assert!(coverage.ended && !coverage.complete && distinct > most, "{total:?}");
        assert!(coverage.holes[0].sentence.starts_with("The server sends users without end"), "{coverage:?}");
    }
}

#[test]
fn a_server_that_counts_without_end_is_left() {
    let mut walk = Walk::new(10);
    let ids: Vec<_> = (0..10).map(|id| UserId(Uuid::from_u128(id))).collect();
    let mut requests = 0;
    while let Next::Ask(request) = walk.next() {
        requests += 1;
        assert!(requests < 50);
        let turned: Vec<_> = ids.iter().cycle().skip(requests % 10).take(9).copied().collect();
        walk.took(request, &turned, usize::from(requests == 1) * 9, 10, Total::Exact(u64::MAX));
    }
    assert!(!walk.coverage().complete);
}
