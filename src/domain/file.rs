//! Files that organisers upload.

use super::{text::texts, text_enum};

texts! {
    /// The name of a file: 1 to 120 characters, one line.
    FileName(120, REQUIRED, LINE);
}

text_enum! {
    /// What a file is, by the end of its name.
    pub enum FileType {
        /// A PDF.
        Pdf = "pdf",
        /// An `OpenDocument` text.
        Odt = "odt",
        /// An `OpenDocument` presentation.
        Odp = "odp",
        /// An `OpenDocument` spreadsheet.
        Ods = "ods",
        /// A `PowerPoint` presentation.
        Pptx = "pptx",
        /// A PNG picture.
        Png = "png",
        /// A JPEG picture.
        Jpeg = "jpg",
        /// A WebP picture.
        Webp = "webp",
    }
}

impl FileType {
    /// Returns the media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Odp => "application/vnd.oasis.opendocument.presentation",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
        }
    }

    /// Whether names of such files end like this one.
    fn ends(self, name: &str) -> bool {
        let Some((_, end)) = name.rsplit_once('.') else { return false };
        end.eq_ignore_ascii_case(self.as_str()) || self == Self::Jpeg && end.eq_ignore_ascii_case("jpeg")
    }
}

impl FileName {
    /// Makes the name of an uploaded file from what its browser called it: without folders and without what a name cannot contain,
    /// not too long, and with the ending of its type.
    pub fn of(uploaded: &str, kind: FileType) -> Self {
        let name = uploaded.rsplit(['/', '\\']).next().unwrap_or_default();
        let name: String =
            name.chars().map(|one| if one.is_control() || one == '\u{FFFD}' { ' ' } else { one }).collect();
        let name = name.trim().trim_start_matches('.');
        let (stem, end) = match name.rsplit_once('.') {
            Some((stem, end)) if kind.ends(name) => (stem, end),
            _ => (name, kind.as_str()),
        };
        let stem: String = stem.chars().take(100).collect();
        Self::parse(&format!("{}.{end}", stem.trim()))
            .ok()
            .filter(|name| !name.as_str().starts_with('.'))
            .unwrap_or_else(|| Self(format!("file.{kind}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_is_cleaned_and_ends_like_its_type() {
        let long = format!("{}.pdf", "x".repeat(300));
        for (uploaded, kind, name) in [
            ("Data sea.pdf", FileType::Pdf, "Data sea.pdf"),
            ("C:\\Users\\olga\\Slides.PPTX", FileType::Pptx, "Slides.PPTX"),
            ("../../etc/passwd", FileType::Png, "passwd.png"),
            ("photo.jpeg", FileType::Jpeg, "photo.jpeg"),
            ("really.exe", FileType::Pdf, "really.exe.pdf"),
            ("slides.pdf", FileType::Odp, "slides.pdf.odp"),
            ("a\r\nSet-Cookie: b.pdf", FileType::Pdf, "a Set-Cookie: b.pdf"),
            ("slides\u{202E}fdp.pdf", FileType::Pdf, "file.pdf"),
            (" .pdf", FileType::Pdf, "pdf.pdf"),
            ("", FileType::Webp, "file.webp"),
            ("Präsentation Łódź.odp", FileType::Odp, "Präsentation Łódź.odp"),
            (&long, FileType::Pdf, &format!("{}.pdf", "x".repeat(100))),
        ] {
            assert_eq!(FileName::of(uploaded, kind).as_str(), name, "{uploaded:?}");
        }
    }
}
