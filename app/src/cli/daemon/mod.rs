//! `cafleet daemon`

mod status;
mod stop;
mod upgrade;

use super::context::Context;
use crate::error::CommandError;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    Status(status::Args),
    Stop(stop::Args),
    Upgrade(upgrade::Args),
}

pub(crate) async fn run(verb: Verb, context: &Context) -> Result<(), CommandError> {
    match verb {
        Verb::Status(args) => status::run(args, context).await,
        Verb::Stop(args) => stop::run(args, context).await,
        Verb::Upgrade(args) => upgrade::run(args, context).await,
    }
}
