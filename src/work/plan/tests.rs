use super::*;

fn file(relative: &str, size: u64, mime: &str) -> FileItem {
    let path = PathBuf::from(format!("/home/me/{relative}"));
    FileItem { path, relative: relative.into(), size, mime: mime.into(), modified: Some(1) }
}

fn destination(prefix: &str) -> Destination {
    Destination::new(BucketId("pictures".into()), prefix)
}

fn keys(plan: &Plan) -> Vec<&str> {
    plan.items.iter().map(|item| item.key.as_str()).collect()
}

const KEEP: Choices = Choices { keep_folders: true, exists: Exists::Fail, safe_names: false };
const FLAT: Choices = Choices { keep_folders: false, ..KEEP };

#[test]
fn the_prefix_has_no_slash_before_it_and_one_behind() {
    for (typed, prefix) in [("", ""), ("/", ""), ("a", "a/"), ("/a/b/", "a/b/"), ("a//b", "a//b/")] {
        assert_eq!(destination(typed).prefix, prefix, "{typed}");
        assert_eq!(destination(typed).check(), Ok(()), "{typed}");
    }
    assert_eq!(destination("a/../b").check(), Err(KeyFault::DotSegment("..")));
    assert_eq!(destination("ä").check(), Err(KeyFault::Character('ä')));
}

#[test]
fn folders_are_kept_or_dropped() {
    let files = [file("trip/a.png", 1, "image/png"), file("b.png", 2, "image/png")];
    assert_eq!(keys(&plan(&files, &destination("in"), KEEP, None)), ["in/trip/a.png", "in/b.png"]);
    assert_eq!(keys(&plan(&files, &destination(""), FLAT, None)), ["a.png", "b.png"]);
}

#[test]
fn rules_bar_what_the_bucket_would_refuse() {
    let rules = Rules { size_limit: Some(10), mimes: Some(vec!["image/*".into(), "Text/CSV".into()]) };
    let allowed = vec!["image/*".to_owned(), "Text/CSV".to_owned()];
    for (file, fault) in [
        (file("a.png", 10, "image/png"), None),
        (file("a.png", 11, "image/png"), Some(Fault::TooLarge { limit: 10 })),
        (file("a.csv", 1, "text/csv; charset=utf-8"), None),
        (file("a.txt", 1, "text/plain"), Some(Fault::TypeNotAllowed { allowed: allowed.clone() })),
        (file("a.bin", 1, "imagex/png"), Some(Fault::TypeNotAllowed { allowed })),
        (file("x/.emptyFolderPlaceholder", 0, "application/octet-stream"), None),
    ] {
        let plan = plan(std::slice::from_ref(&file), &destination(""), KEEP, Some(&rules));
        assert_eq!(plan.items[0].fault, fault, "{file:?}");
    }
}

#[test]
fn rules_of_any_type_bar_none() {
    for mimes in [None, Some(vec![]), Some(vec!["*/*".to_owned()])] {
        let rules = Rules { size_limit: None, mimes };
        assert_eq!(plan(&[file("a", 1, "x/y")], &destination(""), KEEP, Some(&rules)).barred().count(), 0);
    }
}

#[test]
fn a_name_that_storage_refuses_is_barred_beside_its_repair() {
    let files = [file("schön/ü.txt", 1, "text/plain"), file("ok.txt", 1, "text/plain")];
    let refused = plan(&files, &destination("in"), KEEP, None);
    let (index, _, fault) = refused.barred().next().unwrap();
    assert_eq!(index, 0);
    assert_eq!(fault, &Fault::BadKey { why: KeyFault::Character('ö'), safe: Some("in/sch_n/_.txt".into()) });
    assert!(fault.sentence().contains("in/sch_n/_.txt"), "{}", fault.sentence());
    assert_eq!(refused.total(), Sum { files: 1, bytes: 1 });
    let repaired = plan(&files, &destination("in"), Choices { safe_names: true, ..KEEP }, None);
    assert_eq!(keys(&repaired), ["in/sch_n/_.txt", "in/ok.txt"]);
    assert_eq!(repaired.barred().count(), 0);
}

#[test]
fn safe_names_do_not_move_files_to_another_folder() {
    let plan = plan(&[file("a", 1, "x/y")], &destination("ä"), Choices { safe_names: true, ..KEEP }, None);
    assert_eq!(plan.items[0].fault, Some(Fault::BadKey { why: KeyFault::Character('ä'), safe: None }));
}

#[test]
fn two_files_never_go_to_one_key() {
    let files = [file("a/x.txt", 1, "t/p"), file("b/x.txt", 2, "t/p"), file("y.txt", 4, "t/p")];
    let flat = plan(&files, &destination(""), FLAT, None);
    let barred: Vec<_> = flat.barred().map(|(index, _, fault)| (index, fault.clone())).collect();
    let same = |other| Fault::SameKey { other, keep_folders: true };
    assert_eq!(barred, [(0, same(1)), (1, same(0))]);
    assert!(same(1).sentence().contains("keep the folders"));
    assert_eq!(flat.total(), Sum { files: 1, bytes: 4 });
    assert_eq!(plan(&files, &destination(""), KEEP, None).barred().count(), 0);
}

#[test]
fn repaired_names_that_meet_are_barred_too() {
    let files = [file("ä", 1, "t/p"), file("ö", 1, "t/p")];
    let plan = plan(&files, &destination(""), Choices { safe_names: true, ..KEEP }, None);
    assert_eq!(plan.barred().count(), 2);
    assert_eq!(plan.items[0].fault, Some(Fault::SameKey { other: 1, keep_folders: false }));
}

#[test]
fn a_file_picked_twice_is_sent_once() {
    let files = [file("a", 1, "t/p"), file("a", 1, "t/p")];
    assert_eq!(keys(&plan(&files, &destination(""), FLAT, None)), ["a"]);
}

#[test]
fn large_files_are_asked_about_where_the_bucket_names_no_limit() {
    let files = [file("a", USUAL_LIMIT, "t/p"), file("b", USUAL_LIMIT + 1, "t/p"), file("c", 90 << 20, "t/p")];
    let twice = Large { files: 2, largest: 90 << 20 };
    let large = Some(twice);
    assert_eq!(plan(&files, &destination(""), FLAT, None).asks_first(), large);
    assert_eq!(plan(&files, &destination(""), FLAT, Some(&Rules::default())).asks_first(), large);
    let rules = Rules { size_limit: Some(1 << 30), mimes: None };
    assert_eq!(plan(&files, &destination(""), FLAT, Some(&rules)).asks_first(), None);
    assert!(twice.sentence().starts_with("2 files are larger than 50 MiB"));
}

#[test]
fn the_rest_is_what_is_not_done_and_may_be_sent() {
    let files: Vec<_> = ["a", "b", "c", "d", "ü"].map(|name| file(name, 1, "t/p")).into();
    let plan = plan(&files, &destination(""), FLAT, None);
    let mut states = plan.states();
    assert_eq!(states[..4], [ItemState::Waiting, ItemState::Waiting, ItemState::Waiting, ItemState::Waiting]);
    assert!(matches!(states[4], ItemState::Ended(Outcome::Refused { retry: false, .. })));
    states[0] = ItemState::Ended(Outcome::Done { verified: None });
    states[1] = ItemState::Ended(Outcome::Unknown { sentence: String::new() });
    states[2] = ItemState::Ended(Outcome::Stopped);
    states[3] = ItemState::Ended(Outcome::AlreadySo);
    let rest = plan.rest(&states).unwrap();
    assert_eq!(keys(&rest), ["b", "c"]);
    assert_eq!(rest.items.iter().map(|item| item.unsure).collect::<Vec<_>>(), [true, false]);
    assert!(rest.items.iter().all(|item| item.modified.is_none()), "files are taken as they are then");
    states[1] = ItemState::Ended(Outcome::AlreadySo);
    states[2] = ItemState::Ended(Outcome::AlreadySo);
    assert_eq!(plan.rest(&states), None);
}
