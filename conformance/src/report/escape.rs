//! Any text as character data of XML and HTML, in elements and in quoted attributes.

/// Escapes what has a meaning of its own. What XML 1.0 (section 2.2) has no way to write, such as
/// a zero byte, becomes U+FFFD.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML reads them as spaces in attributes, which does no harm.
            '\n' | '\t' => out.push(c),
            '\u{0}'..='\u{1f}' | '\u{7f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A look at tags that finds what a parser would stumble over. Only for tests of documents made
/// here: it knows neither comments nor CDATA.
#[cfg(test)]
pub(super) mod markup {
    /// Elements of HTML without an end.
    const VOID: [&str; 2] = ["meta", "br"];

    /// The document's text outside its tags, still escaped.
    ///
    /// # Panics
    /// Where an element is not closed, or closed that was not opened, where an attribute is
    /// written twice or not quoted, and at an ampersand that begins no entity.
    pub(in crate::report) fn text_of(document: &str) -> String {
        let mut text = String::new();
        let mut open = Vec::new();
        let mut rest = document;
        while let Some((before, after)) = rest.split_once('<') {
            check_text(before);
            text.push_str(before);
            let end = end_of_tag(after);
            let (tag, behind) = (&after[..end], &after[end + 1..]);
            rest = behind;
            if tag.starts_with(['!', '?']) {
                continue;
            }
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name), "</{name}>");
                continue;
            }
            let name = tag.split([' ', '/']).next().unwrap_or_default();
            check_attributes(tag[name.len()..].trim_end_matches('/'));
            if name == "style" {
                rest = &behind[behind.find("</style>").expect("the end of the style")..];
            }
            if !tag.ends_with('/') && !VOID.contains(&name) {
                open.push(name);
            }
        }
        check_text(rest);
        assert!(open.is_empty(), "not closed: {open:?}");
        text + rest
    }

    /// The first `>` outside quotes.
    fn end_of_tag(tag: &str) -> usize {
        let mut quoted = false;
        for (at, c) in tag.char_indices() {
            match c {
                '"' => quoted = !quoted,
                '<' => panic!("a < within a tag: {}", &tag[..at]),
                '>' if !quoted => return at,
                _ => {}
            }
        }
        panic!("a tag without an end: {tag}");
    }

    fn check_attributes(mut rest: &str) {
        let mut seen = Vec::new();
        while !rest.is_empty() {
            let attribute = rest.strip_prefix(' ').expect("a space before each attribute");
            if attribute.is_empty() {
                return;
            }
            let name_end = attribute.find(['=', ' ']).unwrap_or(attribute.len());
            let name = &attribute[..name_end];
            assert!(!seen.contains(&name), "twice: {name}");
            seen.push(name);
            rest = &attribute[name_end..];
            if let Some(value) = rest.strip_prefix("=\"") {
                let end = value.find('"').expect("the end of a value");
                check_text(&value[..end]);
                rest = &value[end + 1..];
            }
        }
    }

    fn check_text(text: &str) {
        for entity in text.split('&').skip(1) {
            let name = entity.split_once(';').expect("the end of an entity").0;
            let known = ["amp", "lt", "gt", "quot"].contains(&name);
            assert!(known || name.strip_prefix('#').is_some_and(|n| n.parse::<u32>().is_ok()));
        }
        assert!(!text.contains('>'), "a bare > in {text}");
    }
}

#[cfg(test)]
mod tests {
    use super::{escape, markup};

    #[test]
    fn nothing_of_a_text_is_read_as_markup() {
        assert_eq!(escape(r#"<a b="c">'&'"#), "&lt;a b=&quot;c&quot;&gt;&#39;&amp;&#39;");
        assert_eq!(escape("tab\tline\nzero\0bell\u{7}é"), "tab\tline\nzero\u{fffd}bell\u{fffd}é");
        let hostile = escape("</td><script>alert(1)</script>&nbsp; \" onclick=\"x");
        assert_eq!(markup::text_of(&format!("<td title=\"{hostile}\">{hostile}</td>")), hostile);
    }

    #[test]
    #[should_panic(expected = "</a>")]
    fn elements_that_overlap_are_seen() {
        markup::text_of("<a><b></a></b>");
    }

    #[test]
    #[should_panic(expected = "not closed")]
    fn an_element_that_is_not_closed_is_seen() {
        markup::text_of("<a><b/><meta x=\"y\">");
    }
}
