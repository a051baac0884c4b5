//! The subjects that a trace names by number.

use glassmq_core::fingerprint::{Digest, Fingerprint};
use glassmq_core::subject::Subject;

/// Places of 8 bytes in two lines of a processor's cache.
const NEIGHBOURS: u32 = 16;

/// Nobody is here.
const FREE: Place = Place {
    digest: 0,
    number: u32::MAX,
};

/// Subjects in the order of their first mention. There are several for each message of a run, so
/// they are found by their digest: a tree of them would compare names all the way down.
#[derive(Clone, Debug, Default)]
pub(super) struct Subjects {
    all: Vec<Subject>,
    /// Each at the first free place from its digest on. A power of two, and at most half full.
    places: Vec<Place>,
}

/// Who is at a place: told apart by half of the digest, so that the subjects themselves are looked
/// at only to make sure.
#[derive(Clone, Copy, Debug)]
struct Place {
    digest: u32,
    number: u32,
}

impl Subjects {
    /// The subject of a number.
    pub fn get(&self, number: u32) -> Option<&Subject> {
        self.all.get(number as usize)
    }

    /// The number of a subject; given at its first mention.
    pub fn number(&mut self, subject: Subject) -> u32 {
        if self.places.len() < 2 * (self.all.len() + 1) {
            self.grow();
        }
        let digest = digest(&subject);
        let mut at = self.first(digest);
        loop {
            let place = self.places[at];
            if place.number == FREE.number {
                break;
            }
            if place.digest == digest && self.all[place.number as usize] == subject {
                return place.number;
            }
            at = self.next(at);
        }
        let number = self.all.len() as u32;
        self.places[at] = Place { digest, number };
        self.all.push(subject);
        number
    }

    fn first(&self, digest: u32) -> usize {
        digest as usize & (self.places.len() - 1)
    }

    fn next(&self, at: usize) -> usize {
        (at + 1) & (self.places.len() - 1)
    }

    #[cold]
    fn grow(&mut self) {
        let room = (2 * self.places.len()).max(64);
        let before = std::mem::replace(&mut self.places, vec![FREE; room]);
        let taken = before.into_iter().filter(|it| it.number != FREE.number);
        for place in taken {
            let mut at = self.first(place.digest);
            while self.places[at].number != FREE.number {
                at = self.next(at);
            }
            self.places[at] = place;
        }
    }
}

/// A digest that differs in its last bits only for messages that follow each other: they are told of
/// at about the same time, and found in the same line of the processor's cache.
fn digest(subject: &Subject) -> u32 {
    let mut digest = Digest::default();
    let message = match subject {
        Subject::Message(message) => message,
        Subject::Copy(message, place) => {
            place.fingerprint(&mut digest);
            message
        }
        other => {
            other.fingerprint(&mut digest);
            return digest.value() as u32;
        }
    };
    digest.word(u64::from(message.client.0) << 32 | u64::from(message.n / NEIGHBOURS));
    let line = digest.value() as u32 / NEIGHBOURS * NEIGHBOURS;
    line + message.n % NEIGHBOURS
}

#[cfg(test)]
mod tests {
    use glassmq_core::names::{MessageId, NodeId};

    use super::*;

    #[test]
    fn a_subject_keeps_the_number_of_its_first_mention() {
        let message = |n: u32| {
            let client = NodeId(n % 3);
            Subject::Message(MessageId { client, n })
        };
        let mut subjects = Subjects::default();
        for _ in 0..2 {
            for n in 0..5_000 {
                assert_eq!(subjects.number(message(n)), n);
            }
        }
        assert_eq!(subjects.get(4_999), Some(&message(4_999)));
        assert_eq!(subjects.get(5_000), None);
    }
}
