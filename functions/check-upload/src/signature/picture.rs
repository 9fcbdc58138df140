//! Pictures: a photograph of a passport is one (FRM-6). Nothing is decoded: the file must consist of its own parts from the
//! first byte to the last, so that nothing else hides before, between or behind them.

use domain::document::FileFormat;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Start of image, and the first byte of the next marker.
const JPEG: &[u8] = b"\xFF\xD8\xFF";
/// Parts of a picture; cameras write some tens, a PNG of two megabytes some hundreds.
const MOST_PARTS: usize = 20_000;
/// Pictures in one file: telephones add smaller ones of the same scene.
const MOST_PICTURES: u8 = 4;
/// What Samsung's telephones end their photographs with, behind notes of their own.
const TELEPHONE_NOTES: &[u8] = b"SEFT";
/// Where an archive, or a document, would have to be read from.
const OTHER_FILES: [&[u8]; 3] = [b"PK\x05\x06", b"PK\x03\x04", b"%PDF-"];

/// The format that the first bytes say.
pub(super) fn looks_like(bytes: &[u8]) -> Option<FileFormat> {
    if bytes.starts_with(PNG) {
        Some(FileFormat::Png)
    } else if bytes.starts_with(JPEG) {
        Some(FileFormat::Jpeg)
    } else {
        None
    }
}

/// Whether the file is one picture and nothing more.
pub(super) fn is_whole(format: FileFormat, bytes: &[u8]) -> bool {
    match format {
        FileFormat::Png => png(bytes).is_some(),
        FileFormat::Jpeg => jpeg(bytes, MOST_PICTURES).is_some(),
        FileFormat::Pdf | FileFormat::Envelope => false,
    }
}

/// Chunks of a length, a name, their data and a checksum, from `IHDR` to `IEND` at the very end (ISO/IEC 15948, 5.3).
fn png(bytes: &[u8]) -> Option<()> {
    let mut rest = bytes.strip_prefix(PNG)?;
    let mut has_data = false;
    for part in 0..MOST_PARTS {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (name, after) = after.split_first_chunk::<4>()?;
        let (_, after) = after.split_at_checked(length)?;
        let (_, after) = after.split_first_chunk::<4>()?;
        if !name.iter().all(u8::is_ascii_alphabetic) || (part == 0) != (name == b"IHDR") {
            return None;
        }
        has_data |= name == b"IDAT";
        if name == b"IEND" {
            return (length == 0 && has_data && after.is_empty()).then_some(());
        }
        rest = after;
    }
    None
}

/// Segments with a marker and a length, scans of coded data, and the end of image at the end (ITU-T T.81, B.1).
fn jpeg(bytes: &[u8], pictures: u8) -> Option<()> {
    let pictures = pictures.checked_sub(1)?;
    let mut rest = bytes.strip_prefix(b"\xFF\xD8")?;
    let (mut has_frame, mut has_scan) = (false, false);
    for _ in 0..MOST_PARTS {
        let (first, after) = rest.split_first()?;
        if *first != 0xFF {
            return None;
        }
        let (marker, after) = after.split_first()?;
        match marker {
            // Any number of filling bytes may come before a marker.
            0xFF => rest = rest.get(1..)?,
            0xD9 => {
                return (has_frame && has_scan && ends(after, pictures)).then_some(());
            }
            // Without a length, and only inside scans.
            0x00 | 0x01 | 0xD0..=0xD8 => return None,
            _ => {
                let (length, _) = after.split_first_chunk::<2>()?;
                let length = usize::from(u16::from_be_bytes(*length));
                if length < 2 {
                    return None;
                }
                rest = after.get(length..)?;
                has_frame |=
                    matches!(marker, 0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF);
                if *marker == 0xDA {
                    has_scan = true;
                    rest = rest.get(coded(rest)?..)?;
                }
            }
        }
    }
    None
}

/// Whether this is what cameras leave behind a picture: zeros, a smaller picture of the same scene, or a telephone's notes.
fn ends(rest: &[u8], pictures: u8) -> bool {
    let holds = |other: &[u8]| rest.windows(other.len()).any(|window| window == other);
    rest.iter().all(|byte| *byte == 0)
        || jpeg(rest, pictures).is_some()
        || (rest.ends_with(TELEPHONE_NOTES) && !OTHER_FILES.into_iter().any(holds))
}

/// How many bytes of coded data come before the next marker that is neither a byte of data nor a restart.
fn coded(bytes: &[u8]) -> Option<usize> {
    bytes.windows(2).position(
        |pair| matches!(pair, [0xFF, marker] if !matches!(marker, 0x00 | 0xFF | 0xD0..=0xD7)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length[..], &name, data, &[0; 4]].concat()
    }

    fn png() -> Vec<u8> {
        [
            PNG,
            &chunk(*b"IHDR", &[0; 13]),
            &chunk(*b"tEXt", b"Comment\0/JavaScript"),
            &chunk(*b"IDAT", &[1, 2, 3]),
            &chunk(*b"IEND", &[]),
        ]
        .concat()
    }

    fn jpeg() -> Vec<u8> {
        let mut bytes = b"\xFF\xD8\xFF\xE0\x00\x06JFIF".to_vec();
        bytes.extend(b"\xFF\xC0\x00\x05\x08\x00\x01");
        bytes.extend(b"\xFF\xDA\x00\x04\x01\x02");
        bytes.extend(b"\x11\xFF\x00\x22\xFF\xD0\x33\xFF\xD9");
        bytes
    }

    /// FRM-6: a photograph of a passport passes as JPG and as PNG.
    #[test]
    fn a_picture_that_consists_of_its_parts_is_whole() {
        assert_eq!(looks_like(&png()), Some(FileFormat::Png));
        assert!(is_whole(FileFormat::Png, &png()));
        assert_eq!(looks_like(&jpeg()), Some(FileFormat::Jpeg));
        assert!(is_whole(FileFormat::Jpeg, &jpeg()));
        assert!(is_whole(FileFormat::Jpeg, &[jpeg(), vec![0; 16]].concat()), "padded");
        assert!(is_whole(FileFormat::Jpeg, &jpeg().repeat(2)), "with a smaller one");
        assert!(
            is_whole(FileFormat::Jpeg, &[&jpeg()[..], b"note SEFT"].concat()),
            "of a telephone"
        );
        assert!(!is_whole(FileFormat::Pdf, &png()));
    }

    /// Whatever is cut off, or stands behind the picture, is no picture: an archive behind a photograph opens as an archive.
    #[test]
    fn what_is_cut_off_or_added_is_no_picture() {
        let hidden = [&jpeg()[..], b"PK\x03\x04 SEFT"].concat();
        assert!(!is_whole(FileFormat::Jpeg, &hidden));
        assert!(!is_whole(FileFormat::Jpeg, &jpeg().repeat(100_000)));
        for (format, whole) in [(FileFormat::Png, png()), (FileFormat::Jpeg, jpeg())] {
            for end in 0..whole.len() {
                assert!(!is_whole(format, &whole[..end]), "{format:?} of {end} bytes");
            }
            for added in [&b"PK\x03\x04"[..], b"%PDF-1.7", b"<script>"] {
                assert!(!is_whole(format, &[&whole[..], added].concat()), "{format:?}");
            }
        }
        assert_eq!(looks_like(b"GIF89a"), None);
        assert_eq!(looks_like(b""), None);
    }
}
