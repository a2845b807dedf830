//! The forms a report can be printed in, by name.

use std::fmt;

use super::{Report, html, json, junit, text};

/// A form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// For a terminal: a line for each group.
    Text,
    /// For programs: see [`json()`].
    Json,
    /// For build servers: JUnit's XML.
    Junit,
    /// For people: one page of HTML with nothing beside it.
    Html,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Text, Self::Json, Self::Junit, Self::Html];

    /// The name, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Html => "html",
        }
    }

    /// The form of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The reports in this form, ending with a line break.
    pub fn render(self, reports: &[Report]) -> String {
        let mut rendered = match self {
            Self::Text => text(reports),
            Self::Json => json(reports),
            Self::Junit => junit(reports),
            Self::Html => html(reports),
        };
        if !rendered.ends_with('\n') {
            rendered.push('\n');
        }
        rendered
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Format;

    #[test]
    fn every_form_is_found_by_its_name() {
        for format in Format::ALL {
            assert_eq!(Format::from_name(format.name()), Some(format));
        }
        assert_eq!(Format::from_name("pdf"), None);
    }
}
