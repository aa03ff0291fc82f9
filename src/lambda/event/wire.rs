//! Entries on their way from worker to page: what many entries share travels once per batch.
//!
//! For `#[serde(with = "…")]` on a list of entries.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::packed::{Packed, Packer, Shared};
use super::{Entry, Event};
use crate::sim::{SimTime, Stamped};

/// A batch as it travels: borrowed on the way out, owned on the way in.
#[derive(Serialize, Deserialize)]
struct Batch<E> {
    shared: Shared,
    entries: Vec<(SimTime, Packed<E>)>,
}

/// Writes a batch.
///
/// # Errors
/// The serialiser's.
pub fn serialize<S: Serializer>(entries: &[Entry], serializer: S) -> Result<S::Ok, S::Error> {
    let mut packer = Packer::default();
    let entries = entries
        .iter()
        .map(|entry| (entry.at, packer.pack(&entry.event)))
        .collect();
    Batch {
        shared: packer.shared,
        entries,
    }
    .serialize(serializer)
}

/// Reads a batch.
///
/// # Errors
/// The deserialiser's, and numbers that lead nowhere.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Entry>, D::Error> {
    let batch = Batch::<Event>::deserialize(deserializer)?;
    let shared = batch.shared;
    batch
        .entries
        .into_iter()
        .map(|(at, packed)| match shared.unpack(packed) {
            Some(event) => Ok(Stamped { at, event }),
            None => Err(serde::de::Error::custom("a number leads nowhere")),
        })
        .collect()
}
