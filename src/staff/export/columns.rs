//! The columns of files: their words in addresses, their headings and their cells. Structs are destructured with every field
//! named, so that a new field does not compile until it is decided whether it has a column.

use time::OffsetDateTime;

use crate::{
    documents::table::{Cell, Column, Kind},
    domain::{CancelCause, Stored, Zone, text_enum},
    store::registrations::{Registered, RegisteredAttendee, attendees::Detail},
};

/// Defines the columns: for each its word in addresses, its heading, kind and width, and its cell.
macro_rules! columns {
    (|$detail:ident: $attendee:pat_param, $registration:pat_param, $zone:ident|
     $($name:ident $word:literal $heading:literal $kind:ident $width:literal => $cell:expr,)+) => {
        text_enum! {
            /// A column about an attendee or their registration.
            pub enum AttendeeColumn {
                $(#[doc = $heading] $name = $word,)+
            }
        }

        impl AttendeeColumn {
            /// Returns the column.
            pub fn column(self) -> Column {
                match self {
                    $(Self::$name => Column::of(Kind::$kind, $heading, $width),)+
                }
            }

            /// Returns the heading.
            pub fn heading(self) -> &'static str {
                match self {
                    $(Self::$name => $heading,)+
                }
            }

            /// Returns the cell of an attendee.
            pub fn cell(self, $detail: &Detail, $zone: &Zone) -> Cell {
                let ($attendee, $registration) = (&$detail.attendee, &*$detail.registration);
                match self {
                    $(Self::$name => $cell,)+
                }
            }
        }
    };
}

columns! {
    |
        detail: RegisteredAttendee {
            id: _, registration: _, name, sort_name: _, email, job_title, category: _, category_name, code, state, queue_position,
            offered_until, cancelled_at, cancel_cause, cancel_reason, revision: _,
        },
        Registered {
            id: _, conference: _, reference, contact_attendee: _, contact_name, contact_email, contact_telephone, organisation,
            country, city, purchase_order, invoice_address, created_at, revision: _, attendees: _,
        },
        zone
    |
    Reference "reference" "Reference" Code 11 => Cell::text(reference.as_str()),
    Name "name" "Name" Plain 28 => Cell::text(name),
    Email "email" "E-mail" Plain 32 => Cell::text(email),
    JobTitle "job-title" "Job title" Plain 28 => Cell::text(job_title),
    Organisation "organisation" "Organisation" Plain 32 => Cell::text(organisation),
    City "city" "City" Plain 18 => Cell::text(city),
    Country "country" "Country" Plain 16 => Cell::text(country.name()),
    Category "category" "Category" Plain 22 => Cell::text(category_name),
    Code "code" "Code" Code 14 => Cell::text(code.as_deref().unwrap_or_default()),
    Status "status" "Status" Plain 11 => match state {
        Stored::Known(state) => Cell::text(state.as_str()),
        Stored::Newer(word) => Cell::text(word),
    },
    Contact "contact" "Contact" Plain 28 => Cell::text(contact_name),
    ContactEmail "contact-email" "Contact's e-mail" Plain 32 => Cell::text(contact_email),
    ContactTelephone "contact-telephone" "Contact's telephone" Code 20 => Cell::text(contact_telephone),
    Registered "registered" "Registered" Plain 17 => Cell::moment(zone, *created_at),
    PurchaseOrder "purchase-order" "Purchase-order number" Code 20 => Cell::text(purchase_order),
    InvoiceAddress "invoice-address" "Invoice address" Lines 36 => Cell::text(invoice_address),
    QueuePosition "queue-position" "Number in the queue" Plain 12 => queue_position.map_or(Cell::Empty, Cell::Number),
    OfferedUntil "offered-until" "Place offered until" Plain 17 => optional_moment(zone, *offered_until),
    Cancelled "cancelled" "Cancelled" Plain 17 => optional_moment(zone, *cancelled_at),
    CancelledBy "cancelled-by" "Cancelled by" Plain 20 => match cancel_cause {
        None => Cell::Empty,
        Some(Stored::Known(CancelCause::Delegate)) => Cell::text("delegate"),
        Some(Stored::Known(CancelCause::Staff)) => Cell::text("staff"),
        Some(Stored::Known(CancelCause::Declined)) => Cell::text("offer declined"),
        Some(Stored::Known(CancelCause::Lapsed)) => Cell::text("offer lapsed"),
        Some(Stored::Newer(word)) => Cell::text(word),
    },
    SortName "sort-name" "Sort name" Plain 28 => Cell::text(detail.attendee.sort_name()),
    CancelReason "cancel-reason" "Reason it was cancelled" Lines 36 => Cell::text(cancel_reason.as_deref().unwrap_or_default()),
}

fn optional_moment(zone: &Zone, at: Option<OffsetDateTime>) -> Cell {
    at.map_or(Cell::Empty, |at| Cell::moment(zone, at))
}
