//! `moodring eval hybrid`: rankings by taste, by content and by both, compared with what listeners play in a mood.

pub mod cases;
pub mod recipes;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use rayon::prelude::*;
use serde_json::json;

use crate::cost::measured;
use crate::histories::Histories;
use crate::hybrid::cases::{Listener, Moods, listeners};
use crate::hybrid::recipes::{Recipe, Taste};
use crate::ranking::{Hits, RankingFigures, SHOWN, area_of_few, best, hits, print};
use moodring_core::recommend::collaborative::{Method, Model};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Histories to learn from: user,item,weight
    #[arg(long)]
    train: PathBuf,
    /// What content says of the items: item,p_MOOD for each mood,valence,energy
    #[arg(long)]
    moods: PathBuf,
    /// What users play in a mood: user,mood,relevant (items with spaces between them)
    #[arg(long)]
    cases: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The data that ranking needs.
struct Question {
    histories: Histories,
    moods: Moods,
    listeners: Vec<Listener>,
}

/// A taste model, and the seconds and MiB that training took.
type Learned = (Arc<dyn Model>, f64, f64);

pub fn run(args: &Args) -> Result<()> {
    let histories = Histories::read(&args.train)?;
    let (moods, listeners) = (Moods::read(&args.moods, &histories.items)?, listeners(&args.cases, &histories.items)?);
    listeners.iter().try_for_each(|listener| moods.check(listener))?;
    let question = Question { histories, moods, listeners };
    let recipes = Recipe::all(question.histories.plays.listeners());
    let mut models: HashMap<&str, Learned> = HashMap::new();
    let mut found = vec![];
    for recipe in &recipes {
        let figures = question.figures(recipe, &mut models);
        if !args.json {
            print(&recipe.name, recipe.usual, &figures, found.is_empty());
        }
        found.push((recipe.name.clone(), figures));
    }
    if args.json {
        let usual = recipes.iter().find(|recipe| recipe.usual).map(|recipe| recipe.name.clone());
        let mut all: serde_json::Map<_, _> = found.into_iter().map(|(name, f)| (name, json!(f))).collect();
        all.insert("default".into(), json!(usual));
        println!("{}", serde_json::Value::Object(all));
    }
    Ok(())
}

impl Question {
    fn figures(&self, recipe: &Recipe, models: &mut HashMap<&'static str, Learned>) -> RankingFigures {
        let (model, learning, most) = match recipe.taste {
            Taste::None => self.learned(Method::Popularity, models),
            Taste::By(method) => self.learned(method, models),
        };
        let strangers = self.learned(Method::Popularity, models).0;
        let (lists, ranking, memory) = measured(|| {
            let lists = self.listeners.par_iter().flat_map(|who| self.lists(recipe, &*model, &*strangers, who));
            lists.collect::<Vec<(Hits, Vec<u32>)>>()
        });
        let (judged, lists): (Vec<Hits>, Vec<_>) = lists.into_iter().unzip();
        RankingFigures::of(&judged, lists, self.histories.items.count(), (learning + ranking, memory.max(most)))
    }

    /// Trains each model once; its seconds count for every recipe that uses it.
    fn learned(&self, method: Method, models: &mut HashMap<&'static str, Learned>) -> Learned {
        let learn = || {
            let (model, seconds, memory) = measured(|| method.fit(&self.histories.plays));
            (Arc::from(model), seconds, memory)
        };
        models.entry(method.name()).or_insert_with(learn).clone()
    }

    /// The list for each mood of a listener, and how good it is.
    fn lists(
        &self,
        recipe: &Recipe,
        model: &dyn Model,
        strangers: &dyn Model,
        who: &Listener,
    ) -> Vec<(Hits, Vec<u32>)> {
        let (member, history) = self.histories.listener(&who.name);
        let model = if history.is_empty() { strangers } else { model };
        let taste = match recipe.taste {
            Taste::None => vec![0.5; self.histories.items.count()],
            Taste::By(_) => level(model.scores(history, member)),
        };
        let judge = |case: &cases::HybridCase| {
            let content = self.moods.content(&case.mood, recipe.content);
            let scores: Vec<f32> =
                taste.iter().zip(&*content).map(|(taste, fits)| recipe.score(*fits, *taste)).collect();
            let list = best(&scores, history, SHOWN);
            let auc = area_of_few(&scores, &case.relevant, history);
            (Hits { auc, ..hits(&list, &case.relevant, case.all) }, list)
        };
        who.cases.iter().map(judge).collect()
    }
}

/// Scores as shares of the best score; negative scores become zero.
fn level(mut scores: Vec<f32>) -> Vec<f32> {
    let most = scores.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    scores.iter_mut().for_each(|score| *score = (*score / most).max(0.0));
    scores
}
