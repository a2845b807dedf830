//! `dtls conformance`: holds providers to the conformance kit, and writes its reports.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches};
use dtls_conformance::check::TestAccess;
use dtls_conformance::report::{Format, Report};
use dtls_conformance::{Options, check};
use indicatif::{ProgressBar, ProgressStyle};

use crate::failure::Failure;
use crate::provider::{Chosen, Several};

/// Hold a provider to published vectors and to what is asked of it beyond them.
///
/// Without --provider and --plugin it is rustcrypto. The exit status is 1 when a vector failed or
/// none was tried.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Only groups with this word in their name, in upper or lower case; may be given several
    /// times. Every report names its groups.
    #[arg(long, value_name = "WORD")]
    only: Vec<String>,
    /// Also what takes seconds each: RSA keys are generated, iterated functions iterated to the
    /// end.
    #[arg(long)]
    slow: bool,
    #[command(flatten)]
    reports: Reports,
    #[command(flatten)]
    providers: Several,
}

/// The reports that were asked for, each with the file it goes to, or to standard output.
#[derive(Debug)]
struct Reports(Vec<(Format, Option<PathBuf>)>);

impl clap::Args for Reports {
    fn augment_args(command: Command) -> Command {
        command
            .arg(
                Arg::new("format")
                    .long("format")
                    .value_name("FORMAT")
                    .action(ArgAction::Append)
                    .value_parser(format)
                    .help("How to report: text, json, junit or html; may be given several times [default: text]"),
            )
            .arg(
                Arg::new("output")
                    .long("output")
                    .value_name("FILE")
                    .action(ArgAction::Append)
                    .value_parser(clap::value_parser!(PathBuf))
                    .help("Write the report of the --format before it to this file, and not to standard output"),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn format(name: &str) -> Result<Format, String> {
    let known = Format::ALL.map(Format::name).join(", ");
    Format::from_name(name).ok_or_else(|| format!("there are {known}"))
}

impl FromArgMatches for Reports {
    /// A file belongs to the format that stands before it, so their places decide.
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let places = |id| matches.indices_of(id).into_iter().flatten();
        let formats = matches.get_many::<Format>("format").into_iter().flatten().copied();
        let mut reports: Vec<(usize, Format, Option<PathBuf>)> =
            places("format").zip(formats).map(|(place, format)| (place, format, None)).collect();
        if reports.is_empty() {
            reports.push((0, Format::Text, None));
        }
        let files = matches.get_many::<PathBuf>("output").into_iter().flatten();
        for (place, file) in places("output").zip(files) {
            let before = reports.iter_mut().rev().find(|(format, ..)| *format < place);
            match before {
                Some((_, _, output @ None)) => *output = Some(file.clone()),
                Some((_, format, Some(_))) => {
                    let text = format!("--format {format} has two --output\n");
                    return Err(clap::Error::raw(ErrorKind::ArgumentConflict, text));
                }
                None => {
                    let text = "--output comes behind the --format it is for\n";
                    return Err(clap::Error::raw(ErrorKind::ArgumentConflict, text));
                }
            }
        }
        Ok(Self(reports.into_iter().map(|(_, format, file)| (format, file)).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let options = Options { only: args.only.clone(), slow: args.slow, ..Options::default() };
    for word in &args.only {
        let alone = Options { only: vec![word.clone()], ..Options::default() };
        if check::wanted(&alone).next().is_none() {
            return Err(Failure::Usage(format!("--only {word}: no group has this in its name")));
        }
    }
    let chosen = args.providers.providers()?;
    // A file that cannot be written is known before minutes have passed.
    for file in args.reports.0.iter().filter_map(|(_, file)| file.as_deref()) {
        File::create(file).map_err(|error| not_written(file, &error))?;
    }
    let reports: Vec<Report> = chosen.iter().map(|chosen| judge(chosen, &options)).collect();
    for (format, file) in &args.reports.0 {
        let rendered = format.render(&reports);
        match file {
            Some(file) => fs::write(file, rendered).map_err(|error| not_written(file, &error))?,
            // Who closes the pipe early has read enough.
            None => drop(io::stdout().write_all(rendered.as_bytes())),
        }
    }
    if args.reports.0.iter().all(|(_, file)| file.is_some()) {
        for report in &reports {
            println!("{} {}: {}", report.provider, report.version, report.totals());
        }
    }
    verdict(&reports)
}

fn not_written(file: &Path, error: &io::Error) -> Failure {
    Failure::Usage(format!("cannot write the report {}: {error}", file.display()))
}

fn judge(chosen: &Chosen, options: &Options) -> Report {
    let bar = ProgressBar::new(check::wanted(options).count() as u64);
    if let Ok(style) = ProgressStyle::with_template("{prefix} {pos}/{len} {wide_msg}") {
        bar.set_style(style);
    }
    bar.set_prefix(chosen.name.clone());
    let options = Options { access: access(chosen), ..options.clone() };
    let mut report = check::check_watched(chosen.provider.as_ref(), &options, |group| {
        bar.inc(1);
        bar.set_message(group.title());
    });
    bar.finish_and_clear();
    if let Some(file) = &chosen.file {
        report.provider = format!("{} (plug-in)", report.provider);
        report.details.push(("plug-in".to_owned(), file.display().to_string()));
    }
    report
}

/// The way in for vectors that fix private keys, where the kit has one.
fn access(chosen: &Chosen) -> Option<Arc<dyn TestAccess>> {
    #[cfg(feature = "rustcrypto")]
    if chosen.name == "rustcrypto" {
        return Some(Arc::new(check::RustCryptoAccess));
    }
    let _ = chosen;
    None
}

fn verdict(reports: &[Report]) -> Result<(), Failure> {
    let problems: Vec<String> = reports
        .iter()
        .filter(|report| !report.passed())
        .map(|report| match report.totals().failed {
            0 => format!("{}: no vector was tried", report.provider),
            1 => format!("{}: 1 vector failed", report.provider),
            failed => format!("{}: {failed} vectors failed", report.provider),
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(Failure::Vectors(problems.join("; "))) }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        reports: Reports,
    }

    fn parsed(args: &str) -> Result<String, String> {
        let cli = Cli::try_parse_from(["dtls"].into_iter().chain(args.split_whitespace()));
        let reports = cli.map_err(|error| error.to_string())?.reports.0;
        let shown = |(format, file): (Format, Option<PathBuf>)| match file {
            Some(file) => format!("{format}={}", file.display()),
            None => format.to_string(),
        };
        Ok(reports.into_iter().map(shown).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn a_file_belongs_to_the_format_before_it() {
        assert_eq!(parsed("").unwrap(), "text");
        assert_eq!(parsed("--output a").unwrap(), "text=a");
        assert_eq!(parsed("--format json --output a").unwrap(), "json=a");
        let several = parsed("--format text --format html --output a --format json --output b");
        assert_eq!(several.unwrap(), "text html=a json=b");
    }

    #[test]
    fn a_file_without_a_format_of_its_own_is_refused() {
        assert!(parsed("--output a --format json").unwrap_err().contains("behind"));
        assert!(parsed("--format json --output a --output b").unwrap_err().contains("two"));
        assert!(parsed("--format pdf").unwrap_err().contains("junit"));
    }
}
