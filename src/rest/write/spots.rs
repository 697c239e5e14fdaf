//! Where the client wrote what a form calls by its own names: problems that a use case finds are
//! reported at the member that was sent, not at the attribute it became.

use crate::error::Problem;

/// From paths of a form to paths of the request.
#[derive(Debug, Default)]
pub struct Spots {
    at: Vec<Spot>,
    under: Vec<(String, String)>,
}

#[derive(Debug)]
struct Spot {
    form: String,
    sent: String,
    /// Said instead of the use case's issue, where that speaks of what the client never sent.
    issue: Option<String>,
}

impl Spots {
    /// What the form calls `form` stands at `sent`.
    pub fn at(&mut self, form: impl Into<String>, sent: impl Into<String>) {
        let (form, sent, issue) = (form.into(), sent.into(), None);
        self.at.push(Spot { form, sent, issue });
    }

    /// What is wrong with `form` is this about `sent`.
    pub fn because(
        &mut self,
        form: impl Into<String>,
        sent: impl Into<String>,
        issue: impl Into<String>,
    ) {
        let (form, sent, issue) = (form.into(), sent.into(), Some(issue.into()));
        self.at.push(Spot { form, sent, issue });
    }

    /// The members of what the form calls `form` stand below `sent`.
    pub fn under(&mut self, form: impl Into<String>, sent: impl Into<String>) {
        self.under.push((form.into(), sent.into()));
    }

    /// Both: an attribute and all inside it.
    pub fn attribute(&mut self, form: &str, sent: &str) {
        self.at(form, sent);
        self.under(form, sent);
    }

    /// A problem where the client finds it.
    pub fn problem(&self, problem: &Problem) -> Problem {
        if let Some(spot) = self.at.iter().find(|s| s.form == problem.path) {
            let issue = spot.issue.as_ref().unwrap_or(&problem.issue);
            return Problem::new(&*spot.sent, issue);
        }
        let rest = |form: &str| match form {
            "" => Some(problem.path.as_str()),
            _ => problem.path.strip_prefix(form)?.strip_prefix('.'),
        };
        let inside = self
            .under
            .iter()
            .filter_map(|(form, sent)| Some((form.len(), sent, rest(form)?)));
        match inside.max_by_key(|(length, ..)| *length) {
            Some((_, sent, rest)) => Problem::new(format!("{sent}.{rest}"), &*problem.issue),
            None => problem.clone(),
        }
    }

    /// All of them; two that become the same are one.
    pub fn problems(&self, found: &[Problem]) -> Vec<Problem> {
        let mut problems: Vec<Problem> = Vec::with_capacity(found.len());
        for problem in found.iter().map(|p| self.problem(p)) {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_spot_is_meant() {
        let mut spots = Spots::default();
        spots.under("", "data.attributes");
        spots.attribute("data_quality", "data.attributes.dataQuality");
        spots.at("by", "data.relationships.by");
        spots.under("by", "included.0.attributes");
        spots.because("by.id", "data.relationships.by.data.id", "names nothing");
        for (form, sent) in [
            ("name", "data.attributes.name `x`"),
            ("data_quality", "data.attributes.dataQuality `x`"),
            ("data_quality.a.b", "data.attributes.dataQuality.a.b `x`"),
            ("data_qualities", "data.attributes.data_qualities `x`"),
            ("by", "data.relationships.by `x`"),
            ("by.name", "included.0.attributes.name `x`"),
            ("by.id", "data.relationships.by.data.id `names nothing`"),
        ] {
            let found = spots.problem(&Problem::new(form, "x"));
            assert_eq!(format!("{} `{}`", found.path, found.issue), sent);
        }
    }
}
