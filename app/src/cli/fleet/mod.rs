//! `cafleet fleet`

mod create;
mod delete;
mod list;
mod move_here;
mod show;

use super::context::Context;
use crate::error::CommandError;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    Create(create::Args),
    List(list::Args),
    Show(show::Args),
    Move(move_here::Args),
    Delete(delete::Args),
}

pub(crate) async fn run(verb: Verb, context: &Context) -> Result<(), CommandError> {
    match verb {
        Verb::Create(args) => create::run(args, context).await,
        Verb::List(args) => list::run(args, context).await,
        Verb::Show(args) => show::run(args, context).await,
        Verb::Move(args) => move_here::run(args, context).await,
        Verb::Delete(args) => delete::run(args, context).await,
    }
}
