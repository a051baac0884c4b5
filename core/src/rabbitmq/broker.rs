//! One RabbitMQ node: the machine that hands each input to what owns it.

use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::alarm::Alarms;
use super::channel::Channel;
use super::classic_queue::ClassicQueue;
use super::connection::Connection;
use super::definitions::Definitions;
use super::delivery::{Delivery, Desk, Disk, Event};
use super::fact::{Fact, Tag};
use super::method::{BasicDeliver, Frame, Method};
use super::prefetch::{ChannelId, Limiters};
use super::record::{DEFINITIONS, Files, Record};
use super::vhost::VHost;
use super::view::{BrokerView, Lens};
use crate::fingerprint::Fingerprint;
use crate::machine::{Chance, Input, Kept, Machine, Out};
use crate::names::{FileId, LinkId, Name, NodeId};
use crate::shared::{Room, SortedMap, SortedSet};
use crate::time::Now;

/// What a node is started with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// Which node it is.
    pub node: NodeId,
    /// `rabbitmq.conf`.
    pub config: Config,
    /// What a node that starts for the first time imports.
    pub definitions: Definitions,
}

/// The keys of `rabbitmq.conf` that are modelled, with the broker's defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Seconds between signs of life that the broker proposes.
    pub heartbeat: u16,
    /// The highest channel number that it proposes.
    pub channel_max: u16,
    /// The largest frame that it proposes, in bytes.
    pub frame_max: u32,
    /// With fewer bytes free on the disk, publishers are blocked.
    pub disk_free_limit: u64,
    /// With more bytes used, publishers are blocked.
    pub vm_memory_high_watermark: u64,
}

/// What an administrator asks of a node.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(tag = "do")]
pub enum Command {
    /// `rabbitmqctl add_vhost`.
    #[serde(rename = "vhost.add")]
    AddVHost {
        /// Its name.
        vhost: Name,
    },
    /// `rabbitmqctl delete_vhost`: its connections are closed, and all in it is gone.
    #[serde(rename = "vhost.delete")]
    DeleteVHost {
        /// Its name.
        vhost: Name,
    },
}

/// What a node waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Timer {
    /// The next message of a queue expires.
    Expiry {
        /// The queue's virtual host.
        vhost: Name,
        /// The queue.
        queue: Name,
    },
    /// Time for a sign of life on this connection.
    HeartbeatSend(LinkId),
    /// Time to look whether anything came on this connection.
    HeartbeatCheck(LinkId),
    /// The client should have agreed to the close by now.
    CloseOverdue(LinkId),
}

/// A node.
#[derive(Clone, Debug, Fingerprint)]
pub struct Broker {
    pub(super) node: NodeId,
    pub(super) config: Config,
    pub(super) users: SortedMap<Name, Name>,
    pub(super) vhosts: SortedMap<Name, VHost>,
    pub(super) connections: SortedMap<LinkId, Connection>,
    pub(super) alarms: Alarms,
    pub(super) limiters: Limiters,
    pub(super) files: Files,
    /// Channels with confirms to tell at the end of the step.
    to_confirm: SortedSet<ChannelId>,
    /// Asked to stop: it ends as soon as its files are safe.
    stopping: bool,
    /// For what a queue wants done.
    events: Room<Event>,
}

/// One step of a node: the node, and what comes with an input.
pub(super) struct Step<'a, 'c> {
    pub broker: &'a mut Broker,
    pub now: Now,
    pub chance: &'a mut Chance<'c>,
    pub out: &'a mut Out<Broker>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            heartbeat: 60,
            channel_max: 2047,
            frame_max: 131_072,
            disk_free_limit: 50_000_000,
            // 0.4 of the 1 GiB that `vm_memory_monitor` assumes where it cannot tell.
            vm_memory_high_watermark: 429_496_729,
        }
    }
}

impl Config {
    /// The keys of `rabbitmq.conf` that a scenario may set.
    pub const KEYS: [&str; 5] = [
        "heartbeat",
        "channel_max",
        "frame_max",
        "disk_free_limit.absolute",
        "vm_memory_high_watermark.absolute",
    ];

    /// Takes a line of `rabbitmq.conf`.
    ///
    /// # Errors
    /// What the value must be.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let number = || "must be a whole number".to_string();
        match key {
            "heartbeat" => self.heartbeat = value.parse().map_err(|_| number())?,
            "channel_max" => self.channel_max = value.parse().map_err(|_| number())?,
            "frame_max" => self.frame_max = value.parse().map_err(|_| number())?,
            "disk_free_limit.absolute" => self.disk_free_limit = bytes(value)?,
            "vm_memory_high_watermark.absolute" => self.vm_memory_high_watermark = bytes(value)?,
            _ => return Err("must be a key that is modelled".to_string()),
        }
        Ok(())
    }
}

/// A number of bytes with an information unit (`rabbit_resource_monitor_misc`).
fn bytes(value: &str) -> Result<u64, String> {
    let digits = value.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit: u64 = match &value[digits.len()..] {
        "" => 1,
        "k" | "kiB" => 1 << 10,
        "M" | "MiB" => 1 << 20,
        "G" | "GiB" => 1 << 30,
        "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return Err("must end in kB, MB, GB, kiB, MiB or GiB, or in nothing".to_string()),
    };
    let number = digits.parse::<u64>().ok();
    let number = number.and_then(|number| number.checked_mul(unit));
    number.ok_or_else(|| "must be a number of bytes".to_string())
}

impl Machine for Broker {
    type Setup = Setup;
    type Command = Command;
    type Message = Frame;
    type Timer = Timer;
    type Record = Record;
    type Fact = Fact;
    type View = BrokerView;
    type Lens = Lens;

    fn boot(
        setup: &Setup,
        kept: &Kept<Record>,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) -> Self {
        let mut broker = Broker {
            node: setup.node,
            config: setup.config,
            users: setup.definitions.users(),
            vhosts: SortedMap::new(),
            connections: SortedMap::new(),
            alarms: Alarms::default(),
            limiters: Limiters::new(),
            files: Files::default(),
            to_confirm: SortedSet::new(),
            stopping: false,
            events: Room::default(),
        };
        let mut step = Step {
            broker: &mut broker,
            now,
            chance,
            out,
        };
        match kept.get(&DEFINITIONS) {
            Some(definitions) if !definitions.records.is_empty() => {
                step.recover(&definitions.records, kept);
            }
            _ => step.import(&setup.definitions),
        }
        step.finish();
        broker
    }

    fn step(&mut self, input: Input<Self>, now: Now, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        let mut step = Step {
            broker: self,
            now,
            chance,
            out,
        };
        step.input(input);
        step.finish();
    }

    fn view(&self, lens: &Lens) -> BrokerView {
        BrokerView::of(self, lens)
    }
}

impl Step<'_, '_> {
    fn input(&mut self, input: Input<Broker>) {
        match input {
            Input::Command(Command::AddVHost { vhost }) => self.add_vhost(&vhost),
            Input::Command(Command::DeleteVHost { vhost }) => self.delete_vhost(&vhost),
            Input::Accepted { link, .. } => {
                let connection = Connection::default();
                self.broker.connections.insert(link, connection);
            }
            Input::Message { link, message } => self.frame(link, message),
            Input::Disconnected { link, .. } => self.link_gone(link),
            Input::Timer(timer) => self.timer(timer),
            Input::Synced { file, end } => self.synced(file, end),
            Input::Stop => self.stop(),
            Input::DiskFree { bytes } => self.disk_free(bytes),
            Input::Memory { used } => self.memory_used(used),
            // A message store that cannot write ends, and takes the node's only virtual host along
            // (`rabbit_msg_store`, `rabbit_vhost_sup`): here the node ends with it.
            Input::WriteFailed { .. } => self.out.exit(),
            // A broker opens no connections in this slice.
            Input::Connected { .. } | Input::Refused { .. } => {}
        }
    }

    fn timer(&mut self, timer: Timer) {
        match timer {
            Timer::Expiry { vhost, queue } => {
                self.with_queue(&vhost, &queue, |queue, desk| queue.expire(desk));
            }
            Timer::HeartbeatSend(link) => self.heartbeat_send(link),
            Timer::HeartbeatCheck(link) => self.heartbeat_check(link),
            Timer::CloseOverdue(link) => {
                self.broker.connections.remove(&link);
                self.out.abort(link);
            }
        }
    }

    /// What every step ends with: publishers are told, files flushed.
    fn finish(&mut self) {
        while let Some(id) = self.broker.to_confirm.pop_first() {
            self.tell_confirms(id);
        }
        self.broker.files.sync(self.out);
        if self.broker.stopping && self.broker.files.are_safe() {
            self.out.exit();
        }
    }

    /// Stops in an orderly way: clients are told, then what is written is made safe.
    fn stop(&mut self) {
        let links: Vec<LinkId> = self.broker.connections.keys().copied().collect();
        for link in links {
            let text = "broker forced connection closure with reason 'shutdown'";
            self.force_close(link, text);
        }
        self.terminate_queues();
        self.broker.stopping = true;
    }

    fn synced(&mut self, file: FileId, end: u64) {
        self.broker.files.synced(file);
        let owner = self.broker.vhosts.values().find_map(|vhost| {
            let mut queues = vhost.queues.values();
            let queue = queues.find(|queue| queue.file() == Some(file))?;
            Some((vhost.name.clone(), queue.declared.name.clone()))
        });
        if let Some((vhost, queue)) = owner {
            self.with_queue(&vhost, &queue, |queue, desk| queue.synced(end, desk));
        }
    }

    /// Has a queue do something, and does what it wants done. None if there is no such queue.
    pub fn with_queue<R>(
        &mut self,
        vhost: &Name,
        queue: &Name,
        act: impl FnOnce(&mut ClassicQueue, &mut Desk<'_>) -> R,
    ) -> Option<R> {
        let Broker {
            vhosts,
            limiters,
            files,
            events: room,
            ..
        } = &mut *self.broker;
        let found = Rc::make_mut(vhosts.get_mut(vhost)?.queues.get_mut(queue)?);
        let mut events = room.take();
        let mut disk = Writer {
            files,
            out: self.out,
        };
        let mut desk = Desk {
            limiters,
            now: self.now,
            disk: &mut disk,
            events: &mut events,
        };
        let result = act(found, &mut desk);
        self.carry_out(vhost, queue, &mut events);
        self.broker.events.put_back(events);
        Some(result)
    }

    fn carry_out(&mut self, vhost: &Name, queue: &Name, events: &mut Vec<Event>) {
        for event in events.drain(..) {
            match event {
                Event::Deliver(delivery) => self.deliver(queue, &delivery),
                Event::Confirm(publish) => {
                    if let Some(confirms) = self.confirms(publish.channel) {
                        confirms.confirm(publish.number, queue);
                    }
                }
                Event::Reject(publish) => {
                    if let Some(confirms) = self.confirms(publish.channel) {
                        confirms.reject(publish.number);
                    }
                }
                Event::TrimHead(file, before) => self.out.trim_head(file, before),
                Event::ArmExpiry(after) => {
                    let (vhost, queue) = (vhost.clone(), queue.clone());
                    self.out.arm(Timer::Expiry { vhost, queue }, after);
                }
                Event::Tell(fact) => self.out.tell(fact),
            }
        }
    }

    fn deliver(&mut self, queue: &Name, delivery: &Delivery) {
        let id = delivery.channel;
        let Some(channel) = self.open_channel(id) else {
            return;
        };
        let delivery_tag = channel.delivered(queue, delivery);
        for fact in delivery.facts(delivery_tag) {
            self.out.tell(fact);
        }
        let deliver = Method::BasicDeliver(BasicDeliver {
            consumer_tag: delivery.consumer.clone().unwrap_or_default(),
            delivery_tag,
            redelivered: delivery.redelivered,
            exchange: delivery.message.exchange.clone(),
            routing_key: delivery.message.routing_key.clone(),
            content: delivery.message.content.clone(),
        });
        self.send(id, deliver);
    }

    /// The channel's confirms, which will be told at the end of the step.
    pub fn confirms(&mut self, id: ChannelId) -> Option<&mut super::confirm::Confirms> {
        self.broker.to_confirm.insert(id);
        self.open_channel(id)?.confirms.as_mut()
    }

    fn tell_confirms(&mut self, id: ChannelId) {
        let Some(confirms) = self.open_channel(id).and_then(|c| c.confirms.as_mut()) else {
            return;
        };
        let told = confirms.take();
        let tag = |delivery_tag| Tag {
            link: id.link,
            channel: id.number,
            delivery_tag,
        };
        for (number, publish) in told.confirmed {
            self.out.tell(Fact::Confirmed {
                message: publish.message,
                tag: tag(number),
                copies: publish.copies,
            });
        }
        for (number, publish) in told.rejected {
            self.out.tell(Fact::Nacked {
                message: publish.message,
                tag: tag(number),
            });
        }
        for method in told.methods {
            self.send(id, method);
        }
    }

    /// A channel that the broker has not closed.
    pub fn open_channel(&mut self, id: ChannelId) -> Option<&mut Channel> {
        let connection = self.broker.connections.get_mut(&id.link)?;
        let channel = connection.channels.get_mut(&id.number)?;
        (!channel.closing).then_some(channel)
    }

    /// Sends a method on a channel.
    pub fn send(&mut self, id: ChannelId, method: Method) {
        self.send_frame(id.link, Frame::new(id.number, method));
    }

    /// Writes a definition.
    pub fn define(&mut self, record: Record) {
        self.broker.files.append(DEFINITIONS, record, self.out);
    }
}

/// Writes for a queue.
struct Writer<'a> {
    files: &'a mut Files,
    out: &'a mut Out<Broker>,
}

impl core::fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Writer")
    }
}

impl Disk for Writer<'_> {
    fn append(&mut self, file: FileId, record: Record) -> u64 {
        self.files.append(file, record, self.out)
    }
}
