//! `dtls providers`: what each provider is and offers, and what a record costs with it.
//!
//! ```text
//!   survey   what is known about one provider
//!   measure  the cost of sealing a record
//!   table    for people, side by side
//!   json     for programs
//! ```

mod json;
mod measure;
mod survey;
mod table;

use std::io::{self, Write};

use crate::failure::Failure;
use crate::provider::Several;
use survey::Survey;

/// What each provider of this program is and offers, and what a record costs with it.
///
/// Without --provider and --plugin all that this program was built with, FIPS mode only if a
/// module is named. Costs are measured now and on this machine, for less than a second in all.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Print one JSON object, and nothing else.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    providers: Several,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let chosen = args.providers.or_all()?;
    let surveys = Survey::all(chosen)?;
    let text =
        if args.json { format!("{}\n", json::object(&surveys)) } else { table::text(&surveys) };
    // Who closes the pipe early has read enough.
    let _ = io::stdout().write_all(text.as_bytes());
    Ok(())
}
