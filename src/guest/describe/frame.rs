//! A module's frame: sections that follow each other to the end of the file.

use crate::problem::Problem;

/// Sections by their number, as the specification calls them.
const SECTIONS: [&str; 14] = [
    "custom",
    "type",
    "import",
    "function",
    "table",
    "memory",
    "global",
    "export",
    "start",
    "element",
    "code",
    "data",
    "data count",
    "tag",
];

/// Says where a module was cut off: at which byte, in which section. None, if its sections reach exactly to its end, or
/// if it is broken in another way.
pub(super) fn cut_off(bytes: &[u8]) -> Option<Problem> {
    if bytes.len() < 8 {
        return Some(problem(
            bytes.len(),
            format!(
                "The file ends in the module's header, after {} of 8 bytes.",
                bytes.len()
            ),
        ));
    }
    let mut at = 8;
    while let Some(id) = bytes.get(at) {
        let name = SECTIONS.get(usize::from(*id))?;
        let content = match size(bytes.get(at + 1..)?) {
            Size::Is(size, length) => (at + 1 + length, size),
            Size::CutOff => {
                return Some(problem(
                    bytes.len(),
                    format!(
                        "The file ends in the header of the {name} section, which begins at byte 0x{at:x}."
                    ),
                ));
            }
            Size::Invalid => return None,
        };
        let (begin, size) = content;
        let there = bytes.len().saturating_sub(begin);
        let Some(next) = usize::try_from(size)
            .ok()
            .and_then(|size| begin.checked_add(size))
        else {
            return Some(too_short(bytes.len(), name, at, size, there));
        };
        if next > bytes.len() {
            return Some(too_short(bytes.len(), name, at, size, there));
        }
        at = next;
    }
    None
}

fn too_short(end: usize, name: &str, at: usize, size: u32, there: usize) -> Problem {
    problem(
        end,
        format!(
            "The file ends in the {name} section: that begins at byte 0x{at:x} and should have {size} bytes, but only \
             {there} are there."
        ),
    )
}

fn problem(end: usize, cause: String) -> Problem {
    Problem::error(
        "module.truncated",
        format!("byte 0x{end:x}"),
        cause,
        "The download or copy was probably interrupted: get the file again, and compare its size.",
    )
}

/// An unsigned LEB128 number of 32 bits and how many bytes it takes.
enum Size {
    Is(u32, usize),
    CutOff,
    Invalid,
}

fn size(bytes: &[u8]) -> Size {
    let mut value = 0_u32;
    for index in 0..5 {
        let Some(byte) = bytes.get(index) else {
            return Size::CutOff;
        };
        if index == 4 && byte & 0xf0 != 0 {
            return Size::Invalid;
        }
        value |= u32::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Size::Is(value, index + 1);
        }
    }
    Size::Invalid
}
