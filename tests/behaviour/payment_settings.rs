//! Organisers set the currency, VAT and the bank account for fees.

use super::categories::{category, sets_account, sets_fee};
use crate::support::{LEIPZIG, Page, Person, TestApp};

async fn payments(person: &Person) -> Page {
    person.opens(&format!("/administration{LEIPZIG}/payments")).await
}

#[tokio::test]
async fn the_account_is_checked_and_shown_as_on_paper() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = payments(&olga).await.form("Save");
    assert_eq!((form.value("Currency").as_str(), form.value("Days to pay").as_str()), ("EUR", "30"));
    let form = form
        .choose("Currency", "CHF")
        .fill("VAT in per cent", "7,7 %")
        .fill("What delegates read about VAT", "All fees include 7.7 % VAT.")
        .fill("Account holder", "Major Cities of Europe")
        .fill("IBAN", "de89370400440532013000")
        .fill("BIC", "cobadeff xxx")
        .fill("Bank", "Commerzbank")
        .fill("Days to pay", "14");
    olga.sends(form).await.must_be(200).must_say("Saved");
    let form = payments(&olga).await.form("Save");
    for (label, value) in [
        ("Currency", "CHF"),
        ("VAT in per cent", "7.7"),
        ("IBAN", "DE89 3704 0044 0532 0130 00"),
        ("BIC", "COBADEFFXXX"),
        ("Days to pay", "14"),
    ] {
        assert_eq!(form.value(label), value, "{label}");
    }
}

#[tokio::test]
async fn wrong_payment_settings_get_their_errors() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = payments(&olga).await.form("Save");
    let form = form.fill("VAT in per cent", "a fifth").fill("IBAN", "DE89 3704 0044 0532 0130 01").fill("BIC", "COBA");
    let page = olga.sends(form.fill("Days to pay", "0")).await;
    page.must_be(422);
    let wrong: Vec<_> = page.errors().into_iter().map(|(label, _)| label).collect();
    assert_eq!(wrong, ["VAT in per cent", "IBAN", "BIC", "Days to pay"]);
    assert!(page.error_beside("IBAN").is_some_and(|words| words.contains("typing error")));
    assert_eq!(page.form("Save").value("IBAN"), "DE89 3704 0044 0532 0130 01");
}

#[tokio::test]
async fn a_category_on_the_form_has_no_fee_before_there_is_an_account() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    let page = ada.sends(category(&ada, "Member city").await.form("Save").fill("Fee", "450")).await;
    page.must_be(422);
    assert!(
        page.error_beside("Fee").is_some_and(|words| words.contains("First set the bank account")),
        "{:?}",
        page.errors()
    );
    // Staff assign this category, so no delegate chooses it.
    ada.sends(category(&ada, "Speaker").await.form("Save").fill("Fee", "450")).await.must_be(200);
    let page = ada
        .sends(category(&ada, "Speaker").await.form("Save").choose("Who can choose it", "Delegates, on the form"))
        .await;
    page.must_be(422);
    sets_account(&ada).await;
    ada.sends(page.form("Save")).await.must_be(200);
}

#[tokio::test]
async fn the_account_stays_while_a_category_on_the_form_has_a_fee() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    sets_fee(&ada, "450").await;
    let page = ada.sends(payments(&ada).await.form("Save").fill("Account holder", "").fill("IBAN", "")).await;
    page.must_be(422);
    let wrong: Vec<_> = page.errors().into_iter().map(|(label, _)| label).collect();
    assert_eq!(wrong, ["Account holder", "IBAN"]);
    ada.sends(category(&ada, "Member city").await.form("Save").fill("Fee", "")).await.must_be(200);
    ada.sends(page.form("Save")).await.must_be(200).must_say("Saved");
}

#[tokio::test]
async fn two_people_who_change_the_payment_settings_at_once_lose_nothing() {
    let app = TestApp::start().await;
    let (ada, olga) = (app.administrator().await, app.organiser().await);
    let slow = payments(&olga).await.form("Save").fill("Bank", "Sparkasse");
    let quick = payments(&ada).await.form("Save").fill("Days to pay", "14");
    ada.sends(quick).await.must_be(200);
    let page = olga.sends(slow).await;
    page.must_be(409).must_say("while you were typing");
    olga.sends(page.form("Save")).await.must_be(200);
    let form = payments(&ada).await.form("Save");
    assert_eq!((form.value("Days to pay").as_str(), form.value("Bank").as_str()), ("14", "Sparkasse"));
}

#[tokio::test]
async fn a_conference_without_fees_shows_delegates_no_amounts() {
    let app = TestApp::start().await;
    sets_account(&app.administrator().await).await;
    let page = app.delegate().opens(&format!("{LEIPZIG}/register")).await;
    for words in ["EUR", "IBAN", "VAT", "Categories and fees"] {
        page.must_not_say(words);
    }
    assert!(page.form("Register").offers("Category", "Member city"));
}
