//! Times as people write them: "2h", "yesterday", "14:00", "2026-11-20 14:00".

use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use jiff::{Span, Timestamp, ZonedDateTime};

/// A time in the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since(pub Timestamp);

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse(text, &ZonedDateTime::now())
    }
}

fn parse(text: &str, now: &ZonedDateTime) -> Result<Since, String> {
    let text = text.trim();
    let at = day(text, now).or_else(|| ago(text, now)).or_else(|| date(text, now)).ok_or_else(|| {
        "expected a time such as \"2h\", \"3 days\", \"today\", \"14:00\", \"2026-11-20\" or \"2026-11-20 14:00\""
            .to_string()
    })?;
    if at > *now { Err("this time is in the future".into()) } else { Ok(Since(at.timestamp())) }
}

fn day(text: &str, now: &ZonedDateTime) -> Option<ZonedDateTime> {
    match text {
        "today" => now.start_of_day().ok(),
        "yesterday" => now.yesterday().ok()?.start_of_day().ok(),
        _ => None,
    }
}

fn ago(text: &str, now: &ZonedDateTime) -> Option<ZonedDateTime> {
    let span: Span = text.strip_suffix(" ago").unwrap_or(text).parse().ok()?;
    now.checked_sub(span).ok()
}

fn date(text: &str, now: &ZonedDateTime) -> Option<ZonedDateTime> {
    let zone = || now.time_zone().clone();
    // A date alone reads as its first moment, a time alone as today's.
    let at = text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(Into::into));
    let at = at.or_else(|_| text.parse::<Time>().map(|time| now.date().to_datetime(time))).ok()?;
    at.to_zoned_datetime(zone()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let now: ZonedDateTime = "2026-11-26T20:30[Europe/Berlin]".parse().unwrap();
        match parse(text, &now) {
            Ok(since) => since.0.to_zoned_datetime(now.time_zone().clone()).datetime().to_string(),
            Err(why) => why,
        }
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        for (said, meant) in [
            ("2h", "2026-11-26T18:30:00"),
            ("3 days", "2026-11-23T20:30:00"),
            ("90 minutes ago", "2026-11-26T19:00:00"),
            ("today", "2026-11-26T00:00:00"),
            ("yesterday", "2026-11-25T00:00:00"),
            ("14:00", "2026-11-26T14:00:00"),
            ("2026-11-20", "2026-11-20T00:00:00"),
            ("2026-11-20 14:00", "2026-11-20T14:00:00"),
        ] {
            assert_eq!(read(said), meant, "{said}");
        }
    }

    #[test]
    fn invalid_and_future_times_are_rejected() {
        assert!(read("soon").contains("\"2h\""));
        assert_eq!(read("23:00"), "this time is in the future");
        assert_eq!(read("2027-01-01"), "this time is in the future");
    }
}
