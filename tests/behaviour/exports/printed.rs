//! Lists for paper.

use crate::{
    registering::{filled, form, registers},
    support::{LEIPZIG, TestApp},
};

#[tokio::test]
async fn printed_lists_have_the_people_who_come_by_sort_name_organisation_or_category() {
    let app = TestApp::start().await;
    for (name, organisation) in [
        ("Anna Zeman", "City of Graz"),
        ("Δημήτρης Αλεξίου", "Δήμος Άνδρου"),
        ("Ben Alder", "city of graz"),
        ("Gone Away", "X"),
    ] {
        let delegate = app.delegate();
        let sent = filled(form(&delegate).await, name, &format!("{}@graz.example", organisation.len() + name.len()));
        delegate.sends(sent.fill("Organisation", organisation)).await.must_say("You are registered");
    }
    sqlx::query("update attendee set state = 'cancelled', cancelled_at = now() where name = 'Gone Away'")
        .execute(&app.db)
        .await
        .expect("a cancellation");
    let staff = app.staff().await;
    let page = staff.opens(&format!("/staff{LEIPZIG}/export")).await;
    let door = staff.follows(&page, "Alphabetical list for the door").await;
    door.must_say("3 people who have a place").must_say("Annual conference").must_say("printed").must_not_say("Away");
    assert_eq!(door.texts("tbody th[scope=row]"), ["Alder, Ben", "Αλεξίου, Δημήτρης", "Zeman, Anna"]);
    assert_eq!(door.texts("tr.group th"), ["A", "Z"]);
    let by_organisation = staff.follows(&door, "List by organisation").await;
    assert_eq!(by_organisation.texts("tr.group th"), ["city of graz Graz, Austria", "Δήμος Άνδρου Graz, Austria"]);
    let by_category = staff.follows(&door, "List by category").await;
    assert_eq!(by_category.texts("tr.group th"), ["Member city"]);
    let filtered = staff.opens(&format!("/staff{LEIPZIG}/printed?list=door&q=zeman")).await;
    assert_eq!(filtered.texts("tbody th[scope=row]"), ["Zeman, Anna"]);
    // A list that does not exist is the first one.
    let other = staff.opens(&format!("/staff{LEIPZIG}/printed?list=hotel&q=nobody")).await;
    other.must_say("Nobody in this list has a place.");
}

#[tokio::test]
async fn a_delegate_cannot_print_a_list() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna", "anna@graz.example").await.must_say("You are registered");
    let page = app.delegate().opens(&format!("/staff{LEIPZIG}/printed")).await;
    page.must_say("Sign in").must_not_say("Anna");
}
