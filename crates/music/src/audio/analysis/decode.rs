//! From a file to plain sound: one channel, about 22 kHz, a stretch from the middle of the song.

use std::sync::LazyLock;

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, SeekMode, SeekTo, Track, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;
use symphonia::core::units::{Time, TimeBase, Timestamp};
use symphonia_adapter_libopus::OpusDecoder;

use crate::audio::analysis::content_hash::ContentHash;
use crate::audio::analysis::decimate::Decimator;
use crate::audio::container::{Container, has_ending};
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
    /// Length of the whole song; `None` when neither the file nor its packets tell it.
    pub seconds: Option<f32>,
    /// The same for the same coded sound, whatever the file's tags, name and date are.
    pub print: i64,
    /// The length is a guess from the first packets, and the packets differ.
    needs_count: bool,
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

/// Decodes a stretch from the middle of a song; its container is told by its content and not by its name.
pub fn decode(file: &FileAccess) -> Result<Sound, DecodeError> {
    let sound = decode_middle(file)?;
    if !sound.needs_count {
        return Ok(sound);
    }
    let seconds = AudioFile::open(file)?.count_seconds(0);
    Ok(Sound { seconds: seconds.or(sound.seconds), ..sound })
}

fn decode_middle(file: &FileAccess) -> Result<Sound, DecodeError> {
    let mut source = AudioFile::open(file)?;
    if let Some(start) = source.seconds.map(|length| (length - STRETCH) / 2.0).filter(|start| *start > 0.0) {
        // A file in which no place can be sought, or that is wrong about its length, is heard from its beginning.
        match source.seek_to(start).and_then(|()| source.decode_stretch()) {
            Ok(sound) => return Ok(sound),
            Err(_) => source = AudioFile::open(file)?,
        }
    }
    source.decode_stretch()
}

/// Whether a file of this many bytes can hold this many seconds; headers of broken-off and piped recordings claim days.
pub fn is_plausible(seconds: f32, bytes: u64) -> bool {
    seconds * THRIFTIEST <= bytes as f32
}

/// An opened file, at its beginning.
struct AudioFile {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    time_base: Option<TimeBase>,
    seconds: Option<f32>,
    /// The length is in the file, and no guess.
    tells_length: bool,
    /// It is a chain of streams, of which each tells its own length.
    is_chained: bool,
}

impl AudioFile {
    fn open(file: &FileAccess) -> Result<Self, DecodeError> {
        let unreadable = |error: std::io::Error| DecodeError::Broken(error.to_string());
        let mut source = file.open().map_err(unreadable)?;
        let container = Container::identify(&mut source, file.path()).map_err(unreadable)?;
        let probe = container.probe().ok_or(DecodeError::NoDecoder)?;
        let tells_length = container.tells_length(&mut source).map_err(unreadable)?;
        let source = file.open().map_err(unreadable)?;
        let size = source.size();
        let stream = MediaSourceStream::new(Box::new(source), Default::default());
        let format = probe
            .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
            .map_err(|error| explain(&error))?;
        if format.default_track(TrackType::Video).is_some() && has_ending(file.path(), &["mp4", "webm"]) {
            return Err(broken("it is a video"));
        }
        let track = format.default_track(TrackType::Audio).ok_or_else(|| broken("there is no sound in it"))?;
        let decoder = decoder_for(track)?;
        let seconds = length(track).filter(|seconds| is_plausible(*seconds, size));
        let (time_base, track) = (track.time_base, track.id);
        Ok(Self { format, decoder, track, time_base, seconds, tells_length, is_chained: false })
    }

    fn seek_to(&mut self, seconds: f32) -> Result<(), DecodeError> {
        let time = Time::try_from_secs_f64(f64::from(seconds)).ok_or_else(|| broken("its length makes no sense"))?;
        let to = SeekTo::Time { time, track_id: Some(self.track) };
        self.format.seek(SeekMode::Coarse, to).map_err(|error| explain(&error))?;
        self.decoder.reset();
        Ok(())
    }

    /// Decodes from here on; a damaged packet is skipped, as players do.
    fn decode_stretch(&mut self) -> Result<Sound, DecodeError> {
        let mut stretch = Stretch::default();
        while let Some(packet) = self.next_packet() {
            stretch.print.add(&packet.data);
            stretch.units += packet.dur.get();
            stretch.note_bit_rate(&packet.data);
            if !stretch.decode(self.decoder.as_mut(), &packet) {
                break;
            }
        }
        let seconds = self.seconds.or_else(|| self.count_seconds(stretch.units));
        let needs_count = self.is_chained || (!self.tells_length && stretch.has_varying_bit_rate);
        Ok(Sound { needs_count, ..stretch.into_sound(seconds)? })
    }

    /// The next packet of the song; the parts of a chained stream follow each other.
    fn next_packet(&mut self) -> Option<Packet> {
        loop {
            match self.format.next_packet() {
                Ok(Some(packet)) if packet.track_id == self.track => return Some(packet),
                Ok(Some(_)) => {}
                Err(Error::ResetRequired) => {
                    let track = self.format.default_track(TrackType::Audio)?;
                    self.decoder = decoder_for(track).ok()?;
                    self.track = track.id;
                    self.is_chained = true;
                }
                Ok(None) | Err(_) => return None,
            }
        }
    }

    /// Length of a file that does not tell it, from the packets: `units` have gone by, and the rest is read here.
    fn count_seconds(&mut self, mut units: u64) -> Option<f32> {
        while let Some(packet) = self.next_packet() {
            units += packet.dur.get();
        }
        seconds_of(self.time_base?, units)
    }
}

/// What has been decoded so far.
#[derive(Default)]
struct Stretch {
    decimator: Option<Decimator>,
    interleaved: Vec<f32>,
    packets: u32,
    damaged: u32,
    /// Length of the packets, in units of the track.
    units: u64,
    print: ContentHash,
    /// That of MPEG audio, as its packets give it.
    bit_rate: Option<u8>,
    has_varying_bit_rate: bool,
}

impl Stretch {
    fn note_bit_rate(&mut self, packet: &[u8]) {
        let bit_rate = packet.get(2).map(|byte| byte >> 4);
        self.has_varying_bit_rate |= self.bit_rate.is_some() && bit_rate != self.bit_rate;
        self.bit_rate = bit_rate;
    }

    /// Whether more is needed, and can be decoded.
    fn decode(&mut self, decoder: &mut dyn AudioDecoder, packet: &Packet) -> bool {
        self.packets += 1;
        match decoder.decode(packet) {
            Ok(buffer) if buffer.num_planes() > 0 && RATES.contains(&buffer.spec().rate()) => {
                buffer.copy_to_vec_interleaved::<f32>(&mut self.interleaved);
                let decimator = self.decimator.get_or_insert_with(|| Decimator::new(buffer.spec().rate()));
                decimator.push(&self.interleaved, buffer.num_planes());
                decimator.seconds() < STRETCH
            }
            Ok(_) | Err(Error::DecodeError(_)) => {
                self.damaged += 1;
                true
            }
            Err(_) => false,
        }
    }

    fn into_sound(self, seconds: Option<f32>) -> Result<Sound, DecodeError> {
        if self.damaged * 2 > self.packets {
            return Err(broken("most of its sound is damaged"));
        }
        let sound = self.decimator.filter(|sound| sound.seconds() >= SHORTEST);
        let sound = sound.ok_or_else(|| broken("it holds less than half a second of sound"))?;
        Ok(Sound {
            rate: sound.rate(),
            samples: sound.into_samples(),
            seconds,
            print: self.print.number(),
            needs_count: false,
        })
    }
}

fn decoder_for(track: &Track) -> Result<Box<dyn AudioDecoder>, DecodeError> {
    let audio = track.codec_params.as_ref().and_then(|params| params.audio()).ok_or(DecodeError::NoDecoder)?;
    DECODERS.make_audio_decoder(audio, &AudioDecoderOptions::default()).map_err(|error| explain(&error))
}

/// Length of a track, where the file tells it.
fn length(track: &Track) -> Option<f32> {
    seconds_of(track.time_base?, track.duration.map(|duration| duration.get()).or(track.num_frames)?)
}

fn seconds_of(base: TimeBase, units: u64) -> Option<f32> {
    let seconds = base.calc_time(Timestamp::try_from(units).ok()?)?.as_secs_f64() as f32;
    (seconds > 0.0).then_some(seconds)
}

fn broken(why: &str) -> DecodeError {
    DecodeError::Broken(why.into())
}

fn explain(error: &Error) -> DecodeError {
    match error {
        Error::Unsupported(_) => DecodeError::NoDecoder,
        Error::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => broken("it ends too early"),
        other => DecodeError::Broken(other.to_string()),
    }
}
