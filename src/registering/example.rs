//! What the form offers in tests.

use time::OffsetDateTime;

use crate::{
    domain::{Access, Capacity, Currency, Fee, Period},
    store::registrations::{
        categories::{Offer, OfferedCategory},
        codes::GivenCode,
    },
};

/// Returns an offer with one category.
pub fn offer() -> Offer {
    let capacity = Capacity { places: None, taken: 0 };
    let category = OfferedCategory {
        id: "01900000-0000-7000-8000-000000000001".parse().expect("a key"),
        name: "University".to_owned(),
        description: String::new(),
        audience: String::new(),
        fee: Fee::default(),
        period: Period::default(),
        access: Access::Public,
        capacity,
        reduced_by: None,
        is_kept: false,
    };
    Offer {
        categories: vec![category],
        whole: capacity,
        waiting_list: false,
        privacy: None,
        questions: Vec::new(),
        asks_for_code: false,
        code: GivenCode::None,
        currency: Currency::Euro,
        vat_wording: String::new(),
        at: OffsetDateTime::UNIX_EPOCH,
    }
}
