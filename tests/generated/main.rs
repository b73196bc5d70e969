//! The documentation says what the code does: generated pages, commands, links.

mod commands;
mod embedded;
mod hard_cases;
mod links;
mod pages;
mod running;
mod skills;
