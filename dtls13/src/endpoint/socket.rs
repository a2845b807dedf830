//! Batched input and output: several datagrams a system call, where the system can.

use std::io::{self, IoSliceMut};
use std::net::SocketAddr;

use quinn_udp::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};

/// Buffers of one batch. Each holds the datagrams the system has joined (64 KiB at most).
const BUFFERS: usize = 8;
const BUFFER_LEN: usize = 1 << 16;

/// Room for one batch of received datagrams.
pub(crate) struct Batch {
    buffers: Vec<u8>,
    meta: [RecvMeta; BUFFERS],
}

impl Batch {
    pub(crate) fn new() -> Self {
        Self { buffers: vec![0; BUFFERS * BUFFER_LEN], meta: [RecvMeta::default(); BUFFERS] }
    }

    /// Receives a batch and hands each datagram to `take`.
    pub(crate) fn receive(
        &mut self,
        state: &UdpSocketState,
        socket: UdpSockRef<'_>,
        mut take: impl FnMut(SocketAddr, &mut [u8]),
    ) -> io::Result<()> {
        let mut chunks = self.buffers.chunks_exact_mut(BUFFER_LEN);
        let mut slices: [IoSliceMut<'_>; BUFFERS] =
            std::array::from_fn(|_| IoSliceMut::new(chunks.next().unwrap_or_default()));
        let count = state.recv(socket, &mut slices, &mut self.meta)?;
        for (meta, buffer) in self.meta.iter().zip(&mut slices).take(count) {
            let received = &mut buffer[..meta.len];
            for datagram in received.chunks_mut(meta.stride.max(1)) {
                take(meta.addr, datagram);
            }
        }
        Ok(())
    }
}

/// Sends datagrams of `segment_size` bytes each, all at once if the system can.
pub(crate) fn send<S>(
    state: &UdpSocketState,
    socket: &S,
    to: SocketAddr,
    datagrams: &[u8],
    segment_size: usize,
) -> io::Result<()>
where
    for<'s> UdpSockRef<'s>: From<&'s S>,
{
    let transmit = |contents, segment_size| Transmit {
        destination: to,
        ecn: None,
        contents,
        segment_size,
        src_ip: None,
    };
    let one = |transmit: &Transmit<'_>| state.try_send(UdpSockRef::from(socket), transmit);
    if datagrams.len() <= segment_size {
        return one(&transmit(datagrams, None));
    }
    match one(&transmit(datagrams, Some(segment_size))) {
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
            // The device cannot split them: one by one.
            for datagram in datagrams.chunks(segment_size) {
                one(&transmit(datagram, None))?;
            }
            Ok(())
        }
        result => result,
    }
}
