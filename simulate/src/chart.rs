//! Small charts as SVG text, without a crate: two shapes are all that is drawn.

use std::fmt::Write;

use crate::micros::count;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 70.0;
const BOTTOM: f64 = 60.0;
/// Distinct for colour-blind eyes, too (Okabe and Ito).
const COLOURS: [&str; 4] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];

/// Names of a chart: what it shows, what its axes count.
#[derive(Clone, Copy, Debug)]
pub struct Titles<'a> {
    /// Above the chart, and read aloud.
    pub title: &'a str,
    /// Below.
    pub across: &'a str,
    /// Beside.
    pub up: &'a str,
}

/// A line for each series over the numbers 0, 1, 2, …
pub fn lines(titles: Titles<'_>, series: &[(&str, Vec<f64>)]) -> String {
    let longest = series.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
    let last = count(longest.saturating_sub(1).max(1));
    let mut chart = Chart::new(titles, series);
    for part in 0..=5_usize {
        let number = last * count(part) / 5.0;
        chart.text(
            LEFT + chart.wide() * count(part) / 5.0,
            HEIGHT - BOTTOM + 18.0,
            "middle",
            &shown(number),
        );
    }
    for ((_, values), colour) in series.iter().zip(COLOURS) {
        let points: Vec<_> = values
            .iter()
            .enumerate()
            .map(|(number, value)| {
                format!(
                    "{:.1},{:.1}",
                    LEFT + chart.wide() * count(number) / last,
                    chart.height_of(*value)
                )
            })
            .collect();
        let _ = writeln!(
            chart.svg,
            r#"<polyline fill="none" stroke="{colour}" stroke-width="2" points="{}"/>"#,
            points.join(" ")
        );
    }
    chart.end()
}

/// Groups of bars side by side, one bar a series.
pub fn bars(titles: Titles<'_>, groups: &[String], series: &[(&str, Vec<f64>)]) -> String {
    let mut chart = Chart::new(titles, series);
    let room = chart.wide() / count(groups.len().max(1));
    let width = room * 0.8 / count(series.len().max(1));
    for (number, group) in groups.iter().enumerate() {
        let begins = LEFT + room * count(number);
        chart.text(begins + room / 2.0, HEIGHT - BOTTOM + 18.0, "middle", group);
        for (place, ((_, values), colour)) in series.iter().zip(COLOURS).enumerate() {
            let Some(value) = values.get(number) else { continue };
            let top = chart.height_of(*value);
            let _ = writeln!(
                chart.svg,
                r#"<rect x="{:.1}" y="{top:.1}" width="{width:.1}" height="{:.1}" fill="{colour}"/>"#,
                begins + room * 0.1 + width * count(place),
                HEIGHT - BOTTOM - top
            );
        }
    }
    chart.end()
}

struct Chart {
    svg: String,
    most: f64,
}

impl Chart {
    fn new(titles: Titles<'_>, series: &[(&str, Vec<f64>)]) -> Self {
        let most = series.iter().flat_map(|(_, values)| values).copied().fold(0.0, f64::max);
        let title = escaped(titles.title);
        let svg = format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}" font-family="sans-serif" font-size="12" fill="#222">
<title>{title}</title>
<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>
"##
        );
        let mut chart = Self { svg, most: ceiling(most) };
        chart.text(LEFT, 24.0, "start", titles.title);
        chart.text(LEFT + chart.wide() / 2.0, HEIGHT - 12.0, "middle", titles.across);
        chart.text(LEFT, TOP - 8.0, "start", titles.up);
        let mut along = LEFT + 150.0;
        for ((name, _), colour) in series.iter().zip(COLOURS) {
            let _ = writeln!(
                chart.svg,
                r#"<rect x="{along}" y="{}" width="12" height="12" fill="{colour}"/>"#,
                TOP - 32.0
            );
            chart.text(along + 18.0, TOP - 22.0, "start", name);
            along += 34.0 + 7.0 * count(name.chars().count());
        }
        for part in 0..=4_usize {
            let value = chart.most * count(part) / 4.0;
            let height = chart.height_of(value);
            let _ = writeln!(
                chart.svg,
                r##"<line x1="{LEFT}" x2="{}" y1="{height:.1}" y2="{height:.1}" stroke="#ccc"/>"##,
                WIDTH - RIGHT
            );
            chart.text(LEFT - 8.0, height + 4.0, "end", &shown(value));
        }
        chart
    }

    #[expect(clippy::unused_self, reason = "reads as a property of the chart beside `height_of`")]
    const fn wide(&self) -> f64 {
        WIDTH - LEFT - RIGHT
    }

    fn height_of(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value / self.most).clamp(0.0, 1.0)
    }

    fn text(&mut self, across: f64, down: f64, anchor: &str, text: &str) {
        let text = escaped(text);
        let _ = writeln!(
            self.svg,
            r#"<text x="{across:.1}" y="{down:.1}" text-anchor="{anchor}">{text}</text>"#
        );
    }

    fn end(mut self) -> String {
        self.svg += "</svg>\n";
        self.svg
    }
}

/// The next 1, 2, 2.5 or 5 times a power of ten; 1 where nothing is to be shown.
fn ceiling(most: f64) -> f64 {
    if !(most.is_finite() && most > 0.0) {
        return 1.0;
    }
    let power = 10_f64.powf(most.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|step| step * power);
    steps.into_iter().find(|step| *step >= most).unwrap_or(most)
}

fn shown(value: f64) -> String {
    if value >= 10_000.0 {
        format!("{:.0}k", value / 1_000.0)
    } else {
        format!("{value:.4}").trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TITLES: Titles<'_> = Titles { title: "a < b & \"c\"", across: "seconds", up: "receipts" };

    #[test]
    fn what_people_wrote_cannot_break_the_file() {
        let chart = lines(TITLES, &[("<i>", vec![1.0, 2.0])]);
        assert!(chart.contains("a &lt; b &amp; &quot;c&quot;") && chart.contains("&lt;i>"));
        assert!(!chart.contains("<i>"));
    }

    #[test]
    fn the_highest_value_reaches_the_top_and_nothing_the_bottom() {
        let chart = lines(TITLES, &[("one", vec![0.0, 100.0])]);
        assert!(chart.contains(&format!(
            "{LEFT:.1},{:.1} {:.1},{TOP:.1}",
            HEIGHT - BOTTOM,
            WIDTH - RIGHT
        )));
    }

    #[test]
    fn each_group_has_a_bar_of_each_series() {
        let groups = ["a".to_owned(), "b".to_owned()];
        let chart = bars(TITLES, &groups, &[("x", vec![1.0, 2.0]), ("y", vec![3.0, 4.0])]);
        // Four bars, two keys, one ground.
        assert_eq!(chart.matches("<rect ").count(), 7);
    }

    #[test]
    fn axes_end_at_round_numbers() {
        let ends = [0.0, 0.7, 3.0, 12.0, 860.0].map(|most| shown(ceiling(most)));
        assert_eq!(ends, ["1", "1", "5", "20", "1000"]);
        assert_eq!([0.0, 2.5, 40_000.0].map(shown), ["0", "2.5", "40k"]);
    }
}
