use super::*;

fn entry(n: usize) -> Entry {
    Entry::told(jiff::Timestamp::UNIX_EPOCH, "users.create", format!("user{n}"), "done", true)
}

#[test]
fn the_log_is_bounded_and_says_what_it_dropped() {
    let mut state = State::default();
    for n in 0..MOST + 7 {
        state.log(entry(n));
    }
    assert_eq!(state.len(), MOST);
    assert_eq!(state.coverage(), "1,000 entries · 7 older ones dropped");
    assert_eq!(state.row_at(0).unwrap().target, "user1006");
    assert_eq!(state.row_at(MOST - 1).unwrap().target, "user7");
}

#[test]
fn at_the_top_one_watches_what_comes_further_down_the_selection_stays() {
    let mut state = State::default();
    state.settle(5);
    for n in 0..3 {
        state.log(entry(n));
    }
    assert_eq!((state.list.at(), state.current().unwrap().target.as_str()), (0, "user2"));
    state.list.select(1, state.shown.as_slice(), 5);
    state.log(entry(3));
    assert_eq!((state.list.at(), state.current().unwrap().target.as_str()), (2, "user1"));
}

#[test]
fn a_filter_holds_for_what_comes_later_too() {
    let mut state = State::default();
    state.set_filter("user1");
    for n in 0..12 {
        state.log(entry(n));
    }
    let shown: Vec<_> = (0..state.len()).map(|at| state.row_at(at).unwrap().target.as_str()).collect();
    assert_eq!(shown, ["user11", "user10", "user1"]);
}

#[test]
fn an_open_detail_stays_with_its_entry() {
    let mut state = State::default();
    state.settle(5);
    state.log(entry(0));
    state.detail = true;
    state.scroll = 2;
    state.log(entry(1));
    assert_eq!((state.current().unwrap().target.as_str(), state.scroll), ("user0", 2));
    state.detail = false;
    state.set_filter("user1");
    assert_eq!((state.current().unwrap().target.as_str(), state.scroll), ("user1", 0));
}
