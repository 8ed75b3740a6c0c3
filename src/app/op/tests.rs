//! The table lints itself.

use std::collections::{HashMap, HashSet};

use strum::VariantArray;

use super::{Op, Scope};
use crate::api::route::Route;
use crate::app::key::Key;
use crate::text::width;

#[test]
fn names_are_unique_and_well_formed() {
    let mut seen = HashSet::new();
    for op in Op::all() {
        let spec = op.spec();
        let (feature, verb) = spec.name.split_once('.').expect(spec.name);
        for part in [feature, verb] {
            assert!(!part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", spec.name);
        }
        assert!(seen.insert(spec.name), "{} stands twice", spec.name);
    }
}

#[test]
fn titles_fit_and_every_operation_is_explained() {
    for op in Op::all() {
        let spec = op.spec();
        assert!(width::width(spec.title) <= 24 && !spec.title.is_empty(), "{}", spec.name);
        assert!(spec.help.ends_with('.'), "{}: help is a sentence", spec.name);
        assert_eq!(spec.bar.is_some(), !spec.hint.is_empty(), "{}: a place in the bar has words", spec.name);
    }
}

#[test]
fn every_key_is_a_key_and_means_one_thing() {
    for scopes in Scope::TOGETHER {
        let mut taken: HashMap<Key, &str> = HashMap::new();
        for op in Op::all().filter(|op| scopes.contains(&op.spec().scope)) {
            let spec = op.spec();
            assert!(!spec.keys.is_empty(), "{} has no key", spec.name);
            for text in spec.keys {
                let key: Key = text.parse().unwrap_or_else(|error| panic!("{}: {error}", spec.name));
                if let Some(other) = taken.insert(key, spec.name) {
                    panic!("{key} means both {other} and {} in {scopes:?}", spec.name);
                }
            }
        }
    }
}

#[test]
fn where_one_types_no_plain_character_is_a_key() {
    for op in Op::all() {
        let spec = op.spec();
        let plain = spec
            .keys
            .iter()
            .filter_map(|key| key.parse::<Key>().ok())
            .any(|key| matches!(key.code, crate::app::key::Code::Char(c) if c != ' ' && !key.ctrl && !key.alt));
        assert!(!(spec.scope.types() && plain), "{} takes a character away from the line", spec.name);
    }
}

#[test]
fn every_scope_is_open_somewhere_and_every_changing_route_is_reached() {
    for scope in Scope::VARIANTS {
        assert!(Scope::TOGETHER.iter().any(|scopes| scopes.contains(scope)), "{scope:?}");
    }
    for route in Route::VARIANTS.iter().filter(|route| route.spec().mutates) {
        assert!(Op::all().any(|op| op.spec().routes.contains(route)), "{route:?} is reached by no operation");
    }
}
