//! `ordinance calendar [--until DATE]`.

use super::options::Calendar;
use super::{Exit, repository, talk};
use crate::calendar::{Event, Planned, advisories, calendar, exemptions, graces, standings};
use crate::date::Date;
use crate::failure::Failure;
use crate::pipeline::{self, Dates, Loaded, Render, RenderRequest};
use crate::plan::Plan;
use crate::report::{self, CALENDAR_FORMATS};
use crate::source::folder::Folder;

pub fn run(options: &Calendar) -> Result<Exit, Failure> {
    let common = &options.common;
    let loaded = repository::load(&common.place)?;
    let base = repository::base(common, loaded);
    let today = repository::today(common);
    let until = options.until.and_then(|day| day.0).unwrap_or(today.next_year());
    if until < today {
        tell!("error: there is nothing ahead until {until}: it is told for {today}");
        tell!("hint: `--until` names the last day to tell of, `--now` the day to tell it for");
        return Ok(Exit::Input);
    }
    let landed = repository::landed(common, loaded, base.as_ref())?;
    let request = RenderRequest::new(&landed, today);
    let Some(rendered) = repository::render(common, loaded, &request, "") else {
        return Ok(Exit::Input);
    };
    let folder = Folder::new(&common.place.repository);
    let committed = pipeline::render(
        loaded,
        &RenderRequest { dates: Dates::Committed(&folder, today), ..request },
    );
    let calendar = calendar(events(loaded, rendered, Some(&committed), today), today, until);
    let mut formats = CALENDAR_FORMATS.iter();
    let format = formats.find(|one| one.id == options.format).unwrap_or(&CALENDAR_FORMATS[0]);
    let told = report::Dates { today, until, calendar: &calendar, sources: &loaded.sources };
    talk::print(&(format.write)(&told));
    Ok(Exit::Fine)
}

/// Everything that dates bring: one line for each source of events. Without what is committed
/// nothing is known of graces that are over and still granted.
pub fn events(
    loaded: &Loaded,
    rendered: &Render,
    committed: Option<&Render>,
    today: Date,
) -> Vec<Event> {
    let mut events = vec![];
    events.extend(exemptions(&standings(&loaded.linked, today), today));
    events.extend(graces(&planned(rendered, committed)));
    events.extend(advisories(&loaded.linked, today));
    events
}

fn planned<'a>(rendered: &'a Render, committed: Option<&'a Render>) -> Vec<Planned<'a>> {
    let plan = |render: &'a Render, name: &str| -> Option<&'a Plan> {
        Some(&render.units[render.clusters.get(name)?.unit].plan)
    };
    let clusters = rendered.clusters.keys();
    let planned = clusters.filter_map(|name| {
        Some(Planned {
            cluster: name,
            today: plan(rendered, name)?,
            committed: committed.and_then(|committed| plan(committed, name)),
        })
    });
    planned.collect()
}
