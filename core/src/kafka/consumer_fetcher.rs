//! How a consumer finds its positions and fetches from them.
//!
//! Source: `AbstractFetch`, `OffsetFetcher`. One fetch for each broker at a time, for those of its
//! partitions of which nothing is waiting to be polled.

use alloc::vec::Vec;

use crate::kafka::api::RequestBody;
use crate::kafka::api::data::{
    EndOfEpoch, EpochPartition, FetchPartition, FetchRequest, FetchedPartition, LeaderAndEpoch,
    ListOffsetsPartition, ListOffsetsRequest, ListedOffset, OffsetAt, OffsetForLeaderEpochRequest,
    Request, Response,
};
use crate::kafka::client::Client;
use crate::kafka::config::consumer::AutoOffsetReset;
use crate::kafka::consumer::{Asked, Consumer, Fetched, Polled};
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::client::ClientWhat;
use crate::kafka::network_client::Peer;
use crate::kafka::record::Record;
use crate::kafka::subscription_state::{Position, Stage};
use crate::kafka::topic::{BrokerId, TopicPartition};
use crate::machine::Out;
use crate::shared::Deque;
use crate::time::Now;

impl Consumer {
    /// Asks for whatever positions and data are missing.
    pub(super) fn drive_fetching(&mut self, now: Now, out: &mut Out<Client>) {
        self.positions.check_leaders(&self.network.cluster);
        for stage in [Stage::AwaitReset, Stage::AwaitValidation, Stage::Fetching] {
            let to_ask = self.positions.to_ask(stage, &self.network.cluster, now);
            for (leader, partitions) in to_ask {
                if self.raised.is_some() {
                    return;
                }
                let Some(leader) = leader else {
                    self.network.want_metadata();
                    continue;
                };
                match stage {
                    Stage::AwaitReset => self.list_offsets(leader, &partitions, now, out),
                    Stage::AwaitValidation => self.validate(leader, &partitions, now, out),
                    Stage::Fetching => self.fetch(leader, &partitions, now, out),
                    Stage::AwaitCommitted => {}
                }
            }
        }
    }

    /// Takes the answer of a leader.
    pub(super) fn on_data(
        &mut self,
        asked: Asked,
        response: Response,
        now: Now,
        out: &mut Out<Client>,
    ) {
        match (asked, response) {
            (Asked::Fetch(broker, asked), Response::Fetch(answers)) => {
                self.fetching.remove(&broker);
                for ((id, offset), answer) in asked.into_iter().zip(answers) {
                    self.on_fetched(&id, offset, answer, now, out);
                }
            }
            (Asked::ListOffsets(asked), Response::ListOffsets(answers)) => {
                for (id, answer) in asked.into_iter().zip(answers) {
                    self.on_listed(&id, &answer, now, out);
                }
            }
            (Asked::EndOfEpoch(asked), Response::OffsetForLeaderEpoch(answers)) => {
                for ((id, offset), answer) in asked.into_iter().zip(answers) {
                    self.on_end_of_epoch(&id, offset, &answer, now, out);
                }
            }
            (asked, response) => panic!("{} does not answer {asked:?}", response.label()),
        }
    }

    /// Asks where the logs start or end, as `auto.offset.reset` says.
    fn list_offsets(
        &mut self,
        leader: BrokerId,
        partitions: &[TopicPartition],
        now: Now,
        out: &mut Out<Client>,
    ) {
        let at = match self.config.auto_offset_reset {
            AutoOffsetReset::Earliest => OffsetAt::Earliest,
            AutoOffsetReset::Latest => OffsetAt::Latest,
            AutoOffsetReset::None => {
                self.raise("NoOffsetForPartitionException", out);
                return;
            }
        };
        if !self.network.ready(Peer::Broker(leader), now, out) {
            return;
        }
        let asked = |id: &TopicPartition| ListOffsetsPartition {
            partition: id.clone(),
            current_leader_epoch: self.network.cluster.leader(id).map(|l| l.epoch),
            at,
        };
        let request = Request::ListOffsets(ListOffsetsRequest {
            replica: None,
            partitions: partitions.iter().map(asked).collect(),
        });
        self.ask(
            leader,
            Asked::ListOffsets(partitions.to_vec()),
            request,
            partitions,
            now,
            out,
        );
    }

    /// Asks where the epochs of positions ended, after a change of leader (KIP-320).
    fn validate(
        &mut self,
        leader: BrokerId,
        partitions: &[TopicPartition],
        now: Now,
        out: &mut Out<Client>,
    ) {
        if !self.network.ready(Peer::Broker(leader), now, out) {
            return;
        }
        let mut asked = Vec::new();
        let mut request = Vec::new();
        for id in partitions {
            let position = self.positions.get(id);
            if let Some((offset, epoch)) = position.and_then(|p| p.offset.zip(p.offset_epoch)) {
                asked.push((id.clone(), offset));
                request.push(EpochPartition {
                    partition: id.clone(),
                    current_leader_epoch: self.network.cluster.leader(id).map(|l| l.epoch),
                    leader_epoch: epoch,
                });
            }
        }
        let request = Request::OffsetForLeaderEpoch(OffsetForLeaderEpochRequest {
            replica: None,
            partitions: request,
        });
        self.ask(
            leader,
            Asked::EndOfEpoch(asked),
            request,
            partitions,
            now,
            out,
        );
    }

    /// Fetches from one broker.
    fn fetch(
        &mut self,
        leader: BrokerId,
        partitions: &[TopicPartition],
        now: Now,
        out: &mut Out<Client>,
    ) {
        if self.fetching.contains(&leader) {
            return;
        }
        let mut asked = Vec::new();
        let mut request = Vec::new();
        for id in partitions {
            let unpolled = self
                .fetched
                .iter()
                .any(|f| f.partition == *id && !f.records.is_empty());
            let Some(offset) = self.positions.get(id).and_then(|p| p.offset) else {
                continue;
            };
            if unpolled {
                continue;
            }
            asked.push((id.clone(), offset));
            request.push(FetchPartition {
                partition: id.clone(),
                current_leader_epoch: self.network.cluster.leader(id).map(|l| l.epoch),
                fetch_offset: offset,
                last_fetched_epoch: None,
                log_start_offset: None,
                partition_max_bytes: self.config.max_partition_fetch_bytes,
            });
        }
        if request.is_empty() || !self.network.ready(Peer::Broker(leader), now, out) {
            return;
        }
        let request = Request::Fetch(FetchRequest {
            replica: None,
            max_wait_ms: self.config.fetch_max_wait_ms,
            min_bytes: self.config.fetch_min_bytes,
            max_bytes: self.config.fetch_max_bytes,
            partitions: request,
        });
        self.fetching.insert(leader);
        self.ask(leader, Asked::Fetch(leader, asked), request, &[], now, out);
    }

    /// Sends a request about these partitions, which are not asked about again meanwhile.
    fn ask(
        &mut self,
        leader: BrokerId,
        asked: Asked,
        request: Request,
        partitions: &[TopicPartition],
        now: Now,
        out: &mut Out<Client>,
    ) {
        for id in partitions {
            if let Some(position) = self.positions.get_mut(id) {
                position.asked = true;
            }
        }
        let body = RequestBody::Data(request);
        self.network
            .send(Peer::Broker(leader), asked, body, None, now, out);
    }

    /// Keeps what was fetched, unless the position is elsewhere by now.
    fn on_fetched(
        &mut self,
        id: &TopicPartition,
        offset: u64,
        answer: FetchedPartition,
        now: Now,
        out: &mut Out<Client>,
    ) {
        let Some(position) = self.positions.get_mut(id) else {
            return;
        };
        if position.offset != Some(offset) || position.stage != Stage::Fetching {
            return;
        }
        match answer.error {
            ErrorCode::None => {
                let records = answer.batches.iter().flat_map(|batch| {
                    let polled = |(offset, record): (u64, &Record)| Polled {
                        partition: id.clone(),
                        offset,
                        leader_epoch: batch.leader_epoch,
                        record: record.clone(),
                    };
                    batch.offsets().map(polled)
                });
                // The first batch may begin before the position.
                let records = records.filter(|polled| polled.offset >= offset);
                let records: Deque<Polled> = records.collect();
                if !records.is_empty() {
                    self.fetched.push_back(Fetched {
                        partition: id.clone(),
                        records,
                    });
                }
            }
            ErrorCode::OffsetOutOfRange => {
                self.reset(id, out);
            }
            error => self.try_again(id, error, answer.current_leader, now),
        }
    }

    fn on_listed(
        &mut self,
        id: &TopicPartition,
        answer: &ListedOffset,
        now: Now,
        out: &mut Out<Client>,
    ) {
        match answer.offset {
            Some(offset) => self.seek(id, offset, out),
            None => self.try_again(id, answer.error, None, now),
        }
    }

    /// A position beyond the end of its epoch was on records that are no more: it goes back to
    /// where the logs part, if there is a reset policy, or else the application has to know
    /// (`SubscriptionState.maybeCompleteValidation`).
    fn on_end_of_epoch(
        &mut self,
        id: &TopicPartition,
        offset: u64,
        answer: &EndOfEpoch,
        now: Now,
        out: &mut Out<Client>,
    ) {
        if !answer.error.is_none() {
            self.try_again(id, answer.error, None, now);
            return;
        }
        let leader = self.network.cluster.leader(id);
        let Some(position) = self.positions.get_mut(id) else {
            return;
        };
        position.asked = false;
        if position.offset != Some(offset) || position.stage != Stage::AwaitValidation {
            return;
        }
        match answer.end {
            Some(end) if end.end_offset >= offset => {
                position.stage = Stage::Fetching;
                position.valid_in = leader.map(|leader| leader.epoch);
            }
            _ if self.config.auto_offset_reset == AutoOffsetReset::None => {
                self.raise("LogTruncationException", out);
            }
            Some(end) => {
                self.seek(id, end.end_offset, out);
                if let Some(position) = self.positions.get_mut(id) {
                    position.offset_epoch = Some(end.epoch);
                }
            }
            None => self.reset(id, out),
        }
    }

    /// Goes on from another offset.
    fn seek(&mut self, id: &TopicPartition, offset: u64, out: &mut Out<Client>) {
        let leader = self.network.cluster.leader(id);
        let Some(position) = self.positions.get_mut(id) else {
            return;
        };
        let from = position.offset;
        *position = Position {
            stage: Stage::Fetching,
            offset: Some(offset),
            offset_epoch: None,
            valid_in: leader.map(|leader| leader.epoch),
            retry_at: 0,
            asked: false,
        };
        self.tell(
            ClientWhat::PositionReset {
                partition: id.clone(),
                to: offset,
                from,
            },
            out,
        );
    }

    /// Has to begin anew, as `auto.offset.reset` says.
    fn reset(&mut self, id: &TopicPartition, out: &mut Out<Client>) {
        if self.config.auto_offset_reset == AutoOffsetReset::None {
            self.raise("OffsetOutOfRangeException", out);
        } else if let Some(position) = self.positions.get_mut(id) {
            position.stage = Stage::AwaitReset;
            position.asked = false;
        }
    }

    /// Asks again in a while, perhaps someone else.
    fn try_again(
        &mut self,
        id: &TopicPartition,
        error: ErrorCode,
        leader: Option<LeaderAndEpoch>,
        now: Now,
    ) {
        if error.invalidates_metadata() || error == ErrorCode::UnknownLeaderEpoch {
            self.network.want_metadata();
        }
        if let Some(leader) = leader {
            self.network.cluster.learn_leader(id, leader);
        }
        self.retry_later(core::slice::from_ref(id), self.retry_at(now));
    }
}
