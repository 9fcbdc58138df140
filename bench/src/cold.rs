//! Cold starts: from the start of a process to its first answer.

use crate::{
    Broken,
    closed_loop::Stock,
    fleet::{Program, first_answer},
    statistics::{median, milliseconds},
};

/// Starts each program so often, in turns, and gives each one's median in milliseconds.
///
/// # Errors
/// One of them does not answer.
pub async fn starts(
    programs: &[(&Program, &[(&'static str, String)])],
    stock: &mut Stock<'_>,
    times: usize,
) -> Result<Vec<f64>, Broken> {
    let mut took = vec![Vec::with_capacity(times); programs.len()];
    for round in 0..times {
        for ((program, variables), took) in programs.iter().zip(&mut took) {
            let candidate = stock.take()?;
            let event = stock.press(candidate, round);
            took.push(milliseconds(first_answer(program, variables, event).await?));
        }
    }
    Ok(took.iter_mut().map(|took| median(took).unwrap_or_default()).collect())
}
