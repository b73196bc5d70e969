//! The part of the screen below the transcript: composer, status, dialogs, as each program draws them.
//!
//! The frames follow the "State" table of the backends specification: they are what tells an agent's state.

use std::time::Duration;

use super::style::Style;

use super::dialog::{Dialog, Topic};
use super::layout::{Look, Row, clip, width, wrap};
use super::transcript::marked;

/// The rows of the screen that are drawn anew, and where the cursor stands in them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Frame {
    /// From top to bottom.
    pub(super) rows: Vec<Row>,
    /// Row of the cursor in `rows`, from 0.
    pub(super) cursor_row: usize,
    /// Column of the cursor, from 0.
    pub(super) cursor_column: usize,
}

/// The size of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    /// Columns, at least 2.
    pub(super) columns: usize,
    /// Rows, at least 1.
    pub(super) rows: usize,
}

/// What is to be shown.
#[derive(Debug)]
pub(super) struct View<'a> {
    /// The program that the agent stands in for.
    pub(super) style: Style,
    /// Its model.
    pub(super) model: &'a str,
    /// The directory in which it works.
    pub(super) directory: &'a str,
    /// The draft.
    pub(super) draft: &'a str,
    /// The draft is a command for the shell, without its mark.
    pub(super) shell: bool,
    /// How long the turn has run; none at rest.
    pub(super) working: Option<Duration>,
    /// Submissions that wait for the end of the turn.
    pub(super) queued: &'a [String],
    /// The open question.
    pub(super) dialog: Option<&'a Dialog>,
    /// What the status line says for a moment in place of its usual words.
    pub(super) hint: Option<&'static str>,
}

impl View<'_> {
    /// Draws everything below the transcript, never higher than the screen.
    pub(super) fn frame(&self, size: Size) -> Frame {
        let mut frame = Frame::default();
        match self.dialog {
            Some(dialog) => self.draw_dialog(dialog, &mut frame, size.columns),
            None => match self.style {
                Style::Claude => self.draw_claude(&mut frame, size),
                Style::Codex => self.draw_codex(&mut frame, size),
                Style::Opencode => self.draw_opencode(&mut frame, size),
            },
        }
        let hidden = frame.rows.len().saturating_sub(size.rows);
        frame.rows.drain(..hidden);
        frame.cursor_row = frame.cursor_row.saturating_sub(hidden);
        frame.rows = frame.rows.into_iter().map(|row| row.clipped(size.columns)).collect();
        frame.cursor_column = frame.cursor_column.min(size.columns - 1);
        frame
    }

    fn draw_claude(&self, frame: &mut Frame, size: Size) {
        if self.working.is_some() {
            frame.push(Row::plain("✻ Working… (esc to interrupt)"));
            frame.push(Row::default());
        }
        self.draw_queue(frame, size.columns);
        let rule = "─".repeat(size.columns);
        let above = frame.rows.len();
        frame.push(Row::new(Look::Dim, rule.as_str()));
        let hidden = self.draw_draft(frame, ("❯ ", "  "), "Try \"how does <filepath> work?\"", size);
        if hidden > 0 {
            let words = format!("──── ↑ {hidden} more ");
            let rest = "─".repeat(size.columns.saturating_sub(width(&words)));
            frame.rows[above] = Row::new(Look::Dim, words + &rest);
        }
        frame.push(Row::new(Look::Dim, rule));
        let status = match (self.hint, self.working) {
            (Some(hint), _) => hint,
            (None, Some(_)) => "⏵⏵ don't ask on · esc to interrupt",
            (None, None) => "⏵⏵ don't ask on (shift+tab to cycle)",
        };
        frame.push(Row::new(Look::Dim, format!("  {status}")));
    }

    fn draw_codex(&self, frame: &mut Frame, size: Size) {
        if let Some(passed) = self.working {
            frame.push(Row::plain(format!("• Working ({}s • esc to interrupt)", passed.as_secs())));
            frame.push(Row::default());
        } else {
            frame.push(Row::new(Look::Dim, "  Worked for 1s"));
        }
        self.draw_queue(frame, size.columns);
        frame.push(Row::default());
        self.draw_draft(frame, ("› ", "  "), "Ask Codex to do anything", size);
        frame.push(Row::default());
        let status = format!("  {} · {}", self.model, self.directory);
        frame.push(Row::new(Look::Dim, self.hint.map_or(status, |hint| format!("  {hint}"))));
    }

    fn draw_opencode(&self, frame: &mut Frame, size: Size) {
        self.draw_queue(frame, size.columns);
        // a narrow pane has no room for it
        if self.working.is_none() && size.columns >= 40 {
            frame.push(Row::new(Look::Dim, format!("     ▣  Cafleet · {} · 1s", self.model)));
            frame.push(Row::default());
        }
        frame.push(Row::plain("  ┃"));
        let (placeholder, words) = match self.shell {
            true => ("Run a command… \"ls -la\"", "Shell".to_owned()),
            false => ("Ask anything… \"Fix broken tests\"", format!("Cafleet · {}", self.model)),
        };
        // the box has a margin at its right, and so has the text in it
        let inside = Size { columns: size.columns.saturating_sub(3), ..size };
        self.draw_draft(frame, ("  ┃  ", "  ┃  "), placeholder, inside);
        frame.push(Row::plain("  ┃"));
        frame.push(Row::plain(format!("  ┃  {words}")));
        frame.push(Row::plain(format!("  ╹{}", "▀".repeat(size.columns.saturating_sub(5)))));
        let (left, right) = match (self.hint, self.working) {
            (Some(hint), _) => (hint, ""),
            (None, Some(_)) => ("⬝⬝■■■■⬝⬝  esc interrupt", "ctrl+p commands"),
            (None, None) => ("", "ctrl+p commands"),
        };
        let gap = size.columns.saturating_sub(5 + width(left) + width(right)).max(2);
        frame.push(Row::new(Look::Dim, format!("   {left}{}{right}", " ".repeat(gap))));
    }

    fn draw_queue(&self, frame: &mut Frame, columns: usize) {
        for text in self.queued {
            let line = cafleet_domain::text::one_line(text);
            frame.push(Row::new(Look::Dim, format!("  ⎿ queued: {}", clip(&line, columns.saturating_sub(14)))));
        }
    }

    /// Draws the draft, or the placeholder when there is none, and puts the cursor behind it. Returns how many rows of
    /// a long draft are out of view.
    fn draw_draft(&self, frame: &mut Frame, marks: (&str, &str), placeholder: &str, size: Size) -> usize {
        let indent = width(marks.0);
        if self.draft.is_empty() {
            frame.cursor_row = frame.rows.len();
            frame.cursor_column = indent;
            let room = size.columns.saturating_sub(indent + 1);
            let placeholder = (Look::Dim, clip(placeholder, room).to_owned());
            frame.push(Row(vec![(Look::Plain, marks.0.to_owned()), placeholder]));
            return 0;
        }
        let rows = marked(self.draft, marks, Look::Plain, size.columns);
        // the end of a long draft stays in view, where the cursor is
        let hidden = rows.len().saturating_sub(size.rows.saturating_sub(8).max(1));
        frame.rows.extend(rows.into_iter().skip(hidden));
        frame.cursor_row = frame.rows.len() - 1;
        let last = wrap(self.draft, size.columns.saturating_sub(indent + 1)).pop().unwrap_or_default();
        frame.cursor_column = indent + width(&last);
        hidden
    }

    fn draw_dialog(&self, dialog: &Dialog, frame: &mut Frame, columns: usize) {
        let words = words(self.style, dialog.topic);
        let bar = if self.style == Style::Opencode { "  ┃ " } else { "" };
        let text = |text: &str| Row::plain(format!("{bar}{text}"));
        if self.style == Style::Claude {
            frame.push(Row::plain("─".repeat(columns)));
        }
        for line in words.head {
            frame.push(text(line));
        }
        if self.style == Style::Opencode {
            let before = dialog.choices[..dialog.selected].iter().map(|choice| width(choice) + 3).sum::<usize>();
            frame.cursor_row = frame.rows.len();
            frame.cursor_column = width(bar) + 1 + before;
            let mut row = vec![(Look::Plain, format!("{bar} "))];
            for (index, choice) in dialog.choices.iter().enumerate() {
                let look = if index == dialog.selected { Look::Chosen } else { Look::Plain };
                row.extend([(look, (*choice).to_owned()), (Look::Dim, "   ".to_owned())]);
            }
            frame.push(Row(row));
        } else {
            for (index, choice) in dialog.choices.iter().enumerate() {
                let chosen = index == dialog.selected && dialog.free_text.is_none();
                let mark = if chosen { words.mark } else { "  " };
                if chosen {
                    frame.cursor_row = frame.rows.len();
                }
                frame.push(text(&format!("{}{mark}{}. {choice}", words.indent, index + 1)));
            }
        }
        let free_text = dialog.free_text.as_deref();
        if self.style == Style::Claude && dialog.topic == Topic::Permission || free_text.is_some() {
            let own = free_text.filter(|own| !own.is_empty()).unwrap_or("Type something.");
            let line = format!("{}{}4. {own}", words.indent, if free_text.is_some() { words.mark } else { "  " });
            if free_text.is_some() {
                frame.cursor_row = frame.rows.len();
                frame.cursor_column = width(bar) + width(&line);
            }
            frame.push(text(&line));
        }
        for line in words.foot {
            frame.push(text(line));
        }
    }
}

impl Frame {
    fn push(&mut self, row: Row) {
        self.rows.push(row);
    }
}

/// The words of a dialog, around its choices.
struct Words {
    head: &'static [&'static str],
    foot: &'static [&'static str],
    mark: &'static str,
    indent: &'static str,
}

fn words(style: Style, topic: Topic) -> Words {
    let (head, foot): (&[_], &[_]) = match (style, topic) {
        (_, Topic::Exit) => (
            &[" Background work is running", "", " background process is running, exit anyway?"],
            &["", " Esc to cancel"],
        ),
        (Style::Claude, Topic::Permission) => (
            &[" Bash command", "", "   make deploy", "   Deploy the demo", "", " Do you want to proceed?"],
            &["", " Esc to cancel · Tab to amend"],
        ),
        (Style::Codex, Topic::Permission) => (
            &["", "  Would you like to run the following command?", "", "  $ make deploy", ""],
            &["", "  Press enter to confirm or esc to cancel"],
        ),
        (Style::Opencode, Topic::Permission) => (
            &[" △ Permission required", "   # Deploy the demo", "", "   $ make deploy", ""],
            &["", " ⇆ select  enter confirm"],
        ),
    };
    let (mark, indent) = match style {
        Style::Claude => ("❯ ", " "),
        Style::Codex => ("› ", ""),
        Style::Opencode => ("> ", " "),
    };
    Words { head, foot, mark, indent }
}
