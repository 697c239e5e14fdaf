//! Where files lie: a folder, or a bucket that speaks S3.

use super::Store;
use crate::error::{Error, Result};
use crate::secret::Secret;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientOptions, RetryConfig};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The region that is meant where none is named, as all clients of S3 have it.
const REGION: &str = "us-east-1";
/// How long a connection to a bucket may take to open, and how long it may say nothing.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a request to a bucket is repeated while the bucket says that it is busy.
const PERSISTENCE: Duration = Duration::from_secs(10);

/// How to open a store.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the files lie.
    pub place: Place,
    /// Most bytes of a file.
    pub limit: usize,
}

/// Where files lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder.
    Folder {
        /// Its absolute path.
        path: PathBuf,
        /// Whether to make it at once; otherwise it comes with the first file.
        make: bool,
    },
    /// A bucket.
    Bucket(Bucket),
}

/// A bucket that speaks S3.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// What every key begins with; may be empty.
    pub prefix: String,
    /// The region; `us-east-1` if none is named.
    pub region: Option<String>,
    /// The address of the service; that of Amazon if none is named.
    pub endpoint: Option<String>,
    /// The two halves of a credential; without one, that of the machine is asked for.
    pub credential: Option<(Secret, Secret)>,
    /// Whether the bucket is named in the path of an address and not in its host.
    pub path_style: Option<bool>,
}

impl Place {
    /// Reads an address: a path, `file://…` or `s3://bucket/prefix`. What is wrong is said as the
    /// issue of a problem.
    pub fn parse(address: &str) -> std::result::Result<Place, String> {
        let expected = "name a folder, `file:///folder` or `s3://bucket/prefix`";
        if address.trim().is_empty() {
            return Err(format!("is empty; {expected}"));
        }
        if let Some(rest) = address.strip_prefix("s3://") {
            return bucket(rest).map(Place::Bucket);
        }
        let path = match url::Url::parse(address) {
            Ok(url) if url.scheme() == "file" => url
                .to_file_path()
                .map_err(|()| format!("is `{address}`, which is no folder here; {expected}"))?,
            _ if address.contains("://") => {
                let scheme = address.split("://").next().unwrap_or_default();
                return Err(format!("begins with `{scheme}://`; {expected}"));
            }
            _ => PathBuf::from(address),
        };
        Self::folder(path, true)
    }

    /// A folder; a path that is not absolute begins in the working folder.
    pub fn folder(path: PathBuf, make: bool) -> std::result::Result<Place, String> {
        let path = std::path::absolute(&path)
            .map_err(|e| format!("names `{}`, which is no folder: {e}", path.display()))?;
        Ok(Place::Folder { path, make })
    }
}

/// `bucket` or `bucket/prefix`.
fn bucket(address: &str) -> std::result::Result<Bucket, String> {
    let (name, prefix) = address.split_once('/').unwrap_or((address, ""));
    let plain = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
    if !(3..=63).contains(&name.len()) || !name.bytes().all(plain) {
        return Err(format!(
            "names the bucket `{name}`; a name has 3 to 63 small letters, digits, hyphens and dots"
        ));
    }
    let prefix = prefix.trim_matches('/');
    if Path::parse(prefix).is_err() {
        return Err(format!(
            "names the prefix `{prefix}`; it must be parts joined by single slashes"
        ));
    }
    Ok(Bucket {
        name: name.to_owned(),
        prefix: prefix.to_owned(),
        ..Bucket::default()
    })
}

/// Opens a place; a refusal names the setting.
pub fn open(options: &Options) -> Result<Store> {
    let opened = match &options.place {
        Place::Folder { path, make } => open_folder(path.clone(), *make, options.limit),
        Place::Bucket(bucket) => open_bucket(bucket, options.limit),
    };
    opened.map_err(|issue| Error::invalid("media_store", issue))
}

fn open_folder(path: PathBuf, make: bool, limit: usize) -> std::result::Result<Store, String> {
    let shown = path.display().to_string();
    if path.exists() && !path.is_dir() {
        return Err(format!("names `{shown}`, which is a file and no folder"));
    }
    if make {
        std::fs::create_dir_all(&path)
            .map_err(|e| format!("names `{shown}`, which cannot be made: {e}"))?;
        // Only writing shows whether writing is allowed.
        probe(&path).map_err(|e| format!("names `{shown}`, which takes no file: {e}"))?;
    }
    let root = Path::from_absolute_path(&path)
        .map_err(|e| format!("names `{shown}`, which cannot be used: {e}"))?;
    Ok(Store {
        objects: Arc::new(LocalFileSystem::new().with_fsync(true)),
        bucket: None,
        root,
        limit,
    })
}

/// Makes an empty file and removes it.
fn probe(folder: &std::path::Path) -> std::io::Result<()> {
    let file = folder.join(format!(".probe-{}", uuid::Uuid::now_v7()));
    std::fs::File::create_new(&file)?;
    std::fs::remove_file(file)
}

fn open_bucket(bucket: &Bucket, limit: usize) -> std::result::Result<Store, String> {
    let region = bucket.region.as_deref().unwrap_or(REGION);
    // Services that are no Amazon know the bucket by path, and so does TLS where the name of a
    // bucket has dots.
    let by_path = bucket
        .path_style
        .unwrap_or(bucket.endpoint.is_some() || bucket.name.contains('.'));
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&bucket.name)
        .with_region(region)
        .with_virtual_hosted_style_request(!by_path)
        // Files go one at a time, and not every service knows the request for many.
        .with_disable_bulk_delete(true)
        .with_client_options(patient())
        .with_retry(persistent());
    if let Some(endpoint) = &bucket.endpoint {
        let endpoint = endpoint_of(endpoint, &bucket.name, by_path)?;
        builder = builder
            .with_allow_http(endpoint.starts_with("http://"))
            .with_endpoint(endpoint);
    }
    if let Some((key, secret)) = &bucket.credential {
        builder = builder
            .with_access_key_id(key.reveal())
            .with_secret_access_key(secret.reveal());
    }
    let client = Arc::new(
        builder
            .build()
            .map_err(|e| format!("cannot be used: {e}"))?,
    );
    Ok(Store {
        objects: client.clone(),
        bucket: Some(client),
        root: Path::from(bucket.prefix.as_str()),
        limit,
    })
}

fn patient() -> ClientOptions {
    ClientOptions::new()
        .with_connect_timeout(PATIENCE)
        .with_read_timeout(PATIENCE)
}

fn persistent() -> RetryConfig {
    RetryConfig {
        max_retries: 3,
        retry_timeout: PERSISTENCE,
        ..RetryConfig::default()
    }
}

/// The address that requests go to; where the bucket is part of the host, it is put there.
fn endpoint_of(endpoint: &str, bucket: &str, by_path: bool) -> std::result::Result<String, String> {
    let refused = || "has an endpoint that is no address such as `https://host:port`".to_owned();
    let mut url = url::Url::parse(endpoint).map_err(|_| refused())?;
    let host = match url.host_str() {
        Some(host) if matches!(url.scheme(), "http" | "https") => host.to_owned(),
        _ => return Err(refused()),
    };
    if !by_path {
        url.set_host(Some(&format!("{bucket}.{host}")))
            .map_err(|_| refused())?;
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}
