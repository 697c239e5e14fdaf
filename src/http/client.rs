//! The network connections of clients, seen from the requests that came by them: whether the client
//! has gone, and how to break one off.
//!
//! # Why
//!
//! poem goes on with a connection after hyper has given it up. An answer that is still being written
//! then never hears that its client has gone, unless there is something to write; and the body of an
//! answer that fails gets the end of one that is whole, so that a client takes half for all. Both
//! are put right here, below hyper: every byte passes by.

use futures_util::task::AtomicWaker;
use poem::Request;
use poem::http::Version;
use poem::http::uri::Scheme;
use poem::listener::{Acceptor, TcpAcceptor};
use poem::web::{LocalAddr, RemoteAddr};
use std::collections::HashMap;
use std::io::{self, ErrorKind, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;

type Known = HashMap<SocketAddr, Arc<Wire>>;

/// The connections that are open, by the address of the client.
#[derive(Clone, Default)]
pub(super) struct Clients(Arc<Mutex<Known>>);

/// What is known of one connection.
#[derive(Default)]
struct Wire {
    gone: watch::Sender<bool>,
    cut: AtomicBool,
    /// Wakes whoever waits until more can be written.
    writer: AtomicWaker,
}

impl Clients {
    fn known(&self) -> MutexGuard<'_, Known> {
        // The map is whole whatever thread stopped while holding it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of every connection that is accepted.
    pub fn watch(&self, acceptor: TcpAcceptor) -> Watched {
        Watched {
            acceptor,
            clients: self.clone(),
        }
    }
}

/// The connection that a request came by.
#[derive(Clone)]
pub(super) struct Client {
    wire: Option<Arc<Wire>>,
    /// Whether it carries other requests at the same time.
    shared: bool,
}

impl Client {
    /// That of a request.
    pub fn of(request: &Request) -> Client {
        let address = request.remote_addr().as_socket_addr();
        let clients = request.data::<Clients>();
        let wire = clients
            .zip(address)
            .and_then(|(clients, address)| clients.known().get(address).cloned());
        Client {
            wire,
            shared: request.version() >= Version::HTTP_2,
        }
    }

    /// Waits until the client has gone, or sends no more, which for HTTP/1.1 is the same.
    pub async fn gone(&self) {
        match &self.wire {
            Some(wire) => {
                // The sender lives in what is borrowed here.
                let _ = wire.gone.subscribe().wait_for(|gone| *gone).await;
            }
            None => std::future::pending().await,
        }
    }

    /// Breaks the connection off. One that is shared is left: there an answer that fails says so
    /// by itself.
    pub fn cut(&self) {
        if let Some(wire) = self.wire.as_ref().filter(|_| !self.shared) {
            wire.cut.store(true, Ordering::Release);
            wire.writer.wake();
        }
    }
}

/// Accepts connections and takes note of them.
pub(super) struct Watched {
    acceptor: TcpAcceptor,
    clients: Clients,
}

impl Acceptor for Watched {
    type Io = Stream;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.acceptor.local_addr()
    }

    async fn accept(&mut self) -> io::Result<(Stream, LocalAddr, RemoteAddr, Scheme)> {
        let (inner, local, remote, scheme) = self.acceptor.accept().await?;
        let wire = Arc::<Wire>::default();
        let address = remote.as_socket_addr().copied();
        if let Some(address) = address {
            self.clients.known().insert(address, wire.clone());
        }
        let stream = Stream {
            inner,
            wire,
            address,
            clients: self.clients.clone(),
        };
        Ok((stream, local, remote, scheme))
    }
}

/// A connection whose bytes pass by.
pub(super) struct Stream {
    inner: TcpStream,
    wire: Arc<Wire>,
    address: Option<SocketAddr>,
    clients: Clients,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.wire.gone.send_replace(true);
        let Some(address) = self.address else {
            return;
        };
        let mut known = self.clients.known();
        // The address may be that of another connection by now.
        if known
            .get(&address)
            .is_some_and(|w| Arc::ptr_eq(w, &self.wire))
        {
            known.remove(&address);
        }
    }
}

impl Stream {
    /// Refuses to write on what was broken off.
    fn intact(&self, context: &Context<'_>) -> io::Result<()> {
        self.wire.writer.register(context.waker());
        match self.wire.cut.load(Ordering::Acquire) {
            true => Err(ErrorKind::ConnectionAborted.into()),
            false => Ok(()),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = (buffer.filled().len(), buffer.remaining());
        let read = Pin::new(&mut self.inner).poll_read(context, buffer);
        let ended = match &read {
            Poll::Ready(Ok(())) => before.1 > 0 && buffer.filled().len() == before.0,
            Poll::Ready(Err(_)) => true,
            Poll::Pending => false,
        };
        if ended {
            self.wire.gone.send_replace(true);
        }
        read
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.intact(context)?;
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.intact(context)?;
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.intact(context)?;
        Pin::new(&mut self.inner).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}
