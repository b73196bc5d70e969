//! Opens dialogs in the moments in which a preview is typed, again and again, and counts which of its bytes reach them:
//!
//! `cargo run -p cafleet-tests --bin race -- [OPENINGS [MULTIPLEXER]]`
//!
//! In tmux and in embedded terminals, with the scripted agent in the style of claude, which takes previews while it works. Prints the
//! rows of two tables in `docs/src/performance.md`: dialogs between the paste of a preview and its Enter, until so many have
//! come before the Enter, and dialogs between the look and the paste, for so many previews.
//!
//! What the multiplexer had read is known from its system calls: `strace` writes down in which order its server reads what
//! the agent draws and writes what is typed.

mod course;
mod trace;
mod yard;

use std::io;
use std::process::ExitCode;

use cafleet_domain::placement::MultiplexerKind;

use yard::{Moment, Opening, Yard};

/// How often a preview may be sent for each dialog that is to come before its Enter.
const MOST_TRIES: u32 = 10;

#[expect(clippy::print_stdout, reason = "the figures are for a page of the documentation")]
fn main() -> io::Result<ExitCode> {
    let wanted: u32 = std::env::args().nth(1).map_or(Ok(200), |text| text.parse().map_err(io::Error::other))?;
    let kinds = match std::env::args().nth(2) {
        Some(kind) => vec![kind.parse().map_err(io::Error::other)?],
        None => vec![MultiplexerKind::Tmux, MultiplexerKind::Pty],
    };
    let mut is_good = true;
    for kind in kinds {
        let yard = Yard::open(kind);
        let before_enter = before_enter(&yard, wanted);
        println!("before Enter: {}", before_enter.row(kind));
        let before_paste = before_paste(&yard, wanted);
        println!("before paste: {}", before_paste.row(kind));
        is_good &= before_enter.came == wanted && before_enter.entered == 0 && before_paste.pasted == 0;
    }
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What became of dialogs that came between paste and Enter.
#[derive(Default)]
struct BeforeEnter {
    previews: u32,
    /// Before the Enter, as far as the agent is concerned.
    came: u32,
    /// Of these, the multiplexer had read them, and wrote an Enter all the same.
    entered: u32,
    /// Of these, an Enter answered them that was written before the multiplexer had read them.
    answered: u32,
    /// How long after that Enter it read them, in milliseconds.
    late: Vec<f64>,
    /// How long after the paste it read those that came before the Enter.
    after_paste: Vec<f64>,
}

fn before_enter(yard: &Yard, wanted: u32) -> BeforeEnter {
    let mut found = BeforeEnter::default();
    while found.came < wanted && found.previews < wanted * MOST_TRIES {
        found.previews += 1;
        let Opening { course, is_answered, .. } = yard.open_dialog(Moment::Pasted, found.previews);
        let is_entered_into = course.is_entered_into_question();
        assert!(!is_answered || course.entered().is_some(), "an answer that no Enter gave");
        if !is_answered && !is_entered_into && course.entered().is_some() {
            continue;
        }
        found.came += 1;
        found.entered += u32::from(is_entered_into);
        found.after_paste.extend(course.question_after_paste());
        if is_answered && !is_entered_into {
            found.answered += 1;
            found.late.extend(course.question_after_enter());
        }
    }
    found
}

impl BeforeEnter {
    fn row(&self, kind: MultiplexerKind) -> String {
        let Self { previews, came, entered, answered, .. } = self;
        let (late, after) = (range(&self.late), range(&self.after_paste));
        format!("| {kind} | {previews} | {came} | {after} | {entered} | {answered} | {late} |")
    }
}

/// What became of dialogs that came between look and paste.
#[derive(Default)]
struct BeforePaste {
    previews: u32,
    /// A paste was asked for, and the condition kept it out.
    kept_out: u32,
    /// The multiplexer had read the dialog, and pasted all the same.
    pasted: u32,
    /// A paste reached the dialog that was written before the multiplexer had read it.
    reached: u32,
}

fn before_paste(yard: &Yard, previews: u32) -> BeforePaste {
    let mut found = BeforePaste { previews, ..BeforePaste::default() };
    for number in 1..=previews {
        let Opening { course, is_in_composer, .. } = yard.open_dialog(Moment::Looked, number);
        found.kept_out += u32::from(course.is_asked_to_paste() && course.pasted().is_none());
        found.pasted += u32::from(course.is_pasted_into_question());
        let is_before = course.pasted().is_some() && !course.is_pasted_into_question();
        found.reached += u32::from(is_before && course.entered().is_none() && !is_in_composer);
    }
    found
}

impl BeforePaste {
    fn row(&self, kind: MultiplexerKind) -> String {
        let Self { previews, kept_out, pasted, reached } = self;
        format!("| {kind} | {previews} | {kept_out} | {pasted} | {reached} |")
    }
}

/// Returns the least, the middle and the most of some times.
fn range(times: &[f64]) -> String {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    match (times.first(), times.get(times.len() / 2), times.last()) {
        (Some(least), Some(middle), Some(most)) => format!("{least:.1} / {middle:.1} / {most:.1}"),
        _ => "–".to_owned(),
    }
}
