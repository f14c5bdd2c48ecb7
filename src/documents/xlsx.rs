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

/// A workbook that is being written. Its rows wait in temporary files.
pub struct Xlsx {
    workbook: Workbook,
    formats: Formats,
    /// The columns of the sheet that is being written, and the next row.
    columns: Vec<Kind>,
    sheet: Option<usize>,
    row: RowNum,
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
        Self { workbook: Workbook::new(), formats, columns: Vec::new(), sheet: None, row: 0 }
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

    fn begin_sheet(&mut self, name: &str, columns: &[Column]) -> Result<(), XlsxError> {
        self.end_sheet()?;
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?.set_freeze_panes(1, 0)?;
        sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
        for (number, one) in columns.iter().enumerate() {
            sheet.set_column_width(column(number), f64::from(one.width))?;
            sheet.write_string_with_format(0, column(number), &one.heading, &self.formats.heading)?;
        }
        self.sheet = Some(self.sheet.map_or(0, |sheet| sheet + 1));
        self.columns = columns.iter().map(|column| column.kind).collect();
        self.row = 1;
        Ok(())
    }

    fn write(&mut self, cells: &[Cell]) -> Result<(), XlsxError> {
        let (row, formats) = (self.row, &self.formats);
        let sheet = self.workbook.worksheet_from_index(self.sheet.unwrap_or_default())?;
        for ((number, cell), kind) in cells.iter().enumerate().zip(&self.columns) {
            let of_text = match kind {
                Kind::Plain => &formats.plain,
                Kind::Code => &formats.code,
                Kind::Lines => &formats.lines,
            };
            let number = column(number);
            match cell {
                Cell::Empty => continue,
                Cell::Text(text) => sheet.write_string_with_format(row, number, text, of_text)?,
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
        self.begin_sheet(name, columns).map_err(io::Error::other)
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
