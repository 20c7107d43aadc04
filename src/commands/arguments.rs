//! Arguments whose values are named by the core: moods, intents and the rest.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use moodring_core::mood::{Intent, MoodName};
use moodring_core::recommend::content::Content;

/// Accepts the name of a mood.
pub fn mood_parser() -> impl TypedValueParser<Value = MoodName> {
    parser(MoodName::ALL.map(|mood| (mood, PossibleValue::new(mood.word()))))
}

/// Accepts the name of an intent.
pub fn intent_parser() -> impl TypedValueParser<Value = Intent> {
    parser(Intent::ALL.map(|intent| (intent, PossibleValue::new(intent.word()).help(meaning(intent)))))
}

/// Accepts the name of a content score.
pub fn content_parser() -> impl TypedValueParser<Value = Content> {
    parser(Content::ALL.map(|content| (content, PossibleValue::new(content.name()).help(scores_by(content)))))
}

fn scores_by(content: Content) -> &'static str {
    match content {
        Content::PaperCosine => "The paper's: cosine of valence and energy",
        Content::CentredCosine => "The same, with the library's mean subtracted",
        Content::Gaussian => "A Gaussian of the distance in valence and energy",
        Content::WeightedGaussian => "The same, with a small share of tempo and genre",
        Content::Learned => "The weighted Gaussian, joined with what songs with mood tags teach",
    }
}

fn meaning(intent: Intent) -> &'static str {
    match intent {
        Intent::Match => "Follow the mood",
        Intent::Lift => "Begin at the mood, then lead it upwards in small steps",
        Intent::Calm => "Begin at the mood, then lead it to low energy",
    }
}

fn parser<T: Copy + Send + Sync + 'static, const N: usize>(
    values: [(T, PossibleValue); N],
) -> impl TypedValueParser<Value = T> {
    let names = PossibleValuesParser::new(values.clone().map(|(_, name)| name));
    // The names were checked one line above.
    names.try_map(move |name| {
        values.iter().find(|(_, value)| value.get_name() == name).map(|(value, _)| *value).ok_or("unknown name")
    })
}
