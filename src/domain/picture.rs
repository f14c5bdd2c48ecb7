//! Pictures that organisers upload.

use time::OffsetDateTime;

use super::{PictureId, text::texts, text_enum};

texts! {
    /// What a picture shows, for those who cannot see it: up to 300 characters, one line. If it is empty, the name of the person
    /// in the picture says it. A picture of a conference is always described.
    PictureText(300, OPTIONAL, LINE);
}

text_enum! {
    /// The sizes in which pictures are kept, by the number of pixels of their width.
    pub enum PictureSize {
        /// A person in lists.
        Small = "96",
        /// A person in lists on screens with small pixels, and in the editor.
        Medium = "192",
        /// A person on a page of their own.
        Large = "480",
        /// The hero on small screens, and in the editor.
        Wide = "800",
        /// The picture of a shared link.
        Share = "1200",
        /// The hero on large screens.
        Widest = "1600",
    }
}

/// What a picture is for, which says how it is cut and in which sizes it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureUse {
    /// A person: a square.
    Person,
    /// The hero of a conference: 16 to 9.
    Hero,
    /// Previews of links to a conference, in the proportions that other sites expect.
    Share,
}

/// A picture with the words for those who cannot see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedPicture {
    /// The picture.
    pub id: PictureId,
    /// What it shows.
    pub text: PictureText,
}

impl PictureSize {
    /// Returns the number of pixels of the width.
    pub const fn pixels(self) -> u16 {
        match self {
            Self::Small => 96,
            Self::Medium => 192,
            Self::Large => 480,
            Self::Wide => 800,
            Self::Share => 1200,
            Self::Widest => 1600,
        }
    }

    /// Returns the number of pixels of the height.
    pub const fn height(self) -> u16 {
        match self {
            Self::Small | Self::Medium | Self::Large => self.pixels(),
            Self::Wide => 450,
            Self::Share => 630,
            Self::Widest => 900,
        }
    }
}

impl PictureUse {
    /// Returns the sizes, the largest last.
    pub const fn sizes(self) -> &'static [PictureSize] {
        match self {
            Self::Person => &[PictureSize::Small, PictureSize::Medium, PictureSize::Large],
            Self::Hero => &[PictureSize::Wide, PictureSize::Widest],
            Self::Share => &[PictureSize::Share],
        }
    }

    /// Returns the largest size.
    pub const fn largest(self) -> PictureSize {
        match self {
            Self::Person => PictureSize::Large,
            Self::Hero => PictureSize::Widest,
            Self::Share => PictureSize::Share,
        }
    }

    /// Returns the width and the height, in pixels, that a picture must have. It is not blown up.
    pub const fn least(self) -> [u16; 2] {
        match self {
            Self::Person => [96, 96],
            Self::Hero => [800, 450],
            Self::Share => [1200, 630],
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
    fn the_sizes_of_a_picture_have_the_same_proportions_and_the_largest_is_the_last() {
        for what in [PictureUse::Person, PictureUse::Hero, PictureUse::Share] {
            let largest = what.largest();
            assert_eq!(what.sizes().last(), Some(&largest));
            let [width, height] = [largest.pixels(), largest.height()].map(u32::from);
            for size in what.sizes() {
                assert_eq!(u32::from(size.pixels()) * height, u32::from(size.height()) * width, "{size}");
            }
        }
    }

    #[test]
    fn the_key_of_a_picture_says_when_it_was_uploaded() {
        let key = "01900000-0000-7000-8000-000000000001".parse::<PictureId>().expect("a key");
        assert_eq!(key.uploaded_at().map(OffsetDateTime::unix_timestamp), Some(1_717_986_918));
    }
}
