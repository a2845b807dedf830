//! Rust source as the few kinds of token the search for annotations needs: comments stay, the
//! contents of literals go, so that an annotation quoted in a string is none.

/// A token and the lines it covers, counted from 1.
#[derive(Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) first_line: usize,
    pub(super) last_line: usize,
}

#[derive(Debug, PartialEq)]
pub(super) enum Kind<'a> {
    /// One line of a comment without its marks. A block comment gives one of these per line.
    Comment { text: &'a str, place: Place },
    /// `#[content]`, or with `inner` set `#![content]`.
    Attribute { content: &'a str, inner: bool },
    /// An identifier, a keyword or a number.
    Word(&'a str),
    /// `(`, `[` or `{`.
    Open(char),
    /// `)`, `]` or `}`.
    Close,
    /// Any other character; a literal or lifetime is one of these too.
    Other(char),
}

/// What a comment is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    /// `///`: the item below, whatever stands between.
    Item,
    /// `//`: the line below.
    Line,
    /// `//!`: the module or function around it.
    Around,
}

pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer { source, at: 0, line: 1, tokens: Vec::new() };
    while lexer.token() {}
    lexer.tokens
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    line: usize,
    tokens: Vec<Token<'a>>,
}

impl<'a> Lexer<'a> {
    /// Reads one token, or a comment of several lines; false at the end of the source.
    fn token(&mut self) -> bool {
        self.skip_while(char::is_whitespace);
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return false };
        let line = self.line;
        if rest.starts_with("//") {
            self.line_comment();
        } else if rest.starts_with("/*") {
            self.block_comment();
        } else if rest.starts_with("#[") || rest.starts_with("#![") {
            self.attribute();
        } else if first == '"' {
            self.string();
            self.push(Kind::Other('"'), line);
        } else if first == '\'' {
            self.character_or_lifetime();
            self.push(Kind::Other('\''), line);
        } else if first == '_' || first.is_alphanumeric() {
            self.word();
        } else {
            self.bump(first.len_utf8());
            let kind = match first {
                '(' | '[' | '{' => Kind::Open(first),
                ')' | ']' | '}' => Kind::Close,
                other => Kind::Other(other),
            };
            self.push(kind, line);
        }
        true
    }

    fn line_comment(&mut self) {
        let rest = self.rest();
        let comment = &rest[..rest.find('\n').unwrap_or(rest.len())];
        let (mark, place) = match comment.as_bytes() {
            // Four slashes are an ordinary comment, mostly a ruler.
            [b'/', b'/', b'/', b'/', ..] => (2, Place::Line),
            [b'/', b'/', b'/', ..] => (3, Place::Item),
            [b'/', b'/', b'!', ..] => (3, Place::Around),
            _ => (2, Place::Line),
        };
        let line = self.line;
        self.bump(comment.len());
        self.push(Kind::Comment { text: comment[mark..].trim(), place }, line);
    }

    fn block_comment(&mut self) {
        let rest = self.rest();
        let mut length = 2;
        let mut depth = 1;
        while depth > 0 && length < rest.len() {
            let here = &rest.as_bytes()[length..];
            match here {
                [b'/', b'*', ..] => (depth, length) = (depth + 1, length + 2),
                [b'*', b'/', ..] => (depth, length) = (depth - 1, length + 2),
                _ => length += 1,
            }
        }
        let comment = &rest[..length];
        let place = if comment.starts_with("/*!") {
            Place::Around
        } else if comment.starts_with("/**") && comment.len() > 4 {
            Place::Item
        } else {
            Place::Line
        };
        let body = comment.trim_start_matches(['/', '*', '!']).trim_end_matches(['/', '*']);
        for (number, text) in body.split('\n').enumerate() {
            let text = text.trim().trim_start_matches('*').trim();
            self.push_lines(Kind::Comment { text, place }, self.line + number, self.line + number);
        }
        self.bump(length);
    }

    fn attribute(&mut self) {
        let line = self.line;
        let inner = self.rest().starts_with("#!");
        self.bump(if inner { 3 } else { 2 });
        let start = self.at;
        let before = self.tokens.len();
        let mut depth = 1;
        let mut end = start;
        while depth > 0 {
            end = self.at;
            if !self.token() {
                break;
            }
            end = if depth == 1 { self.at - 1 } else { end };
            match self.tokens.last().map(|token| &token.kind) {
                Some(Kind::Open(_)) => depth += 1,
                Some(Kind::Close) => depth -= 1,
                _ => {}
            }
        }
        self.tokens.truncate(before);
        let content = self.source[start..end.max(start)].trim();
        self.push(Kind::Attribute { content, inner }, line);
    }

    fn word(&mut self) {
        let line = self.line;
        let start = self.at;
        self.skip_while(|c| c == '_' || c.is_alphanumeric());
        let word = &self.source[start..self.at];
        let rest = self.rest();
        let kind = match (word, rest.as_bytes().first()) {
            ("b" | "c", Some(b'"')) => {
                self.string();
                Kind::Other('"')
            }
            ("b", Some(b'\'')) => {
                self.character_or_lifetime();
                Kind::Other('\'')
            }
            ("r" | "br" | "cr", Some(b'"' | b'#')) if self.raw_string() => Kind::Other('"'),
            _ => Kind::Word(word),
        };
        self.push(kind, line);
    }

    /// From the opening quote to behind the closing one.
    fn string(&mut self) {
        let mut escaped = true; // The opening quote closes nothing.
        self.skip_while(|c| {
            let inside = escaped || c != '"';
            escaped = !escaped && c == '\\';
            inside
        });
        self.bump(usize::from(!self.rest().is_empty()));
    }

    /// Skips `#"…"#` with any number of hashes; false for a raw identifier such as `r#fn`.
    fn raw_string(&mut self) -> bool {
        let rest = self.rest();
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        if !rest[hashes..].starts_with('"') {
            return false;
        }
        let close = format!("\"{}", &rest[..hashes]);
        let body = &rest[hashes + 1..];
        let length = body.find(&close).map_or(rest.len(), |end| hashes + 1 + end + close.len());
        self.bump(length);
        true
    }

    /// `'a'` and `'\n'` are characters, `'a` is a lifetime: only the quote itself is skipped.
    fn character_or_lifetime(&mut self) {
        let mut inside = self.rest()[1..].chars();
        match inside.next() {
            Some('\\') => {
                self.bump(2);
                self.bump(self.rest().chars().next().map_or(0, char::len_utf8));
                self.skip_while(|c| c != '\'' && c != '\n');
                self.bump(usize::from(self.rest().starts_with('\'')));
            }
            Some(one) if inside.next() == Some('\'') => self.bump(2 + one.len_utf8()),
            _ => self.bump(1),
        }
    }

    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn skip_while(&mut self, mut wanted: impl FnMut(char) -> bool) {
        let rest = self.rest();
        self.bump(rest.find(|c| !wanted(c)).unwrap_or(rest.len()));
    }

    fn bump(&mut self, length: usize) {
        let end = (self.at + length).min(self.source.len());
        self.line += self.source[self.at..end].matches('\n').count();
        self.at = end;
    }

    fn push(&mut self, kind: Kind<'a>, first_line: usize) {
        self.push_lines(kind, first_line, self.line);
    }

    fn push_lines(&mut self, kind: Kind<'a>, first_line: usize, last_line: usize) {
        self.tokens.push(Token { kind, first_line, last_line });
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Place, tokens};

    fn comments(source: &str) -> Vec<(&str, usize)> {
        let comment = |token: super::Token<'static>| match token.kind {
            Kind::Comment { text, .. } => Some((text, token.first_line)),
            _ => None,
        };
        // The tests' sources are literals.
        tokens(Box::leak(source.to_owned().into_boxed_str()))
            .into_iter()
            .filter_map(comment)
            .collect()
    }

    #[test]
    fn comments_inside_literals_are_none() {
        assert_eq!(comments(r#"let a = "// no"; // yes"#), [("yes", 1)]);
        assert_eq!(comments(r#"let a = "\"// no"; // yes"#), [("yes", 1)]);
        assert_eq!(comments("let a = r#\"\" // no\n\"#; // yes"), [("yes", 2)]);
        assert_eq!(comments("let a = br\"\\\"; // yes"), [("yes", 1)]);
        assert_eq!(comments("let a = ['\"', '\\'', b'\"']; // yes"), [("yes", 1)]);
    }

    #[test]
    fn lifetimes_and_raw_identifiers_open_no_literal() {
        assert_eq!(comments("fn f<'a>(x: &'a str) {} // yes"), [("yes", 1)]);
        assert_eq!(comments("let r#fn = 1; // yes"), [("yes", 1)]);
    }

    #[test]
    fn a_block_comment_gives_its_lines() {
        assert_eq!(comments("/* a /* b */\n * c\n */ x"), [("a /* b */", 1), ("c", 2), ("", 3)]);
    }

    #[test]
    fn doc_comments_are_told_from_others() {
        let places: Vec<_> = tokens("/// a\n//! b\n// c\n//// d")
            .into_iter()
            .filter_map(|token| match token.kind {
                Kind::Comment { place, .. } => Some(place),
                _ => None,
            })
            .collect();
        assert_eq!(places, [Place::Item, Place::Around, Place::Line, Place::Line]);
    }

    #[test]
    fn an_attribute_is_one_token_over_all_its_lines() {
        let tokens = tokens("#[case(&[1],\n \"]\")]\nfn");
        assert_eq!(tokens.len(), 2);
        assert_eq!(
            tokens[0].kind,
            Kind::Attribute { content: "case(&[1],\n \"]\")", inner: false }
        );
        assert_eq!((tokens[0].first_line, tokens[0].last_line, tokens[1].first_line), (1, 2, 3));
    }
}
