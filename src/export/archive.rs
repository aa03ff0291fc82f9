//! Several files as one: a ZIP archive.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use rawzip::{CompressionMethod, ZipArchiveWriter};

/// An archive of these files, paths with texts. Without times: the same files give the same bytes.
pub fn zip(files: impl IntoIterator<Item = (String, String)>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to memory does not fail; a path that ZIP cannot hold would, and there is none among ours.
    let written = write(&mut bytes, files);
    debug_assert!(written.is_ok(), "{written:?}");
    bytes
}

fn write(
    bytes: &mut Vec<u8>,
    files: impl IntoIterator<Item = (String, String)>,
) -> Result<(), rawzip::Error> {
    let mut archive = ZipArchiveWriter::new(bytes);
    for (path, text) in files {
        let (mut entry, config) = archive
            .new_file(path.as_str())
            .compression_method(CompressionMethod::DEFLATE)
            .unix_permissions(if path.ends_with(".sh") { 0o755 } else { 0o644 })
            .start()?;
        let encoder = DeflateEncoder::new(&mut entry, Compression::best());
        let mut writer = config.wrap(encoder);
        writer.write_all(text.as_bytes())?;
        let (encoder, descriptor) = writer.finish()?;
        encoder.finish()?;
        entry.finish(descriptor)?;
    }
    archive.finish()?;
    Ok(())
}
