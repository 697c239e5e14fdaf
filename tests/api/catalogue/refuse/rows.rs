//! Bad rows, one for each way to be bad.

use crate::catalogue::connector;
use serde_json::{Value as Json, json};

/// What is wrong with a row, the row, the field that is named, and a word of the reason.
pub fn rows() -> Vec<(Json, &'static str, &'static str)> {
    let attribute = |name: &str, value: Json| connector("Bad", json!({name: value}));
    let related = |name: &str, id: Json| {
        let mut row = connector("Bad", json!({}));
        row["relationships"] = json!({name: {"data": {"type": "x", "id": id}}});
        row
    };
    vec![
        (
            json!({"type": "connector", "attributes": {"category": "crm", "direction": "both"}}),
            "attributes.name",
            "required",
        ),
        (
            attribute("name", json!("  ")),
            "attributes.name",
            "required",
        ),
        (
            attribute("name", json!(7)),
            "attributes.name",
            "must be a text, not `7`",
        ),
        (
            attribute("name", json!("x".repeat(501))),
            "attributes.name",
            "501 bytes; the limit is 500",
        ),
        (attribute("name", json!("a\0b")), "attributes.name", "NUL"),
        (
            attribute("description", json!("x".repeat(10_001))),
            "attributes.description",
            "limit is 10000",
        ),
        (
            attribute("slug", json!("Not a slug")),
            "attributes.slug",
            "`Not a slug`",
        ),
        (
            attribute("slug", json!("-a")),
            "attributes.slug",
            "lower-case",
        ),
        (
            attribute("slug", json!("a".repeat(101))),
            "attributes.slug",
            "at most 100",
        ),
        (
            attribute("slug", json!(["a"])),
            "attributes.slug",
            "not a list",
        ),
        (
            attribute("name", json!("東京")),
            "attributes.slug",
            "lower-case",
        ),
        (
            attribute("direction", json!("sideways")),
            "attributes.direction",
            "import, export, both, not `sideways`",
        ),
        (
            attribute("direction", Json::Null),
            "attributes.direction",
            "required",
        ),
        (
            attribute("category", Json::Null),
            "attributes.category",
            "required",
        ),
        (
            attribute("category", json!("Customer Relations")),
            "attributes.category",
            "slug of a category",
        ),
        (
            attribute("status", json!("on")),
            "attributes.status",
            "coming_soon",
        ),
        (
            attribute("transport", json!("pigeon")),
            "attributes.transport",
            "webhook",
        ),
        (
            attribute("authorization_flow", json!(true)),
            "attributes.authorization_flow",
            "must be a text",
        ),
        (
            attribute("provider", json!("acme")),
            "attributes.provider",
            "apideck",
        ),
        (
            attribute("website", json!("example.com")),
            "attributes.website",
            "http or https",
        ),
        (
            attribute("website", json!("javascript:alert(1)")),
            "attributes.website",
            "http or https",
        ),
        (
            attribute("endpoint_url", json!("ftp://example.com")),
            "attributes.endpoint_url",
            "http or https",
        ),
        (
            attribute("tags", json!(vec!["a"; 51])),
            "attributes.tags",
            "51 items; the limit is 50",
        ),
        (
            attribute("tags", json!(["a", 1])),
            "attributes.tags",
            "list of texts",
        ),
        (
            attribute("tags", json!(["x".repeat(65)])),
            "attributes.tags",
            "64 bytes",
        ),
        (
            attribute("tags", json!(["a\0"])),
            "attributes.tags",
            "list of texts",
        ),
        (
            attribute("tags", json!("a,b")),
            "attributes.tags",
            "list of texts",
        ),
        (
            attribute("data_quality", json!("good")),
            "attributes.data_quality",
            "must be an object",
        ),
        (
            attribute("data_quality", json!({"a": "x".repeat(10_000)})),
            "attributes.data_quality",
            "larger than 10000",
        ),
        (
            attribute("data_quality", json!({"a": "b\0"})),
            "attributes.data_quality",
            "NUL",
        ),
        (
            attribute("created_at", json!("yesterday")),
            "attributes.created_at",
            "RFC 3339",
        ),
        (
            related("provider", json!("nobody")),
            "relationships.provider",
            "`nobody`",
        ),
        (
            related("published_by", json!("nobody")),
            "relationships.published_by",
            "`nobody`",
        ),
        (
            related("published_by", json!(7)),
            "relationships.published_by",
            "`7`",
        ),
        (
            related("logo", json!("nothing")),
            "relationships.logo",
            "`nothing`",
        ),
        (
            json!({"type": "connector", "attributes": {"name": "Bad", "direction": "both"},
                "relationships": {"category": {"data": {"type": "category", "id": "No Category"}}}}),
            "attributes.category",
            "`No Category`",
        ),
        (
            related("published_by", json!(["w"])),
            "relationships.published_by",
            "by its `id`, not a list",
        ),
        (
            related("provider", json!({})),
            "relationships.provider",
            "by its `id`, not an object",
        ),
        (
            json!({"type": "spaceship", "attributes": {}}),
            "type",
            "`spaceship`",
        ),
        (json!({"attributes": {"name": "Bad"}}), "type", "missing"),
        (
            json!({"type": "connector", "id": [], "attributes": {}}),
            "id",
            "must be a text",
        ),
        (
            json!({"type": "workspace", "id": "a\0", "attributes": {"name": "W"}}),
            "id",
            "NUL",
        ),
        (
            json!({"type": "workspace", "id": "x".repeat(501), "attributes": {"name": "W"}}),
            "id",
            "limit is 500",
        ),
        (
            json!({"type": "connector", "attributes": []}),
            "attributes",
            "must be an object",
        ),
        (
            json!({"type": "category", "attributes": {"slug": "x"}}),
            "attributes.name",
            "required",
        ),
        (
            json!({"type": "provider", "attributes": {"name": "P", "url": "nowhere"}}),
            "attributes.url",
            "http or https",
        ),
        (
            json!({"type": "provider", "attributes": {"name": "P", "countries": "FR"}}),
            "attributes.countries",
            "list of texts",
        ),
        (
            json!({"type": "workspace", "attributes": {"name": "W", "website": "w"}}),
            "attributes.website",
            "http or https",
        ),
        (
            json!({"type": "media", "attributes": {"media_type": "film"}}),
            "attributes.media_type",
            "avatar",
        ),
        (
            json!({"type": "media", "attributes": {"file_size": -1}}),
            "attributes.file_size",
            "whole number",
        ),
        (
            json!({"type": "media", "attributes": {"file_size": 3_000_000_000_u32}}),
            "attributes.file_size",
            "whole number",
        ),
    ]
}
