//! Logos for what has none: the initials on a colour, as SVG. Made from the name alone, so the
//! same name always gives the same picture and nothing is stored but the name.

use std::fmt::Write;

/// Where the store path of a monogram begins.
pub const FOLDER: &str = "monogram/";

/// Colours dark enough for white letters (contrast above 4.5, WCAG 2.2 AA).
const COLOURS: [&str; 12] = [
    "#1d4ed8", "#7c3aed", "#be185d", "#b91c1c", "#c2410c", "#a16207", "#4d7c0f", "#15803d",
    "#0f766e", "#0e7490", "#4338ca", "#6b21a8",
];

/// The picture for a name.
pub fn svg(name: &str) -> String {
    let initials = escape(&initials(name));
    let colour = COLOURS[name
        .bytes()
        .fold(7_usize, |sum, b| sum * 31 % 9973 + usize::from(b))
        % COLOURS.len()];
    let size = if initials.chars().count() > 1 { 26 } else { 32 };
    let title = escape(name);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 64 64\" role=\"img\"><title>{title}</title>\
         <rect width=\"64\" height=\"64\" rx=\"14\" fill=\"{colour}\"/>\
         <text x=\"32\" y=\"33\" fill=\"#fff\" font-family=\"system-ui,sans-serif\" font-weight=\"600\" font-size=\"{size}\" \
         text-anchor=\"middle\" dominant-baseline=\"central\">{initials}</text></svg>"
    )
}

/// The first letters of the first and the last word.
fn initials(name: &str) -> String {
    let words = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty());
    let mut letters = words
        .filter_map(|w| w.chars().next())
        .flat_map(char::to_uppercase);
    let first = letters.next();
    first.into_iter().chain(letters.last()).collect()
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' | '<' | '>' | '"' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
