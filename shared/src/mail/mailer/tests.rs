//! What the mail service's answers mean, against a service on this machine.

use aws_sdk_sesv2::config::Credentials;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;
use crate::store::Roots;

/// What becomes of a mail that the service at `endpoint` is given.
async fn outcome(endpoint: String) -> MailOutcome {
    let settings = MailSettings { from: "a@b.example".parse().unwrap(), reply_to: None, configuration_set: None };
    let credentials = Credentials::from_keys("k", "s", None);
    let aws = AwsSettings { region: "eu-central-1".to_owned(), credentials, roots: Roots::Amazon };
    let mailer = Mailer::new(settings, &aws, Some(endpoint));
    let partner = serde_json::json!({
        "partnerId": "11111111-1111-4111-8111-111111111111", "name": "Contoso", "country": "JP", "cloud": "public",
        "status": "active", "reminders": true, "dailyMailQuota": 500,
        "createdAt": "2026-11-01T00:00:00Z", "createdBy": "o", "updatedAt": "2026-11-01T00:00:00Z", "updatedBy": "o"
    });
    let text = "text".to_owned();
    let draft = Draft {
        link: String::new(),
        language: "en",
        to: None,
        subject: text.clone(),
        text: text.clone(),
        html: text,
        mailto: String::new(),
    };
    let mail = Mail {
        partner: &serde_json::from_value(partner).unwrap(),
        invitation_id: InvitationId::from_bytes([1; 16]),
        attempt: AttemptId::new(),
        to: &"c@d.example".parse().unwrap(),
        draft: &draft,
    };
    mailer.send(&mail).await.unwrap()
}

/// A service that gives one answer, or hangs up without one.
async fn service(answer: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 65536];
        let _ = socket.read(&mut request).await;
        if let Some(answer) = answer {
            socket.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    endpoint
}

#[tokio::test]
async fn only_what_surely_sent_nothing_is_a_refusal() {
    let taken = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 18\r\n\r\n{\"MessageId\":\"m1\"}";
    assert_eq!(outcome(service(Some(taken)).await).await, MailOutcome::Taken("m1".to_owned()));
    for (status, refused) in [
        ("400 Bad Request", true),
        ("429 Too Many Requests", true),
        ("503 Service Unavailable", true),
        ("500 Internal Server Error", false),
        ("504 Gateway Timeout", false),
    ] {
        let answer = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{{}}");
        let outcome = outcome(service(Some(answer.leak())).await).await;
        assert_eq!(matches!(outcome, MailOutcome::Refused(_)), refused, "{status}: {outcome:?}");
        assert_eq!(matches!(outcome, MailOutcome::Unknown(_)), !refused, "{status}: {outcome:?}");
    }
    let hung_up = outcome(service(None).await).await;
    assert!(matches!(hung_up, MailOutcome::Unknown(_)), "{hung_up:?}");
    let nobody = outcome("http://127.0.0.1:1".to_owned()).await;
    assert!(matches!(nobody, MailOutcome::Refused(_)), "{nobody:?}");
}
