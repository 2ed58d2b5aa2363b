//! The module as its users see it. The table of expressions and their values is `cases.json`.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::*;

fn input() -> Input {
    let object = json!({
        "kind": "Deployment",
        "metadata": {
            "name": "web",
            "labels": {"zone": "a", "app": "web", "tier": "front"},
            "annotations": {},
        },
        "spec": {
            "replicas": 3,
            "ratio": 0.5,
            "nothing": null,
            "containers": [{"name": "app"}, {"name": "side", "image": "b"}],
        },
    });
    let mut old = object.clone();
    old["metadata"]["labels"] = json!({});
    Input {
        object: Value::from_json(&object),
        old_object: Value::from_json(&old),
        request: Value::from_json(&json!({"operation": "UPDATE"})),
        namespace_object: Value::null(),
    }
}

fn evaluate(text: &str) -> Result<Value, Failure> {
    let expression =
        Expression::compile(text).unwrap_or_else(|problem| panic!("{text}: {problem}"));
    Scope::new(&input(), &Definitions::new()).evaluate(&expression)
}

#[derive(Deserialize)]
struct Group {
    group: String,
    cases: Vec<(String, Json)>,
}

#[test]
fn every_expression_of_the_table_has_its_value() {
    let tables = [include_str!("cases.json"), include_str!("libraries.json")];
    let groups: Vec<Group> = tables
        .into_iter()
        .flat_map(|table| serde_json::from_str::<Vec<Group>>(table).expect("the table is JSON"))
        .collect();
    let mut wrong = Vec::new();
    for group in &groups {
        for (text, expected) in &group.cases {
            let found = evaluate(text);
            let right = match (expected.get("fails").and_then(Json::as_str), &found) {
                (Some(part), Err(failure)) => failure.message.contains(part),
                (None, Ok(value)) => value.to_json().as_ref() == Some(expected),
                _ => false,
            };
            if !right {
                wrong.push(format!(
                    "{}: {text}\n  expected {expected}\n  found    {found:?}",
                    group.group
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn definitions(variables: &[(&str, &str)]) -> Definitions {
    let mut definitions = Definitions::new();
    for (name, text) in variables {
        let expression = Expression::compile(text).expect(text);
        definitions.define(name, expression).expect(name);
    }
    definitions
}

#[test]
fn a_variable_that_is_not_read_cannot_fail() {
    let definitions =
        definitions(&[("never", "object.absent.x"), ("name", "object.metadata.name")]);
    let input = input();
    let scope = Scope::new(&input, &definitions);
    let read = Expression::compile("variables.name + variables.name").unwrap();
    assert_eq!(scope.evaluate(&read).unwrap().as_str(), Some("webweb"));
}

#[test]
fn the_failure_of_a_variable_is_never_taken_for_its_absence() {
    let definitions = definitions(&[("bad", "object.absent"), ("worse", "variables.bad")]);
    let input = input();
    let scope = Scope::new(&input, &definitions);
    for text in
        ["has(variables.worse)", "variables.?worse.hasValue()", "variables.?worse.orValue(1)"]
    {
        let failure = scope.evaluate(&Expression::compile(text).unwrap()).unwrap_err();
        assert_eq!(
            failure.message, "variables.worse: variables.bad: no such key: absent",
            "{text}"
        );
    }
    let absorbed = Expression::compile("variables.worse || true").unwrap();
    assert_eq!(scope.evaluate(&absorbed).unwrap().as_bool(), Some(true));
}

#[test]
fn a_variable_sees_only_the_ones_before_it() {
    let mut definitions = definitions(&[("one", "1")]);
    let later = Expression::compile("variables.one + variables.two").unwrap();
    let problem = definitions.define("two", later).unwrap_err();
    assert_eq!(problem.message, "`variables.two` is not defined here");
    assert_eq!(problem.offset, 26);
    let again = definitions.define("one", Expression::compile("2").unwrap()).unwrap_err();
    assert_eq!(again.message, "`variables.one` is defined twice");
}

#[test]
fn parameters_are_a_root_or_a_variable() {
    let mut definitions = Definitions::new();
    definitions.set_params(Value::from_json(&json!({"limit": 2})));
    definitions.constant("params", Value::from_json(&json!({"limit": 5}))).unwrap();
    let input = input();
    let scope = Scope::new(&input, &definitions);
    let both = Expression::compile("params.limit + variables.params.limit").unwrap();
    assert_eq!(scope.evaluate(&both).unwrap().to_json(), Some(json!(7)));
    let none = Expression::compile("params == null").unwrap();
    assert_eq!(evaluate(none.text()).unwrap().as_bool(), Some(true));
}

#[test]
fn what_does_not_exist_is_found_when_the_expression_is_compiled() {
    for (text, message, line, column) in [
        ("object.name == objekt.name", "`objekt` is not defined", 1, 16),
        ("size(object) > 0 &&\n  'ü' == quantify('1')", "there is no function `quantify()`", 2, 10),
        ("'ä'.lowercase()", "there is no method `.lowercase()`", 1, 5),
        ("'a'.substring()", "`substring` does not take 0 arguments", 1, 5),
        ("optional.maybe(1)", "there is no function `optional.maybe()`", 1, 10),
        ("object.name.matches('a(')", "`a(` is no regular expression: unclosed group", 1, 21),
        ("[1].map(x, x) == x", "`x` is not defined", 1, 18),
    ] {
        let problem = Expression::compile(text).expect_err(text);
        assert_eq!(problem.message, message, "{text}");
        assert_eq!(problem.line_and_column(text), (line, column), "{text}");
    }
}

#[test]
fn what_cannot_be_parsed_has_a_place() {
    let text = "object.spec &&\n && true";
    let problem = Expression::compile(text).unwrap_err();
    assert_eq!(problem.line_and_column(text).0, 2, "{problem:?}");
    let text = "'ü' == 1 && ) true";
    let problem = Expression::compile(text).unwrap_err();
    assert_eq!(problem.line_and_column(text), (1, 13), "{problem:?}");
    assert!(Expression::compile("").is_err());
    assert!(Expression::compile("'unclosed").is_err());
}

#[test]
fn portable_texts_pass() {
    for text in [
        "variables.containers.filter(c, c.?image.orValue('').endsWith(':latest')).map(c, c.?name.orValue(''))",
        "request.operation == 'UPDATE' ? [] : object.?spec.?ports.orValue([]).map(p, string(p.port))",
        "type(object.spec) == map && optional.of(1).hasValue()",
    ] {
        assert_eq!(portable::check(text), [], "{text}");
    }
}

#[test]
fn all_that_is_not_portable_is_told_at_once() {
    let text = "request.namespace == oldObject.x && sets.contains(params, [1]) && has(request.operation)\n&& nope(namespaceObject) && variables.?x.hasValue() && [1].all(object, true) && variables['a'] == 1";
    let found: Vec<_> = portable::check(text).into_iter().map(|problem| problem.message).collect();
    assert_eq!(
        found,
        [
            "`request.namespace` is not the same on every engine: only `request.operation` may be read",
            "`oldObject` is not the same on every engine: use `unchanged:` of the control",
            "`sets.contains` is not there on every engine",
            "`params` is not the same on every engine: read `variables.params`",
            "`request.operation` is not the same on every engine: only `request.operation` may be read",
            "there is no function `nope()`",
            "`namespaceObject` is not the same on every engine: where a rule holds is the business of intents",
            "a variable is always there: write `variables.name`",
            "`object` already has a meaning: choose another name",
            "`variables` may only be read as `variables.name`",
        ]
    );
}

#[test]
fn literals_of_mixed_type_are_refused() {
    for (text, message) in [
        ("['a', 1]", "the list mixes string and int: wrap every element in `dyn()`"),
        ("{'a': object.x, 'b': 1}", "the map mixes dyn and int: wrap every value in `dyn()`"),
        (
            "[object.kind, 'a' + object.kind]",
            "the list mixes dyn and string: wrap every element in `dyn()`",
        ),
        (
            "[{'k': 'a', 'l': dyn(['b'])}]",
            "the map mixes string and dyn: wrap every value in `dyn()`",
        ),
        (
            "[['a'], [1]]",
            "the list mixes list(string) and list(int): wrap every element in `dyn()`",
        ),
    ] {
        let found: Vec<_> =
            portable::check(text).into_iter().map(|problem| problem.message).collect();
        assert_eq!(found, [message], "{text}");
    }
    for text in ["['a', string(1)]", "[dyn('a'), dyn(1)]", "{'a': object.x, 'b': dyn(1)}"] {
        assert_eq!(portable::check(text), [], "{text}");
    }
}

#[test]
fn reads_and_reserved_names() {
    let reads = portable::reads(
        "variables.a.all(x, has(variables.b) && variables.?c.hasValue() && x.variables.d)",
    );
    assert_eq!(reads.variables.into_keys().collect::<Vec<_>>(), ["a", "b", "c"]);
    assert!(portable::reserved("params").is_some());
    assert!(portable::reserved("engine_internal_x").is_some());
    assert!(portable::reserved("a-b").is_some());
    assert_eq!(portable::reserved("trustedRegistries"), None);
}

fn problems(text: &str, shape: &str, version: (u16, u16)) -> Vec<String> {
    let dialect = Dialect::of(shape, version).expect("a target");
    check(text, &dialect).into_iter().map(|problem| problem.message).collect()
}

#[test]
fn what_a_compiler_refuses_is_refused_before_it_runs() {
    for (text, message) in [
        ("1 == '1'", "`==` does not go with int and string"),
        ("1 == 1.0", "`==` does not go with int and double"),
        ("'a' + 1", "`+` does not go with string and int"),
        ("['a'].contains('a')", "`contains` does not go with list(string) and string"),
        ("'a'.all(x, true)", "string where a list or a map is needed"),
        ("[1].all(x, x)", "`&&` does not go with bool and int"),
        ("request.user == 'a'", "`request` has no field `user`"),
        ("namespaceObject.metadata.labels.app.x == 1", "a value of type string has no fields"),
        ("has(request.object)", "`request` has no field `object`"),
        ("'a'.b == 1", "a value of type string has no fields"),
        ("duration('1 day') > duration('1h')", "`1 day` is no duration"),
        ("[?1]", "int where an optional is needed"),
        ("object.x ? 1 : 'a'", "`?:` does not go with dyn and int and string"),
        ("sign(quantity('1')).x", "a value of type int has no fields"),
        ("quantity('1') > quantity('2')", "`>` does not go with quantity and quantity"),
        ("isIP('1.2.3.4')", "`isIP` is not there on ValidatingAdmissionPolicy 1.30"),
        ("1 == math.abs(1)", "`math.abs` is not there on ValidatingAdmissionPolicy 1.30"),
        (
            "{}.all(k, v, true)",
            "macros with two variables is not there on ValidatingAdmissionPolicy 1.30",
        ),
    ] {
        assert_eq!(problems(text, "ValidatingAdmissionPolicy", (1, 30)), [message], "{text}");
    }
    for text in [
        "1 < 1.5 && object.spec.replicas == 1 && object.spec.name == 'a' && [] == [1]",
        "object.a + 1 == object.b && object.a == object.b + 'x' && [dyn(1), dyn('a')].size() == 2",
        "request.userInfo.groups.exists(g, g.startsWith('a')) && request.options.dryRun == true",
        "authorizer.group('').resource('pods').check('get').allowed()",
        "authorizer.requestResource.check('get').allowed()",
        "quantity(object.a).compareTo(quantity('1')) < 1 && object.?a[?'b'].orValue('c') == 'd'",
        "namespaceObject.metadata.creationTimestamp < timestamp('2024-01-01T00:00:00Z')",
        "object.spec == null && timestamp(object.x) - timestamp(object.y) > duration('1h')",
    ] {
        assert_eq!(problems(text, "ValidatingAdmissionPolicy", (1, 30)), [""; 0], "{text}");
    }
    assert_eq!(problems("isIP('1.2.3.4')", "ConstraintTemplate", (3, 17)), [""; 0]);
    assert_eq!(
        problems("authorizer.path('/')", "ConstraintTemplate", (3, 23)),
        ["`authorizer` is not defined", "`path` is not there on ConstraintTemplate 3.23"]
    );
}

#[test]
fn a_variable_has_the_type_of_its_text() {
    let dialect = Dialect::of("ValidatingAdmissionPolicy", (1, 30)).expect("a target");
    let mut checker = Checker::strict(&dialect);
    checker.define("names", "object.spec.containers.map(c, string(c.name))").expect("a variable");
    assert_eq!(checker.check("variables.names").expect("a type").to_string(), "list(string)");
    let problems =
        checker.check("variables.names == ['a'] && variables.names[0] == 1").unwrap_err();
    assert_eq!(problems[0].message, "`==` does not go with string and int");
    assert!(checker.check("variables.other").is_err());
}

#[test]
fn an_expression_costs_what_it_costs_on_an_api_server() {
    let dialect = Dialect::of("ValidatingAdmissionPolicy", (1, 36)).expect("a target");
    let object = json!({
        "kind": "Deployment",
        "metadata": {
            "name": "web",
            "labels": {"app": "web", "tier": "front", "zone": "a"},
            "annotations": {},
        },
        "spec": {
            "replicas": 3,
            "nothing": null,
            "containers": [
                {"name": "app", "image": "registry.example.com/app:1.0"},
                {"name": "side", "image": "b"},
            ],
        },
    });
    let input = Input { object: Value::from_json(&object), ..Input::empty() };
    let definitions = Definitions::new();
    let mut wrong = Vec::new();
    for line in include_str!("costs.tsv").lines().filter(|line| !line.starts_with('#')) {
        let (text, expected) = line.split_once('\t').expect(line);
        let scope = Scope::metered(&input, &definitions, &dialect);
        let found = scope.evaluate(&Expression::compile(text).expect(text));
        let plain =
            Scope::new(&input, &definitions).evaluate(&Expression::compile(text).expect(text));
        if found != plain || scope.spent().to_string() != expected {
            wrong.push(format!("{text}: {} and not {expected}: {found:?}", scope.spent()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_costs_too_much_is_stopped() {
    let dialect = Dialect::of("ConstraintTemplate", (3, 23)).expect("a target");
    let list: Vec<i64> = (0..1200).collect();
    let input = Input { object: Value::from_json(&json!({"list": list})), ..Input::empty() };
    let expensive = "object.list.all(x, object.list.all(y, x + y >= 0)) || true";
    let mut definitions = Definitions::new();
    definitions
        .define("cheap", Expression::compile("object.list.all(x, x >= 0)").unwrap())
        .unwrap();
    let scope = Scope::metered(&input, &definitions, &dialect);
    let failure = scope.evaluate(&Expression::compile(expensive).unwrap()).unwrap_err();
    assert!(failure.is_over_budget(), "{failure}");
    // what is left is nothing, also for what costs little
    let failure = scope.evaluate(&Expression::compile("variables.cheap").unwrap()).unwrap_err();
    assert!(failure.is_over_budget(), "{failure}");
    let scope = Scope::metered(&input, &definitions, &dialect);
    let twice = Expression::compile("variables.cheap && variables.cheap").unwrap();
    assert_eq!(scope.evaluate(&twice).unwrap().as_bool(), Some(true));
    // counted once: 1,200 times (2 + 1 + 1 + 1), `object.list`, the result; and two times `variables.cheap`
    assert_eq!(scope.spent(), 1200 * 5 + 2 + 1 + 4);
}

#[test]
fn a_text_that_no_memory_holds_is_not_made() {
    let definitions = Definitions::new();
    let input = Input::empty();
    let all = |text: &str| {
        Scope::new(&input, &definitions).evaluate(&Expression::compile(text).expect(text))
    };
    let doubled = ".replace('a', 'aaaaaaaaaa')".repeat(9);
    let failure = all(&format!("'aaaaaaaaaa'{doubled} != ''")).unwrap_err();
    assert!(failure.message.contains("would be longer than 33554432 bytes"), "{failure}");
    for (text, expected) in [
        ("'abab'.replace('b', 'c') == 'acac'", true),
        ("'abab'.replace('b', 'c', 1) == 'acab'", true),
        ("'abab'.replace('b', 'c', 0) == 'abab'", true),
        ("'abab'.replace('b', 'c', -1) == 'acac'", true),
        ("'ab'.replace('', '-') == '-a-b-'", true),
        ("'ab'.replace('', '-', 2) == '-a-b'", true),
    ] {
        assert_eq!(all(text).unwrap().as_bool(), Some(expected), "{text}");
    }
}

#[test]
fn what_nests_too_deeply_for_the_parser_is_told_in_words() {
    let text = format!("{}1{}", "(".repeat(600), ")".repeat(600));
    let problem = Expression::compile(&text).unwrap_err();
    assert_eq!(problem.message, "the expression nests deeper than its parser goes");
}
