//! The formats in which a table can be saved.

use std::io;

use super::{
    csv::{Csv, Separator},
    table::TableFile,
    xlsx::Xlsx,
};

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// CSV with this separator.
    Csv(Separator),
    /// An Excel workbook.
    Xlsx,
}

impl TableFormat {
    /// Begins a file.
    pub fn begin(self) -> io::Result<Box<dyn TableFile>> {
        Ok(match self {
            Self::Csv(separator) => Box::new(Csv::begin(separator)?),
            Self::Xlsx => Box::new(Xlsx::begin()),
        })
    }

    /// Returns how the names of its files end.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv(_) => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// Returns its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv(_) => "text/csv; charset=utf-8; header=present",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}
