//! `cargo xtask interop wolfssl`: our client and server against wolfSSL's, over real UDP.
//!
//! ```text
//!   wolfssl   builds wolfSSL and the small peer program around it, once
//!   certs     makes the certificates, once a week
//!   cells     says what is tried: the matrix, one cell per row
//!   offer     says what our provider has, so that a cell it has no means for is not played
//!   peers     says how each of the two programs is called for a cell
//!   play      runs one cell: server, link, client, judgement
//!   proxy     the link, when it has to be bad
//!   table     prints the matrix
//! ```
//!
//! Everything a cell leaves behind (output, key logs) is under `target/interop/PROVIDER/CELL/DIRECTION/`.

mod cells;
mod certs;
mod offer;
mod peers;
mod play;
mod proxy;
mod table;
mod wolfssl;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::bail;
use lexopt::{Arg, ValueExt};

use crate::programs::Programs;
use crate::provider::Provider;
use crate::setup;
use cells::{Base, Cell};
use offer::Offer;
use peers::{Direction, Peers};

const USAGE: &str = "\
usage: cargo xtask interop wolfssl [options]

  --provider P   our side's provider (default rustcrypto)
  --quick        without the cells on a bad link
  --list         print the names of the cells and stop
  --filter TEXT  only cells whose name contains TEXT; with = in front, exactly this cell
  --seed N       first seed of the cells with a bad link (default 1)
  --jobs N       cells at a time (default 6: most of their time is waiting for timers)
  --itself       wolfSSL on both sides: whether the peer itself can do what the matrix asks
";

struct Options {
    provider: Provider,
    quick: bool,
    filter: Option<String>,
    list: bool,
    itself: bool,
    seed: u64,
    jobs: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            provider: Provider::RustCrypto,
            quick: false,
            filter: None,
            list: false,
            itself: false,
            seed: 1,
            jobs: 6,
        }
    }
}

pub(crate) fn run(mut args: lexopt::Parser) -> anyhow::Result<()> {
    let mut options = Options::default();
    let mut peer = None;
    while let Some(arg) = args.next()? {
        match arg {
            Arg::Value(name) => peer = Some(name.string()?),
            Arg::Long("provider") => {
                options.provider = Provider::from_name(&args.value()?.string()?)?;
            }
            Arg::Long("quick") => options.quick = true,
            Arg::Long("filter") => options.filter = Some(args.value()?.string()?),
            Arg::Long("seed") => options.seed = args.value()?.parse()?,
            Arg::Long("jobs") => options.jobs = args.value()?.parse()?,
            Arg::Long("list") => options.list = true,
            Arg::Long("itself") => options.itself = true,
            Arg::Long("help") | Arg::Short('h') => {
                print!("{USAGE}");
                return Ok(());
            }
            other => return Err(other.unexpected().into()),
        }
    }
    if peer.as_deref() != Some("wolfssl") {
        return Err(lexopt::Error::from("the peer is `wolfssl`").into());
    }
    if options.list {
        for cell in select(&options, &Offer::everything())? {
            println!("{}", cell.name);
        }
        return Ok(());
    }
    let ours = Ours::build(&options)?;
    matrix(&options, &ours)?.judge(options.provider)
}

/// The whole matrix with RustCrypto, as CI runs it.
pub(crate) fn wolfssl_matrix(programs: &Programs) -> anyhow::Result<()> {
    let options = Options::default();
    matrix(&options, &Ours::new(options.provider, programs)?)?.judge(options.provider)
}

/// The cells that take no time, with this provider.
pub(crate) fn wolfssl_quick(provider: Provider, programs: &Programs) -> anyhow::Result<Totals> {
    let options = Options { provider, quick: true, ..Options::default() };
    matrix(&options, &Ours::new(provider, programs)?)
}

/// Builds wolfSSL and the program around it, so that nobody has to wait for it later.
pub(crate) fn prepare() -> anyhow::Result<()> {
    setup::debian_packages()?;
    wolfssl::build().map(drop)
}

/// How our side is called.
struct Ours {
    dtls: PathBuf,
    /// What chooses the provider.
    arguments: Vec<OsString>,
    offer: Offer,
}

impl Ours {
    fn new(provider: Provider, programs: &Programs) -> anyhow::Result<Self> {
        let dtls = programs.dtls();
        let (arguments, offer) = if provider == Provider::RustCrypto {
            // It is what `dtls` takes when nothing is said. And the matrix was made of what it has:
            // with it, a cell that cannot be played fails.
            (Vec::new(), Offer::everything())
        } else {
            let arguments = provider.arguments(programs)?;
            let offer = Offer::ask(&dtls, &arguments)?;
            (arguments, offer)
        };
        Ok(Self { dtls, arguments, offer })
    }

    /// What the options ask for, and nothing that takes longer to build.
    fn build(options: &Options) -> anyhow::Result<Self> {
        if options.itself {
            let (dtls, arguments) = (PathBuf::new(), Vec::new());
            return Ok(Self { dtls, arguments, offer: Offer::everything() });
        }
        let programs = match options.provider {
            Provider::RustCrypto => Programs::default_dtls()?,
            provider => Programs::build(provider.libraries())?,
        };
        Self::new(options.provider, &programs)
    }
}

/// Handshakes by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    /// Not played, since the provider has no means for them.
    pub(crate) not_offered: usize,
}

impl Totals {
    fn of(results: &Results) -> Self {
        let mut totals = Self::default();
        for outcome in results.iter().flatten().flatten() {
            match outcome {
                Outcome::Ok(_) => totals.passed += 1,
                Outcome::Failed(_) => totals.failed += 1,
                Outcome::NotOffered(_) => totals.not_offered += 1,
            }
        }
        totals
    }

    /// An error where one failed.
    pub(crate) fn judge(self, provider: Provider) -> anyhow::Result<()> {
        if self.failed > 0 {
            let name = provider.name();
            bail!(
                "{} of {} handshakes with wolfSSL failed; repeat one with \
                 `cargo xtask interop wolfssl --provider {name} --filter =NAME`, \
                 its traces are under {}",
                self.failed,
                self.passed + self.failed,
                play::traces(name).display()
            );
        }
        Ok(())
    }
}

fn matrix(options: &Options, ours: &Ours) -> anyhow::Result<Totals> {
    let cells = select(options, &ours.offer)?;
    setup::debian_packages()?;
    let peers = Peers {
        provider: options.provider.name(),
        ours: ours.dtls.clone(),
        ours_with: ours.arguments.clone(),
        wolfssl: wolfssl::build()?,
        certs: certs::make()?,
    };
    let directions: &[Direction] = if options.itself {
        &[Direction::WolfToWolf]
    } else {
        &[Direction::OursToWolf, Direction::WolfToOurs]
    };

    let start = Instant::now();
    let results = play_all(&cells, directions, &peers, &ours.offer, options.jobs.max(1));
    table::print(&cells, directions, &results);
    let totals = Totals::of(&results);
    print!("{}: {} of {}", options.provider.name(), totals.passed, totals.passed + totals.failed);
    print!(" handshakes ok, {:.0} seconds", start.elapsed().as_secs_f64());
    match totals.not_offered {
        0 => println!(),
        cells => println!("; {cells} need what the provider does not offer"),
    }
    Ok(totals)
}

/// The cells that the options ask for.
fn select(options: &Options, offer: &Offer) -> anyhow::Result<Vec<Cell>> {
    let mut cells = cells::all(Base::of(offer), options.seed);
    cells.retain(|cell| named(options, cell) && (!options.quick || cell.is_quick()));
    if cells.is_empty() {
        bail!("no cell has that name; --list shows them");
    }
    Ok(cells)
}

fn named(options: &Options, cell: &Cell) -> bool {
    match options.filter.as_deref() {
        None => true,
        Some(filter) => match filter.strip_prefix('=') {
            Some(exact) => cell.name == exact,
            None => cell.name.contains(filter),
        },
    }
}

/// What became of a cell in one direction.
enum Outcome {
    Ok(play::Report),
    Failed(play::Failure),
    /// Not played: our provider lacks this.
    NotOffered(&'static str),
}

/// One entry per cell and direction; `None` where the cell has no such direction.
type Results = Vec<Vec<Option<Outcome>>>;

/// Plays a cell; one on a bad link that fails is played once more. Which datagrams such a link
/// loses depends on the machine's timing too, and now and then it loses all that matter for a
/// minute. The first failure is printed, and the table shows that there were two tries.
fn play_cell(
    cell: &Cell,
    direction: Direction,
    peers: &Peers,
) -> Result<play::Report, play::Failure> {
    let first = play::play(cell, direction, peers);
    let Err(failure) = &first else { return first };
    eprintln!("{} {direction}: {failure}", cell.name);
    if cell.link.is_none() {
        return first;
    }
    let mut second = play::play(cell, direction, peers)?;
    second.tries = 2;
    Ok(second)
}

fn play_all(
    cells: &[Cell],
    directions: &[Direction],
    peers: &Peers,
    offer: &Offer,
    jobs: usize,
) -> Results {
    let rounds: Vec<(usize, usize)> = (0..cells.len())
        .flat_map(|cell| (0..directions.len()).map(move |direction| (cell, direction)))
        .filter(|&(cell, direction)| cells[cell].directions.contains(directions[direction]))
        .collect();
    let mut results: Results = Vec::new();
    for _ in cells {
        results.push(directions.iter().map(|_| None).collect());
    }
    let results = Mutex::new(results);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(&(cell, direction)) =
                    rounds.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let outcome = match offer.lacks(&cells[cell], directions[direction]) {
                        Some(what) => Outcome::NotOffered(what),
                        None => match play_cell(&cells[cell], directions[direction], peers) {
                            Ok(report) => Outcome::Ok(report),
                            Err(failure) => Outcome::Failed(failure),
                        },
                    };
                    let mut results = results.lock().expect("no thread panics with the lock");
                    results[cell][direction] = Some(outcome);
                }
            });
        }
    });
    results.into_inner().expect("no thread panics with the lock")
}
