-- Registrations, attendees and their places.

create table category (
    id            uuid primary key,
    conference_id uuid not null references conference,
    slug          text not null,
    name          text not null constraint category_name_length check (char_length(name) between 1 and 100),
    description   text not null default '' constraint category_description_length check (char_length(description) <= 300),
    -- Who it is for, in one line.
    audience      text not null default '' constraint category_audience_length check (char_length(audience) <= 200),
    -- In cents, with VAT. Before early_until, the early fee is asked.
    fee_cents       bigint not null default 0 constraint category_fee_range check (fee_cents between 0 and 100000000),
    early_fee_cents bigint constraint category_early_fee_not_negative check (early_fee_cents >= 0),
    early_until     timestamptz,
    -- The period in which delegates can choose it, within that of the conference. Null: no limit of its own.
    opens         timestamptz,
    closes        timestamptz,
    -- public: the form offers it. code: only with a code. staff: only staff assign it.
    access        text not null constraint category_access_known check (access in ('public', 'code', 'staff')),
    place         smallint not null default 0,
    revision      integer not null default 1,
    constraint category_of_conference unique (conference_id, id),
    constraint category_slug_unique unique (conference_id, slug),
    constraint category_early_fee_below_fee check (early_fee_cents < fee_cents),
    constraint category_early_fee_has_date check ((early_fee_cents is null) = (early_until is null)),
    constraint category_window_in_order check (opens < closes)
);
create unique index category_name_unique on category (conference_id, lower(name));
-- Whether delegates can register depends on the public categories, so a change to them is published.
create trigger publish after insert or delete on category for each statement execute function publish();
create trigger publish_changed after update on category for each row
    when (old.access is distinct from new.access or (old.fee_cents > 0) is distinct from (new.fee_cents > 0)) execute function publish();

-- How many places there are and how many are taken: one row for the whole conference (without a category) and one for
-- each category. The check capacity_holds makes overbooking impossible, even with concurrent requests.
create table capacity (
    id            uuid primary key,
    conference_id uuid not null references conference,
    category_id   uuid,
    -- Null: no limit.
    places        integer constraint capacity_not_negative check (places >= 0),
    taken         integer not null default 0 constraint capacity_taken_not_negative check (taken >= 0),
    -- What public pages show. 'few' is a tenth of the places, rounded up, and at most 20, so that a small category
    -- shows it for its last place only, and a large conference does not show it for weeks.
    availability  text not null generated always as (case
        when taken >= places then 'full'
        when places - taken <= least(20, (places + 9) / 10) then 'few'
        else 'free' end) stored,
    constraint capacity_holds check (taken <= places),
    constraint capacity_category foreign key (conference_id, category_id) references category (conference_id, id),
    constraint capacity_unique unique nulls not distinct (conference_id, category_id)
) with (fillfactor = 50);
-- Public pages change when the availability changes, not with every registration.
create trigger publish after insert or delete on capacity for each row execute function publish();
create trigger publish_changed after update on capacity for each row
    when (old.availability is distinct from new.availability) execute function publish();

create table registration (
    id             uuid primary key,
    conference_id  uuid not null references conference,
    -- The short code that people quote on the telephone.
    reference      text not null constraint registration_reference_unique unique
                   constraint registration_reference_shape check (reference ~ '^[2-9A-HJKMNP-Z]{3}-[2-9A-HJKMNP-Z]{4}$'),
    -- The contact is the person who fills in the form. One who attends has the name and address of the attendee, so that a
    -- correction applies to both; only somebody else's are stored here. Statements read either from the view contact.
    contact_attendee_id uuid,
    contact_name   text constraint registration_contact_name_length check (char_length(contact_name) between 1 and 200),
    contact_email  text constraint registration_contact_email_length check (char_length(contact_email) between 3 and 254),
    -- The form in which it is looked up, computed by the program (domain::email::normalised).
    contact_email_normalised text,
    contact_telephone text not null constraint registration_contact_telephone_length check (char_length(contact_telephone) <= 50),
    organisation   text not null constraint registration_organisation_length check (char_length(organisation) between 1 and 200),
    country        text not null constraint registration_country_shape check (country ~ '^[A-Z]{2}$'),
    city           text not null constraint registration_city_length check (char_length(city) between 1 and 200),
    purchase_order text not null constraint registration_purchase_order_length check (char_length(purchase_order) <= 100),
    invoice_address text not null constraint registration_invoice_address_length check (char_length(invoice_address) <= 1000),
    -- The version of the privacy notice that was shown with the form.
    privacy_revision_id uuid not null,
    -- Identifies the rendered form, which makes one registration however often it is sent; the hash tells whether the
    -- content is the same. Null once every attendee has been cancelled and the form was sent again.
    submission_id  uuid,
    submission_hash bytea not null,
    -- A hash over the content and the sender's network, so that the same content is not registered twice within a day,
    -- even from a newly opened form. Null once an identical registration was allowed.
    repeat_hash    bytea,
    -- Each correction increments it.
    revision       integer not null default 1,
    created_at     timestamptz not null,
    constraint registration_of_conference unique (conference_id, id),
    constraint registration_contact_once check (
        (contact_attendee_id is null) = (contact_name is not null) and (contact_attendee_id is null) = (contact_email is not null)),
    constraint registration_submission_unique unique (conference_id, submission_id),
    constraint registration_repeat_unique unique (conference_id, repeat_hash),
    constraint registration_privacy_revision foreign key (conference_id, privacy_revision_id) references revision (conference_id, id)
);

create table attendee (
    id             uuid primary key,
    conference_id  uuid not null,
    registration_id uuid not null,
    -- The position on the form, from 1. People who are added later follow.
    position       smallint not null constraint attendee_position_range check (position >= 1),
    name           text not null constraint attendee_name_length check (char_length(name) between 1 and 200),
    email          text not null constraint attendee_email_length check (char_length(email) between 3 and 254),
    -- The forms in which both are compared, computed by the program (domain::text::folded, domain::email::normalised).
    name_folded      text not null,
    email_normalised text not null constraint attendee_email_normalised check (email_normalised ~ '^[!-@\[-~]+@[!-?\[-~]+$'),
    job_title      text not null constraint attendee_job_title_length check (char_length(job_title) <= 200),
    category_id    uuid not null,
    -- The code that was given for this person, if it is for their category.
    code_id        uuid,
    state          text not null constraint attendee_state_known check (state in ('waiting', 'offered', 'confirmed', 'cancelled')),
    -- The order in which those who wait are offered places: a number of the sequence queue_rank, or one between two
    -- others after staff moved somebody. A place goes to the lowest rank whose category has one.
    queue_rank     numeric,
    cancelled_at   timestamptz,
    -- Who or what ended it: the delegate, staff, an offer that was declined, or one that lapsed.
    cancel_cause   text constraint attendee_cancel_cause_known check (cancel_cause in ('delegate', 'staff', 'declined', 'lapsed')),
    cancel_reason  text constraint attendee_cancel_reason_length check (char_length(cancel_reason) <= 500),
    -- Whether somebody said that this is not the person of the same name and address who was registered before. Also set when
    -- somebody who is on record gets the name and address of somebody else.
    is_another     boolean not null default false,
    revision       integer not null default 1,
    created_at     timestamptz not null,
    constraint attendee_of_conference unique (conference_id, id),
    constraint attendee_of_registration unique (registration_id, id),
    constraint attendee_position_unique unique (registration_id, position),
    constraint attendee_cancelled_has_time check ((state = 'cancelled') = (cancelled_at is not null)),
    constraint attendee_cancelled_has_cause check (state = 'cancelled' or cancel_cause is null),
    constraint attendee_waiting_has_rank check ((state = 'waiting') = (queue_rank is not null)),
    constraint attendee_registration foreign key (conference_id, registration_id) references registration (conference_id, id),
    constraint attendee_category foreign key (conference_id, category_id) references category (conference_id, id)
);
-- Refuses the same person twice on one form. People with different names may share a mailbox.
create unique index attendee_once_per_registration on attendee (registration_id, name_folded, email_normalised) where state <> 'cancelled';
-- Nobody is registered twice for a conference unless somebody said that they are two people.
create unique index attendee_once_per_conference on attendee (conference_id, name_folded, email_normalised)
    where state <> 'cancelled' and not is_another;
-- Of several people of one name and address, all but one are in this index, so that the desk finds them.
create index attendee_another on attendee (conference_id, email_normalised, name_folded) where state <> 'cancelled' and is_another;
create sequence queue_rank;
create unique index attendee_queue on attendee (conference_id, queue_rank) where queue_rank is not null;
-- For the position in the queue of a category.
create index attendee_queue_of_category on attendee (category_id, queue_rank) where queue_rank is not null;

alter table registration add constraint registration_contact_attendee
    foreign key (id, contact_attendee_id) references attendee (registration_id, id);

-- The name and the address of each registration's contact.
create view contact as
    select registration.id as registration_id, coalesce(attendee.name, contact_name) as name,
        coalesce(attendee.email, contact_email) as email
    from registration left join attendee on attendee.id = contact_attendee_id;

-- The place of an attendee: held, kept for them while it is offered to them, or given back.
create table place (
    id            uuid primary key,
    conference_id uuid not null,
    attendee_id   uuid not null,
    category_id   uuid not null,
    -- The code with which it was taken.
    code_id       uuid,
    state         text not null constraint place_state_known check (state in ('held', 'offered', 'given_back')),
    since         timestamptz not null,
    constraint place_attendee foreign key (conference_id, attendee_id) references attendee (conference_id, id),
    constraint place_category foreign key (conference_id, category_id) references category (conference_id, id)
);
create unique index place_one_taken on place (attendee_id) where state <> 'given_back';

-- Counts the places that are taken (held, offered, or kept for a code) at the conference and in each category; capacity_holds refuses one too many. All registrations
-- compete for these counters, so a statement that registers somebody ends with this trigger, and only the commit
-- follows. Only the counters that change are locked, in the order of their keys, which prevents deadlocks.
create type place_count as (conference_id uuid, category_id uuid, code_id uuid, number integer);
create function places_counted() returns trigger language plpgsql as $$
declare
    counts place_count[];
begin
    if tg_op = 'INSERT' then
        counts := array(select (conference_id, category_id, code_id, 1)::place_count from after where state <> 'given_back');
    elsif tg_op = 'DELETE' then
        counts := array(select (conference_id, category_id, code_id, -1)::place_count from before where state <> 'given_back');
    else
        counts := array(
            select (conference_id, category_id, code_id, 1)::place_count from after where state <> 'given_back'
            union all
            select (conference_id, category_id, code_id, -1)::place_count from before where state <> 'given_back');
    end if;
    -- A place that is taken with a code may have been kept for it, and is kept again once it is given back.
    if exists (select from unnest(counts) where code_id is not null) then
        counts := counts || kept_counted(counts);
    end if;
    perform count_places(counts);
    return null;
end $$;
create function count_places(counts place_count[]) returns void language sql as $$
    with changed_by as (
        select conference_id, category_id, sum(number) as number from unnest(counts)
        group by grouping sets ((conference_id, category_id), (conference_id)) having sum(number) <> 0
    ), locked as (
        select capacity.id, changed_by.number
        from changed_by
        join capacity on capacity.conference_id = changed_by.conference_id
            and capacity.category_id is not distinct from changed_by.category_id
        order by capacity.id for update of capacity
    )
    update capacity set taken = taken + locked.number from locked where capacity.id = locked.id;
$$;
create trigger place_counted_when_new after insert on place referencing new table as after
    for each statement execute function places_counted();
create trigger place_counted_when_changed after update on place referencing old table as before new table as after
    for each statement execute function places_counted();
create trigger place_counted_when_deleted after delete on place referencing old table as before
    for each statement execute function places_counted();

-- A person's dietary and access needs, in a table of their own so that they can be deleted first.
create table attendee_needs (
    attendee_id   uuid primary key,
    conference_id uuid not null,
    dietary       text not null constraint attendee_needs_dietary_length check (char_length(dietary) <= 500),
    access        text not null constraint attendee_needs_access_length check (char_length(access) <= 500),
    -- The exact sentence that the delegate agreed to.
    consent_wording text not null,
    consented_at  timestamptz not null,
    constraint attendee_needs_attendee foreign key (conference_id, attendee_id) references attendee (conference_id, id)
);

-- The secret links in mails. Only the hash is stored. A registration or an attendee may have several valid links.
create table link (
    id            uuid primary key,
    conference_id uuid not null,
    -- SHA-256 of the secret.
    hash          bytea not null constraint link_hash_unique unique constraint link_hash_length check (octet_length(hash) = 32),
    purpose       text not null constraint link_purpose_known check (purpose in ('manage', 'receipt', 'confirm_email', 'another_person')),
    registration_id uuid not null,
    -- If set, the link belongs to this attendee and shows only their data; if null, it belongs to the contact.
    attendee_id   uuid,
    created_at    timestamptz not null default now(),
    revoked_at    timestamptz,
    constraint link_registration foreign key (conference_id, registration_id) references registration (conference_id, id),
    constraint link_attendee foreign key (conference_id, attendee_id) references attendee (conference_id, id)
);
create index link_by_registration on link (registration_id);

create index attendee_by_registration on attendee (registration_id);
-- People who ask for their link again are found by their address.
create index attendee_by_email on attendee (conference_id, email_normalised);
create index registration_by_contact_email on registration (conference_id, contact_email_normalised)
    where contact_email_normalised is not null;

-- Removes accents and upper case, for searching and sorting people.
create function plain(text) returns text language sql immutable parallel safe strict
    return lower(public.unaccent('public.unaccent'::regdictionary, $1));
