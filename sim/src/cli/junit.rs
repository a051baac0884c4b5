//! Verdicts in the XML that continuous integration reads (JUnit's, as the Ant task writes it).

use std::fmt::Write;

use super::check::{Case, Outcome};

/// The report: a suite for each file, a test case for each claim.
pub fn report(cases: &[Case]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for case in cases {
        suite(case, &mut xml);
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn suite(case: &Case, xml: &mut String) {
    let file = escaped(&case.file);
    let mut head = |tests: usize, failures: usize, errors: usize| {
        let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"");
        let _ = writeln!(xml, "  <testsuite name=\"{file}\" {counts}>");
    };
    match &case.outcome {
        Outcome::Judged(claims) => {
            let failures = claims.iter().filter(|claim| claim.unmet.is_some());
            head(claims.len(), failures.count(), 0);
            for claim in claims {
                let name = escaped(&claim.claim);
                let _ = write!(xml, "    <testcase classname=\"{file}\" name=\"{name}\"");
                let _ = match &claim.unmet {
                    None => writeln!(xml, "/>"),
                    Some(why) => {
                        let why = escaped(why);
                        writeln!(xml, "><failure message=\"{why}\"/></testcase>")
                    }
                };
            }
        }
        Outcome::WellFormed => {
            head(1, 0, 0);
            let _ = writeln!(
                xml,
                "    <testcase classname=\"{file}\" name=\"well-formed\"/>"
            );
        }
        Outcome::Refused(refused) => {
            head(1, 0, 1);
            let _ = write!(
                xml,
                "    <testcase classname=\"{file}\" name=\"well-formed\">"
            );
            let _ = write!(xml, "<error message=\"cannot be run\">");
            for it in &refused.problems {
                let line = format!("{}:{}: {}; {}", refused.name, it.at, it.what, it.remedy);
                let _ = writeln!(xml, "{}", escaped(&line));
            }
            let _ = writeln!(xml, "</error></testcase>");
        }
    }
    xml.push_str("  </testsuite>\n");
}

/// A text as XML content or attribute.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(' '),
            // No XML 1.0 document may have other control characters, not even escaped.
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
