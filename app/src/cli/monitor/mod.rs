//! `cafleet monitor`

mod config;
mod start;
mod status;

use super::context::Context;
use crate::error::CommandError;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    Start(start::Args),
    Status(status::Args),
    Config(config::Args),
}

pub(crate) async fn run(verb: Verb, context: &Context) -> Result<(), CommandError> {
    match verb {
        Verb::Start(args) => start::run(args, context).await,
        Verb::Status(args) => status::run(args, context).await,
        Verb::Config(args) => config::run(args, context).await,
    }
}
