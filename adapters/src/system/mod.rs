//! The machine: its clock, its chance, and whose its connections are.

mod clock;
mod connection_owner;
mod marks;

pub use clock::SystemClock;
pub use connection_owner::{ConnectionOwner, ConnectionOwners};
pub use marks::RandomMarks;
