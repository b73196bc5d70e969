//! What the house rules ask of the source. Each rule is a function that is also shown something that breaks it.

mod circles;
mod crates;
mod forgotten;
mod house;
mod licences;
mod placement;
mod sizes;
mod spelling;
