//! From a file to plain sound: one channel, about 22 kHz, a stretch from the middle of the song.

use std::sync::LazyLock;

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, SeekMode, SeekTo, Track, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;
use symphonia::core::units::{Time, Timestamp};
use symphonia_adapter_libopus::OpusDecoder;

use crate::audio::analysis::content_hash::ContentHash;
use crate::audio::analysis::decimate::Decimator;
use crate::audio::source_file::FileAccess;

/// Seconds of a song that are heard. Two minutes from the middle say as much of a song as all of it, in half the time.
const STRETCH: f32 = 120.0;
/// Less than this cannot be judged.
const SHORTEST: f32 = 0.5;
/// Bytes a second that the thriftiest coder needs; a file that claims more seconds for its size is wrong about them.
const THRIFTIEST: f32 = 500.0;
/// Nobody's music is slower or faster sampled than this.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=768_000;

/// Mono samples in -1..1, and how long the whole song is.
#[derive(Clone, Debug)]
pub struct Sound {
    pub samples: Vec<f32>,
    /// Samples a second.
    pub rate: f32,
    /// Length of the whole song; `None` when the file does not say.
    pub seconds: Option<f32>,
    /// The same for the same coded sound, whatever the file's tags, name and date are.
    pub print: i64,
}

/// Symphonia's own decoders, and that of Opus, which it has not.
static DECODERS: LazyLock<CodecRegistry> = LazyLock::new(|| {
    let mut decoders = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut decoders);
    decoders.register_audio_decoder::<OpusDecoder>();
    decoders
});

/// Why a file gave no sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// Music perhaps, in a format that we cannot decode.
    NoDecoder,
    /// Not music, damaged, or too short; why, in a few words.
    Broken(String),
}

/// Decodes a stretch from the middle of a song, told by its content and not by its name.
pub fn decode(file: &FileAccess) -> Result<Sound, DecodeError> {
    let mut source = AudioFile::open(file)?;
    if let Some(start) = source.seconds.map(|length| (length - STRETCH) / 2.0).filter(|start| *start > 0.0) {
        // A file that cannot be wound, or lies about its length, is heard from its beginning.
        match source.wind_to(start).and_then(|()| source.hear()) {
            Ok(sound) => return Ok(sound),
            Err(_) => source = AudioFile::open(file)?,
        }
    }
    source.hear()
}

/// Whether so many bytes can hold so many seconds; headers of broken-off and piped recordings claim days.
pub fn is_plausible(seconds: f32, bytes: u64) -> bool {
    seconds * THRIFTIEST <= bytes as f32
}

/// An opened file, at its beginning.
struct AudioFile {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    seconds: Option<f32>,
}

impl AudioFile {
    fn open(file: &FileAccess) -> Result<Self, DecodeError> {
        let file = file.open().map_err(|error| DecodeError::Broken(error.to_string()))?;
        let size = file.size();
        let stream = MediaSourceStream::new(Box::new(file), Default::default());
        let probe = symphonia::default::get_probe();
        let format = probe
            .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
            .map_err(|error| deaf(&error))?;
        let track = format.default_track(TrackType::Audio).ok_or_else(|| broken("there is no sound in it"))?;
        let audio = track.codec_params.as_ref().and_then(|params| params.audio()).ok_or(DecodeError::NoDecoder)?;
        let decoder =
            DECODERS.make_audio_decoder(audio, &AudioDecoderOptions::default()).map_err(|error| deaf(&error))?;
        let (seconds, track) = (length(track).filter(|seconds| is_plausible(*seconds, size)), track.id);
        Ok(Self { format, decoder, track, seconds })
    }

    fn wind_to(&mut self, seconds: f32) -> Result<(), DecodeError> {
        let time = Time::try_from_secs_f64(f64::from(seconds)).ok_or_else(|| broken("its length makes no sense"))?;
        let to = SeekTo::Time { time, track_id: Some(self.track) };
        self.format.seek(SeekMode::Coarse, to).map_err(|error| deaf(&error))?;
        self.decoder.reset();
        Ok(())
    }

    /// Decodes from here on; a damaged packet is skipped, as players do.
    fn hear(&mut self) -> Result<Sound, DecodeError> {
        let mut decimator: Option<Decimator> = None;
        let (mut interleaved, mut damaged, mut packets) = (Vec::new(), 0u32, 0u32);
        let mut print = ContentHash::default();
        while let Ok(Some(packet)) = self.format.next_packet() {
            if packet.track_id != self.track {
                continue;
            }
            packets += 1;
            print.add(&packet.data);
            match self.decoder.decode(&packet) {
                Ok(buffer) if buffer.num_planes() > 0 && RATES.contains(&buffer.spec().rate()) => {
                    buffer.copy_to_vec_interleaved::<f32>(&mut interleaved);
                    let decimator = decimator.get_or_insert_with(|| Decimator::new(buffer.spec().rate()));
                    decimator.push(&interleaved, buffer.num_planes());
                    if decimator.seconds() >= STRETCH {
                        break;
                    }
                }
                Ok(_) | Err(Error::DecodeError(_)) => damaged += 1,
                Err(_) => break,
            }
        }
        if damaged * 2 > packets {
            return Err(broken("most of its sound is damaged"));
        }
        let sound = decimator.filter(|sound| sound.seconds() >= SHORTEST);
        let sound = sound.ok_or_else(|| broken("it holds less than half a second of sound"))?;
        Ok(Sound { rate: sound.rate(), samples: sound.into_samples(), seconds: self.seconds, print: print.number() })
    }
}

/// Length of a track, where the file tells it.
fn length(track: &Track) -> Option<f32> {
    let base = track.time_base?;
    let units = track.duration.map(|duration| duration.get()).or(track.num_frames)?;
    let end = Timestamp::try_from(units).ok()?;
    let seconds = base.calc_time(end)?.as_secs_f64() as f32;
    (seconds > 0.0).then_some(seconds)
}

fn broken(why: &str) -> DecodeError {
    DecodeError::Broken(why.into())
}

fn deaf(error: &Error) -> DecodeError {
    match error {
        Error::Unsupported(_) => DecodeError::NoDecoder,
        Error::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => broken("it ends too early"),
        other => DecodeError::Broken(other.to_string()),
    }
}
