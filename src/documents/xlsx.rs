//! Tables as workbooks for spreadsheets (XLSX): one sheet for each table. Cells keep their types, so that no text becomes a
//! formula, a number or a date.

use std::{
    fs::File,
    io::{self, BufWriter, Seek, Write},
};

use rust_xlsxwriter::{ColNum, ExcelDateTime, Format, FormatAlign, RowNum, Workbook, Worksheet, XlsxError};
use time::Date;

use super::table::{Cell, Column, Kind, TableFile};

/// The number of the paper size A4.
const A4: u8 = 9;

/// The most rows of a sheet, and the most UTF-16 units of a cell, that spreadsheets can read.
const MOST_ROWS: RowNum = 1_048_576;
const MOST_UNITS: usize = 32_767;

/// A workbook that is being written. Its rows wait in temporary files.
pub struct Xlsx {
    workbook: Workbook,
    formats: Formats,
    /// The table that is being written: its name, and on how many sheets it already is.
    name: String,
    parts: usize,
    /// The columns of the sheet that is being written, and the next row.
    columns: Vec<Column>,
    sheet: Option<usize>,
    row: RowNum,
    most_rows: RowNum,
}

struct Formats {
    heading: Format,
    plain: Format,
    code: Format,
    lines: Format,
    number: Format,
    amount: Format,
    day: Format,
    moment: Format,
}

impl Xlsx {
    /// Begins a workbook.
    pub fn begin() -> Self {
        let top = || Format::new().set_align(FormatAlign::Top);
        let formats = Formats {
            heading: top().set_bold(),
            plain: top(),
            code: top().set_num_format("@"),
            lines: top().set_text_wrap(),
            number: top().set_num_format("0"),
            amount: top().set_num_format("#,##0.00"),
            day: top().set_num_format("yyyy-mm-dd"),
            moment: top().set_num_format("yyyy-mm-dd hh:mm"),
        };
        Self {
            workbook: Workbook::new(),
            formats,
            name: String::new(),
            parts: 0,
            columns: Vec::new(),
            sheet: None,
            row: 0,
            most_rows: MOST_ROWS,
        }
    }

    fn sheet(&mut self) -> Result<&mut Worksheet, XlsxError> {
        self.workbook.worksheet_from_index(self.sheet.unwrap_or_default())
    }

    /// Lets people filter by the cells of the heading row, once it is known how many rows there are.
    fn end_sheet(&mut self) -> Result<(), XlsxError> {
        let (last_row, last_column) = (self.row.saturating_sub(1), column(self.columns.len().saturating_sub(1)));
        if self.sheet.is_some() && !self.columns.is_empty() {
            self.sheet()?.autofilter(0, 0, last_row, last_column)?;
        }
        Ok(())
    }

    /// Begins the next sheet of the table.
    fn begin_sheet(&mut self) -> Result<(), XlsxError> {
        self.end_sheet()?;
        self.parts += 1;
        let name = if self.parts == 1 { self.name.clone() } else { format!("{} {}", self.name, self.parts) };
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?.set_freeze_panes(1, 0)?;
        sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
        for (number, one) in self.columns.iter().enumerate() {
            sheet.set_column_width(column(number), f64::from(one.width))?;
            sheet.write_string_with_format(0, column(number), &one.heading, &self.formats.heading)?;
        }
        self.sheet = Some(self.sheet.map_or(0, |sheet| sheet + 1));
        self.row = 1;
        Ok(())
    }

    fn write(&mut self, cells: &[Cell]) -> Result<(), XlsxError> {
        if self.row == self.most_rows {
            self.begin_sheet()?;
        }
        let (row, formats) = (self.row, &self.formats);
        let sheet = self.workbook.worksheet_from_index(self.sheet.unwrap_or_default())?;
        for ((number, cell), column_of) in cells.iter().enumerate().zip(&self.columns) {
            let of_text = match column_of.kind {
                Kind::Plain => &formats.plain,
                Kind::Code => &formats.code,
                Kind::Lines => &formats.lines,
            };
            let number = column(number);
            match cell {
                Cell::Empty => continue,
                Cell::Text(text) => sheet.write_string_with_format(row, number, cut(text), of_text)?,
                Cell::Number(value) => {
                    sheet.write_number_with_format(row, number, number_of(*value), &formats.number)?
                }
                Cell::Amount(cents) => {
                    sheet.write_number_with_format(row, number, number_of(cents.0) / 100.0, &formats.amount)?
                }
                Cell::Day(day) => sheet.write_datetime_with_format(row, number, date(*day)?, &formats.day)?,
                Cell::Moment(at) => {
                    let moment = date(at.date())?.and_hms(at.hour().into(), at.minute(), f64::from(at.second()))?;
                    sheet.write_datetime_with_format(row, number, moment, &formats.moment)?
                }
            };
        }
        self.row += 1;
        Ok(())
    }
}

impl TableFile for Xlsx {
    fn table(&mut self, name: &str, columns: &[Column]) -> io::Result<()> {
        (self.name, self.parts, self.columns) = (name.to_owned(), 0, columns.to_vec());
        self.begin_sheet().map_err(io::Error::other)
    }

    fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        self.write(cells).map_err(io::Error::other)
    }

    fn finish(mut self: Box<Self>) -> io::Result<File> {
        self.end_sheet().map_err(io::Error::other)?;
        let mut file = BufWriter::new(tempfile::tempfile()?);
        self.workbook.save_to_writer(&mut file).map_err(io::Error::other)?;
        file.flush()?;
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(file)
    }
}

/// Returns the beginning of a text that a cell can hold.
fn cut(text: &str) -> &str {
    let mut units = 0;
    let too_many = text.char_indices().find(|(_, letter)| {
        units += letter.len_utf16();
        units > MOST_UNITS
    });
    too_many.map_or(text, |(end, _)| &text[..end])
}

fn column(number: usize) -> ColNum {
    ColNum::try_from(number).unwrap_or(ColNum::MAX)
}

fn date(day: Date) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_ymd(u16::try_from(day.year()).unwrap_or_default(), day.month().into(), day.day())
}

/// Returns the number as spreadsheets have it, which know no whole numbers.
#[expect(clippy::cast_precision_loss, reason = "up to 2⁵³, every whole number is exact")]
fn number_of(value: i64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_a_cell_ends() {
        assert_eq!(cut("short"), "short");
        assert_eq!(cut(&"ä".repeat(40_000)).chars().count(), MOST_UNITS);
        // A sign of two units is not cut in half.
        assert_eq!(cut(&"🚋".repeat(20_000)).encode_utf16().count(), MOST_UNITS - 1);
    }

    #[test]
    fn a_table_goes_on_in_another_sheet_when_one_is_full() {
        let mut file = Xlsx { most_rows: 3, ..Xlsx::begin() };
        file.table("Log", &[Column::plain("Number", 10)]).expect("a sheet");
        for number in 0..5 {
            file.row(&[Cell::Number(number)]).expect("a row");
        }
        let names: Vec<_> = file.workbook.worksheets().iter().map(Worksheet::name).collect();
        assert_eq!((names, file.row), (vec!["Log".to_owned(), "Log 2".to_owned(), "Log 3".to_owned()], 2));
        Box::new(file).finish().expect("a workbook");
    }
}
