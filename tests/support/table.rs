//! Reading files for spreadsheets as other programs do: openpyxl and Python's csv.

use std::{path::Path, process::Command};

use serde_json::Value;

/// Reads a file with this separator, or a workbook if the separator is `xlsx`, and returns its tables.
pub fn read_table(bytes: &[u8], separator: &str) -> Vec<Value> {
    let house = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::io::Write::write_all(&mut file, bytes).expect("a file that can be written");
    let read = Command::new(house.join("target/tools/python/bin/python"))
        .arg(house.join("tests/support/read_table.py"))
        .arg(file.path())
        .arg(separator)
        .output()
        .expect("python with openpyxl, as tests/install puts it there");
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    serde_json::from_slice(&read.stdout).expect("JSON")
}

/// Returns the cells of a CSV file.
pub fn read_csv(bytes: &[u8], separator: &str) -> Vec<Vec<String>> {
    let table = read_table(bytes, separator).remove(0);
    serde_json::from_value(table["rows"].clone()).expect("rows of texts")
}

/// Returns the cells of a sheet: the type, the number format and the value.
pub fn sheet(table: &Value) -> Vec<Vec<(String, String, Value)>> {
    serde_json::from_value(table["rows"].clone()).expect("rows of cells")
}
