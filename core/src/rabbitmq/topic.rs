//! The topic exchange's trie: which bindings a routing key matches.
//!
//! Words are separated by dots. In a binding key `*` stands for exactly one word and `#` for any
//! number of words, none included; inside a word, and in a routing key, they are letters like any
//! other. The empty key has no words; every other key has one more than dots, so `.` has two empty
//! ones (`rabbit_exchange_type_topic:split_topic_key/1`). Routing walks the trie along the key and
//! never looks at a binding whose pattern has already failed.

use alloc::vec::Vec;

use super::binding::Destination;
use crate::fingerprint::Fingerprint;
use crate::names::Name;
use crate::shared::{SortedMap, SortedSet};

/// Binding keys, word by word, and who is bound with each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct Trie {
    words: SortedMap<Name, Trie>,
    bound: SortedMap<Destination, u32>,
}

impl Trie {
    /// Adds a binding. The same destination may be bound with one key several times, with
    /// different arguments.
    pub fn insert(&mut self, key: &str, destination: Destination) {
        let mut node = self;
        for word in words(key) {
            node = node.words.entry(Name::from(word)).or_default();
        }
        *node.bound.entry(destination).or_default() += 1;
    }

    /// Removes what one [`Trie::insert`] added, and the nodes that nothing needs any more.
    pub fn remove(&mut self, key: &str, destination: &Destination) {
        self.remove_path(&words(key), destination);
    }

    /// Every destination with a binding key that matches, each once.
    #[must_use]
    pub fn matching(&self, routing_key: &str) -> SortedSet<Destination> {
        // Nodes that end exactly here, and those below a `#`, which end at every later word too.
        let mut here = alloc::vec![self];
        let mut open = Vec::new();
        self.open_hashes(&mut open);
        for word in words(routing_key) {
            // A wildcard in a routing key is no wildcard: it matches `*` as any word does, but
            // must not be mistaken for the branch of that name.
            let literal = (!matches!(word, "*" | "#")).then_some(word);
            let mut next = Vec::new();
            for node in here.iter().chain(&open) {
                let branches = literal.into_iter().chain(["*"]);
                next.extend(branches.filter_map(|branch| node.words.get(branch)));
            }
            for node in &next {
                node.open_hashes(&mut open);
            }
            here = next;
        }
        let nodes = here.into_iter().chain(open);
        nodes.flat_map(|node| node.bound.keys().cloned()).collect()
    }

    /// Adds the nodes that `#` reaches from here without a word.
    fn open_hashes<'a>(&'a self, open: &mut Vec<&'a Trie>) {
        if let Some(hash) = self.words.get("#")
            && !open.iter().any(|known| core::ptr::eq(*known, hash))
        {
            open.push(hash);
            hash.open_hashes(open);
        }
    }

    fn remove_path(&mut self, words: &[&str], destination: &Destination) {
        let Some((word, rest)) = words.split_first() else {
            if let Some(times) = self.bound.get_mut(destination) {
                *times -= 1;
                if *times == 0 {
                    self.bound.remove(destination);
                }
            }
            return;
        };
        if let Some(node) = self.words.get_mut(*word) {
            node.remove_path(rest, destination);
            if node.words.is_empty() && node.bound.is_empty() {
                self.words.remove(*word);
            }
        }
    }
}

fn words(key: &str) -> Vec<&str> {
    if key.is_empty() {
        Vec::new()
    } else {
        key.split('.').collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;
    use proptest::prelude::*;

    fn queue(name: &str) -> Destination {
        Destination::Queue(name.into())
    }

    /// The definition, read aloud.
    fn matches(pattern: &[&str], key: &[&str]) -> bool {
        match pattern.split_first() {
            None => key.is_empty(),
            Some((&"#", rest)) => (0..=key.len()).any(|n| matches(rest, &key[n..])),
            Some((&"*", rest)) => !key.is_empty() && matches(rest, &key[1..]),
            Some((word, rest)) => key.first() == Some(word) && matches(rest, &key[1..]),
        }
    }

    fn key(letters: &'static [&'static str]) -> impl Strategy<Value = String> {
        proptest::collection::vec(proptest::sample::select(letters), 0..6)
            .prop_map(|words| words.join("."))
    }

    proptest! {
        #[test]
        fn the_trie_finds_exactly_what_the_definition_matches(
            patterns in proptest::collection::vec(key(&["a", "b", "*", "#", ""]), 0..12),
            removed in proptest::collection::vec(any::<bool>(), 12),
            routing_key in key(&["a", "b", "c", ""]),
        ) {
            let mut trie = Trie::default();
            for (n, pattern) in patterns.iter().enumerate() {
                trie.insert(pattern, queue(&format!("{n}")));
            }
            let mut expected = SortedSet::new();
            for (n, pattern) in patterns.iter().enumerate() {
                if removed[n] {
                    trie.remove(pattern, &queue(&format!("{n}")));
                } else if matches(&words(pattern), &words(&routing_key)) {
                    expected.insert(queue(&format!("{n}")));
                }
            }
            prop_assert_eq!(trie.matching(&routing_key), expected);
        }
    }

    #[test]
    fn hash_between_words_needs_both_of_them() {
        // RabbitMQ Simulator says that `a.#.a` matches `a`.
        let mut trie = Trie::default();
        trie.insert("a.#.a", queue("q"));
        assert!(trie.matching("a").is_empty());
        assert!(!trie.matching("a.a").is_empty());
        assert!(!trie.matching("a.b.c.a").is_empty());
    }

    #[test]
    fn wildcards_in_a_routing_key_are_letters() {
        let mut trie = Trie::default();
        trie.insert("x.y", queue("literal"));
        trie.insert("x.*", queue("star"));
        assert_eq!(trie.matching("x.#"), SortedSet::from([queue("star")]));
        assert_eq!(trie.matching("x.*"), SortedSet::from([queue("star")]));
    }

    #[test]
    fn what_was_removed_leaves_nothing_behind() {
        let mut trie = Trie::default();
        for key in ["a.b.c", "a.b.#", "a.b.c", ""] {
            trie.insert(key, queue("q"));
        }
        for key in ["a.b.c", "a.b.#", "", "a.b.c", "never.bound"] {
            trie.remove(key, &queue("q"));
        }
        assert_eq!(trie, Trie::default());
    }

    #[test]
    fn many_hashes_do_not_explode() {
        let mut trie = Trie::default();
        trie.insert(&["#"; 12].join("."), queue("q"));
        trie.insert(&(["#.a"; 12].join(".") + ".z"), queue("never"));
        let key = ["a"; 60].join(".");
        assert_eq!(trie.matching(&key), SortedSet::from([queue("q")]));
    }
}
