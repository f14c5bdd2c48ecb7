//! Tables as CSV for spreadsheets (RFC 4180), in UTF-8 with a byte order mark, by which spreadsheets recognise the
//! encoding.

/// The beginning of the file.
const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// Returns the byte order mark and the first line, which names the columns.
pub fn heading(columns: &[&str]) -> Vec<u8> {
    let mut bytes = BYTE_ORDER_MARK.as_bytes().to_vec();
    bytes.extend(lines([columns]));
    bytes
}

/// Returns further lines, which must all have the same number of cells. Every cell is quoted, and none can be a
/// formula.
pub fn lines<Line, Cell>(lines: impl IntoIterator<Item = Line>) -> Vec<u8>
where
    Line: IntoIterator<Item = Cell>,
    Cell: AsRef<str>,
{
    let mut file = ::csv::WriterBuilder::new()
        .quote_style(::csv::QuoteStyle::Always)
        .terminator(::csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for line in lines {
        let cells: Vec<String> = line.into_iter().map(|cell| without_formula(cell.as_ref())).collect();
        file.write_record(&cells).expect("all lines have the same number of cells, and writing to memory cannot fail");
    }
    file.into_inner().expect("writing to memory cannot fail")
}

/// Returns the cell with an apostrophe before every character that could begin a formula, so that no spreadsheet runs
/// it. This applies at the beginning of the cell and after any character that some spreadsheets take for the end of a
/// cell.
fn without_formula(cell: &str) -> String {
    let mut safe = String::with_capacity(cell.len() + 1);
    let mut at_beginning = true;
    for c in cell.chars() {
        if at_beginning && matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') {
            safe.push('\'');
        }
        safe.push(c);
        at_beginning = matches!(c, ';' | '\t' | '\r' | '\n' | '|') || (at_beginning && matches!(c, ' ' | '"'));
    }
    safe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(cells: &[&str]) -> String {
        String::from_utf8(lines([cells])).expect("text")
    }

    #[test]
    fn a_file_begins_with_the_byte_order_mark_and_the_names_of_the_columns() {
        assert_eq!(heading(&["Name", "E-mail"]), "\u{FEFF}\"Name\",\"E-mail\"\r\n".as_bytes());
    }

    #[test]
    fn quotes_commas_and_line_breaks_stay_in_their_cell() {
        assert_eq!(line(&["a \"b\", c", "1\n2"]), "\"a \"\"b\"\", c\",\"1\n2\"\r\n");
    }

    #[test]
    fn no_cell_can_be_a_formula() {
        for formula in ["=1+1", "+43 1 7189476", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "\"=1", "＝1"] {
            let cell = without_formula(formula);
            assert!(cell.contains('\''), "{cell}");
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
        assert_eq!(without_formula("+43 1 7189476"), "'+43 1 7189476");
    }

    #[test]
    fn a_spreadsheet_that_splits_at_semicolons_finds_no_formula() {
        assert_eq!(without_formula("City;=HYPERLINK(1)"), "City;'=HYPERLINK(1)");
        assert_eq!(without_formula("Anna-Maria Müller; Graz"), "Anna-Maria Müller; Graz");
    }

    proptest! {
        #[test]
        fn cells_are_read_back_unchanged(cells in proptest::collection::vec("[^=+@\t\r\n＝＋－＠-]*", 1..5)) {
            let text: Vec<&str> = cells.iter().map(String::as_str).collect();
            let bytes = lines([text.clone()]);
            let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(&bytes[..]);
            let record = reader.records().next().expect("a line").expect("a line in order");
            prop_assert_eq!(record.iter().collect::<Vec<_>>(), text);
        }
    }
}
