//! Hands mails to SESv2. The state is stored before, the outcome after; nothing is tried twice here, since
//! SES cannot tell a second try from a second mail.

use std::time::Duration;

use aws_sdk_sesv2::{
    Client, Config,
    config::{BehaviorVersion, retry::RetryConfig, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata, SdkError},
    types::{Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag},
};

use super::Draft;
use crate::{
    Error,
    domain::{
        AttemptId, InvitationId, Partner,
        delivery::MailOutcome,
        text::{Email, masked},
    },
    store::AwsSettings,
    telemetry::{self, Metric},
};

/// The mail service, as one execution environment uses it.
#[derive(Debug)]
pub struct Mailer {
    client: Client,
    settings: MailSettings,
}

/// How mails are sent.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// The address they come from: verified with SES.
    pub from: Email,
    /// Where answers go; to the partner's support contact where it is not set.
    pub reply_to: Option<Email>,
    /// The configuration set that publishes events.
    pub configuration_set: Option<String>,
}

/// One mail, claimed and ready to go.
#[derive(Debug)]
pub struct Mail<'a> {
    /// The partner it is sent for.
    pub partner: &'a Partner,
    /// The invitation it is about.
    pub invitation_id: InvitationId,
    /// The claim that it is sent under.
    pub attempt: AttemptId,
    /// To whom.
    pub to: &'a Email,
    /// What it says.
    pub draft: &'a Draft,
}

impl Mailer {
    pub(crate) fn new(settings: MailSettings, aws: &AwsSettings, endpoint: Option<String>) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_timeout(Duration::from_secs(5))
            .build();
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(aws_sdk_sesv2::config::Region::new(aws.region.clone()))
            .credentials_provider(aws.credentials.clone())
            .http_client(aws.http_client())
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts);
        config.set_endpoint_url(endpoint);
        Self { client: Client::from_conf(config.build()), settings }
    }

    /// Sends one mail, once.
    pub(super) async fn send(&self, mail: &Mail<'_>) -> Result<MailOutcome, Error> {
        let draft = mail.draft;
        let body = Body::builder().text(utf8(&draft.text)?).html(utf8(&draft.html)?).build();
        // RFC 3834: no vacation notice answers it.
        let automatic = MessageHeader::builder().name("Auto-Submitted").value("auto-generated").build();
        let message = Message::builder()
            .subject(utf8(&draft.subject)?)
            .body(body)
            .headers(automatic.map_err(Error::internal)?)
            .build();
        let contact = mail.partner.support_contact.as_ref().and_then(|contact| contact.email.as_ref());
        let reply_to = self.settings.reply_to.as_ref().or(contact).map(|email| vec![email.to_string()]);
        let request = self
            .client
            .send_email()
            .from_email_address(self.settings.from.as_str())
            .set_reply_to_addresses(reply_to)
            .set_configuration_set_name(self.settings.configuration_set.clone())
            .destination(Destination::builder().to_addresses(mail.to.as_str()).build())
            .content(EmailContent::builder().simple(message).build())
            .email_tags(tag("partner", &mail.partner.partner_id.to_string())?)
            .email_tags(tag("invitation", &mail.invitation_id.to_string())?)
            .email_tags(tag("attempt", &mail.attempt.to_string())?);
        let outcome = match request.send().await {
            Ok(output) => match output.message_id {
                Some(id) => MailOutcome::Taken(id),
                None => MailOutcome::Unknown("the mail service gave no message id".to_owned()),
            },
            // Refused, or turned away before it was looked at: nothing was sent. Another 5xx says nothing.
            Err(SdkError::ServiceError(refused)) if !matches!(refused.raw().status().as_u16(), 500 | 502 | 504) => {
                let error = refused.err();
                let said = [error.code(), error.message()].into_iter().flatten().collect::<Vec<_>>().join(": ");
                MailOutcome::Refused(if said.is_empty() { "no reason".to_owned() } else { said })
            }
            // Built, and never left this process: nothing can have been sent.
            Err(error @ SdkError::ConstructionFailure(_)) => return Err(Error::internal(error)),
            Err(error) if never_connected(&error) => {
                MailOutcome::Refused("the mail service cannot be reached".to_owned())
            }
            Err(error) => MailOutcome::Unknown(crate::Fault::new(error).chain()),
        };
        telemetry::count(match &outcome {
            MailOutcome::Taken(_) => Metric::MailsSent,
            MailOutcome::Refused(_) | MailOutcome::Unknown(_) => Metric::MailsFailed,
        });
        let to = mail.to.masked();
        match &outcome {
            MailOutcome::Taken(message_id) => tracing::info!(to, message_id, "mail sent"),
            // The mail service's own words, which may name the address.
            MailOutcome::Refused(said) => tracing::warn!(to, said = masked(said), "mail refused"),
            MailOutcome::Unknown(cause) => tracing::warn!(to, cause = masked(cause), "mail outcome unknown"),
        }
        Ok(outcome)
    }
}

/// Whether there was no connection to send the request over.
fn never_connected(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .any(|cause| cause.downcast_ref::<hyper_util::client::legacy::Error>().is_some_and(|error| error.is_connect()))
}

fn utf8(data: &str) -> Result<Content, Error> {
    Content::builder().data(data).charset("UTF-8").build().map_err(Error::internal)
}

fn tag(name: &str, value: &str) -> Result<MessageTag, Error> {
    MessageTag::builder().name(name).value(value).build().map_err(Error::internal)
}

#[cfg(test)]
mod tests;
