//! `moodring eval taste`: rankings by taste models, compared with the held-out artists that listeners played.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use anyhow::Result;
use rayon::prelude::*;
use serde_json::json;

use crate::cost::measured;
use crate::histories::Histories;
use crate::ranking::{Hits, RankingFigures, SHOWN, area_of_few, best, hits, print};
use crate::sheet::Sheet;
use moodring_core::recommend::collaborative::{Method, Model};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Histories to learn from: user,item,weight
    #[arg(long)]
    train: PathBuf,
    /// Held-out plays of the same users: user,item,weight
    #[arg(long)]
    test: PathBuf,
    /// Only these algorithms, separated by commas
    #[arg(long, value_delimiter = ',', value_parser = method)]
    only: Vec<Method>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn method(name: &str) -> Result<Method, String> {
    let names = Method::ALL.map(Method::name).join(", ");
    Method::ALL.into_iter().find(|method| method.name() == name).ok_or(format!("the algorithms are {names}"))
}

/// A listener of the test set: their number in the training set, and the relevant items.
struct TasteCase<'a> {
    member: Option<usize>,
    history: &'a [(u32, f32)],
    relevant: HashSet<u32>,
    /// Includes items that are not in the training set. A repeated row counts once.
    items: HashSet<&'a str>,
}

pub fn run(args: &Args) -> Result<()> {
    let histories = Histories::read(&args.train)?;
    let sheet = Sheet::read(&args.test)?;
    let cases = cases(&histories, sheet.texts("user")?.into_iter().zip(sheet.texts("item")?));
    let methods = if args.only.is_empty() { Method::ALL.to_vec() } else { args.only.clone() };
    let usual = Method::usual(histories.plays.listeners());
    let mut found = vec![];
    for method in methods {
        let figures = figures(method, &histories, &cases);
        if !args.json {
            print(method.name(), method == usual, &figures, found.is_empty());
        }
        found.push((method.name(), figures));
    }
    if args.json {
        let mut all: serde_json::Map<_, _> = found.into_iter().map(|(name, f)| (name.into(), json!(f))).collect();
        all.insert("default".into(), json!(usual.name()));
        println!("{}", serde_json::Value::Object(all));
    }
    Ok(())
}

/// Every user of the test set once. Items that are not in the training set cannot be ranked and count as missed.
fn cases<'a>(histories: &'a Histories, test: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<TasteCase<'a>> {
    let mut places = HashMap::new();
    let mut cases = Vec::new();
    for (user, item) in test {
        let place = *places.entry(user).or_insert_with(|| {
            let (member, history) = histories.listener(user);
            cases.push(TasteCase { member, history, relevant: HashSet::new(), items: HashSet::new() });
            cases.len() - 1
        });
        let case: &mut TasteCase = &mut cases[place];
        case.relevant.extend(histories.items.number(item));
        case.items.insert(item);
    }
    cases
}

fn figures(method: Method, histories: &Histories, cases: &[TasteCase]) -> RankingFigures {
    let (lists, seconds, memory) = measured(|| {
        let model = method.fit(&histories.plays);
        let strangers = Method::Popularity.fit(&histories.plays);
        cases.par_iter().map(|case| shown(&*model, &*strangers, case)).collect::<Vec<_>>()
    });
    let (lists, areas): (Vec<_>, Vec<_>) = lists.into_iter().unzip();
    let judge = |((list, auc), case): ((&Vec<u32>, Option<f64>), &TasteCase)| Hits {
        auc,
        ..hits(list, &case.relevant, case.items.len())
    };
    let judged: Vec<Hits> = lists.iter().zip(areas).zip(cases).map(judge).collect();
    RankingFigures::of(&judged, lists, histories.items.count(), (seconds, memory))
}

/// The list, and the area under the curve of the whole ranking. A listener without a history gets popular items.
fn shown(model: &dyn Model, strangers: &dyn Model, case: &TasteCase) -> (Vec<u32>, Option<f64>) {
    let model = if case.history.is_empty() { strangers } else { model };
    let scores = model.scores(case.history, case.member);
    (best(&scores, case.history, SHOWN), area_of_few(&scores, &case.relevant, case.history))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histories(text: &str) -> Histories {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Histories::read(file.path()).unwrap()
    }

    #[test]
    fn popularity_is_measured_as_worked_out_by_hand() {
        let histories = histories("user,item,weight\na,x,5\nb,x,1\nb,y,1\nc,y,1\nc,z,1\n");
        // a knows x and is shown y then z; the stranger is shown x, y, z; w cannot be known.
        let test = [("a", "y"), ("a", "w"), ("a", "w"), ("stranger", "z")];
        let found = figures(Method::Popularity, &histories, &cases(&histories, test.into_iter()));
        assert!((found.precision_at_10 - 0.1).abs() < 1e-12 && (found.recall_at_10 - 0.75).abs() < 1e-12);
        let of_a = 1.0 / (1.0 + 1.0 / 3.0_f64.log2());
        assert!((found.ndcg_at_10 - (of_a + 0.5) / 2.0).abs() < 1e-12, "{found:?}");
        assert_eq!(found.coverage, 1.0);
    }

    #[test]
    fn every_algorithm_has_a_name_of_its_own() {
        let names: HashSet<&str> = Method::ALL.map(Method::name).into();
        assert_eq!(names.len(), Method::ALL.len());
        assert_eq!(method("ease"), Ok(Method::Ease));
        assert!(method("magic").unwrap_err().contains("popularity"));
    }

    #[test]
    fn each_algorithm_finds_what_a_group_of_listeners_shares() {
        // Two groups of eight; one listener lacks an item that the others of the group have.
        let mut text = String::from("user,item,weight\n");
        for n in 0..16 {
            let circle = n / 8;
            (0..6).filter(|item| n > 0 || *item != 3).for_each(|item| {
                text += &format!("u{n},c{circle}i{item},{}\n", 1 + (n + item) % 5);
            });
        }
        let histories = histories(&text);
        let expected = histories.items.number("c0i3");
        let (member, history) = histories.listener("u0");
        for method in Method::ALL.into_iter().filter(|method| *method != Method::Popularity) {
            let scores = method.fit(&histories.plays).scores(history, member);
            assert_eq!(best(&scores, history, 1).first().copied(), expected, "{}", method.name());
        }
    }
}
