//! Which brokers get the replicas of a new topic's partitions: striped, so that leaders and
//! replicas are spread evenly.
//!
//! Source: StripedReplicaPlacer, for brokers without racks.

use alloc::vec::Vec;

use crate::kafka::error::ErrorCode;
use crate::kafka::topic::BrokerId;
use crate::machine::Chance;

/// Replicas for each of `partitions` partitions. Leaders are drawn from `unfenced` brokers only;
/// fenced ones may follow. Both lists come in ascending order.
///
/// # Errors
/// `INVALID_REPLICATION_FACTOR` when there are too few brokers, or none that may lead.
pub fn place(
    partitions: u32,
    replication_factor: u32,
    unfenced: Vec<BrokerId>,
    fenced: Vec<BrokerId>,
    chance: &mut Chance<'_>,
) -> Result<Vec<Vec<BrokerId>>, ErrorCode> {
    let brokers = (unfenced.len() + fenced.len()) as u64;
    if replication_factor == 0 || unfenced.is_empty() || u64::from(replication_factor) > brokers {
        return Err(ErrorCode::InvalidReplicationFactor);
    }
    let may_lead = unfenced.len() as u32;
    let mut stripes = [Stripe::new(unfenced, chance), Stripe::new(fenced, chance)];
    let mut placed = Vec::new();
    for partition in 0..partitions {
        // After as many partitions as there are leaders, the same rows would come again.
        if partition > 0 && partition % may_lead == 0 && may_lead > 1 {
            for stripe in &mut stripes {
                stripe.shuffle(chance);
            }
        }
        if partition > 0 {
            stripes.iter_mut().for_each(Stripe::advance);
        }
        let [unfenced, fenced] = &mut stripes;
        let both = core::iter::from_fn(|| unfenced.next().or_else(|| fenced.next()));
        placed.push(both.take(replication_factor as usize).collect());
    }
    Ok(placed)
}

/// Brokers in a ring; each partition starts one further.
struct Stripe {
    brokers: Vec<BrokerId>,
    start: usize,
    taken: usize,
}

impl Stripe {
    fn new(brokers: Vec<BrokerId>, chance: &mut Chance<'_>) -> Self {
        let start = match brokers.len() {
            0 => 0,
            n => chance.below(n as u64, "first replica") as usize,
        };
        Stripe {
            brokers,
            start,
            taken: 0,
        }
    }

    /// For the next partition.
    fn advance(&mut self) {
        self.taken = 0;
        self.start = (self.start + 1) % self.brokers.len().max(1);
    }

    fn next(&mut self) -> Option<BrokerId> {
        if self.taken == self.brokers.len() {
            return None;
        }
        let at = (self.start + self.taken) % self.brokers.len();
        self.taken += 1;
        Some(self.brokers[at])
    }

    /// Each order is equally likely (Fisher and Yates).
    fn shuffle(&mut self, chance: &mut Chance<'_>) {
        for at in (1..self.brokers.len()).rev() {
            let other = chance.below(at as u64 + 1, "replica order") as usize;
            self.brokers.swap(at, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Oracle;
    use alloc::vec;

    /// Always the first option.
    struct First;

    impl Oracle for First {
        fn below(&mut self, _: u64, _: &'static str) -> u64 {
            0
        }
    }

    fn placed(partitions: u32, replicas: u32, unfenced: &[u32], fenced: &[u32]) -> Vec<Vec<u32>> {
        let ids = |list: &[u32]| list.iter().map(|&id| BrokerId(id)).collect();
        let mut first = First;
        let chance = &mut Chance::new(&mut first);
        let placed = place(partitions, replicas, ids(unfenced), ids(fenced), chance);
        let placed = placed.expect("enough brokers").into_iter();
        placed
            .map(|row| row.iter().map(|id| id.0).collect())
            .collect()
    }

    #[test]
    fn leaders_and_replicas_are_striped_over_the_brokers() {
        assert_eq!(
            placed(3, 3, &[1, 2, 3], &[]),
            [[1, 2, 3], [2, 3, 1], [3, 1, 2]]
        );
        assert_eq!(placed(3, 2, &[1, 2, 3], &[]), [[1, 2], [2, 3], [3, 1]]);
    }

    #[test]
    fn a_fenced_broker_may_follow_but_not_lead() {
        assert_eq!(placed(2, 3, &[1, 3], &[2]), [[1, 3, 2], [3, 1, 2]]);
    }

    #[test]
    fn every_broker_leads_equally_often_after_any_number_of_rounds() {
        let rows = placed(9, 1, &[1, 2, 3], &[]);
        for id in 1..=3 {
            assert_eq!(rows.iter().filter(|row| **row == [id]).count(), 3);
        }
    }

    #[test]
    fn too_few_brokers_are_refused() {
        let mut first = First;
        let chance = &mut Chance::new(&mut first);
        let one = vec![BrokerId(1)];
        for (replicas, unfenced, fenced) in [
            (2, one.clone(), vec![]),
            (1, vec![], one.clone()),
            (0, one.clone(), vec![]),
        ] {
            let placed = place(1, replicas, unfenced, fenced, chance);
            assert_eq!(placed, Err(ErrorCode::InvalidReplicationFactor));
        }
    }
}
