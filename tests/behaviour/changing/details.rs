//! Names, job titles, needs, the organisation and the invoice.

use super::{Graz, OPERATIONS, says, to};
use crate::{
    managing::three_from_graz,
    registering::{count, mails},
    support::TestApp,
};

#[tokio::test]
async fn an_attendee_corrects_their_name_and_job_title_and_everybody_concerned_is_told() {
    let mut graz = Graz::registers().await;
    let boris = graz.app.delegate();
    let page = boris.opens(&graz.boris).await;
    let form = boris.follows(&page, "Correct the details of Boris").await.form("Save");
    let page = boris.sends(form.fill("Name", "Boris Maier").fill("Job title", "CIO")).await;
    assert_eq!(page.redirected_by, Some(303));
    page.must_say("Corrected.").must_say("Boris Maier").must_say("CIO");
    let told = graz.told(3).await;
    for address in ["boris@graz.example", "anna@graz.example", OPERATIONS] {
        let mail = to(&told, address);
        for words in ["Name", "before: Boris", "now: Boris Maier", "Job title", "before: nothing", "now: CIO"] {
            says(mail, words);
        }
    }
    assert!(to(&told, "boris@graz.example").subject().starts_with("Your details were changed"));
    says(to(&told, "anna@graz.example"), "The details of Boris Maier");
    assert_eq!(to(&told, OPERATIONS).reply_to(), ("Boris Maier".to_owned(), "boris@graz.example".to_owned()));
    graz.app.delegate().opens(&to(&told, "boris@graz.example").link("/manage/")).await.must_say("Boris Maier");
    let staff = graz.app.staff().await;
    let page = staff.opens("/staff/leipzig-2018/attendees").await;
    let page = staff.follows(&page, "Boris Maier").await;
    page.must_say("Attendee corrected by the delegate").must_say("Job title: nothing").must_say("became CIO");
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_the_field_and_everything_typed_stays() {
    let app = TestApp::start().await;
    let [_, boris, _] = three_from_graz(&app).await;
    let delegate = app.delegate();
    let page = delegate.opens(&boris).await;
    let form = delegate.follows(&page, "Correct the details of Boris").await.form("Save");
    let form = form.fill("Name", " ").fill("Job title", "CIO").fill("Dietary needs", "no nuts");
    let page = delegate.sends(form).await;
    page.must_be(422);
    assert_eq!(page.error_beside("Name").as_deref(), Some("Give the name"));
    page.must_say("Tick this to agree, or delete the needs.");
    assert_eq!(page.form("Save").value("Job title"), "CIO");
    assert_eq!(page.form("Save").value("Dietary needs"), "no nuts");
    assert!(mails(&app).await.is_empty());
}

#[tokio::test]
async fn saving_without_a_change_tells_nobody() {
    let app = TestApp::start().await;
    let [contact, boris, _] = three_from_graz(&app).await;
    let delegate = app.delegate();
    let page = delegate.opens(&boris).await;
    let form = delegate.follows(&page, "Correct the details of Boris").await.form("Save");
    delegate.sends(form).await.must_be(200).must_not_say("Corrected.");
    let page = delegate.opens(&contact).await;
    let form = delegate.follows(&page, "Correct these details").await.form("Save");
    delegate.sends(form).await.must_be(200).must_not_say("Corrected.");
    assert!(mails(&app).await.is_empty());
    assert_eq!(count(&app, "select count(*) from audit where kind like '%corrected'").await, 0);
}

#[tokio::test]
async fn needs_are_given_and_replaced_with_consent_and_no_page_and_no_mail_shows_them() {
    let mut graz = Graz::registers().await;
    let boris = graz.app.delegate();
    let mut pages = Vec::new();
    for needs in ["no nuts", "no fish"] {
        let page = boris.opens(&graz.boris).await;
        let open = boris.follows(&page, "Correct the details of Boris").await;
        let label = "I agree that the conference staff may use this information to arrange food and access, and for nothing else. You can withdraw your consent at any time.";
        let form = open.form("Save").fill("Dietary needs", needs).tick(label);
        pages.push(open);
        pages.push(boris.sends(form).await);
        let told = graz.told(3).await;
        for mail in &told {
            says(mail, "Dietary or access needs were changed.");
            assert!(!mail.text().contains(needs) && !mail.html().contains(needs), "{}", mail.text());
        }
    }
    for page in pages {
        page.must_not_say("no nuts").must_not_say("no fish");
    }
    let kept: (String, String) = sqlx::query_as(
        "select dietary, consent_wording from attendee_needs join attendee on id = attendee_id where name = 'Boris'",
    )
    .fetch_one(&graz.app.db)
    .await
    .expect("his needs");
    assert_eq!(kept.0, "no fish");
    assert!(kept.1.starts_with("I agree that"), "{}", kept.1);
    // Leaving the fields empty keeps them.
    let page = boris.opens(&graz.boris).await;
    let form = boris.follows(&page, "Correct the details of Boris").await.form("Save");
    boris.sends(form.fill("Job title", "CIO")).await.must_say("Corrected.");
    assert_eq!(count(&graz.app, "select count(*) from attendee_needs where dietary = 'no fish'").await, 1);
    assert_eq!(count(&graz.app, "select count(*) from audit_value where after like 'no %'").await, 0);
    assert_eq!(count(&graz.app, "select count(*) from message where data::text like '%no fish%'").await, 0);
}

#[tokio::test]
async fn the_contact_corrects_every_attendee_and_an_attendee_only_themself() {
    let app = TestApp::start().await;
    let [contact, boris, carla] = three_from_graz(&app).await;
    let delegate = app.delegate();
    for name in ["Anna", "Boris", "Carla"] {
        let page = delegate.opens(&contact).await;
        let form = delegate.follows(&page, &format!("Correct the details of {name}")).await.form("Save");
        delegate.sends(form.fill("Job title", &format!("Job of {name}"))).await.must_say(&format!("Job of {name}"));
    }
    let page = delegate.opens(&boris).await;
    let form = delegate.follows(&page, "Correct the details of Boris").await.form("Save");
    let of_carla = delegate.opens(&carla).await.link("Correct the details of Carla").replace(&carla, &boris);
    delegate.tries(&of_carla).await.must_be(404);
    delegate.sends(form.fill("Job title", "Hacker").to(&of_carla)).await.must_be(404);
    delegate.tries(&format!("{boris}/registration")).await.must_be(404);
    assert_eq!(count(&app, "select count(*) from attendee where job_title = 'Job of ' || name").await, 3);
}

#[tokio::test]
async fn the_contact_corrects_the_organisation_and_the_invoice() {
    let mut graz = Graz::registers().await;
    let anna = graz.app.delegate();
    let page = anna.opens(&graz.anna).await;
    let page = anna.follows(&page, "Correct these details").await;
    let form = page.form("Save");
    assert_eq!(form.value("Purchase-order number"), "PO 4711");
    assert!(!form.labels().contains(&"Name".to_owned()), "the name of a contact who attends is the attendee's");
    let form = form
        .fill("Telephone", "+43 316 872-0")
        .fill("Organisation", "Stadt Linz")
        .fill("City", "Linz")
        .choose("Country", "Germany")
        .fill("Purchase-order number", "")
        .fill("Invoice address", "Finance\nHauptplatz 2");
    let page = anna.sends(form).await;
    page.must_say("Corrected.").must_say("Stadt Linz").must_say("Linz, Germany").must_say("+43 316 872-0");
    page.must_say("None given").must_say("Hauptplatz 2");
    let told = graz.told(2).await;
    for address in ["anna@graz.example", OPERATIONS] {
        for words in ["before: Austria", "now: Germany", "before: PO 4711", "now: Finance, Hauptplatz 2"] {
            says(to(&told, address), words);
        }
    }
    let staff = graz.app.staff().await;
    let page = staff.opens("/staff/leipzig-2018/attendees?q=linz").await;
    let page = staff.follows(&page, "Carla").await;
    page.must_say("Registration corrected by the delegate").must_say("Country: Austria").must_say("became Germany");
}

#[tokio::test]
async fn two_people_who_correct_at_once_see_both_versions_and_lose_nothing() {
    let app = TestApp::start().await;
    let [contact, boris, _] = three_from_graz(&app).await;
    let (anna, him) = (app.delegate(), app.delegate());
    let page = anna.opens(&contact).await;
    let of_anna = anna.follows(&page, "Correct the details of Boris").await.form("Save");
    let page = him.opens(&boris).await;
    let of_boris = him.follows(&page, "Correct the details of Boris").await.form("Save");
    anna.sends(of_anna.fill("Job title", "CIO")).await.must_say("Corrected.");
    let page = him.sends(of_boris.fill("Name", "Boris Maier").fill("Job title", "CTO")).await;
    page.must_be(409).must_say("Not saved.").must_say("Somebody else changed these details").must_say("CIO");
    let form = page.form("Save mine");
    assert_eq!((form.value("Name"), form.value("Job title")), ("Boris Maier".into(), "CTO".into()));
    him.sends(form.fill("Job title", "CIO and CTO")).await.must_say("Corrected.").must_say("CIO and CTO");
}

#[tokio::test]
async fn a_name_that_makes_the_same_person_twice_is_refused() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    sqlx::query(
        "update attendee set email = 'anna@graz.example', email_normalised = 'anna@graz.example' where name = 'Boris'",
    )
    .execute(&app.db)
    .await
    .expect("a shared mailbox");
    let anna = app.delegate();
    let page = anna.opens(&contact).await;
    let form = anna.follows(&page, "Correct the details of Boris").await.form("Save");
    let page = anna.sends(form.fill("Name", "ANNA")).await;
    page.must_be(422);
    assert!(page.error_beside("Name").is_some_and(|error| error.contains("same name and e-mail address")));
}
