//! One cell of the matrix: who plays, with what, and how it has to end.

use core::fmt;
use std::sync::Arc;

use dtls_crypto_api::{Capabilities, CipherSuite, CryptoProvider, NamedGroup, SignatureScheme};

/// A provider under the name by which cells call it.
#[derive(Clone, Debug)]
pub struct Player {
    name: String,
    provider: Arc<dyn CryptoProvider>,
}

impl Player {
    /// The providers by the names they give themselves. One that comes with the name of another
    /// gets a number behind it: `openssl`, `openssl-2`.
    pub fn all(providers: &[Arc<dyn CryptoProvider>]) -> Vec<Self> {
        let own = |provider: &Arc<dyn CryptoProvider>| provider.capabilities().name.clone();
        Self::named(providers.iter().map(|provider| (own(provider), provider.clone())))
    }

    /// The providers by these names; as with [`Self::all`], no two have the same.
    pub fn named(
        providers: impl IntoIterator<Item = (String, Arc<dyn CryptoProvider>)>,
    ) -> Vec<Self> {
        let mut players: Vec<Self> = Vec::new();
        for (own, provider) in providers {
            let own = own.replace(['/', ' '], "-");
            let taken = |name: &str| players.iter().any(|player| player.name == name);
            let mut name = own.clone();
            let mut number = 1;
            while taken(&name) {
                number += 1;
                name = format!("{own}-{number}");
            }
            players.push(Self { name, provider });
        }
        players
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The provider.
    pub fn provider(&self) -> &Arc<dyn CryptoProvider> {
        &self.provider
    }

    pub(super) fn capabilities(&self) -> &Capabilities {
        self.provider.capabilities()
    }

    fn has(&self, part: Part, role: Role) -> bool {
        let capabilities = self.capabilities();
        match part {
            Part::Suite(suite) => capabilities.has_suite(suite),
            Part::Group(group) => capabilities.groups.iter().any(|offered| offered.id == group),
            Part::Scheme(scheme) => scheme.algorithm().is_some_and(|algorithm| match role {
                Role::Client => capabilities.can_verify(algorithm),
                Role::Server => capabilities.can_sign(algorithm),
            }),
        }
    }
}

/// On which side of a cell a provider stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It verifies what the server signs.
    Client,
    /// It signs.
    Server,
}

/// What a cell prescribes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Part {
    Suite(CipherSuite),
    Group(NamedGroup),
    Scheme(SignatureScheme),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Suite(suite) => write!(f, "{suite}"),
            Self::Group(group) => write!(f, "{group}"),
            Self::Scheme(scheme) => write!(f, "{scheme}"),
        }
    }
}

/// A client, a server, and the one suite, group and certificate scheme between them. Written as
/// `client/server/suite/group/scheme`, which [`find`] reads.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Who connects.
    pub client: Player,
    /// Who is connected to.
    pub server: Player,
    /// The cipher suite.
    pub suite: CipherSuite,
    /// The key exchange group.
    pub group: NamedGroup,
    /// What the server signs with: its certificate's key, its chain and CertificateVerify.
    pub scheme: SignatureScheme,
}

/// How a cell has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Both can do all of it, so they connect.
    Agreement,
    /// One has no means for this suite, and it is the only one the other accepts.
    SuiteRefused,
    /// The same with the group.
    GroupRefused,
    /// The client cannot verify the only scheme the server signs with, or the other way round.
    SchemeRefused,
}

impl Cell {
    /// Follows from what the two providers offer.
    pub fn expected(&self) -> Expected {
        let both = |part| self.has(Role::Client, part) && self.has(Role::Server, part);
        if !both(Part::Suite(self.suite)) {
            Expected::SuiteRefused
        } else if !both(Part::Group(self.group)) {
            Expected::GroupRefused
        } else if both(Part::Scheme(self.scheme)) {
            Expected::Agreement
        } else {
            Expected::SchemeRefused
        }
    }

    pub(super) fn player(&self, role: Role) -> &Player {
        match role {
            Role::Client => &self.client,
            Role::Server => &self.server,
        }
    }

    /// Whether this side can do this part of the cell.
    pub(super) fn has(&self, role: Role, part: Part) -> bool {
        self.player(role).has(part, role)
    }

    pub(super) fn parts(&self) -> [Part; 3] {
        [Part::Suite(self.suite), Part::Group(self.group), Part::Scheme(self.scheme)]
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, server, suite, group, scheme } = self;
        write!(f, "{}/{}/{suite}/{group}/{scheme}", client.name, server.name)
    }
}

/// Every cell whose client and server both offer what it prescribes.
pub fn cells(players: &[Player]) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (client, server) in pairs(players) {
        let both = |part| client.has(part, Role::Client) && server.has(part, Role::Server);
        for suite in CipherSuite::KNOWN.iter().copied().filter(|s| both(Part::Suite(*s))) {
            for group in NamedGroup::KNOWN.iter().copied().filter(|g| both(Part::Group(*g))) {
                for scheme in in_handshakes().filter(|s| both(Part::Scheme(*s))) {
                    let (client, server) = (client.clone(), server.clone());
                    cells.push(Cell { client, server, suite, group, scheme });
                }
            }
        }
    }
    cells
}

/// For each client and server, one cell for every suite, group and scheme that only one of them
/// has. Each has to be refused.
pub fn refusals(players: &[Player]) -> Vec<Cell> {
    let mut refusals = Vec::new();
    for (client, server) in pairs(players) {
        let both = |part| client.has(part, Role::Client) && server.has(part, Role::Server);
        let one = |part| client.has(part, Role::Client) != server.has(part, Role::Server);
        let common_suite = CipherSuite::KNOWN.iter().copied().find(|s| both(Part::Suite(*s)));
        let common_group = NamedGroup::KNOWN.iter().copied().find(|g| both(Part::Group(*g)));
        let common_scheme = in_handshakes().find(|s| both(Part::Scheme(*s)));
        let (Some(suite), Some(group), Some(scheme)) = (common_suite, common_group, common_scheme)
        else {
            continue;
        };
        let cell = Cell { client: client.clone(), server: server.clone(), suite, group, scheme };
        let suites = CipherSuite::KNOWN.iter().copied().filter(|s| one(Part::Suite(*s)));
        refusals.extend(suites.map(|suite| Cell { suite, ..cell.clone() }));
        let groups = NamedGroup::KNOWN.iter().copied().filter(|g| one(Part::Group(*g)));
        refusals.extend(groups.map(|group| Cell { group, ..cell.clone() }));
        let schemes = in_handshakes().filter(|s| one(Part::Scheme(*s)));
        refusals.extend(schemes.map(|scheme| Cell { scheme, ..cell.clone() }));
    }
    refusals
}

fn pairs(players: &[Player]) -> impl Iterator<Item = (&Player, &Player)> {
    players.iter().flat_map(move |client| players.iter().map(move |server| (client, server)))
}

fn in_handshakes() -> impl Iterator<Item = SignatureScheme> {
    SignatureScheme::KNOWN.iter().copied().filter(|s| s.allowed_in_certificate_verify())
}

/// The cell of this name.
///
/// # Errors
/// [`UnknownCell`] says which part of the name means nothing here.
pub fn find(players: &[Player], name: &str) -> Result<Cell, UnknownCell> {
    let parts: Vec<&str> = name.split('/').collect();
    let [client, server, suite, group, scheme] = parts[..] else {
        return Err(UnknownCell::Shape { name: name.to_owned() });
    };
    let player = |name: &str| {
        players.iter().find(|player| player.name == name).cloned().ok_or_else(|| {
            let known = players.iter().map(|player| player.name.clone()).collect();
            UnknownCell::Provider { name: name.to_owned(), known }
        })
    };
    let unknown = |what, name: &str| UnknownCell::Part { what, name: name.to_owned() };
    let cell = Cell {
        client: player(client)?,
        server: player(server)?,
        suite: CipherSuite::from_name(suite).ok_or_else(|| unknown("cipher suite", suite))?,
        group: NamedGroup::from_name(group).ok_or_else(|| unknown("group", group))?,
        scheme: SignatureScheme::from_name(scheme)
            .filter(|scheme| scheme.allowed_in_certificate_verify())
            .ok_or_else(|| unknown("signature scheme of a handshake", scheme))?,
    };
    let neither = |part: &Part| !cell.has(Role::Client, *part) && !cell.has(Role::Server, *part);
    match cell.parts().into_iter().find(neither) {
        Some(part) => Err(UnknownCell::NobodyHas { what: part.to_string() }),
        None => Ok(cell),
    }
}

/// Why a name is none of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownCell {
    /// It does not have five parts.
    Shape {
        /// The name.
        name: String,
    },
    /// There is no such provider.
    Provider {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// There is no such suite, group or scheme.
    Part {
        /// Which of them.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// Neither provider has it, so there is nothing to play.
    NobodyHas {
        /// What.
        what: String,
    },
}

impl fmt::Display for UnknownCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape { name } => {
                write!(f, "{name:?} is no cell: write client/server/suite/group/scheme")
            }
            Self::Provider { name, known } => {
                write!(f, "there is no provider {name:?} here, only {}", known.join(", "))
            }
            Self::Part { what, name } => write!(f, "{name:?} is no {what} with a name"),
            Self::NobodyHas { what } => write!(f, "neither provider offers {what}"),
        }
    }
}

impl core::error::Error for UnknownCell {}
