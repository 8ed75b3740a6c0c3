use super::*;
use crate::api::model::{Page, Total};
use crate::app::cx::Cx;
use crate::app::shell::Shell;

fn bucket(name: &str, public: bool, limit: Option<u64>) -> Row<Bucket> {
    let value = Bucket {
        id: BucketId(name.into()),
        name: name.into(),
        public,
        kind: None,
        file_size_limit: limit,
        allowed_mime_types: None,
        created_at: None,
        updated_at: None,
    };
    Row { raw: "{}".into(), value: Ok(value) }
}

fn world() -> (Cx, Shell) {
    let now = jiff::Timestamp::UNIX_EPOCH;
    let cx = Cx::new(now, ratatui::layout::Size { width: 120, height: 40 }, [0; 32]);
    (cx, Shell::bare(now))
}

fn names(state: &State) -> Vec<&str> {
    (0..state.len())
        .filter_map(|at| state.row_at(at))
        .map(|(_, row)| row.value.as_ref().map_or("unreadable", |bucket| bucket.name.as_str()))
        .collect()
}

#[test]
fn rows_stand_in_the_chosen_order_and_unreadable_ones_last() {
    let (mut cx, mut shell) = world();
    let mut state = State::default();
    let broken = Row { raw: "7".into(), value: Err("no object".into()) };
    let rows = vec![broken, bucket("b", false, Some(5)), bucket("c", true, None), bucket("a", false, Some(9))];
    state.receive(&mut cx, &mut shell, Body::List(Ok(Page { rows, total: Total::Unknown })));
    for (op, order) in [
        (None, ["a", "b", "c", "unreadable"]),
        (Some(Op::Reverse), ["c", "b", "a", "unreadable"]),
        (Some(Op::Sort), ["c", "a", "b", "unreadable"]),
        (Some(Op::Sort), ["b", "a", "c", "unreadable"]),
    ] {
        if let Some(op) = op {
            state.run(&mut cx, &mut shell, op);
        }
        assert_eq!(names(&state), order, "{op:?} {:?}", state.sort);
    }
    state.set_filter("B");
    assert_eq!((names(&state), state.coverage().as_str()), (vec!["b"], "1 match · 4 buckets · 1 unreadable"));
}

#[test]
fn buckets_are_asked_for_once_at_a_time() {
    let (mut cx, mut shell) = world();
    let mut state = State::default();
    state.poll(&mut cx, &mut shell);
    state.poll(&mut cx, &mut shell);
    assert_eq!(cx.take_effects().len(), 1);
}
