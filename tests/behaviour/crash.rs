//! A registration that was confirmed to the delegate is saved and its mails are sent, even if the program or PostgreSQL
//! is killed.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    instances::House,
    registering::{filled, form},
    support::{Form, MailServer, Person, free_port},
};

const DELEGATES: usize = 200;
/// How many delegates press "Register" at the same time.
const AT_ONCE: usize = 8;

#[tokio::test]
async fn killing_the_program_or_postgresql_neither_loses_nor_doubles_a_registration_and_all_mails_are_sent() {
    let house = House::new().await;
    let mail = MailServer::start().await;
    // The same port after each restart, as behind a reverse proxy.
    let listen = format!("127.0.0.1:{}", free_port());
    let smtp = mail.url();
    let settings =
        [("LISTEN", listen.as_str()), ("SMTP_URL", smtp.as_str()), ("OPERATIONS_ADDRESS", "operations@desk.example")];
    let mut instance = house.program(&settings).await;

    let mut forms = VecDeque::new();
    for number in 0..DELEGATES {
        let delegate = instance.delegate(number);
        let form = filled(form(&delegate).await, &format!("Delegate {number}"), &address_of(number));
        forms.push_back((delegate, form));
    }
    let answered = Arc::new(AtomicUsize::new(0));
    let mut pressing = press_register(forms, &answered);

    wait_until_answered(&answered, 40).await;
    instance.program.kill();
    instance = house.program(&settings).await;
    wait_until_answered(&answered, 90).await;
    house.cluster.kill();
    house.cluster.up();
    wait_until_answered(&answered, 140).await;
    instance.program.kill();
    let instance = house.program(&settings).await;
    while let Some(ended) = pressing.join_next().await {
        ended.expect("everybody is answered in the end");
    }

    let kept: Vec<String> = sqlx::query_scalar("select email from contact order by email")
        .fetch_all(&house.db)
        .await
        .expect("the registrations");
    let mut wanted: Vec<String> = (0..DELEGATES).map(address_of).collect();
    wanted.sort();
    assert_eq!(kept, wanted, "each is saved once");
    let count = |query: &'static str| sqlx::query_scalar::<_, i64>(query).fetch_one(&house.db);
    assert_eq!(count("select count(*) from place where state = 'held'").await.expect("a number"), 200);
    assert_eq!(count("select sum(taken) from capacity where category_id is null").await.expect("a number"), 200);

    // A mail that was being sent when the program was killed is sent again once its lease has expired, after 30
    // seconds.
    let deadline = Instant::now() + Duration::from_secs(90);
    while count("select count(*) from message where state <> 'sent'").await.expect("a number") > 0 {
        assert!(Instant::now() < deadline, "mails are still waiting");
        sleep(Duration::from_millis(200)).await;
    }
    let mut copies: HashMap<String, usize> = HashMap::new();
    for delivered in mail.mails() {
        *copies.entry(delivered.header("Message-ID").expect("every mail has one")).or_default() += 1;
    }
    assert_eq!(copies.len(), 2 * DELEGATES, "one for the contact and one for the desk");
    let doubled = copies.values().filter(|copies| **copies > 1).count();
    // Only mails that were being sent at the moment of a kill can arrive twice.
    assert!(doubled <= 3 * AT_ONCE, "{doubled} mails arrived more than once");
    instance.program.ends_well();
}

/// Sends each form until it is answered with success: a delegate who gets no response presses the button again.
fn press_register(forms: VecDeque<(Person, Form)>, answered: &Arc<AtomicUsize>) -> JoinSet<()> {
    let forms = Arc::new(Mutex::new(forms));
    let mut pressing = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (forms, answered) = (forms.clone(), answered.clone());
        pressing.spawn(async move {
            loop {
                let next = forms.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                let Some((delegate, form)) = next else { return };
                let deadline = Instant::now() + Duration::from_mins(1);
                loop {
                    match delegate.sends_over_a_bad_line(&form).await.map(|answer| answer.status().as_u16()) {
                        Ok(303) => break,
                        Ok(503) | Err(_) => assert!(Instant::now() < deadline, "nobody answers"),
                        Ok(other) => panic!("answered with {other}"),
                    }
                    sleep(Duration::from_millis(100)).await;
                }
                answered.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    pressing
}

async fn wait_until_answered(answered: &AtomicUsize, many: usize) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while answered.load(Ordering::SeqCst) < many {
        assert!(Instant::now() < deadline, "only {} were answered", answered.load(Ordering::SeqCst));
        sleep(Duration::from_millis(1)).await;
    }
}

fn address_of(number: usize) -> String {
    format!("delegate-{number:03}@city.example")
}
