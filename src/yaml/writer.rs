//! Writing YAML: sorted keys, block style, quoted wherever a YAML 1.1 reader would misread.

/// The document as YAML text, ending in a newline.
pub fn write(value: &serde_json::Value) -> String {
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    let mut text = String::new();
    serde_saphyr::to_fmt_writer_with_options(&mut text, value, options)
        .expect("a JSON value has no part that YAML cannot say, and a string does not refuse text");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::text::Sources;
    use serde_json::json;

    #[test]
    fn what_is_written_is_read_back_the_same() {
        let value = json!({
            "yes": "no", "version": "1.30", "octal": "0123", "empty": {}, "none": [],
            "text": "a\n  b: c\n", "long": "x ".repeat(100), "n": -3, "nested": [{"a": [1, 2]}],
            "glob": "*", "tilde": "~", "null": null, "colon": "a: b", "hash": "a #b", "date": "2026-11-22",
        });
        let mut sources = Sources::default();
        let source = sources.add("x", super::write(&value));
        let nodes = crate::yaml::read(&sources, source).unwrap();
        assert_eq!(nodes[0].to_json(), value);
    }
}
