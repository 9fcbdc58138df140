//! The store under measurement: dynoxide, a DynamoDB in one process on SQLite, in memory or in a file, started and ended by
//! the bench.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::{
    net::{TcpListener, TcpStream},
    process::{Child, Command},
};

use crate::{Broken, fleet::cpu_of};

/// How long it may take to start with a file of some gigabytes.
const PATIENCE: Duration = Duration::from_secs(30);

/// The indexes without which each write to a table with a stream looks through all records of all streams: dynoxide 3.2.0
/// makes none. They change no answer.
const STREAM_INDEXES: &str = "
    CREATE INDEX IF NOT EXISTS stream_seq ON _stream_records(table_name, CAST(sequence_number AS INTEGER));
    CREATE INDEX IF NOT EXISTS stream_shard ON _stream_records(table_name, shard_id, CAST(sequence_number AS INTEGER));";

/// A running store.
#[derive(Debug)]
pub struct Engine {
    process: Child,
    address: SocketAddr,
    file: Option<PathBuf>,
}

impl Engine {
    /// Starts the store on a port of its own; with a file it keeps its data there and syncs at each commit.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start(program: &Path, file: Option<&Path>) -> Result<Self, Broken> {
        // A port that was free a moment ago: dynoxide cannot choose one by itself.
        let address = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
        let mut command = Command::new(program);
        command.args(["serve", "--log", "quiet", "--port", &address.port().to_string()]);
        if let Some(file) = file {
            command.arg("--db-path").arg(file);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let process = command.spawn().map_err(|error| format!("{}: {error}", program.display()))?;
        let begun = Instant::now();
        while TcpStream::connect(address).await.is_err() {
            if begun.elapsed() > PATIENCE {
                return Err("the store does not start".into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Self { process, address, file: file.map(Path::to_owned) })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Gives the records of streams the indexes that they need.
    ///
    /// # Errors
    /// It has no file, or Python's SQLite cannot write to it.
    pub async fn index_streams(&self) -> Result<(), Broken> {
        let file = self.file.as_ref().ok_or("a store in memory cannot be reached from outside")?;
        let script = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=30).executescript(sys.argv[2])";
        let written = Command::new("python3")
            .args(["-c", script])
            .args([file.as_os_str(), STREAM_INDEXES.as_ref()])
            .output()
            .await?;
        if written.status.success() {
            Ok(())
        } else {
            let said = String::from_utf8_lossy(&written.stderr);
            Err(format!("no index for the records of streams: {said}").into())
        }
    }

    /// On-CPU time since it began.
    pub fn cpu(&self) -> Result<Duration, Broken> {
        cpu_of(self.process.id().ok_or("the store ended by itself")?)
    }

    /// Ends it; what it kept in memory is gone.
    pub async fn stop(mut self) -> Result<(), Broken> {
        Ok(self.process.kill().await?)
    }
}

/// The files of a store whose main file has this name: SQLite keeps what is not in it yet beside it.
fn files_of(file: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|end| {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        name.into()
    })
}

/// Copies what a store that has ended left behind.
pub fn copy(from: &Path, to: &Path) -> Result<(), Broken> {
    remove(to)?;
    for (from, to) in files_of(from).iter().zip(files_of(to)) {
        if from.exists() {
            fs::copy(from, &to)?;
            // What is written back later would be measured along.
            fs::File::open(to)?.sync_all()?;
        }
    }
    Ok(())
}

/// Removes what a store that has ended left behind.
pub fn remove(file: &Path) -> Result<(), Broken> {
    for file in files_of(file) {
        if file.exists() {
            fs::remove_file(file)?;
        }
    }
    Ok(())
}
