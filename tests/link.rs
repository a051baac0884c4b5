//! Links and run files: a run survives being shared, and what is damaged is said, never dropped.

use glassmq_core::time::Span;
use glassmq_sim::scenario::fault::{Adversity, Everything, Lose};
use glassmq_sim::scenario::intervention::{Before, Intervention};
use glassmq_sim::scenario::problem::Problem;
use glassmq_sim::scenario::run::{End, Engine, Named, Run, Source};
use glassmq_sim::scenario::time::{Bytes, Shift, Time};
use glassmq_sim::scenario::who::{Role, Side, Sides, Who};
use glassmq_sim::scenario::{self, link};
use proptest::prelude::*;

use crate::scenario::SCENARIOS;

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        "[a-zA-Z][a-zA-Z0-9._-]{0,8}[0-9]".prop_map(Who::Named),
        "\\PC{0,8}[a-z~+=%;,@:]"
            .prop_map(|of| Who::Role(Role::LeaderOf(of.trim_start().to_string()))),
        Just(Who::Role(Role::Controller)),
        Just(Who::Role(Role::Rest)),
    ]
}

fn side() -> impl Strategy<Value = Side> {
    prop::collection::vec(who(), 1..4).prop_map(Side)
}

fn sides() -> impl Strategy<Value = Sides> {
    (side(), side()).prop_map(|(from, to)| Sides { from, to })
}

fn span() -> impl Strategy<Value = Span> {
    (0..5_000_000u64, 0..5_000_000u64).prop_map(|(a, b)| Span::between(a, b))
}

fn adversity() -> impl Strategy<Value = Adversity> {
    let lose = prop_oneof![Just(Lose::Process), Just(Lose::Power)];
    prop_oneof![
        (sides(), any::<bool>()).prop_map(|(sides, one_way)| Adversity::Cut { sides, one_way }),
        (sides(), span(), any::<bool>()).prop_map(|(sides, by, one_way)| Adversity::Slow {
            sides,
            by,
            one_way
        }),
        sides().prop_map(Adversity::Hold),
        Just(Adversity::Heal(Everything::All)),
        (side(), lose, any::<Option<u32>>()).prop_map(|(who, lose, after_effects)| {
            Adversity::Crash {
                who,
                lose,
                after_effects,
            }
        }),
        side().prop_map(Adversity::Pause),
        (side(), 0..9_000_000u64).prop_map(|(who, us)| Adversity::Stop {
            who,
            grace: Time(us)
        }),
        (side(), -9_000_000..9_000_000i64)
            .prop_map(|(who, by)| Adversity::Skew { who, by: Shift(by) }),
        (side(), any::<i32>()).prop_map(|(who, ppm)| Adversity::Rate { who, ppm }),
        (side(), prop::option::of(0..1u64 << 40)).prop_map(|(who, bytes)| Adversity::DiskFree {
            who,
            bytes: bytes.map(Bytes)
        }),
        (side(), 0..1u64 << 40).prop_map(|(who, used)| Adversity::Memory {
            who,
            used: Bytes(used)
        }),
    ]
}

fn intervention() -> impl Strategy<Value = Intervention> {
    let before = prop_oneof![
        any::<u64>().prop_map(Before::Step),
        (0..u64::MAX / 2).prop_map(|us| Before::Time(Time(us)))
    ];
    let lasting = prop::option::of((1..9_000_000u64).prop_map(Time));
    (adversity(), lasting, before).prop_map(|(what, lasting, before)| Intervention {
        what,
        lasting,
        before,
    })
}

fn run() -> impl Strategy<Value = Run> {
    let own = any::<prop::sample::Index>()
        .prop_map(|which| Source::Own(Box::new(scenario::read(&which.get(&SCENARIOS).1).unwrap())));
    let named = ("[a-z][a-z0-9-]{0,9}/[a-z0-9-]{1,20}", any::<u32>())
        .prop_map(|(name, content)| Source::Named(Named { name, content }));
    let engine = (0..9u32, 0..99u32).prop_map(|(major, minor)| Engine { major, minor });
    let interventions = prop::collection::vec(intervention(), 0..5);
    let end = any::<Option<u64>>().prop_map(|end| end.map(End));
    (
        engine,
        prop_oneof![3 => named, 1 => own],
        any::<Option<u64>>(),
        interventions,
        end,
    )
        .prop_map(|(engine, of, seed, interventions, end)| Run {
            engine,
            of,
            seed,
            interventions,
            end,
        })
}

/// Whether each problem says what it is and what to do, and there is one.
fn said(problems: &[Problem]) -> bool {
    let complete = |it: &Problem| !it.what.is_empty() && !it.remedy.is_empty() && it.at.column >= 1;
    !problems.is_empty() && problems.iter().all(complete)
}

proptest! {
    #[test]
    fn a_run_survives_being_shared(run in run()) {
        let shared = link::encode(&run).unwrap();
        prop_assert!(link::is_link(&shared));
        prop_assert!(shared.chars().all(|c| c.is_ascii_graphic()), "{}", shared);
        prop_assert_eq!(link::decode(&shared), Ok(run.clone()));
        prop_assert_eq!(link::decode(&format!("https://example.org/play/{shared}")), Ok(run.clone()));
        prop_assert_eq!(Run::open(&run.write()), Ok(run));
    }

    #[test]
    fn whatever_a_link_says_it_is_taken_or_refused(text in "\\PC{0,80}") {
        for text in [text.clone(), format!("#g1;engine=0.1;{text}"), format!("#g1;w={text}")] {
            if let Err(problems) = link::decode(&text) {
                prop_assert!(said(&problems));
            }
        }
    }

    #[test]
    fn a_damaged_link_is_taken_or_refused(
        run in run(),
        at in any::<prop::sample::Index>(),
        length in 0..4usize,
        instead in "[ -~]{0,3}",
    ) {
        let mut shared = link::encode(&run).unwrap();
        let from = at.index(shared.len());
        let to = (from + length).min(shared.len());
        shared.replace_range(from..to, &instead);
        if let Err(problems) = link::decode(&shared) {
            prop_assert!(said(&problems));
        }
    }
}

#[test]
fn a_link_is_readable() {
    let run = Run {
        engine: Engine { major: 0, minor: 3 },
        of: Source::Named(Named {
            name: "kafka/acks-1".to_string(),
            content: 0x1a2b_3c4d,
        }),
        seed: Some(7),
        interventions: vec![Intervention {
            what: Adversity::Crash {
                who: Side(vec![Who::Named("kafka-1".to_string())]),
                lose: Lose::Process,
                after_effects: None,
            },
            lasting: None,
            before: Before::Step(903),
        }],
        end: Some(End(0xfeed)),
    };
    let shared =
        "#g1;engine=0.3;kafka/acks-1@1a2b3c4d;seed=7;crash:kafka-1@s903;end=000000000000feed";
    assert_eq!(link::encode(&run).unwrap(), shared);
    assert_eq!(
        run.other_engine().unwrap(),
        "this run was made with GlassMQ 0.3, this is 0.1: it may differ from the one shared"
    );
}

#[test]
fn everything_that_cannot_be_taken_is_said() {
    let text = "#g1;engine=x;kafka/../etc@1a2b3c4d;seed=-1;crahs:kafka-1@s903;colour=red;end=12";
    let problems = link::decode(text).unwrap_err();
    let said: Vec<String> = problems
        .iter()
        .map(|it| format!("{}: {}", it.at, it.what))
        .collect();
    assert_eq!(
        said,
        [
            "1:5: \"x\" is not a version",
            "1:14: \"kafka/../etc@1a2b3c4d\" is not a scenario of the library",
            "1:36: \"-1\" is not a seed",
            "1:44: unknown key \"crahs\" in fault",
            "1:63: \"colour=red\" has no meaning in a link",
            "1:74: \"12\" is not a digest",
        ]
    );
    let twice = "#g1;engine=0.1;kafka/x@00000000;seed=1;seed=2;engine=0.1;kafka/y@00000000";
    let said: Vec<String> = { link::decode(twice).unwrap_err().into_iter() }
        .map(|it| it.what)
        .collect();
    assert_eq!(
        said,
        [
            "the seed is given twice",
            "the engine is given twice",
            "the scenario is given twice"
        ]
    );
    let newer = link::decode("#g2;engine=9.0;kafka/x@00000000").unwrap_err();
    assert_eq!(newer[0].what, "this link has format 2, known here is 1");
}

#[test]
fn a_world_too_large_for_a_link_is_refused_and_goes_into_a_run_file() {
    let (_, text) = &SCENARIOS[0];
    let mut large = scenario::read(text).unwrap();
    // Incompressible enough: each word differs.
    large.title.en = (0..6000u64)
        .map(|n| format!("{:x} ", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
        .collect();
    let run = Run::own(large);
    assert!(
        link::encode(&run)
            .unwrap_err()
            .what
            .contains("too large for a link")
    );
    assert_eq!(Run::open(&run.write()), Ok(run));
}

#[test]
fn a_small_link_cannot_unpack_to_a_large_world() {
    let bomb = miniz_oxide::deflate::compress_to_vec(&vec![b' '; 4 << 20], 9);
    let coded = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, bomb);
    assert!(coded.len() < link::CODED_AT_MOST);
    let problems = link::decode(&format!("#g1;engine=0.1;w={coded}")).unwrap_err();
    assert!(
        problems[0].what.contains("larger than 262144 bytes"),
        "{problems:?}"
    );
}
