//! GraphQL over WebSocket: what the protocol `graphql-transport-ws` says, from the other side.

use crate::both;
use crate::support::{Socket, World, subscribe};
use futures_util::SinkExt;
use serde_json::json;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::{Error, Message};

both! {
    async fn operations_are_answered_under_their_identifiers(t) {
        let world = World::make(t).await;
        for path in ["/graphql/ws", "/graphql"] {
            let mut socket = Socket::open(t, path).await;
            socket.greet(&world.leaf).await;
            assert_eq!(socket.next().await.unwrap(), json!({"type": "connection_ack"}));
            socket.send(&subscribe("a\"b", "{ viewer { role } }")).await;
            let next = socket.next().await.unwrap();
            assert_eq!(next, json!({"id": "a\"b", "type": "next", "payload": {"data": {"viewer": {"role": "VIEWER"}}}}));
            assert_eq!(socket.next().await.unwrap(), json!({"id": "a\"b", "type": "complete"}));
            socket.send(&json!({"type": "ping"})).await;
            assert_eq!(socket.next().await.unwrap(), json!({"type": "pong"}));
        }
    }

    async fn what_does_not_run_is_an_error_of_its_own_operation(t) {
        let world = World::make(t).await;
        let mut socket = Socket::greeted(t, &world.root).await;
        socket.send(&subscribe("1", "{ nothing }")).await;
        let error = socket.next().await.unwrap();
        assert_eq!((&error["id"], &error["type"]), (&json!("1"), &json!("error")));
        assert!(error["payload"][0]["message"].as_str().unwrap().contains("nothing"), "{error}");
        socket.send(&json!({"type": "subscribe", "id": "2", "payload": {}})).await;
        let error = socket.next().await.unwrap();
        assert!(error["payload"][0]["message"].as_str().unwrap().contains("`query`"), "{error}");
        // The socket goes on.
        socket.send(&subscribe("1", "{ __typename }")).await;
        assert_eq!(socket.next().await.unwrap()["payload"]["data"]["__typename"], "Query");
    }

    async fn mistakes_close_the_socket_with_the_codes_of_the_protocol(t) {
        let world = World::make(t).await;
        for (message, code) in [
            ("no json", 4400),
            ("{\"type\": \"unknown\"}", 4400),
            ("{\"type\": \"subscribe\", \"id\": \"1\"}", 4400),
            ("{\"type\": \"subscribe\", \"id\": \"1\", \"payload\": {\"query\": \"{__typename}\"}}", 4401),
            ("{\"type\": \"connection_init\"}", 4403),
            ("{\"type\": \"connection_init\", \"payload\": {\"Authorization\": \"Bearer cty_wrong\"}}", 4403),
        ] {
            let mut socket = Socket::open(t, "/graphql/ws").await;
            socket.0.send(Message::text(message)).await.unwrap();
            assert_eq!(socket.next().await, Err(code), "{message}");
        }
        let mut socket = Socket::greeted(t, &world.root).await;
        socket.greet(&world.root).await;
        assert_eq!(socket.next().await, Err(4429));
        let mut socket = Socket::greeted(t, &world.root).await;
        // So many at once that one of them comes while the first still runs.
        for _ in 0..20 {
            let message = subscribe("1", "{ connectors(first: 100) { totalCount nodes { name } } }").to_string();
            socket.0.feed(Message::text(message)).await.unwrap();
        }
        socket.0.flush().await.unwrap();
        let closed = loop {
            if let Err(code) = socket.next().await {
                break code;
            }
        };
        assert_eq!(closed, 4409);
    }

    async fn a_revoked_token_ends_its_socket_with_the_next_operation(t) {
        let world = World::make(t).await;
        let mut socket = Socket::greeted(t, &world.group).await;
        connectory::service::token::revoke(t.db(), &world.group).await.unwrap();
        // It may have been closed by itself already.
        let _ = socket.0.send(Message::text(subscribe("1", "{ __typename }").to_string())).await;
        assert_eq!(socket.next().await, Err(4403));
    }

    async fn another_protocol_is_refused_before_the_socket_opens(t) {
        let url = format!("{}/graphql/ws", t.url.replace("http://", "ws://"));
        match connect_async(url).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 400),
            other => panic!("the socket opened: {other:?}"),
        }
    }
}
