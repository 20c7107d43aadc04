//! ListenBrainz: the owner's listens, the histories of listeners like them, and its own recommendations.
//!
//! Its recommendations are computed over all its listeners, which is more than one machine holds: where they are there, they
//! say more than a model of a few histories.

use anyhow::Result;
use serde_json::{Value, json};

use crate::import::client::{Client, escaped};
use crate::imported_data::{ImportedData, ImportedHistory, Listen};
use moodring_core::error::user_error;
use moodring_core::text::song_names::{TrackRef, parse_mbid};

/// The most that it gives in one answer.
const PAGE: usize = 1000;
/// Recordings whose names are asked for at once.
const NAMES: usize = 200;

/// What to ask for.
pub struct Wishes {
    /// `None`: whose token it is.
    pub user: Option<String>,
    /// How many listeners like the owner.
    pub similar: usize,
}

/// Reads all; `since` says up to when a user's listens are known, in seconds since 1970.
pub fn read(
    client: &mut Client,
    wishes: &Wishes,
    since: impl Fn(&str) -> Result<Option<i64>>,
    tell: impl Fn(String),
) -> Result<(String, ImportedData)> {
    let user = match &wishes.user {
        Some(user) => user.clone(),
        None => owner(client)?,
    };
    let mut found = ImportedData { listens: listens(client, &user, since(&user)?, &tell)?, ..ImportedData::default() };
    for other in similar(client, &user, wishes.similar)? {
        tell(format!("the history of {other}"));
        match history(client, &other)? {
            Some(plays) => found.others.push(ImportedHistory { listener: other, plays }),
            None => found.notes.push(format!("ListenBrainz has no statistics of {other} yet")),
        }
    }
    tell("recommendations".into());
    found.advice = advice(client, &user)?;
    if found.advice.is_empty() {
        found
            .notes
            .push(format!("ListenBrainz has no recommendations for {user} yet: it makes them from recent listens"));
    }
    Ok((user, found))
}

/// Whose token it is.
fn owner(client: &mut Client) -> Result<String> {
    let answer = client.get("/1/validate-token", &[])?.unwrap_or_default();
    let name = answer["user_name"].as_str().filter(|_| answer["valid"] != false);
    name.map(str::to_owned).ok_or_else(|| {
        user_error(
            "ListenBrainz does not know this token",
            "copy it anew from https://listenbrainz.org/settings/, or name a user with --user",
        )
    })
}

/// From the newest back to what is known.
fn listens(client: &mut Client, user: &str, since: Option<i64>, tell: &impl Fn(String)) -> Result<Vec<Listen>> {
    let path = format!("/1/user/{}/listens", escaped(user));
    let (mut listens, mut before) = (Vec::new(), None);
    loop {
        let mut query = vec![("count", PAGE.to_string())];
        query.extend(before.map(|before: i64| ("max_ts", before.to_string())));
        let page = client.get(&path, &query)?.unwrap_or_default();
        let rows = page["payload"]["listens"].as_array().cloned().unwrap_or_default();
        let oldest = rows.iter().filter_map(|row| row["listened_at"].as_i64()).min();
        let fresh = |listen: &Listen| since.is_none_or(|since| listen.at > since);
        listens.extend(rows.iter().filter_map(listen).filter(fresh));
        tell(format!("{} listens", listens.len()));
        // A page that leads nowhere would be asked for for ever.
        match oldest
            .filter(|oldest| since.is_none_or(|since| *oldest > since) && before.is_none_or(|before| *oldest < before))
        {
            Some(oldest) => before = Some(oldest),
            None => return Ok(listens),
        }
    }
}

fn listen(row: &Value) -> Option<Listen> {
    let about = &row["track_metadata"];
    let text = |key: &str| about[key].as_str().unwrap_or_default().to_owned();
    let ids = [&about["mbid_mapping"]["recording_mbid"], &about["additional_info"]["recording_mbid"]];
    let address = about["additional_info"]["spotify_id"].as_str().map(str::to_owned);
    let recording = ids.iter().find_map(|id| id.as_str().and_then(parse_mbid));
    let song = TrackRef {
        artist: text("artist_name"),
        title: text("track_name"),
        album: text("release_name"),
        recording,
        address,
    };
    Some(Listen {
        at: row["listened_at"].as_i64()?,
        song: Some(song).filter(|song| !song.title.is_empty())?,
        finished: true,
    })
}

/// The most similar listeners, best first.
fn similar(client: &mut Client, user: &str, count: usize) -> Result<Vec<String>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let answer = client.get(&format!("/1/user/{}/similar-users", escaped(user)), &[])?.unwrap_or_default();
    let rows = answer["payload"].as_array().cloned().unwrap_or_default();
    let mut users: Vec<_> = rows
        .iter()
        .filter_map(|row| Some((row["user_name"].as_str()?.to_owned(), row["similarity"].as_f64().unwrap_or(0.0))))
        .collect();
    users.sort_by(|a, b| b.1.total_cmp(&a.1));
    Ok(users.into_iter().take(count).map(|(name, _)| name).collect())
}

/// What a listener has played most; `None`: that was not counted yet.
fn history(client: &mut Client, user: &str) -> Result<Option<Vec<(TrackRef, f32)>>> {
    let query = [("count", PAGE.to_string()), ("range", "all_time".into())];
    let Some(answer) = client.get(&format!("/1/stats/user/{}/recordings", escaped(user)), &query)? else {
        return Ok(None);
    };
    let rows = answer["payload"]["recordings"].as_array().cloned().unwrap_or_default();
    let counted = |row: &Value| {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let recording = row["recording_mbid"].as_str().and_then(parse_mbid);
        let song = TrackRef {
            album: text("release_name"),
            recording,
            ..TrackRef::new(text("artist_name"), text("track_name"))
        };
        Some((Some(song).filter(TrackRef::is_known)?, row["listen_count"].as_f64()? as f32))
    };
    Ok(Some(rows.iter().filter_map(counted).collect()))
}

/// Its recommendations with their names.
fn advice(client: &mut Client, user: &str) -> Result<Vec<(TrackRef, f32)>> {
    let path = format!("/1/cf/recommendation/user/{}/recording", escaped(user));
    let answer = client.get(&path, &[("count", PAGE.to_string())])?.unwrap_or_default();
    let rows = answer["payload"]["mbids"].as_array().cloned().unwrap_or_default();
    let scored =
        |row: &Value| Some((row["recording_mbid"].as_str().and_then(parse_mbid)?, row["score"].as_f64()? as f32));
    let scored: Vec<_> = rows.iter().filter_map(scored).collect();
    let mut advice = Vec::new();
    for some in scored.chunks(NAMES) {
        let ids: Vec<_> = some.iter().map(|(id, _)| id).collect();
        let names = client
            .post("/1/metadata/recording/", &json!({ "recording_mbids": ids, "inc": "artist" }))?
            .unwrap_or_default();
        advice.extend(some.iter().map(|(id, score)| (recording(id, &names[id]), *score)));
    }
    Ok(advice)
}

fn recording(id: &str, about: &Value) -> TrackRef {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    TrackRef {
        recording: Some(id.into()),
        ..TrackRef::new(text(&about["artist"]["name"]), text(&about["recording"]["name"]))
    }
}
