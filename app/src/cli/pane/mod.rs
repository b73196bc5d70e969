//! `cafleet pane`

mod attach;
mod close;
mod list;
mod named;

use super::context::Context;
use crate::error::CommandError;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    List(list::Args),
    Attach(attach::Args),
    Close(close::Args),
}

pub(crate) async fn run(verb: Verb, context: &Context) -> Result<(), CommandError> {
    match verb {
        Verb::List(args) => list::run(args, context).await,
        Verb::Attach(args) => attach::run(args, context).await,
        Verb::Close(args) => close::run(args, context).await,
    }
}
