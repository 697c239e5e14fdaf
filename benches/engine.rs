//! The engine in the process, without HTTP and GraphQL: what a question costs from its plan to
//! its rows. `cargo bench --bench engine`.

#![expect(missing_docs, reason = "made by the macro of the benchmark harness")]

use connectory::app;
use connectory::config::Config;
use connectory::query::{
    Filter, Many, Node, Op, Order, Quantifier, Query, Select, Sort, Viewer, Window,
};
use connectory::resource::{connector, workspace};
use connectory::service::{generate, workspace as workspaces};
use criterion::{Criterion, criterion_group, criterion_main};

fn window(limit: u32) -> Option<Window> {
    Some(Window {
        limit,
        ..Window::default()
    })
}

fn question(
    resource: &'static connectory::query::Resource,
    node: &Node,
    sort: &[Sort],
    limit: u32,
) -> Query {
    let filter = Filter::check(resource, node, "filter").expect("a good filter");
    let order = Order::check(resource, sort, "orderBy").expect("a good order");
    Query {
        resource,
        filter,
        order,
        window: window(limit),
        select: Select::default(),
        keys: false,
        total: false,
    }
}

/// 50 connectors by name with twelve fields, publisher and logo.
fn page() -> Query {
    let resource = connector::resource();
    let mut query = question(resource, &Node::everything(), &[Sort::parse("name")], 50);
    for field in resource.fields.iter().filter(|f| f.shown()).take(12) {
        query.select.field(field);
    }
    for name in ["published_by", "logo"] {
        let relation = resource.find_relation(name).expect("a relation");
        let slot = query.select.one(relation);
        query.select.one[slot]
            .select
            .field((relation.target)().find_field("id").expect("a field"));
    }
    query
}

/// 20 workspaces with 20 installations each.
fn nested() -> Query {
    let resource = workspace::resource();
    let relation = resource
        .find_relation("workspace_connectors")
        .expect("a relation");
    let mut inner = question((relation.target)(), &Node::everything(), &[], 20);
    inner
        .select
        .field((relation.target)().find_field("id").expect("a field"));
    let mut query = question(resource, &Node::everything(), &[], 20);
    query.select.many = vec![Many {
        relation,
        query: inner,
    }];
    query
}

/// Connectors some of whose installations are broken.
fn filtered() -> Query {
    let broken = Node::Field("status".into(), Op::Eq, "error".into());
    let node = Node::Many(
        "workspace_connectors".into(),
        Quantifier::Some,
        Box::new(broken),
    );
    question(connector::resource(), &node, &[Sort::parse("name")], 50)
}

fn engine(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database_url = format!(
        "sqlite://{}?mode=rwc",
        folder.path().join("engine.db").display()
    );
    let config = Config {
        database_url,
        ..Config::default()
    };
    let (db, viewer) = runtime.block_on(async {
        let db = app::open(&config).await.expect("the database opens");
        let size = generate::Size {
            workspaces: 100,
            connectors: 2_000,
            workspace_connectors: 20_000,
            seed: 1,
        };
        generate::generate(&db, size, &|_| ())
            .await
            .expect("the data set");
        let root = workspaces::find(&db, "generated-1")
            .await
            .expect("the root");
        let viewer = Viewer {
            workspace_id: root.id,
            organization_id: root.organization_id,
            path: root.path,
            leaf: false,
            person_id: root.id,
            admin: true,
        };
        (db, viewer)
    });
    criterion.bench_function("write the statement of a page", |b| {
        let query = page();
        b.iter(|| query.sql(db.dialect(), &viewer));
    });
    for (name, query) in [
        ("page", page()),
        ("nested", nested()),
        ("filtered", filtered()),
    ] {
        criterion.bench_function(name, |b| {
            b.iter(|| runtime.block_on(query.run(&db, &viewer)).expect("rows"));
        });
    }
}

criterion_group!(benches, engine);
criterion_main!(benches);
