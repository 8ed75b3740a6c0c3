use super::*;
use crate::app::key::Key;
use crate::app::list;
use crate::app::project::Memory;

const SCREEN: Size = Size { width: 80, height: 24 };

fn listed(name: &str, opened: Option<i64>, command: bool) -> Listed {
    Listed {
        which: Which::Profile(name.into()),
        name: name.into(),
        reference: format!("{name}.example.com"),
        command,
        memory: Memory { opened: opened.and_then(time), ..Memory::default() },
        recent: opened.and_then(time),
        ..Listed::default()
    }
}

fn time(second: i64) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_second(second).ok()
}

fn names(switcher: &Switcher) -> Vec<&str> {
    switcher.shown().map(|row| row.project.name.as_str()).collect()
}

fn switcher() -> Switcher {
    let mut switcher = Switcher::new(Which::Profile("home".into()));
    let all = [("zoo", None, false), ("acme-prod", Some(1), false), ("home", Some(9), false), ("bank", None, true)];
    let asked = switcher.listed(Ok(all.map(|(name, opened, command)| listed(name, opened, command)).into()));
    assert_eq!((asked.checks.len(), asked.finds.len()), (3, 0), "one has a command");
    switcher
}

#[test]
fn what_was_opened_last_comes_first_and_the_one_before_is_selected() {
    let switcher = switcher();
    assert_eq!(names(&switcher), ["home", "acme-prod", "bank", "zoo"]);
    assert_eq!(switcher.selected().map(|row| row.project.name.as_str()), Some("acme-prod"));
}

#[test]
fn answers_move_nothing_and_a_command_is_never_asked() {
    let mut switcher = switcher();
    switcher.finder.go(list::Op::Down, 9);
    switcher.checked(&Which::Profile("zoo".into()), Checked::Unreachable("no".into()));
    assert_eq!(names(&switcher), ["home", "acme-prod", "bank", "zoo"]);
    assert_eq!(switcher.selected().map(|row| &row.state), Some(&State::Checked(Checked::NotAsked)));
    let again = switcher.again();
    assert_eq!(again.checks.len(), 3);
    assert!(!again.checks.contains(&Which::Profile("bank".into())));
}

#[test]
fn letters_find_by_name_before_address() {
    let mut switcher = switcher();
    for (typed, found) in [('z', vec!["zoo"]), ('q', vec![])] {
        switcher.typed(Typed::Key(Key::char(typed)));
        assert_eq!(names(&switcher), found, "{typed}");
    }
    assert_eq!(switcher.selected(), None);
    let mut switcher = Switcher::new(Which::Given);
    let one = Listed { reference: "acme.example.com".into(), ..listed("other", None, false) };
    switcher.listed(Ok(vec![one, listed("acme", None, false)]));
    for letter in "acme".chars() {
        switcher.typed(Typed::Key(Key::char(letter)));
    }
    assert_eq!(names(&switcher), ["acme", "other"]);
}

fn found(profile: &str, reference: &str) -> Listed {
    Listed {
        which: Which::Listed { profile: profile.into(), reference: reference.into() },
        name: reference.to_uppercase(),
        reference: reference.into(),
        platform: Some("https://cp.io/".into()),
        ..Listed::default()
    }
}

/// A profile that lists projects; its own is `own`, if it names one.
fn lister(name: &str, own: Option<&str>) -> Listed {
    Listed {
        reference: own.unwrap_or("cp.io").into(),
        platform: Some("https://cp.io/".into()),
        lists: true,
        unchosen: own.is_none(),
        ..listed(name, None, false)
    }
}

fn told(projects: Vec<Listed>) -> Found {
    Found { projects, left_out: None }
}

fn references(asked: &[Which]) -> Vec<&str> {
    let reference = |which: &Which| matches!(which, Which::Listed { .. });
    assert!(asked.iter().all(reference), "{asked:?}");
    asked
        .iter()
        .filter_map(|which| if let Which::Listed { reference, .. } = which { Some(&**reference) } else { None })
        .collect()
}

#[test]
fn what_a_platform_lists_stands_below_its_profile_and_nothing_twice() {
    let mut switcher = Switcher::new(Which::Given);
    let asked =
        switcher.listed(Ok(vec![lister("acme", Some("one")), listed("bank", None, false), lister("zoo", None)]));
    assert_eq!(asked.finds, ["acme", "zoo"]);
    assert_eq!(asked.checks.len(), 2, "a profile that names no project is none");
    switcher.finder.go(list::Op::Down, 9);
    let asleep = Listed { idle: Some("paused".into()), ..found("acme", "asleep") };
    let own = Listed { idle: Some("paused".into()), ..found("acme", "one") };
    let all = vec![own, asleep, found("acme", "two"), Listed { name: "again".into(), ..found("acme", "again") }];
    let asked = switcher.found("acme", Ok(told(all.clone())), SCREEN);
    assert_eq!(references(&asked), ["again", "two"], "nobody asks what sleeps");
    assert_eq!(names(&switcher), ["acme", "again", "TWO", "ASLEEP", "bank", "zoo"]);
    assert_eq!(switcher.selected().map(|row| row.project.name.as_str()), Some("bank"), "the selection stays");
    assert_eq!(
        switcher.shown().next().and_then(Row::idle),
        Some("paused"),
        "of its own project the platform tells too"
    );
    // The same list again, and that of a profile which is not there any more.
    assert_eq!(switcher.found("acme", Ok(told(all)), SCREEN), []);
    assert_eq!(switcher.found("gone", Ok(told(vec![found("gone", "x")])), SCREEN), []);
    assert_eq!(switcher.finder.matches().len(), 6);
    switcher.checked(&Which::Profile("acme".into()), Checked::Unreachable("no".into()));
    assert_eq!(switcher.shown().next().and_then(Row::idle), Some("paused"), "and not unreachable");
}

#[test]
fn no_more_than_so_many_listed_projects_are_asked_and_the_first_ones_are() {
    let mut switcher = Switcher::new(Which::Given);
    switcher.listed(Ok(vec![lister("acme", None), lister("zoo", None)]));
    let many = |profile: &str| (0..MOST_ASKED).rev().map(|n| found(profile, &format!("p{n:03}"))).collect::<Vec<_>>();
    assert_eq!(switcher.found("acme", Ok(told(many("acme").split_off(20))), SCREEN).len(), 30);
    assert_eq!(switcher.beyond(), None);
    let asked = switcher.found("zoo", Ok(told(many("zoo"))), SCREEN);
    assert_eq!((asked.len(), references(&asked)[0], references(&asked)[19]), (20, "p000", "p019"));
    assert_eq!((switcher.finder.matches().len(), switcher.beyond()), (82, Some(80)));
    assert_eq!(switcher.again().checks.len(), MOST_ASKED);
    assert_eq!(switcher.found("zoo", Ok(told(many("zoo"))), SCREEN), [], "nor later");
}

#[test]
fn asked_again_a_platform_may_tell_of_others() {
    let mut switcher = Switcher::new(Which::Given);
    let opened = Listed { memory: Memory { opened: time(7), ..Memory::default() }, ..found("acme", "opened") };
    switcher.listed(Ok(vec![lister("acme", None), opened]));
    let asleep = Listed { idle: Some("paused".into()), ..found("acme", "sleeper") };
    switcher.found("acme", Ok(told(vec![asleep, found("acme", "gone")])), SCREEN);
    assert_eq!(names(&switcher), ["acme", "OPENED", "GONE", "SLEEPER"], "what was opened may be there all the same");
    assert_eq!(switcher.again().finds, ["acme"]);
    switcher.found("acme", Err(Listing::Failed("no answer".into())), SCREEN);
    assert_eq!(switcher.finder.matches().len(), 4, "a failure takes nothing away");
    let asked = switcher.found("acme", Ok(told(vec![found("acme", "sleeper")])), SCREEN);
    assert_eq!((names(&switcher), references(&asked)), (vec!["acme", "OPENED", "SLEEPER"], vec!["sleeper"]));
    assert_eq!(
        references(&switcher.found("acme", Ok(told(vec![found("acme", "gone")])), SCREEN)),
        ["gone"],
        "there again"
    );
}

#[test]
fn letters_find_a_listed_project_by_its_name_its_ref_and_its_profile() {
    let mut switcher = Switcher::new(Which::Given);
    switcher.listed(Ok(vec![lister("acme", None), lister("zoo", None)]));
    switcher.found("acme", Ok(told(vec![Listed { name: "Shop".into(), ..found("acme", "qxyz") }])), SCREEN);
    switcher.found("zoo", Ok(told(vec![Listed { name: "Shop".into(), ..found("zoo", "kkkk") }])), SCREEN);
    for (typed, wanted) in [
        ("shop", vec![("Shop", "qxyz"), ("Shop", "kkkk")]),
        ("qxy", vec![("Shop", "qxyz")]),
        ("zoo", vec![("zoo", "cp.io"), ("Shop", "kkkk")]),
        ("zoo shop", vec![("Shop", "kkkk")]),
    ] {
        switcher.finder.input = tui_input::Input::default();
        switcher.typed(Typed::Paste(typed));
        let shown = switcher.shown().map(|row| (row.project.name.as_str(), row.project.reference.as_str()));
        assert_eq!(shown.collect::<Vec<_>>(), wanted, "{typed}");
    }
    let mut both = Switcher::new(Which::Given);
    both.listed(Ok(vec![listed("shop-two", None, false), listed("shop", None, false)]));
    both.typed(Typed::Paste("shop"));
    assert_eq!(names(&both), ["shop", "shop-two"], "the one that was typed whole");
    // What comes while one types is found too, and the selection stays where it is.
    let late = vec![found("acme", "qxyz"), Listed { name: "zoo shop".into(), ..found("acme", "late") }];
    switcher.found("acme", Ok(told(late)), SCREEN);
    assert_eq!(switcher.finder.matches().len(), 2);
    assert_eq!(switcher.selected().map(|row| row.project.reference.as_str()), Some("kkkk"));
}

#[test]
fn two_of_one_name_are_told_apart() {
    let mut switcher = Switcher::new(Which::Given);
    switcher.listed(Ok(vec![lister("acme", None), lister("zoo", None)]));
    let shop = Listed { name: "Zoo".into(), ..found("acme", "qxyz") };
    let twin = Listed { name: "Zoo".into(), ..found("zoo", "qxyz") };
    let (other, bare) = (found("acme", "two"), Listed { name: "zoo".into(), ..found("acme", "zoo") });
    switcher.found("acme", Ok(told(vec![shop.clone(), other.clone(), bare.clone()])), SCREEN);
    assert_eq!([&shop, &other, &bare].map(|project| switcher.label(project)), ["Zoo (qxyz)", "TWO", "acme/zoo"]);
    switcher.found("zoo", Ok(told(vec![twin.clone()])), SCREEN);
    assert_eq!([&shop, &twin].map(|project| switcher.label(project)), ["Zoo (acme/qxyz)", "Zoo (zoo/qxyz)"]);
}

#[test]
fn where_no_project_is_chosen_one_comes_to_the_first_of_those_there_are() {
    let here = Which::Profile("zoo".into());
    for (here, selected) in [(here, "ONE"), (Which::Given, "acme")] {
        let mut switcher = Switcher::new(here);
        switcher.listed(Ok(vec![listed("acme", Some(5), false), lister("zoo", None)]));
        switcher.found("zoo", Ok(told(vec![found("zoo", "two"), found("zoo", "one")])), SCREEN);
        assert_eq!(switcher.selected().map(|row| row.project.name.as_str()), Some(selected));
    }
    let mut switcher = Switcher::new(Which::Profile("zoo".into()));
    switcher.listed(Ok(vec![lister("zoo", None)]));
    switcher.found("zoo", Err(Listing::Refused), SCREEN);
    assert!(!switcher.choose(9), "there is none");
    assert!(switcher.find_again("zoo") && !switcher.find_again("acme"));
}

#[test]
fn what_a_command_gives_the_credential_for_is_not_asked() {
    let mut switcher = Switcher::new(Which::Given);
    let secret = Listed { command: true, lists: false, ..lister("acme", None) };
    let asked = switcher.listed(Ok(vec![secret]));
    assert_eq!(asked, Asked::default());
    let below = Listed { command: true, ..found("acme", "two") };
    assert_eq!(switcher.found("acme", Ok(told(vec![below])), SCREEN), []);
    assert_eq!(names(&switcher), ["acme", "TWO"]);
}
