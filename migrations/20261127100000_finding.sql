-- The list of attendees is searched, filtered and sorted by what the program folds (domain::search). PostgreSQL folds nothing
-- for it any more: triggers only mark a row as stale, and the program fills it in before the next search.

alter table attendee
    -- The name as lists are sorted by it, if staff have given one. Null: the last word of the name comes first.
    add column sort_name text constraint attendee_sort_name_length check (char_length(sort_name) between 1 and 200);

alter table attendee_listing
    -- Null until the row is filled in for the first time.
    alter column name drop not null,
    alter column organisation drop not null,
    alter column words drop not null,
    add column sort_name text collate "C",
    add column country   text collate "C",
    add column city      text collate "C",
    -- Whether dietary or access needs are kept, and whether the registration has not paid all that it owes.
    add column has_needs boolean not null default false,
    add column owes      boolean not null default false,
    -- Whether something has changed since the row was filled in.
    add column is_stale  boolean not null default true;

create index attendee_listing_stale on attendee_listing (attendee_id) where is_stale;
create index attendee_listing_by_sort_name on attendee_listing (conference_id, sort_name, attendee_id);
create index attendee_listing_by_country on attendee_listing (conference_id, country, state);
create index attendee_listing_by_city on attendee_listing (conference_id, city, state);
create index attendee_listing_with_needs on attendee_listing (conference_id, state) where has_needs;
create index attendee_listing_owing on attendee_listing (conference_id, state) where owes;

create or replace function attendee_listed() returns trigger language plpgsql as $$
begin
    insert into attendee_listing (attendee_id, conference_id, category_id, state, created_at)
    select distinct on (a.id) a.id, a.conference_id, a.category_id, a.state, a.created_at
    from changed c
    join registration r on r.id = c.registration_id
    join attendee a on a.registration_id = r.id and (a.id = c.id or r.contact_attendee_id = c.id)
    order by a.id
    on conflict (attendee_id) do update
        set category_id = excluded.category_id, state = excluded.state, is_stale = true;
    return null;
end $$;

create or replace function registration_listed() returns trigger language plpgsql as $$
begin
    update attendee_listing l set is_stale = true
    from changed c join attendee a on a.registration_id = c.id
    where l.attendee_id = a.id and not l.is_stale;
    return null;
end $$;

-- Needs, fees and payments.
create function needs_listed() returns trigger language plpgsql as $$
begin
    update attendee_listing l set is_stale = true from changed c where l.attendee_id = c.attendee_id and not l.is_stale;
    return null;
end $$;
create trigger needs_listed_when_new after insert on attendee_needs referencing new table as changed
    for each statement execute function needs_listed();
create trigger needs_listed_when_deleted after delete on attendee_needs referencing old table as changed
    for each statement execute function needs_listed();
create function amount_listed() returns trigger language plpgsql as $$
begin
    update attendee_listing l set is_stale = true
    from changed c join attendee a on a.registration_id = c.registration_id
    where l.attendee_id = a.id and not l.is_stale;
    return null;
end $$;
create trigger charge_listed after insert on charge referencing new table as changed
    for each statement execute function amount_listed();
create trigger payment_listed after insert on payment referencing new table as changed
    for each statement execute function amount_listed();

drop function attendee_words(attendee, registration, contact);
-- An older instance still searches with words_pattern, which uses plain. The next release drops both.

-- Lists of attendees that people at the desk have given a name. They are shared.
create table saved_view (
    id            uuid primary key,
    conference_id uuid not null references conference,
    name          text not null constraint saved_view_name_length check (char_length(name) between 1 and 100),
    -- The form in which names are compared, computed by the program (domain::text::folded).
    name_folded   text not null,
    -- The query of the list's address, without the page.
    query         text not null constraint saved_view_query_length check (char_length(query) between 1 and 4000),
    created_at    timestamptz not null default now(),
    constraint saved_view_name_unique unique (conference_id, name_folded)
);
