//! Four people change registrations at random and at once: no place is given twice, nobody waits for a free one, and nobody is skipped
//! or lost.

use sqlx::PgPool;

use super::{filled, limits, none, open_form, secret_of, wrong};
use crate::{
    dice::Dice,
    support::{Person, TestApp},
};

const CATEGORIES: [&str; 3] = ["Member city", "University", "Private organisation"];

/// Notes the rank of everybody who joins a queue, or another one, and the order in which they are offered places.
const NOTES: &str = "
    create table joined (attendee_id uuid primary key, category_id uuid, rank numeric);
    create table offered (number bigint generated always as identity, attendee_id uuid, category_id uuid, rank numeric);
    create function note_joined() returns trigger language plpgsql as $$ begin
        insert into joined values (new.id, new.category_id, new.queue_rank)
            on conflict (attendee_id) do update set category_id = excluded.category_id, rank = excluded.rank;
        return null; end $$;
    create trigger note_joined after insert or update on attendee for each row when (new.queue_rank is not null)
        execute function note_joined();
    create function note_offered() returns trigger language plpgsql as $$ begin
        insert into offered (attendee_id, category_id, rank)
            select attendee_id, category_id, rank from joined where attendee_id = new.attendee_id;
        return null; end $$;
    create trigger note_offered after insert on offer for each row execute function note_offered();
    grant all on joined, offered to public;";

/// Member cities pay 450, universities 300, and private organisations nothing.
const FEES: &str = "
    update registration_settings set account_holder = 'MCE', iban = 'DE02120300000000202051';
    update category set fee_cents = case slug when 'member-city' then 45000 when 'university' then 30000 else 0 end;";

/// What must hold of the amounts at every commit, as a list of what does not.
async fn wrong_amounts(db: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "select attendee.name || ' is ' || state || ' in ' || category.slug || ' and owes ' || owed || ' with ' || open || ' open lines'
         from attendee join category on category.id = attendee.category_id
         cross join lateral (
             select coalesce(sum(amount_cents), 0) as owed from charge where attendee_id = attendee.id) as all_lines
         cross join lateral (
             select count(*) as open, coalesce(sum(amount_cents), 0) as owed_open from charge line
             where attendee_id = attendee.id and kind <> 'reversal'
                 and not exists (select from charge where reverses_id = line.id)) as open_lines
         where owed <> owed_open or open > 1
             or state = 'confirmed' and owed <> fee_cents
             or state in ('waiting', 'offered') and owed <> 0
             or state = 'cancelled' and owed not in (0, fee_cents)",
    )
    .fetch_all(db)
    .await
    .expect("the amounts")
}

/// The events of the history and the mails that tell operations of them, where their numbers differ.
async fn untold(db: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "with told (mail, events) as (values
             ('operations_offer', '{place_offered}'::text[]),
             ('operations_cancellation', '{attendee_cancelled,offer_declined,offer_lapsed}'),
             ('operations_confirmation', '{registration_kept,offer_accepted,attendee_reinstated}'),
             ('operations_change', '{attendee_transferred,attendee_category_changed}'))
         select mail || ': ' || sent || ' mails, ' || happened || ' events'
         from told
         cross join lateral (select count(*) as sent from message where kind = mail) as sent
         cross join lateral (select count(*) as happened from audit where kind = any(events)) as happened
         where sent <> happened",
    )
    .fetch_all(db)
    .await
    .expect("the mails")
}

/// Returns the name of somebody in this state, if there is anybody.
async fn somebody(db: &PgPool, state: &str, dice: &mut Dice) -> Option<String> {
    let names: Vec<String> = sqlx::query_scalar("select name from attendee where state = $1 order by name")
        .bind(state)
        .fetch_all(db)
        .await
        .expect("names");
    (!names.is_empty()).then(|| names[dice.throw(names.len())].clone())
}

async fn registers(delegate: &Person, name: &str, dice: &mut Dice) {
    let page = delegate.opens("/leipzig-2018/register").await;
    let mut page = delegate.sends(filled(open_form(&page), name, CATEGORIES[dice.throw(3)])).await;
    if page.has_form("Join the waiting list") {
        page = delegate.sends(page.form("Join the waiting list")).await;
    }
    assert!(
        page.says("You are registered") || page.says("You are on the waiting list"),
        "{} {}",
        page.status,
        page.text()
    );
}

/// Checks the answer to somebody's own link, which ends when the place is transferred in between.
fn answered(status: u16) {
    assert!([200, 404].contains(&status), "{status}");
}

/// Answers the offer to somebody, who may have answered or been cancelled meanwhile.
async fn answers(delegate: &Person, db: &PgPool, name: &str, accepts: bool) {
    let path = format!("/offers/{}", secret_of(db, name, true).await);
    let path = if accepts { path } else { format!("{path}/decline") };
    let page = delegate.tries(&path).await;
    let button = if accepts { "Accept the place" } else { "Yes, decline" };
    if page.has_form(button) {
        answered(delegate.sends(page.form(button)).await.status);
    }
}

async fn cancels(delegate: &Person, db: &PgPool, name: &str) {
    let secret = secret_of(db, name, true).await;
    let page = delegate.tries(&format!("/manage/{secret}/cancel")).await;
    if page.has_form("Yes, cancel") {
        answered(delegate.sends(page.form("Yes, cancel")).await.status);
    }
}

/// Changes somebody to another category, if one has a free place.
async fn chooses(delegate: &Person, db: &PgPool, name: &str, dice: &mut Dice) {
    let secret = secret_of(db, name, false).await;
    let page = delegate.opens(&format!("/manage/{secret}")).await;
    let Some((_, path)) = page.links().into_iter().find(|(said, _)| said.starts_with("Change category")) else {
        return;
    };
    let page = delegate.opens(&path).await;
    if !page.has_form("Save") || !page.form("Save").labels().contains(&"Category".to_owned()) {
        return;
    }
    let mut form = page.form("Save");
    let offered = form.choices("Category");
    let status = delegate.sends(form.choose("Category", &offered[1 + dice.throw(offered.len() - 1)])).await.status;
    assert!([200, 409, 422].contains(&status), "changing the category: {status}");
}

/// Gives somebody's place to somebody else.
async fn transfers(delegate: &Person, db: &PgPool, name: &str, to: &str) {
    let secret = secret_of(db, name, false).await;
    let page = delegate.opens(&format!("/manage/{secret}")).await;
    let Some((_, path)) = page.links().into_iter().find(|(said, _)| said.starts_with("Transfer the place")) else {
        return;
    };
    let page = delegate.opens(&path).await;
    if page.has_form("Transfer the place") {
        let form = page.form("Transfer the place").fill("Name", to).fill("E-mail", &super::address(to));
        let status = delegate.sends(form).await.status;
        assert!([200, 409].contains(&status), "transferring: {status}");
    }
}

/// Undoes a cancellation with the manage link.
async fn undoes(delegate: &Person, db: &PgPool, name: &str) {
    let secret = secret_of(db, name, false).await;
    let page = delegate.opens(&format!("/manage/{secret}")).await;
    let button = format!("Undo the cancellation of {name}");
    if page.has_form(&button) {
        delegate.sends(page.form(&button)).await.must_be(200);
    }
}

async fn reinstates(staff: &Person, db: &PgPool, name: &str) {
    let id: String = sqlx::query_scalar("select id::text from attendee where name = $1")
        .bind(name)
        .fetch_one(db)
        .await
        .expect("them");
    let page = staff.opens(&format!("/staff/leipzig-2018/attendees/{id}/reinstate")).await;
    if page.has_form("Undo the cancellation") {
        let status = staff.sends(page.form("Undo the cancellation")).await.status;
        assert!([200, 409].contains(&status), "undoing a cancellation: {status}");
    }
}

/// Sets the number of places of the conference or of a category.
async fn limits_places(ada: &Person, dice: &mut Dice) {
    let settings = ada.opens("/administration/leipzig-2018").await;
    let form = match dice.throw(4) {
        0 => settings.form("Save and publish").fill("Places in all", &(8 + dice.throw(5)).to_string()),
        number => {
            let page = ada.follows(&settings, CATEGORIES[number - 1]).await;
            let places = if dice.throw(6) == 0 { String::new() } else { (1 + dice.throw(5)).to_string() };
            page.form("Save").fill("Places", &places)
        }
    };
    let status = ada.sends(form).await.status;
    assert!([200, 409, 422].contains(&status), "changing the number of places: {status}");
}

/// Lets an open offer lapse with the next look of the job.
async fn lapses(db: &PgPool, name: &str) {
    sqlx::query(
        "update offer set offered_at = now() - interval '2 days', remind_at = now() - interval '1 day', lapses_at = now()
         from attendee where attendee.id = attendee_id and name = $1 and ended_at is null",
    )
    .bind(name)
    .execute(db)
    .await
    .expect("the offer");
}

/// Does one thing at random. Returns its number, or `None` if there was nobody for it.
async fn does(person: &Person, delegate: &Person, db: &PgPool, name: &str, dice: &mut Dice) -> Option<usize> {
    let what = dice.throw(16);
    match what {
        0..4 => registers(delegate, name, dice).await,
        4 => cancels(delegate, db, &somebody(db, "confirmed", dice).await?).await,
        5 => cancels(delegate, db, &somebody(db, "waiting", dice).await?).await,
        6 => answers(delegate, db, &somebody(db, "offered", dice).await?, true).await,
        7 => answers(delegate, db, &somebody(db, "offered", dice).await?, false).await,
        8 => lapses(db, &somebody(db, "offered", dice).await?).await,
        9 => reinstates(person, db, &somebody(db, "cancelled", dice).await?).await,
        10 => chooses(delegate, db, &somebody(db, "confirmed", dice).await?, dice).await,
        11 => chooses(delegate, db, &somebody(db, "waiting", dice).await?, dice).await,
        12 => transfers(delegate, db, &somebody(db, "confirmed", dice).await?, &format!("{name} instead")).await,
        13 => undoes(delegate, db, &somebody(db, "cancelled", dice).await?).await,
        _ => limits_places(person, dice).await,
    }
    Some(what)
}

#[tokio::test]
async fn whatever_four_people_do_at_once_no_place_is_given_twice_and_nobody_is_skipped_or_lost() {
    let app = TestApp::start().await;
    sqlx::raw_sql(NOTES).execute(&app.db).await.expect("the tables");
    for (slug, places) in [("member-city", 3), ("university", 2), ("private", 4), ("", 8)] {
        limits(&app.db, slug, Some(places)).await;
    }
    sqlx::raw_sql(FEES).execute(&app.db).await.expect("the fees");
    let mut people = tokio::task::JoinSet::new();
    for number in 0..4_u64 {
        let (person, delegate, db) = (app.administrator().await, app.delegate(), app.db.clone());
        people.spawn(async move {
            let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (number + 1));
            let mut done = Vec::new();
            for operation in 0..60 {
                let name = format!("Person {number} {operation}");
                done.extend(does(&person, &delegate, &db, &name, &mut dice).await);
                let wrong = [wrong(&db).await, wrong_amounts(&db).await].concat();
                assert!(
                    wrong.is_empty(),
                    "after {operation} operations, the last of which was {:?}: {wrong:?}",
                    done.last()
                );
            }
            done
        });
    }
    let done: Vec<usize> = people.join_all().await.into_iter().flatten().collect();
    for what in 0..16 {
        assert!(done.contains(&what), "nobody did number {what}: {done:?}");
    }
    let registered = i64::try_from(done.iter().filter(|what| **what < 4).count()).expect("a small number");
    let kept: i64 = sqlx::query_scalar("select count(*) from attendee").fetch_one(&app.db).await.expect("a number");
    assert_eq!(kept, registered, "nobody is lost");
    // In each category, places are offered in the order of the ranks, and whoever still waits comes after all of them.
    let skipped: Vec<String> = sqlx::query_scalar(
        "with in_order as (
             select name, rank, offered.category_id, lag(rank) over (partition by offered.category_id order by number) as before
             from offered join attendee on attendee.id = attendee_id
         )
         select name from in_order where rank < before
         union all
         select name from attendee
         where queue_rank < (select max(rank) from in_order where in_order.category_id = attendee.category_id)",
    )
    .fetch_all(&app.db)
    .await
    .expect("names");
    none(&skipped);
    none(&untold(&app.db).await);
    let offers: i64 = sqlx::query_scalar("select count(*) from offered").fetch_one(&app.db).await.expect("a number");
    assert!(offers > 10, "{offers} offers");
}
