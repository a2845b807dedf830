//! Playing cells, several at a time, and what each has to end with.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use dtls_core::wire::alert::AlertDescription;
use dtls_core::{Error, PeerIncompatible};

use super::cell::{Cell, Expected, Part, Player, Role};
use super::credentials::Credentials;
use super::end::{End, Ended};
use super::report::{CellReport, MatrixReport, PlayerReport};
use super::{simulated, udp};
use crate::pair::START;

/// What carries the datagrams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Transport {
    /// A simulated link with loss, under virtual time.
    #[default]
    Simulated,
    /// Real UDP on the loopback interface, in real time.
    Udp,
}

/// How cells are played.
#[derive(Clone, Debug)]
pub struct Options {
    /// Decides about the simulated links. A cell's link depends on it and on the cell's name, so
    /// that one cell alone meets the same link as among others.
    pub seed: u64,
    /// What carries the datagrams.
    pub transport: Transport,
    /// Cells played at a time.
    pub threads: NonZero<usize>,
    /// The command to which `--cell NAME` and the rest is added, to tell how a failed cell is
    /// played again.
    pub command: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            transport: Transport::Simulated,
            threads: thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN),
            command: "dtls-matrix".to_owned(),
        }
    }
}

impl Options {
    fn command_for(&self, cell: &Cell) -> String {
        let rest = match self.transport {
            Transport::Simulated => format!("--seed {}", self.seed),
            Transport::Udp => "--udp".to_owned(),
        };
        format!("{} --cell {cell} {rest}", self.command)
    }
}

/// Plays these cells.
pub fn run(cells: &[Cell], options: &Options) -> MatrixReport {
    let begun = Instant::now();
    let mut players: Vec<Player> = Vec::new();
    for player in cells.iter().flat_map(|cell| [&cell.client, &cell.server]) {
        if !players.iter().any(|known| known.name() == player.name()) {
            players.push(player.clone());
        }
    }
    let credentials = Credentials::default();
    let next = AtomicUsize::new(0);
    let reports = Mutex::new(Vec::with_capacity(cells.len()));
    thread::scope(|scope| {
        for _ in 0..options.threads.get().min(cells.len()) {
            scope.spawn(|| {
                while let Some(cell) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let report = one(cell, &players, &credentials, options);
                    reports.lock().unwrap_or_else(PoisonError::into_inner).push(report);
                }
            });
        }
    });
    let mut reports = reports.into_inner().unwrap_or_else(PoisonError::into_inner);
    let place = |report: &CellReport| cells.iter().position(|cell| cell.to_string() == report.cell);
    reports.sort_by_cached_key(place);
    MatrixReport {
        seed: options.seed,
        transport: options.transport,
        players: players.iter().map(PlayerReport::new).collect(),
        cells: reports,
        elapsed: begun.elapsed(),
    }
}

fn one(
    cell: &Cell,
    players: &[Player],
    credentials: &Credentials,
    options: &Options,
) -> CellReport {
    let begun = Instant::now();
    let played = catch_unwind(AssertUnwindSafe(|| play(cell, players, credentials, options)));
    let failure = match played {
        Ok(Ok(())) => None,
        Ok(Err(failure)) => Some(failure),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Some(format!("a panic: {}", text.unwrap_or("without words")))
        }
    };
    CellReport::new(cell, failure, begun.elapsed(), options.command_for(cell))
}

fn play(
    cell: &Cell,
    players: &[Player],
    credentials: &Credentials,
    options: &Options,
) -> Result<(), String> {
    let identity = if cell.has(Role::Server, Part::Scheme(cell.scheme)) {
        Some(credentials.identity(&cell.server, cell.scheme, players)?)
    } else {
        None
    };
    let client = |now| End::client(cell, identity.as_deref(), now);
    let server = End::server(cell, identity.clone())?;
    let (client, server) = match options.transport {
        Transport::Simulated => simulated::play(client(START)?, server, seed(options.seed, cell)),
        Transport::Udp => udp::play(client(udp::start())?, server)?,
    };
    match cell.expected() {
        Expected::Agreement => agreed(cell, &client, &server),
        Expected::SuiteRefused => refused(PeerIncompatible::NoCommonCipherSuite, &client, &server),
        Expected::GroupRefused => refused(PeerIncompatible::NoCommonGroup, &client, &server),
        Expected::SchemeRefused => refused(PeerIncompatible::NoCertificate, &client, &server),
    }
}

/// The seed of a cell's link: FNV-1a of the name, which stays the same when the list of cells
/// changes.
fn seed(seed: u64, cell: &Cell) -> u64 {
    let name = cell.to_string();
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    seed.to_be_bytes().into_iter().chain(name.bytes()).fold(0xcbf2_9ce4_8422_2325, step)
}

fn agreed(cell: &Cell, client: &Ended, server: &Ended) -> Result<(), String> {
    if !(client.done && server.done) {
        return Err(both("did not come to the end", client, server));
    }
    for (who, end) in [("client", client), ("server", server)] {
        let Some(summary) = &end.summary else {
            return Err(format!("the {who} has no summary"));
        };
        let agreed = (summary.cipher_suite, summary.group, summary.server_scheme);
        if agreed != (cell.suite, cell.group, cell.scheme) {
            return Err(format!("the {who} says that {agreed:?} was agreed on"));
        }
        if !summary.retried {
            return Err(format!("the {who} saw no cookie"));
        }
    }
    if client.exported.is_none() || client.exported != server.exported {
        return Err("the exporters differ".to_owned());
    }
    Ok(())
}

/// The server has nothing to choose from and says so, to its own side by this error and to the
/// client by an alert.
fn refused(why: PeerIncompatible, client: &Ended, server: &Ended) -> Result<(), String> {
    let told = Error::AlertReceived(AlertDescription::HANDSHAKE_FAILURE);
    let as_it_must =
        server.error == Some(Error::PeerIncompatible(why)) && client.error == Some(told);
    if as_it_must { Ok(()) } else { Err(both(&format!("no refusal with {why:?}"), client, server)) }
}

fn both(what: &str, client: &Ended, server: &Ended) -> String {
    format!("{what}: client {}; server {}", client.story, server.story)
}
