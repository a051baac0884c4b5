//! What the kernel tells of processes, connections, disks and clocks, in Chinese.

use glassmq_core::kafka::admin::about;
use glassmq_core::kafka::client::Command as KafkaCommand;
use glassmq_core::machine::{Gone, Input, Parcel, Refusal, WriteError};
use glassmq_core::names::{LinkId, MessageId};
use glassmq_core::rabbitmq::broker::Command as NodeCommand;
use glassmq_core::rabbitmq::client::Command as ClientCommand;
use glassmq_core::rabbitmq::method::{Frame, Method};

use super::rabbitmq::{exchange, with};
use super::{fact, fault, list, message, records};
use crate::cast::{Cast, Command, Wire};
use crate::event::{Close, Loss, What};
use crate::words::marks::{bold, mono};
use crate::words::{Here, seconds, timer};

pub(super) fn sentence(what: &What<'_, Cast>, here: &Here<'_>) -> String {
    let me = here.me();
    match what {
        What::Booted { incarnation: 0 } => format!("{me} 启动"),
        What::Booted { incarnation } => format!("{me} 再次启动，第 {} 次运行", incarnation + 1),
        What::Took { input, waited } => {
            let waited = if *waited { "，此前一直在等" } else { "" };
            format!("{}{waited}", took(input, here))
        }
        What::Drawn { purpose, n, value } => {
            format!("{me} 在 0 至 {} 中抽到 {value}：{}", n - 1, mono(purpose))
        }
        What::Connecting { to, .. } => format!("{me} 请求连接 {}", here.node(*to)),
        What::Sent { link, message } => sent(*link, message, here),
        What::Stalled { link, .. } => format!("{me} 发往 {} 的一帧停在途中", here.peer(*link)),
        What::Lost {
            link, message, why, ..
        } => {
            let why = match why {
                Loss::NotConnected => "双方没有连接",
                Loss::Closed => "对端已经关闭",
                Loss::Reset => "连接被重置",
                Loss::Crashed => "一端的进程已死",
                Loss::TimedOut => "系统放弃重发",
            };
            let (frame, to) = (mono(message.label()), here.peer(*link));
            format!(
                "{me} 丢失发往 {to} 的 {frame}{}：{why}",
                load(*message, "，含 ", here)
            )
        }
        What::Closed { link, how } => match how {
            Close::Orderly => format!("{me} 关闭到 {} 的连接", here.peer(*link)),
            Close::Abort => format!("{me} 重置到 {} 的连接", here.peer(*link)),
        },
        What::Appended {
            file,
            index,
            record,
        } => {
            let (kind, ids) = (mono(record.label()), load(*record, "：", here));
            format!("{me} 把 {kind} {index} 写入文件 {}，尚未落盘{ids}", file.0)
        }
        What::Truncated { file, end } => format!("{me} 把文件 {} 截断到记录 {end}", file.0),
        What::Trimmed { file, before } => {
            format!("{me} 丢掉文件 {} 中 {before} 之前的记录", file.0)
        }
        What::Replaced { file, len } => format!("{me} 重写文件 {}：{len} 条记录", file.0),
        What::Deleted { file } => format!("{me} 删除文件 {}", file.0),
        What::SyncAsked { file } => format!("{me} 请求把文件 {} 落盘", file.0),
        What::WrittenBack { file, end } => {
            format!("{me} 的系统自行把文件 {} 落盘到记录 {end}", file.0)
        }
        What::WriteFailed { file, record, why } => {
            let kind = mono(record.label());
            format!(
                "{me} 无法把 {kind} 写入文件 {}：{}",
                file.0,
                write_error(*why)
            )
        }
        What::Armed { timer, due } => {
            format!(
                "{me} 设定时器，{} 秒时响：{}",
                seconds(*due),
                timer::name(timer)
            )
        }
        What::Disarmed { timer } => format!("{me} 取消定时器：{}", timer::name(timer)),
        What::Fact { fact: it } => fact(it, here),
        What::Exited => format!("{me} 结束"),
        What::Faulted { fault, .. } => fault::sentence(fault, here),
    }
}

fn took(input: &Input<Cast>, here: &Here<'_>) -> String {
    let me = here.me();
    match input {
        Input::Command(command) => format!("{me} 被要求{}", request(command)),
        Input::Accepted { from, .. } => format!("{me} 接受 {} 的连接", here.node(*from)),
        Input::Connected { link } => format!("{me} 连上 {}", here.peer(*link)),
        Input::Refused { link, why } => {
            let to = here.peer(*link);
            match why {
                Refusal::Refused => format!("{to} 拒绝 {me} 的连接：没有进程在监听"),
                Refusal::TimedOut => format!("{me} 连不上 {to}：超时"),
            }
        }
        Input::Message { link, message } => {
            let (frame, ids) = (mono(message.label()), load(message, "：", here));
            format!("{me} 收到 {} 的 {frame}{ids}", here.peer(*link))
        }
        Input::Disconnected { link, why } => {
            let how = match why {
                Gone::Closed => "它被关闭",
                Gone::Reset => "它被重置",
                Gone::TimedOut => "它已超时",
            };
            format!("{me} 失去到 {} 的连接：{how}", here.peer(*link))
        }
        Input::Timer(timer) => format!("{me} 的定时器响了：{}", timer::name(timer)),
        Input::Synced { file, end } => format!("{me} 的文件 {} 已落盘到记录 {end}", file.0),
        Input::WriteFailed { file, why } => {
            format!("{me} 得知写文件 {} 失败：{}", file.0, write_error(*why))
        }
        Input::DiskFree { bytes } => format!("{me} 得知磁盘还剩 {bytes} 字节"),
        Input::Memory { used } => format!("{me} 得知自己占用 {used} 字节内存"),
        Input::Stop => format!("{me} 被要求停止"),
    }
}

/// What is asked of a process.
fn request(command: &Command) -> String {
    match command {
        Command::Rabbitmq(NodeCommand::AddVHost { vhost }) => {
            format!("添加虚拟主机 {}", bold(vhost))
        }
        Command::Rabbitmq(NodeCommand::DeleteVHost { vhost }) => {
            format!("删除虚拟主机 {}", bold(vhost))
        }
        Command::RabbitmqClient(ClientCommand::Connect(_)) => "连接".to_string(),
        Command::RabbitmqClient(ClientCommand::Send { channel, method }) => {
            format!("在信道 {channel} 上发送 {}", mono(method.name()))
        }
        Command::RabbitmqClient(ClientCommand::Drop) => "断开连接".to_string(),
        Command::Kafka(KafkaCommand::Send(it)) => {
            format!("向主题 {} 发送一条记录", bold(&it.topic))
        }
        Command::Kafka(KafkaCommand::Flush) => "发出全部缓冲的记录".to_string(),
        Command::Kafka(KafkaCommand::Ask { request, .. }) => {
            let about: Vec<String> = about(request).iter().map(|it| bold(it)).collect();
            format!("发送 {}：{}", mono(request.label()), list(&about))
        }
    }
}

fn sent(link: LinkId, frame: &Wire, here: &Here<'_>) -> String {
    let me = here.me();
    if let Wire::Amqp(Frame::Method {
        method: Method::BasicPublish(publish),
        ..
    }) = frame
    {
        let id = message(publish.content.message, here);
        let (to, key) = (exchange(&publish.exchange), with(&publish.routing_key));
        return format!("{me} 向 {to} 发布 {id}{key}");
    }
    let (name, ids) = (mono(frame.label()), load(frame, "：", here));
    format!("{me} 向 {} 发送 {name}{ids}", here.peer(link))
}

/// The messages inside, behind a word.
fn load(parcel: &impl Parcel, word: &str, here: &Here<'_>) -> String {
    let mut messages: Vec<MessageId> = Vec::new();
    parcel.messages(&mut |id| messages.push(id));
    match &messages[..] {
        [] => String::new(),
        messages => format!("{word}{}", records(messages, here)),
    }
}

const fn write_error(why: WriteError) -> &'static str {
    match why {
        WriteError::Full => "磁盘已满",
    }
}
