use super::*;
use crate::api::model::{BucketId, Listing};
use crate::app::cx::Cx;
use crate::app::shell::{Out, Shell};

fn entry(key: &str, size: u64) -> Row<Entry> {
    let folder = key.ends_with('/');
    let value = Entry {
        key: key.into(),
        folder,
        id: None,
        size: (!folder).then_some(size),
        mime: None,
        etag: None,
        updated_at: None,
        created_at: None,
    };
    Row { raw: "{}".into(), value: Ok(value) }
}

fn world() -> (Cx, Shell, State) {
    let now = jiff::Timestamp::UNIX_EPOCH;
    let cx = Cx::new(now, ratatui::layout::Size { width: 120, height: 40 }, [0; 32]);
    let shell = Shell::bare(now);
    let bucket = Bucket {
        id: BucketId("avatars".into()),
        name: "avatars".into(),
        public: false,
        kind: None,
        file_size_limit: None,
        allowed_mime_types: None,
        created_at: None,
        updated_at: None,
    };
    let mut state = State::new(bucket);
    state.settle(10);
    (cx, shell, state)
}

fn answer(state: &mut State, cx: &mut Cx, shell: &mut Shell, next: Option<&str>, keys: &[&str], more: Option<&str>) {
    let asked =
        ListObjects { bucket: state.bucket.id.clone(), prefix: state.prefix.clone(), next: next.map(str::to_owned) };
    let rows = keys.iter().enumerate().map(|(at, key)| entry(key, at as u64)).collect();
    let listing = Listing { rows, next: more.map(str::to_owned), inexact: false };
    for open in shell.tickets.iter().map(|open| open.ticket).collect::<Vec<_>>() {
        shell.tickets.close(open);
    }
    state.receive(cx, shell, Body::List(asked, Ok(listing)));
}

fn shown(state: &State) -> Vec<&str> {
    (0..state.len()).filter_map(|at| state.row_at(at)?.0.key()).collect()
}

#[test]
fn folders_stay_first_in_any_order() {
    let (mut cx, mut shell, mut state) = world();
    answer(&mut state, &mut cx, &mut shell, None, &["b", "z/", "c", "a/", "a"], None);
    assert_eq!(shown(&state), ["a/", "z/", "a", "b", "c"]);
    state.run(&mut cx, &mut shell, Op::Sort);
    assert_eq!(shown(&state), ["a/", "z/", "a", "c", "b"], "the largest first");
}

#[test]
fn a_poll_reads_the_first_page_and_those_in_view_one_after_the_other() {
    let (mut cx, mut shell, mut state) = world();
    let page = |n: usize| (0..20).map(|at| format!("k{n:02}{at:02}")).collect::<Vec<_>>();
    let mut next = None;
    for n in 0..8 {
        let more = format!("c{n}");
        let keys = page(n);
        let keys: Vec<_> = keys.iter().map(String::as_str).collect();
        answer(&mut state, &mut cx, &mut shell, next.as_deref(), &keys, Some(&more));
        next = Some(more);
    }
    state.list.select(115, state.shown.as_slice(), 10);
    cx.take_effects();
    state.poll(&mut cx, &mut shell);
    let mut asked = Vec::new();
    while let Some((_, crate::app::effect::Effect::Objects(Effect::List(ask)))) = cx.take_effects().pop() {
        let at = ask.next.as_deref().map_or(0, |next| next[1..].parse::<usize>().unwrap() + 1);
        asked.push(at);
        let keys = page(at);
        let keys: Vec<_> = keys.iter().map(String::as_str).collect();
        answer(&mut state, &mut cx, &mut shell, ask.next.as_deref(), &keys, Some(&format!("c{at}")));
    }
    assert_eq!(asked, [0, 5]);
    assert_eq!((state.len(), state.fresh.len()), (160, 0));
}

#[test]
fn a_folder_that_leads_to_itself_is_not_entered() {
    let (mut cx, mut shell, mut state) = world();
    state.prefix = "a/".into();
    answer(&mut state, &mut cx, &mut shell, None, &["a/"], None);
    cx.take_effects();
    let outs = state.run(&mut cx, &mut shell, Op::Open);
    assert!(matches!(outs.as_slice(), [Out::Notice(..)]), "{outs:?}");
    assert!(cx.take_effects().is_empty());
}

#[test]
fn names_are_told_within_the_folder_and_empty_ones_are_named() {
    let (_, _, mut state) = world();
    state.prefix = "a//".into();
    assert_eq!(state.crumbs(), ["avatars", "a", "(empty name)"]);
    for (key, name) in
        [("a//x", "x"), ("a//x/", "x/"), ("a//", "(empty name)/"), ("a///", "(empty name)/"), ("other/x", "other/x")]
    {
        let row = entry(key, 0);
        assert_eq!(state.name(row.value.as_ref().unwrap()), name, "{key}");
    }
}
