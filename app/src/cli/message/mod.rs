//! `cafleet message`

mod ack;
mod broadcast;
mod cancel;
mod poll;
mod send;
mod show;

use super::context::Context;
use crate::error::CommandError;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    Send(send::Args),
    Broadcast(broadcast::Args),
    Poll(poll::Args),
    Ack(ack::Args),
    Cancel(cancel::Args),
    Show(show::Args),
}

pub(crate) async fn run(verb: Verb, context: &Context) -> Result<(), CommandError> {
    match verb {
        Verb::Send(args) => send::run(args, context).await,
        Verb::Broadcast(args) => broadcast::run(args, context).await,
        Verb::Poll(args) => poll::run(args, context).await,
        Verb::Ack(args) => ack::run(args, context).await,
        Verb::Cancel(args) => cancel::run(args, context).await,
        Verb::Show(args) => show::run(args, context).await,
    }
}
