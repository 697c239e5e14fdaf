//! SVG: drawings pass; whatever runs, fetches or explodes does not.

use super::{problems, sound};
use std::fmt::Write;

/// A drawing with something in it.
fn svg(inside: &str) -> String {
    with("", inside)
}

/// A drawing with an attribute at its root and something in it.
fn with(attribute: &str, inside: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" \
         viewBox=\"0 0 8 8\" {attribute}>{inside}</svg>"
    )
}

fn refused(text: &str) -> String {
    let found = problems(text.as_bytes(), Some("image/svg+xml"), None);
    assert_eq!((found.len(), found[0].path.as_str()), (1, "file"), "{text}");
    found[0].issue.clone()
}

#[test]
fn scripts_are_refused_in_every_form() {
    let forms = [
        svg("<script>alert(1)</script>"),
        svg("<script href=\"https://evil.example/x.js\"/>"),
        svg("<s:script xmlns:s=\"http://www.w3.org/2000/svg\">alert(1)</s:script>"),
        svg("<g><defs><script type=\"text/ecmascript\"><![CDATA[alert(1)]]></script></defs></g>"),
        svg("<script xmlns=\"http://www.w3.org/1999/xhtml\">alert(1)</script>"),
        svg("<script xmlns=\"\">alert(1)</script>"),
        with("onload=\"alert(1)\"", ""),
        with("OnLoad=\"alert(1)\"", ""),
        with("o&#110;load=\"alert(1)\"", ""),
        svg("<rect onclick=\"alert(1)\"/>"),
        svg("<animate attributeName=\"x\" onbegin=\"alert(1)\"/>"),
        svg("<a href=\"javascript:alert(1)\"><rect/></a>"),
        svg("<a xlink:href=\"java&#10;script:alert(1)\"><rect/></a>"),
        svg("<a xmlns:l=\"http://www.w3.org/1999/xlink\" l:href=\" JavaScript:alert(1)\"/>"),
        svg("<a><animate attributeName=\"href\" values=\"javascript:alert(1)\"/></a>"),
        svg("<a><set attributeName=\"xlink:href\" to=\"javascript:alert(1)\"/></a>"),
        svg("<set attributeName=\"onmouseover\" to=\"alert(1)\"/>"),
        svg("<use href=\"data:image/svg+xml;base64,PHN2Zy8+#x\"/>"),
        svg("<image href=\"data:image/svg+xml,%3Csvg onload='alert(1)'/%3E\"/>"),
        svg("<handler type=\"application/ecmascript\">alert(1)</handler>"),
        svg("<e:listener xmlns:e=\"http://www.w3.org/2001/xml-events\" event=\"load\"/>"),
        svg("<foreignObject><p xmlns=\"http://www.w3.org/1999/xhtml\">x</p></foreignObject>"),
        svg("<iframe src=\"https://evil.example\"/>"),
        svg("<iframe xmlns=\"http://www.w3.org/1999/xhtml\" srcdoc=\"x\"/>"),
        svg("<SCRIPT>alert(1)</SCRIPT>"),
    ];
    for form in &forms {
        let issue = refused(form);
        assert!(
            issue.contains("is an SVG that holds") || issue.contains("not well-formed"),
            "{form}: {issue}"
        );
    }
}

#[test]
fn references_to_the_outside_are_refused() {
    let forms = [
        svg("<image href=\"https://evil.example/pixel.png\"/>"),
        svg("<image xlink:href=\"//evil.example/pixel.png\"/>"),
        svg("<image href=\"/media/x\"/>"),
        svg("<image href=\"file:///etc/passwd\"/>"),
        svg("<use href=\"other.svg#x\"/>"),
        svg("<a href=\"https://evil.example\"/>"),
        svg("<feImage href=\"https://evil.example/x\"/>"),
        svg("<linearGradient href=\"https://evil.example/x#y\"/>"),
        svg("<rect fill=\"url(https://evil.example/x#y)\"/>"),
        svg("<rect fill=\"url( 'https://evil.example/x#y' )\"/>"),
        svg("<rect fill=\"URL(//evil.example/x)\"/>"),
        svg("<rect fill=\"\\75rl(https://evil.example/x)\"/>"),
        svg("<rect style=\"fill: url(https://evil.example/x)\"/>"),
        svg("<rect style=\"background: image-set('https://evil.example/x' 1x)\"/>"),
        svg("<style>@import 'https://evil.example/x.css';</style>"),
        svg("<style>@IMPORT url(#x);</style>"),
        svg("<style>@font-face { font-family: x; src: url(https://evil.example/f) }</style>"),
        svg("<style>rect { fill: u\\72l(https://evil.example) }</style>"),
        svg("<style>rect { fill: url(<![CDATA[https://evil.example]]>) }</style>"),
        svg("<style>rect { fill: ur<!-- x -->l(https://evil.example) }</style>"),
        with("xml:base=\"https://evil.example/\"", "<use href=\"#x\"/>"),
        svg("<font-face-uri xlink:href=\"https://evil.example/f\"/>"),
        svg("<animate attributeName=\"fill\" to=\"url(https://evil.example/x)\"/>"),
    ];
    for form in &forms {
        let issue = refused(form);
        assert!(issue.starts_with("is an SVG that holds"), "{form}: {issue}");
    }
    let sheet = format!(
        "<?xml-stylesheet href=\"https://evil.example/x.css\"?>{}",
        svg("")
    );
    assert!(refused(&sheet).contains("xml-stylesheet"));
}

#[test]
fn document_types_and_entities_are_refused() {
    let types = [
        "<!DOCTYPE svg [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
        "<!DOCTYPE svg [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>",
        "<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\">",
    ];
    for declared in types {
        let issue = refused(&format!("{declared}{}", svg("<text>x</text>")));
        assert!(issue.contains("document type"), "{declared}: {issue}");
    }
    assert!(refused(&svg("<text>&x;</text>")).contains("not well-formed"));
}

#[test]
fn what_is_not_well_formed_or_no_svg_is_refused() {
    for text in [
        "<svg",
        "<svg xmlns=\"http://www.w3.org/2000/svg\">",
        "<svg/><svg/>",
        "< svg/>",
    ] {
        refused(text);
    }
    for root in ["<svg/>", "<html/>", "<svg xmlns=\"http://example.org\"/>"] {
        assert!(refused(root).contains("whose root is"), "{root}");
    }
    let twice = svg("<rect x=\"1\" x=\"2\"/>");
    assert!(refused(&twice).contains("not well-formed"));
    let latin = format!(
        "<?xml version=\"1.0\" encoding=\"iso-2022-jp\"?>{}",
        svg("")
    );
    assert!(refused(&latin).contains("iso-2022-jp"));
    let bytes = [svg("<text>").as_bytes(), b"\xff\xfe"].concat();
    let found = problems(&bytes, None, None);
    assert!(found[0].issue.contains("UTF-8"), "{found:?}");
}

/// Each would keep a careless reader busy for minutes or fill its memory.
#[test]
fn what_explodes_is_refused_before_it_is_read() {
    let mut attributes = String::from("<g ");
    for i in 0..100_000 {
        let _ = write!(attributes, "a{i}=\"\" ");
    }
    assert!(refused(&svg(&format!("{attributes}/>"))).contains("more than 250 attributes"));
    let mut spaces = String::new();
    for i in 0..20_000 {
        let _ = write!(spaces, "<g xmlns:n{i}=\"n{i}\">");
    }
    assert!(refused(&svg(&spaces)).contains("namespaces"));
    let elements = "<g/>".repeat(110_000);
    assert!(refused(&svg(&elements)).contains("more than 100000 elements"));
    let deep = format!("{}{}", "<g>".repeat(40_000), "</g>".repeat(40_000));
    assert!(refused(&svg(&deep)).contains("deeper than 200"));
    let long = format!("<path d=\"{}\"/>", "M0 0".repeat(600_000));
    assert!(refused(&svg(&long)).contains("larger than 2097152 bytes"));
}

#[test]
fn drawings_pass() {
    let filtered =
        "<filter id=\"f\"><feGaussianBlur stdDeviation=\"2\"/></filter><rect filter=\"url(#f)\"/>";
    for drawing in [
        svg("<path d=\"M0 0h8v8z\"/>"),
        svg(filtered),
        svg("<style>.a{fill:#fff;mask:url( \"#m\" )}</style><g class=\"a\"/>"),
        svg("<a href=\"#top\"><text>one &lt; two &amp; three</text></a>"),
        svg("<image href=\"data:image/PNG;base64,iVBORw0KGgo=\"/>"),
        svg("<text font-family=\"Helvetica\" aria-label=\"C:\\logo\">on load</text>"),
        format!(
            "\u{feff}<?xml version='1.0' encoding='utf-8'?>\n{}",
            svg("")
        ),
        "<s:svg xmlns:s=\"http://www.w3.org/2000/svg\"><s:rect/></s:svg>".to_owned(),
    ] {
        sound(drawing.into_bytes());
    }
}
