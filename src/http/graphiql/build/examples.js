// The tabs that GraphiQL opens with. A tab takes its title from the name of its operation.

const catalogue = `# A page of the catalogue, by name, with each
# connector's category, logo and provider.
query Catalogue {
  connectors(first: 10, orderBy: [{name: ASC}]) {
    totalCount
    nodes {
      name
      slug
      direction
      status
      transport
      category {
        name
      }
      logo {
        url
      }
      providerConnector {
        provider {
          name
          url
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`;

const filters = `# Filters: conditions joined by and, or, not.
# Here: an "s" in the name, and MCP or OAuth 2.
query Filters {
  connectors(
    first: 10
    filter: {and: [
      {name: {contains: "s"}}
      {or: [
        {transport: {eq: MCP}}
        {authorizationFlow: {in: [OAUTH2, OAUTH2_DCR]}}
      ]}
    ]}
    orderBy: [{name: ASC}]
  ) {
    totalCount
    nodes {
      name
      transport
      authorizationFlow
    }
  }
}
`;

const relations = `# Through relations: categories that hold an MCP
# connector, and the first connectors of each.
query ThroughRelations {
  categories(
    first: 10
    filter: {connectors: {some: {transport: {eq: MCP}}}}
    orderBy: [{name: ASC}]
  ) {
    totalCount
    nodes {
      name
      connectors(first: 5, orderBy: [{name: ASC}]) {
        totalCount
        nodes {
          name
        }
      }
    }
  }
}
`;

const paging = `# Paging with a variable: run it, copy "endCursor"
# into "after" below, run it again for the next page.
query Paging($after: String) {
  connectors(first: 5, after: $after, orderBy: [{name: ASC}]) {
    edges {
      cursor
      node {
        name
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`;

const bySlug = `# One connector by its slug; null if there is none.
query OneBySlug {
  connector(by: {slug: "notion-mcp"}) {
    id
    name
    slug
    description
    website
    status
    transport
    authorizationFlow
    category {
      name
    }
  }
}
`;

const viewer = `# Who am I: the person and the workspace behind
# the token, and what is installed there.
query WhoAmI {
  viewer {
    role
    workspace {
      id
      name
      slug
      workspaceConnectors(first: 5) {
        totalCount
        nodes {
          status
          connector {
            name
          }
        }
      }
    }
    person {
      fullName
    }
  }
}
`;

export const EXAMPLES = [
  { query: catalogue },
  { query: filters },
  { query: relations },
  { query: paging, variables: '{\n  "after": null\n}\n' },
  { query: bySlug },
  { query: viewer },
];
