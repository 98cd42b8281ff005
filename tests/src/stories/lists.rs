//! Lists: what the partner sees, page by page.

use expect_test::expect;
use serde_json::{Value, json};

use crate::app::{App, Someone};

fn ids(items: &[Value]) -> Vec<String> {
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

async fn statuses(partner: &Someone<'_>, status: &str) -> Vec<String> {
    ids(&partner.all(&format!("/v1/invitations?limit=2&status={status}")).await)
}

#[tokio::test]
async fn the_partner_sees_what_is_pending_since_when_until_when() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let mut made = Vec::new();
    for days in [1, 1, 60, 60, 60, 60] {
        made.push(contoso.invites_with(json!({ "expiresInDays": days })).await);
    }
    fabrikam.accepts(&made[2]).await;
    fabrikam.declines(&made[3], "no").await;
    contoso.revokes(&made[4]).await;
    app.pass(2).await;
    let id = |n: usize| made[n].id.clone();

    let all = contoso.all("/v1/invitations?limit=4").await;
    assert_eq!(ids(&all), [id(5), id(4), id(3), id(2), id(1), id(0)]);
    for item in &all {
        assert!(
            item["createdAt"].is_string() && item["expiresAt"].is_string() && item.get("draft").is_none(),
            "{item}"
        );
    }
    let shown: Vec<_> = all.iter().map(|item| item["status"].as_str().unwrap()).collect();
    assert_eq!(shown, ["pending", "revoked", "declined", "accepted", "expired", "expired"]);
    assert_eq!(statuses(&contoso, "pending").await, [id(5)]);
    assert_eq!(statuses(&contoso, "accepted").await, [id(2)]);
    assert_eq!(statuses(&contoso, "declined").await, [id(3)]);
    assert_eq!(statuses(&contoso, "revoked").await, [id(4)]);
    assert_eq!(statuses(&contoso, "expired").await, [id(1), id(0)]);
    app.clean_up().await;
    assert_eq!(statuses(&contoso, "expired").await, [id(1), id(0)]);
    assert_eq!(statuses(&contoso, "pending").await, [id(5)]);
}

#[tokio::test]
async fn expired_ones_are_listed_once_while_the_clean_up_is_half_done() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let mut made = Vec::new();
    for round in 0..3 {
        for _ in 0..5 {
            made.push(contoso.invites_with(json!({ "expiresInDays": 1 })).await.id);
        }
        app.pass(2).await;
        if round < 2 {
            app.clean_up().await;
        }
    }
    for _ in 0..7 {
        contoso.invites().await; // pending, and newer than all of them
    }
    made.reverse();
    for limit in [1, 2, 4, 25, 100] {
        let listed = contoso.all(&format!("/v1/invitations?status=expired&limit={limit}")).await;
        assert_eq!(ids(&listed), made, "limit {limit}");
    }
}

#[tokio::test]
async fn the_last_page_has_no_cursor() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    for _ in 0..4 {
        contoso.invites().await;
    }
    let first = contoso.get("/v1/invitations?limit=2").await;
    let cursor = first.body["nextCursor"].as_str().unwrap();
    let second = contoso.get(&format!("/v1/invitations?limit=2&cursor={cursor}")).await;
    assert_eq!(second.body["items"].as_array().unwrap().len(), 2);
    assert!(second.body.get("nextCursor").is_none(), "{second:?}");
}

#[tokio::test]
async fn a_cursor_cannot_be_forged_or_borrowed() {
    let app = App::start().await;
    let (contoso, northwind) = (app.partner("contoso").await, app.partner("northwind").await);
    for _ in 0..3 {
        contoso.invites().await;
        northwind.invites().await;
    }
    let page = contoso.get("/v1/invitations?limit=1&status=pending").await;
    let cursor = page.body["nextCursor"].as_str().unwrap().to_owned();
    let mut forged = cursor.clone().into_bytes();
    forged[5] = if forged[5] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    for (who, path) in [
        (&northwind, format!("/v1/invitations?limit=1&status=pending&cursor={cursor}")),
        (&contoso, format!("/v1/invitations?limit=1&cursor={cursor}")),
        (&contoso, format!("/v1/customers?cursor={cursor}")),
        (&contoso, format!("/v1/partners?cursor={cursor}")),
        (&contoso, format!("/v1/invitations?limit=1&status=pending&cursor={forged}")),
        (&contoso, "/v1/invitations?cursor=abc".to_owned()),
    ] {
        expect!["400 malformed"].assert_eq(&who.get(&path).await.summary());
    }
    expect!["200"]
        .assert_eq(&contoso.get(&format!("/v1/invitations?limit=50&status=pending&cursor={cursor}")).await.summary());
}

#[tokio::test]
async fn a_bad_query_is_said_so() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    for (path, part) in [
        ("/v1/invitations?status=open", "must be one of pending, accepted"),
        ("/v1/invitations?status=pending&status=expired", "more than once"),
        ("/v1/invitations?limit=0", "1 to 100"),
        ("/v1/invitations?limit=101", "1 to 100"),
        ("/v1/invitations?limit=ten", "1 to 100"),
        ("/v1/invitations?stauts=pending", "Unknown query parameter"),
        ("/v1/customers?name=x", "Unknown query parameter"),
        ("/v1/partners?query=x", "Unknown query parameter"),
    ] {
        let answer = contoso.get(path).await;
        assert_eq!(answer.summary(), "400 malformed", "{path}");
        assert!(answer.body["detail"].as_str().unwrap().contains(part), "{path}: {answer:?}");
    }
    assert_eq!(contoso.get("/v1/invitations?status=&limit=&cursor=").await.status, 200);
}
