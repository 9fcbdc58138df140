//! The limit of the store itself: the same write, without a function, from as many connections as it takes.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use outside::clock;
use tokio::task::JoinSet;

use crate::{
    Broken,
    crowd::Crowd,
    raw::{Connection, UPDATE, submission},
    statistics::number,
};

/// Connections side by side: more add only queueing at dynoxide, which has one writer.
const CONNECTIONS: usize = 8;

/// Writes a second that the store takes, over all applications of a crowd of one ([`Crowd::of_one`]).
///
/// # Errors
/// A write is refused.
pub async fn writes_per_second(
    store: SocketAddr,
    table: &str,
    crowd: &Crowd,
) -> Result<f64, Broken> {
    let person = crowd.people.first().ok_or("nobody is there")?;
    let model = &crowd.candidates.first().ok_or("no application is there")?.model;
    let caller = person.caller.account.as_str();
    let body = submission(table, caller, crowd.campaign.id().as_str(), model.as_str());
    let body: Arc<str> =
        body.replace("ARRIVAL", &clock::wall().as_millisecond().to_string()).into();
    let ids: Arc<[String]> = crowd.candidates.iter().map(|one| one.id.to_string()).collect();
    let next = Arc::new(AtomicUsize::new(0));
    let mut connections = JoinSet::new();
    let begun = Instant::now();
    for _ in 0..CONNECTIONS {
        let (body, ids, next) = (body.clone(), ids.clone(), next.clone());
        connections.spawn(async move {
            let mut connection = Connection::open(store).await?;
            while let Some(id) = ids.get(next.fetch_add(1, Ordering::Relaxed)) {
                let body = body.replace("APPLICATION", id);
                let (status, answer) = connection.ask_store(UPDATE, body).await?;
                if status != 200 {
                    return Err(format!("{status}: {}", String::from_utf8_lossy(&answer)).into());
                }
            }
            Ok::<(), Broken>(())
        });
    }
    while let Some(ended) = connections.join_next().await {
        ended??;
    }
    Ok(number(ids.len()) / begun.elapsed().as_secs_f64())
}
