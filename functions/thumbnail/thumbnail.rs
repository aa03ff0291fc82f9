//! Makes a thumbnail of an uploaded picture, as far as a function without a network can: the picture
//! is generated in the size that the S3 event tells, blurred and scaled down for real, and the answer
//! says what would be written. It teaches events from S3: their shape, keys that arrive URL-encoded,
//! and work which grows with the object.

#[path = "../include/lambda.rs"]
mod lambda;

/// A photo takes about a byte for each four pixels.
const PIXELS_PER_BYTE: usize = 4;
const LARGEST_PIXELS: usize = 24_000_000;
const THUMBNAIL_WIDTH: usize = 160;

lambda::handler!(make_thumbnail);

fn make_thumbnail(event: &str) -> Result<String, lambda::Failure> {
    let object = lambda::after(event, "\"object\"").unwrap_or_default();
    let (Some(key), Some(size)) = (lambda::field(object, "key"), lambda::field(object, "size"))
    else {
        return Err(lambda::Failure {
            kind: "KeyError",
            message: "the event has no Records[0].s3.object with key and size".into(),
        });
    };
    let key = url_decoded(key);
    let size: usize = size.parse().unwrap_or(0);

    let picture = Picture::generated((size * PIXELS_PER_BYTE).clamp(64, LARGEST_PIXELS));
    let thumbnail = picture.scaled_down(THUMBNAIL_WIDTH).blurred();
    let target = format!("thumbnails/{}", key.rsplit('/').next().unwrap_or(&key));
    lambda::log(&format!(
        "{key}: {size} bytes, {}x{} pixels, scaled to {}x{}",
        picture.width, picture.height, thumbnail.width, thumbnail.height
    ));
    Ok(format!(
        r#"{{"source":"{key}","target":"{target}","width":{},"height":{},"checksum":{}}}"#,
        thumbnail.width,
        thumbnail.height,
        thumbnail.checksum()
    ))
}

/// S3 writes a space as `+` and other bytes as `%2F`. Quotes and backslashes, which would break our
/// JSON, and bytes which are not UTF-8 are replaced.
fn url_decoded(key: &str) -> String {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let hex = tail
            .get(..2)
            .and_then(|digits| core::str::from_utf8(digits).ok());
        match (
            first,
            hex.and_then(|digits| u8::from_str_radix(digits, 16).ok()),
        ) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            (b'+', _) => bytes.push(b' '),
            _ => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes)
        .replace(['"', '\\'], "_")
        .replace(char::is_control, "_")
}

/// Red, green and blue, row by row.
struct Picture {
    width: usize,
    height: usize,
    samples: Vec<u8>,
}

impl Picture {
    /// Stripes and circles, three by two in proportion.
    fn generated(pixels: usize) -> Picture {
        let height = (pixels * 2 / 3).isqrt().max(1);
        let width = (pixels / height).max(1);
        let mut samples = Vec::with_capacity(width * height * 3);
        for y in 0..height {
            for x in 0..width {
                samples.extend([
                    (x ^ y) as u8,
                    ((x * x + y * y) >> 8) as u8,
                    (x + 2 * y) as u8,
                ]);
            }
        }
        Picture {
            width,
            height,
            samples,
        }
    }

    /// Every pixel becomes the mean of the box of pixels that it stands for.
    fn scaled_down(&self, width: usize) -> Picture {
        let width = width.min(self.width);
        let height = (self.height * width / self.width).max(1);
        let mut samples = Vec::with_capacity(width * height * 3);
        for y in 0..height {
            let rows = y * self.height / height..(y + 1) * self.height / height;
            for x in 0..width {
                let columns = x * self.width / width..(x + 1) * self.width / width;
                samples.extend(self.mean(rows.clone(), columns));
            }
        }
        Picture {
            width,
            height,
            samples,
        }
    }

    /// The mean of each pixel and its eight neighbours.
    fn blurred(&self) -> Picture {
        let mut samples = Vec::with_capacity(self.samples.len());
        for y in 0..self.height {
            let rows = y.saturating_sub(1)..(y + 2).min(self.height);
            for x in 0..self.width {
                let columns = x.saturating_sub(1)..(x + 2).min(self.width);
                samples.extend(self.mean(rows.clone(), columns));
            }
        }
        Picture {
            width: self.width,
            height: self.height,
            samples,
        }
    }

    fn mean(&self, rows: core::ops::Range<usize>, columns: core::ops::Range<usize>) -> [u8; 3] {
        let count = (rows.len() * columns.len()).max(1) as u32;
        let mut sums = [0u32; 3];
        for row in rows {
            let start = row * self.width;
            let samples = &self.samples[(start + columns.start) * 3..(start + columns.end) * 3];
            for pixel in samples.chunks_exact(3) {
                for (sum, sample) in sums.iter_mut().zip(pixel) {
                    *sum += u32::from(*sample);
                }
            }
        }
        sums.map(|sum| (sum / count) as u8)
    }

    /// FNV-1a, so that two runs can be seen to have done the same.
    fn checksum(&self) -> u32 {
        self.samples.iter().fold(0x811c_9dc5, |hash, sample| {
            (hash ^ u32::from(*sample)).wrapping_mul(0x0100_0193)
        })
    }
}
