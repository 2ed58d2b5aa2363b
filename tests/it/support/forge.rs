//! A forge in memory that counts what is written to it.

use std::cell::RefCell;

use ordinance::delivery::forge::{Forge, Limits, Proposal, Wanted};
use ordinance::failure::Failure;
use ordinance::report::Budget;
use ordinance::tree::base::Id;

/// Proposals, and every writing call in words.
#[derive(Default)]
pub struct Memory<'a> {
    pub open: RefCell<Vec<Proposal>>,
    pub writes: RefCell<Vec<String>>,
    /// Fails the next writing call.
    pub broken: RefCell<bool>,
    pub declined: RefCell<Option<Proposal>>,
    /// What happens elsewhere while it is asked for its proposals.
    pub when_asked: Option<Box<dyn Fn() + 'a>>,
}

impl Memory<'_> {
    fn write(&self, what: String) -> Result<(), Failure> {
        if self.broken.replace(false) {
            return Err(Failure::new("open a proposal", "503 Service Unavailable"));
        }
        self.writes.borrow_mut().push(what);
        Ok(())
    }

    /// What was written since it was last asked.
    pub fn written(&self) -> Vec<String> {
        self.writes.take()
    }
}

impl Forge for Memory<'_> {
    fn limits(&self) -> Limits {
        Limits { title: 100, body: Budget { limit: 1_000, ..Budget::NONE } }
    }

    fn serves(&self, _host: &str) -> bool {
        true
    }

    fn proposals(&self, prefix: &str) -> Result<Vec<Proposal>, Failure> {
        if let Some(meanwhile) = &self.when_asked {
            meanwhile();
        }
        let open = self.open.borrow();
        Ok(open.iter().filter(|it| it.branch.starts_with(prefix)).cloned().collect())
    }

    fn open(&self, wanted: &Wanted) -> Result<Proposal, Failure> {
        self.write(format!("open {}", wanted.branch))?;
        let number = self.open.borrow().len() as u64 + 1;
        let proposal = Proposal {
            number,
            address: format!("https://forge.example/{number}"),
            branch: wanted.branch.clone(),
            base: wanted.base.clone(),
            title: wanted.title.clone(),
            body: wanted.body.clone(),
            author: "bot".into(),
            labels: wanted.labels.clone(),
            reviewers: wanted.reviewers.clone(),
        };
        self.open.borrow_mut().push(proposal.clone());
        Ok(proposal)
    }

    fn revise(&self, proposal: &Proposal, wanted: &Wanted) -> Result<Vec<String>, Failure> {
        if proposal.title == wanted.title && proposal.body == wanted.body {
            return Ok(Vec::new());
        }
        self.write(format!("revise {}", proposal.number))?;
        for open in self.open.borrow_mut().iter_mut().filter(|it| it.number == proposal.number) {
            open.title.clone_from(&wanted.title);
            open.body.clone_from(&wanted.body);
        }
        Ok(vec!["text".into()])
    }

    fn declined(&self, _branch: &str, _commit: Id) -> Result<Option<Proposal>, Failure> {
        Ok(self.declined.borrow().clone())
    }

    fn close(&self, proposal: &Proposal, _because: &str) -> Result<(), Failure> {
        self.write(format!("close {}", proposal.number))?;
        self.open.borrow_mut().retain(|it| it.number != proposal.number);
        Ok(())
    }
}
