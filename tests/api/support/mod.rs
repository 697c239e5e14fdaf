//! What every test stands on: a server of its own over a database of its own.

pub mod app;
pub mod hostile;
pub mod peer;
pub mod seed;
pub mod socket;

pub use app::{Answer, TestApp};
pub use seed::World;
pub use socket::{Socket, subscribe};

/// A test on both databases. `t` is a fresh [`TestApp`] with an empty, migrated database.
///
/// PostgreSQL is never skipped in silence: without `TEST_DATABASE_URL` the test fails with the
/// sentence that says what to do, unless `TEST_SQLITE_ONLY=1` asks for SQLite alone.
#[macro_export]
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($t:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(#[$meta])*
            async fn check($t: &$crate::support::TestApp) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let t = $crate::support::TestApp::sqlite().await;
                check(&t).await;
                t.end().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(t) = $crate::support::TestApp::postgres().await {
                    check(&t).await;
                    t.end().await;
                }
            }
        }
    )*};
}
