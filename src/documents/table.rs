//! Tables for spreadsheets, written row by row into a temporary file, so that only a part of them is ever in memory. The file
//! has no name: it is gone once it is closed, whatever happens.

use std::{fs::File, io};

use time::{Date, OffsetDateTime, PrimitiveDateTime};

use crate::domain::{Cents, Zone};

/// A cell with its type, which a spreadsheet keeps as far as the file's format knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A text, which is never a formula or a number.
    Text(String),
    /// A number of things.
    Number(i64),
    /// An amount of money.
    Amount(Cents),
    /// A day.
    Day(Date),
    /// A day and a time, as clocks show it at the conference.
    Moment(PrimitiveDateTime),
}

impl Cell {
    /// Returns a text, or nothing if it is empty.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    /// Returns an instant as clocks show it in this zone.
    pub fn moment(zone: &Zone, at: OffsetDateTime) -> Self {
        let local = zone.local(at);
        Self::Moment(PrimitiveDateTime::new(local.date(), local.time()))
    }
}

/// What the cells of a column are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Short texts, numbers and times.
    Plain,
    /// Texts that look like numbers and are none, such as telephone numbers. They stay texts when somebody edits them.
    Code,
    /// Texts of several lines.
    Lines,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name.
    pub heading: String,
    /// Its width, in characters.
    pub width: u8,
    /// What its cells are like.
    pub kind: Kind,
}

impl Column {
    /// Returns a column of short texts, numbers or times.
    pub fn plain(heading: impl Into<String>, width: u8) -> Self {
        Self { heading: heading.into(), width, kind: Kind::Plain }
    }

    /// Returns a column of this kind.
    pub fn of(kind: Kind, heading: impl Into<String>, width: u8) -> Self {
        Self { heading: heading.into(), width, kind }
    }
}

/// A file that is being written.
pub trait TableFile: Send {
    /// Begins a table with this name and these columns.
    fn table(&mut self, name: &str, columns: &[Column]) -> io::Result<()>;

    /// Writes the next row of the table, which has a cell for each column.
    fn row(&mut self, cells: &[Cell]) -> io::Result<()>;

    /// Ends the file and returns it, at its start.
    fn finish(self: Box<Self>) -> io::Result<File>;
}
