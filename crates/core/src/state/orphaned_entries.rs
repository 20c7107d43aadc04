//! Songs of ours in players that we have left, or that did not answer: they are taken back there.

use crate::domain::playback::Ticket;

/// More than so many players are never left at once.
const MOST: usize = 8;

#[derive(Clone, Debug, Default)]
pub(super) struct Strays(Vec<(Ticket, Asked)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    NotYet,
    Waiting,
    /// Until a player comes back.
    InVain,
}

impl Strays {
    pub fn extend(&mut self, ticket: Option<Ticket>) {
        self.0.extend(ticket.map(|ticket| (ticket, Asked::NotYet)));
        self.0.drain(..self.0.len().saturating_sub(MOST));
    }

    /// Those to ask for now.
    pub fn ask(&mut self) -> Vec<Ticket> {
        let fresh = self.0.iter_mut().filter(|(_, asked)| *asked == Asked::NotYet);
        fresh
            .map(|(ticket, asked)| {
                *asked = Asked::Waiting;
                ticket.clone()
            })
            .collect()
    }

    pub fn ask_again(&mut self) {
        self.0.iter_mut().filter(|(_, asked)| *asked == Asked::InVain).for_each(|(_, asked)| *asked = Asked::NotYet);
    }

    pub fn answer(&mut self, ticket: &Ticket, result: &Result<bool, String>) {
        match result {
            Ok(_) => self.0.retain(|(stray, _)| stray != ticket),
            Err(_) => {
                self.0.iter_mut().filter(|(stray, _)| stray == ticket).for_each(|(_, asked)| *asked = Asked::InVain);
            }
        }
    }

    /// Whether an answer may still come.
    pub fn any(&self) -> bool {
        self.0.iter().any(|(_, asked)| *asked != Asked::InVain)
    }
}
