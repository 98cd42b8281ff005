//! Serving HTTP/1.1 on a loopback port, so that dropping a server also drops its open connections.

use std::future::Future;
use std::io;
use std::net::SocketAddr;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// Where a request came from, in its extensions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// A task that ends when its handle is dropped.
#[derive(Debug)]
pub(crate) struct Task(AbortHandle);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs something for as long as the answer is kept.
pub(crate) fn run(future: impl Future<Output = ()> + Send + 'static) -> Task {
    Task(tokio::spawn(future).abort_handle())
}

/// A loopback listener; port 0 takes any free port.
pub(crate) async fn listen(port: u16) -> Result<(TcpListener, u16)> {
    let listener = match TcpListener::bind(("127.0.0.1", port)).await {
        Ok(listener) => listener,
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            anyhow::bail!("port {port} is taken: stop what listens there, or choose another with --port")
        }
        Err(error) => return Err(error).with_context(|| format!("cannot listen on port {port}")),
    };
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

/// Serves a router.
pub(crate) fn router(listener: TcpListener, router: Router) -> Task {
    connections(listener, move |stream, peer| {
        let router = router.clone();
        async move {
            let service = service_fn(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(Peer(peer));
                let router = router.clone();
                async move { tower_call(router, request).await }
            });
            finish(http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service))
                .await;
        }
    })
}

async fn tower_call(
    router: Router,
    request: Request<Incoming>,
) -> Result<axum::response::Response, std::convert::Infallible> {
    use hyper::service::Service;
    hyper_util::service::TowerToHyperService::new(router).call(request).await
}

/// Accepts connections, each handled by a future of its own.
pub(crate) fn connections<F, Fut>(listener: TcpListener, handle: F) -> Task
where
    F: Fn(TcpStream, SocketAddr) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    run(async move {
        let mut open = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    // What fails here is a connection that was gone before it was taken.
                    let Ok((stream, peer)) = accepted else { continue };
                    // Small answers must not wait for an acknowledgement; where that cannot be set they only come later.
                    stream.set_nodelay(true).ok();
                    open.spawn(handle(stream, peer));
                }
                Some(_) = open.join_next() => {}
            }
        }
    })
}

/// Drives a connection to its end. How it ended is the client's business: it sees it.
pub(crate) async fn finish<E>(connection: impl Future<Output = Result<(), E>>) {
    connection.await.ok();
}
