//! `dtls-ct`: evidence that secrets decide neither branches nor addresses in our code, by valgrind.
//!
//! Each case runs as a process of its own under memcheck, with every secret marked as undefined
//! at the boundary of the provider ([`marking`]); a jump or an address that depends on one is
//! reported. What our code may decide by a secret is declared, place by place and with a reason,
//! in [`mod@judge`]; anything else fails. Planted mistakes have to be caught, which proves that the
//! method works here. Reports inside libraries (OpenSSL, Botan, the RustCrypto crates) are
//! listed and fail nothing: their timing is their authors' claim.
//!
//! ```text
//! --provider NAME  only this one; once for each
//! --case NAME      only this case; with --inside it runs in this very process
//! --verbose        the whole stack of every finding
//! --list           print the cases
//! ```
//!
//! Build it with `--release`: overflow checks are branches, so the evidence is about what ships.

mod cases;
mod client_request;
mod judge;
mod marking;
mod secrets;
mod valgrind;

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use dtls_crypto_api::CryptoProvider;
use lexopt::{Arg, ValueExt};

use cases::{ALL, Case, Failure, Run};
use judge::{Owner, judge};
use valgrind::{Finding, Outcome};

fn main() -> ExitCode {
    match Arguments::read().and_then(|arguments| arguments.run()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("dtls-ct: {error}");
            ExitCode::from(2)
        }
    }
}

#[derive(Default)]
struct Arguments {
    only: Vec<String>,
    case: Option<String>,
    inside: bool,
    verbose: bool,
    list: bool,
}

/// A case with the provider it runs on.
#[derive(Clone)]
struct Job {
    case: Case,
    provider: Option<String>,
}

impl Job {
    fn name(&self) -> String {
        match &self.provider {
            Some(provider) => format!("{}/{provider}", self.case.name),
            None => self.case.name.to_owned(),
        }
    }

    fn is_planted(&self) -> bool {
        matches!(self.case.run, Run::Planted(_))
    }
}

impl Arguments {
    fn read() -> Result<Self, Failure> {
        let mut read = Self::default();
        let mut args = lexopt::Parser::from_env();
        while let Some(arg) = args.next()? {
            match arg {
                Arg::Long("provider") => read.only.push(args.value()?.string()?),
                Arg::Long("case") => read.case = Some(args.value()?.string()?),
                Arg::Long("inside") => read.inside = true,
                Arg::Long("verbose") => read.verbose = true,
                Arg::Long("list") => read.list = true,
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(read)
    }

    fn run(&self) -> Result<bool, Failure> {
        let jobs = self.jobs()?;
        if self.list {
            for job in &jobs {
                println!("{}", job.name());
            }
            return Ok(true);
        }
        if self.inside {
            for job in jobs {
                inside(&job)?;
            }
            return Ok(true);
        }
        if cfg!(debug_assertions) {
            return Err(
                "built with debug assertions, which branch on everything: use --release".into()
            );
        }
        let begun = Instant::now();
        println!("{}, {} cases", valgrind::version()?, jobs.len());
        let results = under_valgrind(&jobs);
        let good = self.report(&jobs, &results);
        println!("{:.0} s", begun.elapsed().as_secs_f32());
        Ok(good)
    }

    fn jobs(&self) -> Result<Vec<Job>, Failure> {
        let names: Vec<String> =
            providers().iter().map(|provider| provider.capabilities().name.clone()).collect();
        if let Some(unknown) = self.only.iter().find(|name| !names.contains(name)) {
            let names = names.join(", ");
            return Err(format!("there is no provider {unknown:?}, only {names}").into());
        }
        let wanted = |name: &&String| self.only.is_empty() || self.only.contains(name);
        let cases = ALL.iter().filter(|c| self.case.as_deref().is_none_or(|name| c.name == name));
        let jobs: Vec<Job> = cases
            .flat_map(|case| {
                let providers: Vec<Option<String>> = match case.run {
                    Run::WithProvider(_) => {
                        names.iter().filter(wanted).cloned().map(Some).collect()
                    }
                    Run::Alone(_) | Run::Planted(_) => vec![None],
                };
                providers.into_iter().map(|provider| Job { case: *case, provider })
            })
            .collect();
        if jobs.is_empty() {
            return Err("no case of this name: --list prints them".into());
        }
        Ok(jobs)
    }

    /// Prints what was found, and says whether it may be.
    fn report(&self, jobs: &[Job], results: &[Result<Outcome, String>]) -> bool {
        let mut good = true;
        let mut libraries: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (job, result) in jobs.iter().zip(results) {
            let (mark, lines) = match result {
                Ok(outcome) => self.judge_outcome(job, outcome, &mut libraries),
                Err(error) => (Mark::Bad("FAILED"), vec![error.clone()]),
            };
            good &= matches!(mark, Mark::Good(_));
            let (Mark::Good(word) | Mark::Bad(word)) = mark;
            println!("{word:>7}  {}", job.name());
            for line in lines {
                println!("         {line}");
            }
        }
        if !libraries.is_empty() {
            println!("\nSeen inside libraries, which is outside the claim:");
        }
        for (library, places) in &libraries {
            println!("  {library}: {} places", places.len());
            for place in places.iter().take(if self.verbose { usize::MAX } else { 4 }) {
                println!("      {place}");
            }
        }
        good
    }

    fn judge_outcome(
        &self,
        job: &Job,
        outcome: &Outcome,
        libraries: &mut BTreeMap<String, BTreeSet<String>>,
    ) -> (Mark, Vec<String>) {
        if let Some(failure) = &outcome.failure {
            return (Mark::Bad("FAILED"), vec![failure.clone()]);
        }
        let (mut lines, mut undeclared) = (Vec::new(), 0);
        for finding in &outcome.findings {
            let judgement = judge(finding);
            let Finding { kind, times, .. } = finding;
            if self.verbose {
                lines.extend(stack(finding));
            }
            match (&judgement.owner, judgement.reason) {
                (Owner::Library(name), _) => {
                    let place = format!("{kind} in {}", judgement.place);
                    libraries.entry(name.clone()).or_default().insert(place);
                }
                (Owner::Ours, Some(reason)) => {
                    lines.push(format!("declared: {} ({times} times): {reason}", judgement.place));
                }
                (Owner::Ours, None) => {
                    undeclared += 1;
                    lines.push(format!("{kind} on a secret: {} ({times} times)", judgement.place));
                }
            }
        }
        let mark = match (job.is_planted(), undeclared) {
            (true, 0) => {
                lines.push("the planted mistake was not caught: the method fails here".to_owned());
                Mark::Bad("MISSED")
            }
            (true, _) => Mark::Good("caught"),
            (false, 0) => Mark::Good("clean"),
            (false, _) => Mark::Bad("LEAKS"),
        };
        (mark, lines)
    }
}

enum Mark {
    Good(&'static str),
    Bad(&'static str),
}

fn stack(finding: &Finding) -> Vec<String> {
    let frames = finding.stack.iter();
    frames.map(|frame| format!("  | {} ({}:{})", frame.function, frame.path, frame.line)).collect()
}

/// Runs all jobs, as many at a time as there are processors.
fn under_valgrind(jobs: &[Job]) -> Vec<Result<Outcome, String>> {
    let results: Vec<_> = jobs.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, core::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(job), Some(result)) = (jobs.get(at), results.get(at)) else { break };
                    let outcome = one(job);
                    *result.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
                }
            });
        }
    });
    let taken = |result: Mutex<Option<_>>| {
        let result = result.into_inner().unwrap_or_else(PoisonError::into_inner);
        result.unwrap_or_else(|| Err("it was not run".to_owned()))
    };
    results.into_iter().map(taken).collect()
}

fn one(job: &Job) -> Result<Outcome, String> {
    let mut arguments = vec!["--inside".to_owned(), "--case".to_owned(), job.case.name.to_owned()];
    if let Some(provider) = &job.provider {
        arguments.extend(["--provider".to_owned(), provider.clone()]);
    }
    valgrind::run(&job.name().replace('/', "-"), &arguments)
}

/// Runs a job in this process, which valgrind runs.
fn inside(job: &Job) -> Result<(), Failure> {
    if !client_request::runs_under_valgrind() {
        return Err("not under valgrind, so nothing would be seen: leave --inside away".into());
    }
    let chosen =
        providers().into_iter().find(|p| Some(&p.capabilities().name) == job.provider.as_ref());
    match (job.case.run, chosen) {
        (Run::WithProvider(run), Some(provider)) => run(&provider),
        (Run::WithProvider(_), None) => Err("the case needs a provider".into()),
        (Run::Alone(run) | Run::Planted(run), _) => run(),
    }
}

/// What this program was built with.
fn providers() -> Vec<Arc<dyn CryptoProvider>> {
    vec![
        #[cfg(feature = "rustcrypto")]
        Arc::new(dtls_provider_rustcrypto::RustCryptoProvider::new()),
        #[cfg(feature = "openssl")]
        Arc::new(dtls_provider_openssl::OpenSslProvider::new()),
        #[cfg(feature = "botan")]
        Arc::new(dtls_provider_botan::BotanProvider::new()),
    ]
}
