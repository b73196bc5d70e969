//! `cafleet member send-input`

use cafleet_domain::broker::{BrokerError, Wanted};
use cafleet_domain::keystroke::Keystroke;

use crate::cli::arguments::Target;
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::InputSentView;

/// Answer a question that a member's coding agent asks in its pane
///
/// The question is read from the screen: only an answer that is shown there can be chosen. Prints the chosen answer.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,

    /// Choose an answer by its number on the screen; refuses an answer that changes the agent's permission mode
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..), allow_negative_numbers = true)]
    choice: Option<u8>,

    /// Choose an answer by its label, or by a part of the label that no other answer has
    #[arg(long, value_name = "LABEL", allow_hyphen_values = true)]
    answer: Option<String>,

    /// Answer with free text, if the question accepts it: selects that answer, types this text and presses Enter
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    freetext: Option<String>,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let fleet = context.fleet()?;
    let member = args.target.member_id;
    let wanted = match (args.choice, args.answer, &args.freetext) {
        (Some(n), None, None) => Some(Wanted::Number(n)),
        (None, Some(label), None) => Some(Wanted::Label(label)),
        (None, None, Some(_)) => None,
        (_, None, _) => {
            return Err(CommandError::usage("--choice and --freetext are mutually exclusive; supply exactly one."));
        }
        (_, Some(_), _) => {
            return Err(CommandError::usage(
                "--answer, --choice and --freetext are mutually exclusive; supply exactly one.",
            ));
        }
    };
    let words = args.freetext.as_deref();
    if let Some(words) = words {
        Keystroke::free_text(words).map_err(BrokerError::from)?;
    }
    context.broker.members.require_multiplexer(fleet).await?;
    let (chosen, name, pane) = match (&wanted, words) {
        (Some(wanted), _) => context.broker.members.choose(fleet, member, wanted).await?,
        (None, words) => context.broker.members.answer(fleet, member, words.unwrap_or_default()).await?,
    };
    context.printer.show(&InputSentView { member, name: &name, pane: &pane, words, chosen: &chosen })
}
