//! Looks behind the API into the table, and fills it quicker than the API would. What it writes is a copy of
//! what the functions wrote, with other keys.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region},
    types::{AttributeValue, PutRequest, WriteRequest},
};

use crate::app::{App, tenant};

pub(crate) type Item = HashMap<String, AttributeValue>;

/// The table, uncounted and without faults.
pub(crate) fn table(app: &App) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "tests"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(app.local.uncounted_store_url());
    Client::from_conf(config.build())
}

pub(crate) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// One item as it is stored.
pub(crate) async fn item(app: &App, pk: &str, sk: &str) -> Option<Item> {
    let request = table(app).get_item().table_name(app.local.table_name()).key("pk", text(pk)).key("sk", text(sk));
    request.consistent_read(true).send().await.unwrap().item
}

/// Every item of a partner whose sort key begins so.
pub(crate) async fn items(app: &App, partner: &str, prefix: &str) -> Vec<Item> {
    items_of(app, &format!("PARTNER#{}", tenant(partner)), prefix).await
}

/// Every user of a customer's tenant.
pub(crate) async fn users(app: &App, customer: &str) -> Vec<Item> {
    items_of(app, &format!("CUSTOMER#{}", tenant(customer)), "USER#").await
}

async fn items_of(app: &App, partition: &str, prefix: &str) -> Vec<Item> {
    let mut pages = table(app)
        .query()
        .table_name(app.local.table_name())
        .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
        .expression_attribute_values(":pk", text(partition))
        .expression_attribute_values(":sk", text(prefix))
        .into_paginator()
        .items()
        .send();
    let mut items = Vec::new();
    while let Some(item) = pages.next().await {
        items.push(item.unwrap());
    }
    items
}

/// Writes items, 25 at once.
#[expect(clippy::disallowed_methods, reason = "copies for a large test, nothing to be conditional on")]
pub(crate) async fn fill(app: &App, items: Vec<Item>) {
    let client = table(app);
    for chunk in items.chunks(25) {
        let write = |item: &Item| {
            let put = PutRequest::builder().set_item(Some(item.clone())).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        };
        let requests = chunk.iter().map(write).collect();
        client.batch_write_item().request_items(app.local.table_name(), requests).send().await.unwrap();
    }
}

/// A number as a UUID that sorts like it.
pub(crate) fn numbered(n: usize) -> String {
    uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n as u128).to_string()
}

/// Changes a string within an item's `data`.
pub(crate) fn set(item: &mut Item, field: &str, value: &str) {
    let AttributeValue::M(data) = item.get_mut("data").unwrap() else { panic!("data is a map") };
    data.insert(field.to_owned(), text(value));
}

/// Copies of a customer of a partner, `Customer 00000` and so on.
pub(crate) async fn customers(app: &App, partner: &str, like: &str, count: usize) {
    let original =
        item(app, &format!("PARTNER#{}", tenant(partner)), &format!("CUSTOMER#{}", tenant(like))).await.unwrap();
    let copy = |n: usize| {
        let (mut item, id, name) = (original.clone(), numbered(n), format!("Customer {n:05}"));
        item.insert("sk".to_owned(), text(&format!("CUSTOMER#{id}")));
        item.insert("lsk".to_owned(), text(&format!("{}  {id}", name.to_lowercase())));
        item.insert("cpk".to_owned(), text(&format!("CUSTOMER#{id}")));
        set(&mut item, "customerId", &id);
        let AttributeValue::M(data) = item.get_mut("data").unwrap() else { panic!("data is a map") };
        let AttributeValue::M(customer) = data.get_mut("customer").unwrap() else { panic!("customer is a map") };
        customer.insert("name".to_owned(), text(&name));
        item
    };
    fill(app, (0..count).map(copy).collect()).await;
    let entries = items(app, partner, "FIND#").await;
    let original = entries.iter().find(|entry| entry["sk"].as_s().unwrap().starts_with("FIND#example  ")).unwrap();
    let entry = |n: usize| {
        let (mut item, id) = (original.clone(), numbered(n));
        let words = format!("{n:05}");
        item.insert("sk".to_owned(), text(&format!("FIND#{words}  {id}")));
        set(&mut item, "words", &words);
        let AttributeValue::M(data) = item.get_mut("data").unwrap() else { panic!("data is a map") };
        let AttributeValue::M(listed) = data.get_mut("listed").unwrap() else { panic!("listed is a map") };
        listed.insert("customerId".to_owned(), text(&id));
        let AttributeValue::M(customer) = listed.get_mut("customer").unwrap() else { panic!("customer is a map") };
        customer.insert("name".to_owned(), text(&format!("Customer {words}")));
        item
    };
    fill(app, (0..count).map(entry).collect()).await;
}

/// Copies of a pending invitation of a partner, spread over the shards.
pub(crate) async fn pending(app: &App, partner: &str, like: &str, count: usize) {
    let pk = format!("PARTNER#{}", tenant(partner));
    let original = item(app, &pk, &format!("INVITATION#{like}")).await.unwrap();
    let due = original["psk"].as_s().unwrap().split_once('#').unwrap().0.to_owned();
    let copy = |n: usize| {
        let (mut item, id) = (original.clone(), numbered(n));
        item.insert("sk".to_owned(), text(&format!("INVITATION#{id}")));
        item.insert("lsk".to_owned(), text(&id));
        item.insert("ppk".to_owned(), text(&format!("PENDING#{}", n % 8)));
        item.insert("psk".to_owned(), text(&format!("{due}#{}#{id}", tenant(partner))));
        set(&mut item, "id", &id);
        item
    };
    fill(app, (0..count).map(copy).collect()).await;
}
