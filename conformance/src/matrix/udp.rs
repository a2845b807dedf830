//! A cell over real UDP: two sockets on the loopback interface, a thread for each end.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use dtls_core::Now;

use super::end::{End, Ended};
use crate::pair::MAX_DATAGRAM;

/// Real time until a cell counts as stuck. On the loopback interface one takes milliseconds.
const AT_MOST: Duration = Duration::from_secs(20);

/// How long an end that is over stays: the peer may not have read its last words.
const LINGER: Duration = Duration::from_millis(1);

/// Shortest wait for a datagram; a socket does not take zero.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// What time it is when a cell begins.
pub(super) fn start() -> Now {
    now(Instant::now())
}

/// Plays until both ends are over, or not in time.
///
/// # Errors
/// What the operating system says about sockets.
pub(super) fn play(client: End, server: End) -> Result<(Ended, Ended), String> {
    let during = |error: std::io::Error| format!("a UDP socket on the loopback interface: {error}");
    let sockets = [(); 2].map(|()| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)));
    let [client_socket, server_socket] = sockets;
    let (client_socket, server_socket) =
        (client_socket.map_err(during)?, server_socket.map_err(during)?);
    let client_address = client_socket.local_addr().map_err(during)?;
    let server_address = server_socket.local_addr().map_err(during)?;
    let begun = Instant::now();
    let (client, server) = thread::scope(|scope| {
        let server = scope.spawn(|| drive(server, &server_socket, client_address, begun));
        let client = drive(client, &client_socket, server_address, begun);
        (client, server.join())
    });
    let server = server.map_err(|_| "the server's thread panicked".to_owned())?;
    Ok((client.map_err(during)?.end(), server.map_err(during)?.end()))
}

/// One end, until it is over.
fn drive(
    mut end: End,
    socket: &UdpSocket,
    peer: SocketAddr,
    begun: Instant,
) -> std::io::Result<End> {
    let mut buffer = vec![0; MAX_DATAGRAM];
    let mut over = false;
    loop {
        for datagram in end.take_out(now(begun)) {
            socket.send_to(&datagram, peer)?;
        }
        if over || begun.elapsed() > AT_MOST {
            return Ok(end);
        }
        over = end.is_over();
        let left = AT_MOST.saturating_sub(begun.elapsed());
        let until = end.deadline().map_or(left, |at| at - now(begun).monotonic).min(left);
        let wait = if over { LINGER } else { until.max(SHORTEST_WAIT) };
        socket.set_read_timeout(Some(wait))?;
        match socket.recv_from(&mut buffer) {
            Ok((len, from)) if from == peer => {
                end.receive(now(begun), buffer.get(..len).unwrap_or_default().to_vec());
            }
            Ok(_) => {}
            Err(error) if is_silence(&error) => end.handle_deadline(now(begun)),
            Err(error) => return Err(error),
        }
    }
}

/// Nothing came in time, or the operating system said that the peer's socket is gone.
fn is_silence(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock
            | ErrorKind::TimedOut
            | ErrorKind::Interrupted
            | ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
    )
}

fn now(begun: Instant) -> Now {
    let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Now { monotonic: dtls_core::Instant::from_origin(begun.elapsed()), wall }
}
