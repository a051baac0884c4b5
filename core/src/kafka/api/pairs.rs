//! Maps as lists of pairs: JSON has text keys only, and a partition is more than a text.

use alloc::vec::Vec;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::shared::SortedMap;

/// Writes a map as a list of its entries, in the order of the keys.
pub fn serialize<K: Serialize, V: Serialize, S: Serializer>(
    map: &SortedMap<K, V>,
    to: S,
) -> Result<S::Ok, S::Error> {
    to.collect_seq(map)
}

/// Reads a list of entries.
pub fn deserialize<'de, K, V, D>(from: D) -> Result<SortedMap<K, V>, D::Error>
where
    K: Deserialize<'de> + Ord,
    V: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(Vec::deserialize(from)?.into_iter().collect())
}

/// The same for a map that may have been refused.
pub mod or_error {
    use super::{Deserialize, Deserializer, Serialize, Serializer, SortedMap, Vec};

    /// Writes the entries, or the error.
    pub fn serialize<K: Serialize, V: Serialize, E: Serialize, S: Serializer>(
        answer: &Result<SortedMap<K, V>, E>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let entries = answer.as_ref().map(|map| map.iter().collect::<Vec<_>>());
        entries.serialize(to)
    }

    /// Reads the entries, or the error.
    pub fn deserialize<'de, K, V, E, D>(from: D) -> Result<Result<SortedMap<K, V>, E>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        E: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        let entries = Result::<Vec<(K, V)>, E>::deserialize(from)?;
        Ok(entries.map(|entries| entries.into_iter().collect()))
    }
}
