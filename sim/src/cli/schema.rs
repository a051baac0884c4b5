//! `glassmq schema`: prints the JSON Schema of scenarios.

use std::io;

use clap::Args;

use super::{OK, Streams};
use crate::scenario::schema;

/// Print the JSON Schema of scenario files.
#[derive(Args)]
pub struct Schema {}

impl Schema {
    pub(super) fn run(self, streams: &mut Streams<'_>) -> io::Result<u8> {
        streams.out.write_all(schema::text().as_bytes())?;
        Ok(OK)
    }
}
