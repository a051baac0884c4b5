//! What a majority is, and what it has: nothing else.

/// How many of `voters` make a majority.
#[must_use]
pub const fn needed(voters: u32) -> u32 {
    voters / 2 + 1
}

/// How a vote stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tally {
    /// A majority granted.
    Won,
    /// So many rejected that no majority can be had any more.
    Lost,
    /// Neither yet.
    Open,
}

/// How a vote among `voters` stands when `granted` said yes and `rejected` said no.
#[must_use]
pub const fn tally(voters: u32, granted: u32, rejected: u32) -> Tally {
    if granted >= needed(voters) {
        Tally::Won
    } else if rejected > voters - needed(voters) {
        Tally::Lost
    } else {
        Tally::Open
    }
}

/// The largest value that a majority has reached, given one value for each voter. The order of
/// `reached` does not matter; it is sorted here.
///
/// # Panics
/// When there is no voter at all.
pub fn reached_by<T: Copy + Ord>(reached: &mut [T]) -> T {
    assert!(!reached.is_empty(), "a majority needs voters");
    reached.sort_unstable();
    // As many voters as a majority needs stand at this place or behind it.
    reached[reached.len() - 1 - reached.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn a_majority_is_more_than_half() {
        let needs: Vec<u32> = (1..=7).map(needed).collect();
        assert_eq!(needs, [1, 2, 2, 3, 3, 4, 4]);
    }

    #[test]
    fn a_vote_is_lost_once_no_majority_can_be_had() {
        assert_eq!(tally(3, 1, 1), Tally::Open);
        assert_eq!(tally(3, 2, 1), Tally::Won);
        assert_eq!(tally(3, 1, 2), Tally::Lost);
        assert_eq!(
            tally(4, 2, 2),
            Tally::Lost,
            "half of an even number is no majority"
        );
    }

    #[test]
    fn what_a_majority_reached_is_what_so_many_voters_have() {
        for voters in 1..=6u32 {
            // All ways for the voters to stand at 0, 1 or 2.
            for code in 0..3u32.pow(voters) {
                let stand: Vec<u32> = (0..voters).map(|v| code / 3u32.pow(v) % 3).collect();
                let plain = (0..3)
                    .rev()
                    .find(|&at| stand.iter().filter(|&&s| s >= at).count() as u32 >= needed(voters))
                    .unwrap();
                assert_eq!(reached_by(&mut stand.clone()), plain, "{stand:?}");
            }
        }
    }
}
