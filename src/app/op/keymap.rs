//! Which key means which operation in which scope.

use std::collections::HashMap;

use super::{Op, Scope};
use crate::app::key::Key;

/// Keys to operations, and back.
#[derive(Clone, Debug)]
pub struct Keymap {
    by_key: HashMap<(Scope, Key), Op>,
    by_op: HashMap<Op, Vec<Key>>,
}

impl Default for Keymap {
    /// The keys of the table.
    fn default() -> Self {
        let mut map = Self { by_key: HashMap::new(), by_op: HashMap::new() };
        for op in Op::all() {
            let spec = op.spec();
            for key in spec.keys.iter().filter_map(|key| key.parse().ok()) {
                map.by_key.insert((spec.scope, key), op);
                map.by_op.entry(op).or_default().push(key);
            }
        }
        map
    }
}

impl Keymap {
    /// What a key means where these scopes are open, the first scope that knows it winning.
    pub fn find(&self, scopes: &[Scope], key: Key) -> Option<Op> {
        scopes.iter().find_map(|&scope| self.by_key.get(&(scope, key)).copied())
    }

    /// The keys of an operation, the first of the table first.
    pub fn keys(&self, op: Op) -> impl Iterator<Item = Key> {
        self.by_op.get(&op).into_iter().flatten().copied()
    }
}
