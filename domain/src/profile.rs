//! What the broker must know of an agent program in order to type to it.

/// What differs between the agent programs where something is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// What becomes of a text that is submitted in the middle of a turn.
    pub mid_turn: MidTurn,
    /// How a shell command is entered.
    pub shell_mode: ShellMode,
    /// Whether the line feed behind the first line of a text is pasted with that line: the program drops white space at the
    /// ends of a paste that it shows a stand-in for.
    pub first_line_takes_feed: bool,
    /// The keys that go from answer to answer.
    pub answer_keys: AnswerKeys,
    /// How words are written in place of an answer.
    pub words: WordsField,
    /// The answer after which the program asks once more; none where it does not.
    pub confirmation: Option<Confirmation>,
}

/// What becomes of a text that is submitted in the middle of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MidTurn {
    /// The program reads it when the turn ends, or earlier.
    Queued,
    /// It aborts the turn, or answers a question that shows too late.
    Harmful,
}

/// How a shell command is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShellMode {
    /// With its mark, as one text.
    Pasted,
    /// The mark is a key that opens a composer for commands; pasted, it is a character.
    OpenedByKey,
}

/// The keys that go from answer to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerKeys {
    /// To the next one.
    pub next: &'static str,
    /// To the previous one; none where the next of the last is the first.
    pub previous: Option<&'static str>,
}

/// How words are written in place of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordsField {
    /// Its number selects an answer that is the field itself.
    IsAnswer,
    /// Its number opens a field that shows the label of the answer once more.
    OpensField,
    /// Tab on the answer opens notes, with this hint.
    Notes {
        /// What shows while notes are written.
        hint: &'static str,
    },
}

/// A question that follows an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmation {
    /// The label of the answer.
    pub of: &'static str,
    /// The label of the answer to the second question that confirms it, and that is selected when that question opens.
    pub by: &'static str,
}
