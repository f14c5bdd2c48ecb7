//! Reads rows that were pasted from a spreadsheet: name, e-mail address, job title and category. Spreadsheets put tabs between
//! the cells that they copy; files have semicolons or commas there.

use csv::{ReaderBuilder, StringRecord};

use crate::domain::text::clean_line;

/// The number of columns that are read.
pub const COLUMNS: usize = 4;

/// What stands above the names or the addresses, without spaces and signs.
const HEADINGS: [&str; 9] =
    ["name", "fullname", "names", "email", "emails", "mail", "emailaddress", "mailaddress", "emailaddresses"];

/// A row that is not blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number in what was pasted, counted from 1 with the heading and blank rows.
    pub number: usize,
    /// The cells, each cleaned and on one line; empty if they are missing.
    pub cells: [String; COLUMNS],
    /// Whether there are further cells that are not empty.
    pub is_too_long: bool,
    /// The row as it was pasted.
    pub raw: String,
}

/// Returns the rows without blank ones and without the heading.
pub fn rows(text: &str) -> Vec<Row> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter(&text))
        .has_headers(false)
        .flexible(true)
        // A quotation mark that nothing closes would swallow all rows after it.
        .quoting(text.matches('"').count().is_multiple_of(2))
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut record = StringRecord::new();
    let (mut number, mut from, mut is_first) = (0, 0, true);
    // Reading fails only if bytes are no text, and all of these are.
    while reader.read_record(&mut record).unwrap_or_default() {
        let to = usize::try_from(reader.position().byte()).unwrap_or(text.len());
        let raw = &text[from..to];
        from = to;
        let row = raw.trim_start_matches('\n');
        number += 1 + raw.len() - row.len();
        let mut cells = record.iter().map(|cell| clean_line(&cell.replace('\n', " ")));
        let first = std::array::from_fn(|_| cells.next().unwrap_or_default());
        let is_too_long = cells.any(|cell| !cell.is_empty());
        let row = Row { number, cells: first, is_too_long, raw: row.trim_end_matches('\n').to_owned() };
        if row.is_blank() {
            continue;
        }
        if !(is_first && row.is_heading()) {
            rows.push(row);
        }
        is_first = false;
    }
    rows
}

/// Returns what stands between the cells.
fn delimiter(text: &str) -> u8 {
    let count = |what: char| text.matches(what).count();
    match text.contains('\t') {
        true => b'\t',
        false if count(';') > count(',') => b';',
        false => b',',
    }
}

impl Row {
    fn is_blank(&self) -> bool {
        !self.is_too_long && self.cells.iter().all(String::is_empty)
    }

    fn is_heading(&self) -> bool {
        let is_heading = |cell: &String| {
            let word: String = cell.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
            HEADINGS.contains(&word.as_str())
        };
        !self.cells.iter().any(|cell| cell.contains('@')) && self.cells.iter().any(is_heading)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cells(text: &str) -> Vec<[String; COLUMNS]> {
        rows(text).into_iter().map(|row| row.cells).collect()
    }

    const ANNA: [&str; COLUMNS] = ["Anna Gruber", "anna@graz.example", "CIO", "Member city"];

    #[test]
    fn rows_of_every_kind_of_table_are_read_the_same() {
        for text in [
            "Anna Gruber\tanna@graz.example\tCIO\tMember city",
            "Anna Gruber\tanna@graz.example\tCIO\tMember city\t\t\r\n\r\n",
            "\u{FEFF}Name\tE-mail\tJob title\tCategory\r\nAnna Gruber\tanna@graz.example\tCIO\tMember city\r\n",
            "NAME;E-Mail address;;\r\nAnna Gruber;anna@graz.example;CIO;Member city\r\n",
            "\"Anna Gruber\",\"anna@graz.example\",\"CIO\",\"Member city\"\n",
            "\u{A0}Anna\u{A0}Gruber \t anna@graz.example\u{A0}\tCIO\tMember city\r",
            "\"Anna\r\nGruber\"\tanna@graz.example\tCIO\t\"Member\ncity\"",
            "\t\t\t\n \u{A0} \t\nAnna Gruber\tanna@graz.example\tCIO\tMember city",
        ] {
            assert_eq!(cells(text), [ANNA], "{text:?}");
        }
    }

    #[test]
    fn quotation_marks_keep_what_stands_between_cells_and_one_alone_swallows_nothing() {
        assert_eq!(
            cells("\"Gruber, Anna\",anna@graz.example,\"The \"\"IT\"\" office\"")[0][..3],
            ["Gruber, Anna", "anna@graz.example", "The \"IT\" office"]
        );
        let rows = cells("\"Anna\tanna@graz.example\nBoris\tboris@graz.example");
        assert_eq!((rows[0][0].as_str(), rows[1][0].as_str()), ("\"Anna", "Boris"));
    }

    #[test]
    fn rows_are_numbered_as_they_were_pasted_and_kept_as_they_were_pasted() {
        let text = "\r\nName\tE-mail\r\n\r\nAnna\tanna@graz.example\t\t\r\n\r\n\r\n\"Bo\r\nris\"\t\r\nCarla\t\t\t\tx";
        let rows: Vec<_> = rows(text).into_iter().map(|row| (row.number, row.raw, row.is_too_long)).collect();
        assert_eq!(
            rows,
            [
                (4, "Anna\tanna@graz.example\t\t".to_owned(), false),
                (7, "\"Bo\nris\"\t".to_owned(), false),
                (8, "Carla\t\t\t\tx".to_owned(), true),
            ]
        );
    }

    #[test]
    fn only_the_first_row_is_a_heading_and_never_one_with_an_address() {
        assert_eq!(rows("Name\tE-mail\nName\tE-mail").len(), 1);
        assert_eq!(rows("Mail\tmail@graz.example").len(), 1);
        assert_eq!(rows("  \t\n\n").len(), 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn anything_can_be_pasted_and_no_row_says_more_than_was_pasted(
            text in prop_oneof![any::<String>(), "[ab@,;\"\t\r\n \u{A0}é]{0,60}"],
        ) {
            let rows = rows(&text);
            for row in &rows {
                prop_assert!(row.cells.iter().all(|cell| !cell.contains(['\n', '\r'])));
            }
            prop_assert!(rows.windows(2).all(|two| two[0].number < two[1].number));
            // Every sign of a cell comes from the text.
            let signs = |text: &str| text.chars().filter(char::is_ascii_alphabetic).count();
            let read: usize = rows.iter().flat_map(|row| &row.cells).map(|cell| signs(cell)).sum();
            prop_assert!(read <= signs(&clean_line(&text)));
        }
    }
}
