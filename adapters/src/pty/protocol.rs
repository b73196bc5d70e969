//! What client and daemon say to each other: one JSON object on each line, and frames once a pane is watched.

use std::io;

use cafleet_domain::ports::{Front, PaneView, TypingCondition};
use cafleet_domain::screen::{Row, Screen, Span};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The version of everything in this file but [`Hello`], [`Request::Stop`] and [`Request::Upgrade`], which never change.
pub(super) const PROTOCOL: u32 = 4;

/// The version of what a daemon hands to the one that takes over.
pub(super) const HANDOVER: u32 = 1;

/// The longest line: 2 MiB of arguments, each byte of which may take six in JSON.
const LONGEST_LINE: u64 = 16 * 1024 * 1024;

/// The longest frame: the largest pane, each cell of which looks otherwise than the last one.
const LONGEST_FRAME: u32 = 64 * 1024 * 1024;

/// How many bytes stand before the content of a frame.
const HEAD: usize = 5;

/// The first line, both ways.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hello {
    pub(super) protocol: u32,
    /// The version of the program.
    pub(super) build: String,
    /// The process that speaks.
    pub(super) pid: u32,
    /// When the daemon started, in seconds since the epoch; 0 from a client.
    #[serde(default)]
    pub(super) started: i64,
    /// How often the daemon was upgraded.
    #[serde(default)]
    pub(super) generation: u32,
}

impl Hello {
    pub(super) fn new(started: i64, generation: u32) -> Self {
        let build = env!("CARGO_PKG_VERSION").to_owned();
        Self { protocol: PROTOCOL, build, pid: std::process::id(), started, generation }
    }
}

/// A pane of this daemon: its name, and the process that proves that it is still the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PaneKey {
    pub(super) id: String,
    pub(super) pid: u32,
}

/// What to open a pane with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Opening {
    /// The pane that must be there.
    pub(super) beside: Option<PaneKey>,
    pub(super) argv: Vec<String>,
    pub(super) directory: String,
    pub(super) tag: String,
    /// The whole environment of the program, but for what the daemon adds.
    pub(super) environment: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Request {
    Open(Opening),
    Look(PaneKey),
    Capture {
        pane: PaneKey,
        lines: u32,
        ansi: bool,
    },
    /// Types a text while `front` is the foreground process group and the condition holds.
    Paste {
        pane: PaneKey,
        front: u32,
        condition: Condition,
        text: String,
    },
    /// Presses Enter while `front` is the foreground process group and the condition of the port holds.
    Submit {
        pane: PaneKey,
        front: u32,
        mark: String,
        cursor_below: Option<i32>,
        cursor_column: Option<usize>,
        present: Vec<String>,
        absent: Vec<String>,
        untouched: bool,
    },
    /// As [`Request::Paste`], character by character.
    TypeKeys {
        pane: PaneKey,
        front: u32,
        condition: Condition,
        text: String,
    },
    Kill(PaneKey),
    /// Answers `Done` when the pane is there.
    Touch(PaneKey),
    List,
    /// Turns the connection into a stream of frames; `writable` with the size of the viewer, which the pane takes,
    /// `may_type` also without one.
    Watch {
        pane: PaneKey,
        writable: Option<(u16, u16)>,
        #[serde(default)]
        may_type: bool,
        /// The viewer understands [`Frame::History`].
        #[serde(default)]
        history: bool,
    },
    /// Ends every pane and the daemon.
    Stop,
    /// Becomes `program`, with all panes.
    Upgrade {
        program: String,
        handover: u32,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    Done,
    Gone,
    /// The daemon has as many clients as it takes. Older clients do not know it, and fail.
    Busy,
    Opened(PaneEntry),
    Seen(View),
    Captured(String),
    /// Whether the condition held, and so it was typed.
    Pressed(bool),
    Panes(Vec<PaneEntry>),
    NotReading,
    Failed(String),
}

/// A [`TypingCondition`] on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Condition {
    cursor: Option<(usize, usize)>,
    present: Vec<String>,
    absent: Vec<String>,
    untouched: bool,
}

impl From<TypingCondition> for Condition {
    fn from(TypingCondition { cursor, present, absent, untouched }: TypingCondition) -> Self {
        Self { cursor, present, absent, untouched }
    }
}

impl From<Condition> for TypingCondition {
    fn from(Condition { cursor, present, absent, untouched }: Condition) -> Self {
        Self { cursor, present, absent, untouched }
    }
}

/// A pane in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PaneEntry {
    pub(super) key: PaneKey,
    pub(super) tag: String,
    /// The program that it was opened with.
    pub(super) program: String,
    pub(super) columns: u16,
    pub(super) rows: u16,
    pub(super) viewers: usize,
}

/// Text, dim, reverse and foreground of a span.
type SpanParts = (String, bool, bool, Option<String>);

/// A [`PaneView`] on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct View {
    rows: Vec<Vec<SpanParts>>,
    width: usize,
    cursor: (usize, usize),
    title: String,
    command: String,
}

impl View {
    pub(super) fn new(screen: Screen, command: String) -> Self {
        let span = |span: Span| (span.text, span.dim, span.reverse, span.foreground);
        Self {
            rows: screen.rows.into_iter().map(|row| row.spans.into_iter().map(span).collect()).collect(),
            width: screen.width,
            cursor: (screen.cursor_column, screen.cursor_row),
            title: screen.title,
            command,
        }
    }
}

impl From<View> for PaneView {
    fn from(view: View) -> Self {
        let span = |(text, dim, reverse, foreground)| Span { text, dim, reverse, foreground };
        let screen = Screen {
            rows: view.rows.into_iter().map(|row| Row { spans: row.into_iter().map(span).collect() }).collect(),
            width: view.width,
            cursor_column: view.cursor.0,
            cursor_row: view.cursor.1,
            title: view.title,
        };
        Self { screen, front: Front { command: view.command, ..Front::default() }, ..Self::default() }
    }
}

/// Writes one object and its line feed.
pub(super) async fn write_line(to: &mut (impl AsyncWrite + Unpin), value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    to.write_all(&line).await
}

/// Reads one object; none at the end.
pub(super) async fn read_line<T: DeserializeOwned>(from: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<T>> {
    let mut line = Vec::new();
    from.take(LONGEST_LINE).read_until(b'\n', &mut line).await?;
    match line.last() {
        None => Ok(None),
        Some(b'\n') => Ok(Some(serde_json::from_slice(&line)?)),
        Some(_) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a line without an end")),
    }
}

/// What goes over the wire while a pane is watched: one byte that tells the kind, four of length, and the content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Frame {
    /// To the viewer: what the next snapshot has above its screen.
    History(Vec<u8>),
    /// To the viewer: the size, and what draws the screen from nothing.
    Snapshot(u16, u16, Vec<u8>),
    /// To the viewer: what the program has drawn since. To the daemon: what the viewer types.
    Bytes(Vec<u8>),
    /// To the viewer: the new title. To the daemon it means nothing.
    Title(String),
    /// To the viewer: the pane is gone, and how its program ended. To the daemon it means nothing.
    End(String),
    /// To the daemon: the viewer's size. To the viewer it means nothing.
    Resize(u16, u16),
}

impl Frame {
    pub(super) async fn write(self, to: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        let size = |columns: u16, rows: u16| [columns.to_be_bytes(), rows.to_be_bytes()].concat();
        let (kind, content) = match self {
            Self::History(bytes) => (b'H', bytes),
            Self::Snapshot(columns, rows, bytes) => (b'S', [size(columns, rows), bytes].concat()),
            Self::Bytes(bytes) => (b'B', bytes),
            Self::Title(title) => (b'T', title.into_bytes()),
            Self::End(how) => (b'E', how.into_bytes()),
            Self::Resize(columns, rows) => (b'R', size(columns, rows)),
        };
        let length = u32::try_from(content.len()).map_err(io::Error::other)?;
        let mut frame = vec![kind];
        frame.extend(length.to_be_bytes());
        frame.extend(content);
        to.write_all(&frame).await
    }

    /// Reads a frame; none at the end.
    pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Self>> {
        let mut buffer = vec![0; HEAD];
        match from.read_exact(&mut buffer).await {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        };
        buffer.resize(HEAD + length(&buffer)?, 0);
        from.read_exact(&mut buffer[HEAD..]).await?;
        Self::take(&mut buffer)
    }

    /// Takes a frame from the front of what was read; none when it is not whole yet.
    pub(super) fn take(buffer: &mut Vec<u8>) -> io::Result<Option<Self>> {
        if buffer.len() < HEAD || buffer.len() < HEAD + length(buffer)? {
            return Ok(None);
        }
        let (kind, end) = (buffer[0], HEAD + length(buffer)?);
        let content = buffer.drain(..end).skip(HEAD).collect();
        Self::parse(kind, content).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not a frame")).map(Some)
    }

    fn parse(kind: u8, content: Vec<u8>) -> Option<Self> {
        let size = |content: &[u8]| {
            let [a, b, c, d] = *content.first_chunk()?;
            Some((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
        };
        let text = |content| String::from_utf8(content).ok();
        match kind {
            b'H' => Some(Self::History(content)),
            b'S' => size(&content).map(|(columns, rows)| Self::Snapshot(columns, rows, content[4..].to_vec())),
            b'B' => Some(Self::Bytes(content)),
            b'T' => text(content).map(Self::Title),
            b'E' => text(content).map(Self::End),
            b'R' => size(&content).map(|(columns, rows)| Self::Resize(columns, rows)),
            _ => None,
        }
    }
}

/// Returns the length of a frame's content, which its head tells.
fn length(frame: &[u8]) -> io::Result<usize> {
    let length = frame[1..].first_chunk().map_or(u32::MAX, |bytes| u32::from_be_bytes(*bytes));
    if length > LONGEST_FRAME {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a frame is too long"));
    }
    usize::try_from(length).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn frames_survive_the_wire() {
        let frames = [
            Frame::History(b"above".to_vec()),
            Frame::Snapshot(120, 40, b"\x1b[2J".to_vec()),
            Frame::Bytes(Vec::new()),
            Frame::Title("日本".to_owned()),
            Frame::End("ended".to_owned()),
            Frame::Resize(1, 65_535),
        ];
        let mut wire = Vec::new();
        for frame in frames.clone() {
            frame.write(&mut wire).await.expect("a vector takes it");
        }
        let mut rest = wire.as_slice();
        for frame in frames {
            assert_eq!(Frame::read(&mut rest).await.expect("a frame"), Some(frame));
        }
        assert_eq!(Frame::read(&mut rest).await.expect("an end"), None);
    }

    #[tokio::test]
    async fn what_is_no_frame_is_refused_before_it_is_kept() {
        for bad in [&b"X\0\0\0\0"[..], b"S\0\0\0\x01x", b"B\xff\xff\xff\xff", b"T\0\0\0\x01\xff"] {
            assert!(Frame::read(&mut &*bad).await.is_err(), "{bad:?}");
        }
    }

    #[tokio::test]
    async fn a_line_is_an_object_or_an_error() {
        let mut wire = Vec::new();
        write_line(&mut wire, &Request::List).await.expect("a vector takes it");
        assert_eq!(wire, b"\"list\"\n");
        assert_eq!(read_line::<Request>(&mut wire.as_slice()).await.expect("a line"), Some(Request::List));
        assert!(read_line::<Request>(&mut &b"\"list\""[..]).await.is_err());
        assert!(read_line::<Request>(&mut &b"{}\n"[..]).await.is_err());
        assert_eq!(read_line::<Request>(&mut &b""[..]).await.expect("an end"), None);
    }
}
