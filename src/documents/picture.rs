//! Pictures that people upload: decoded within limits, and encoded anew in the sizes that pages need. So nothing of the file is
//! kept but what can be seen: no place where it was taken, and nothing hidden.

use std::io::Cursor;

use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage,
    codecs::jpeg::JpegEncoder,
    imageops::{self, FilterType},
    metadata::Orientation,
};

use crate::domain::{PictureSize, PictureUse};

/// The largest file, in bytes.
pub const LARGEST_FILE: usize = 10 * 1024 * 1024;
/// The longest side, in pixels.
pub const LONGEST_SIDE: u32 = 12_000;
/// The largest number of pixels. Decoding takes up to nine bytes for each.
pub const MOST_PIXELS: u64 = 30_000_000;
/// The largest number of bytes of a decoded picture: four channels of a byte for each pixel.
const LARGEST_DECODED: u64 = 4 * MOST_PIXELS;
/// A picture is first reduced to this many times the largest size, quickly, and then to each size, carefully.
const REDUCED: u32 = 2;
/// The qualities of the JPEG files, of 100, of which the first is taken that is small enough. Above the first, files grow faster
/// than people can see.
const QUALITIES: [u8; 4] = [80, 65, 45, 20];
/// The number of bytes above which a lower quality is taken.
const LARGE: usize = 300 * 1024;

/// Why a file was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// The file is empty.
    #[error("empty")]
    Empty,
    /// The file is larger than [`LARGEST_FILE`].
    #[error("too large a file")]
    FileTooLarge,
    /// Its content is not a JPEG, PNG or WebP, whatever its name says.
    #[error("no picture")]
    NoPicture,
    /// It begins like a picture, but the rest cannot be read.
    #[error("broken")]
    Broken,
    /// It is larger than [`LONGEST_SIDE`] or [`MOST_PIXELS`].
    #[error("too many pixels")]
    TooManyPixels,
    /// A side is shorter than [`PictureUse::least`] says.
    #[error("too few pixels")]
    TooFewPixels,
}

impl From<ImageError> for PictureError {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Limits(_) => Self::TooManyPixels,
            _ => Self::Broken,
        }
    }
}

/// A picture in one size, as a JPEG.
pub type Encoded = (PictureSize, Vec<u8>);

/// Decodes a file, cuts its picture as its use wants it and encodes it in every size of that use. Takes up to a few seconds and 270 MB, so it must not run at
/// the same time as many others.
pub fn encode(file: &[u8], what: PictureUse) -> Result<Vec<Encoded>, PictureError> {
    let cut = cut(&decode(file, what)?, what);
    what.sizes().iter().map(|size| Ok((*size, jpeg(&cut, *size)?))).collect()
}

/// Decodes a file, the right way up, and reduces it.
fn decode(file: &[u8], what: PictureUse) -> Result<DynamicImage, PictureError> {
    match file.len() {
        0 => return Err(PictureError::Empty),
        length if length > LARGEST_FILE => return Err(PictureError::FileTooLarge),
        _ => {}
    }
    let format = image::guess_format(file).ok();
    let known = |format: &ImageFormat| matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP);
    let format = format.filter(known).ok_or(PictureError::NoPicture)?;
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(LARGEST_DECODED);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    // Not every decoder keeps to the limits itself.
    if width.max(height) > LONGEST_SIDE
        || u64::from(width) * u64::from(height) > MOST_PIXELS
        || decoder.total_bytes() > LARGEST_DECODED
    {
        return Err(PictureError::TooManyPixels);
    }
    // A camera that was held upright writes a picture that lies on its side, and says so.
    let orientation = decoder.orientation()?;
    let lies = matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    let stored = |[width, height]: [u16; 2]| {
        let (width, height) = (u32::from(width), u32::from(height));
        if lies { (height, width) } else { (width, height) }
    };
    let least = stored(what.least());
    if width < least.0 || height < least.1 {
        return Err(PictureError::TooFewPixels);
    }
    let whole = DynamicImage::from_decoder(decoder)?;
    let largest = stored([what.largest().pixels(), what.largest().height()]);
    // The side of which less is left over is reduced to what is wanted of it.
    let (side, wanted) = if u64::from(width) * u64::from(largest.1) < u64::from(height) * u64::from(largest.0) {
        (width, REDUCED * largest.0)
    } else {
        (height, REDUCED * largest.1)
    };
    let mut reduced = if side > wanted {
        let scaled = |length: u32| (u64::from(length) * u64::from(wanted)).div_ceil(u64::from(side));
        let [width, height] = [width, height].map(|length| u32::try_from(scaled(length)).unwrap_or(length));
        whole.thumbnail_exact(width, height)
    } else {
        whole
    };
    reduced.apply_orientation(orientation);
    Ok(reduced)
}

/// Cuts out the largest part with the proportions that are wanted, from the middle. What is cut off an upright picture of a person
/// is mostly at its bottom, because faces are near the top.
fn cut(picture: &DynamicImage, what: PictureUse) -> RgbImage {
    let (width, height) = picture.dimensions();
    let [across, down] = [what.largest().pixels(), what.largest().height()].map(u32::from);
    let cut = if u64::from(width) * u64::from(down) < u64::from(height) * u64::from(across) {
        (width, (width * down / across).max(1))
    } else {
        ((height * across / down).max(1), height)
    };
    let above = if what == PictureUse::Person { 4 } else { 2 };
    on_white(&picture.crop_imm((width - cut.0) / 2, (height - cut.1) / above, cut.0, cut.1))
}

/// Puts a picture that lets something shine through on white, because a JPEG cannot.
fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let picture = picture.to_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let alpha = u16::from(alpha);
        let mixed = |colour: u8| u8::try_from((u16::from(colour) * alpha + 255 * (255 - alpha)) / 255).unwrap_or(255);
        image::Rgb([red, green, blue].map(mixed))
    })
}

fn jpeg(cut: &RgbImage, size: PictureSize) -> Result<Vec<u8>, PictureError> {
    let width = cut.width().min(u32::from(size.pixels()));
    let height = cut.height().min(u32::from(size.height()));
    let scaled = imageops::resize(cut, width, height, FilterType::Lanczos3);
    let mut content = Vec::new();
    for quality in QUALITIES {
        content.clear();
        JpegEncoder::new_with_quality(&mut content, quality).encode_image(&scaled)?;
        if content.len() <= LARGE {
            break;
        }
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, format).expect("a file");
        file.into_inner()
    }

    /// Returns a picture whose upper half is red.
    fn half_red(width: u32, height: u32) -> DynamicImage {
        RgbImage::from_fn(width, height, |_, y| image::Rgb(if y < height / 2 { [255, 0, 0] } else { [0, 0, 255] }))
            .into()
    }

    /// Returns the beginning of a PNG that claims to have this many pixels, of this many bits and this type of colour.
    fn png((width, height): (u32, u32), depth: u8, colour: u8) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[depth, colour, 0, 0, 0]].concat();
        for (kind, data) in [(b"IHDR", &header[..]), (b"IDAT", &[0x78, 0x9c])] {
            let mut checksum = flate2::Crc::new();
            checksum.update(kind);
            checksum.update(data);
            let length = u32::try_from(data.len()).expect("a short chunk").to_be_bytes();
            file.extend([&length[..], kind, data, &checksum.sum().to_be_bytes()].concat());
        }
        file
    }

    fn decoded(encoded: &[Encoded], size: PictureSize) -> RgbImage {
        let (_, content) = encoded.iter().find(|(one, _)| *one == size).expect("every size");
        image::load_from_memory_with_format(content, ImageFormat::Jpeg).expect("a JPEG").to_rgb8()
    }

    #[test]
    fn every_format_becomes_a_square_in_every_size() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let encoded = encode(&file(&half_red(1500, 2000), format), PictureUse::Person).expect("a picture");
            for size in PictureUse::Person.sizes() {
                let side = u32::from(size.pixels());
                assert_eq!(decoded(&encoded, *size).dimensions(), (side, side), "{format:?}");
            }
        }
        let small = encode(&file(&half_red(100, 120), ImageFormat::Png), PictureUse::Person).expect("a picture");
        assert_eq!(decoded(&small, PictureSize::Large).dimensions(), (100, 100), "it is not blown up");
    }

    #[test]
    fn a_picture_that_lies_on_its_side_is_turned_and_says_nothing_else() {
        // JPEG with an Exif segment: orientation 6, which means a quarter turn clockwise.
        let plain = file(&half_red(600, 600), ImageFormat::Jpeg);
        let exif = b"\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00";
        let turned = [&plain[..2], exif, &plain[2..]].concat();
        let encoded = encode(&turned, PictureUse::Person).expect("a picture");
        let picture = decoded(&encoded, PictureSize::Small);
        let is_red = |x, y| picture.get_pixel(x, y).0[0] > 200;
        assert!(is_red(90, 48) && !is_red(5, 48), "what was on top is on the right");
        assert!(encoded.iter().all(|(_, content)| !content.windows(4).any(|bytes| bytes == b"Exif")));
    }

    /// Returns a picture whose middle third, across or down, is green.
    fn green_within(width: u32, height: u32) -> DynamicImage {
        let is_within = |at: u32, of: u32| at >= of / 3 && at < of - of / 3;
        let colour = |x, y| if is_within(x, width) && is_within(y, height) { [0, 255, 0] } else { [255, 0, 0] };
        RgbImage::from_fn(width, height, |x, y| image::Rgb(colour(x, y))).into()
    }

    #[test]
    fn a_picture_of_a_conference_is_cut_from_the_middle_to_its_proportions() {
        for (what, width, height) in [
            (PictureUse::Hero, 3000, 1000),
            (PictureUse::Hero, 1700, 3000),
            (PictureUse::Share, 2600, 1000),
            (PictureUse::Share, 1300, 1400),
        ] {
            let encoded = encode(&file(&green_within(width, height), ImageFormat::Jpeg), what).expect("a picture");
            assert_eq!(encoded.len(), what.sizes().len());
            for size in what.sizes() {
                let picture = decoded(&encoded, *size);
                assert_eq!(picture.dimensions(), (u32::from(size.pixels()), u32::from(size.height())), "{what:?}");
                let is_green = |x, y| picture.get_pixel(x, y).0[1] > 200;
                assert!(is_green(picture.width() / 2, picture.height() / 2));
                for corner in [(2, 2), (picture.width() - 3, picture.height() - 3)] {
                    assert!(!is_green(corner.0, corner.1), "{what:?} of {width} × {height}");
                }
            }
        }
        let small = encode(&file(&half_red(1000, 700), ImageFormat::Png), PictureUse::Hero).expect("a picture");
        assert_eq!(decoded(&small, PictureSize::Widest).dimensions(), (1000, 562), "it is not blown up");
    }

    #[test]
    fn a_picture_of_a_conference_must_be_large_enough_the_way_it_is_seen() {
        for (what, width, height) in [(PictureUse::Hero, 799, 450), (PictureUse::Share, 1200, 629)] {
            let encoded = encode(&file(&half_red(width, height), ImageFormat::Png), what);
            assert_eq!(encoded, Err(PictureError::TooFewPixels), "{what:?}");
        }
        // An upright picture that lies on its side in the file, as phones write it.
        let plain = file(&half_red(450, 800), ImageFormat::Jpeg);
        let exif = b"\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00";
        let turned = [&plain[..2], exif, &plain[2..]].concat();
        assert_eq!(encode(&plain, PictureUse::Hero), Err(PictureError::TooFewPixels));
        let encoded = encode(&turned, PictureUse::Hero).expect("a picture");
        assert_eq!(decoded(&encoded, PictureSize::Wide).dimensions(), (800, 450));
    }

    #[test]
    fn a_picture_that_cannot_be_compressed_well_is_still_no_large_file() {
        let mut state = 1_u32;
        let noise = RgbImage::from_fn(1600, 900, |_, _| {
            let mut next = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state.to_be_bytes()[0]
            };
            image::Rgb([next(), next(), next()])
        });
        let encoded = encode(&file(&noise.into(), ImageFormat::Png), PictureUse::Hero).expect("a picture");
        let lengths: Vec<_> = encoded.iter().map(|(_, content)| content.len()).collect();
        assert!(lengths.iter().all(|length| *length < 600_000), "{lengths:?}");
    }

    #[test]
    fn what_shines_through_becomes_white() {
        let clear = DynamicImage::new_rgba8(200, 200);
        let encoded = encode(&file(&clear, ImageFormat::Png), PictureUse::Person).expect("a picture");
        assert!(decoded(&encoded, PictureSize::Small).pixels().all(|pixel| pixel.0.iter().all(|colour| *colour > 250)));
    }

    #[test]
    fn what_is_no_picture_or_too_large_is_refused() {
        let jpeg = file(&half_red(300, 300), ImageFormat::Jpeg);
        let bmp = b"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00";
        for (what, file, error) in [
            ("nothing", Vec::new(), PictureError::Empty),
            ("a PDF", b"%PDF-1.7 and so on".to_vec(), PictureError::NoPicture),
            ("an SVG", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), PictureError::NoPicture),
            ("a zip file", b"PK\x03\x04 and so on".to_vec(), PictureError::NoPicture),
            ("another format", bmp.to_vec(), PictureError::NoPicture),
            ("the start of a picture", jpeg[..60].to_vec(), PictureError::Broken),
            ("a long file", vec![0; LARGEST_FILE + 1], PictureError::FileTooLarge),
            ("a dot", file(&half_red(20, 20), ImageFormat::Png), PictureError::TooFewPixels),
            ("a strip", png((12_001, 100), 8, 2), PictureError::TooManyPixels),
            ("a large area", png((6_000, 5_001), 8, 2), PictureError::TooManyPixels),
            ("a bomb", png((30_000, 30_000), 8, 2), PictureError::TooManyPixels),
            ("16 bits for each of four channels", png((5_000, 5_000), 16, 6), PictureError::TooManyPixels),
            ("a picture without its pixels", png((1_000, 1_000), 8, 2), PictureError::Broken),
        ] {
            assert_eq!(encode(&file, PictureUse::Person), Err(error), "{what}");
        }
    }
}
