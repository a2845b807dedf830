//! The matrix: what is tried, one cell per row. A cell's name is its address on the command line.

use super::certs::KeyType;
use super::offer::Offer;
use super::peers::Direction;
use super::proxy::Link;

/// One way two peers may meet.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) name: String,
    pub(super) client_groups: Vec<&'static str>,
    pub(super) server_groups: Vec<&'static str>,
    pub(super) client_suite: &'static str,
    pub(super) server_suite: &'static str,
    pub(super) server_key: KeyType,
    /// The server demands a certificate.
    pub(super) demand_client_cert: bool,
    /// The certificate the client has.
    pub(super) client_key: Option<KeyType>,
    /// The client trusts a root that did not sign the server's chain.
    pub(super) strange_root: bool,
    /// Chains of more than 6 kB on both sides.
    pub(super) long_chain: bool,
    pub(super) cookie: bool,
    pub(super) mtu: Option<u16>,
    pub(super) client_alpn: Option<&'static str>,
    pub(super) server_alpn: Option<&'static str>,
    /// The wolfSSL client updates its keys halfway through the data.
    pub(super) key_update: bool,
    /// wolfSSL packs several records into a datagram; by itself it sends each alone.
    pub(super) wolf_packs: bool,
    /// wolfSSL speaks DTLS 1.2 only.
    pub(super) wolf_dtls12: bool,
    pub(super) link: Option<Link>,
    pub(super) timeout_seconds: u32,
    pub(super) expect: Expect,
    pub(super) directions: Directions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    /// Handshake, data both ways, close_notify both ways.
    Success,
    /// No connection; the side that refuses says why with this alert.
    Refused { by: Role, alert: u8 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Client,
    Server,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Directions {
    Both,
    OurClient,
    OurServer,
}

impl Directions {
    pub(super) fn contains(self, direction: Direction) -> bool {
        match (self, direction) {
            (Self::Both, _) | (_, Direction::WolfToWolf) => true,
            (Self::OurClient, direction) => direction == Direction::OursToWolf,
            (Self::OurServer, direction) => direction == Direction::WolfToOurs,
        }
    }
}

pub(super) const GROUPS: [&str; 4] = ["X25519", "P-256", "P-384", "X25519MLKEM768"];
pub(super) const SUITES: [&str; 4] = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_CCM_SHA256",
];

/// The smallest MTU of the matrix; a chain of 6 kB is then at least a dozen datagrams.
const SMALL_MTU: u16 = 512;

/// Loss in percent, each way.
const LOSS: u8 = 20;

/// A good link is done in milliseconds; this only bounds a hang.
const GOOD_LINK_SECONDS: u32 = 10;

/// Five losses of the same flight in a row, at 1 + 2 + 4 + 8 + 16 seconds, still fit.
const BAD_LINK_SECONDS: u32 = 60;

/// A peer that cannot answer is given up sooner.
const REFUSED_SECONDS: u32 = 5;

/// How many seeds each cell with a bad link is played with.
const SEEDS: u64 = 4;

// Alerts, RFC 8446 6.2.
const HANDSHAKE_FAILURE: u8 = 40;
const UNKNOWN_CA: u8 = 48;
const PROTOCOL_VERSION: u8 = 70;
const CERTIFICATE_REQUIRED: u8 = 116;
const NO_APPLICATION_PROTOCOL: u8 = 120;

impl Cell {
    /// What every cell starts from; each then changes what its name says.
    fn new(base: Base, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            client_groups: vec![base.0],
            server_groups: vec![base.0],
            client_suite: "TLS_AES_128_GCM_SHA256",
            server_suite: "TLS_AES_128_GCM_SHA256",
            server_key: KeyType::EcdsaP256,
            demand_client_cert: false,
            client_key: None,
            strange_root: false,
            long_chain: false,
            cookie: true,
            mtu: None,
            client_alpn: None,
            server_alpn: None,
            key_update: false,
            wolf_packs: false,
            wolf_dtls12: false,
            link: None,
            timeout_seconds: GOOD_LINK_SECONDS,
            expect: Expect::Success,
            directions: Directions::Both,
        }
    }

    fn group(mut self, group: &'static str) -> Self {
        self.client_groups = vec![group];
        self.server_groups = vec![group];
        self
    }

    fn suite(mut self, suite: &'static str) -> Self {
        self.client_suite = suite;
        self.server_suite = suite;
        self
    }

    fn client_cert(mut self, key: KeyType) -> Self {
        self.demand_client_cert = true;
        self.client_key = Some(key);
        self
    }

    fn bad_link(mut self, link: Link) -> Self {
        self.link = Some(link);
        self.timeout_seconds = BAD_LINK_SECONDS;
        self
    }

    /// Played for every provider. The bad links try the core, which is the same for all.
    pub(super) fn is_quick(&self) -> bool {
        self.link.is_none()
    }

    fn refused(mut self, by: Role, alert: u8) -> Self {
        self.expect = Expect::Refused { by, alert };
        self.timeout_seconds = REFUSED_SECONDS;
        self
    }

    /// The group both sides end with: the client's first that the server has.
    pub(super) fn agreed_group(&self) -> &'static str {
        self.client_groups
            .iter()
            .find(|group| self.server_groups.contains(group))
            .copied()
            .unwrap_or("none")
    }
}

/// The group of the cells that are about something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Base(&'static str);

impl Base {
    /// X25519, or the first that the provider offers.
    pub(super) fn of(offer: &Offer) -> Self {
        Self(GROUPS.into_iter().find(|group| offer.has_group(group)).unwrap_or(GROUPS[0]))
    }
}

/// All cells, in the order of the table.
pub(super) fn all(base: Base, first_seed: u64) -> Vec<Cell> {
    let mut cells = Vec::new();
    plain(base, &mut cells);
    certificates(base, &mut cells);
    round_trips(base, &mut cells);
    small_mtu(base, &mut cells);
    packed(base, &mut cells);
    after_the_handshake(base, &mut cells);
    refused(base, &mut cells);
    bad_links(base, &mut cells, first_seed);
    cells
}

/// Groups × suites × certificates, each a full cell of its own.
fn plain(base: Base, cells: &mut Vec<Cell>) {
    for group in GROUPS {
        for suite in SUITES {
            for key in KeyType::ALL {
                let name = format!("plain/{group}/{}/{}", short(suite), key.name());
                let mut cell = Cell::new(base, name).group(group).suite(suite);
                cell.server_key = key;
                cells.push(cell);
            }
        }
    }
}

/// Each kind of client certificate under each kind of server certificate.
fn certificates(base: Base, cells: &mut Vec<Cell>) {
    for server in KeyType::ALL {
        for client in KeyType::ALL {
            let name = format!("client-cert/{}/server-{}", client.name(), server.name());
            let mut cell = Cell::new(base, name).client_cert(client);
            cell.server_key = server;
            cells.push(cell);
        }
    }
}

/// Without the cookie's round trip, and with a HelloRetryRequest for the group, with and without
/// the cookie in it.
fn round_trips(base: Base, cells: &mut Vec<Cell>) {
    for group in GROUPS {
        // wolfSSL answers a ClientHello in fragments only after a cookie, so one that carries an
        // ML-KEM share has to fit into one datagram here.
        let mut cell = Cell::new(base, format!("no-cookie/{group}")).group(group);
        cell.cookie = false;
        if group == "X25519MLKEM768" {
            cell.mtu = Some(WIDE_MTU);
        }
        cells.push(cell);
    }
    for group in GROUPS.into_iter().filter(|group| *group != base.0) {
        for (cookie, with) in [(true, "cookie"), (false, "no-cookie")] {
            let mut cell = Cell::new(base, format!("retry-group/{group}/{with}"));
            cell.client_groups = vec![base.0, group];
            cell.server_groups = vec![group];
            cell.cookie = cookie;
            cells.push(cell);
        }
    }
}

/// Room for a ClientHello with an ML-KEM-768 share, and still below what wolfSSL reads at once
/// (its MTU plus 500 bytes).
const WIDE_MTU: u16 = 1800;

fn small_mtu(base: Base, cells: &mut Vec<Cell>) {
    for key in KeyType::ALL {
        let mut cell = Cell::new(base, format!("mtu512/long-chain/{}", key.name()));
        cell.server_key = key;
        cell.long_chain = true;
        cell.mtu = Some(SMALL_MTU);
        let mut mutual = cell.clone().client_cert(key);
        mutual.name = format!("mtu512/long-chain-both/{}", key.name());
        cells.extend([cell, mutual]);
    }
    for group in GROUPS {
        let mut cell = Cell::new(base, format!("mtu512/{group}")).group(group);
        cell.mtu = Some(SMALL_MTU);
        cells.push(cell);
    }
}

/// Several records in a datagram, with and without a chain that has to be cut.
fn packed(base: Base, cells: &mut Vec<Cell>) {
    for group in GROUPS {
        let mut cell = Cell::new(base, format!("packed/{group}")).group(group);
        cell.wolf_packs = true;
        cells.push(cell);
    }
    let mut cell = Cell::new(base, "packed/mtu512/long-chain-both").client_cert(KeyType::EcdsaP256);
    cell.wolf_packs = true;
    cell.long_chain = true;
    cell.mtu = Some(SMALL_MTU);
    cells.push(cell);
}

fn after_the_handshake(base: Base, cells: &mut Vec<Cell>) {
    let mut alpn = Cell::new(base, "alpn");
    alpn.client_alpn = Some("echo/1");
    alpn.server_alpn = Some("echo/1");
    cells.push(alpn);
    for suite in SUITES {
        let mut cell = Cell::new(base, format!("key-update/{}", short(suite))).suite(suite);
        cell.key_update = true;
        cell.directions = Directions::OurServer;
        cells.push(cell);
    }
}

fn refused(base: Base, cells: &mut Vec<Cell>) {
    let mut cell = Cell::new(base, "refused/unknown-ca").refused(Role::Client, UNKNOWN_CA);
    cell.strange_root = true;
    cells.push(cell);

    let mut cell =
        Cell::new(base, "refused/no-client-cert").refused(Role::Server, CERTIFICATE_REQUIRED);
    cell.demand_client_cert = true;
    cells.push(cell);

    let mut cell = Cell::new(base, "refused/suite").refused(Role::Server, HANDSHAKE_FAILURE);
    cell.server_suite = "TLS_AES_256_GCM_SHA384";
    cells.push(cell);

    let mut cell = Cell::new(base, "refused/group").refused(Role::Server, HANDSHAKE_FAILURE);
    cell.server_groups = vec!["P-384"];
    cells.push(cell);

    // A peer that has nothing but the group we do not offer.
    if base.0 != GROUPS[0] {
        let mut cell =
            Cell::new(base, "refused/x25519-client").refused(Role::Server, HANDSHAKE_FAILURE);
        cell.client_groups = vec![GROUPS[0]];
        cell.directions = Directions::OurServer;
        cells.push(cell);

        let mut cell =
            Cell::new(base, "refused/x25519-server").refused(Role::Server, HANDSHAKE_FAILURE);
        cell.server_groups = vec![GROUPS[0]];
        cell.directions = Directions::OurClient;
        cells.push(cell);
    }

    let mut cell = Cell::new(base, "refused/alpn").refused(Role::Server, NO_APPLICATION_PROTOCOL);
    cell.client_alpn = Some("echo/1");
    cell.server_alpn = Some("other/1");
    cells.push(cell);

    let mut cell = Cell::new(base, "refused/dtls12-client").refused(Role::Server, PROTOCOL_VERSION);
    cell.wolf_dtls12 = true;
    cell.directions = Directions::OurServer;
    cells.push(cell);

    let mut cell = Cell::new(base, "refused/dtls12-server").refused(Role::Client, PROTOCOL_VERSION);
    cell.wolf_dtls12 = true;
    cell.directions = Directions::OurClient;
    cells.push(cell);
}

fn bad_links(base: Base, cells: &mut Vec<Cell>, first_seed: u64) {
    for seed in first_seed..first_seed + SEEDS {
        let loss = Link { loss: LOSS, ..Link::good(seed) };
        let shuffle = Link { reorder: LOSS, duplicate: LOSS, ..Link::good(seed) };

        let named = |what: &str| Cell::new(base, format!("{what}/seed-{seed}"));
        cells.push(named("loss20").bad_link(loss));
        cells.push(named("loss20/client-cert").client_cert(KeyType::EcdsaP256).bad_link(loss));
        cells.push(named("loss20/mlkem").group("X25519MLKEM768").bad_link(loss));
        let mut long = named("loss20/mtu512/long-chain").bad_link(loss);
        long.long_chain = true;
        long.mtu = Some(SMALL_MTU);
        cells.push(long);
        let mut packed = named("loss20/packed").bad_link(loss);
        packed.wolf_packs = true;
        cells.push(packed);
        let mut no_cookie = named("loss20/no-cookie").bad_link(loss);
        no_cookie.cookie = false;
        cells.push(no_cookie);
        let mut shuffled = named("shuffle/mtu512/long-chain").bad_link(shuffle);
        shuffled.long_chain = true;
        shuffled.mtu = Some(SMALL_MTU);
        cells.push(shuffled);
    }
}

fn short(suite: &str) -> &str {
    suite.trim_start_matches("TLS_").trim_end_matches("_SHA256").trim_end_matches("_SHA384")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::offer::Offer;
    use super::{Base, GROUPS, all};

    const X25519: Base = Base(GROUPS[0]);

    #[test]
    fn every_cell_has_its_own_name() {
        for base in GROUPS.map(Base) {
            let cells = all(base, 1);
            let names: HashSet<_> = cells.iter().map(|cell| &cell.name).collect();
            assert_eq!(names.len(), cells.len());
        }
    }

    #[test]
    fn the_matrix_is_the_same_for_the_same_seed() {
        let names = |seed| all(X25519, seed).into_iter().map(|cell| cell.name).collect::<Vec<_>>();
        assert_eq!(names(7), names(7));
        assert_ne!(names(7), names(8));
    }

    #[test]
    fn the_base_is_the_first_group_that_the_provider_offers() {
        assert_eq!(Base::of(&Offer::everything()), X25519);
        let approved = Offer::everything().without_group("X25519");
        assert_eq!(Base::of(&approved), Base("P-256"));
        let cells = all(Base::of(&approved), 1);
        assert!(cells.iter().any(|cell| cell.name == "refused/x25519-client"));
        assert!(!cells.iter().any(|cell| cell.name == "retry-group/P-256/cookie"));
    }
}
