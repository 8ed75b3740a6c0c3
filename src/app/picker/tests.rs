use std::path::Path;

use super::*;
use crate::app::form::tests::each_key;
use crate::app::op::keymap::Keymap;
use crate::app::op::{self, Scope};
use crate::work::plan::{Exists, FileItem};

const SCREEN: Size = Size { width: 80, height: 24 };

fn press(picker: &mut Picker, keys: &str) -> PickerOut {
    let (keymap, mut out) = (Keymap::default(), PickerOut::None);
    each_key(keys, |key| {
        let scope = if picker.review.is_some() { Scope::Review } else { Scope::Picker };
        out = match keymap.find(&[Scope::Always, scope], key) {
            Some(op::Op::Picker(op)) => picker.run(op, SCREEN),
            Some(op::Op::Review(op)) => picker.run_review(op, SCREEN),
            _ => picker.typed(Typed::Key(key)),
        };
    });
    out
}

/// A directory from names: `x/` is a folder, `x!` cannot be read, else a file of as many bytes as its name has.
fn dir(path: &str, names: &[&str]) -> Dir {
    let entries = names
        .iter()
        .map(|name| {
            let bare = name.trim_end_matches(['/', '!']);
            DirEntry {
                name: bare.into(),
                kind: if name.ends_with('/') { EntryKind::Dir } else { EntryKind::File },
                size: bare.len() as u64,
                modified: None,
                fault: name.ends_with('!').then(|| "not readable".to_owned()),
            }
        })
        .collect();
    Dir { path: path.into(), entries, cut: false }
}

fn ask(path: &str) -> PickerOut {
    PickerOut::Ask(Effect::ReadDir(Some(path.into())))
}

fn told(picker: &mut Picker, asked: &str, names: &[&str]) -> PickerOut {
    let path = asked.trim_end_matches('/').replace('~', "/home/ann");
    let path = if path.is_empty() { "/" } else { &path };
    picker.receive(Body::Dir(Some(asked.into()), Ok(dir(path, names))))
}

fn at_home() -> Picker {
    let (mut picker, _) = Picker::open(BucketId("avatars".into()), None, "2026/");
    let home = dir("/home/ann", &["docs/", "pics/", ".hidden", "cat.png", "dog.png", "secret!"]);
    picker.receive(Body::Dir(None, Ok(home)));
    picker
}

fn shown(picker: &Picker) -> Vec<&str> {
    picker.browse.shown(0..picker.browse.count()).map(|(entry, _)| entry.name.as_str()).collect()
}

fn selected(picker: &Picker) -> &str {
    shown(picker)[picker.browse.list().at()]
}

fn note(picker: &Picker) -> &str {
    picker.browse.note.as_deref().unwrap_or_default()
}

#[test]
fn typing_filters_and_dots_are_shown_on_request() {
    let mut picker = at_home();
    assert_eq!(shown(&picker), ["docs", "pics", "cat.png", "dog.png", "secret"]);
    press(&mut picker, "PNG d");
    assert_eq!(shown(&picker), ["dog.png"]);
    press(&mut picker, "<esc>");
    assert_eq!(shown(&picker).len(), 5, "esc empties the line first");
    press(&mut picker, "<ctrl-t>");
    assert!(shown(&picker).contains(&".hidden"));
    press(&mut picker, "<ctrl-t>.h");
    assert_eq!(shown(&picker), [".hidden"], "who types a dot means them");
    press(&mut picker, "zzz<enter>");
    assert_eq!(note(&picker), "Nothing here has such a name.");
    assert_eq!(press(&mut picker, "<esc><esc>"), PickerOut::Close);
}

#[test]
fn folders_open_and_close_and_one_finds_oneself_where_one_was() {
    let mut picker = at_home();
    assert_eq!(press(&mut picker, "pi<right>"), ask("/home/ann/pics"));
    told(&mut picker, "/home/ann/pics", &["a.png"]);
    assert_eq!(shown(&picker), ["a.png"]);
    assert_eq!(picker.browse.input.value(), "");
    assert_eq!(press(&mut picker, "<left>"), ask("/home/ann"));
    told(&mut picker, "/home/ann", &["docs/", "pics/", "cat.png"]);
    assert_eq!(selected(&picker), "pics");
    assert_eq!(press(&mut picker, "<backspace>"), ask("/home"));
    told(&mut picker, "/home", &["ann/"]);
    assert_eq!(press(&mut picker, "<enter>"), ask("/home/ann"));
    told(&mut picker, "/home/ann", &[]);
    press(&mut picker, "<enter>");
    assert_eq!(note(&picker), "Nothing here has such a name.");
}

#[test]
fn arrows_move_within_a_line_that_is_not_empty() {
    let mut picker = at_home();
    assert_eq!(press(&mut picker, "xat<left><left><left><right><left><backspace>"), PickerOut::None);
    assert_eq!(press(&mut picker, "c<delete>"), PickerOut::None);
    assert_eq!(picker.browse.input.value(), "cat");
    assert_eq!(shown(&picker), ["cat.png"]);
    press(&mut picker, "<end><right>");
    assert_eq!(note(&picker), "This is a file: take it, or mark it.");
}

#[test]
fn a_folder_that_cannot_be_read_leaves_one_where_one_was() {
    let mut picker = at_home();
    press(&mut picker, "<enter>");
    picker.receive(Body::Dir(Some("/home/ann/docs".into()), Err("permission denied".into())));
    assert_eq!(note(&picker), "permission denied");
    assert_eq!(picker.browse.place(), "/home/ann");
    assert_eq!(press(&mut picker, "cat<enter>"), PickerOut::Ask(Effect::Stat(vec!["/home/ann/cat.png".into()])));
    press(&mut picker, "<ctrl-u>secret<enter>");
    assert_eq!(note(&picker), "not readable");
    press(&mut picker, "<ctrl-space>");
    assert_eq!(note(&picker), "not readable");
    assert!(!picker.is_dirty());
}

#[test]
fn a_path_is_completed_and_taken() {
    let mut picker = at_home();
    assert_eq!(press(&mut picker, "/"), ask("/"));
    told(&mut picker, "/", &["usr/", "var/", "vmlinuz"]);
    assert_eq!(press(&mut picker, "u<tab>"), ask("/usr/"));
    assert_eq!(picker.browse.input.value(), "/usr/");
    told(&mut picker, "/usr/", &["lib/", "lib32/", "local/"]);
    press(&mut picker, "li<tab>");
    assert_eq!(picker.browse.input.value(), "/usr/lib", "as far as all agree");
    assert_eq!(press(&mut picker, "<enter>"), ask("/usr/lib"));
    assert_eq!(picker.browse.input.value(), "");
    told(&mut picker, "/usr/lib", &["a.so"]);
    assert_eq!(press(&mut picker, "~"), ask("~/"));
    told(&mut picker, "~/", &["cat.png"]);
    assert_eq!(press(&mut picker, "/"), PickerOut::None, "the same folder");
    assert_eq!(press(&mut picker, "c<enter>"), PickerOut::Ask(Effect::Stat(vec!["/home/ann/cat.png".into()])));
    assert_eq!(press(&mut picker, "<ctrl-u>"), ask("/usr/lib"), "without a path one is back");
    told(&mut picker, "/usr/lib", &["a.so"]);
    assert_eq!(press(&mut picker, "./a"), PickerOut::None, "the same folder");
    assert_eq!(shown(&picker), ["a.so"]);
    assert_eq!(press(&mut picker, "<ctrl-u>../"), ask("/usr/lib/../"));
}

#[test]
fn a_path_that_does_not_exist_says_so() {
    let mut picker = at_home();
    press(&mut picker, "/nope/");
    picker.receive(Body::Dir(Some("/nope/".into()), Err("No such folder: /nope/".into())));
    assert_eq!(note(&picker), "No such folder: /nope/");
    assert!(shown(&picker).is_empty());
    assert_eq!(press(&mut picker, "<esc>"), ask("/home/ann"));
}

#[test]
fn what_is_pressed_before_the_folder_is_there_is_done_then() {
    let mut picker = at_home();
    let mut last = PickerOut::None;
    for keys in ["/v/cat.png", "<enter>"] {
        last = press(&mut picker, keys);
    }
    assert_eq!(last, PickerOut::None);
    picker.receive(Body::Dir(Some("/".into()), Ok(dir("/", &["v/"]))));
    let out = picker.receive(Body::Dir(Some("/v/".into()), Ok(dir("/v", &["cat.png", "cat.png.bak"]))));
    assert_eq!(out, PickerOut::Ask(Effect::Stat(vec!["/v/cat.png".into()])));
}

#[test]
fn an_answer_for_another_folder_is_dropped() {
    let mut picker = at_home();
    press(&mut picker, "<enter>");
    press(&mut picker, "<backspace>");
    told(&mut picker, "/home/ann/docs", &["late.txt"]);
    assert!(!shown(&picker).contains(&"late.txt"));
}

fn file(path: &str, size: u64) -> (PathBuf, Result<FileItem, String>) {
    let name = Path::new(path).file_name().unwrap().to_str().unwrap();
    let item = FileItem { path: path.into(), relative: name.into(), size, mime: "image/png".into(), modified: None };
    (path.into(), Ok(item))
}

#[test]
fn marks_over_several_folders_go_on_together() {
    let mut picker = at_home();
    press(&mut picker, "<ctrl-s>");
    assert!(note(&picker).starts_with("Nothing is marked"));
    press(&mut picker, "<ctrl-space>");
    assert!(note(&picker).starts_with("Only files are marked"));
    press(&mut picker, "png<ctrl-space><ctrl-space><up><up><esc>pics<enter>");
    told(&mut picker, "/home/ann/pics", &["cat.png"]);
    press(&mut picker, "<ctrl-space>");
    assert_eq!(picker.browse.marks().len(), 3);
    assert!(picker.is_dirty());
    let paths = ["/home/ann/cat.png", "/home/ann/dog.png", "/home/ann/pics/cat.png"];
    let asked = PickerOut::Ask(Effect::Stat(paths.map(PathBuf::from).to_vec()));
    assert_eq!(press(&mut picker, "<ctrl-s>"), asked);
    assert!(picker.is_checking());
    picker.receive(Body::Stat(paths.map(|path| file(path, 7)).to_vec()));
    assert!(picker.review.is_some());
    press(&mut picker, "<esc>");
    assert!(picker.review.is_none() && picker.is_dirty());
}

fn reviewed(files: &[(PathBuf, Result<FileItem, String>)], rules: Option<Rules>) -> Picker {
    let mut picker = at_home();
    picker.rules = rules;
    picker.checking = Some(files.iter().map(|(path, _)| path.clone()).collect());
    picker.receive(Body::Stat(files.to_vec()));
    picker
}

fn keys_of(picker: &Picker) -> Vec<&str> {
    picker.review.as_ref().unwrap().plan.sendable().map(|(_, item)| item.key.as_str()).collect()
}

#[test]
fn the_review_repairs_what_can_be_repaired_and_sends_the_rest() {
    let gone = (PathBuf::from("/p/gone"), Err("it is gone".to_owned()));
    let files =
        [file("/p/a/cat.png", 1), file("/p/b/cat.png", 2), file("/p/b/söng.png", 3), file("/p/big.png", 99), gone];
    let mut picker = reviewed(&files, Some(Rules { size_limit: Some(50), mimes: None }));
    assert_eq!(press(&mut picker, "<enter>"), PickerOut::None);
    assert_eq!(picker.review.as_ref().unwrap().note.as_deref(), Some("Nothing here can be sent: each file says why."));
    press(&mut picker, "<tab> ");
    assert_eq!(keys_of(&picker), ["2026/a/cat.png", "2026/b/cat.png"]);
    press(&mut picker, "<tab> ");
    assert_eq!(keys_of(&picker), ["2026/a/cat.png", "2026/b/cat.png", "2026/b/s_ng.png"]);
    press(&mut picker, "<tab> <backtab><backtab><backtab><ctrl-u>new dir");
    assert_eq!(keys_of(&picker)[0], "new dir/a/cat.png");
    assert_eq!(picker.review.as_ref().unwrap().count(), 5);
    let sent = press(&mut picker.clone(), "<ctrl-s>");
    let PickerOut::Upload(plan) = press(&mut picker, "<enter>") else { panic!() };
    assert_eq!(sent, PickerOut::Upload(plan.clone()), "ctrl-s sends too");
    assert_eq!((plan.exists, plan.total().files, plan.items.len()), (Exists::Skip, 3, 4));
}

#[test]
fn what_cannot_be_sent_stands_first() {
    let gone = (PathBuf::from("/p/gone"), Err("it is gone".to_owned()));
    let picker = reviewed(
        &[file("/p/good.png", 1), file("/p/big.png", 99), gone],
        Some(Rules { size_limit: Some(50), mimes: None }),
    );
    let review = picker.review.as_ref().unwrap();
    assert_eq!(review.row(0), Some(Row::Unreadable(Path::new("/p/gone"), "it is gone")));
    assert!(matches!(review.row(1), Some(Row::Item(item)) if item.key == "2026/big.png"));
    assert!(matches!(review.row(2), Some(Row::Item(item)) if item.fault.is_none()));
    assert_eq!(review.row(3), None);
}

#[test]
fn a_folder_that_storage_refuses_is_named() {
    let mut picker = reviewed(&[file("/p/a.png", 1)], None);
    press(&mut picker, "<ctrl-u>a/../b");
    assert!(picker.review.as_ref().unwrap().prefix_fault().is_some());
    assert!(keys_of(&picker).is_empty());
    press(&mut picker, "<ctrl-u>");
    assert_eq!(keys_of(&picker), ["a.png"]);
}
