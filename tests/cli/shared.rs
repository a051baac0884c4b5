//! Links and run files, wherever a scenario is taken; and what is said when a run has changed.

use std::fs;

use glassmq_sim::scenario::link;
use glassmq_sim::scenario::run::{End, Engine, Named, Run, Source};

use super::{file, folder, glassmq};

/// Each subcommand that plays a run.
const PLAYING: [&[&str]; 5] = [
    &["run", "--quiet"],
    &["check"],
    &["why", "--message", "hello/0"],
    &["export", "--format", "jsonl"],
    &["graph"],
];

/// A run of hello.json that ended so for whoever shared it.
fn hello(engine: Engine, end: &str) -> Run {
    let text = fs::read_to_string(file("scenarios/rabbitmq/hello.json")).unwrap();
    let scenario = glassmq_sim::scenario::read(&text).unwrap();
    Run {
        engine,
        of: Source::Named(Named::of("rabbitmq/hello", &scenario)),
        end: Some(End(u64::from_str_radix(end, 16).unwrap())),
        ..Run::default()
    }
}

/// How it ends here, as `run` tells.
fn end() -> String {
    let (_, out, _) = glassmq(&["run", "--quiet", &file("scenarios/rabbitmq/hello.json")]);
    let last = out.lines().last().unwrap();
    last.rsplit_once("trace ").unwrap().1.to_string()
}

#[test]
fn a_run_that_is_as_it_was_shared_is_played_without_a_word() {
    let run = hello(Engine::this(), &end());
    let path = folder("shared").join("run.json");
    fs::write(&path, run.write()).unwrap();
    let mut own = run.clone();
    let text = fs::read_to_string(file("scenarios/rabbitmq/hello.json")).unwrap();
    own.of = Source::Own(Box::new(glassmq_sim::scenario::read(&text).unwrap()));
    let shared = [
        link::encode(&run).unwrap(),
        link::encode(&own).unwrap(),
        path.display().to_string(),
    ];
    for arguments in PLAYING {
        for shared in &shared {
            let (code, out, err) = glassmq(&[arguments, &[shared]].concat());
            assert_eq!((code, err.as_str()), (0, ""), "{arguments:?} {shared}");
            assert!(!out.is_empty());
        }
    }
}

#[test]
fn an_old_engine_s_run_says_that_it_differs() {
    let old = Engine { major: 0, minor: 0 };
    let shared = link::encode(&hello(old, "0123456789abcdef")).unwrap();
    for arguments in PLAYING {
        let (code, _, err) = glassmq(&[arguments, &[&shared]].concat());
        assert_eq!(code, 0, "{arguments:?}: {err}");
        let said: Vec<&str> = err.lines().collect();
        assert_eq!(said.len(), 2, "{arguments:?}: {err}");
        assert!(
            said[0].contains("this run was made with GlassMQ 0.0"),
            "{err}"
        );
        let differs = "this run differs from the one shared: it ends with";
        assert!(said[1].contains(differs), "{err}");
    }
    // Another seed is another run: nobody promised that it ends alike.
    let shared = link::encode(&hello(Engine::this(), "0123456789abcdef")).unwrap();
    let (code, _, err) = glassmq(&["run", "--quiet", "--seed", "5", &shared]);
    assert_eq!((code, err.is_empty()), (0, true), "{err}");
}

#[test]
fn what_a_person_did_to_a_run_is_done_again() {
    let link = format!(
        "{};pause:rabbit-1,for=1s@s20",
        link::encode(&hello(Engine::this(), &end()))
            .unwrap()
            .split(";end=")
            .next()
            .unwrap()
    );
    let (code, out, err) = glassmq(&["run", &link]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("rabbit-1 was paused"), "{out}");
}

#[test]
fn play_gives_a_link_that_plays_the_same_run() {
    let starter = file("sim/src/cli/new/kafka.json");
    let (code, out, err) = glassmq(&["play", &starter, "--seed", "9"]);
    assert_eq!(code, 0);
    assert!(
        err.contains("`cargo xtask play` serves the player"),
        "{err}"
    );
    let link = out.trim_end();
    assert!(link.starts_with("#g1;engine="), "{link}");
    let (code, shared, err) = glassmq(&["run", "--quiet", link]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(
        shared,
        glassmq(&["run", "--quiet", &starter, "--seed", "9"]).1
    );
}
