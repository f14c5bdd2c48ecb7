//! The desk's first page: the figures of a conference, each with a way to its people.

use super::{
    desk_list::{ATTENDEES, names},
    owing::{app_with_fees, two_from_graz},
    registering::registers,
};
use crate::support::{MailServer, TestApp};

const OVERVIEW: &str = "/staff/leipzig-2018";

#[tokio::test]
async fn the_overview_counts_people_and_each_figure_leads_to_them() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    staff.opens(OVERVIEW).await.must_say("Nobody has registered yet.");
    registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await;
    registers(&app.delegate(), "Boris Maier", "boris@graz.example").await;
    sqlx::query("update attendee set state = 'cancelled', cancelled_at = now() where name = 'Boris Maier'")
        .execute(&app.db)
        .await
        .expect("cancelled");
    // Whoever signs in begins there.
    let page = staff.opens("/staff").await;
    page.must_say("1 confirmed").must_say("1 cancelled").must_say("0 waiting or offered a place");
    assert_eq!(names(&staff.follows(&page, "1 confirmed").await), ["Anna Gruber"]);
    assert_eq!(names(&staff.follows(&page, "1 cancelled").await), ["Boris Maier"]);
    assert_eq!(names(&staff.follows(&page, "Austria").await), ["Anna Gruber"]);
    assert_eq!(names(&staff.follows(&page, "City of Graz").await), ["Anna Gruber"]);
    assert_eq!(page.row("Member city")[1], "1");
    let chart = &page.attributes("svg[role=img]", "aria-label")[0];
    assert!(chart.starts_with("Registrations by day: from 1 on"), "{chart}");
    let table = page.rows();
    assert!(table.iter().any(|row| row.len() == 3 && row[1] == "1" && row[2] == "1"), "{table:?}");
}

#[tokio::test]
async fn the_overview_says_what_is_open_and_which_mails_are_in_trouble() {
    let server = MailServer::start().await;
    server.answers_about("boris@graz.example", "550 5.1.1 No such mailbox");
    let (app, _) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let page = staff.opens_until(OVERVIEW, |page| page.says("failed e-mail to deal with")).await;
    page.must_say("EUR 800.00 open on 1 registration; 0.00 of 800.00 paid");
    assert_eq!(names(&staff.follows(&page, "EUR 800.00 open").await).len(), 2);
    staff.follows(&page, "1 failed e-mail to deal with").await.must_say("boris@graz.example");
    staff.opens(ATTENDEES).await.must_be(200);
}
