//! An MCP server that keeps those who ask waiting until the test lets them pass, and counts how
//! many wait at once.

use crate::connect::fake::{Reply, read};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

/// Enough for any test.
const ALL: usize = 1_000_000;

/// The server. It ends when dropped.
pub struct Gate {
    /// `127.0.0.1:port`.
    pub authority: String,
    /// Its address.
    pub url: String,
    state: Arc<State>,
    task: JoinHandle<()>,
}

struct State {
    passes: Semaphore,
    arrived: AtomicUsize,
    inside: AtomicUsize,
    most: AtomicUsize,
}

impl Gate {
    /// Starts with the gate open.
    pub async fn start() -> Gate {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let state = Arc::new(State {
            passes: Semaphore::new(ALL),
            arrived: AtomicUsize::new(0),
            inside: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        });
        let task = tokio::spawn(listen(listener, state.clone()));
        let url = format!("http://{authority}/mcp");
        Gate {
            authority,
            url,
            state,
            task,
        }
    }

    /// From now on everybody waits; what was counted is forgotten.
    pub fn close(&self) {
        let passes = &self.state.passes;
        passes.forget_permits(passes.available_permits());
        self.state.arrived.store(0, SeqCst);
        self.state.most.store(0, SeqCst);
    }

    /// Lets some pass.
    pub fn pass(&self, count: usize) {
        self.state.passes.add_permits(count);
    }

    /// Lets all pass.
    pub fn open(&self) {
        self.pass(ALL);
    }

    /// Those who have come since the gate was closed.
    pub fn arrived(&self) -> usize {
        self.state.arrived.load(SeqCst)
    }

    /// Those who wait now.
    pub fn inside(&self) -> usize {
        self.state.inside.load(SeqCst)
    }

    /// The most who waited at once since the gate was closed.
    pub fn most(&self) -> usize {
        self.state.most.load(SeqCst)
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listener: TcpListener, state: Arc<State>) {
    let mut open = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        open.spawn(serve(stream, state.clone()));
        while open.try_join_next().is_some() {}
    }
}

async fn serve(mut stream: TcpStream, state: Arc<State>) {
    let Some(request) = read(&mut stream).await else {
        return;
    };
    let hello = request.body.contains("\"initialize\"");
    let reply = if hello {
        wait(&state).await;
        let asked = request.json();
        Reply::json(&json!({"jsonrpc": "2.0", "id": asked["id"], "result": {
            "protocolVersion": asked["params"]["protocolVersion"], "capabilities": {},
            "serverInfo": {"name": "gate", "version": "1"}}}))
    } else {
        Reply::status(202)
    };
    // Whoever asked may have left.
    let _ = reply.write(&mut stream).await;
}

async fn wait(state: &State) {
    state.arrived.fetch_add(1, SeqCst);
    let inside = state.inside.fetch_add(1, SeqCst) + 1;
    state.most.fetch_max(inside, SeqCst);
    if let Ok(pass) = state.passes.acquire().await {
        pass.forget();
    }
    state.inside.fetch_sub(1, SeqCst);
}
