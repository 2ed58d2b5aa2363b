//! Dates ahead, and what is overdue, for a terminal, for programs and for calendars.

pub mod icalendar;
pub mod json;
pub mod text;
