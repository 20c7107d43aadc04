//! "Until tomorrow", as people mean it.

use std::time::Duration;

use jiff::{ZonedDateTime, civil};

/// From `now` to the next six o'clock in the morning where the owner lives.
///
/// After midnight that is the same day's: who pauses at one in the night means after sleeping.
pub fn until_morning(now: &ZonedDateTime) -> Duration {
    let six = civil::time(6, 0, 0, 0);
    let today = now.with().time(six).build();
    let next = today.and_then(|today| if today > *now { Ok(today) } else { now.tomorrow()?.with().time(six).build() });
    // Only the last days of year 9999 have no next morning.
    next.ok().and_then(|next| Duration::try_from(now.duration_until(&next)).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours_from(now: &str) -> f32 {
        until_morning(&now.parse().unwrap()).as_secs_f32() / 3600.0
    }

    #[test]
    fn an_evening_lasts_until_the_next_day() {
        assert_eq!(hours_from("2026-11-24T22:00[Europe/Berlin]"), 8.0);
        assert_eq!(hours_from("2026-11-24T06:00[Europe/Berlin]"), 24.0);
    }

    #[test]
    fn a_night_lasts_until_it_ends() {
        assert_eq!(hours_from("2026-11-24T01:30[Europe/Berlin]"), 4.5);
    }

    #[test]
    fn clocks_that_change_in_the_night_are_counted() {
        assert_eq!(hours_from("2026-10-24T22:00[Europe/Berlin]"), 9.0);
        assert_eq!(hours_from("2027-03-27T22:00[Europe/Berlin]"), 7.0);
    }
}
