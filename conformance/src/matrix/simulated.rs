//! A cell on a simulated link, under virtual time.

use std::time::Duration;

use dtls_core::Now;

use super::end::{End, Ended};
use super::link::{Link, Way};
use crate::pair::{START, later};

/// Virtual time until a cell counts as stuck: a handshake gives up after two minutes.
const AT_MOST: Duration = Duration::from_secs(180);

/// Plays until both ends are over or nothing happens any more.
pub(super) fn play(mut client: End, mut server: End, seed: u64) -> (Ended, Ended) {
    let mut link = Link::new(seed);
    let mut elapsed = Duration::ZERO;
    send(&mut client, &mut server, &mut link, elapsed);
    while !(client.is_over() && server.is_over()) {
        let since_start = |end: &End| end.deadline().map(|at| at - START.monotonic);
        let deadlines = [since_start(&client), since_start(&server), link.next_arrival()];
        let Some(next) = deadlines.into_iter().flatten().min() else { break };
        if next > AT_MOST {
            break;
        }
        elapsed = elapsed.max(next);
        let now = now_at(elapsed);
        while let Some((way, datagram)) = link.arrived(elapsed) {
            let to = if way == Way::ToServer { &mut server } else { &mut client };
            to.receive(now, datagram);
            send(&mut client, &mut server, &mut link, elapsed);
        }
        client.handle_deadline(now);
        server.handle_deadline(now);
        send(&mut client, &mut server, &mut link, elapsed);
    }
    (client.end(), server.end())
}

fn send(client: &mut End, server: &mut End, link: &mut Link, elapsed: Duration) {
    for (from, way) in [(&mut *client, Way::ToServer), (server, Way::ToClient)] {
        let datagrams = from.take_out(now_at(elapsed));
        if from.is_closing() {
            link.calm_down();
        }
        for datagram in datagrams {
            link.send(elapsed, way, datagram);
        }
    }
}

fn now_at(elapsed: Duration) -> Now {
    later(START, elapsed)
}
