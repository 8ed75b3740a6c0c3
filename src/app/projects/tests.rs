use super::*;
use crate::app::key::Key;
use crate::app::project::Memory;

fn listed(name: &str, opened: Option<i64>, command: bool) -> Listed {
    Listed {
        which: Which::Profile(name.into()),
        name: name.into(),
        reference: format!("{name}.example.com"),
        command,
        memory: Memory { opened: opened.and_then(|at| jiff::Timestamp::from_second(at).ok()), ..Memory::default() },
        ..Listed::default()
    }
}

fn names(switcher: &Switcher) -> Vec<&str> {
    switcher.shown().map(|row| row.project.name.as_str()).collect()
}

fn switcher() -> Switcher {
    let mut switcher = Switcher::new(Which::Profile("home".into()));
    let all = [("zoo", None, false), ("acme-prod", Some(1), false), ("home", Some(9), false), ("bank", None, true)];
    let asked = switcher.listed(Ok(all.map(|(name, opened, command)| listed(name, opened, command)).into()));
    assert_eq!(asked.len(), 3, "one has a command");
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
    switcher.go(list::Op::Down, 9);
    switcher.checked(&Which::Profile("zoo".into()), Checked::SignIn("no".into()));
    assert_eq!(names(&switcher), ["home", "acme-prod", "bank", "zoo"]);
    assert_eq!(switcher.selected().map(|row| &row.state), Some(&State::Checked(Checked::NotAsked)));
    let again = switcher.again();
    assert_eq!(again.len(), 3);
    assert!(!again.contains(&Which::Profile("bank".into())));
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
