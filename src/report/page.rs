//! The report as an HTML page and as an SVG picture.

use std::fmt::Write;

use crate::commands::history::title;
use crate::desktop::wording;
use crate::report::markup::{clock, colour, count, safe};
use crate::report::tally::{Lead, PlayTally, Share};
use crate::report::week::Day;
use crate::report::{Report, band, plane};
use moodring_core::message::PlayOutcome;
use moodring_core::mood::{Mood, MoodName};

const ICON: &str = include_str!("../../icons/moodring.svg");
const PICTURE: &str = include_str!("picture.css");
const PAGE: &str = include_str!("page.css");
/// Space between the parts of the picture.
const GAP: f32 = 24.0;

/// One self-contained HTML file.
pub fn page(report: &Report) -> String {
    let icon = ICON.split_once("?>").map_or(ICON, |(_, icon)| icon).trim();
    let body = if report.week.is_empty() { nothing() } else { sections(report) };
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>Moodring: {span}</title>\n<style>\n{PICTURE}{PAGE}</style>\n</head>\n<body>\n<main>\n\
         <header>{icon}<div><h1>Moods and music</h1><p>{span}</p></div></header>\n{body}\
         <footer>Made on this computer by Moodring {version}. Moods come from expressions or were set by hand; an expression \
         is not a feeling.</footer>\n</main>\n</body>\n</html>\n",
        span = span(report),
        version = env!("CARGO_PKG_VERSION"),
    )
}

/// One SVG file: the days, and where each intent led.
pub fn picture(report: &Report) -> String {
    let days = band::height(report);
    let planes = 44.0 + GAP + days;
    let (width, height) = (band::WIDE.width + 2.0 * GAP, planes + plane::HEIGHT + GAP);
    let mut drawn = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\
         <title>Moods and music, {span}</title><style>{PICTURE}</style>\
         <rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\
         <text class=\"heading\" x=\"{GAP}\" y=\"34\">Moods and music, {span}</text>\
         <g transform=\"translate({GAP} 56)\">{bands}</g>",
        span = span(report),
        bands = band::bands(report, &band::WIDE),
    );
    for (n, lead) in report.tally.leads.iter().enumerate() {
        let x = GAP + n as f32 * (plane::WIDTH + 30.0);
        let _ = write!(drawn, "<g transform=\"translate({x} {planes})\">{}</g>", plane::plane(lead));
    }
    drawn + "</svg>\n"
}

fn span(report: &Report) -> String {
    let (first, last) = (report.week.days.first(), report.week.days.last());
    let date = |day: Option<&Day>| day.map(|day| day.date.strftime("%-d %B %Y").to_string()).unwrap_or_default();
    if report.week.days.len() == 1 { date(last) } else { format!("{} to {}", date(first), date(last)) }
}

fn nothing() -> String {
    "<section><h2>Nothing was kept in this period</h2><p class=\"note\">Start <code>moodring</code>, play music, and come back \
     later. With <code>[history]</code> turned off in the settings, nothing is kept.</p></section>\n"
        .into()
}

fn sections(report: &Report) -> String {
    [facts(report), days(report), leads(report), by_mood(report), skips(report), lists(report)].concat()
}

fn facts(report: &Report) -> String {
    let tally = &report.tally;
    let songs = tally.ours.songs + tally.own.songs;
    let commonest = tally.commonest().map_or("not known", MoodName::word);
    let hours = tally.heard.as_secs() / 3600;
    let time =
        if hours > 0 { count(hours.unsigned_abs() as usize, "hour") } else { format!("{} min", tally.heard.as_mins()) };
    let fact = |what: &str, of: &str| format!("<p><b>{what}</b>{of}</p>");
    format!(
        "<section class=\"facts\">{}{}{}{}</section>\n",
        fact(&time, "of music"),
        fact(&songs.to_string(), "songs heard or skipped"),
        fact(&percent(tally.ours.songs, songs), "of them Moodring's"),
        fact(commonest, "the most frequent mood"),
    )
}

fn percent(part: usize, all: usize) -> String {
    (part * 100 + all / 2).checked_div(all).map_or("–".into(), |percent| format!("{percent} %"))
}

fn days(report: &Report) -> String {
    format!(
        "<section><h2>Day by day</h2>{}{}\
         <p class=\"note\">A band is a mood while music followed it; its line is higher for brighter moods. Dashed: set by you. \
         Below each band the songs: ● Moodring's, ○ yours, × skipped.</p></section>\n",
        chart(report, "wide", &band::WIDE),
        chart(report, "narrow", &band::NARROW),
    )
}

fn chart(report: &Report, class: &str, layout: &band::Layout) -> String {
    format!(
        "<svg class=\"{class}\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"Moods and songs by the hour; the lists below \
         say the same in words\">{}</svg>",
        layout.width,
        band::height(report),
        band::bands(report, layout),
    )
}

fn leads(report: &Report) -> String {
    let planes = report.tally.leads.iter().map(|lead| {
        format!(
            "<div><svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">{}</svg><p>{}</p></div>",
            plane::WIDTH,
            plane::HEIGHT,
            lead.intent.word(),
            plane::plane(lead),
            describe_lead(lead)
        )
    });
    format!(
        "<section><h2>Where match, lift and calm led</h2><div class=\"three\">{}</div><p class=\"note\">Each line is a run of \
         Moodring's songs, from the first (○) to the last (●), by how bright and how lively they are.</p></section>\n",
        planes.collect::<String>()
    )
}

/// One sentence for page and terminal.
pub fn describe_lead(lead: &Lead) -> String {
    let Some([from, to]) = lead.ends() else { return "no two songs in a row yet".into() };
    let place = |[valence, energy]: [f32; 2]| wording::place(&Mood { valence, energy, confidence: 1.0 });
    let songs = lead.runs.iter().map(Vec::len).sum();
    let times = count(lead.runs.len(), "time");
    let (from, to) = (place(from), place(to));
    let middle = |place: &str| place.strip_prefix("in ").unwrap_or(place).to_owned();
    let way =
        if from == to { format!("stayed {from}") } else { format!("led from {} to {}", middle(&from), middle(&to)) };
    format!("{times}, {}: {way}", count(songs, "song"))
}

fn by_mood(report: &Report) -> String {
    if report.tally.by_mood.is_empty() {
        return String::new();
    }
    let lists = report.tally.by_mood.iter().map(|(name, counts)| {
        let fill = colour(&report.table.place(*name));
        let chip = format!("<span class=\"chip\" style=\"background:{fill}\"></span>");
        format!("<div><h3>{chip}{}</h3>{}</div>", name.word(), most(counts))
    });
    format!(
        "<section><h2>Most played, by mood</h2><div class=\"three\">{}</div></section>\n",
        lists.collect::<String>()
    )
}

fn most(counts: &[PlayTally]) -> String {
    let items =
        counts.iter().map(|count| format!("<li><span>{}</span><span>{}×</span></li>", safe(&count.title), count.times));
    format!("<ol class=\"most\">{}</ol>", items.collect::<String>())
}

fn skips(report: &Report) -> String {
    let tally = &report.tally;
    let said = |who: &str, share: &Share| match share.songs {
        0 => format!("<p><b>–</b>no songs {who}</p>"),
        songs => format!("<p><b>{}</b>{} of {songs} {who} skipped</p>", percent(share.skipped, songs), share.skipped),
    };
    let list = if tally.most_skipped.is_empty() { "<p>none</p>".into() } else { most(&tally.most_skipped) };
    format!(
        "<section><h2>Skips</h2><div class=\"three\"><div class=\"facts\">{}{}</div><div><h3>Most skipped</h3>{list}</div></div>\
         </section>\n",
        said("of Moodring's", &tally.ours),
        said("of yours", &tally.own),
    )
}

/// All days are open, so that printing loses nothing.
fn lists(report: &Report) -> String {
    let days = report.week.days.iter().rev().filter(|day| !day.songs.is_empty()).map(|day| {
        let heading = format!("{}, {}", day.date.strftime("%A, %-d %B"), count(day.songs.len(), "song"));
        format!("<details open><summary>{heading}</summary><table>{}</table></details>", rows(report, day))
    });
    let days: String = days.collect();
    if days.is_empty() { days } else { format!("<section><h2>Songs</h2>{days}</section>\n") }
}

fn rows(report: &Report, day: &Day) -> String {
    let rows = day.songs.iter().map(|mark| {
        let mood = mark.mood.map_or_else(String::new, |mood| {
            let (fill, name) = (colour(&mood), report.table.nearest(&mood).word());
            format!("<span class=\"chip\" style=\"background:{fill}\"></span>{name}")
        });
        let whose = match (mark.song.ours, mark.song.intent) {
            (true, Some(intent)) => format!("Moodring, {}", intent.word()),
            (true, None) => "Moodring".into(),
            (false, _) => "yours".into(),
        };
        let how = if mark.song.outcome == PlayOutcome::Skipped { ", skipped" } else { "" };
        let (at, title) = (clock(mark.at), safe(&title(&mark.song)));
        format!("<tr><td>{at}</td><td class=\"mood\">{mood}</td><td>{title}</td><td>{whose}{how}</td></tr>")
    });
    rows.collect()
}
