//! The report as text for a terminal.

use crate::desktop::tray::icon;
use crate::report::Report;
use crate::report::page::describe_lead;
use crate::report::week::Day;
use moodring_core::mood::{Mood, MoodName};

/// "Thu 26 Nov  ".
const LEFT: usize = 12;

/// Days as rows of letters, one for each mood, on the mood's colour where colours are shown.
pub fn glance(report: &Report, width: usize, colours: bool) -> String {
    if report.week.is_empty() {
        return "nothing was kept in this period; `moodring status` says whether Moodring is at work\n".into();
    }
    let (first, last) = report.week.hours;
    let cells = cells(last - first, width);
    let mut lines = vec![hours(report, cells)];
    for day in &report.week.days {
        let name = day.date.strftime("%a %-d %b").to_string();
        let row = row(report, day, cells, colours);
        lines.push(format!("{name:<LEFT$}{row}").trim_end().to_string());
    }
    lines.push(String::new());
    lines.push("h happy  s sad  a angry  u surprised  n neutral  · music without a mood".into());
    lines.extend(numbers(report));
    lines.join("\n") + "\n"
}

/// Cells for each hour: as many as fit, four at most.
fn cells(hours: f32, width: usize) -> usize {
    [4, 2].into_iter().find(|each| LEFT + hours as usize * each < width).unwrap_or(1)
}

fn hours(report: &Report, cells: usize) -> String {
    let (first, last) = report.week.hours;
    let step = if cells == 4 { 1 } else { 4 / cells };
    let marks = (first as usize..last as usize).step_by(step);
    let marks: String = marks.map(|hour| format!("{hour:<0$}", cells * step)).collect();
    format!("{:LEFT$}{marks}", "").trim_end().to_string()
}

fn row(report: &Report, day: &Day, cells: usize, colours: bool) -> String {
    let (first, last) = report.week.hours;
    let count = (last - first) as usize * cells;
    let cell = |n: usize| {
        let from = first + n as f32 / cells as f32;
        let to = from + 1.0 / cells as f32;
        let longest = day.stretches.iter().filter(|piece| piece.from < to && piece.to > from);
        let shared = |from_piece: f32, to_piece: f32| to_piece.min(to) - from_piece.max(from);
        let longest = longest.max_by(|a, b| shared(a.from, a.to).total_cmp(&shared(b.from, b.to)));
        match longest {
            Some(piece) => painted(letter(report.table.nearest(&piece.mood)), &piece.mood, colours),
            None if day.songs.iter().any(|mark| (from..to).contains(&mark.at)) => "·".into(),
            None => " ".into(),
        }
    };
    (0..count).map(cell).collect()
}

fn letter(name: MoodName) -> char {
    match name {
        MoodName::Happy => 'h',
        MoodName::Sad => 's',
        MoodName::Angry => 'a',
        MoodName::Surprised => 'u',
        MoodName::Neutral => 'n',
    }
}

fn painted(letter: char, mood: &Mood, colours: bool) -> String {
    let [red, green, blue] = icon::bytes(mood);
    if colours {
        format!("\x1b[48;2;{red};{green};{blue}m\x1b[38;2;31;31;38m{letter}\x1b[0m")
    } else {
        letter.to_string()
    }
}

fn numbers(report: &Report) -> Vec<String> {
    let tally = &report.tally;
    let mut lines = Vec::new();
    for (name, counts) in &tally.by_mood {
        let Some(count) = counts.first() else { continue };
        lines.push(format!("{:<LEFT$}{} ({}×)", name.word(), count.title, count.times));
    }
    for lead in tally.leads.iter().filter(|lead| !lead.runs.is_empty()) {
        lines.push(format!("{:<LEFT$}{}", lead.intent.word(), describe_lead(lead)));
    }
    let share =
        |whose: &str, share: &crate::report::tally::Share| format!("{} of {} of {whose}", share.skipped, share.songs);
    let skipped = format!("{}, {}", share("Moodring's", &tally.ours), share("yours", &tally.own));
    lines.push(format!("{:<LEFT$}{skipped}", "skipped"));
    lines.push(format!("{:<LEFT$}moodring report -o week.html", "as a page"));
    lines
}
