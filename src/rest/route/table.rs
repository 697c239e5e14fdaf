//! The operations, one after another.

use super::{Body, Content, Method, Outcome, Paging, Route, error};
use crate::query::Resource;
use crate::resource::{
    category, connector, media, provider, sync_log, workspace, workspace_connector,
};
use crate::rest::parameter::{
    CATEGORY_ID, CONNECTOR_ID, CURSOR, DATES, FIELDS, IF_NONE_MATCH, LIMIT, LIMIT_25, MEDIA_ID,
    OF_CATEGORIES, OF_CONNECTORS, OF_MEDIA, OF_PROVIDERS, OF_SYNC_LOGS, OF_WORKSPACE_CONNECTORS,
    OF_WORKSPACES, PAGE, PROVIDER_ID, RECORD_FIELDS, RECORD_SORT, RECORD_WORKSPACE, ROOT,
    SYNC_LOG_ID, WHERE, WORKSPACE_CONNECTOR_ID, WORKSPACE_ID, filter, include, sort,
};
use crate::rest::{read, records};

const fn one(of: fn() -> &'static Resource, doc: &'static str) -> Outcome {
    Outcome {
        status: 200,
        doc,
        content: Content::One(of),
    }
}

const fn page(of: fn() -> &'static Resource, paging: Paging, doc: &'static str) -> Outcome {
    Outcome {
        status: 200,
        doc,
        content: Content::Page(of, paging),
    }
}

/// Rows of records.
const RECORDS: Outcome = Outcome {
    status: 200,
    doc: "The rows, and what their columns are.",
    content: Content::Records,
};

const OUTSIDE: Outcome = error(
    403,
    "The credential does not reach the workspace that was named.",
);

/// A single resource the client holds a current copy of.
const CURRENT: Outcome = Outcome {
    status: 304,
    doc: "The copy the client holds is current.",
    content: Content::Empty,
};

const MISSING: Outcome = error(
    404,
    "There is no such resource, or none that the caller may see.",
);

/// Every operation.
pub static ROUTES: &[Route] = &[
    Route {
        method: Method::Get,
        path: "/v1/connectors",
        aliases: &[],
        operation_id: "listConnectors",
        tag: "connectors",
        summary: "List connectors",
        description: "Connectors of the shared catalogue and those that the caller's organization published. Numbered pages, or cursors: `links.next` of a page leads to the next one.",
        groups: &[
            &[include(connector::resource), FIELDS],
            DATES,
            OF_CONNECTORS,
            &[
                filter(connector::resource),
                sort(connector::resource, "-created_at"),
                LIMIT_25,
                PAGE,
                CURSOR,
            ],
        ],
        body: None,
        outcomes: &[page(
            connector::resource,
            Paging::Number,
            "A page of connectors.",
        )],
        handler: read::list,
    },
    Route {
        method: Method::Get,
        path: "/v1/connectors/{connector_id}",
        aliases: &[],
        operation_id: "getConnector",
        tag: "connectors",
        summary: "Get a connector",
        description: "By identifier or slug; a slug of the caller's organization goes before one of the shared catalogue.",
        groups: &[&[
            CONNECTOR_ID,
            include(connector::resource),
            FIELDS,
            IF_NONE_MATCH,
        ]],
        body: None,
        outcomes: &[one(connector::resource, "The connector."), CURRENT, MISSING],
        handler: read::one,
    },
    Route {
        method: Method::Get,
        path: "/v1/workspace-connectors",
        aliases: &[],
        operation_id: "listWorkspaceConnectors",
        tag: "workspace-connectors",
        summary: "List workspace connectors",
        description: "Connectors installed in the caller's workspace and in those below it.",
        groups: &[
            &[include(workspace_connector::resource), FIELDS],
            DATES,
            OF_WORKSPACE_CONNECTORS,
            &[
                filter(workspace_connector::resource),
                sort(workspace_connector::resource, "-created_at"),
                LIMIT,
                CURSOR,
            ],
        ],
        body: None,
        outcomes: &[page(
            workspace_connector::resource,
            Paging::Cursor,
            "A page of workspace connectors.",
        )],
        handler: read::list,
    },
    Route {
        method: Method::Get,
        path: "/v1/workspace-connectors/{workspace_connector_id}",
        aliases: &[],
        operation_id: "getWorkspaceConnector",
        tag: "workspace-connectors",
        summary: "Get a workspace connector",
        description: "One installed connector with what is public of its settings.",
        groups: &[&[
            WORKSPACE_CONNECTOR_ID,
            include(workspace_connector::resource),
            FIELDS,
            IF_NONE_MATCH,
        ]],
        body: None,
        outcomes: &[
            one(workspace_connector::resource, "The workspace connector."),
            CURRENT,
            MISSING,
        ],
        handler: read::one,
    },
    Route {
        method: Method::Get,
        path: "/v1/workspace-connector-sync-logs",
        aliases: &[],
        operation_id: "listWorkspaceConnectorSyncLogs",
        tag: "workspace-connector-sync-logs",
        summary: "List sync logs",
        description: "Runs of the installed connectors, newest first.",
        groups: &[
            &[include(sync_log::resource), FIELDS],
            DATES,
            OF_SYNC_LOGS,
            &[
                filter(sync_log::resource),
                sort(sync_log::resource, "-started_at"),
                LIMIT,
                CURSOR,
            ],
        ],
        body: None,
        outcomes: &[page(
            sync_log::resource,
            Paging::Cursor,
            "A page of sync logs.",
        )],
        handler: read::list,
    },
    Route {
        method: Method::Get,
        path: "/v1/workspace-connector-sync-logs/{workspace_connector_sync_log_id}",
        aliases: &[],
        operation_id: "getWorkspaceConnectorSyncLog",
        tag: "workspace-connector-sync-logs",
        summary: "Get a sync log",
        description: "One run of an installed connector.",
        groups: &[&[
            SYNC_LOG_ID,
            include(sync_log::resource),
            FIELDS,
            IF_NONE_MATCH,
        ]],
        body: None,
        outcomes: &[one(sync_log::resource, "The sync log."), CURRENT, MISSING],
        handler: read::one,
    },
    Route {
        method: Method::Get,
        path: "/v1/media",
        aliases: &["/v1/medias"],
        operation_id: "listMedia",
        tag: "media",
        summary: "List media",
        description: "Logos and pictures: shared ones and those of the caller's organization.",
        groups: &[
            &[include(media::resource), FIELDS],
            DATES,
            OF_MEDIA,
            &[
                filter(media::resource),
                sort(media::resource, "-created_at"),
                LIMIT,
                CURSOR,
            ],
        ],
        body: None,
        outcomes: &[page(media::resource, Paging::Cursor, "A page of media.")],
        handler: read::list,
    },
    Route {
        method: Method::Get,
        path: "/v1/media/{media_id}",
        aliases: &["/v1/medias/{media_id}"],
        operation_id: "getMedia",
        tag: "media",
        summary: "Get a media item",
        description: "The facts of one logo or picture; `url` is the address of the file.",
        groups: &[&[MEDIA_ID, include(media::resource), FIELDS, IF_NONE_MATCH]],
        body: None,
        outcomes: &[one(media::resource, "The media item."), CURRENT, MISSING],
        handler: read::one,
    },
    Route {
        method: Method::Get,
        path: "/v1/workspaces",
        aliases: &[],
        operation_id: "listWorkspaces",
        tag: "workspaces",
        summary: "List workspaces",
        description: "The caller's workspace and those below it.",
        groups: &[
            &[include(workspace::resource), FIELDS],
            DATES,
            OF_WORKSPACES,
            &[
                filter(workspace::resource),
                sort(workspace::resource, "name"),
                LIMIT,
                CURSOR,
            ],
        ],
        body: None,
        outcomes: &[page(
            workspace::resource,
            Paging::Cursor,
            "A page of workspaces.",
        )],
        handler: read::list,
    },
    Route {
        method: Method::Get,
        path: "/v1/workspaces/{workspace_id}",
        aliases: &[],
        operation_id: "getWorkspace",
        tag: "workspaces",
        summary: "Get a workspace",
        description: "By identifier, slug or external identifier.",
        groups: &[&[
            WORKSPACE_ID,
            include(workspace::resource),
            FIELDS,
            IF_NONE_MATCH,
        ]],
        body: None,
        outcomes: &[one(workspace::resource, "The workspace."), CURRENT, MISSING],
        handler: read::one,
    },
    Route {
        method: Method::Get,
        path: "/v1/providers",
        aliases: &["/v1/provider"],
        operation_id: "listProviders",
        tag: "providers",
        summary: "List providers",
        description: "Companies and projects that make the services behind connectors, by name.",
        groups: &[
            &[include(provider::resource), FIELDS],
            DATES,
            OF_PROVIDERS,
            &[
                filter(provider::resource),
                sort(provider::resource, "name"),
                LIMIT,
                CURSOR,
            ],
        ],
        body: None,
        outcomes: &[page(
            provider::resource,
            Paging::Cursor,
            "A page of providers.",
        )],
        handler: read::list,
    },
    Route {
        method: Method::Get,
        path: "/v1/providers/{provider_id}",
        aliases: &["/v1/provider/{provider_id}"],
        operation_id: "getProvider",
        tag: "providers",
        summary: "Get a provider",
        description: "By identifier or slug.",
        groups: &[&[
            PROVIDER_ID,
            include(provider::resource),
            FIELDS,
            IF_NONE_MATCH,
        ]],
        body: None,
        outcomes: &[one(provider::resource, "The provider."), CURRENT, MISSING],
        handler: read::one,
    },
    Route {
        method: Method::Get,
        path: "/v1/categories",
        aliases: &[],
        operation_id: "listCategories",
        tag: "categories",
        summary: "List categories",
        description: "The shelves of the catalogue, by name.",
        groups: &[
            &[include(category::resource), FIELDS],
            DATES,
            OF_CATEGORIES,
            &[
                filter(category::resource),
                sort(category::resource, "name"),
                LIMIT,
                CURSOR,
            ],
        ],
        body: None,
        outcomes: &[page(
            category::resource,
            Paging::Cursor,
            "A page of categories.",
        )],
        handler: read::list,
    },
    Route {
        method: Method::Get,
        path: "/v1/categories/{category_id}",
        aliases: &[],
        operation_id: "getCategory",
        tag: "categories",
        summary: "Get a category",
        description: "By identifier or slug.",
        groups: &[&[
            CATEGORY_ID,
            include(category::resource),
            FIELDS,
            IF_NONE_MATCH,
        ]],
        body: None,
        outcomes: &[one(category::resource, "The category."), CURRENT, MISSING],
        handler: read::one,
    },
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
