//! The bytes of one file, in blocks, so that holes cost nothing.

use std::collections::BTreeMap;

use super::FileError;

/// Bytes of a block, the unit in which storage is taken and counted; that of ext4 and XFS.
pub const BLOCK: u64 = 4096;

/// The largest file: ext4's limit with 4 KiB blocks.
pub const MAX_FILE_BYTES: u64 = 16 << 40;

/// Blocks by number; one that is missing reads as zeros.
#[derive(Debug, Clone, Default)]
pub struct Content {
    blocks: BTreeMap<u64, Box<[u8]>>,
    size: u64,
}

impl Content {
    /// Length of the file.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Storage taken, in bytes.
    pub fn stored(&self) -> u64 {
        self.blocks.len() as u64 * BLOCK
    }

    /// Copies from position `at`; gives the number of bytes read, which is short at the end of the file only.
    pub fn read(&self, at: u64, into: &mut [u8]) -> usize {
        let left = usize::try_from(self.size.saturating_sub(at)).unwrap_or(usize::MAX);
        let wanted = into.len().min(left);
        let mut done = 0;
        while done < wanted {
            let (block, offset) = place(at + done as u64);
            let step = (BLOCK as usize - offset).min(wanted - done);
            let Some(target) = into.get_mut(done..done + step) else {
                break;
            };
            let source = self.blocks.get(&block);
            match source.and_then(|bytes| bytes.get(offset..offset + step)) {
                Some(bytes) => target.copy_from_slice(bytes),
                None => target.fill(0),
            }
            done += step;
        }
        done
    }

    /// Writes at position `at`, taking new blocks from `budget` bytes. Gives the number of bytes written, short when the
    /// budget ends first.
    ///
    /// # Errors
    /// When nothing could be written: [`FileError::NoSpace`], [`FileError::TooLarge`] or [`FileError::Device`].
    pub fn write(&mut self, at: u64, bytes: &[u8], budget: u64) -> Result<usize, FileError> {
        let before = self.stored();
        let mut done = 0;
        while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
            let step = self.write_in_block(at.saturating_add(done as u64), rest, before, budget);
            match step {
                Ok(step) => done += step,
                Err(error) if done == 0 => return Err(error),
                Err(_) => break,
            }
        }
        Ok(done)
    }

    /// Writes the part of `bytes` that lies in the block at `at`.
    fn write_in_block(
        &mut self,
        at: u64,
        bytes: &[u8],
        stored_before: u64,
        budget: u64,
    ) -> Result<usize, FileError> {
        if at >= MAX_FILE_BYTES {
            return Err(FileError::TooLarge);
        }
        let (block, offset) = place(at);
        self.take_block(block, stored_before, budget)?;
        let target = self.blocks.get_mut(&block).ok_or(FileError::Device)?;
        let target = target.get_mut(offset..).ok_or(FileError::Device)?;
        let mut step = 0;
        for (to, from) in target.iter_mut().zip(bytes) {
            *to = *from;
            step += 1;
        }
        self.size = self.size.max(at + step as u64);
        Ok(step)
    }

    fn take_block(&mut self, block: u64, before: u64, budget: u64) -> Result<(), FileError> {
        if self.blocks.contains_key(&block) {
            return Ok(());
        }
        if self.stored() + BLOCK - before > budget {
            return Err(FileError::NoSpace);
        }
        let mut bytes = Vec::new();
        bytes
            .try_reserve_exact(BLOCK as usize)
            .map_err(|_| FileError::Device)?;
        bytes.resize(BLOCK as usize, 0);
        self.blocks.insert(block, bytes.into_boxed_slice());
        Ok(())
    }

    /// Makes the file `size` bytes long; what is new reads as zeros.
    ///
    /// # Errors
    /// [`FileError::TooLarge`] beyond [`MAX_FILE_BYTES`].
    pub fn set_size(&mut self, size: u64) -> Result<(), FileError> {
        if size > MAX_FILE_BYTES {
            return Err(FileError::TooLarge);
        }
        if size < self.size {
            let (block, offset) = place(size);
            self.blocks
                .split_off(&if offset == 0 { block } else { block + 1 });
            let tail = self.blocks.get_mut(&block);
            if let Some(tail) = tail.and_then(|bytes| bytes.get_mut(offset..)) {
                tail.fill(0);
            }
        }
        self.size = size;
        Ok(())
    }

    /// Takes the storage for `len` bytes at `at` now, and makes the file at least that long.
    ///
    /// # Errors
    /// As [`Content::write`]; blocks taken so far are then kept, as on a real disk.
    pub fn allocate(&mut self, at: u64, len: u64, budget: u64) -> Result<(), FileError> {
        let end = at.saturating_add(len);
        if end > MAX_FILE_BYTES {
            return Err(FileError::TooLarge);
        }
        let before = self.stored();
        // At once, rather than after having taken all there is.
        let (first, last) = (at / BLOCK, end.div_ceil(BLOCK));
        let present = self.blocks.range(first..last.max(first)).count() as u64;
        if (last - first).saturating_sub(present).saturating_mul(BLOCK) > budget {
            return Err(FileError::NoSpace);
        }
        for block in first..last {
            self.take_block(block, before, budget)?;
        }
        self.size = self.size.max(end);
        Ok(())
    }
}

/// The block that holds position `at`, and where in it.
fn place(at: u64) -> (u64, usize) {
    (at / BLOCK, (at % BLOCK) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_across_blocks() {
        let mut content = Content::default();
        let bytes: Vec<u8> = (0..10_000_u32).map(|i| i as u8).collect();
        assert_eq!(content.write(3_000, &bytes, 1 << 20), Ok(10_000));
        let mut back = vec![1; 20_000];
        assert_eq!(content.read(0, &mut back), 13_000);
        assert!(back[..3_000].iter().all(|&byte| byte == 0), "the hole");
        assert_eq!(back[3_000..13_000], bytes[..]);
        assert_eq!(content.read(13_000, &mut back), 0);
        assert_eq!(content.stored(), 4 * BLOCK);
    }

    #[test]
    fn holes_take_no_storage() {
        let mut content = Content::default();
        assert_eq!(content.write(1 << 40, b"far", BLOCK), Ok(3));
        assert_eq!((content.size(), content.stored()), ((1 << 40) + 3, BLOCK));
    }

    #[test]
    fn a_write_is_short_when_the_budget_ends() {
        let mut content = Content::default();
        assert_eq!(content.write(0, &[7; 10_000], 2 * BLOCK), Ok(8_192));
        assert_eq!(content.write(8_192, &[7; 1], 0), Err(FileError::NoSpace));
        assert_eq!(
            content.write(0, &[8; 8_192], 0),
            Ok(8_192),
            "over what is there"
        );
        assert_eq!(
            content.write(MAX_FILE_BYTES, b"x", 1 << 20),
            Err(FileError::TooLarge)
        );
    }

    #[test]
    fn shrinking_frees_and_forgets() {
        let mut content = Content::default();
        content.write(0, &[9; 10_000], 1 << 20).unwrap();
        content.set_size(5_000).unwrap();
        assert_eq!(content.stored(), 2 * BLOCK);
        content.set_size(6_000).unwrap();
        let mut back = [1; 6_000];
        assert_eq!(content.read(0, &mut back), 6_000);
        assert_eq!((back[4_999], back[5_000]), (9, 0));
        content.set_size(0).unwrap();
        assert_eq!(content.stored(), 0);
    }

    #[test]
    fn allocation_takes_storage_or_nothing() {
        let mut content = Content::default();
        assert_eq!(content.allocate(1, BLOCK, 2 * BLOCK), Ok(()));
        assert_eq!((content.size(), content.stored()), (BLOCK + 1, 2 * BLOCK));
        let whole = content.allocate(0, 1 << 43, 1 << 20);
        assert_eq!(whole, Err(FileError::NoSpace));
        assert_eq!(content.stored(), 2 * BLOCK);
    }
}
