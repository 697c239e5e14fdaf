//! SVG that is a picture and nothing else. A browser that opens an SVG treats it as a page:
//! scripts run, links are followed, other files are fetched. So elements are taken by a list of
//! those that draw, and whatever could run or fetch is refused.

use super::css;
use roxmltree::{Attribute, Document, Node, ParsingOptions};

/// Most bytes: text for drawings, not for photographs.
const LARGEST: usize = 2 * 1024 * 1024;
/// Most elements, texts and comments.
const MOST_NODES: u32 = 100_000;
/// Most attributes of an element, and most declared namespaces. The parser compares each with
/// all others of the same element, so their number must be bounded before it begins.
const MOST_ATTRIBUTES: usize = 250;
/// Most nested elements, for whoever draws them.
const DEEPEST: usize = 200;

const SVG: &str = "http://www.w3.org/2000/svg";
const XLINK: &str = "http://www.w3.org/1999/xlink";
const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// Vocabularies of which a browser makes more than data.
const LIVE: [&str; 4] = [
    "http://www.w3.org/1999/xhtml",
    "http://www.w3.org/1998/Math/MathML",
    "http://www.w3.org/2001/xml-events",
    "http://www.w3.org/1999/XSL/Transform",
];

/// The elements of SVG 1.1 and 2 that draw, describe or move.
#[rustfmt::skip]
const ELEMENTS: &[&str] = &[
    "a", "altGlyph", "altGlyphDef", "altGlyphItem", "animate", "animateColor", "animateMotion", "animateTransform",
    "circle", "clipPath", "color-profile", "cursor", "defs", "desc", "discard", "ellipse", "feBlend", "feColorMatrix",
    "feComponentTransfer", "feComposite", "feConvolveMatrix", "feDiffuseLighting", "feDisplacementMap",
    "feDistantLight", "feDropShadow", "feFlood", "feFuncA", "feFuncB", "feFuncG", "feFuncR", "feGaussianBlur",
    "feImage", "feMerge", "feMergeNode", "feMorphology", "feOffset", "fePointLight", "feSpecularLighting",
    "feSpotLight", "feTile", "feTurbulence", "filter", "flowPara", "flowRegion", "flowRoot", "flowSpan", "font",
    "font-face", "font-face-format", "font-face-name", "g", "glyph", "glyphRef", "hkern", "image", "line",
    "linearGradient", "marker", "mask", "mesh", "meshgradient", "meshpatch", "meshrow", "metadata", "missing-glyph",
    "mpath", "path", "pattern", "polygon", "polyline", "radialGradient", "rect", "set", "solidcolor", "stop", "style",
    "svg", "switch", "symbol", "text", "textPath", "title", "tref", "tspan", "use", "view", "vkern",
];

/// Elements that change an attribute of another.
const MOVING: [&str; 5] = [
    "animate",
    "animateColor",
    "animateMotion",
    "animateTransform",
    "set",
];

/// Judges a file that begins as XML.
pub fn check(bytes: &[u8]) -> Result<(), String> {
    let text = bounded(bytes)?;
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MOST_NODES,
        entity_resolver: None,
    };
    let document = Document::parse_with_options(text, options).map_err(|e| refused(&e))?;
    let root = document.root_element();
    if !root.has_tag_name((SVG, "svg")) {
        let name: String = root.tag_name().name().chars().take(60).collect();
        return Err(format!(
            "is XML whose root is `{name}` and not `svg` of {SVG}; send an SVG picture"
        ));
    }
    walk(&document)
}

/// The text, once it is sure that reading it takes little time and that a browser reads the same.
fn bounded(bytes: &[u8]) -> Result<&str, String> {
    if bytes.len() > LARGEST {
        return Err(format!("is an SVG larger than {LARGEST} bytes, the most"));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| "is an SVG that is not in UTF-8; save it so".to_owned())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // A value holds no `<`, so what stands between two of them is one tag at most.
    let crowded = text
        .split('<')
        .any(|tag| tag.bytes().filter(|b| *b == b'=').count() > MOST_ATTRIBUTES);
    if crowded || text.matches("xmlns").count() > MOST_ATTRIBUTES {
        return Err(format!(
            "is an SVG with more than {MOST_ATTRIBUTES} attributes in an element or namespaces in all; simplify it"
        ));
    }
    match declared_encoding(text) {
        Some(name) if !name.eq_ignore_ascii_case("utf-8") => Err(format!(
            "is an SVG that declares the encoding `{}`; save it in UTF-8",
            name.chars().take(40).collect::<String>()
        )),
        _ => Ok(text),
    }
}

/// The encoding in the XML declaration. A reader that believed another would read other tags.
fn declared_encoding(text: &str) -> Option<&str> {
    let declaration = text.strip_prefix("<?xml")?.split("?>").next()?;
    let value = declaration.split_once("encoding")?.1.trim_start();
    let value = value.strip_prefix('=')?.trim_start();
    let quote = value.chars().next()?;
    value[quote.len_utf8()..].split(quote).next()
}

fn refused(error: &roxmltree::Error) -> String {
    use roxmltree::Error;
    match error {
        Error::DtdDetected => {
            "is an SVG with a document type declaration, which can declare entities; remove the \
             `<!DOCTYPE …>`"
                .to_owned()
        }
        Error::NodesLimitReached => {
            format!("is an SVG of more than {MOST_NODES} elements and texts; simplify it")
        }
        other => {
            let said: String = other.to_string().chars().take(200).collect();
            format!("is not well-formed XML: {said}")
        }
    }
}

/// Every node once, in the order of the document.
fn walk(document: &Document<'_>) -> Result<(), String> {
    let holds = |what: &str| Err(format!("is an SVG that holds {what}; remove it"));
    for node in document.descendants() {
        if let Some(instruction) = node.pi()
            && instruction.target.eq_ignore_ascii_case("xml-stylesheet")
        {
            return holds("an `xml-stylesheet` instruction");
        }
        if !node.is_element() {
            continue;
        }
        if node.ancestors().take(DEEPEST + 1).count() > DEEPEST {
            return Err(format!(
                "is an SVG nested deeper than {DEEPEST} elements; simplify it"
            ));
        }
        if let Some(what) = element(node) {
            return holds(&what);
        }
    }
    Ok(())
}

/// What is refused about an element.
fn element(node: Node<'_, '_>) -> Option<String> {
    let name = node.tag_name().name();
    let shown: String = name.chars().take(60).collect();
    // `xmlns=""` is no namespace.
    match node
        .tag_name()
        .namespace()
        .filter(|space| !space.is_empty())
    {
        // Without a namespace an element is dead here and alive for whoever pastes it into HTML.
        Some(SVG) | None if !ELEMENTS.contains(&name) => {
            return Some(format!("the element `{shown}`"));
        }
        Some(space) if LIVE.contains(&space) => {
            return Some(format!("the element `{shown}` of {space}"));
        }
        _ => {}
    }
    if name.eq_ignore_ascii_case("style") {
        let texts = node.children().filter(Node::is_text);
        let rules: String = texts.filter_map(|n| n.text()).collect();
        if let Some(what) = css::reaches_out(&rules) {
            return Some(what.to_owned());
        }
    }
    if MOVING.contains(&name) && node.attribute("attributeName").is_some_and(is_dangerous) {
        return Some(format!(
            "`{shown}` of an address, a style or an event handler"
        ));
    }
    node.attributes().find_map(|a| attribute(node, &a))
}

/// Whether an attribute, by name and perhaps prefix, may hold what runs or fetches.
fn is_dangerous(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    let local = name.rsplit(':').next().unwrap_or_default();
    local.starts_with("on") || matches!(local, "href" | "src" | "style" | "base")
}

/// What is refused about an attribute.
fn attribute(node: Node<'_, '_>, attribute: &Attribute<'_, '_>) -> Option<String> {
    let name = attribute.name().to_ascii_lowercase();
    let shown: String = name.chars().take(60).collect();
    let value = attribute.value();
    match (attribute.namespace(), name.as_str()) {
        (None, name) if name.starts_with("on") => Some(format!("the event handler `{shown}`")),
        (Some(XML), "base") => Some("`xml:base`".to_owned()),
        (Some(space), _) if LIVE.contains(&space) => Some(format!("`{shown}` of {space}")),
        (None | Some(XLINK), "href") => refers(node, value),
        (None, "src" | "srcset" | "data" | "action" | "formaction" | "poster" | "ping") => {
            Some(format!("the attribute `{shown}`"))
        }
        (None, "id" | "class") => None,
        (None, name) if name.starts_with("data-") || name.starts_with("aria-") => None,
        // Nearly all others are read as style rules.
        (None, _) => css::reaches_out(value).map(|what| format!("{what} in `{shown}`")),
        _ => None,
    }
}

/// What is refused about a reference: it must stay inside, and only pictures may be spelled out.
fn refers(node: Node<'_, '_>, address: &str) -> Option<String> {
    let drawn = matches!(node.tag_name().name(), "image" | "feImage");
    let inside = css::is_inside(address) && (drawn || address.trim_ascii().starts_with('#'));
    let shown: String = address.chars().take(60).collect();
    (!inside && !address.trim_ascii().is_empty())
        .then(|| format!("a reference to `{shown}`, which is outside of it"))
}
