//! What stands below each `--help`: an example or two, and how the command ends.

pub const ALL: &str = "\
To begin:
  ordinance init policies                 a small policy repository
  ordinance render --repository policies  what its clusters are given
  ordinance explain CLUSTER CONTROL       which lines decided a rule

Exit status: 0 fine, 1 the answer is no (differences, violations, a stale tree), 2 the input is
wrong, 3 the outside world failed, 70 a defect of Ordinance.";

pub const VALIDATE: &str = "\
Examples:
  ordinance validate
  ordinance validate --now 2027-01-20   whose review will be overdue by then

Exit status: 0 all documents fit together, 2 they do not, 3 they could not be read.";

pub const RENDER: &str = "\
Examples:
  ordinance render                       write what all clusters are given
  ordinance render --check               is what is rendered here as it should be?
  ordinance render --cluster prod-eu-1   only this one

Exit status: 0 rendered, or as it should be; 1 `--check` found something stale; 2 the input is
wrong; 3 a folder could not be read or written.";

pub const DIFF: &str = "\
Examples:
  ordinance diff                              against the last commit
  ordinance diff --against origin/main
  ordinance diff --format markdown --exit-code
  ordinance diff --format markdown --budget azure-devops   to be put there by your own CI
  ordinance diff --format sarif               what loosens, for code scanning
  ordinance diff --format html                a page to read, send and print, to keep in a file
  ordinance diff --cluster prod-eu-1 --intent no-root
  ordinance diff --only loosening             what asks for less than before, or may
  ordinance diff --fail-on loosen             the same question for CI
  ordinance diff --workloads found.json       whom it would hit if this ran on every cluster

A text that is longer than the terminal is shown in $ORDINANCE_PAGER, $PAGER or `less`.

Exit status: 0 compared; 1 something differs and `--exit-code` was given, or loosens and `--fail-on
loosen` was; 2 the input is wrong; 3 there is no such commit, or it could not be read.";

pub const REVIEW: &str = "\
Examples:
  ordinance review                          prints the address; any browser here can read it
  ordinance review --open                   and opens it
  ordinance review --against origin/main --port 8080

Exit status: 0 somebody ended it with Ctrl-C; 2 there is no Fleet document; 3 it could not be
served, there is no such commit, or the repository could not be found.";

pub const PROPOSE: &str = "\
Examples:
  ordinance propose --dry-run   what would be proposed, and in which words
  ordinance propose --local     commit to the branch here, push nothing
  ordinance propose

Exit status: 0 proposed, or nothing to propose; 2 the input is wrong or not committed; 3 git or
the forge failed, and what was done until then is said.";

pub const EXPLAIN: &str = "\
Examples:
  ordinance explain prod-eu-1                                    all of its rules
  ordinance explain prod-eu-1 run-as-non-root
  ordinance explain prod-eu-1 ordinance-run-as-non-root          as an answer of the cluster names it
  ordinance explain prod-eu-1 run-as-non-root --now 2027-01-30   once an exemption has ended

Exit status: 0 told; 1 the control is not demanded of this cluster; 2 the input is wrong, or there
is no such cluster or control; 3 the repository could not be read.";

pub const EXEMPTIONS: &str = "\
Examples:
  ordinance exemptions
  ordinance exemptions --check               what has to be seen to today?
  ordinance exemptions --now 2027-01-30      how will they stand then?
  ordinance exemptions --format markdown
  ordinance exemptions prune                 what would go with those that have ended

Exit status: 0 told; 1 `--check` found one whose review is overdue, that has ended, that matches
nothing, or that nothing needs any more by what a snapshot holds; 2 the input is wrong; 3 the
repository could not be read.";

pub const EXEMPTIONS_PRUNE: &str = "\
Examples:
  ordinance exemptions prune
  ordinance exemptions prune --unused
  ordinance exemptions prune --write

Exit status: 0 shown, edited, or nothing to do; 2 the input is wrong, or a file cannot be cut, and
nothing was written; 3 a file could not be read or written, and what was done until then is said.";

pub const CALENDAR: &str = "\
Examples:
  ordinance calendar
  ordinance calendar --until 2027-03-31
  ordinance calendar --format icalendar

Exit status: 0 told; 2 the input is wrong; 3 the repository could not be read.";

pub const POSTURE: &str = "\
Examples:
  ordinance posture
  ordinance posture --framework cis-kubernetes@1.8
  ordinance posture --format html             a page to read, send and print, to keep in a file
  ordinance posture --format csv              a row for each cluster and recommendation
  ordinance posture --format oscal            assessment results for other tools

Exit status: 0 told; 2 the input is wrong, there is no such framework, or no cluster or framework
to tell of; 3 the repository could not be read.";

pub const UPGRADE: &str = "\
Examples:
  ordinance upgrade prod-eu-1 --kubernetes 1.34
  ordinance upgrade prod-eu-1 --kubernetes 1.34 --format json

Exit status: 0 all verdicts stay the same, and nothing is lost; 1 a verdict changes, a rule becomes
impossible or milder, an API that is in use goes, or nothing can be rendered; 2 the input is wrong,
or that is no upgrade; 3 the repository could not be read.";

pub const DOCTOR: &str = "\
Examples:
  ordinance doctor prod-eu-1
  ordinance doctor prod-eu-1 --format json

Exit status: 0 told; 2 the input is wrong, there is no such cluster, or it can be given nothing;
3 the repository could not be read.";

pub const CONTROLS: &str = "\
Examples:
  ordinance controls
  ordinance controls run-as-non-root
  ordinance controls cis-kubernetes@1.8
  ordinance controls --search token --severity high
  ordinance controls --format html
  ordinance controls new disallow-host-aliases

Exit status: 0 listed; 1 no control is like that; 2 there is nothing of that name; 3 the repository
could not be read.";

pub const CONTROLS_NEW: &str = "\
Examples:
  ordinance controls new disallow-host-aliases
  ordinance controls new restrict-service-labels --subject resources

Exit status: 0 written; 2 the name cannot be taken, and nothing was written; 3 the folder could not
be written.";

pub const CHECK: &str = "\
Examples:
  ordinance check --cluster prod-eu-1 manifests/
  ordinance check --control run-as-non-root web.yaml
  ordinance check --framework cis-kubernetes --level 1 manifests/
  ordinance check --policies policies/ manifests/
  ordinance check --all --namespace shop=team=web,tier=front --format json manifests/

Exit status: 0 nothing is denied; 1 something is; 2 the input is wrong, or something could not be
read or judged and nothing else is denied; 3 stdin or the repository could not be read.";

pub const BASELINE: &str = "\
Examples:
  ordinance baseline prod-eu-1 --default-owner platform --out intents/baseline.yaml
  ordinance baseline prod-eu-1 --from pods.json --owner-label team --stagger 60
  ordinance baseline prod-eu-1 --fail-on growth

Exit status: 0 everything found is exempt or breaks nothing; 1 something stays denied, or
`--fail-on` found more; 2 the input is wrong, or a file could not be read; 3 the repository could
not be read, or the file not be written.";

pub const TEST: &str = "\
Examples:
  ordinance test                   the repository's own controls
  ordinance test run-as-non-root
  ordinance test --all

Exit status: 0 every verdict is as stated; 1 one is not, or a control has no cases; 2 the input is
wrong, or there is no such control; 3 the repository could not be read.";

pub const INVENTORY: &str = "\
Examples:
  ordinance inventory add prod-eu-1 version.json nodes.json
  ordinance inventory import kubeconfig.yaml

Exit status: 0 written; 2 nothing in the files says anything of a cluster, or one could not be
read; 3 stdin could not be read, or a file not be written.";

pub const INVENTORY_ADD: &str = "\
Examples:
  kubectl version -o json | ordinance inventory add prod-eu-1 -
  ordinance inventory add prod-eu-1 version.json nodes.json --label environment=production --write

Exit status: 0 written; 2 the name cannot be taken, the document is there already, or the files say
nothing of a cluster; 3 stdin could not be read, or the file not be written.";

pub const INVENTORY_IMPORT: &str = "\
Examples:
  ordinance inventory import kubeconfig.yaml
  kubectl get managedclusters -o json | ordinance inventory import - --write

Exit status: 0 written; 2 the files list no cluster, one could not be read, or all of the documents
are there already; 3 stdin could not be read, or a file not be written.";

pub const ADVISORY: &str = "\
Examples:
  ordinance advisory import CVE-2026-12345.json
  ordinance advisory affected

Exit status: 0 drafted or told; 1 there is nothing to draft; 2 the input is wrong; 3 a file could
not be read or written.";

pub const ADVISORY_IMPORT: &str = "\
Examples:
  ordinance advisory import CVE-2026-12345.json --write
  ordinance advisory import - < GHSA-2026.json

Exit status: 0 drafted; 1 it was withdrawn or rejected, or nothing of it can be said; 2 it cannot
be read, or there is such a document already; 3 it could not be written.";

pub const ADVISORY_AFFECTED: &str = "\
Examples:
  ordinance advisory affected                  all that count today
  ordinance advisory affected cve-2026-12345
  ordinance advisory affected CVE-2026-12345 --format json

Exit status: 0 told; 2 the input is wrong, or there is no such advisory; 3 the repository could not
be read.";

pub const INIT: &str = "\
Example:
  ordinance init policies

Exit status: 0 written; 2 such files are there already, and nothing was written; 3 the folder
could not be written.";

pub const SCHEMA: &str = "\
Examples:
  ordinance schema
  ordinance schema Intent
  ordinance schema DiffReport   what `diff --format json` prints

Exit status: 0 printed; 2 there is no such kind.";

pub const COMPLETIONS: &str = "\
Example:
  ordinance completions bash

Exit status: 0 printed; 2 no such shell is known.";
