//! Pictures that organisers upload.

use time::OffsetDateTime;

use super::{PictureId, text::texts, text_enum};

texts! {
    /// What a picture shows, for those who cannot see it: up to 300 characters, one line. If it is empty, the name of the person
    /// in the picture says it.
    PictureText(300, OPTIONAL, LINE);
}

text_enum! {
    /// The sizes in which a picture is kept, by the number of pixels of a side. Each picture is a square.
    pub enum PictureSize {
        /// For lists.
        Small = "96",
        /// For lists on screens with small pixels, and for the editor.
        Medium = "192",
        /// For a page of its own.
        Large = "480",
    }
}

impl PictureSize {
    /// Returns the number of pixels of a side.
    pub const fn pixels(self) -> u16 {
        match self {
            Self::Small => 96,
            Self::Medium => 192,
            Self::Large => 480,
        }
    }
}

impl PictureId {
    /// Returns when the picture was uploaded, to the millisecond.
    pub fn uploaded_at(self) -> Option<OffsetDateTime> {
        let (seconds, nanoseconds) = self.0.get_timestamp()?.to_unix();
        let nanoseconds = i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
        OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_of_a_size_is_its_number_of_pixels() {
        for size in PictureSize::ALL {
            assert_eq!(size.as_str(), size.pixels().to_string());
        }
    }

    #[test]
    fn the_key_of_a_picture_says_when_it_was_uploaded() {
        let key = "01900000-0000-7000-8000-000000000001".parse::<PictureId>().expect("a key");
        assert_eq!(key.uploaded_at().map(OffsetDateTime::unix_timestamp), Some(1_717_986_918));
    }
}
