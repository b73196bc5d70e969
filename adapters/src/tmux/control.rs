//! A client in control mode (tmux(1), "CONTROL MODE"): commands go in on lines, answers and notifications come out on lines.

use std::io;
use std::process::Stdio;

use cafleet_domain::ports::MultiplexerError;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::arguments;

/// A line of a control client. Output is of the pane that is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// What the pane's program has drawn.
    Output(Vec<u8>),
    /// Output of the pane was left out, since it was not read in time.
    Paused,
    /// The answer to a command; none when it failed.
    Answer(Option<Vec<String>>),
    /// Something that may have changed the pane's size, or ended it.
    Changed,
    /// The client has ended.
    Exit,
}

/// A running client. It ends when it is dropped.
pub(super) struct Control {
    _child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    pane: String,
    /// What has come of a line that is not whole yet.
    line: Vec<u8>,
    /// The answer that is being read: its marks, and its lines so far.
    answer: Option<(Vec<u8>, Vec<String>)>,
}

impl Control {
    /// Attaches to a session, without a say in the size of its windows.
    pub(super) fn attach(program: &str, socket: &str, session: &str, pane: &str) -> Result<Self, MultiplexerError> {
        let flags = "ignore-size,pause-after=2";
        // -E: the session keeps its environment
        let words = ["-C", "attach-session", "-E", "-f", flags, "-t", session];
        let mut command = Command::new(program);
        command.args(arguments::with(arguments::client(socket), words));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        // inside of tmux it would refuse to attach
        command.env_remove("TMUX").kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => MultiplexerError::Missing(program.to_owned()),
            _ => failed(&error),
        })?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(to), Some(from)) => {
                let (from, pane) = (BufReader::new(from), pane.to_owned());
                Ok(Self { _child: child, to, from, pane, line: Vec::new(), answer: None })
            }
            _ => Err(MultiplexerError::Failed("tmux: its pipes are missing".to_owned())),
        }
    }

    /// Gives a command, which holds no line break. Each of the commands that it is made of is answered on its own.
    pub(super) async fn command(&mut self, command: &str) -> Result<(), MultiplexerError> {
        self.to.write_all(format!("{command}\n").as_bytes()).await.map_err(|error| failed(&error))
    }

    /// Waits for the next line that means something here. May be dropped while it waits: nothing is lost.
    pub(super) async fn next(&mut self) -> Result<Line, MultiplexerError> {
        loop {
            let Some(line) = self.read().await? else { return Ok(Line::Exit) };
            match &mut self.answer {
                // the end repeats what stands behind `%begin`
                Some((block, rows)) => {
                    let is_end = |name: &[u8]| line.strip_prefix(name) == Some(block);
                    if is_end(b"%end ") {
                        let rows = std::mem::take(rows);
                        self.answer = None;
                        return Ok(Line::Answer(Some(rows)));
                    }
                    if is_end(b"%error ") {
                        self.answer = None;
                        return Ok(Line::Answer(None));
                    }
                    rows.push(String::from_utf8_lossy(&line).into_owned());
                }
                None => match line.strip_prefix(b"%begin ") {
                    Some(block) => self.answer = Some((block.to_vec(), Vec::new())),
                    None => {
                        if let Some(line) = notification(&line, &self.pane) {
                            return Ok(line);
                        }
                    }
                },
            }
        }
    }

    async fn read(&mut self) -> Result<Option<Vec<u8>>, MultiplexerError> {
        self.from.read_until(b'\n', &mut self.line).await.map_err(|error| failed(&error))?;
        let mut line = std::mem::take(&mut self.line);
        Ok((line.pop() == Some(b'\n')).then_some(line))
    }
}

/// Reads a notification; none when it is about nothing here.
fn notification(line: &[u8], pane: &str) -> Option<Line> {
    let end = line.iter().position(|&byte| byte == b' ').unwrap_or(line.len());
    let (name, rest) = (&line[..end], line.get(end + 1..).unwrap_or_default());
    let of_pane = rest.strip_prefix(pane.as_bytes()).filter(|rest| matches!(rest.first(), None | Some(b' ')));
    match name {
        b"%output" => of_pane.map(|data| Line::Output(unescaped(&data[1..]))),
        // its age stands before the data
        b"%extended-output" => {
            let data = of_pane?;
            let start = data.windows(3).position(|window| window == b" : ")?;
            Some(Line::Output(unescaped(&data[start + 3..])))
        }
        b"%pause" => of_pane.map(|_| Line::Paused),
        b"%layout-change" | b"%window-close" | b"%unlinked-window-close" | b"%session-changed" => Some(Line::Changed),
        b"%exit" => Some(Line::Exit),
        _ => None,
    }
}

/// Returns the bytes of output: controls and backslashes are written as three octal digits.
fn unescaped(data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(data.len());
    let mut rest = data;
    while let Some((&byte, after)) = rest.split_first() {
        let octal = after.get(..3).filter(|_| byte == b'\\');
        let code = octal.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        bytes.push(code.unwrap_or(byte));
        rest = if code.is_some() { &after[3..] } else { after };
    }
    bytes
}

fn failed(error: &io::Error) -> MultiplexerError {
    MultiplexerError::Failed(format!("the connection to tmux broke off: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_unescaped_and_of_one_pane() {
        let line = |text: &str| notification(text.as_bytes(), "%1");
        let output = |text: &str| Some(Line::Output(text.as_bytes().to_vec()));
        assert_eq!(line(r"%output %1 a\015\012\033[1mb\134c é"), output("a\r\n\u{1b}[1mb\\c é"));
        assert_eq!(line(r"%extended-output %1 12 : a : \033b"), output("a : \u{1b}b"));
        assert_eq!(line("%output %12 a"), None);
        assert_eq!(line(r"%output %1 a\9"), output(r"a\9"));
        assert_eq!(line("%pause %1"), Some(Line::Paused));
        assert_eq!(line("%layout-change @1 x"), Some(Line::Changed));
        assert_eq!(line("%exit"), Some(Line::Exit));
        assert_eq!(line("%sessions-changed"), None);
    }
}
