//! Words to name made-up things with.

pub(super) const FIRST: &[&str] = &[
    "Amber",
    "Atlas",
    "Birch",
    "Bright",
    "Cedar",
    "Cobalt",
    "Coral",
    "Delta",
    "Ember",
    "Falcon",
    "Fjord",
    "Granite",
    "Harbor",
    "Indigo",
    "Jasper",
    "Juniper",
    "Kite",
    "Lumen",
    "Maple",
    "Mosaic",
    "Nimbus",
    "North",
    "Onyx",
    "Orchid",
    "Pebble",
    "Quartz",
    "Raven",
    "River",
    "Saffron",
    "Sierra",
    "Solar",
    "Summit",
    "Tidal",
    "Umbra",
    "Velvet",
    "Willow",
    "Zephyr",
    "Émile",
    "Ødegaard",
    "Überblick",
];

pub(super) const SECOND: &[&str] = &[
    "Books", "Cart", "Chat", "Cloud", "Data", "Desk", "Docs", "Drive", "Flow", "Forms", "Grid",
    "Hire", "Hub", "Invoice", "Ledger", "Mail", "Metrics", "Notes", "Pay", "People", "Plan",
    "Queue", "Sign", "Stock", "Store", "Sync", "Tasks", "Track", "Vault", "Works",
];

pub(super) const GIVEN: &[&str] = &[
    "Ada", "Björn", "Chloé", "Dalia", "Emeka", "Fatima", "Grace", "Hiro", "Inés", "Jonas", "Kavya",
    "Lena", "Mateo", "Nadia", "Oskar", "Priya", "Quentin", "Rosa", "Sven", "Tariq", "Uma",
    "Viktor", "Wanda", "Ximena", "Yara", "Zoë",
];

pub(super) const FAMILY: &[&str] = &[
    "Almeida",
    "Berg",
    "Castillo",
    "Dubois",
    "Eriksen",
    "Fischer",
    "García",
    "Haddad",
    "Ito",
    "Jansen",
    "Kowalski",
    "Lindqvist",
    "Moreau",
    "Nowak",
    "Okafor",
    "Petrov",
    "Quist",
    "Rossi",
    "Schmidt",
    "Takahashi",
    "Ueda",
    "Vargas",
    "Weber",
    "Xu",
    "Yilmaz",
    "Zhang",
];

pub(super) const TITLES: &[&str] = &[
    "Accountant",
    "Administrator",
    "Analyst",
    "Controller",
    "Developer",
    "Founder",
    "Operations lead",
];

pub(super) const CATEGORIES: &[(&str, &str)] = &[
    ("crm", "CRM"),
    ("accounting", "Accounting"),
    ("banking", "Banking"),
    ("payments", "Payments"),
    ("productivity", "Productivity"),
    ("communication", "Communication"),
    ("storage", "File Storage"),
    ("ecommerce", "E-commerce"),
    ("marketing", "Marketing"),
    ("analytics", "Analytics"),
    ("support", "Customer Support"),
    ("hr", "Human Resources"),
];

pub(super) const TOOLS: &[&str] = &[
    "list_invoices",
    "list_contacts",
    "list_transactions",
    "search",
    "get_document",
];

pub(super) const ERRORS: &[&str] = &[
    "the service answered 503 three times",
    "the refresh token was refused",
    "the answer had no `items`",
    "the connection was closed after 30 seconds",
];
