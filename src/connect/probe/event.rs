//! Reads the data out of a stream of server-sent events as it comes.

/// A stream under way. Only the data of events are of use here; their names, ids and retry times
/// are left out.
#[derive(Default)]
pub(super) struct Events {
    /// The line that is not complete yet.
    line: Vec<u8>,
    /// The data of the event that is not complete yet.
    data: Vec<u8>,
    /// Whether the last byte was a carriage return, so that a line feed belongs to it.
    returned: bool,
}

impl Events {
    /// Takes the next bytes; gives the data of the events that they complete.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
        let mut complete = Vec::new();
        for &byte in bytes {
            let second = std::mem::replace(&mut self.returned, byte == b'\r') && byte == b'\n';
            match byte {
                b'\n' if second => {}
                b'\n' | b'\r' => complete.extend(self.end_of_line()),
                byte => self.line.push(byte),
            }
        }
        complete.into_iter()
    }

    /// Takes a line; gives the data of the event that it ends.
    fn end_of_line(&mut self) -> Option<Vec<u8>> {
        let line = std::mem::take(&mut self.line);
        // A stream may begin with a byte order mark, which belongs to no line.
        let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&line);
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            return (!data.is_empty()).then_some(data);
        }
        if let Some(rest) = line.strip_prefix(b"data:") {
            if !self.data.is_empty() {
                self.data.push(b'\n');
            }
            let rest = rest.strip_prefix(b" ").unwrap_or(rest);
            self.data.extend_from_slice(rest);
        }
        None
    }
}
