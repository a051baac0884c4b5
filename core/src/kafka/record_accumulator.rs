//! Where a producer's records wait to be sent, in batches by partition.
//!
//! Source: `RecordAccumulator`, `ProducerBatch`, `BufferPool`.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::config::producer::ProducerConfig;
use crate::kafka::record::{Batch, Record};
use crate::kafka::topic::TopicPartition;
use crate::names::MessageId;
use crate::shared::SortedMap;
use crate::time::Now;

/// The batches that wait.
#[derive(Clone, Debug, Default, Fingerprint)]
pub struct RecordAccumulator {
    queues: SortedMap<TopicPartition, VecDeque<ProducerBatch>>,
    /// Bytes taken out of `buffer.memory`, by batches that wait or are in flight.
    used: u64,
}

/// A batch on its way. Times are microseconds of the monotonic clock.
#[derive(Clone, Debug, Fingerprint)]
pub struct ProducerBatch {
    /// Its partition.
    pub partition: TopicPartition,
    /// Its records.
    pub records: Vec<Record>,
    bytes: u64,
    memory: u64,
    /// When it was begun: `delivery.timeout.ms` counts from here.
    pub created: u64,
    /// How often it was sent.
    pub attempts: u32,
    /// Not to be sent before then.
    pub retry_at: u64,
    /// Whether a broker may have written it, though none has said so.
    pub may_be_written: bool,
}

/// How it stands with the first batch of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// To be sent.
    Now,
    /// Not before then, in microseconds of the monotonic clock.
    At(u64),
}

impl ProducerBatch {
    /// The application's records.
    #[must_use]
    pub fn messages(&self) -> Vec<MessageId> {
        self.records.iter().filter_map(|r| r.message).collect()
    }

    /// As it is sent.
    #[must_use]
    pub fn to_batch(&self) -> Batch {
        Batch::of(self.records.clone())
    }
}

impl RecordAccumulator {
    /// Puts a record into the last batch of its partition, or begins another. Gives it back where
    /// `buffer.memory` is exhausted.
    ///
    /// # Errors
    ///
    /// The record.
    pub fn append(
        &mut self,
        partition: &TopicPartition,
        record: Record,
        config: &ProducerConfig,
        now: Now,
    ) -> Result<(), Record> {
        let queue = self.queues.entry(partition.clone()).or_default();
        if let Some(batch) = queue.back_mut().filter(|batch| batch.attempts == 0) {
            let grown = batch.bytes + size_in(batch, &record);
            if grown <= u64::from(config.batch_size) {
                batch.bytes = grown;
                batch.records.push(record);
                return Ok(());
            }
        }
        let bytes = Batch::OVERHEAD + record.bytes(0, 0);
        let memory = bytes.max(u64::from(config.batch_size));
        if self.used + memory > config.buffer_memory {
            return Err(record);
        }
        self.used += memory;
        queue.push_back(ProducerBatch {
            partition: partition.clone(),
            records: alloc::vec![record],
            bytes,
            memory,
            created: now.mono,
            attempts: 0,
            retry_at: 0,
            may_be_written: false,
        });
        Ok(())
    }

    /// Puts a batch that is to be tried again before all others of its partition, as a producer
    /// without idempotence does: batches that were in flight behind it and failed too come before
    /// it then.
    pub fn reenqueue(&mut self, batch: ProducerBatch) {
        let queue = self.queues.entry(batch.partition.clone()).or_default();
        queue.push_front(batch);
    }

    /// When the first batch of a partition is to be sent; `None` if there is none. It is when it
    /// is full, `linger.ms` old, or someone waits for it (`hurry`: a flush, or for memory).
    #[must_use]
    pub fn readiness(
        &self,
        partition: &TopicPartition,
        config: &ProducerConfig,
        hurry: bool,
        now: Now,
    ) -> Option<Readiness> {
        let queue = self.queues.get(partition)?;
        let first = queue.front()?;
        if first.attempts > 0 {
            return Some(after(first.retry_at, now));
        }
        let full = queue.len() > 1 || first.bytes >= u64::from(config.batch_size);
        if full || hurry {
            return Some(Readiness::Now);
        }
        Some(after(
            first.created + u64::from(config.linger_ms) * 1000,
            now,
        ))
    }

    /// Takes the first batch of a partition, if it is not larger than `room` bytes.
    pub fn take(&mut self, partition: &TopicPartition, room: u64) -> Option<ProducerBatch> {
        let queue = self.queues.get_mut(partition)?;
        queue.pop_front_if(|first| first.bytes <= room)
    }

    /// Takes the batches that have waited for `delivery.timeout.ms`.
    pub fn take_expired(&mut self, config: &ProducerConfig, now: Now) -> Vec<ProducerBatch> {
        let timeout = u64::from(config.delivery_timeout_ms) * 1000;
        let mut expired = Vec::new();
        for queue in self.queues.values_mut() {
            while let Some(batch) = queue.pop_front_if(|b| b.created + timeout <= now.mono) {
                expired.push(batch);
            }
        }
        expired
    }

    /// Takes all batches.
    pub fn take_all(&mut self) -> Vec<ProducerBatch> {
        let queues = core::mem::take(&mut self.queues);
        queues.into_values().flatten().collect()
    }

    /// Gives the memory of a batch back, which is done with.
    pub fn release(&mut self, batch: &ProducerBatch) {
        self.used -= batch.memory;
    }

    /// The partitions that have batches.
    pub fn partitions(&self) -> impl Iterator<Item = &TopicPartition> {
        let waiting = self.queues.iter().filter(|(_, queue)| !queue.is_empty());
        waiting.map(|(partition, _)| partition)
    }

    /// When the oldest batch is given up, in microseconds of the monotonic clock.
    #[must_use]
    pub fn next_expiry(&self, config: &ProducerConfig) -> Option<u64> {
        let created = self.queues.values().flatten().map(|batch| batch.created);
        created
            .min()
            .map(|at| at + u64::from(config.delivery_timeout_ms) * 1000)
    }

    /// How many records wait.
    #[must_use]
    pub fn records(&self) -> u32 {
        let batches = self.queues.values().flatten();
        batches.map(|batch| batch.records.len() as u32).sum()
    }

    /// The size of the first batch's tail: whether a partition's batch is ready, for the sticky
    /// partitioner.
    #[must_use]
    pub fn has_full_batch(&self, partition: &TopicPartition, config: &ProducerConfig) -> bool {
        let queue = self.queues.get(partition);
        queue.is_some_and(|queue| {
            let full = queue
                .back()
                .map(|batch| batch.bytes >= u64::from(config.batch_size));
            queue.len() > 1 || full == Some(true)
        })
    }
}

/// What a record adds to a batch.
fn size_in(batch: &ProducerBatch, record: &Record) -> u64 {
    let first = batch
        .records
        .first()
        .map_or(record.timestamp, |r| r.timestamp);
    record.bytes(record.timestamp - first, batch.records.len() as i64)
}

fn after(at: u64, now: Now) -> Readiness {
    if at <= now.mono {
        Readiness::Now
    } else {
        Readiness::At(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::config::Configured;

    const NOW: Now = Now { wall: 0, mono: 0 };

    fn record() -> Record {
        Record {
            key: None,
            value: Some(b"0123456789".as_slice().into()),
            timestamp: 0,
            message: None,
        }
    }

    fn orders() -> TopicPartition {
        TopicPartition::new(&"orders".into(), 0)
    }

    /// The records of each batch, when four are sent, and how many found no memory.
    fn batches(batch_size: u64, buffer_memory: u64) -> (Vec<usize>, usize) {
        let (size, memory) = (
            alloc::format!("{batch_size}"),
            alloc::format!("{buffer_memory}"),
        );
        let settings = [("batch.size", &*size), ("buffer.memory", &*memory)];
        let config = ProducerConfig::parse(settings).unwrap();
        let mut accumulator = RecordAccumulator::default();
        let mut put = || {
            accumulator
                .append(&orders(), record(), &config, NOW)
                .is_err()
        };
        let refused = (0..4).filter(|_| put()).count();
        let taken = accumulator.take_all();
        (taken.iter().map(|it| it.records.len()).collect(), refused)
    }

    #[test]
    fn a_batch_is_full_to_the_byte_and_so_is_the_memory() {
        let two = Batch::of([record(), record()]).bytes();
        let enough = 1 << 20;
        assert_eq!(batches(two, enough), ([2, 2].into(), 0));
        assert_eq!(batches(two - 1, enough), ([1, 1, 1, 1].into(), 0));
        assert_eq!(batches(two, two * 2), ([2, 2].into(), 0));
        assert_eq!(batches(two, two * 2 - 1), ([2].into(), 2));
    }

    #[test]
    fn what_is_tried_again_comes_before_what_was_sent_later() {
        let config = ProducerConfig::parse([("batch.size", "1")]).unwrap();
        let mut accumulator = RecordAccumulator::default();
        for _ in 0..2 {
            assert!(
                accumulator
                    .append(&orders(), record(), &config, NOW)
                    .is_ok()
            );
        }
        let mut first = accumulator.take(&orders(), u64::MAX).unwrap();
        first.attempts = 1;
        accumulator.reenqueue(first);
        let batches = accumulator.take_all();
        let attempts: Vec<u32> = batches.iter().map(|batch| batch.attempts).collect();
        assert_eq!(attempts, [1, 0]);
    }
}
