//! Operations that read records: rows of any root, flat.

use super::{OUTSIDE, RECORDS};
use crate::rest::parameter::{
    CURSOR, LIMIT, RECORD_FIELDS, RECORD_SORT, RECORD_WORKSPACE, ROOT, WHERE,
};
use crate::rest::records;
use crate::rest::route::{Body, Content, Method, Outcome, Route};

/// Questions to records.
pub(super) const RECORDS_OF_ROOTS: &[Route] = &[
    Route {
        method: Method::Get,
        path: "/v1/records/{root}",
        aliases: &[],
        operation_id: "listRecords",
        tag: "records",
        summary: "List records of a root",
        description: "Flat rows, keyed by path. Paths through a to-many relation give lists of the first 100 values.",
        groups: &[&[
            ROOT,
            RECORD_FIELDS,
            RECORD_SORT,
            WHERE,
            LIMIT,
            CURSOR,
            RECORD_WORKSPACE,
        ]],
        body: None,
        outcomes: &[RECORDS, OUTSIDE],
        handler: records::list,
    },
    Route {
        method: Method::Post,
        path: "/v1/records/query",
        aliases: &[],
        operation_id: "queryRecords",
        tag: "records",
        summary: "Query records",
        description: "Flat rows of a root with the fields, filters, raw conditions and order of the body.",
        groups: &[&[RECORD_WORKSPACE]],
        body: Some(Body::RecordsQuery),
        outcomes: &[RECORDS, OUTSIDE],
        handler: records::query,
    },
    Route {
        method: Method::Post,
        path: "/v1/records/statistics",
        aliases: &[],
        operation_id: "recordStatistics",
        tag: "records",
        summary: "Figures over records",
        description: "Counts, sums, means, least and greatest values, one row for each group, at most 1,000 groups.",
        groups: &[&[RECORD_WORKSPACE]],
        body: Some(Body::RecordsStatistics),
        outcomes: &[
            Outcome {
                status: 200,
                doc: "The figures of each group.",
                content: Content::Statistics,
            },
            OUTSIDE,
        ],
        handler: records::statistics,
    },
];
