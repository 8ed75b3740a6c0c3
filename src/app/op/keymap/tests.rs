use strum::VariantArray;

use super::*;
use crate::app::op::gate::Reason;

fn overridden(all: &[(&str, &[&str])]) -> (Keymap, Vec<String>) {
    let (map, faults) = Keymap::with(
        &(1..)
            .zip(all)
            .map(|(line, (name, keys))| Override {
                name: (*name).into(),
                place: (line, 1),
                keys: (0..).zip(*keys).map(|(at, key)| ((*key).to_owned(), (line, 20 + 10 * at))).collect(),
            })
            .collect::<Vec<_>>(),
    );
    let told = faults.into_iter().map(|Fault { place: (line, column), what }| format!("{line}:{column}: {what}"));
    (map, told.collect())
}

fn op(name: &str) -> Op {
    named(name).unwrap()
}

#[test]
fn the_keys_of_an_override_replace_those_of_the_table() {
    let (map, faults) =
        overridden(&[("users.create", &["ctrl-n", "+"]), ("users.load-all", &["off"]), ("users.sort", &["F", "F"])]);
    assert_eq!(faults, [""; 0]);
    let users = Scope::TOGETHER[0];
    for (key, means) in [
        ("ctrl-n", Some("users.create")),
        ("+", Some("users.create")),
        ("n", None),
        ("F", Some("users.sort")),
        ("s", None),
        ("r", Some("global.refresh")),
    ] {
        assert_eq!(map.find(users, key.parse().unwrap()).map(|op| op.spec().name), means, "{key}");
    }
    assert_eq!(map.keys(op("users.sort")).count(), 1);
    assert_eq!(Keymap::with(&[]), (Keymap::default(), Vec::new()));
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (name, keys, told) in [
        ("users.creat", &["x"][..], "1:1: there is no operation `users.creat` (did you mean `users.create`?)"),
        ("zz", &["x"], "1:1: there is no operation `zz`; `basedeck config keys` lists all"),
        ("users.create", &["ctrl-"], "1:20: `ctrl-` names no key: write a character"),
        ("users.create", &["+", "hyper-x"], "1:30: `hyper-x` names no key"),
        ("users.create", &[], "1:1: `users.create` has an empty list: write \"off\""),
        ("users.create", &["off", "+"], "1:20: \"off\" stands alone: give keys or switch `users.create` off"),
        ("users.create", &["ctrl-i"], "1:20: a terminal sends `ctrl-i` as `tab`"),
        ("users.create", &["ctrl-N"], "1:20: a terminal sends `ctrl-N` as `ctrl-n`"),
        ("users.create", &["r"], "1:20: `r` means both `users.create` and `global.refresh`: give one of them"),
        ("global.pause", &["n"], "1:20: `n` means both `global.pause` and `users.create`"),
        ("form.send", &["s"], "1:20: `s` is typed where `form.send` works: hold ctrl or alt with it"),
        ("picker.mark", &["space"], "1:20: `space` is typed where"),
        ("form.send", &["backspace"], "1:20: `backspace` is typed where"),
        // It works everywhere, so also where one types.
        ("global.exit", &["Q"], "1:20: `Q` is typed where `global.exit` works"),
        ("global.exit", &["off"], "1:1: `global.exit` needs a key: without it one could not get out"),
        ("form.cancel", &["off"], "1:1: `form.cancel` needs a key"),
        ("viewer.close", &["off"], "1:1: `viewer.close` needs a key"),
    ] {
        let (_, faults) = overridden(&[(name, keys)]);
        assert!(faults.len() == 1 && faults[0].starts_with(told), "{name} {keys:?}: {faults:?}");
    }
    let (_, faults) = overridden(&[("users.create", &["+"]), ("users.create", &["="])]);
    assert_eq!(faults, ["2:1: `users.create` stands twice: leave one out"]);
}

#[test]
fn two_keys_may_be_exchanged_and_a_conflict_of_two_overrides_is_told_once_at_the_later() {
    assert_eq!(overridden(&[("users.create", &["r"]), ("global.refresh", &["n"])]).1, [""; 0]);
    // Open on every tab, told once.
    let (_, faults) = overridden(&[("global.pause", &["+"]), ("list.down", &["+", "down"])]);
    assert_eq!(
        faults,
        ["2:20: `+` means both `list.down` and `global.pause`: give one of them another key, or \"off\""]
    );
    // Never open together.
    assert_eq!(overridden(&[("users.create", &["+"]), ("jobs.stop", &["+"])]).1, [""; 0]);
}

#[test]
fn sentences_name_the_keys_that_work() {
    let text = "{users.create} makes one, {global.back} goes back, {nothing} and { stay.";
    let said = |all: &[(&str, &[&str])]| overridden(all).0.say(text);
    assert_eq!(said(&[]), "n makes one, esc goes back, {nothing} and { stay.");
    assert_eq!(said(&[("users.create", &["ctrl-n"])]), "ctrl-n makes one, esc goes back, {nothing} and { stay.");
    // Without a key the palette does it, by name.
    let off: (&str, &[&str]) = ("users.create", &["off"]);
    assert_eq!(said(&[off]), ": users.create makes one, esc goes back, {nothing} and { stay.");
    let both = said(&[off, ("global.commands", &["off"])]);
    assert_eq!(both, "users.create makes one, esc goes back, {nothing} and { stay.");
}

#[test]
fn what_the_table_says_of_keys_names_operations_there_are() {
    let map = Keymap::default();
    let reasons = Reason::VARIANTS.iter().map(|reason| reason.sentence());
    for text in Op::all().map(|op| op.spec().help).chain(reasons) {
        assert!(!map.say(text).contains(['{', '}']), "{text}");
    }
}

#[test]
fn every_way_out_has_a_key_and_can_have_another() {
    for op in Op::all().filter(|op| stays(*op)) {
        let name = op.spec().name;
        assert!(map_has_key(op), "{name}");
        assert_eq!(overridden(&[(name, &["f12"])]).1, [""; 0], "{name}");
    }
    // Each scope but the lists', where nothing stands in the way, has one.
    for scopes in Scope::TOGETHER.iter().filter(|scopes| !scopes.contains(&Scope::List)) {
        assert!(Op::all().any(|op| scopes.contains(&op.spec().scope) && stays(op)), "{scopes:?}");
    }
}

fn map_has_key(op: Op) -> bool {
    Keymap::default().keys(op).next().is_some()
}
