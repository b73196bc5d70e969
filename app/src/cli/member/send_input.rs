//! `cafleet member send-input`

use crate::cli::arguments::Target;
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::InputSentView;

/// Answer a question that a member's coding agent asks in its pane
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,

    /// Choose an answer by its number; no Enter is pressed
    #[arg(long, value_name = "1|2|3", value_parser = clap::value_parser!(u8).range(1..=3), allow_negative_numbers = true)]
    choice: Option<u8>,

    /// Choose the fourth answer, write this text and press Enter
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    freetext: Option<String>,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let fleet = context.fleet()?;
    let member = args.target.member_id;
    let (name, pane, action, value) = match (args.choice, args.freetext) {
        (Some(choice), None) => {
            context.broker.require_multiplexer(fleet).await?;
            let (name, pane) = context.broker.choose_for_member(fleet, member, choice).await?;
            (name, pane, "choice", choice.to_string())
        }
        (None, Some(text)) => {
            cafleet_domain::keystroke::Keystroke::free_text(&text)
                .map_err(cafleet_domain::broker::BrokerError::from)?;
            context.broker.require_multiplexer(fleet).await?;
            let (name, pane) = context.broker.answer_for_member(fleet, member, &text).await?;
            (name, pane, "freetext", text)
        }
        _ => {
            return Err(CommandError::usage("--choice and --freetext are mutually exclusive; supply exactly one."));
        }
    };
    context.printer.show(&InputSentView { member, name: &name, pane: &pane, action, value: &value })
}
