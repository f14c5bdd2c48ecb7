//! Several instances, or an outage of the database: each mail is sent once.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use super::{answered, any_mail, enqueue, registration, under_way};
use crate::{
    instances::{House, Instance},
    support::MailServer,
};

async fn program(house: &House, server: &MailServer) -> Instance {
    house.program(&[("SMTP_URL", &server.url()), ("OPERATIONS_ADDRESS", "operations@desk.example")]).await
}

#[tokio::test]
async fn two_instances_share_the_mails_and_send_each_once() {
    let server = MailServer::start().await;
    // Long enough that both instances find some of them.
    server.takes_its_time(Duration::from_secs(1));
    let house = House::new().await;
    let _instances = (program(&house, &server).await, program(&house, &server).await);
    let kept = registration(&house.db, &[("Anna Nagy", "anna@graz.example")]).await;
    for number in 0..60 {
        let to = format!("c{number}@graz.example");
        enqueue(&house.db, "contact_confirmation", &to, &kept, None, json!({})).await;
    }
    let mails = server.received(60).await;
    let mut recipients: Vec<_> = mails.iter().map(|mail| mail.to.clone()).collect();
    recipients.dedup();
    assert_eq!(recipients.len(), 60, "each once");
    assert!(server.busiest() > 8, "both send: {} at once", server.busiest());
    sleep(Duration::from_secs(3)).await;
    assert_eq!(server.mails().len(), 60, "and none again");
}

#[tokio::test]
async fn a_mail_that_was_accepted_while_postgresql_was_unavailable_is_not_sent_twice() {
    let server = MailServer::start().await;
    let house = House::new().await;
    let _instance = program(&house, &server).await;
    server.takes_its_time(Duration::from_secs(1));
    let mail = any_mail(&house.db, "anna@graz.example").await;
    under_way(&server).await;
    house.cluster.kill();
    server.received(1).await;
    house.cluster.up();
    assert_eq!(answered(&house.db, mail).await.0, "sent");
    let next = any_mail(&house.db, "berta@graz.example").await;
    assert_eq!(answered(&house.db, next).await.0, "sent");
    server.received(2).await;
}
