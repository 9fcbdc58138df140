//! Asks ClamAV's daemon about a file, over its INSTREAM command. The only part here that does I/O.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Bytes of a piece; clamd only limits the whole (StreamMaxLength, 25 MB unless configured).
const PIECE: usize = 65_536;
/// The longest answer that is read: a name of a virus and a word.
const ANSWER: u64 = 4_096;

/// What the scanner says about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanResult {
    Clean,
    Infected,
}

/// Lets clamd at `address` scan the bytes, within `limit`.
/// An error means that nothing is known: also if clamd finds the file too long.
pub async fn scan(address: SocketAddr, bytes: &[u8], limit: Duration) -> io::Result<ScanResult> {
    timeout(limit, exchange(address, bytes)).await.map_err(|_| io::ErrorKind::TimedOut)?
}

async fn exchange(address: SocketAddr, bytes: &[u8]) -> io::Result<ScanResult> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"zINSTREAM\0").await?;
    for piece in bytes.chunks(PIECE) {
        let length = u32::try_from(piece.len()).map_err(io::Error::other)?;
        stream.write_all(&length.to_be_bytes()).await?;
        stream.write_all(piece).await?;
    }
    stream.write_all(&0_u32.to_be_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(ANSWER).read_to_end(&mut answer).await?;
    let answer = answer.strip_suffix(b"\0").unwrap_or(&answer);
    match answer {
        b"stream: OK" => Ok(ScanResult::Clean),
        // "stream: Win.Test.EICAR_HDB-1 FOUND"
        found if found.starts_with(b"stream: ") && found.ends_with(b" FOUND") => {
            Ok(ScanResult::Infected)
        }
        other => Err(io::Error::other(String::from_utf8_lossy(other).into_owned())),
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    const SECONDS: Duration = Duration::from_secs(5);

    /// A clamd that answers `answer`, and what it was sent.
    async fn ask(bytes: &[u8], answer: &'static [u8]) -> (io::Result<ScanResult>, Vec<u8>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let daemon = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut command = [0; 10];
            stream.read_exact(&mut command).await.unwrap();
            assert_eq!(&command, b"zINSTREAM\0");
            let mut received = Vec::new();
            loop {
                let length = stream.read_u32().await.unwrap();
                if length == 0 {
                    break;
                }
                let mut piece = vec![0; usize::try_from(length).unwrap()];
                stream.read_exact(&mut piece).await.unwrap();
                received.extend(piece);
            }
            stream.write_all(answer).await.unwrap();
            received
        };
        tokio::join!(scan(address, bytes, SECONDS), daemon)
    }

    #[tokio::test]
    async fn a_long_file_arrives_whole_and_is_clean() {
        let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(200_000).collect();
        let (answer, received) = ask(&bytes, b"stream: OK\0").await;
        assert_eq!(answer.unwrap(), ScanResult::Clean);
        assert_eq!(received, bytes);
    }

    #[tokio::test]
    async fn a_virus_is_named_by_clamd_and_reported() {
        let (answer, _) = ask(b"x", b"stream: Win.Test.EICAR_HDB-1 FOUND\0").await;
        assert_eq!(answer.unwrap(), ScanResult::Infected);
    }

    #[tokio::test]
    async fn anything_else_is_an_error_and_never_clean() {
        for said in [&b"INSTREAM size limit exceeded. ERROR\0"[..], b"", b"stream: OKAY\0"] {
            assert!(ask(b"x", said).await.0.is_err());
        }
    }

    #[tokio::test]
    async fn a_daemon_that_is_away_or_silent_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let silent = scan(address, b"x", Duration::from_millis(20)).await.unwrap_err();
        assert_eq!(silent.kind(), io::ErrorKind::TimedOut);
        drop(listener);
        assert!(scan(address, b"x", SECONDS).await.is_err());
    }
}
