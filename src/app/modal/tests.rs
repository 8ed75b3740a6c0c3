use super::*;
use crate::app::form::tests::{cx, each_key};
use crate::app::key::Key;
use crate::app::op::gate::{Gate, Reason};
use crate::app::op::keymap::Keymap;
use crate::app::users::forms;
use crate::work::outcome::JobId;

fn press(stack: &mut Stack, keys: &str) -> ModalOut {
    press_while(stack, keys, false)
}

fn press_while(stack: &mut Stack, keys: &str, under_way: bool) -> ModalOut {
    let (mut cx, keymap, mut out) = (cx(), Keymap::default(), ModalOut::None);
    each_key(keys, |key: Key| {
        let scope = stack.scope().unwrap();
        out = match keymap.find(&[Scope::Always, scope], key) {
            Some(op) => stack.run(op, under_way, &mut cx),
            None if scope.types() => stack.typed(Typed::Key(key), under_way),
            None => ModalOut::None,
        };
    });
    out
}

fn with_form() -> Stack {
    let mut stack = Stack::default();
    stack.push(Modal::form(FormKind::CreateUser, forms::create("home")));
    stack
}

#[test]
fn esc_closes_an_untouched_form_and_asks_when_something_was_typed() {
    let mut stack = with_form();
    assert_eq!(press(&mut stack, "<esc>"), ModalOut::Cancelled(FormKind::CreateUser));
    assert!(stack.is_empty());

    let mut stack = with_form();
    press(&mut stack, "ann<esc>");
    assert_eq!(stack.scope(), Some(Scope::Confirm));
    press(&mut stack, "n");
    assert_eq!(stack.form(FormKind::CreateUser).unwrap().form.values().text("email"), "ann");
    assert_eq!(press(&mut stack, "<esc>y"), ModalOut::Cancelled(FormKind::CreateUser));
    assert!(stack.is_empty());
}

#[test]
fn a_form_under_way_is_hidden_and_comes_back_as_it_was() {
    let mut stack = with_form();
    press(&mut stack, "ann@x.io");
    assert_eq!(press_while(&mut stack, "<esc>", true), ModalOut::Hidden(FormKind::CreateUser));
    assert!(stack.is_empty());
    assert!(stack.has_form(FormKind::CreateUser));
    assert!(stack.show(FormKind::CreateUser));
    assert_eq!(stack.form(FormKind::CreateUser).unwrap().form.values().text("email"), "ann@x.io");
    assert_eq!(stack.scope(), Some(Scope::Form));
}

#[test]
fn a_credential_form_over_a_half_filled_one_leaves_it_untouched() {
    let mut stack = with_form();
    press(&mut stack, "ann@x.io<tab>half");
    let kind = FormKind::Credential(Door::Gateway);
    stack.push(Modal::form(kind, Form::new(&crate::app::session::forms::KEY, "")));
    assert_eq!(press(&mut stack, "new.key<enter>"), ModalOut::Submit(kind));
    stack.close(kind);
    let form = &stack.form(FormKind::CreateUser).unwrap().form;
    assert_eq!((form.values().text("email"), form.values().text("password")), ("ann@x.io", "half"));
    assert_eq!(form.focus, 1);
}

#[test]
fn a_form_that_closes_by_itself_takes_its_question_along() {
    let mut stack = with_form();
    press(&mut stack, "ann<esc>");
    stack.close(FormKind::CreateUser);
    assert!(stack.is_empty());
}

#[test]
fn questions_answer_by_yes_or_go_away() {
    for (keys, out) in [("y", ModalOut::Yes(Ask::Quit)), ("n", ModalOut::None), ("<esc>", ModalOut::None)] {
        let mut stack = Stack::default();
        stack.push(Modal::Confirm(Confirm::quit(vec!["2 jobs are under way.".into()])));
        assert_eq!(press(&mut stack, "<enter>"), ModalOut::None, "nothing is thrown away by enter");
        assert_eq!(stack.scope(), Some(Scope::Confirm));
        assert_eq!(press(&mut stack, keys), out);
        assert!(stack.is_empty());
    }
    let mut stack = Stack::default();
    stack.push(Modal::Confirm(Confirm::stop(JobId(3), vec![])));
    assert_eq!(press(&mut stack, "xqy"), ModalOut::Yes(Ask::StopJob(JobId(3))));
}

fn palette(gate: impl Fn(op::Op) -> Gate) -> Stack {
    let mut stack = Stack::default();
    stack.push(Modal::Palette(Palette::new(&Keymap::default(), &gate)));
    stack
}

#[test]
fn the_palette_finds_by_some_letters_and_runs_what_the_gate_lets() {
    let pause = op::Op::Global(crate::app::global::Op::Pause);
    let gate = |op: op::Op| if op.spec().scope == Scope::Global { Gate::Run } else { Gate::Absent };
    let mut stack = palette(gate);
    press(&mut stack, "pspl");
    let Some(Modal::Palette(open)) = stack.top() else { panic!() };
    assert_eq!(open.selected().map(|item| item.op), Some(pause));
    assert_eq!(press(&mut stack, "<enter>"), ModalOut::Run(pause));
    assert!(stack.is_empty());

    let mut stack = palette(|op| if op == pause { Gate::Dimmed(Reason::ReadOnly) } else { gate(op) });
    assert_eq!(press(&mut stack, "pause<enter>"), ModalOut::Dimmed(Reason::ReadOnly));
    assert_eq!(press(&mut stack, "zzzz<enter>"), ModalOut::None);
    press(&mut stack, "<ctrl-u><down><down><up><pagedown><pageup><pageup>");
    let Some(Modal::Palette(open)) = stack.top() else { panic!() };
    assert_eq!(open.finder.list().at(), 0);
    press(&mut stack, "<esc>");
    assert!(stack.is_empty());
}

#[test]
fn a_viewer_scrolls_within_its_text_and_is_copied_whole() {
    let text: Vec<String> = (0..100).map(|line| format!("line {line}")).collect();
    let mut stack = Stack::default();
    stack.push(Modal::Viewer(Viewer::text("Raw answer", text.join("\n"))));
    let top = |stack: &Stack| match stack.top() {
        Some(Modal::Viewer(viewer)) => viewer.top(100, 21),
        _ => panic!(),
    };
    for (keys, at) in [("k", 0), ("jj", 2), ("<pagedown>", 23), ("G", 79), ("j", 79), ("<pageup>", 58), ("g", 0)] {
        press(&mut stack, keys);
        assert_eq!(top(&stack), at, "after {keys}");
    }
    assert_eq!(press(&mut stack, "y"), ModalOut::Copy(text.join("\n")));
    press(&mut stack, "q");
    assert!(stack.is_empty());
}

#[test]
fn help_lists_each_key_of_the_open_scopes_but_what_is_absent() {
    let keymap = Keymap::default();
    let quit = op::Op::Global(crate::app::global::Op::Quit);
    let viewer =
        help(&[Scope::Always, Scope::Global], &keymap, &|op| if op == quit { Gate::Absent } else { Gate::Run });
    let content = viewer.content();
    assert!(content.starts_with("Everywhere"), "{content}");
    assert!(content.contains("ctrl-c\tLeaves from anywhere"));
    assert!(!content.contains(quit.spec().help));
    let all = help(Scope::TOGETHER.last().unwrap(), &keymap, &|_| Gate::Run).content();
    assert!(all.contains(Op::FirstDemo.spec().help));
}

#[test]
fn the_picker_asks_before_marks_are_lost() {
    let mut stack = Stack::default();
    let (picker, asked) = Picker::open(crate::api::model::BucketId("avatars".into()), None, "");
    assert_eq!(asked, picker::Effect::ReadDir(None));
    stack.push(Modal::Picker(Box::new(picker)));
    let entry = |name: &str, size| picker::DirEntry {
        name: name.into(),
        kind: picker::EntryKind::File,
        size,
        modified: None,
        fault: None,
    };
    let dir = picker::Dir { path: "/home/ann".into(), entries: vec![entry("a.png", 1), entry("b.png", 2)], cut: false };
    stack.picker_received(picker::Body::Dir(None, Ok(dir)));
    press(&mut stack, "<ctrl-space><esc>");
    assert_eq!(stack.scope(), Some(Scope::Confirm));
    press(&mut stack, "n");
    assert_eq!(stack.scope(), Some(Scope::Picker));
    press(&mut stack, "<esc>y");
    assert!(stack.is_empty());
}

#[test]
fn large_files_are_asked_about_before_they_are_sent() {
    let mut stack = Stack::default();
    let (picker, _) = Picker::open(crate::api::model::BucketId("films".into()), None, "");
    stack.push(Modal::Picker(Box::new(picker)));
    let path = std::path::PathBuf::from("/v/film.mp4");
    let entry = picker::DirEntry {
        name: "film.mp4".into(),
        kind: picker::EntryKind::File,
        size: 60 << 20,
        modified: None,
        fault: None,
    };
    stack.picker_received(picker::Body::Dir(
        None,
        Ok(picker::Dir { path: "/v".into(), entries: vec![entry], cut: false }),
    ));
    assert_eq!(press(&mut stack, "<enter>"), ModalOut::Picker(picker::Effect::Stat(vec![path.clone()])));
    let file = crate::work::plan::FileItem {
        path: path.clone(),
        relative: "film.mp4".into(),
        size: 60 << 20,
        mime: "video/mp4".into(),
        modified: None,
    };
    stack.picker_received(picker::Body::Stat(vec![(path, Ok(file))]));
    assert_eq!(press(&mut stack, "<enter>"), ModalOut::None);
    assert_eq!(stack.scope(), Some(Scope::Confirm));
    press(&mut stack, "n");
    assert_eq!(stack.scope(), Some(Scope::Review));
    let ModalOut::Upload(plan) = press(&mut stack, "<enter>y") else { panic!() };
    assert_eq!(plan.items[0].key, "film.mp4");
    assert!(stack.is_empty());
}
