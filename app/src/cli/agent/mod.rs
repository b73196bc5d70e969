//! `cafleet agent`

mod deregister;
mod list;
mod register;
mod show;

use super::context::Context;
use crate::error::CommandError;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    Register(register::Args),
    List(list::Args),
    Show(show::Args),
    Deregister(deregister::Args),
}

pub(crate) async fn run(verb: Verb, context: &Context) -> Result<(), CommandError> {
    match verb {
        Verb::Register(args) => register::run(args, context).await,
        Verb::List(args) => list::run(args, context).await,
        Verb::Show(args) => show::run(args, context).await,
        Verb::Deregister(args) => deregister::run(args, context).await,
    }
}
