//! What RabbitMQ's nodes and clients tell, in English.

use glassmq_core::machine::Parcel;
use glassmq_core::names::Name;
use glassmq_core::rabbitmq::binding::Destination;
use glassmq_core::rabbitmq::fact::{Drop, Fact, Requeue};

use super::{count, message, things};
use crate::words::Here;
use crate::words::marks::{bold, mono};

pub(super) fn sentence(fact: &Fact, here: &Here<'_>) -> String {
    let me = here.me();
    match fact {
        Fact::ConnectionOpened { link, vhost } => {
            let client = here.client(*link);
            format!(
                "{client} opened a connection to {me}, virtual host {}",
                mono(vhost)
            )
        }
        Fact::ConnectionClosed { link, reply } => match reply {
            None => format!("{}'s connection to {me} ended", here.client(*link)),
            Some(reply) => {
                let (client, reply) = (here.client(*link), code(reply));
                format!("{me} closed {client}'s connection: {reply}")
            }
        },
        Fact::ChannelOpened { link, channel } => {
            format!("{me} opened channel {channel} for {}", here.client(*link))
        }
        Fact::ChannelClosed {
            link,
            channel,
            reply,
        } => match reply {
            None => format!("{} closed channel {channel}", here.client(*link)),
            Some(reply) => {
                let (client, reply) = (here.client(*link), code(reply));
                format!("{me} closed channel {channel} of {client}: {reply}")
            }
        },
        Fact::AlarmSet { resource, .. } => {
            format!(
                "{me} set its {} alarm: who publishes is blocked",
                resource.name()
            )
        }
        Fact::AlarmCleared { resource, .. } => {
            format!("{me} cleared its {} alarm", resource.name())
        }
        Fact::ConnectionBlocked { link, reason } => format!(
            "{me} blocked {}'s connection: {}",
            here.client(*link),
            mono(reason)
        ),
        Fact::ConnectionUnblocked { link } => {
            format!("{me} reads from {}'s connection again", here.client(*link))
        }
        Fact::ExchangeDeclared { exchange, kind } => {
            format!(
                "{me} declared exchange {}, type {}",
                bold(exchange),
                mono(kind)
            )
        }
        Fact::ExchangeDeleted { exchange } => {
            format!("{me} deleted exchange {}", bold(exchange))
        }
        Fact::QueueDeclared { queue, durable } => {
            let kind = if *durable { "durable" } else { "transient" };
            format!("{me} declared queue {} ({kind})", bold(queue))
        }
        Fact::QueueDeleted { queue } => format!("{me} deleted queue {}", bold(queue)),
        Fact::Bound {
            exchange: from,
            destination: to,
            routing_key: key,
        } => format!("{me} bound {} to {}{}", end(to), exchange(from), with(key)),
        Fact::Unbound {
            exchange: from,
            destination: to,
            routing_key: key,
        } => format!(
            "{me} unbound {} from {}{}",
            end(to),
            exchange(from),
            with(key)
        ),
        Fact::ConsumerStarted {
            queue, tag, link, ..
        } => {
            let (client, queue) = (here.client(*link), bold(queue));
            format!(
                "{client} started to consume from {queue}, consumer tag {}",
                mono(tag)
            )
        }
        Fact::ConsumerCancelled {
            queue, tag, link, ..
        } => {
            let (client, queue) = (here.client(*link), bold(queue));
            format!("{client}'s consumer {} on {queue} was cancelled", mono(tag))
        }
        Fact::Routed {
            message: id,
            exchange: from,
            routing_key: key,
            queues,
        } => {
            let (from, id, key) = (subject(from), message(*id, here), with(key));
            match &queues[..] {
                [] => format!("{from} had no route for {id}{key}"),
                queues => format!("{from} routed {id} to {}{key}", things(queues.iter())),
            }
        }
        Fact::Returned {
            message: id,
            exchange: from,
        } => {
            let (id, from) = (message(*id, here), exchange(from));
            let reply = mono("312 NO_ROUTE");
            format!("{me} returned {id} to its publisher: {reply} from {from}")
        }
        Fact::DroppedUnroutable {
            message: id,
            exchange: from,
        } => {
            let (id, from) = (message(*id, here), exchange(from));
            format!("{me} dropped {id}: {from} had no route for it, and it was not mandatory")
        }
        Fact::Enqueued { copy, persistent } => {
            let kind = if *persistent {
                "persistent"
            } else {
                "transient"
            };
            let id = message(copy.message, here);
            format!("{me} put {id} in {} ({kind})", bold(&copy.queue))
        }
        Fact::Persisted { copy } => {
            let (id, queue) = (message(copy.message, here), bold(&copy.queue));
            format!("{me} had {id} of {queue} on disk: it survives a power loss")
        }
        Fact::PublishRejected { copy } => {
            let (id, queue) = (message(copy.message, here), bold(&copy.queue));
            format!(
                "Queue {queue} refused {id}: it was full, and its overflow is {}",
                mono("reject-publish")
            )
        }
        Fact::Delivered {
            copy,
            consumer,
            tag,
            redelivered,
        } => {
            let (id, queue) = (message(copy.message, here), bold(&copy.queue));
            let (to, tag) = (here.client(tag.link), tag.delivery_tag);
            let again = again(*redelivered);
            match consumer {
                Some(consumer) => {
                    let consumer = mono(consumer);
                    format!(
                        "Queue {queue} delivered {id} to {to} ({consumer}), delivery tag {tag}{again}"
                    )
                }
                None => {
                    let get = mono("basic.get");
                    format!(
                        "Queue {queue} delivered {id} to {to} by {get}, delivery tag {tag}{again}"
                    )
                }
            }
        }
        Fact::Acknowledged { copy, automatic } => {
            let (id, queue) = (message(copy.message, here), bold(&copy.queue));
            let why = match automatic {
                true => "its consumer acknowledges automatically",
                false => "it was acknowledged",
            };
            format!("Queue {queue} removed {id}: {why}")
        }
        Fact::Requeued { copy, why } => {
            let (id, queue) = (message(copy.message, here), bold(&copy.queue));
            let why = match why {
                Requeue::Asked => "its consumer handed it back",
                Requeue::ChannelGone => "the channel it was delivered on ended",
            };
            format!("{id} went back to its place in {queue}: {why}")
        }
        Fact::Expired { copy } => {
            let (id, queue) = (message(copy.message, here), bold(&copy.queue));
            format!("{id} expired in {queue}: its time to live was over")
        }
        Fact::Dropped { copy, why } => {
            let (id, queue) = (message(copy.message, here), bold(&copy.queue));
            let why = match why {
                Drop::Rejected => "it was rejected without requeue",
                Drop::MaxLength => "the queue was over its length limit",
                Drop::Purged => "the queue was purged",
                Drop::QueueDeleted => "the queue was deleted",
            };
            format!("Queue {queue} dropped {id}: {why}")
        }
        Fact::Recovered { copy, redelivered } => {
            let (id, queue) = (message(copy.message, here), bold(&copy.queue));
            let delivered = match redelivered {
                true => ", and marked it redelivered",
                false => "",
            };
            format!("{me} found {id} of {queue} on its disk{delivered}")
        }
        Fact::QueueRecovered {
            queue, messages, ..
        } => {
            let queue = bold(queue);
            match messages {
                0 => format!("{me} recovered queue {queue} from its disk, empty"),
                n => {
                    let messages = count(*n as usize, "message", "messages");
                    format!("{me} recovered queue {queue} from its disk with {messages}")
                }
            }
        }
        Fact::NodeRecovered {
            queues, messages, ..
        } => {
            let queues = count(*queues as usize, "durable queue", "durable queues");
            let messages = count(*messages as usize, "message", "messages");
            format!("{me} has {queues} and {messages} again; what was not on its disk is gone")
        }
        Fact::Confirmed {
            message: id, tag, ..
        } => {
            let (id, to) = (message(*id, here), here.client(tag.link));
            let (n, channel) = (tag.delivery_tag, tag.channel);
            format!("{me} confirmed {id} to {to}: publish {n} of channel {channel}")
        }
        Fact::Nacked { message: id, tag } => {
            let (id, to) = (message(*id, here), here.client(tag.link));
            let (n, channel) = (tag.delivery_tag, tag.channel);
            format!("{me} nacked {id} to {to}: publish {n} of channel {channel}")
        }
        Fact::Sent {
            message: id,
            attempt,
        } => match attempt {
            0 | 1 => format!("{me} gave {} to its client library", here.message(*id)),
            n => format!("{me} sent {} again, attempt {n}", here.message(*id)),
        },
        Fact::PublishConfirmed { message: id } => {
            format!("{me} learnt that {} was confirmed", here.message(*id))
        }
        Fact::PublishNacked { message: id } => {
            format!("{me} learnt that {} was nacked", here.message(*id))
        }
        Fact::PublishReturned { message: id } => {
            format!("{me} got {} back: it was returned", here.message(*id))
        }
        Fact::PublishUnknown { message: id } => {
            let id = here.message(*id);
            format!("{me} never learnt what became of {id}: its connection was gone")
        }
        Fact::Received {
            message: id,
            consumer,
            redelivered,
            ..
        } => {
            let (id, again) = (message(*id, here), again(*redelivered));
            match consumer {
                Some(_) => format!("{me} received {id}{again}"),
                None => format!("{me} received {id} by {}{again}", mono("basic.get")),
            }
        }
        Fact::Processed { message: id, .. } => {
            format!("{me} finished its work on {}", message(*id, here))
        }
        Fact::Line { line, .. } => format!("{me} came to line {line}"),
        Fact::Printed { text, .. } => printed(&me, text),
        Fact::Raised { exception, .. } => format!("{me} ended with {}", mono(exception)),
        Fact::Heard { link, frame } => {
            format!(
                "{me} heard {} from {}",
                mono(frame.label()),
                here.peer(*link)
            )
        }
        Fact::HungUp { link } => {
            format!("{me} saw its connection to {} end", here.peer(*link))
        }
    }
}

/// An empty text is an empty line.
pub(super) fn printed(me: &str, text: &str) -> String {
    match text {
        "" => format!("{me} printed an empty line"),
        text => format!("{me} printed {}", mono(text)),
    }
}

/// An exchange within a sentence; the default one has no name of its own.
pub(super) fn exchange(name: &str) -> String {
    match is_default(name) {
        true => "the default exchange".to_string(),
        false => bold(name),
    }
}

/// An exchange that begins a sentence.
fn subject(name: &str) -> String {
    match is_default(name) {
        true => "The default exchange".to_string(),
        false => format!("Exchange {}", bold(name)),
    }
}

/// Its name is empty, in whichever virtual host.
fn is_default(exchange: &str) -> bool {
    exchange.is_empty() || exchange.ends_with('/')
}

fn end(destination: &Destination) -> String {
    match destination {
        Destination::Queue(queue) => format!("queue {}", bold(queue)),
        Destination::Exchange(exchange) => format!("exchange {}", bold(exchange)),
    }
}

/// A key, unless it is empty.
pub(super) fn with(key: &str) -> String {
    match key {
        "" => String::new(),
        key => format!(", key {}", mono(key)),
    }
}

fn again(redelivered: bool) -> &'static str {
    if redelivered { ", redelivered" } else { "" }
}

/// `404 NOT_FOUND - no queue 'x' in vhost '/'`.
fn code((code, text): &(u16, Name)) -> String {
    mono(&format!("{code} {text}"))
}
