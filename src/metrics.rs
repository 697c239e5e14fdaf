//! What is counted of a running process, for Prometheus: every figure by name in one place. Labels
//! are words of this program; never an identifier, an address or a tenant, since those would be
//! told to whoever may read the figures, and there is no end to them.

use chrono::TimeDelta;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper ends of the steps in which times are counted, in seconds.
const STEPS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0,
];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct State {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Verdict {
    verdict: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: &'static str,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Place {
    route: &'static str,
}

type Times<L> = Family<L, Histogram, fn() -> Histogram>;

/// The figures of one process. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    connections: Family<State, Gauge>,
    probes: Family<Verdict, Counter>,
    probe_times: Histogram,
    refreshes: Family<Outcome, Counter>,
    calls: Family<Outcome, Counter>,
    open_calls: Gauge,
    call_bytes: Counter,
    claims: Counter,
    lag: Gauge<f64, AtomicU64>,
    requests: Family<Route, Counter>,
    request_times: Times<Place>,
}

fn steps() -> Histogram {
    Histogram::new(STEPS)
}

impl Default for Metrics {
    fn default() -> Self {
        let mut inner = Inner {
            registry: Registry::with_prefix("connectory"),
            connections: Family::default(),
            probes: Family::default(),
            probe_times: steps(),
            refreshes: Family::default(),
            calls: Family::default(),
            open_calls: Gauge::default(),
            call_bytes: Counter::default(),
            claims: Counter::default(),
            lag: Gauge::default(),
            requests: Family::default(),
            request_times: Family::new_with_constructor(steps),
        };
        inner.register();
        Metrics(Arc::new(inner))
    }
}

impl Inner {
    fn register(&mut self) {
        let r = &mut self.registry;
        let help = "Connections of all workspaces by state, as the database has them";
        r.register("connections", help, self.connections.clone());
        let help = "Questions to servers of connections by what came of them";
        r.register("probes", help, self.probes.clone());
        let help = "How long servers of connections took to answer such a question";
        r.register_with_unit("probe", help, Unit::Seconds, self.probe_times.clone());
        let help = "Renewals of access tokens by what came of them";
        r.register("token_refreshes", help, self.refreshes.clone());
        let help = "Calls that pass through to servers of connections by what came of them";
        r.register("proxy_calls", help, self.calls.clone());
        let help = "Answers to such calls that are being passed on";
        r.register("proxy_open_answers", help, self.open_calls.clone());
        let help = "Answers to such calls that were passed on";
        r.register_with_unit("proxy_answers", help, Unit::Bytes, self.call_bytes.clone());
        let help = "Connections this process took up to look at by itself";
        r.register("keeper_claims", help, self.claims.clone());
        let help = "How long the connection that waits longest to be looked at is overdue";
        r.register_with_unit("keeper_lag", help, Unit::Seconds, self.lag.clone());
        let help = "Requests by kind of route and class of status";
        r.register("http_requests", help, self.requests.clone());
        let help = "How long requests took until the head of the answer";
        let times = self.request_times.clone();
        r.register_with_unit("http_request", help, Unit::Seconds, times);
    }
}

impl Metrics {
    /// A server was asked.
    pub fn probed(&self, verdict: &'static str, took: Duration) {
        self.0.probes.get_or_create(&Verdict { verdict }).inc();
        self.0.probe_times.observe(took.as_secs_f64());
    }

    /// An authorization server was asked for a new token.
    pub fn refreshed(&self, outcome: &'static str) {
        self.0.refreshes.get_or_create(&Outcome { outcome }).inc();
    }

    /// What has passed through so far: calls by outcome, answers under way, bytes of answers.
    pub fn passed(&self, calls: [(&'static str, u64); 4], open: u64, bytes: u64) {
        // They are counted where they pass, and only told here.
        for (outcome, count) in calls {
            let known = self.0.calls.get_or_create(&Outcome { outcome });
            known.inner().store(count, Ordering::Relaxed);
        }
        self.0
            .open_calls
            .set(i64::try_from(open).unwrap_or(i64::MAX));
        self.0.call_bytes.inner().store(bytes, Ordering::Relaxed);
    }

    /// A connection was taken up.
    pub fn claimed(&self) {
        self.0.claims.inc();
    }

    /// How long the one that waits longest is overdue.
    pub fn lag(&self, lag: TimeDelta) {
        let lag = lag.to_std().unwrap_or_default();
        self.0.lag.set(lag.as_secs_f64());
    }

    /// A request was answered.
    pub fn answered(&self, route: &'static str, status: u16, took: Duration) {
        let status = match status {
            0..200 => "1xx",
            200..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            _ => "5xx",
        };
        self.0
            .requests
            .get_or_create(&Route { route, status })
            .inc();
        let times = self.0.request_times.get_or_create(&Place { route });
        times.observe(took.as_secs_f64());
    }

    /// How many connections there are of a state.
    pub fn connections(&self, state: &'static str, count: i64) {
        self.0
            .connections
            .get_or_create(&State { state })
            .set(count);
    }

    /// All figures, in the text format of OpenMetrics.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.0.registry)?;
        Ok(text)
    }
}
