//! The files behind media rows: what is taken in, where it lies, and who may fetch it by a signed
//! address. Knows no rows, no roles and no HTTP.
//!
//! # From bytes to a file
//!
//! [`Store::receive`] reads an upload no further than the limit ([`collect`]) and judges the
//! bytes, the declared content type and the file name, all problems at once ([`Upload::check`]);
//! [`Store::put`] takes nothing but such an [`Upload`]. A file lies under its own SHA-256 ([`Key`]), so the same
//! bytes are one file however often they arrive, a file never changes, and caches may keep it
//! for good.
//!
//! # What a crash leaves
//!
//! A bucket shows an object when all of it arrived. In a folder the bytes go into a file of
//! another name beside the key (`<key>#1`), are synced to disk, renamed to the key, and the
//! folders on the way are synced too; only then does `put` return. A process that dies before
//! leaves such a file, which no key names and no reader can reach, or a complete file that no
//! row names. Either only takes space: files with a `#` in their name that are older than a day may
//! be removed while servers run.
//!
//! # Uploads that pass the server by
//!
//! A bucket can hand out an address to send bytes to ([`Store::presign`]). They arrive unchecked
//! under a name that is never served; [`Store::incoming`] fetches them to be checked and put like
//! all others. For a folder the server takes the bytes itself, on the strength of a token of
//! [`Seal`].

mod container;
mod css;
mod format;
mod key;
mod name;
mod place;
mod raster;
mod seal;
mod svg;
mod upload;

pub use format::Format;
pub use key::Key;
pub use name::disposition;
pub use place::{Bucket, Options, Place};
pub use seal::{Purpose, Refusal, Seal};
pub use upload::{Upload, collect};

use crate::error::{Error, Result};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt, TryStreamExt};
use object_store::aws::AmazonS3;
use object_store::path::Path;
use object_store::signer::{HeaderName, HeaderValue, Method, SignedUrlOptions, Signer};
use object_store::{
    Attribute, Attributes, GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutOptions,
};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// What a row says about its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Where it lies, e.g. `ab/cd/abcd….png`; the column `path`.
    pub path: String,
    /// SHA-256 of the bytes in hexadecimal; the column `content_hash`.
    pub sha256: String,
    /// Number of bytes; the column `file_size`.
    pub size: u64,
    /// Media type of the bytes; the column `content_type`.
    pub content_type: &'static str,
}

/// A file or a part of one, on its way out.
pub struct Content {
    /// Bytes of the whole file.
    pub size: u64,
    /// Which of them follow.
    pub range: Range<u64>,
    /// The bytes.
    pub stream: BoxStream<'static, std::io::Result<Bytes>>,
}

/// An address to send bytes to with PUT, past this server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presigned {
    /// The address.
    pub url: String,
    /// Headers that must be sent, exactly so.
    pub headers: Vec<(&'static str, String)>,
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
}

/// A folder or bucket with files.
#[derive(Clone)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    /// What signs addresses, where the place can.
    bucket: Option<Arc<AmazonS3>>,
    /// What stands before every key.
    root: Path,
    limit: usize,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The parts may hold credentials.
        write!(f, "Store({} at {})", self.objects, self.root)
    }
}

impl Store {
    /// Opens the place. A folder that was asked for by name is made; the usual one is made with
    /// its first file, so that a server that takes none leaves nothing behind.
    pub fn open(options: &Options) -> Result<Store> {
        place::open(options)
    }

    /// Most bytes of a file.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Reads an upload to its end and judges it, aside from the threads that answer requests.
    pub async fn receive<S>(
        &self,
        body: S,
        content_type: Option<String>,
        file_name: Option<String>,
    ) -> Result<Upload>
    where
        S: Stream<Item = std::io::Result<Bytes>>,
    {
        let limit = self.limit;
        let bytes = collect(body, limit).await?;
        let judged = tokio::task::spawn_blocking(move || {
            Upload::check(bytes, content_type.as_deref(), file_name.as_deref(), limit)
        });
        judged.await.map_err(Error::internal)?
    }

    /// Keeps a file. Doing it again changes nothing; it always writes, so that a file somebody
    /// deleted or damaged is whole afterwards.
    pub async fn put(&self, upload: &Upload) -> Result<Stored> {
        let mut options = PutOptions::default();
        // A folder keeps no attributes; the server tells the type from the key.
        if self.bucket.is_some() {
            let content_type = upload.format().content_type();
            options.attributes = Attributes::from_iter([(Attribute::ContentType, content_type)]);
        }
        let location = self.at(upload.key());
        self.objects
            .put_opts(&location, upload.bytes().clone().into(), options)
            .await
            .map_err(|e| self.fault(e))?;
        Ok(upload.stored())
    }

    /// A file, or the part of it that `range` names; `None` if there is no such file. The range
    /// must begin inside the file.
    pub async fn get(&self, key: &Key, range: Option<Range<u64>>) -> Result<Option<Content>> {
        self.read(&self.at(key), range).await
    }

    /// The number of bytes of a file; `None` if there is no such file.
    pub async fn head(&self, key: &Key) -> Result<Option<u64>> {
        match self.objects.head(&self.at(key)).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.fault(error)),
        }
    }

    /// Removes a file, if it is there. Only for a key that no row names: rows with the same
    /// bytes share the file.
    pub async fn delete(&self, key: &Key) -> Result<()> {
        self.remove(&self.at(key)).await
    }

    /// An address to which a file of `format` may be sent for a media row; `None` where the
    /// server must take it itself.
    ///
    /// A bucket checks the type that is declared and cannot be told a length, so whoever holds
    /// the address may send what is too large. It is refused when it is fetched; a rule of the
    /// bucket that ends what is older than a day below `incoming/` clears what nobody fetches.
    pub async fn presign(
        &self,
        id: Uuid,
        format: Format,
        valid: Duration,
    ) -> Result<Option<Presigned>> {
        let Some(bucket) = &self.bucket else {
            return Ok(None);
        };
        let headers = vec![("content-type", format.content_type().to_owned())];
        let mut options = SignedUrlOptions::default();
        for (name, value) in &headers {
            let value = HeaderValue::from_str(value).map_err(Error::internal)?;
            options = options.with_signed_header(HeaderName::from_static(name), value);
        }
        let url = bucket
            .signed_url_opts(Method::PUT, &self.arrival(id), valid, &options)
            .await
            .map_err(|e| self.fault(e))?;
        Ok(Some(Presigned {
            url: url.into(),
            headers,
            expires_at: Utc::now() + valid,
        }))
    }

    /// Takes bytes for a media row as a bucket does by the address of [`Store::presign`]: unchecked,
    /// under a name that is never served.
    pub async fn put_incoming(&self, id: Uuid, bytes: Bytes) -> Result<()> {
        let put = self.objects.put(&self.arrival(id), bytes.into()).await;
        put.map(|_| ()).map_err(|e| self.fault(e))
    }

    /// What was sent to the address that [`Store::presign`] gave for a media row, unchecked;
    /// `None` if nothing arrived.
    pub async fn incoming(&self, id: Uuid) -> Result<Option<Bytes>> {
        match self.read(&self.arrival(id), None).await? {
            Some(content) => collect(content.stream, self.limit).await.map(Some),
            None => Ok(None),
        }
    }

    /// Removes what [`Store::incoming`] gave.
    pub async fn discard_incoming(&self, id: Uuid) -> Result<()> {
        self.remove(&self.arrival(id)).await
    }

    async fn read(&self, location: &Path, range: Option<Range<u64>>) -> Result<Option<Content>> {
        let options = GetOptions {
            range: range.map(GetRange::Bounded),
            ..GetOptions::default()
        };
        let got = match self.objects.get_opts(location, options).await {
            Ok(got) => got,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(self.fault(error)),
        };
        Ok(Some(Content {
            size: got.meta.size,
            range: got.range.clone(),
            stream: got.into_stream().map_err(std::io::Error::other).boxed(),
        }))
    }

    async fn remove(&self, location: &Path) -> Result<()> {
        match self.objects.delete(location).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.fault(error)),
        }
    }

    fn at(&self, key: &Key) -> Path {
        self.below_root(&key.to_string())
    }

    /// Where unchecked bytes for a media row arrive. No key looks like this.
    fn arrival(&self, id: Uuid) -> Path {
        self.below_root(&format!("incoming/{id}"))
    }

    fn below_root(&self, name: &str) -> Path {
        let below = Path::from(name);
        self.root.parts().chain(below.parts()).collect()
    }

    /// A bucket may answer again later; a folder that fails is a fault of the installation.
    fn fault(&self, error: object_store::Error) -> Error {
        match error {
            object_store::Error::Generic { .. } if self.bucket.is_some() => {
                Error::Unavailable(error.to_string())
            }
            other => Error::internal(other),
        }
    }
}
