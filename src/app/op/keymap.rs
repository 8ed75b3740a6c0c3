//! Which key means which operation in which scope.

use std::collections::HashMap;

use super::{Op, Scope};
use crate::app::key::Key;

/// Keys to operations, and back.
#[derive(Clone, Debug)]
pub struct Keymap {
    by_key: HashMap<(Scope, Key), Op>,
}

impl Default for Keymap {
    /// The keys of the table.
    fn default() -> Self {
        let mut by_key = HashMap::new();
        for op in Op::all() {
            let spec = op.spec();
            for key in spec.keys.iter().filter_map(|key| key.parse().ok()) {
                by_key.insert((spec.scope, key), op);
            }
        }
        Self { by_key }
    }
}

impl Keymap {
    /// What a key means where these scopes are open, the first scope that knows it winning.
    pub fn find(&self, scopes: &[Scope], key: Key) -> Option<Op> {
        scopes.iter().find_map(|&scope| self.by_key.get(&(scope, key)).copied())
    }

    /// The keys of an operation, the first of the table first.
    pub fn keys(&self, op: Op) -> impl Iterator<Item = Key> {
        let spec = op.spec();
        spec.keys
            .iter()
            .filter_map(|key| key.parse().ok())
            .filter(move |&key| self.by_key.get(&(spec.scope, key)) == Some(&op))
    }
}
