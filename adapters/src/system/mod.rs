//! The machine: its clock.

mod clock;
mod marks;

pub use clock::SystemClock;
pub use marks::RandomMarks;
