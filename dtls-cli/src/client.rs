//! `dtls client`: connects, sends standard input, prints what comes back.

use std::io::{self, BufRead, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use dtls13::blocking::{Connection, Endpoint};
use dtls13::core::CommonConfig;
use dtls13::core::wire::alert::AlertDescription;
use dtls13::{CertifiedKey, ClientConfig, Error, RootStore, pem};

use crate::common::{Common, Limit, apply_common, bad_file, read};
use crate::failure::Failure;
use crate::report::Report;

/// Connect to a server; send standard input, print what comes back.
///
/// Each line of standard input is a datagram of its own. At its end the connection is closed.
#[derive(clap::Args, Debug)]
#[command(group = clap::ArgGroup::new("trust").multiple(false))]
pub(crate) struct Args {
    /// The server.
    #[arg(value_name = "HOST:PORT")]
    server: String,
    /// The name its certificate has to be for [default: HOST]
    #[arg(long, value_name = "HOST")]
    name: Option<String>,
    /// Trust servers with a certificate of one of these authorities, PEM [default: those the
    /// operating system trusts]
    #[arg(long, value_name = "FILE", group = "trust")]
    ca: Option<PathBuf>,
    /// Trust the server whose certificate has this SHA-256 fingerprint (64 hexadecimal digits,
    /// colons allowed), and no other.
    #[arg(long, value_name = "HEX", group = "trust", value_parser = fingerprint)]
    pin: Option<Pin>,
    /// Trust anybody. The connection is encrypted, but nobody knows to whom.
    #[arg(long, group = "trust")]
    insecure: bool,
    /// The client's certificate chain, PEM, its own certificate first.
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// The private key to it, PEM (PKCS#8, SEC1 or PKCS#1).
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Instead of standard input, send so many datagrams one after the other and wait for the
    /// echo of each; what is not echoed within 500 ms is sent again.
    #[arg(long, value_name = "COUNT")]
    send_count: Option<u64>,
    /// Bytes in each of these datagrams.
    #[arg(long, value_name = "BYTES", default_value_t = 64, requires = "send_count")]
    size: usize,
    #[command(flatten)]
    common: Common,
}

/// A certificate's SHA-256 hash.
type Pin = [u8; 32];

/// When an echo is asked for again.
const RESEND: Duration = Duration::from_millis(500);
/// How long the answer to our close_notify is waited for.
const CLOSING: Duration = Duration::from_secs(3);
/// How often a client that waits for output looks whether its input has ended.
const LOOK_UP: Duration = Duration::from_millis(250);

fn fingerprint(text: &str) -> Result<Pin, String> {
    let wanted = "a SHA-256 fingerprint is 64 hexadecimal digits \
                  (openssl x509 -noout -fingerprint -sha256 -in FILE)";
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| *c != ':')
        .map(|c| c.to_digit(16).map(|digit| digit as u8))
        .collect::<Option<_>>()
        .ok_or(wanted)?;
    let bytes: Vec<u8> =
        digits.chunks(2).map(|pair| pair.iter().fold(0, |b, d| b << 4 | d)).collect();
    if digits.len() == 64 {
        bytes.try_into().map_err(|_| wanted.to_owned())
    } else {
        Err(wanted.to_owned())
    }
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let limit = Limit::new(args.common.timeout);
    let config = configure(args, limit)?;
    let (address, host) = resolve(&args.server)?;
    let name = args.name.clone().unwrap_or(host);
    let mut report = Report::default();
    let result = session(args, &config, address, &name, limit, &mut report);
    if let Err(error) = &result {
        report.error = Some(error.to_string());
    }
    if args.common.json {
        println!("{}", report.to_json());
    }
    result
}

fn configure(args: &Args, limit: Limit) -> Result<ClientConfig, Failure> {
    let provider = args.common.provider.provider()?;
    let builder = ClientConfig::builder(provider.clone());
    let builder = if let Some(path) = &args.ca {
        let roots = RootStore::from_pem(&read("CA", path)?)
            .map_err(|error| bad_file("CA", path, &error))?;
        builder.with_roots(roots)
    } else if let Some(pin) = args.pin {
        builder.with_pinned_fingerprint(pin)
    } else if args.insecure {
        builder.dangerous().with_no_verification()
    } else {
        let roots = RootStore::native().map_err(|error| {
            Failure::Usage(format!("the operating system: {error}; give --ca, --pin or --insecure"))
        })?;
        builder.with_roots(roots)
    };
    let config = match (&args.cert, &args.key) {
        (Some(cert), Some(key)) => {
            let chain = pem::certificates(&read("certificate", cert)?)
                .map_err(|error| bad_file("certificate", cert, &error))?;
            let der = pem::private_key(&read("key", key)?)
                .map_err(|error| bad_file("key", key, &error))?;
            let credential =
                CertifiedKey::new(provider.as_ref(), chain, &der).map_err(|error| {
                    let of_chain = matches!(error, Error::BadCertificate { .. });
                    let (what, path) = if of_chain { ("certificate", cert) } else { ("key", key) };
                    bad_file(what, path, &error)
                })?;
            builder.with_credential(credential)?
        }
        _ => builder.with_no_client_auth()?,
    };
    Ok(apply_common!(config, &args.common, limit))
}

/// The address of `HOST:PORT`, and the host alone.
fn resolve(server: &str) -> Result<(SocketAddr, String), Failure> {
    let usage = || Failure::Usage(format!("the server \"{server}\" should be HOST:PORT"));
    let (host, port) = server.rsplit_once(':').ok_or_else(usage)?;
    port.parse::<u16>().map_err(|_| usage())?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let mut addresses = server
        .to_socket_addrs()
        .map_err(|error| Failure::Peer(format!("cannot find the host {host}: {error}")))?;
    let address =
        addresses.next().ok_or_else(|| Failure::Peer(format!("the host {host} has no address")))?;
    Ok((address, host.to_owned()))
}

fn session(
    args: &Args,
    config: &ClientConfig,
    address: SocketAddr,
    name: &str,
    limit: Limit,
    report: &mut Report,
) -> Result<(), Failure> {
    let local: SocketAddr = if address.is_ipv4() {
        (Ipv4Addr::UNSPECIFIED, 0).into()
    } else {
        (Ipv6Addr::UNSPECIFIED, 0).into()
    };
    let endpoint = Endpoint::bind(local)?;
    let connection = endpoint
        .connect(address, name, config)
        .map_err(|error| explained(error, &config.core().common))?;
    report.agreed(&connection);
    eprintln!("dtls: connected to {address}, {}", report.agreed_line());
    if let Some(count) = args.send_count {
        echo(&connection, count, args.size, limit, report)?;
        connection.close();
        report.peer_closed = closed_by_peer(&connection, limit)?;
        return Ok(());
    }
    let input = connection.clone();
    let closed = Arc::new(AtomicBool::new(false));
    let at_end = closed.clone();
    thread::spawn(move || {
        send_input(&input);
        input.close();
        at_end.store(true, Ordering::Release);
    });
    print_output(&connection, args.common.json, limit, &closed, report)
}

/// With what was offered, where a server has nothing in common with it: its alert does not say of
/// what.
fn explained(error: Error, offered: &CommonConfig) -> Failure {
    let alert = dtls13::core::Error::AlertReceived(AlertDescription::HANDSHAKE_FAILURE);
    if !matches!(&error, Error::Connection(error) if *error == alert) {
        return error.into();
    }
    let groups: Vec<String> = offered.groups.iter().map(ToString::to_string).collect();
    let suites: Vec<String> = offered.cipher_suites.iter().map(ToString::to_string).collect();
    Failure::Peer(format!(
        "{error}: among what was offered it lacks a group ({}), a cipher suite ({}) or a scheme \
         for its certificate",
        groups.join(", "),
        suites.join(", ")
    ))
}

/// Sends `count` datagrams and waits for the echo of each.
fn echo(
    connection: &Connection,
    count: u64,
    size: usize,
    limit: Limit,
    report: &mut Report,
) -> Result<(), Failure> {
    let max = connection.max_payload();
    if size > max {
        return Err(Failure::Usage(format!(
            "--size {size}: a datagram carries {max} bytes at most"
        )));
    }
    for number in 0..count {
        let datagram = numbered(number, size);
        connection.send(&datagram)?;
        let mut resend_at = Instant::now() + RESEND;
        loop {
            let wait = limit.left(resend_at.saturating_duration_since(Instant::now()));
            match connection.recv_timeout(wait) {
                Ok(echo) if echo == datagram => break,
                // The echo of one that was sent twice.
                Ok(_) => {}
                Err(Error::TimedOut) if limit.is_over() => {
                    let text = format!("timed out: {} of {count} echoes came", report.datagrams);
                    return Err(Failure::Peer(text));
                }
                Err(Error::TimedOut) => {
                    connection.send(&datagram)?;
                    resend_at = Instant::now() + RESEND;
                }
                Err(error) => return Err(error.into()),
            }
        }
        report.datagrams += 1;
    }
    Ok(())
}

/// A datagram that differs from all others of the run, as far as its size allows.
fn numbered(number: u64, size: usize) -> Vec<u8> {
    let mut datagram: Vec<u8> = (0..size).map(|i| (i as u8).wrapping_mul(31)).collect();
    for (byte, n) in datagram.iter_mut().zip(number.to_be_bytes().iter().rev()) {
        *byte ^= n;
    }
    datagram
}

/// Waits for the server's answer to our close_notify. Datagrams that come before it are lost.
fn closed_by_peer(connection: &Connection, limit: Limit) -> Result<bool, Failure> {
    let until = Instant::now() + limit.left(CLOSING);
    loop {
        match connection.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(_) => {}
            Err(Error::ClosedByPeer) => return Ok(true),
            Err(Error::TimedOut | Error::Closed) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Sends standard input, a line a datagram; what is longer goes in pieces.
fn send_input(connection: &Connection) {
    let mut line = Vec::new();
    let mut input = io::stdin().lock();
    while input.read_until(b'\n', &mut line).is_ok_and(|len| len > 0) {
        for piece in line.chunks(connection.max_payload().max(1)) {
            if let Err(error) = connection.send(piece) {
                eprintln!("dtls: {error}");
                return;
            }
        }
        line.clear();
    }
}

/// Prints what comes until one side has closed.
fn print_output(
    connection: &Connection,
    json: bool,
    limit: Limit,
    closed: &AtomicBool,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut answer_until = None;
    loop {
        let closed = closed.load(Ordering::Acquire);
        if closed && *answer_until.get_or_insert_with(|| Instant::now() + CLOSING) < Instant::now()
        {
            return Ok(());
        }
        match connection.recv_timeout(limit.left(LOOK_UP)) {
            Ok(datagram) => {
                report.datagrams += 1;
                if !json {
                    let mut out = io::stdout().lock();
                    let _ = out.write_all(&datagram).and_then(|()| out.flush());
                }
            }
            Err(Error::ClosedByPeer) => {
                report.peer_closed = true;
                return Ok(());
            }
            Err(Error::TimedOut) if !limit.is_over() => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_read_with_and_without_colons() {
        let plain = "0123456789abcdef".repeat(4);
        let colons =
            plain.as_bytes().chunks(2).map(|p| String::from_utf8_lossy(p)).collect::<Vec<_>>();
        assert_eq!(fingerprint(&plain), fingerprint(&colons.join(":")));
        assert_eq!(fingerprint(&plain).unwrap()[..3], [0x01, 0x23, 0x45]);
        assert!(fingerprint("abc").is_err());
        assert!(fingerprint(&"x".repeat(64)).is_err());
    }

    #[test]
    fn datagrams_of_a_run_differ() {
        assert_ne!(numbered(1, 8), numbered(2, 8));
        assert_eq!(numbered(258, 400).len(), 400);
    }

    #[test]
    #[cfg(feature = "rustcrypto")]
    fn a_server_without_anything_in_common_is_answered_with_what_was_offered() {
        use dtls13::core::crypto::NamedGroup;
        let config = ClientConfig::builder(dtls13::provider::rustcrypto())
            .dangerous()
            .with_no_verification()
            .with_no_client_auth()
            .and_then(|config| config.groups(&[NamedGroup::X25519]))
            .unwrap();
        let alert = |alert| {
            let error = Error::Connection(dtls13::core::Error::AlertReceived(alert));
            explained(error, &config.core().common).to_string()
        };
        let text = alert(AlertDescription::HANDSHAKE_FAILURE);
        assert!(text.contains("handshake_failure") && text.contains("(X25519)"), "{text}");
        assert!(!alert(AlertDescription::UNKNOWN_CA).contains("X25519"));
    }
}
