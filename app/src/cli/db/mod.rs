//! `cafleet db`

mod backup;
mod check;
mod init;
mod purge;
mod restore;

use super::context::Context;
use crate::error::CommandError;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    Init(init::Args),
    Check(check::Args),
    Backup(backup::Args),
    Restore(restore::Args),
    Purge(purge::Args),
}

pub(crate) async fn run(verb: Verb, context: &Context) -> Result<(), CommandError> {
    match verb {
        Verb::Init(args) => init::run(args, context).await,
        Verb::Check(args) => check::run(args, context).await,
        Verb::Backup(args) => backup::run(args, context).await,
        Verb::Restore(args) => restore::run(args, context).await,
        Verb::Purge(args) => purge::run(args, context).await,
    }
}
