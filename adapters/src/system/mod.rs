//! The machine: its clock, its random numbers, its locks, and whose its connections are.

mod clock;
mod connection_owner;
mod marks;
mod pane_leases;

pub use clock::SystemClock;
pub use connection_owner::{ConnectionOwner, ConnectionOwners};
pub use marks::RandomMarks;
pub use pane_leases::FileLeases;
