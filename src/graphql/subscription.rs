//! The subscription type: each root field is a topic. What it tells is planned once, like any other
//! selection; each event is judged by the engine, with the viewer's scope and the subscription's
//! filter, and written from the row it finds.

mod change;

use super::error;
use super::name::camel;
use super::root::Asked;
use crate::error::{Error, Result};
use crate::live::{Ended, Event, Events, Live, Permit, TOPICS, Topic};
use crate::service::Actor;
use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{Context, Pos, Response, ServerError, SubscriptionType, Value};
use change::Plan;
use futures_util::stream::{self, Stream, StreamExt};
use std::borrow::Cow;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::watch;

/// In the extensions of a response: the cursor of the event it tells. They are not sent.
pub(super) const CURSOR: &str = "cursor";

/// In the extensions of a response: the subscriber was too slow.
pub(super) const BEHIND: &str = "behind";

/// How soon a row is read again when the database does not answer.
const AGAIN: Duration = Duration::from_millis(250);

/// Topics by the name of their field.
static NAMES: LazyLock<HashMap<String, &'static Topic>> =
    LazyLock::new(|| TOPICS.iter().map(|t| (camel(t.name), t)).collect());

/// What a subscription brings along.
pub struct Means {
    /// Who asks, as it is known at any time.
    pub actor: watch::Receiver<Actor>,
    /// The cursor of the last event that an earlier connection told; goes before `after`.
    pub resume: Option<String>,
}

/// The root of subscriptions. Its fields come from the table of topics, not from methods.
pub struct SubscriptionRoot;

type Responses<'a> = Pin<Box<dyn Stream<Item = Response> + Send + 'a>>;

impl SubscriptionType for SubscriptionRoot {
    fn type_name() -> Cow<'static, str> {
        "Subscription".into()
    }

    fn create_type_info(_registry: &mut Registry) -> String {
        // The query type has put all types there.
        "Subscription!".into()
    }

    fn create_field_stream<'a>(&'a self, ctx: &'a Context<'_>) -> Option<Responses<'a>> {
        let field = &ctx.item.node;
        let topic = NAMES.get(field.name.node.as_str()).copied()?;
        let responses = stream::once(async move {
            match begin(ctx, topic, field).await {
                Ok(follower) => stream::unfold(Some(follower), step).boxed(),
                Err(error) => stream::iter([refused(&error, ctx.item.pos)]).boxed(),
            }
        });
        Some(responses.flatten().boxed())
    }
}

/// A response that says why there are no more of them.
fn refused(error: &Error, pos: Pos) -> Response {
    Response::from_errors(vec![error::server_error(error, pos)])
}

/// One subscription under way.
struct Follower<'a> {
    asked: Asked<'a>,
    plan: Plan,
    events: Events,
    actor: watch::Receiver<Actor>,
    _permit: Permit,
}

async fn begin<'a>(
    ctx: &'a Context<'a>,
    topic: &'static Topic,
    field: &'a Field,
) -> Result<Follower<'a>> {
    let mut asked = Asked::new(ctx);
    let (live, means) = (
        ctx.data_unchecked::<Arc<Live>>(),
        ctx.data_unchecked::<Means>(),
    );
    let plan = Plan::new(&mut asked, topic, field, means.resume.as_deref())?;
    let Some(permit) = live.quota.take(asked.session.token_id.unwrap_or_default()) else {
        let issue = format!(
            "the token follows {} subscriptions, which is the limit; end one of them",
            live.quota.most()
        );
        return Err(Error::TooComplex(issue));
    };
    Ok(Follower {
        events: live.feed.follow(plan.resource.name, plan.after).await?,
        actor: means.actor.clone(),
        asked,
        plan,
        _permit: permit,
    })
}

/// The next response; after one that ends the subscription there is no follower any more.
async fn step(follower: Option<Follower<'_>>) -> Option<(Response, Option<Follower<'_>>)> {
    let mut follower = follower?;
    loop {
        let event = match follower.events.next().await {
            Ok(event) => event,
            Err(ended) => return follower.ended(ended).map(|response| (response, None)),
        };
        match follower.told(&event).await {
            Ok(Some(response)) => return Some((response, Some(follower))),
            Ok(None) => {}
            Err(error) => return Some((refused(&error, follower.pos()), None)),
        }
    }
}

impl Follower<'_> {
    fn pos(&self) -> Pos {
        self.asked.ctx.item.pos
    }

    fn ended(&self, ended: Ended) -> Option<Response> {
        match ended {
            Ended::Stopped => None,
            Ended::Failed(error) => Some(refused(&error, self.pos())),
            Ended::Behind => {
                let issue = "the subscription fell behind; go on with `after` from its last cursor";
                let error = ServerError::new(issue, Some(self.pos()));
                Some(Response::from_errors(vec![error]).extension(BEHIND, Value::Boolean(true)))
            }
        }
    }

    /// What is told of an event; `None` if the viewer may not see its row or did not ask for it.
    async fn told(&self, event: &Event) -> Result<Option<Response>> {
        loop {
            let viewer = self.actor.borrow().viewer.clone();
            if !event.may_concern(self.plan.resource, &viewer) {
                return Ok(None);
            }
            match self.plan.written(&self.asked, event, &viewer).await {
                Ok(told) => return Ok(told),
                // The event would be lost for good; the next attempt may find the database again.
                Err(Error::Unavailable(_)) => tokio::time::sleep(AGAIN).await,
                Err(error) => return Err(error),
            }
        }
    }
}
