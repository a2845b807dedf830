//! One epoch's protection: header, record number, replay window, limits (RFC 9147 4).

pub mod limits;
pub mod number;
pub mod open;
mod padding;
pub mod replay;
pub mod seal;
