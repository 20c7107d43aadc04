//! How long hearing songs takes: `cargo bench --bench analysis`; beside bliss-audio: `benches/peers/bliss`.
//!
//! On the first pieces of Debian's `wesnoth-1.16-music`, or of the folder that MOODRING_MUSIC names; an element is a song.

mod processor;

use std::hint::black_box;
use std::path::PathBuf;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use moodring_music::audio::analysis::estimate::estimate;
use moodring_music::audio::analysis::listen;
use moodring_music::audio::source_file::FileAccess;
use moodring_tags::tags;
use processor::Processor;

const MUSIC: &str = "/usr/share/games/wesnoth/1.16/data/core/music";
const PIECES: usize = 4;

fn pieces() -> Vec<PathBuf> {
    let folder = std::env::var_os("MOODRING_MUSIC").map_or_else(|| MUSIC.into(), PathBuf::from);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: there is no {}", folder.display());
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    files.truncate(PIECES);
    files
}

fn hearing(criterion: &mut Criterion<Processor>) {
    let files = pieces();
    if files.is_empty() {
        return;
    }
    let mut group = criterion.benchmark_group("songs");
    group.throughput(Throughput::Elements(files.len() as u64));
    group.bench_function("tags", |bencher| {
        bencher.iter(|| files.iter().map(|file| black_box(tags::read(file)).title.len()).sum::<usize>())
    });
    group.bench_function("valence, energy, tempo and key from the sound", |bencher| {
        bencher.iter(|| {
            let place = |file: &PathBuf| estimate(listen(&FileAccess::new(file)).ok().as_ref(), "", "");
            files.iter().map(|file| black_box(place(file)).energy).sum::<f32>()
        })
    });
    group.finish();
}

criterion_group! {
    name = analysis;
    config = processor::criterion();
    targets = hearing
}
criterion_main!(analysis);
