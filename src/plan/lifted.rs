//! Which exemptions reach a rule, and what there is to say of them: one that another intent undoes,
//! one that nobody has reviewed.
//!
//! What a day makes of an exemption is known where it was linked; which objects it frees is for
//! engines to say.

use super::build::Builder;
use super::{Granted, Scope, scope};
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::link::{Demand, Lifting};

impl Builder<'_> {
    /// The exemptions in force that reach a rule; one that another intent undoes is a complaint.
    pub(super) fn liftings(
        &self,
        demands: &[(usize, &Demand)],
        diagnostics: &mut Diagnostics,
    ) -> Vec<&Lifting> {
        let mut found = vec![];
        for index in &self.situation.liftings {
            let lifting = &self.linked.liftings[*index];
            if !demands.iter().any(|(_, one)| lifting.lifts(one)) {
                continue;
            }
            diagnostics.extend(overdue(lifting, self.today));
            diagnostics.extend(planned(lifting, self.today));
            if !lifting.is_in_force(self.today) {
                continue;
            }
            // The same control under another name would still refuse what is freed here.
            for index in &self.situation.demands {
                let other = &self.linked.demands[*index];
                // Other images are what another advisory is about.
                if other.lasting.is_some() || lifting.lifts(other) || !self.reaches(lifting, other)
                {
                    continue;
                }
                let Some(place) = lifting.names_control(other) else { continue };
                diagnostics.push(
                    Diagnostic::error(
                        "exemption-without-effect",
                        format!(
                            "`{}` stays demanded by intent `{}`, which exemption `{}` does not lift",
                            other.control.id(),
                            other.intent,
                            lifting.name
                        ),
                    )
                    .at(place, "lifted here from other intents only")
                    .at(other.place, "still demanded here")
                    .help(format!(
                        "add `{{intent: {}, controls: [{}]}}` to `lifts`, if its owner agrees",
                        other.intent,
                        other.control.id()
                    )),
                );
            }
            found.push(lifting);
        }
        found
    }

    /// The exemptions in force from other controls that follow, or belong to, the framework a
    /// manifest control follows: what it has applied would undo them.
    pub(super) fn liftings_of_its_framework(
        &self,
        demands: &[(usize, &Demand)],
        own: &[&Lifting],
    ) -> Vec<&Lifting> {
        let Some(framework) = demands.first().and_then(|(_, one)| one.control.follows()) else {
            return vec![];
        };
        let listed = |demand: &Demand| {
            demand.control.follows() == Some(framework)
                || self
                    .linked
                    .members
                    .get(framework)
                    .is_some_and(|all| all.contains(demand.control.id()))
        };
        let liftings = self.situation.liftings.iter().map(|index| &self.linked.liftings[*index]);
        let touching = liftings.filter(|lifting| {
            let mut others =
                self.situation.demands.iter().map(|index| &self.linked.demands[*index]);
            lifting.is_in_force(self.today)
                && !own.iter().any(|one| one.name == lifting.name)
                && others.any(|demand| listed(demand) && lifting.lifts(demand))
        });
        touching.collect()
    }

    /// Whether a demand could hold for something the exemption is for.
    fn reaches(&self, lifting: &Lifting, demand: &Demand) -> bool {
        let meant = lifting.scope.meant();
        scope::scopes(demand, self.situation).iter().any(|scope| match scope {
            Scope::Namespaces(selector) => selector.overlaps(&meant),
            Scope::Cluster => meant.is_all(),
        })
    }
}

/// An exemption that nobody has looked at for too long, in force but for that.
fn overdue(lifting: &Lifting, today: Date) -> Option<Diagnostic> {
    let review = lifting.review.as_ref()?;
    let counts = lifting.has_begun(today) && today <= lifting.expires;
    if !counts || !review.is_overdue(today) {
        return None;
    }
    let name = &lifting.name;
    let (without, help) = match review.lapses {
        true => (
            ", so it is rendered without",
            "set `granted` to the day on which it is granted anew, or remove it",
        ),
        false => ("", "review it and add the day to `reviewed`, or remove it"),
    };
    let due = review.due(today);
    let message = format!("exemption `{name}` was to be reviewed by {due}{without}");
    let label = match review.too_late(today) {
        Some(late) => format!("not reviewed until {late}, which was too late"),
        None => "not reviewed since".to_owned(),
    };
    let said = Diagnostic::warning("review-overdue", message)
        .at(lifting.place, label)
        .at(review.place, "bounded here")
        .help(help);
    Some(said)
}

/// A review that was written down before anybody did it: it will count when its day comes.
fn planned(lifting: &Lifting, today: Date) -> Option<Diagnostic> {
    let days = &lifting.review.as_ref()?.days;
    let next = days.iter().find(|day| **day > today).filter(|_| lifting.is_in_force(today))?;
    let name = &lifting.name;
    let message = format!("exemption `{name}` states a review on {next}, a day to come");
    let said = Diagnostic::warning("review-to-come", message)
        .at(lifting.place, "nobody has reviewed it then")
        .help("take the day out, and add it when somebody has");
    Some(said)
}

pub(super) fn granted(lifting: &Lifting) -> Granted {
    Granted {
        name: lifting.name.clone(),
        place: lifting.place,
        expires: lifting.expires,
        owner: lifting.owner.clone(),
        reason: lifting.reason.clone(),
        approved_by: lifting.approved_by.clone(),
        ticket: lifting.ticket.clone(),
        scope: lifting.scope.in_words("its named images"),
    }
}
