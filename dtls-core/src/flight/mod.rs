//! What makes datagrams reliable: reassembly and ordering of what comes in, fragmentation,
//! acknowledgement and retransmission of what goes out (RFC 9147 5.2, 5.5, 5.8, 7).

pub mod ack_list;
pub mod outgoing;
pub mod ranges;
pub mod reassembly;
pub mod timer;
