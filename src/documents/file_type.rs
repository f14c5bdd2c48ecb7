//! Recognises what a file is by its content, whatever its name says. Of an archive, only the directory and one small entry are
//! read; nothing else is unpacked.

use std::io::Read;

use flate2::read::DeflateDecoder;

use crate::domain::FileType;

/// The largest file, in bytes.
pub const LARGEST_FILE: usize = 10 * 1024 * 1024;

/// The most that is read of an entry in an archive, in bytes.
const LARGEST_ENTRY: u64 = 256 * 1024;

/// The most that an archive may say it contains, in bytes, so that nobody downloads a file that fills their disk.
const LARGEST_CONTENT: usize = 500 * 1024 * 1024;

/// Why a file was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The file is empty.
    #[error("empty")]
    Empty,
    /// The file is larger than [`LARGEST_FILE`].
    #[error("too large")]
    TooLarge,
    /// It is an archive that contains more than [`LARGEST_CONTENT`].
    #[error("too large once unpacked")]
    UnpacksTooLarge,
    /// Its content is none of the known types, whatever its name says.
    #[error("another type")]
    OtherType,
}

/// Returns what the file is.
pub fn recognised(file: &[u8]) -> Result<FileType, FileError> {
    match file {
        [] => Err(FileError::Empty),
        _ if file.len() > LARGEST_FILE => Err(FileError::TooLarge),
        [b'%', b'P', b'D', b'F', b'-', ..] => Ok(FileType::Pdf),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Ok(FileType::Png),
        [0xff, 0xd8, 0xff, ..] => Ok(FileType::Jpeg),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(FileType::Webp),
        [b'P', b'K', 3, 4, ..] => {
            let kind = of_archive(file).ok_or(FileError::OtherType)?;
            let unpacked = entries(file).iter().flatten().filter_map(|(at, _)| long(file, at + 24)).sum::<usize>();
            if unpacked > LARGEST_CONTENT { Err(FileError::UnpacksTooLarge) } else { Ok(kind) }
        }
        _ => Err(FileError::OtherType),
    }
}

/// Returns what an archive says it is: `OpenDocument` (part 3, section 3.3) or Office Open XML (ISO/IEC 29500-2).
fn of_archive(file: &[u8]) -> Option<FileType> {
    if let Some(media_type) = entry(file, b"mimetype") {
        let open_document = [FileType::Odt, FileType::Odp, FileType::Ods];
        return open_document.into_iter().find(|kind| kind.media_type().as_bytes() == media_type.trim_ascii());
    }
    let types = entry(file, b"[Content_Types].xml")?;
    let main = format!("\"{}.main+xml\"", FileType::Pptx.media_type());
    String::from_utf8_lossy(&types).contains(&main).then_some(FileType::Pptx)
}

/// Returns the content of this entry of a ZIP file (APPNOTE.TXT, section 4.3). `None` if there is no such entry, if it is encrypted,
/// or if it is longer than [`LARGEST_ENTRY`].
fn entry(file: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let (at, _) = entries(file)?.into_iter().find(|(_, other)| *other == name)?;
    let (flags, method, packed) = (short(file, at + 8)?, short(file, at + 10)?, long(file, at + 20)?);
    if flags & 1 == 0 { content(file, long(file, at + 42)?, method, packed) } else { None }
}

/// Returns the places in the directory of a ZIP file, and the names that stand there.
fn entries(file: &[u8]) -> Option<Vec<(usize, &[u8])>> {
    // The end of the directory is followed by a comment of at most 65,535 bytes.
    let tail = file.len().saturating_sub(22 + 65_535);
    let end = tail + file[tail..].windows(4).rposition(|four| four == b"PK\x05\x06")?;
    let (count, mut at) = (short(file, end + 10)?, long(file, end + 16)?);
    let mut entries = Vec::new();
    for _ in 0..count {
        if file.get(at..at + 4)? != b"PK\x01\x02" {
            return None;
        }
        let lengths = [28, 30, 32].map(|place| short(file, at + place));
        let [Some(name_length), Some(extra), Some(comment)] = lengths else { return None };
        entries.push((at, file.get(at + 46..at + 46 + name_length)?));
        at += 46 + name_length + extra + comment;
    }
    Some(entries)
}

/// Returns the content of the entry whose header is at this place, with this many bytes.
fn content(file: &[u8], header: usize, method: usize, packed: usize) -> Option<Vec<u8>> {
    if file.get(header..header + 4)? != b"PK\x03\x04" {
        return None;
    }
    let start = header + 30 + short(file, header + 26)? + short(file, header + 28)?;
    let packed = file.get(start..start.checked_add(packed)?)?;
    let mut content = Vec::new();
    let read = match method {
        0 => packed.take(LARGEST_ENTRY + 1).read_to_end(&mut content),
        8 => DeflateDecoder::new(packed).take(LARGEST_ENTRY + 1).read_to_end(&mut content),
        _ => return None,
    };
    let is_short = read.is_ok() && u64::try_from(content.len()).is_ok_and(|length| length <= LARGEST_ENTRY);
    is_short.then_some(content)
}

/// Reads two bytes as a number.
fn short(file: &[u8], at: usize) -> Option<usize> {
    let bytes = file.get(at..at + 2)?.try_into().ok()?;
    Some(usize::from(u16::from_le_bytes(bytes)))
}

/// Reads four bytes as a number.
fn long(file: &[u8], at: usize) -> Option<usize> {
    let bytes = file.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(bytes)).ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::DeflateEncoder};
    use proptest::prelude::*;

    use super::*;

    /// Returns a ZIP file with these entries, each compressed if it says so.
    fn archive(entries: &[(&str, &[u8], bool)]) -> Vec<u8> {
        let (mut file, mut directory) = (Vec::new(), Vec::new());
        let short = |number: usize| u16::try_from(number).expect("a short entry").to_le_bytes();
        let long = |number: usize| u32::try_from(number).expect("a short file").to_le_bytes();
        for (name, content, is_packed) in entries {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(content).expect("memory");
            let packed = if *is_packed { encoder.finish().expect("memory") } else { content.to_vec() };
            let method = if *is_packed { 8 } else { 0 };
            let common = [&short(20)[..], &[0; 2], &short(method), &[0; 8], &long(packed.len()), &long(content.len())];
            let common = [&common.concat()[..], &short(name.len()), &[0; 2]].concat();
            let header = long(file.len());
            file.extend([b"PK\x03\x04", &common[..], name.as_bytes(), &packed].concat());
            let place = [&[0; 10][..], &header].concat();
            directory.extend([b"PK\x01\x02\x14\0", &common[..], &place, name.as_bytes()].concat());
        }
        let [count, start] = [short(entries.len()).to_vec(), long(file.len()).to_vec()];
        let end = [b"PK\x05\x06", &[0; 4][..], &count, &count, &long(directory.len()), &start, &[0; 2]].concat();
        [file, directory, end].concat()
    }

    fn presentation(main: &str) -> Vec<u8> {
        let types = format!(r#"<Types><Override PartName="/ppt/presentation.xml" ContentType="{main}"/></Types>"#);
        archive(&[("ppt/presentation.xml", b"<p/>", true), ("[Content_Types].xml", types.as_bytes(), true)])
    }

    #[test]
    fn a_file_is_recognised_by_its_content() {
        let odp = FileType::Odp.media_type().as_bytes();
        let pptx = format!("{}.main+xml", FileType::Pptx.media_type());
        for (file, kind) in [
            (b"%PDF-1.7 and so on".to_vec(), FileType::Pdf),
            (b"\x89PNG\r\n\x1a\n".to_vec(), FileType::Png),
            (b"\xff\xd8\xff\xe0".to_vec(), FileType::Jpeg),
            (b"RIFF1234WEBPVP8 ".to_vec(), FileType::Webp),
            (archive(&[("mimetype", odp, false), ("content.xml", b"<x/>", true)]), FileType::Odp),
            (archive(&[("mimetype", FileType::Odt.media_type().as_bytes(), true)]), FileType::Odt),
            (presentation(&pptx), FileType::Pptx),
        ] {
            assert_eq!(recognised(&file), Ok(kind));
        }
    }

    #[test]
    fn an_archive_that_would_fill_the_disk_is_refused() {
        let mut file = presentation(&format!("{}.main+xml", FileType::Pptx.media_type()));
        let entry = file.windows(4).position(|four| four == b"PK\x01\x02").expect("a directory");
        file[entry + 24..entry + 28].copy_from_slice(&600_000_000_u32.to_le_bytes());
        assert_eq!(recognised(&file), Err(FileError::UnpacksTooLarge));
    }

    #[test]
    fn what_only_looks_like_a_known_file_is_not_recognised() {
        let with_macros = "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml";
        let word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
        for (what, file) in [
            ("a page", b"<!DOCTYPE html><script>alert(1)</script>".to_vec()),
            ("a program", b"MZ\x90\0".to_vec()),
            ("a PDF after something else", b"<script>%PDF-1.7".to_vec()),
            ("an archive", archive(&[("photo.png", b"\x89PNG", false)])),
            ("a Java archive", archive(&[("META-INF/MANIFEST.MF", b"Main-Class: x", true)])),
            ("a presentation with macros", presentation(with_macros)),
            ("a Word document", presentation(word)),
            ("an EPUB", archive(&[("mimetype", b"application/epub+zip", false)])),
            ("a bomb", archive(&[("[Content_Types].xml", &vec![b' '; 50_000_000], true)])),
            ("the beginning of an archive", presentation(word)[..60].to_vec()),
        ] {
            assert_eq!(recognised(&file), Err(FileError::OtherType), "{what}");
        }
        assert_eq!(recognised(b""), Err(FileError::Empty));
        assert_eq!(recognised(&vec![b'%'; LARGEST_FILE + 1]), Err(FileError::TooLarge));
    }

    proptest! {
        #[test]
        fn no_archive_however_broken_stops_the_program(at in 0_usize..400, byte in any::<u8>(), cut in 0_usize..400) {
            let mut file = presentation(&format!("{}.main+xml", FileType::Pptx.media_type()));
            let length = file.len();
            file[at % length] = byte;
            let _ = recognised(&file);
            let _ = recognised(&file[..length - cut % length]);
        }
    }
}
