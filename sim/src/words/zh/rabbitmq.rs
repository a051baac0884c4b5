//! What RabbitMQ's nodes and clients tell, in Chinese.

use glassmq_core::machine::Parcel;
use glassmq_core::names::Name;
use glassmq_core::rabbitmq::alarm::Resource;
use glassmq_core::rabbitmq::binding::Destination;
use glassmq_core::rabbitmq::fact::{Drop, Fact, Requeue};

use super::{message, things};
use crate::words::Here;
use crate::words::marks::{bold, mono};

pub(super) fn sentence(fact: &Fact, here: &Here<'_>) -> String {
    let me = here.me();
    match fact {
        Fact::ConnectionOpened { link, vhost } => {
            let client = here.client(*link);
            format!("{client} 打开到 {me} 的连接，虚拟主机 {}", mono(vhost))
        }
        Fact::ConnectionClosed { link, reply } => match reply {
            None => format!("{} 到 {me} 的连接结束", here.client(*link)),
            Some(reply) => {
                let (client, reply) = (here.client(*link), code(reply));
                format!("{me} 关闭 {client} 的连接：{reply}")
            }
        },
        Fact::ChannelOpened { link, channel } => {
            format!("{me} 为 {} 打开信道 {channel}", here.client(*link))
        }
        Fact::ChannelClosed {
            link,
            channel,
            reply,
        } => match reply {
            None => format!("{} 关闭信道 {channel}", here.client(*link)),
            Some(reply) => {
                let (client, reply) = (here.client(*link), code(reply));
                format!("{me} 关闭 {client} 的信道 {channel}：{reply}")
            }
        },
        Fact::AlarmSet { resource, .. } => {
            format!("{me} 触发{}告警：阻塞发布者", short(*resource))
        }
        Fact::AlarmCleared { resource, .. } => {
            format!("{me} 解除{}告警", short(*resource))
        }
        Fact::ConnectionBlocked { link, reason } => {
            format!("{me} 阻塞 {} 的连接：{}", here.client(*link), mono(reason))
        }
        Fact::ConnectionUnblocked { link } => {
            format!("{me} 恢复读取 {} 的连接", here.client(*link))
        }
        Fact::ExchangeDeclared { exchange, kind } => {
            format!("{me} 声明交换机 {}，类型 {}", bold(exchange), mono(kind))
        }
        Fact::ExchangeDeleted { exchange } => format!("{me} 删除交换机 {}", bold(exchange)),
        Fact::QueueDeclared { queue, durable } => {
            let kind = if *durable {
                "持久化"
            } else {
                "非持久化"
            };
            format!("{me} 声明队列 {}（{kind}）", bold(queue))
        }
        Fact::QueueDeleted { queue } => format!("{me} 删除队列 {}", bold(queue)),
        Fact::Bound {
            exchange: from,
            destination: to,
            routing_key: key,
        } => format!("{me} 把 {} 绑定到 {}{}", end(to), exchange(from), with(key)),
        Fact::Unbound {
            exchange: from,
            destination: to,
            routing_key: key,
        } => format!(
            "{me} 解除 {} 与 {} 的绑定{}",
            end(to),
            exchange(from),
            with(key)
        ),
        Fact::ConsumerStarted {
            queue, tag, link, ..
        } => {
            let (client, queue) = (here.client(*link), bold(queue));
            format!("{client} 开始从 {queue} 消费，消费者标签 {}", mono(tag))
        }
        Fact::ConsumerCancelled {
            queue, tag, link, ..
        } => {
            let (client, queue) = (here.client(*link), bold(queue));
            format!("{client} 在 {queue} 上的消费者 {} 被取消", mono(tag))
        }
        Fact::Routed {
            message: id,
            exchange: from,
            routing_key: key,
            queues,
        } => {
            let (from, id, key) = (subject(from), message(*id, here), with(key));
            match &queues[..] {
                [] => format!("{from} 没有可到达的队列给 {id}{key}"),
                queues => format!("{from} 把 {id} 路由到 {}{key}", things(queues.iter())),
            }
        }
        Fact::Returned {
            message: id,
            exchange: from,
        } => {
            let (id, from) = (message(*id, here), exchange(from));
            let reply = mono("312 NO_ROUTE");
            format!("{me} 把 {id} 退回给发布者：{from} 答 {reply}")
        }
        Fact::DroppedUnroutable {
            message: id,
            exchange: from,
        } => {
            let (id, from) = (message(*id, here), exchange(from));
            format!("{me} 丢弃 {id}：{from} 没有路由，而它不是 mandatory")
        }
        Fact::Enqueued { copy, persistent } => {
            let kind = if *persistent { "持久" } else { "非持久" };
            let id = message(copy.message, here);
            format!("{me} 把 {id} 放进 {}（{kind}）", bold(&copy.queue))
        }
        Fact::Persisted { copy } => {
            let (id, queue) = (message(copy.message, here), bold(&copy.queue));
            format!("{me} 已把 {queue} 的 {id} 写到磁盘：断电也不丢")
        }
        Fact::PublishRejected { copy } => {
            let (id, queue) = (message(copy.message, here), bold(&copy.queue));
            format!(
                "队列 {queue} 拒收 {id}：队列已满，溢出策略为 {}",
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
            let by = mono(consumer.as_deref().unwrap_or("basic.get"));
            format!("队列 {queue} 把 {id} 投递给 {to}（{by}），投递标签 {tag}{again}")
        }
        Fact::Acknowledged { copy, automatic } => {
            let (id, queue) = (message(copy.message, here), bold(&copy.queue));
            let why = if *automatic {
                "消费者自动确认"
            } else {
                "它已被确认"
            };
            format!("队列 {queue} 移除 {id}：{why}")
        }
        Fact::Requeued { copy, why } => {
            let (id, queue) = (message(copy.message, here), bold(&copy.queue));
            let why = match why {
                Requeue::Asked => "消费者把它交还",
                Requeue::ChannelGone => "投递它的信道已结束",
            };
            format!("{id} 回到 {queue} 中原来的位置：{why}")
        }
        Fact::Expired { copy } => {
            let (id, queue) = (message(copy.message, here), bold(&copy.queue));
            format!("{id} 在 {queue} 中过期：存活时间已到")
        }
        Fact::Dropped { copy, why } => {
            let (id, queue) = (message(copy.message, here), bold(&copy.queue));
            let why = match why {
                Drop::Rejected => "它被拒绝且不重新入队",
                Drop::MaxLength => "队列超过长度上限",
                Drop::Purged => "队列被清空",
                Drop::QueueDeleted => "队列被删除",
            };
            format!("队列 {queue} 丢弃 {id}：{why}")
        }
        Fact::Recovered { copy, redelivered } => {
            let (id, queue) = (message(copy.message, here), bold(&copy.queue));
            let delivered = if *redelivered {
                "，并标记为重新投递"
            } else {
                ""
            };
            format!("{me} 在磁盘上找回 {queue} 的 {id}{delivered}")
        }
        Fact::QueueRecovered {
            queue, messages, ..
        } => {
            let queue = bold(queue);
            match messages {
                0 => format!("{me} 从磁盘恢复队列 {queue}：空的"),
                n => format!("{me} 从磁盘恢复队列 {queue}：{n} 条消息"),
            }
        }
        Fact::NodeRecovered {
            queues, messages, ..
        } => format!("{me} 恢复了 {queues} 个持久队列和 {messages} 条消息；不在磁盘上的都没有了"),
        Fact::Confirmed {
            message: id, tag, ..
        } => {
            let (id, to) = (message(*id, here), here.client(tag.link));
            let (n, channel) = (tag.delivery_tag, tag.channel);
            format!("{me} 向 {to} 确认 {id}：信道 {channel} 的第 {n} 次发布")
        }
        Fact::Nacked { message: id, tag } => {
            let (id, to) = (message(*id, here), here.client(tag.link));
            let (n, channel) = (tag.delivery_tag, tag.channel);
            format!("{me} 向 {to} 否认 {id}：信道 {channel} 的第 {n} 次发布")
        }
        Fact::Sent {
            message: id,
            attempt,
        } => match attempt {
            0 | 1 => format!("{me} 把 {} 交给客户端库", here.message(*id)),
            n => format!("{me} 再次发送 {}，第 {n} 次", here.message(*id)),
        },
        Fact::PublishConfirmed { message: id } => {
            format!("{me} 得知 {} 已确认", here.message(*id))
        }
        Fact::PublishNacked { message: id } => format!("{me} 得知 {} 被否认", here.message(*id)),
        Fact::PublishReturned { message: id } => {
            format!("{me} 收回 {}：它被退回", here.message(*id))
        }
        Fact::PublishUnknown { message: id } => {
            format!("{me} 不知 {} 结果如何：连接已断", here.message(*id))
        }
        Fact::Received {
            message: id,
            consumer,
            redelivered,
            ..
        } => {
            let (id, again) = (message(*id, here), again(*redelivered));
            match consumer {
                Some(_) => format!("{me} 收到 {id}{again}"),
                None => format!("{me} 以 {} 取得 {id}{again}", mono("basic.get")),
            }
        }
        Fact::Processed { message: id, .. } => format!("{me} 处理完 {}", message(*id, here)),
        Fact::Line { line, .. } => format!("{me} 执行到第 {line} 行"),
        Fact::Printed { text, .. } => printed(&me, text),
        Fact::Raised { exception, .. } => format!("{me} 以异常结束：{}", mono(exception)),
        Fact::Heard { link, frame } => {
            format!(
                "{me} 听到 {} 发来的 {}",
                here.peer(*link),
                mono(frame.label())
            )
        }
        Fact::HungUp { link } => format!("{me} 发现到 {} 的连接已断", here.peer(*link)),
    }
}

/// An empty text is an empty line.
pub(super) fn printed(me: &str, text: &str) -> String {
    match text {
        "" => format!("{me} 打印一个空行"),
        text => format!("{me} 打印 {}", mono(text)),
    }
}

/// An exchange; the default one has an empty name, in whichever virtual host.
pub(super) fn exchange(name: &str) -> String {
    match is_default(name) {
        true => "默认交换机".to_string(),
        false => bold(name),
    }
}

/// An exchange that begins a sentence.
fn subject(name: &str) -> String {
    match is_default(name) {
        true => exchange(name),
        false => format!("交换机 {}", bold(name)),
    }
}

fn is_default(exchange: &str) -> bool {
    exchange.is_empty() || exchange.ends_with('/')
}

fn end(destination: &Destination) -> String {
    match destination {
        Destination::Queue(queue) => format!("队列 {}", bold(queue)),
        Destination::Exchange(exchange) => format!("交换机 {}", bold(exchange)),
    }
}

/// A key, unless it is empty.
pub(super) fn with(key: &str) -> String {
    match key {
        "" => String::new(),
        key => format!("，键 {}", mono(key)),
    }
}

fn again(redelivered: bool) -> &'static str {
    if redelivered { "，重新投递" } else { "" }
}

/// `404 NOT_FOUND - no queue 'x' in vhost '/'`.
fn code((code, text): &(u16, Name)) -> String {
    mono(&format!("{code} {text}"))
}

fn short(resource: Resource) -> &'static str {
    match resource {
        Resource::Disk => "磁盘",
        Resource::Memory => "内存",
    }
}
