use super::*;
use crate::api::error::Kind;
use crate::api::model::BucketId;
use crate::app::cx::Cx;
use crate::app::shell::Shell;
use crate::work::outcome::Outcome;
use crate::work::plan::{Destination, Exists, Item};

fn plan(items: usize) -> Plan {
    let item = |n: usize| Item {
        source: n.to_string().into(),
        key: format!("in/{n}"),
        size: 10,
        mime: "text/plain".into(),
        modified: None,
        fault: None,
        unsure: false,
    };
    let destination = Destination::new(BucketId("b".into()), "in");
    Plan { destination, exists: Exists::Fail, items: (0..items).map(item).collect(), size_limit: None }
}

fn world() -> (Cx, Shell, State) {
    let now = jiff::Timestamp::UNIX_EPOCH;
    let cx = Cx::new(now, ratatui::layout::Size { width: 120, height: 40 }, [0; 32]);
    let mut state = State::default();
    state.settle(34, true);
    (cx, Shell::bare(now), state)
}

fn done() -> ItemState {
    ItemState::Ended(Outcome::Done { verified: None })
}

fn failed() -> ItemState {
    ItemState::Ended(Outcome::NotStored { kind: Kind::Lost, sentence: "gone".into() })
}

#[test]
fn progress_of_unknown_jobs_and_items_is_no_harm() {
    let (mut cx, mut shell, mut state) = world();
    state.start(&mut cx, &mut shell, plan(2));
    let items = vec![(0, done()), (99, done())];
    let one = Progress { job: JobId(1), totals: Totals::default(), items, asked: vec![], ended: false };
    let other = Progress { job: JobId(7), ..one.clone() };
    assert!(state.progress(&mut cx, &[other, one]).is_empty());
    assert_eq!((state.current().unwrap().counts.done, state.current().unwrap().counts.all()), (1, 2));
}

#[test]
fn the_end_is_told_once() {
    let (mut cx, mut shell, mut state) = world();
    state.start(&mut cx, &mut shell, plan(1));
    let end =
        Progress { job: JobId(1), totals: Totals::default(), items: vec![(0, done())], asked: vec![], ended: true };
    assert_eq!(state.progress(&mut cx, std::slice::from_ref(&end)).len(), 1);
    assert!(state.progress(&mut cx, &[end]).is_empty());
    assert_eq!(state.running(), 0);
}

#[test]
fn failed_items_are_gone_through_in_a_ring() {
    let (mut cx, mut shell, mut state) = world();
    state.start(&mut cx, &mut shell, plan(100));
    let items = vec![(3, failed()), (60, failed()), (61, done())];
    state.progress(
        &mut cx,
        &[Progress { job: JobId(1), totals: Totals::default(), items, asked: vec![], ended: false }],
    );
    let mut seen = Vec::new();
    for _ in 0..3 {
        state.run(&mut cx, &mut shell, Op::NextFailed);
        assert!(state.items_window().contains(&state.items.at()));
        seen.push(state.items.at());
    }
    assert_eq!(seen, [3, 60, 3]);
}

#[test]
fn a_new_job_is_selected_and_ended_ones_are_cleared() {
    let (mut cx, mut shell, mut state) = world();
    for _ in 0..3 {
        state.start(&mut cx, &mut shell, plan(1));
    }
    assert_eq!(state.current().unwrap().id, JobId(3));
    state.progress(
        &mut cx,
        &[Progress { job: JobId(3), totals: Totals::default(), items: vec![], asked: vec![], ended: true }],
    );
    state.run(&mut cx, &mut shell, Op::Clear);
    let left: Vec<_> = state.jobs().iter().map(|job| job.id.0).collect();
    assert_eq!((left, state.current().unwrap().id), (vec![2, 1], JobId(2)));
}
