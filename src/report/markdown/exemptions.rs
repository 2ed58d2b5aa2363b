//! Exemptions as a table of Markdown, for a page, an issue or a summary of a workflow.

use super::safe::{code, prose};
use crate::calendar::Standing;
use crate::report::Exemptions;
use crate::text::count;

pub fn write(exemptions: &Exemptions<'_>) -> String {
    let all = exemptions.standings;
    let mut text = format!("{} on {}\n", count(all.len(), "exemption"), exemptions.today);
    if all.is_empty() {
        return text;
    }
    text += "\n| exemption | lifts | for | because | owner | age | days left | state |\n\
        | --- | --- | --- | --- | --- | --: | --: | --- |\n";
    for standing in all {
        text += &format!("| {} |\n", cells(exemptions, standing).join(" | "));
    }
    text
}

fn cells(exemptions: &Exemptions<'_>, standing: &Standing<'_>) -> [String; 8] {
    let lifting = standing.lifting;
    let days = |days: Option<i64>| days.map_or("–".to_owned(), |days| days.to_string());
    let lifts = lifting.lifts.iter();
    let lifts = lifts.map(|(control, intent, _)| format!("{} of {}", code(control), prose(intent)));
    let who = lifting.scope.in_words(&format!("images {}", lifting.images.join(", ")));
    let on = match &standing.clusters[..] {
        [] => "no cluster that is asked for it".to_owned(),
        some => crate::change::clusters(some),
    };
    let place = exemptions.sources.short(lifting.place);
    let state = standing.state.in_words();
    [
        format!("{} {}", code(&lifting.name), code(&place)),
        lifts.collect::<Vec<_>>().join(", "),
        prose(format!("{who} on {on}").trim()),
        prose(&lifting.reason),
        prose(&lifting.owner),
        days(standing.age),
        days(standing.left),
        if standing.state.is_wanting() { format!("**{state}**") } else { state },
    ]
}
