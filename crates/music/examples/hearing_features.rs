//! Features of sound files for training the hearing model, as CSV: `hearing_features FILE...`.
//!
//! One row for each half minute: file, number of the stretch, share that is not silent, odds of valence and energy by the rule set by hand,
//! then the figures that the model reads. Files are decoded as a scan decodes them.

use std::path::Path;

use moodring_music::audio::analysis::estimate::judge_by_rule;
use moodring_music::audio::analysis::listen;
use moodring_music::audio::source_file::FileAccess;

fn main() {
    for file in std::env::args().skip(1) {
        let Ok(heard) = listen(&FileAccess::new(Path::new(&file))) else {
            eprintln!("cannot decode {file}");
            continue;
        };
        let rule = judge_by_rule(&heard);
        for (number, stretch) in heard.stretches.iter().enumerate() {
            let values: Vec<String> = stretch.values.iter().map(ToString::to_string).collect();
            println!("{file},{number},{},{},{},{}", stretch.sounding, rule.valence, rule.energy, values.join(","));
        }
    }
}
