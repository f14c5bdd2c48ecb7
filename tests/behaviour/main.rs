//! Tests of the program's behaviour: HTTP requests to the real program on a real PostgreSQL, with a database for each
//! test.

#[path = "../support/mod.rs"]
mod support;

mod administering;
mod at_once;
mod availability;
mod backing_up;
mod changes;
mod circles;
mod crash;
mod crowding;
mod desk;
mod desk_list;
mod desk_reinstating;
mod editing;
mod editing_resumed;
mod editing_together;
mod editing_wrongly;
mod ending;
mod every_request;
mod exporting;
mod guessing;
mod house;
mod installing;
mod instances;
mod mailing;
mod managing;
mod newer;
mod outages;
mod pasting;
mod place;
mod pooler;
mod privacy;
mod program;
mod publishing;
mod reading;
mod reading_kept;
mod refused_forms;
mod registering;
mod roles;
mod serving_role;
mod sharing_forms;
mod signing_in;
mod starting;
mod surviving;
