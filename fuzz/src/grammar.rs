//! Expressions that mean something, made of arbitrary bytes: each byte is a choice.
//!
//! What a fuzzer makes of texts rarely parses. Here every function of `src/cel/functions.tsv` is
//! called with arguments of its types (now and then of others), what `grammar.tsv` has is put in
//! between, macros bind names that are read, and objects have the fields that are looked for, with
//! odd values. Bytes that change little change the expression little: a fuzzer steers by that.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value as Json, json};

use super::Written;

const DEEPEST: usize = 7;
const LONGEST: usize = 2_000;

/// Types that can be asked for.
const TYPES: &str = "bool,int,string,double,uint,bytes,duration,timestamp,null,dyn,url,quantity,ip,\
    cidr,semver,format,type,list(dyn),list(int),list(string),list(bool),list(double),optional(dyn),\
    list(list(int)),map(string;dyn),map(string;string),optional(string),optional(int)";

/// Fields of objects, and what paths look for.
const FIELDS: &[&str] = &["a", "b", "spec", "name", "labels", "containers", "x-y", "é"];

const ROOTS: &[&str] = &["object", "object.spec", "params", "oldObject", "object.metadata"];

const NAMESPACES: &[&str] =
    &["base64", "jsonpatch", "lists", "math", "optional", "sets", "strings"];

struct Function {
    /// Before the name, where there is something: a namespace as it is, or the type of a value.
    on: Option<&'static str>,
    name: &'static str,
    arguments: Vec<&'static str>,
    result: &'static str,
}

static FUNCTIONS: LazyLock<Vec<Function>> = LazyLock::new(|| {
    let table = include_str!("../../src/cel/functions.tsv");
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| function(line.split('\t').nth(1)?)).collect()
});

/// By type, and whether it holds other expressions.
static TEXTS: LazyLock<BTreeMap<(&str, bool), Vec<&str>>> = LazyLock::new(|| {
    let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for line in include_str!("grammar.tsv").lines().filter(|line| !line.starts_with('#')) {
        if let [of, holds, text] = line.split('\t').collect::<Vec<_>>()[..] {
            all.entry((of, holds == "+")).or_default().push(text);
        }
    }
    all
});

/// `list(A).indexOf(A) int`, taken apart; `None` for what only macros write.
fn function(signature: &'static str) -> Option<Function> {
    let end = outside(signature, ' ').next()?;
    let (call, result) = (&signature[..end], &signature[end + 1..]);
    let dot = outside(call, '.').next();
    let (on, rest) = dot.map_or((None, call), |dot| (Some(&call[..dot]), &call[dot + 1..]));
    let (name, arguments) = rest.strip_suffix(')')?.split_once('(')?;
    let mut parts = vec![];
    let mut start = 0;
    for end in outside(arguments, ',').chain([arguments.len()]) {
        parts.push(arguments[start..end].trim());
        start = end + 1;
    }
    parts.retain(|part| !part.is_empty());
    (!name.starts_with('@')).then_some(Function { on, name, arguments: parts, result })
}

/// Where `wanted` stands outside parentheses.
fn outside(text: &str, wanted: char) -> impl Iterator<Item = usize> {
    let mut depth = 0_i32;
    text.char_indices().filter_map(move |(at, one)| {
        depth += i32::from(one == '(') - i32::from(one == ')');
        (depth == 0 && one == wanted).then_some(at)
    })
}

/// The types inside a type: the first and the last one.
fn inside(of: &str) -> (String, String) {
    let inside = of.split_once('(').and_then(|(_, inside)| inside.strip_suffix(')'));
    let inside = inside.unwrap_or("dyn");
    let (first, last) = match outside(inside, ',').next() {
        Some(comma) => (&inside[..comma], &inside[comma + 1..]),
        None => (inside, inside),
    };
    (first.trim().to_owned(), last.trim().to_owned())
}

fn head(of: &str) -> &str {
    of.split('(').next().unwrap_or(of)
}

/// The expression that these choices make.
pub fn written(choices: &[u8]) -> Written {
    let mut maker = Maker { choices, ..Maker::default() };
    let params = maker.json(2);
    let (metadata, spec, a) = (maker.fields(2), maker.fields(4), maker.json(2));
    let object = json!({"kind": "Pod", "metadata": metadata, "spec": spec, "a": a});
    let mut variables = vec![];
    for name in ["a", "b"].iter().take(maker.below(3)) {
        variables.push(((*name).to_owned(), maker.whole()));
        maker.variables += 1;
    }
    Written { text: maker.whole(), variables, object, params }
}

#[derive(Default)]
struct Maker<'a> {
    choices: &'a [u8],
    text: String,
    depth: usize,
    /// How many names macros have bound, and how many variables there are.
    bound: usize,
    variables: usize,
}

impl Maker<'_> {
    /// The next choice; the first one of all once none is left.
    fn below(&mut self, number: usize) -> usize {
        let Some((first, rest)) = self.choices.split_first() else { return 0 };
        self.choices = rest;
        usize::from(*first) % number
    }

    fn pick<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    fn any(&mut self) -> String {
        let all: Vec<&str> = TYPES.split(',').collect();
        self.pick(&all).replace(';', ", ")
    }

    fn whole(&mut self) -> String {
        (self.depth, self.bound) = (0, 0);
        let of = self.any();
        self.value(&of);
        std::mem::take(&mut self.text)
    }

    fn json(&mut self, deep: usize) -> Json {
        match self.below(if deep == 0 { 8 } else { 12 }) {
            0 => Json::Null,
            1 => json!(self.below(2) == 1),
            2 => json!(self.pick(&["", "a", "1", "é", "\0", "10.0.0.1", "1.5Gi", " "])),
            3 => json!(self.below(5)),
            4 => json!(1.5),
            5 => json!(i64::MIN),
            6 => json!(u64::MAX),
            7 => json!(self.pick(FIELDS)),
            8 | 9 => (0..self.below(4)).map(|_| self.json(deep - 1)).collect(),
            _ => self.fields(deep),
        }
    }

    fn fields(&mut self, deep: usize) -> Json {
        let fields = 0..self.below(6);
        let field = |_| (self.pick(FIELDS).to_owned(), self.json(deep - 1));
        Json::Object(fields.map(field).collect::<Map<_, _>>())
    }

    fn value(&mut self, of: &str) {
        if self.depth >= DEEPEST || self.text.len() > LONGEST || self.choices.is_empty() {
            return self.text_of(of, false);
        }
        self.depth += 1;
        match self.below(16) {
            0 | 1 => self.text_of(of, false),
            2..=4 => self.path(),
            5..=8 => self.call(of),
            9..=13 => self.text_of(of, true),
            14 => self.write(&format!("(`bool` ? `{of}` : `{of}`)"), of),
            // of another type than the one asked for
            _ => self.write("dyn(`any`)", of),
        }
        self.depth -= 1;
    }

    /// What `grammar.tsv` has of this type, else of any such type, else of none.
    fn text_of(&mut self, of: &str, holds: bool) {
        let looked_for = [(of, holds), (head(of), holds), (head(of), false), ("dyn", false)];
        let texts = looked_for.iter().find_map(|one| TEXTS.get(one)).expect("`dyn` is there");
        let text = self.pick(texts);
        self.write(text, of);
    }

    fn write(&mut self, text: &str, of: &str) {
        let (outer, any) = (self.bound, text.contains("`any`").then(|| self.any()));
        let (first, last) = inside(of);
        let mut rest = text;
        while let Some(at) = rest.find(['`', '#']) {
            self.text.push_str(&rest[..at]);
            if rest[at..].starts_with('#') {
                self.text.push_str(&format!("v{}", self.bound));
                self.bound += 1;
                rest = &rest[at + 1..];
                continue;
            }
            let (of, after) = rest[at + 1..].split_once('`').expect("backticks come in pairs");
            match (of, &any) {
                ("any", Some(any)) => self.value(any),
                ("A", _) => self.value(&first),
                ("B", _) => self.value(&last),
                _ => {
                    let of = of.replace("(A)", &format!("({first})"));
                    let of = of.replace(" A)", &format!(" {first})"));
                    self.value(&of.replace("(B)", &format!("({last})")));
                }
            }
            rest = after;
        }
        self.text.push_str(rest);
        self.bound = outer;
    }

    /// Something that was given: a field of something, or what a macro has bound.
    fn path(&mut self) {
        let root = match self.below(4) {
            0 if self.bound > 0 => format!("v{}", self.below(self.bound)),
            1 if self.variables > 0 => {
                format!("variables.{}", ["a", "b"][self.below(self.variables)])
            }
            _ => self.pick(ROOTS).to_owned(),
        };
        self.text.push_str(&root);
        for _ in 0..self.below(4) {
            let field = self.pick(FIELDS);
            let plain = field.bytes().all(|byte| byte.is_ascii_lowercase());
            let step = match self.below(6) {
                0 | 1 if plain => format!(".{field}"),
                2 if plain => format!(".?{field}"),
                3 => format!("[?'{field}']"),
                4 => "[0]".to_owned(),
                5 => "[?1]".to_owned(),
                _ => format!("['{field}']"),
            };
            self.text.push_str(&step);
        }
    }

    /// A function with such a result, called with arguments of its types.
    fn call(&mut self, of: &str) {
        let fit =
            |one: &&Function| of == "dyn" || one.result == "A" || head(one.result) == head(of);
        let fitting: Vec<&Function> = FUNCTIONS.iter().filter(fit).collect();
        if fitting.is_empty() {
            return self.text_of(of, false);
        }
        let function = fitting[self.below(fitting.len())];
        let first = if self.below(3) == 0 { self.any() } else { inside(of).0 };
        let settle = |of: &str| match of {
            "A" => first.clone(),
            "B" => "dyn".to_owned(),
            of => of.replace("(A", &format!("({first}")).replace(" B)", " dyn)"),
        };
        match function.on {
            None => {}
            Some(on) if NAMESPACES.contains(&on) => self.text.push_str(on),
            Some("format") if function.name != "validate" => self.text.push_str("format"),
            Some("ip") if function.name == "isCanonical" => self.text.push_str("ip"),
            Some(on) => self.write("(`A`)", &format!("list({})", settle(on))),
        }
        self.text.push_str(if function.on.is_some() { "." } else { "" });
        self.text.push_str(function.name);
        self.text.push('(');
        let takes_pattern = matches!(function.name, "matches" | "find" | "findAll");
        for (index, argument) in function.arguments.iter().enumerate() {
            self.text.push_str(if index > 0 { ", " } else { "" });
            match takes_pattern && *argument == "string" && self.below(4) > 0 {
                true => self.text_of("pattern", false),
                false => self.value(&settle(argument)),
            }
        }
        self.text.push(')');
    }
}
