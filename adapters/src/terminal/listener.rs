//! What the model tells while it reads.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use alacritty_terminal::event::{Event, EventListener, WindowSize};
use alacritty_terminal::term::color::Colors;
use alacritty_terminal::vte::ansi::Rgb;

use super::Size;

/// The most that one piece of output is answered.
const MOST_ANSWERS: usize = 64 * 1024;

/// The size of a character in pixels, for programs that ask: there is no font to measure.
const CELL: (u16, u16) = (8, 16);

/// The sixteen colours of xterm.
const PALETTE: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

enum Answer {
    Ready(Vec<u8>),
    Colour(usize, Arc<dyn Fn(Rgb) -> String + Sync + Send>),
    Size(Arc<dyn Fn(WindowSize) -> String + Sync + Send>),
}

#[derive(Default)]
struct Told {
    answers: Vec<Answer>,
    title: String,
    bell: bool,
}

/// Keeps answers in the order of the questions, and the title; copies share them.
#[derive(Clone, Default)]
pub(super) struct Listener(Arc<Mutex<Told>>);

impl EventListener for Listener {
    fn send_event(&self, event: Event) {
        let mut told = self.told();
        match event {
            Event::PtyWrite(text) => told.answers.push(Answer::Ready(text.into_bytes())),
            Event::ColorRequest(index, format) => told.answers.push(Answer::Colour(index, format)),
            Event::TextAreaSizeRequest(format) => told.answers.push(Answer::Size(format)),
            Event::Title(title) => told.title = title,
            Event::ResetTitle => told.title.clear(),
            Event::Bell => told.bell = true,
            _ => {}
        }
    }
}

impl Listener {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn answer(&self, answer: Vec<u8>) {
        self.told().answers.push(Answer::Ready(answer));
    }

    pub(super) fn title(&self) -> String {
        self.told().title.clone()
    }

    /// Tells whether the bell has rung since this was asked.
    pub(super) fn take_bell(&self) -> bool {
        std::mem::take(&mut self.told().bell)
    }

    pub(super) fn take_answers(&self, size: Size, colours: &Colors) -> Vec<u8> {
        let answers = std::mem::take(&mut self.told().answers);
        let window =
            WindowSize { num_lines: size.rows, num_cols: size.columns, cell_width: CELL.0, cell_height: CELL.1 };
        let mut bytes = Vec::new();
        for answer in answers {
            let answer = match answer {
                Answer::Ready(answer) => answer,
                Answer::Colour(index, format) => format(colours[index].unwrap_or_else(|| default(index))).into_bytes(),
                Answer::Size(format) => format(window).into_bytes(),
            };
            if bytes.len() + answer.len() <= MOST_ANSWERS {
                bytes.extend(answer);
            }
        }
        bytes
    }
}

/// Returns the colour of an index that no program has changed: the 256 of xterm, then light on dark.
fn default(index: usize) -> Rgb {
    let level = |step: usize| if step == 0 { 0 } else { u8::try_from(55 + 40 * step).unwrap_or(u8::MAX) };
    let (r, g, b) = match index {
        0..=15 => PALETTE[index],
        16..=231 => (level((index - 16) / 36), level((index - 16) / 6 % 6), level((index - 16) % 6)),
        232..=255 => {
            let grey = u8::try_from(8 + 10 * (index - 232)).unwrap_or(u8::MAX);
            (grey, grey, grey)
        }
        // the background; all else is drawn in the colour of characters
        257 => (0, 0, 0),
        _ => (229, 229, 229),
    };
    Rgb { r, g, b }
}
