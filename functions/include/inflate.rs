//! Unpacks gzip for examples of one file: `#[path = "../include/inflate.rs"] mod inflate;`. RFC 1951 and 1952, without checks
//! of the checksum.

/// The most bytes that are unpacked.
const LARGEST: usize = 8 << 20;

/// The content of a gzip file; none when it is broken.
pub fn gunzip(file: &[u8]) -> Option<Vec<u8>> {
    let flags = *file.get(3)?;
    let mut at = 10;
    if flags & 4 != 0 {
        at += 2 + usize::from(*file.get(at)?) + (usize::from(*file.get(at + 1)?) << 8);
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += file.get(at..)?.iter().position(|byte| *byte == 0)? + 1;
        }
    }
    at += if flags & 2 != 0 { 2 } else { 0 };
    Bits { bytes: file.get(at..)?, at: 0 }.inflate()
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// How many codes there are of each length, and the symbols in the order of their codes.
struct Codes {
    counts: [u16; 16],
    symbols: Vec<u16>,
}

impl Codes {
    fn of(lengths: &[u8]) -> Self {
        let mut counts = [0; 16];
        for length in lengths.iter().filter(|length| **length > 0) {
            if let Some(count) = counts.get_mut(usize::from(*length)) {
                *count += 1;
            }
        }
        // Shorter codes come first, those of one length in the order of their symbols.
        let mut symbols = Vec::new();
        for length in 1..16 {
            let of_it = (0_u16..).zip(lengths).filter(|(_, own)| **own == length);
            symbols.extend(of_it.map(|(symbol, _)| symbol));
        }
        Self { counts, symbols }
    }
}

/// Base and extra bits of lengths 257 to 285, and of distances.
const LENGTHS: [(u16, u8); 29] = [
    (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (11, 1), (13, 1), (15, 1), (17, 1), (19, 2), (23, 2), (27, 2),
    (31, 2), (35, 3), (43, 3), (51, 3), (59, 3), (67, 4), (83, 4), (99, 4), (115, 4), (131, 5), (163, 5), (195, 5), (227, 5), (258, 0),
];
const DISTANCES: [(u16, u8); 30] = [
    (1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (7, 1), (9, 2), (13, 2), (17, 3), (25, 3), (33, 4), (49, 4), (65, 5), (97, 5), (129, 6),
    (193, 6), (257, 7), (385, 7), (513, 8), (769, 8), (1025, 9), (1537, 9), (2049, 10), (3073, 10), (4097, 11), (6145, 11),
    (8193, 12), (12289, 12), (16385, 13), (24577, 13),
];
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

impl Bits<'_> {
    fn take(&mut self, count: u8) -> Option<u16> {
        let mut value = 0;
        for place in 0..count {
            let byte = *self.bytes.get(self.at / 8)?;
            value |= u16::from(byte >> (self.at % 8) & 1) << place;
            self.at += 1;
        }
        Some(value)
    }

    fn symbol(&mut self, codes: &Codes) -> Option<u16> {
        let (mut code, mut first, mut index) = (0_u32, 0_u32, 0_u32);
        for count in codes.counts.iter().skip(1) {
            code |= u32::from(self.take(1)?);
            let count = u32::from(*count);
            if code < first + count {
                return codes.symbols.get((index + code - first) as usize).copied();
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        None
    }

    fn inflate(mut self) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        loop {
            let last = self.take(1)?;
            match self.take(2)? {
                0 => {
                    self.at = self.at.div_ceil(8) * 8;
                    let length = usize::from(self.take(16)?);
                    self.take(16)?;
                    let from = self.at / 8;
                    out.extend_from_slice(self.bytes.get(from..from + length)?);
                    self.at += length * 8;
                }
                1 => {
                    let mut lengths = [8; 288];
                    lengths[144..256].fill(9);
                    lengths[256..280].fill(7);
                    self.block(&Codes::of(&lengths), &Codes::of(&[5; 30]), &mut out)?;
                }
                2 => {
                    let (literals, distances) = self.tables()?;
                    self.block(&literals, &distances, &mut out)?;
                }
                _ => return None,
            }
            if last == 1 {
                return Some(out);
            }
        }
    }

    fn tables(&mut self) -> Option<(Codes, Codes)> {
        let literals = usize::from(self.take(5)?) + 257;
        let distances = usize::from(self.take(5)?) + 1;
        let codes = usize::from(self.take(4)?) + 4;
        let mut lengths = [0; 19];
        for place in ORDER.iter().take(codes) {
            lengths[*place] = self.take(3)? as u8;
        }
        let codes = Codes::of(&lengths);
        let mut lengths: Vec<u8> = Vec::new();
        while lengths.len() < literals + distances {
            let (value, times) = match self.symbol(&codes)? {
                16 => (*lengths.last()?, self.take(2)? + 3),
                17 => (0, self.take(3)? + 3),
                18 => (0, self.take(7)? + 11),
                length => (length as u8, 1),
            };
            lengths.extend((0..times).map(|_| value));
        }
        let all = lengths.get(..literals + distances)?;
        let (literals, distances) = all.split_at(literals);
        Some((Codes::of(literals), Codes::of(distances)))
    }

    fn block(&mut self, literals: &Codes, distances: &Codes, out: &mut Vec<u8>) -> Option<()> {
        loop {
            match self.symbol(literals)? {
                literal @ 0..=255 => out.push(literal as u8),
                256 => return Some(()),
                symbol => {
                    let (base, extra) = *LENGTHS.get(usize::from(symbol) - 257)?;
                    let length = usize::from(base + self.take(extra)?);
                    let symbol = self.symbol(distances)?;
                    let (base, extra) = *DISTANCES.get(usize::from(symbol))?;
                    let distance = usize::from(base + self.take(extra)?);
                    let from = out.len().checked_sub(distance)?;
                    for place in 0..length {
                        out.push(*out.get(from + place)?);
                    }
                }
            }
            if out.len() > LARGEST {
                return None;
            }
        }
    }
}
