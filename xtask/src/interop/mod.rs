//! `cargo xtask interop wolfssl`: our client and server against wolfSSL's, over real UDP.
//!
//! ```text
//!   wolfssl   builds wolfSSL and the small peer program around it, once
//!   certs     makes the certificates, once a week
//!   cells     says what is tried: the matrix, one cell per row
//!   peers     says how each of the two programs is called for a cell
//!   play      runs one cell: server, link, client, judgement
//!   proxy     the link, when it has to be bad
//!   table     prints the matrix
//! ```
//!
//! Everything a cell leaves behind (output, key logs) is under `target/interop/CELL/DIRECTION/`.

mod cells;
mod certs;
mod peers;
mod play;
mod proxy;
mod table;
mod wolfssl;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::bail;
use lexopt::{Arg, ValueExt};

use crate::process::{self, cargo};
use crate::{setup, workspace};
use cells::Cell;
use peers::{Direction, Programs};

const USAGE: &str = "\
usage: cargo xtask interop wolfssl [options]

  --list         print the names of the cells and stop
  --filter TEXT  only cells whose name contains TEXT; with = in front, exactly this cell
  --seed N       first seed of the cells with a bad link (default 1)
  --jobs N       cells at a time (default 6: most of their time is waiting for timers)
  --itself       wolfSSL on both sides: whether the peer itself can do what the matrix asks
";

struct Options {
    filter: Option<String>,
    list: bool,
    itself: bool,
    seed: u64,
    jobs: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { filter: None, list: false, itself: false, seed: 1, jobs: 6 }
    }
}

pub(crate) fn run(mut args: lexopt::Parser) -> anyhow::Result<()> {
    let mut options = Options::default();
    let mut peer = None;
    while let Some(arg) = args.next()? {
        match arg {
            Arg::Value(name) => peer = Some(name.string()?),
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
    match peer.as_deref() {
        Some("wolfssl") => matrix(&options),
        _ => Err(lexopt::Error::from("the peer is `wolfssl`").into()),
    }
}

/// The whole matrix, as CI runs it.
pub(crate) fn wolfssl_matrix() -> anyhow::Result<()> {
    matrix(&Options::default())
}

fn matrix(options: &Options) -> anyhow::Result<()> {
    let cells: Vec<Cell> =
        cells::all(options.seed).into_iter().filter(|cell| selected(options, cell)).collect();
    if cells.is_empty() {
        bail!("no cell has that name; --list shows them");
    }
    if options.list {
        for cell in &cells {
            println!("{}", cell.name);
        }
        return Ok(());
    }

    setup::debian_packages()?;
    let wolfssl = wolfssl::build()?;
    let programs = Programs { ours: build_ours(options)?, wolfssl, certs: certs::make()? };
    let directions: &[Direction] = if options.itself {
        &[Direction::WolfToWolf]
    } else {
        &[Direction::OursToWolf, Direction::WolfToOurs]
    };

    let start = Instant::now();
    let results = play_all(&cells, directions, &programs, options.jobs.max(1));
    table::print(&cells, directions, &results);
    let failed = results.iter().flatten().flatten().filter(|report| report.is_err()).count();
    let played = results.iter().flatten().flatten().count();
    println!(
        "{} of {played} handshakes ok, {:.0} seconds",
        played - failed,
        start.elapsed().as_secs_f64()
    );
    if failed > 0 {
        bail!(
            "{failed} of {played} failed; repeat one with \
             `cargo xtask interop wolfssl --filter =NAME`, its traces are under {}",
            play::traces().display()
        );
    }
    Ok(())
}

fn selected(options: &Options, cell: &Cell) -> bool {
    match options.filter.as_deref() {
        None => true,
        Some(filter) => match filter.strip_prefix('=') {
            Some(exact) => cell.name == exact,
            None => cell.name.contains(filter),
        },
    }
}

fn build_ours(options: &Options) -> anyhow::Result<std::path::PathBuf> {
    let program = workspace::target().join("release").join("dtls");
    if !options.itself {
        process::run(&mut cargo(&["build", "--release", "-p", "dtls-cli", "--all-features"]))?;
    }
    Ok(program)
}

/// One entry per cell and direction; `None` where the cell has no such direction.
type Results = Vec<Vec<Option<Result<play::Report, play::Failure>>>>;

/// Plays a cell; one on a bad link that fails is played once more. Which datagrams such a link
/// loses depends on the machine's timing too, and now and then it loses all that matter for a
/// minute. The first failure is printed, and the table shows that there were two tries.
fn play_cell(
    cell: &Cell,
    direction: Direction,
    programs: &Programs,
) -> Result<play::Report, play::Failure> {
    let first = play::play(cell, direction, programs);
    let Err(failure) = &first else { return first };
    eprintln!("{} {direction}: {failure}", cell.name);
    if cell.link.is_none() {
        return first;
    }
    let mut second = play::play(cell, direction, programs)?;
    second.tries = 2;
    Ok(second)
}

fn play_all(cells: &[Cell], directions: &[Direction], programs: &Programs, jobs: usize) -> Results {
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
                    let report = play_cell(&cells[cell], directions[direction], programs);
                    let mut results = results.lock().expect("no thread panics with the lock");
                    results[cell][direction] = Some(report);
                }
            });
        }
    });
    results.into_inner().expect("no thread panics with the lock")
}
