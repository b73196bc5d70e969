//! Suite: agents. The real programs, run offline: what reaches their models, how often, and how exactly.
//!
//! `tests/agents/install` puts the programs in place; without them every test here fails and says so.

mod asking;
mod dialogs;
mod member;
mod multiplexers;
mod permissions;
mod skills;
mod team;
mod workflow;
