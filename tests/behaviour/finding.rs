//! Staff find people by everything that a caller says, however it is spelt, and limit the list by what they are.

use super::{
    desk_list::{ATTENDEES, names},
    owing::{app_with_fees, two_from_graz},
    questions::asks_for_shirts,
    registering::{filled, form, registers},
};
use crate::support::{MailServer, Page, Person, TestApp};

const FIELD: &str = "Find an attendee";

async fn finds(staff: &Person, words: &str) -> Page {
    let form = staff.opens(ATTENDEES).await.form("Search");
    staff.sends(form.fill(FIELD, words)).await
}

async fn reference(app: &TestApp, email: &str) -> String {
    let statement =
        "select reference from registration join attendee on registration_id = registration.id where email = $1";
    sqlx::query_scalar(statement).bind(email).fetch_one(&app.db).await.expect("the reference")
}

#[tokio::test]
async fn people_are_found_however_a_caller_spells_their_name() {
    let app = TestApp::start().await;
    for (name, email) in [
        ("Jürgen Müller", "a@graz.example"),
        ("Mette Nørgaard", "b@graz.example"),
        ("Γιώργος Παπαδόπουλος", "c@graz.example"),
        ("Юлия Щербакова", "d@graz.example"),
        ("Sinéad O’Neill", "e@graz.example"),
    ] {
        registers(&app.delegate(), name, email).await;
    }
    let staff = app.staff().await;
    for (words, found) in [
        ("mueller", "Jürgen Müller"),
        ("Müller, Jürgen", "Jürgen Müller"),
        ("Jürgen Müller <a@graz.example>", "Jürgen Müller"),
        ("mailto:a@graz.example", "Jürgen Müller"),
        ("noergaard", "Mette Nørgaard"),
        ("norgard", "Mette Nørgaard"),
        ("ΠΑΠΑΔΟΠΟΥΛΟΣ", "Γιώργος Παπαδόπουλος"),
        ("papadopoulos giorgos", "Γιώργος Παπαδόπουλος"),
        ("щербакова", "Юлия Щербакова"),
        ("Yulia Shcherbakova", "Юлия Щербакова"),
        ("oneill", "Sinéad O’Neill"),
        ("O'Neill", "Sinéad O’Neill"),
    ] {
        assert_eq!(names(&finds(&staff, words).await), [found], "{words}");
    }
}

#[tokio::test]
async fn people_are_found_by_everything_they_may_say_on_the_telephone() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Boris Maier", "boris@linz.example").await;
    let delegate = app.delegate();
    let sent = filled(form(&delegate).await, "Anna Gruber", "anna@graz.example")
        .fill("Organisation", "Stadt Brüssel")
        .fill("City", "Brüssel")
        .choose("Country", "Belgium")
        .fill("Job title", "Head of Digital Services")
        .fill("Telephone", "+32 (0)2 279-22 11")
        .fill("Purchase-order number", "PO 4711/A");
    delegate.sends(sent).await.must_say("You are registered");
    let staff = app.staff().await;
    let reference = reference(&app, "anna@graz.example").await;
    let pasted =
        [format!("#{reference}"), format!("({reference}),"), reference.to_lowercase(), reference.replace('-', " ")];
    for words in [
        "brussel",
        "belgium",
        "head digital",
        "02 279 22 11",
        "0032 2 2792211",
        "+32/2/279.22.11",
        "2792211",
        "PO 4711/A",
        "4711a",
    ]
    .map(str::to_owned)
    .iter()
    .chain(&pasted)
    {
        assert_eq!(names(&finds(&staff, words).await), ["Anna Gruber"], "{words}");
    }
}

#[tokio::test]
async fn a_correction_is_found_at_once_and_the_former_name_is_not() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await;
    let staff = app.staff().await;
    let attendee = staff.follows(&finds(&staff, "gruber").await, "Anna Gruber").await;
    let form = staff.follows(&attendee, "Correct").await.form("Save");
    staff.sends(form.fill("Name", "Anna Huber").fill("City", "Villach")).await.must_say("Corrected.");
    assert_eq!(names(&finds(&staff, "huber villach").await), ["Anna Huber"]);
    finds(&staff, "gruber graz").await.must_say("0 attendees found");
}

#[tokio::test]
async fn hits_in_names_come_before_hits_elsewhere_and_enter_opens_the_first() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    delegate
        .sends(filled(form(&delegate).await, "Anna Abel", "abel@graz.example").fill("City", "Linz"))
        .await
        .must_be(200);
    registers(&app.delegate(), "Zoe Berlin", "zoe@graz.example").await;
    registers(&app.delegate(), "Wolf Linzer", "wolf@graz.example").await;
    let staff = app.staff().await;
    assert_eq!(names(&finds(&staff, "linz").await), ["Wolf Linzer", "Anna Abel"]);
    assert_eq!(names(&finds(&staff, "lin").await), ["Wolf Linzer", "Zoe Berlin", "Anna Abel"]);
    staff.opens(&format!("{ATTENDEES}?q=linz&open=first")).await.must_be(200).must_say("wolf@graz.example");
    // From any page of the desk.
    let attendee = staff.opens(&format!("{ATTENDEES}?q=zoe&open=first")).await;
    assert_eq!(attendee.heading(), "Zoe Berlin");
    let next = staff.sends(attendee.form("Find").fill("Find an attendee", "abel")).await;
    assert_eq!(next.heading(), "Anna Abel");
    // If nobody is found, the list says so. Without words, everybody is listed.
    staff.opens(&format!("{ATTENDEES}?q=nobodyatall&open=first")).await.must_say("Nobody was found");
    staff.opens(&format!("{ATTENDEES}?q=&open=first")).await.must_say("3 attendees");
}

#[tokio::test]
async fn a_typing_slip_finds_similar_names_and_says_so() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Katharina Steinbrecher", "ks@graz.example").await;
    registers(&app.delegate(), "Boris Maier", "boris@graz.example").await;
    let staff = app.staff().await;
    for words in ["steinbrehcer", "katarina stienbrecher", "steinbrächer"] {
        let page = finds(&staff, words).await;
        assert_eq!(names(&page), ["Katharina Steinbrecher"], "{words}");
    }
    finds(&staff, "steinbrehcer").await.must_say("Nobody was found with exactly these letters");
    // Enter opens nobody who is only similar.
    let list = staff.opens(&format!("{ATTENDEES}?q=steinbrehcer&open=first")).await;
    list.must_say("Nobody was found with exactly these letters");
    finds(&staff, "steinbrecher").await.must_not_say("exactly these letters");
    finds(&staff, "xyzzyquux").await.must_say("Nobody was found.");
    assert_eq!(names(&staff.opens(&format!("{ATTENDEES}?q={}", "abc".repeat(5_000))).await).len(), 0);
}

#[tokio::test]
async fn the_list_is_limited_by_what_people_are_and_each_limit_can_be_removed() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let sent = filled(form(&delegate).await, "Anna Gruber", "anna@graz.example").fill("City", "Zürich");
    delegate.sends(sent.choose("Country", "Switzerland")).await.must_be(200);
    registers(&app.delegate(), "Boris Maier", "boris@graz.example").await;
    let staff = app.staff().await;
    let search = |page: Page| page.form("Search");
    let page = staff.sends(search(staff.opens(ATTENDEES).await).choose("Country", "Switzerland")).await;
    assert_eq!(names(&page), ["Anna Gruber"]);
    page.must_say("1 attendee found: 1 confirmed");
    assert_eq!(names(&staff.sends(search(page).fill("City", "zuerich")).await), ["Anna Gruber"]);
    let page =
        staff.sends(search(staff.opens(ATTENDEES).await).choose("Country", "Switzerland").fill("City", "Graz")).await;
    page.must_say("0 attendees found");
    let without = staff.follows(&page, "Remove the filter: from Graz").await;
    assert_eq!(names(&without), ["Anna Gruber"]);
    let today = app.today();
    let since = |day: time::Date| format!("{ATTENDEES}?since={day}");
    assert_eq!(names(&staff.opens(&since(today)).await).len(), 2);
    assert_eq!(names(&staff.opens(&since(today.next_day().expect("a day"))).await).len(), 0);
    sqlx::query("update attendee set state = 'cancelled', cancelled_at = now() where name = 'Boris Maier'")
        .execute(&app.db)
        .await
        .expect("cancelled");
    staff.opens(ATTENDEES).await.must_say("2 attendees: 1 cancelled, 1 confirmed");
    let page = staff.opens(&format!("{ATTENDEES}?column=city,country,height")).await;
    assert_eq!(page.texts("thead th"), ["Choose", "Name", "City", "Country"]);
    page.must_say("a column that no longer exists: height");
}

#[tokio::test]
async fn a_payment_takes_people_off_the_list_of_those_who_owe() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let owing = format!("{ATTENDEES}?owes=yes");
    let page = staff.opens(&owing).await;
    assert_eq!(names(&page), ["Anna Gruber", "Boris Maier"]);
    page.must_say("not paid in full");
    let attendee = staff.follows(&page, "Anna Gruber").await;
    let form = staff.follows(&attendee, "Lines and payments").await.form("Record");
    staff.sends(form.fill("Amount", "800")).await.must_be(200);
    assert_eq!(names(&staff.opens(&owing).await).len(), 0);
}

#[tokio::test]
async fn people_with_needs_are_listed_until_the_needs_are_deleted() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let sent = filled(form(&delegate).await, "Anna Gruber", "anna@graz.example").fill("Dietary needs", "Vegan");
    let consent = super::registering::consent_words(1);
    delegate.sends(sent.tick(&consent)).await.must_say("You are registered");
    registers(&app.delegate(), "Boris Maier", "boris@graz.example").await;
    let staff = app.staff().await;
    let needing = format!("{ATTENDEES}?needs=yes");
    assert_eq!(names(&staff.opens(&needing).await), ["Anna Gruber"]);
    staff.opens(&format!("{ATTENDEES}?q=vegan")).await.must_say("0 attendees found");
    sqlx::query("delete from attendee_needs").execute(&app.db).await.expect("deleted");
    assert_eq!(names(&staff.opens(&needing).await).len(), 0);
}

#[tokio::test]
async fn an_answer_limits_the_list_and_a_removed_question_finds_nobody_and_says_why() {
    let app = TestApp::start().await;
    let ada = asks_for_shirts(&app).await;
    let delegate = app.delegate();
    let sent = filled(form(&delegate).await, "Anna Gruber", "anna@graz.example").choose("T-shirt size", "Small");
    delegate.sends(sent).await.must_say("You are registered");
    let form = ada.opens(ATTENDEES).await.form("Search");
    let page = ada.sends(form.choose("Answer", "Small")).await;
    assert_eq!(names(&page), ["Anna Gruber"]);
    page.must_say("T-shirt size Small");
    let other = ada.opens(ATTENDEES).await.form("Search").choose("Answer", "Very large");
    ada.sends(other).await.must_say("0 attendees found");
    for gone in ["answer=01900000-0000-7000-8000-000000000003", "category=01900000-0000-7000-8000-000000000003"] {
        let page = ada.opens(&format!("{ATTENDEES}?{gone}")).await;
        page.must_say("0 attendees found").must_say("asks for something that was removed");
    }
}

#[tokio::test]
async fn the_latest_answers_are_found_also_if_an_older_instance_fills_in_the_list() {
    let app = TestApp::start().await;
    let ada = asks_for_shirts(&app).await;
    let delegate = app.delegate();
    let sent = filled(form(&delegate).await, "Anna Gruber", "anna@graz.example").choose("T-shirt size", "Small");
    delegate.sends(sent).await.must_say("You are registered");
    let found = async |answer: &str| {
        let form = ada.opens(ATTENDEES).await.form("Search").choose("Answer", answer);
        names(&ada.sends(form).await)
    };
    let run = async |statement: &'static str| {
        sqlx::query(statement).execute(&app.db).await.expect(statement);
    };
    assert_eq!(found("Small").await, ["Anna Gruber"]);
    run("update answer set value = '{Very large}'").await;
    assert!(found("Small").await.is_empty());
    assert_eq!(found("Very large").await, ["Anna Gruber"]);
    // An older instance does not know what this row still needs.
    run("update attendee_listing set is_pending = false, is_stale = false, answers = null").await;
    assert_eq!(found("Very large").await, ["Anna Gruber"]);
    run("delete from answer").await;
    assert!(found("Very large").await.is_empty());
}

#[tokio::test]
async fn a_list_is_saved_with_a_name_that_everybody_at_the_desk_sees() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await;
    let staff = app.staff().await;
    let page = staff.opens(&format!("{ATTENDEES}?country=AT&sort=newest&column=city")).await;
    let form = staff.follows(&page, "Save this view …").await.form("Save");
    staff.sends(form.fill("Name", "")).await.must_be(422).must_say("Give the name");
    let form = staff.follows(&page, "Save this view …").await.form("Save");
    let saved = staff.sends(form.fill("Name", "From Austria")).await;
    assert_eq!(saved.texts("thead th"), ["Choose", "Name", "City"]);
    let form = staff.follows(&page, "Save this view …").await.form("Save");
    let again = staff.sends(form.fill("Name", "from  austria")).await;
    again.must_be(422).must_say("There is a view of this name");
    let colleague = app.staff().await;
    let view = colleague.follows(&colleague.opens(ATTENDEES).await, "From Austria").await;
    assert_eq!(names(&view), ["Anna Gruber"]);
    let views = colleague.follows(&view, "Saved views").await;
    colleague.sends(views.form("Remove From Austria")).await.must_say("No view is saved yet");
    // Somebody else has removed it in the meantime.
    staff.sends(views.form("Remove From Austria")).await.must_be(200).must_say("No view is saved yet");
    let saved = "select count(*) from audit where kind in ('view_saved', 'view_removed')";
    assert_eq!(super::registering::count(&app, saved).await, 2);
}

#[tokio::test]
async fn back_from_an_attendee_leads_to_the_same_place_in_the_list() {
    let app = TestApp::start().await;
    super::desk_list::many(&app, 120).await;
    let staff = app.staff().await;
    let first = staff.opens(&format!("{ATTENDEES}?country=AT")).await;
    first.must_say("120 attendees found").must_say("1–50 of 120");
    let second = staff.follows(&first, "Next page").await;
    second.must_say("51–100 of 120");
    let third = staff.follows(&second, "Next page").await;
    third.must_say("101–120 of 120");
    staff.follows(&third, "Previous page").await.must_say("51–100 of 120");
    let attendee = staff.follows(&second, &names(&second)[9]).await;
    let back = staff.follows(&attendee, "Back to the list").await;
    assert_eq!(names(&back), names(&second));
}

#[tokio::test]
async fn a_name_of_signs_that_become_sentences_breaks_no_list() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let sign = "\u{FDFA}";
    let sent = filled(form(&delegate).await, &sign.repeat(100), "x@graz.example");
    let sent = sent.fill("Organisation", &format!("{sign} ").repeat(90)).fill("City", &sign.repeat(90));
    delegate.sends(sent).await.must_be(200).must_say("You are registered");
    registers(&app.delegate(), "Boris Maier", "boris@graz.example").await;
    let staff = app.staff().await;
    assert_eq!(names(&finds(&staff, "maier").await), ["Boris Maier"]);
    for query in ["sort=sort-name", "sort=organisation", "city=graz", "q=x@graz.example"] {
        staff.opens(&format!("{ATTENDEES}?{query}")).await.must_be(200);
    }
    assert_eq!(names(&finds(&staff, &sign.repeat(60)).await), [sign.repeat(100)]);
    finds(&staff, &format!("{sign}a").repeat(100)).await.must_be(200);
}

#[tokio::test]
async fn a_list_that_asks_for_too_much_is_not_saved_and_says_why() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Boris Maier", "boris@graz.example").await;
    let staff = app.staff().await;
    let ids = (0..200).map(|_| format!("&id={}", uuid::Uuid::now_v7())).collect::<Vec<_>>().concat();
    let page = staff.opens(&format!("/staff/leipzig-2018/views?q=a{ids}")).await;
    let page = staff.sends(page.form("Save").fill("Name", "By hand")).await;
    page.must_be(422).must_say("This list cannot be saved, because too many people are chosen by hand.");
    assert_eq!(page.form("Save").value("Name"), "By hand");
}

#[tokio::test]
async fn whoever_has_an_address_or_telephone_comes_before_those_whose_contact_has_it() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Zoe Zimmer", "zoe@graz.example").await;
    let staff = app.staff().await;
    let zoe = staff.follows(&staff.opens(ATTENDEES).await, "Zoe Zimmer").await;
    let correct = staff.follows(&zoe, "Correct").await.form("Save");
    staff.sends(correct.fill("Contact’s telephone", "+43 316 8720")).await.must_say("Corrected.");
    let add = staff.follows(&zoe, "Add a person to this registration").await.form("Add this person");
    let add = add.fill("Name", "Anna Abel").fill("E-mail", "anna@graz.example").choose("Category", "Member city");
    staff.sends(add).await.must_say("Added.");
    for typed in ["zoe@graz.example", "0316/8720", "zoe@graz.example Graz"] {
        assert_eq!(names(&finds(&staff, typed).await), ["Zoe Zimmer", "Anna Abel"], "{typed}");
    }
    assert_eq!(names(&finds(&staff, "graz").await), ["Anna Abel", "Zoe Zimmer"]);
}
