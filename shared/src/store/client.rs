//! The client to DynamoDB, made for a quick cold start.
//!
//! Each choice was measured: `ring` instead of a TLS library that gathers entropy when it starts; the five
//! roots that sign Amazon's endpoints instead of the machine's hundred; credentials and region from the
//! environment that Lambda sets, with no chain of providers; and a connection that is opened while the
//! platform still waits for the first event.

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig, timeout::TimeoutConfig},
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::{Store, meter::Meter, partners::Remembered};

/// Which certificates are trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Roots {
    /// Amazon's five, embedded (<https://www.amazontrust.com/repository/>).
    Amazon,
    /// The machine's own, for proxies and private endpoints.
    Native,
}

/// What every AWS client of a function is made of.
#[derive(Debug, Clone)]
pub struct AwsSettings {
    /// The region of the deployment.
    pub region: String,
    /// The function's role.
    pub credentials: Credentials,
    /// Which certificates are trusted.
    pub roots: Roots,
}

/// What the store is made of.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// The table's name.
    pub table: String,
    /// The rest, as for every AWS client.
    pub aws: AwsSettings,
    /// Another endpoint than the region's.
    pub endpoint: Option<String>,
}

impl AwsSettings {
    pub(crate) fn http_client(&self) -> SharedHttpClient {
        let trust = match self.roots {
            Roots::Amazon => {
                TrustStore::empty().with_pem_certificate(include_bytes!("../../data/amazon-roots.pem").as_slice())
            }
            Roots::Native => TrustStore::default(),
        };
        let client = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
        match TlsContext::builder().with_trust_store(trust).build() {
            Ok(context) => client.tls_context(context).build_https(),
            Err(_) => client.build_https(), // it only stores the two fields, and cannot fail today
        }
    }

    pub(crate) fn region(&self) -> Region {
        Region::new(self.region.clone())
    }
}

impl Store {
    /// A store, its connection being opened in the background.
    #[must_use]
    pub fn new(settings: StoreSettings) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_secs(2))
            .operation_timeout(Duration::from_secs(4)) // two in a row are within the function's ten
            .build();
        // Throttling passes in moments: short waits, several tries, and an answer within the invocation.
        let retries = RetryConfig::standard()
            .with_max_attempts(6)
            .with_initial_backoff(Duration::from_millis(30))
            .with_max_backoff(Duration::from_millis(800));
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(settings.aws.region())
            .credentials_provider(settings.aws.credentials.clone())
            .http_client(settings.aws.http_client())
            .retry_config(retries)
            .interceptor(Meter)
            .timeout_config(timeouts);
        config.set_endpoint_url(settings.endpoint);
        let client = Client::from_conf(config.build());
        tokio::spawn(warm_up(client.clone()));
        Self { client, table: settings.table, remembered: Remembered::default() }
    }
}

/// `GET /` on the endpoint, which DynamoDB answers without looking at the table: it opens the connection
/// and finishes the TLS handshake. Not waited for, and its outcome does not matter.
async fn warm_up(client: Client) {
    let once = Config::builder().retry_config(RetryConfig::disabled());
    let ping = client.describe_endpoints().customize().config_override(once).mutate_request(|request| {
        let _ = request.set_method("GET");
        request.headers_mut().remove("x-amz-target");
    });
    let _ = ping.send().await;
}
