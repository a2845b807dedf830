//! What came of the cells: for people, and for programs.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Duration;

use serde::Serialize;

use super::cell::{Cell, Expected, Player};
use super::play::Transport;

/// What came of one cell.
#[derive(Clone, Debug, Serialize)]
pub struct CellReport {
    /// Its name.
    pub cell: String,
    /// The client's provider.
    pub client: String,
    /// The server's provider.
    pub server: String,
    /// The cipher suite.
    pub suite: String,
    /// The group.
    pub group: String,
    /// The certificate scheme.
    pub scheme: String,
    /// Whether the two have to refuse each other.
    pub refusal: bool,
    /// What is wrong, if anything is.
    pub failure: Option<String>,
    /// How long it took, in microseconds.
    pub microseconds: u64,
    /// The command that plays it again.
    pub command: String,
}

impl CellReport {
    pub(super) fn new(
        cell: &Cell,
        failure: Option<String>,
        took: Duration,
        command: String,
    ) -> Self {
        Self {
            cell: cell.to_string(),
            client: cell.client.name().to_owned(),
            server: cell.server.name().to_owned(),
            suite: cell.suite.to_string(),
            group: cell.group.to_string(),
            scheme: cell.scheme.to_string(),
            refusal: cell.expected() != Expected::Agreement,
            failure,
            microseconds: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            command,
        }
    }
}

/// Who played.
#[derive(Clone, Debug, Serialize)]
pub struct PlayerReport {
    /// The name in the cells.
    pub name: String,
    /// The version of its library.
    pub version: String,
    /// Its FIPS status.
    pub fips: String,
}

impl PlayerReport {
    pub(super) fn new(player: &Player) -> Self {
        let capabilities = player.capabilities();
        Self {
            name: player.name().to_owned(),
            version: capabilities.version.clone(),
            fips: capabilities.fips().to_string(),
        }
    }
}

/// What came of all cells.
#[derive(Clone, Debug)]
pub struct MatrixReport {
    /// The seed of the simulated links.
    pub seed: u64,
    /// What carried the datagrams.
    pub transport: Transport,
    /// Who played.
    pub players: Vec<PlayerReport>,
    /// The cells, in the order in which they were given.
    pub cells: Vec<CellReport>,
    /// How long all of it took.
    pub elapsed: Duration,
}

/// How many of how many.
#[derive(Clone, Copy, Default)]
struct Tally {
    passed: usize,
    all: usize,
}

impl Tally {
    fn of<'a>(cells: impl Iterator<Item = &'a CellReport>) -> Self {
        let mut tally = Self::default();
        for cell in cells {
            tally.all += 1;
            tally.passed += usize::from(cell.failure.is_none());
        }
        tally
    }
}

impl core::fmt::Display for Tally {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self { all: 0, .. } => f.pad("-"),
            Self { passed, all } if passed == all => f.pad(&all.to_string()),
            Self { passed, all } => f.pad(&format!("{passed}/{all}")),
        }
    }
}

impl MatrixReport {
    /// Whether every cell ended as it has to, and there was one.
    pub fn is_success(&self) -> bool {
        !self.cells.is_empty() && self.failed().next().is_none()
    }

    /// The cells that did not end as they have to.
    pub fn failed(&self) -> impl Iterator<Item = &CellReport> {
        self.cells.iter().filter(|cell| cell.failure.is_some())
    }

    /// For people: who with whom, then each client's suites, groups and schemes with each server,
    /// then what failed and how it is played again.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let agreements = || self.cells.iter().filter(|cell| !cell.refusal);
        for player in &self.players {
            let _ = write!(text, "{} ({})", player.name, player.version);
            let _ = writeln!(text, ", FIPS: {}", player.fips);
        }
        if agreements().count() > 1 {
            let _ = writeln!(text, "\nCells that connected; client down, server across:");
            let rows = self.players.iter().map(|client| {
                let name = client.name.clone();
                (name, agreements().filter(|cell| cell.client == client.name).collect())
            });
            self.table(&mut text, rows);
            for client in &self.players {
                self.details(&mut text, &client.name);
            }
        }
        let refusals = Tally::of(self.cells.iter().filter(|cell| cell.refusal));
        let connected = Tally::of(agreements());
        let _ = writeln!(
            text,
            "\n{}: {} of {} connected, {} of {} refused as they must be, in {:.1} s{}",
            match self.transport {
                Transport::Simulated => "simulated link",
                Transport::Udp => "real UDP",
            },
            connected.passed,
            connected.all,
            refusals.passed,
            refusals.all,
            self.elapsed.as_secs_f32(),
            match self.transport {
                Transport::Simulated => format!(", seed {}", self.seed),
                Transport::Udp => String::new(),
            },
        );
        for cell in self.failed() {
            let why = cell.failure.as_deref().unwrap_or_default();
            let _ = writeln!(text, "FAILED {}: {why}\n    again: {}", cell.cell, cell.command);
        }
        text
    }

    /// One client's suites, groups and schemes.
    fn details(&self, text: &mut String, client: &str) {
        let of_client = || self.cells.iter().filter(|cell| !cell.refusal && cell.client == client);
        let parts: [fn(&CellReport) -> &String; 3] =
            [|cell| &cell.suite, |cell| &cell.group, |cell| &cell.scheme];
        let _ = writeln!(text, "\n{client} as client; server across:");
        let rows = parts.into_iter().flat_map(|part| {
            let values: BTreeSet<&String> = of_client().map(part).collect();
            values.into_iter().map(move |value| {
                (value.clone(), of_client().filter(|cell| part(cell) == value).collect())
            })
        });
        self.table(text, rows);
    }

    /// A table with the servers across.
    fn table<'a>(
        &self,
        text: &mut String,
        rows: impl Iterator<Item = (String, Vec<&'a CellReport>)>,
    ) {
        /// As wide as the longest name of a suite.
        const FIRST: usize = 28;
        /// As wide as most names of providers.
        const OTHERS: usize = 12;
        let _ = write!(text, "{:FIRST$}", "");
        for server in &self.players {
            let _ = write!(text, " {:>OTHERS$}", server.name);
        }
        text.push('\n');
        for (name, cells) in rows {
            let _ = write!(text, "{name:FIRST$}");
            for server in &self.players {
                let tally = Tally::of(cells.iter().copied().filter(|c| c.server == server.name));
                let width = OTHERS.max(server.name.len());
                let _ = write!(text, " {tally:>width$}");
            }
            text.push('\n');
        }
    }

    /// For programs: one object.
    pub fn json(&self) -> String {
        #[derive(Serialize)]
        struct Json<'a> {
            transport: &'a str,
            seed: u64,
            seconds: f32,
            connected: usize,
            refused: usize,
            failed: usize,
            providers: &'a [PlayerReport],
            cells: &'a [CellReport],
        }
        let passed = |refusal: bool| {
            let cells = self.cells.iter().filter(move |cell| cell.refusal == refusal);
            Tally::of(cells).passed
        };
        let json = Json {
            transport: match self.transport {
                Transport::Simulated => "simulated",
                Transport::Udp => "udp",
            },
            seed: self.seed,
            seconds: self.elapsed.as_secs_f32(),
            connected: passed(false),
            refused: passed(true),
            failed: self.failed().count(),
            providers: &self.players,
            cells: &self.cells,
        };
        serde_json::to_string_pretty(&json).unwrap_or_else(|error| {
            // Nothing in it has a key that is no string, or a number that is none.
            format!("{{\"error\": \"{error}\"}}")
        })
    }
}
