//! A run as a link: `#g1;engine=0.1;kafka/acks-1@1a2b3c4d;seed=7;crash:kafka-1@s903;end=...`.
//!
//! Readable, so that a person sees what is shared. A scenario of one's own travels inside, as
//! deflated JSON in base64url behind `w=`, as far as a link can carry it; beyond that, a run file
//! does. Decoding takes all of a link or says what it could not take.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::form::{Form, Word, Wrong};
use super::intervention::Intervention;
use super::problem::{Problem, Problems, Stretch};
use super::run::{End, Engine, Named, Run, Source};

/// How a link begins: the letter and the version of this format.
const HEAD: &str = "#g1";

/// At most so many characters of a scenario in a link.
pub const CODED_AT_MOST: usize = 8 << 10;

/// At most so many bytes of a scenario out of a link.
pub const DECODED_AT_MOST: usize = 256 << 10;

/// Whether a text is meant as a link: alone, or at the end of an address.
#[must_use]
pub fn is_link(text: &str) -> bool {
    text.split_once("#g")
        .is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Writes a run as a link; says so if its scenario is too large for one.
pub fn encode(run: &Run) -> Result<String, Wrong> {
    let of = match &run.of {
        Source::Named(named) => named.print(),
        Source::Own(scenario) => format!("w={}", pack(&scenario.write().to_string())?),
    };
    let mut parts = vec![
        HEAD.to_string(),
        format!("engine={}", run.engine.print()),
        of,
    ];
    parts.extend(run.seed.map(|seed| format!("seed={seed}")));
    parts.extend(run.interventions.iter().map(Word::print));
    parts.extend(run.end.map(|end| format!("end={}", end.print())));
    Ok(parts.join(";"))
}

/// Reads a link, alone or at the end of an address, or says everything that it could not take.
pub fn decode(text: &str) -> Result<Run, Vec<Problem>> {
    let mut problems = Problems::default();
    let begin = text.find("#g").unwrap_or(0);
    let mut parts = Vec::new();
    let mut start = begin;
    for part in text[begin..].split(';') {
        parts.push((
            Stretch {
                start,
                end: start + part.len(),
            },
            part,
        ));
        start += part.len() + 1;
    }
    let mut decoding = Decoding::default();
    for (i, (at, part)) in parts.into_iter().enumerate() {
        let taken = if i == 0 {
            head(part)
        } else {
            decoding.take(part)
        };
        if let Err(wrong) = taken {
            problems.add(at, wrong.what, wrong.remedy);
        }
    }
    if problems.none() {
        match decoding.finish() {
            Ok(run) => return Ok(run),
            Err(wrong) => problems.add(
                Stretch {
                    start: begin,
                    end: begin,
                },
                wrong.what,
                wrong.remedy,
            ),
        }
    }
    Err(problems.list(text))
}

/// The parts of a link that were read.
#[derive(Default)]
struct Decoding {
    engine: Option<Engine>,
    of: Option<Source>,
    seed: Option<u64>,
    interventions: Vec<Intervention>,
    end: Option<End>,
}

impl Decoding {
    fn take(&mut self, part: &str) -> Result<(), Wrong> {
        match part.split_once('=') {
            Some(("engine", version)) => once(&mut self.engine, "engine", Engine::parse(version)?),
            Some(("seed", number)) => once(&mut self.seed, "seed", seed(number)?),
            Some(("end", digest)) => once(&mut self.end, "end", End::parse(digest)?),
            Some(("w", packed)) => once(&mut self.of, "scenario", own(packed)?),
            _ if part.contains(':') => {
                self.interventions.push(Intervention::parse(part)?);
                Ok(())
            }
            _ if part.contains('@') => {
                once(&mut self.of, "scenario", Source::Named(Named::parse(part)?))
            }
            _ => Err(Wrong::new(
                format!("{part:?} has no meaning in a link"),
                "a link has engine=, a scenario (name@digits or w=), seed=, interventions (what:whom@where) and end=",
            )),
        }
    }

    fn finish(self) -> Result<Run, Wrong> {
        let lacks =
            |what: &str| Wrong::new(format!("the link lacks its {what}"), "copy the whole link");
        Ok(Run {
            engine: self.engine.ok_or_else(|| lacks("engine"))?,
            of: self.of.ok_or_else(|| lacks("scenario"))?,
            seed: self.seed,
            interventions: self.interventions,
            end: self.end,
        })
    }
}

fn head(part: &str) -> Result<(), Wrong> {
    match part.strip_prefix("#g") {
        _ if part == HEAD => Ok(()),
        Some(version) if !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit()) => {
            let what = format!("this link has format {version}, known here is 1");
            Err(Wrong::new(what, "open it with a newer GlassMQ"))
        }
        _ => Err(Wrong::new(
            "this is not a link of GlassMQ",
            "a link begins with \"#g1;\"",
        )),
    }
}

fn once<T>(place: &mut Option<T>, name: &str, value: T) -> Result<(), Wrong> {
    if place.replace(value).is_some() {
        return Err(Wrong::new(
            format!("the {name} is given twice"),
            "keep one of them",
        ));
    }
    Ok(())
}

fn seed(number: &str) -> Result<u64, Wrong> {
    let wrong = |_| Wrong::new(format!("{number:?} is not a seed"), "write a whole number");
    number.parse().map_err(wrong)
}

/// A scenario out of a link, held to the same rules as one in a file.
fn own(packed: &str) -> Result<Source, Wrong> {
    let text = unpack(packed)?;
    match super::read(&text) {
        Ok(scenario) => Ok(Source::Own(Box::new(scenario))),
        Err(problems) => {
            let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
            let what = format!("the scenario in the link is not right: {}", all.join(" | "));
            Err(Wrong::new(what, "mend the scenario and share it anew"))
        }
    }
}

fn pack(text: &str) -> Result<String, Wrong> {
    let best = 9;
    let coded =
        BASE64_URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(text.as_bytes(), best));
    if coded.len() > CODED_AT_MOST || text.len() > DECODED_AT_MOST {
        let what = format!(
            "this scenario is too large for a link ({} characters, {CODED_AT_MOST} fit)",
            coded.len()
        );
        return Err(Wrong::new(what, "share it as a run file"));
    }
    Ok(coded)
}

fn unpack(coded: &str) -> Result<String, Wrong> {
    let broken = || Wrong::new("the scenario in the link is broken", "copy the whole link");
    if coded.len() > CODED_AT_MOST {
        let what = format!(
            "the scenario in the link has {} characters, at most {CODED_AT_MOST} are taken",
            coded.len()
        );
        return Err(Wrong::new(what, "share it as a run file"));
    }
    let deflated = BASE64_URL_SAFE_NO_PAD.decode(coded).map_err(|_| broken())?;
    let bytes = miniz_oxide::inflate::decompress_to_vec_with_limit(&deflated, DECODED_AT_MOST)
        .map_err(|error| match error.status {
            miniz_oxide::inflate::TINFLStatus::HasMoreOutput => {
                let what =
                    format!("the scenario in the link is larger than {DECODED_AT_MOST} bytes");
                Wrong::new(what, "share it as a run file")
            }
            _ => broken(),
        })?;
    String::from_utf8(bytes).map_err(|_| broken())
}
