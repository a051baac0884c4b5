//! `glassmq schema`: prints the JSON Schema of scenarios.

use clap::Args;

use super::stop::Stop;
use super::{OK, Streams};
use crate::scenario::schema;

/// Print the JSON Schema of scenario files.
#[derive(Args)]
pub struct Schema {}

impl Schema {
    pub(super) fn run(self, streams: &mut Streams<'_>) -> Result<u8, Stop> {
        streams.out.write_all(schema::text().as_bytes())?;
        Ok(OK)
    }
}
