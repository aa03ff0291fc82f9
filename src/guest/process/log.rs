//! A process's log: bytes in, bounded lines with their times out.

use super::LogLine;
use crate::sim::SimTime;

/// Bytes of one line that are kept. CloudWatch Logs took events of 256 KB for most of its life (1 MB since 2025).
pub const MAX_LINE_BYTES: usize = 256 * 1024;

/// Bytes of log that one phase may write, each line counted with [`LINE_OVERHEAD`]. What exceeds it is left out, so that
/// a function that does nothing but print cannot fill the visitor's memory.
pub const MAX_PHASE_BYTES: usize = 1024 * 1024;

/// What a line counts besides its text: about what keeping it costs. CloudWatch Logs adds 26 bytes per event itself.
pub const LINE_OVERHEAD: usize = 26;

/// Marks lines that the simulator wrote, not the function.
pub const NOTE: &str = "[playground] ";

/// Where log bytes come from. Each stream's lines are put together separately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// File descriptor 1.
    Output,
    /// File descriptor 2.
    Error,
}

/// The log of one process.
#[derive(Debug, Default)]
pub struct LogBook {
    lines: Vec<LogLine>,
    /// Unfinished lines, by [`Stream`].
    output: Partial,
    error: Partial,
    /// Of the phase.
    bytes: usize,
    full: bool,
}

#[derive(Debug, Default)]
struct Partial {
    text: Vec<u8>,
    /// Bytes that were left out.
    cut: usize,
}

impl Partial {
    fn push(&mut self, bytes: &[u8]) {
        let room = MAX_LINE_BYTES - self.text.len().min(MAX_LINE_BYTES);
        let (kept, cut) = bytes.split_at(bytes.len().min(room));
        self.text.extend_from_slice(kept);
        self.cut = self.cut.saturating_add(cut.len());
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

impl LogBook {
    /// Appends bytes of a stream; every `\n` completes a line.
    pub fn write(&mut self, stream: Stream, bytes: &[u8], at: SimTime) {
        let mut pieces = bytes.split(|&byte| byte == b'\n');
        // The last piece has no line end yet. `split` gives at least one piece.
        let unfinished = pieces.next_back().unwrap_or_default();
        for piece in pieces {
            self.partial(stream).push(piece);
            self.complete(stream, at);
        }
        if !self.full {
            self.partial(stream).push(unfinished);
        }
    }

    /// Writes a whole text; it may have several lines.
    pub fn line(&mut self, text: &[u8], at: SimTime) {
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        for line in text.split(|&byte| byte == b'\n') {
            let mut whole = Partial::default();
            whole.push(line);
            self.keep(whole, at);
        }
    }

    /// Writes a line in the simulator's own name. Kept even when the log is full: there are few of them.
    pub fn note(&mut self, text: &str, at: SimTime) {
        self.lines.push(LogLine {
            at,
            text: format!("{NOTE}{text}"),
        });
    }

    /// Ends the phase: unfinished lines count as complete at `at`. Gives the phase's lines and starts anew.
    pub fn finish(&mut self, at: SimTime) -> Vec<LogLine> {
        for stream in [Stream::Output, Stream::Error] {
            if !self.partial(stream).is_empty() {
                self.complete(stream, at);
            }
        }
        self.bytes = 0;
        self.full = false;
        std::mem::take(&mut self.lines)
    }

    fn partial(&mut self, stream: Stream) -> &mut Partial {
        match stream {
            Stream::Output => &mut self.output,
            Stream::Error => &mut self.error,
        }
    }

    fn complete(&mut self, stream: Stream, at: SimTime) {
        let line = std::mem::take(self.partial(stream));
        self.keep(line, at);
    }

    fn keep(&mut self, line: Partial, at: SimTime) {
        if self.full {
            return;
        }
        self.bytes += line.text.len() + LINE_OVERHEAD;
        if self.bytes > MAX_PHASE_BYTES {
            self.full = true;
            self.note(
                &format!("the log is full at {MAX_PHASE_BYTES} bytes: further lines of this phase are left out"),
                at,
            );
            return;
        }
        let text = if line.cut == 0 {
            String::from_utf8_lossy(&line.text)
        } else {
            String::from_utf8_lossy(whole_characters(&line.text))
        };
        self.lines.push(LogLine {
            at,
            text: text.into_owned(),
        });
        if line.cut > 0 {
            let cut = line.cut;
            self.note(
                &format!(
                    "the line above was cut at {MAX_LINE_BYTES} bytes: {cut} more were left out"
                ),
                at,
            );
        }
    }
}

/// `text` without a character that was cut in two at its end.
fn whole_characters(text: &[u8]) -> &[u8] {
    match std::str::from_utf8(text) {
        // No error length: the input ended in the middle of a character.
        Err(error) if error.error_len().is_none() => {
            text.get(..error.valid_up_to()).unwrap_or(text)
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: u64) -> SimTime {
        SimTime::from_nanos(nanos)
    }

    fn texts(lines: &[LogLine]) -> Vec<(u64, &str)> {
        lines
            .iter()
            .map(|line| (line.at.as_nanos(), line.text.as_str()))
            .collect()
    }

    #[test]
    fn a_line_is_complete_at_its_end_or_the_end_of_the_phase() {
        let mut book = LogBook::default();
        book.write(Stream::Error, b"one\ntw", at(1));
        book.write(Stream::Error, b"o\n\nthree", at(2));
        let lines = book.finish(at(3));
        assert_eq!(
            texts(&lines),
            [(1, "one"), (2, "two"), (2, ""), (3, "three")]
        );
        assert_eq!(book.finish(at(4)), [], "nothing is said twice");
    }

    #[test]
    fn streams_do_not_mix_within_a_line() {
        let mut book = LogBook::default();
        book.write(Stream::Output, b"out", at(1));
        book.write(Stream::Error, b"err\n", at(2));
        book.write(Stream::Output, b"put\n", at(3));
        book.line(b"whole\n", at(4));
        let lines = book.finish(at(5));
        assert_eq!(texts(&lines), [(2, "err"), (3, "output"), (4, "whole")]);
    }

    #[test]
    fn a_character_in_two_writes_is_one_character() {
        let mut book = LogBook::default();
        book.write(Stream::Output, &"ü".as_bytes()[..1], at(1));
        book.write(Stream::Output, &"ü\n".as_bytes()[1..], at(2));
        book.write(Stream::Output, b"\xff!\n", at(3));
        assert_eq!(texts(&book.finish(at(4))), [(2, "ü"), (3, "\u{fffd}!")]);
    }

    #[test]
    fn long_lines_are_cut_and_say_so() {
        let mut book = LogBook::default();
        let text = "é".repeat(MAX_LINE_BYTES / 2 + 5);
        book.write(Stream::Output, b"-", at(1));
        book.write(Stream::Output, text.as_bytes(), at(1));
        book.write(Stream::Output, b"\nshort\n", at(2));
        let lines = book.finish(at(3));
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0].text.len(), MAX_LINE_BYTES - 1, "no half character");
        assert_eq!(
            lines[1].text,
            "[playground] the line above was cut at 262144 bytes: 11 more were left out"
        );
        assert_eq!(lines[2].text, "short");
    }

    #[test]
    fn a_phase_cannot_write_without_end() {
        let mut book = LogBook::default();
        for _ in 0..100_000 {
            book.write(Stream::Error, b"\n", at(1));
        }
        let lines = book.finish(at(2));
        assert_eq!(lines.len(), MAX_PHASE_BYTES / LINE_OVERHEAD + 1);
        assert!(lines.last().is_some_and(|line| line.text.starts_with(NOTE)));
        book.line(b"the next phase", at(3));
        assert_eq!(texts(&book.finish(at(4))), [(3, "the next phase")]);
    }
}
