//! The subjects that a trace names by number.

use glassmq_core::fingerprint::{Digest, Fingerprint};
use glassmq_core::subject::Subject;

/// Nobody is here.
const FREE: u32 = u32::MAX;

/// Subjects in the order of their first mention. There are several for each message of a run, so
/// they are found by their digest: a tree of them would compare names all the way down.
#[derive(Clone, Debug, Default)]
pub(super) struct Subjects {
    all: Vec<Subject>,
    /// Numbers, each at the first free place from its digest on. A power of two, and at most half
    /// full.
    places: Vec<u32>,
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
        let mut place = self.first_place(&subject);
        loop {
            match self.places[place] {
                FREE => break,
                number if self.all[number as usize] == subject => return number,
                _ => place = (place + 1) & (self.places.len() - 1),
            }
        }
        let number = self.all.len() as u32;
        self.places[place] = number;
        self.all.push(subject);
        number
    }

    fn first_place(&self, subject: &Subject) -> usize {
        let mut digest = Digest::default();
        subject.fingerprint(&mut digest);
        digest.value() as usize & (self.places.len() - 1)
    }

    #[cold]
    fn grow(&mut self) {
        let room = (2 * self.places.len()).max(64);
        self.places = vec![FREE; room];
        for (number, subject) in self.all.iter().enumerate() {
            let mut place = self.first_place(subject);
            while self.places[place] != FREE {
                place = (place + 1) & (room - 1);
            }
            self.places[place] = number as u32;
        }
    }
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
