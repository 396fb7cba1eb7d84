//! PNG pictures, decoded within bounds.

use serde::Serialize;

/// The most bytes that a picture may have once it is decoded (64 MiB).
const DECODED_BYTES_MAX: usize = 64 << 20;

/// A PNG picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Picture {
    /// Its width in pixels.
    pub(crate) width: u32,
    /// Its height in pixels.
    pub(crate) height: u32,
    /// Its colours and their depth, such as `rgba 8 bit`.
    pub(crate) colour: String,
    /// Its chunks in order, by type and length, as far as they can be read.
    #[serde(skip)]
    pub(crate) chunks: Vec<(String, usize)>,
    /// Its pixels, when it can be decoded within the bounds.
    #[serde(skip)]
    pixels: Option<Pixels>,
}

#[derive(Debug, Clone, PartialEq)]
struct Pixels {
    bytes: Vec<u8>,
    row: usize,
    pixel: usize,
}

/// The first pixel in which two pictures differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Pixel {
    /// From the left, from 0.
    pub(crate) x: usize,
    /// From the top, from 0.
    pub(crate) y: usize,
    /// What it is in the first, as hexadecimal digits.
    pub(crate) left: String,
    /// What it is in the second.
    pub(crate) right: String,
    /// How many pixels differ.
    pub(crate) differing: usize,
}

impl Picture {
    /// Reads a picture; `None` when its header cannot be read.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let limits = png::Limits { bytes: DECODED_BYTES_MAX };
        let mut decoder = png::Decoder::new_with_limits(std::io::Cursor::new(bytes), limits);
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().ok()?;
        let info = reader.info();
        let colour = format!("{:?} {} bit", info.color_type, info.bit_depth as u8).to_lowercase();
        let (width, height) = (info.width, info.height);
        Some(Self { width, height, colour, chunks: chunks(bytes), pixels: pixels(&mut reader) })
    }

    /// The first pixel in which two pictures of one size and form differ.
    pub(crate) fn first_pixel(&self, other: &Self) -> Option<Pixel> {
        let (left, right) = (self.pixels.as_ref()?, other.pixels.as_ref()?);
        if (self.width, left.row, left.pixel) != (other.width, right.row, right.pixel) || left.pixel == 0 {
            return None;
        }
        let pairs = || left.bytes.chunks(left.pixel).zip(right.bytes.chunks(left.pixel));
        let at = pairs().position(|(a, b)| a != b)?;
        let hex = |pixels: &Pixels| {
            hex(pixels.bytes.get(at * left.pixel..(at + 1) * left.pixel).unwrap_or_default())
        };
        Some(Pixel {
            x: at % self.width.max(1) as usize,
            y: at / self.width.max(1) as usize,
            left: hex(left),
            right: hex(right),
            differing: pairs().filter(|(a, b)| a != b).count(),
        })
    }

    /// The first chunk in which two pictures differ, by number from 0.
    pub(crate) fn first_chunk(&self, other: &Self) -> Option<usize> {
        let count = self.chunks.len().max(other.chunks.len());
        (0..count).find(|at| self.chunks.get(*at) != other.chunks.get(*at))
    }
}

fn pixels<R: std::io::BufRead + std::io::Seek>(reader: &mut png::Reader<R>) -> Option<Pixels> {
    let size = reader.output_buffer_size().filter(|size| *size <= DECODED_BYTES_MAX)?;
    let (colour, depth) = reader.output_color_type();
    // Below 8 bits EXPAND has made them 8.
    let pixel = colour.samples() * if depth == png::BitDepth::Sixteen { 2 } else { 1 };
    let row = reader.output_line_size(reader.info().width)?;
    let mut bytes = vec![0; size];
    reader.next_frame(&mut bytes).ok()?;
    Some(Pixels { bytes, row, pixel })
}

/// The chunks of a PNG: each a length, a type, as many bytes and a checksum.
fn chunks(bytes: &[u8]) -> Vec<(String, usize)> {
    let (mut chunks, mut rest) = (Vec::new(), bytes.get(8..).unwrap_or_default());
    while let [a, b, c, d, after @ ..] = rest
        && let Some((name, after)) = after.split_at_checked(4)
        && chunks.len() < 10_000
    {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        chunks.push((name.escape_ascii().to_string(), length));
        rest = after.get(length.saturating_add(4)..).unwrap_or_default();
    }
    chunks
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A grey picture.
    pub(crate) fn grey(width: u32, height: u32, pixels: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Grayscale);
        let mut writer = encoder.write_header().expect("a header");
        writer.write_image_data(pixels).expect("pixels");
        writer.finish().expect("an end");
        bytes
    }

    #[test]
    fn the_first_pixel_that_differs_has_a_place() {
        let read = |pixels: &[u8]| Picture::read(&grey(3, 2, pixels)).expect("a picture");
        let (left, right) = (read(&[0, 1, 2, 3, 4, 5]), read(&[0, 1, 2, 3, 9, 9]));
        let pixel = left.first_pixel(&right).expect("they differ");
        assert_eq!((pixel.x, pixel.y, pixel.differing), (1, 1, 2));
        assert_eq!((pixel.left.as_str(), pixel.right.as_str()), ("04", "09"));
        assert_eq!(left.first_pixel(&left), None);
        assert_eq!((left.width, left.height, left.colour.as_str()), (3, 2, "grayscale 8 bit"));
        assert_eq!(left.chunks.first().map(|(name, _)| name.as_str()), Some("IHDR"));
    }

    #[test]
    fn a_hostile_picture_is_none_or_has_no_pixels() {
        let whole = grey(3, 2, &[0, 1, 2, 3, 4, 5]);
        for at in 0..whole.len() {
            for flip in [1, 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] ^= flip;
                if let Some(picture) = Picture::read(&bytes) {
                    let _ = picture.first_pixel(&picture);
                }
            }
            let _ = Picture::read(&whole[..at]);
        }
        // It claims 2^31 - 1 by 2^31 - 1 pixels.
        let mut bomb = whole;
        bomb[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
        assert!(Picture::read(&bomb).is_none_or(|picture| picture.pixels.is_none()));
    }
}
