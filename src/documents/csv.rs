//! Tables as CSV for spreadsheets (RFC 4180, in UTF-8 with the mark by which spreadsheets know it).

/// What the file begins with.
const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// The first line: what stands in the columns.
pub fn heading(columns: &[&str]) -> Vec<u8> {
    let mut bytes = BYTE_ORDER_MARK.as_bytes().to_vec();
    bytes.extend(lines([columns]));
    bytes
}

/// Further lines, all of as many cells. Every cell stands in quotes, and none is a formula to a spreadsheet.
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
        let cells: Vec<String> = line.into_iter().map(|cell| harmless(cell.as_ref())).collect();
        file.write_record(&cells).expect("lines of one table have the same columns, and memory takes every byte");
    }
    file.into_inner().expect("memory takes every byte")
}

/// A cell that no spreadsheet calculates: what could begin a formula gets an apostrophe before it, at the beginning of
/// the cell and wherever a spreadsheet that divides cells by other signs than commas would see a beginning.
fn harmless(cell: &str) -> String {
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
    fn a_file_begins_with_its_mark_and_its_columns() {
        assert_eq!(heading(&["Name", "E-mail"]), "\u{FEFF}\"Name\",\"E-mail\"\r\n".as_bytes());
    }

    #[test]
    fn quotes_commas_and_line_breaks_stay_in_their_cell() {
        assert_eq!(line(&["a \"b\", c", "1\n2"]), "\"a \"\"b\"\", c\",\"1\n2\"\r\n");
    }

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=1+1", "+43 1 7189476", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "\"=1", "＝1"] {
            let cell = harmless(formula);
            assert!(cell.contains('\''), "{cell}");
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
        assert_eq!(harmless("+43 1 7189476"), "'+43 1 7189476");
    }

    #[test]
    fn a_spreadsheet_that_divides_at_semicolons_finds_no_formula_either() {
        assert_eq!(harmless("City;=HYPERLINK(1)"), "City;'=HYPERLINK(1)");
        assert_eq!(harmless("Anna-Maria Müller; Graz"), "Anna-Maria Müller; Graz");
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(cells in proptest::collection::vec("[^=+@\t\r\n＝＋－＠-]*", 1..5)) {
            let text: Vec<&str> = cells.iter().map(String::as_str).collect();
            let bytes = lines([text.clone()]);
            let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(&bytes[..]);
            let record = reader.records().next().expect("a line").expect("a line in order");
            prop_assert_eq!(record.iter().collect::<Vec<_>>(), text);
        }
    }
}
