//! Tables as CSV for spreadsheets (RFC 4180), in UTF-8 with a byte order mark, by which spreadsheets recognise the
//! encoding.

use std::{
    fs::File,
    io::{self, BufWriter, Seek, Write},
};

use super::table::{Cell, Column, TableFile};
use crate::domain::{Cents, text_enum};

text_enum! {
    /// What stands between two cells.
    pub enum Separator {
        /// A comma, as the standard has it.
        Comma = "comma",
        /// A semicolon, as spreadsheets expect it where numbers have a decimal comma.
        Semicolon = "semicolon",
        /// A tab.
        Tab = "tab",
    }
}

impl Separator {
    fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }

    /// Returns an amount as spreadsheets read it that expect this separator.
    fn amount(self, Cents(cents): Cents) -> String {
        let (sign, cents) = (if cents < 0 { "-" } else { "" }, cents.unsigned_abs());
        let point = if self == Self::Semicolon { ',' } else { '.' };
        format!("{sign}{}{point}{:02}", cents / 100, cents % 100)
    }
}

/// The beginning of the file.
const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// A file that is being written. A second table follows the first after an empty line.
pub struct Csv {
    separator: Separator,
    /// `None` only if writing has failed.
    writer: Option<::csv::Writer<BufWriter<File>>>,
    is_begun: bool,
}

impl Csv {
    /// Begins a file.
    pub fn begin(separator: Separator) -> io::Result<Self> {
        let mut file = BufWriter::new(tempfile::tempfile()?);
        file.write_all(BYTE_ORDER_MARK.as_bytes())?;
        Ok(Self { separator, writer: Some(writer(separator, file)), is_begun: false })
    }

    fn writer(&mut self) -> io::Result<&mut ::csv::Writer<BufWriter<File>>> {
        self.writer.as_mut().ok_or_else(|| io::Error::other("writing has failed before"))
    }

    /// Returns the file after writing everything to it.
    fn take(&mut self) -> io::Result<BufWriter<File>> {
        let writer = self.writer.take().ok_or_else(|| io::Error::other("writing has failed before"))?;
        writer.into_inner().map_err(|error| io::Error::other(error.to_string()))
    }
}

impl TableFile for Csv {
    fn table(&mut self, _name: &str, columns: &[Column]) -> io::Result<()> {
        if self.is_begun {
            let mut file = self.take()?;
            file.write_all(b"\r\n")?;
            self.writer = Some(writer(self.separator, file));
        }
        self.is_begun = true;
        let headings: Vec<_> = columns.iter().map(|column| without_formula(&column.heading)).collect();
        Ok(self.writer()?.write_record(&headings)?)
    }

    fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        let separator = self.separator;
        let writer = self.writer()?;
        for cell in cells {
            match cell {
                Cell::Empty => writer.write_field("")?,
                Cell::Text(text) => writer.write_field(without_formula(text))?,
                Cell::Number(number) => writer.write_field(number.to_string())?,
                Cell::Amount(amount) => writer.write_field(separator.amount(*amount))?,
                Cell::Day(day) => writer.write_field(day.to_string())?,
                Cell::Moment(at) => {
                    writer.write_field(format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute()))?;
                }
            }
        }
        Ok(writer.write_record(None::<&[u8]>)?)
    }

    fn finish(mut self: Box<Self>) -> io::Result<File> {
        let mut file = self.take()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(file)
    }
}

fn writer(separator: Separator, file: BufWriter<File>) -> ::csv::Writer<BufWriter<File>> {
    ::csv::WriterBuilder::new()
        .delimiter(separator.byte())
        .quote_style(::csv::QuoteStyle::Always)
        .terminator(::csv::Terminator::CRLF)
        .from_writer(file)
}

/// Returns the cell with a tab before every character that could begin a formula, so that no spreadsheet runs it. This applies
/// at the beginning of the cell and after any character that some spreadsheets take for the end of a cell.
///
/// A spreadsheet shows a tab at the start of a cell as nothing, so that `+43 1 7189476` is read and printed as it was given; an
/// apostrophe would be seen in every telephone number. Every cell is quoted, so that a tab ends no cell (OWASP, CSV injection).
fn without_formula(cell: &str) -> String {
    let mut safe = String::with_capacity(cell.len() + 1);
    let mut at_beginning = true;
    for c in cell.chars() {
        if at_beginning && matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') {
            safe.push('\t');
        }
        safe.push(c);
        at_beginning = matches!(c, ';' | '\t' | '\r' | '\n' | '|') || (at_beginning && matches!(c, ' ' | '"'));
    }
    safe
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::Cents;

    /// Returns a file with one column for each cell.
    fn file(separator: Separator, cells: &[Cell]) -> String {
        let mut csv = Box::new(Csv::begin(separator).expect("a file"));
        let columns: Vec<_> = cells.iter().map(|_| Column::plain("Name", 10)).collect();
        csv.table("One", &columns).expect("a table");
        csv.row(cells).expect("a row");
        let mut text = String::new();
        csv.finish().expect("a file").read_to_string(&mut text).expect("text");
        text
    }

    fn line(cells: &[&str]) -> String {
        let cells: Vec<_> = cells.iter().map(|cell| Cell::text(*cell)).collect();
        let file = file(Separator::Comma, &cells);
        file.split_once("\r\n").expect("a heading").1.to_owned()
    }

    #[test]
    fn a_file_begins_with_the_byte_order_mark_and_the_names_of_the_columns() {
        let cells = [Cell::text("a"), Cell::Amount(Cents(-123_450))];
        assert_eq!(file(Separator::Comma, &cells), "\u{FEFF}\"Name\",\"Name\"\r\n\"a\",\"-1234.50\"\r\n");
        assert_eq!(file(Separator::Semicolon, &cells), "\u{FEFF}\"Name\";\"Name\"\r\n\"a\";\"-1234,50\"\r\n");
        assert_eq!(file(Separator::Tab, &cells), "\u{FEFF}\"Name\"\t\"Name\"\r\n\"a\"\t\"-1234.50\"\r\n");
    }

    #[test]
    fn a_second_table_follows_after_an_empty_line() {
        let mut csv = Box::new(Csv::begin(Separator::Comma).expect("a file"));
        csv.table("One", &[Column::plain("A", 1)]).expect("a table");
        csv.row(&[Cell::Number(1)]).expect("a row");
        csv.table("Two", &[Column::plain("B", 1), Column::plain("C", 1)]).expect("a table");
        csv.row(&[Cell::Number(2), Cell::Empty]).expect("a row");
        let mut text = String::new();
        csv.finish().expect("a file").read_to_string(&mut text).expect("text");
        assert_eq!(text, "\u{FEFF}\"A\"\r\n\"1\"\r\n\r\n\"B\",\"C\"\r\n\"2\",\"\"\r\n");
    }

    #[test]
    fn quotes_commas_and_line_breaks_stay_in_their_cell() {
        assert_eq!(line(&["a \"b\", c", "1\n2"]), "\"a \"\"b\"\", c\",\"1\n2\"\r\n");
    }

    #[test]
    fn no_cell_can_be_a_formula() {
        for formula in ["=1+1", "+43 1 7189476", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "\"=1", "＝1"] {
            let cell = without_formula(formula);
            assert!(cell.contains('\t') && cell.replace('\t', "") == formula.replace('\t', ""), "{cell}");
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
        }
        assert_eq!(without_formula("+43 1 7189476"), "\t+43 1 7189476");
    }

    #[test]
    fn a_spreadsheet_that_splits_at_semicolons_finds_no_formula() {
        assert_eq!(without_formula("City;=HYPERLINK(1)"), "City;\t=HYPERLINK(1)");
        assert_eq!(without_formula("Anna-Maria Müller; Graz"), "Anna-Maria Müller; Graz");
    }

    proptest! {
        #[test]
        fn cells_are_read_back_unchanged(cells in proptest::collection::vec("[^=+@\t\r\n＝＋－＠-]*", 1..5)) {
            let text: Vec<&str> = cells.iter().map(String::as_str).collect();
            let line = line(&text);
            let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
            let record = reader.records().next().expect("a line").expect("a line in order");
            prop_assert_eq!(record.iter().collect::<Vec<_>>(), text);
        }
    }
}
