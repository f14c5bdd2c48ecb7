-- Counts of attendees and of amounts, so that no page has to read a hundred thousand rows to say how many there are. The program
-- counts an attendee when it fills in the row of attendee_listing (src/store/registrations/attendees/listing.rs), one batch
-- after the other. So a registration never waits for a counter, and a page that fills in what is pending shows the figures of
-- that moment. Triggers keep the sums, so that they always agree with the rows.

alter table attendee_listing
    -- Whether something has changed since the row was filled in and counted. It replaces is_stale, which an older instance sets
    -- to false although it counts nothing. The next release drops that.
    add column is_pending boolean not null default true;
create index attendee_listing_pending on attendee_listing (attendee_id) where is_pending;
create index attendee_listing_by_state on attendee_listing (conference_id, state);

-- As what each attendee is counted.
create table attendee_counted (
    attendee_id   uuid primary key constraint attendee_counted_attendee references attendee on delete cascade,
    conference_id uuid not null,
    state         text collate "C" not null,
    -- The day of the registration in the conference's zone.
    day           date not null,
    category_id   uuid not null,
    country       text collate "C" not null,
    -- Folded, as in attendee_listing.
    city          text collate "C" not null,
    organisation  text collate "C" not null,
    has_needs     boolean not null,
    owes          boolean not null
);

-- How many attendees of each state there are of a kind, such as those from one country. Kinds: all, day, category, country,
-- city, needs, owes. Those without a value of their own (all, needs, owes) have an empty one. The kind organisation counts only
-- those who come, without a state, so that an index finds the organisations with most people.
create table attendee_count (
    conference_id uuid not null constraint attendee_count_conference references conference on delete cascade,
    kind          text collate "C" not null,
    value         text collate "C" not null,
    state         text collate "C" not null,
    number        bigint not null constraint attendee_count_not_negative check (number >= 0),
    primary key (conference_id, kind, value, state)
) with (fillfactor = 50);
create index attendee_count_of_organisations on attendee_count (conference_id, number desc, value) where kind = 'organisation';

create function attendees_counted() returns trigger language plpgsql as $$
declare
    added   attendee_counted[] := '{}';
    removed attendee_counted[] := '{}';
    changes attendee_count[];
begin
    if tg_op <> 'DELETE' then
        added := array(select row(after.*)::attendee_counted from after);
    end if;
    if tg_op <> 'INSERT' then
        removed := array(select row(before.*)::attendee_counted from before);
    end if;
    -- In the order of the keys, which prevents deadlocks.
    changes := array(
        select row(conference_id, kind, value, of_state, sum(step))::attendee_count
        from (select one.*, 1 as step from unnest(added) one union all select one.*, -1 from unnest(removed) one) one
        cross join lateral (values
            ('all', '', state), ('day', to_char(day, 'YYYY-MM-DD'), state), ('category', category_id::text, state), ('country', country, state),
            ('city', city, state), ('needs', case when has_needs then '' end, state), ('owes', case when owes then '' end, state),
            ('organisation', case when state = 'confirmed' then organisation end, '')
        ) as its (kind, value, of_state)
        where value is not null
        group by conference_id, kind, value, of_state having sum(step) <> 0
        order by conference_id, kind, value, of_state);
    insert into attendee_count (conference_id, kind, value, state, number)
    select conference_id, kind, value, state, 0 from unnest(changes) where number > 0
    on conflict do nothing;
    update attendee_count counted set number = counted.number + change.number
    from unnest(changes) change
    where (counted.conference_id, counted.kind, counted.value, counted.state)
        = (change.conference_id, change.kind, change.value, change.state);
    return null;
end $$;
create trigger attendee_counted_when_new after insert on attendee_counted referencing new table as after
    for each statement execute function attendees_counted();
create trigger attendee_counted_when_changed after update on attendee_counted referencing old table as before new table as after
    for each statement execute function attendees_counted();
create trigger attendee_counted_when_deleted after delete on attendee_counted referencing old table as before
    for each statement execute function attendees_counted();

-- The days are those of the conference's zone.
create function days_counted() returns trigger language plpgsql as $$
begin
    -- The lock of whoever fills in the list.
    perform pg_advisory_xact_lock(hashtextextended('attendee_listing', 0));
    update attendee_counted counted set day = (attendee.created_at at time zone new.time_zone)::date
    from attendee where attendee.id = counted.attendee_id and counted.conference_id = new.id;
    return null;
end $$;
create trigger days_counted after update of time_zone on conference for each row
    when (old.time_zone is distinct from new.time_zone) execute function days_counted();

-- What each registration owes and has paid, of those that ever did, as it is counted.
create table balance_counted (
    registration_id uuid primary key constraint balance_counted_registration references registration on delete cascade,
    conference_id uuid not null,
    owed_cents    bigint not null,
    paid_cents    bigint not null,
    kind          text collate "C" not null generated always as (case
        when owed_cents > paid_cents then 'open' when owed_cents < paid_cents then 'overpaid' else 'settled' end) stored
);
create index balance_counted_by_kind on balance_counted (conference_id, kind, registration_id);

-- The sums of each kind.
create table balance_count (
    conference_id uuid not null constraint balance_count_conference references conference on delete cascade,
    kind          text collate "C" not null,
    registrations bigint not null constraint balance_count_not_negative check (registrations >= 0),
    owed_cents    bigint not null,
    paid_cents    bigint not null,
    primary key (conference_id, kind)
) with (fillfactor = 50);

create function balances_counted() returns trigger language plpgsql as $$
declare
    added   balance_counted[] := '{}';
    removed balance_counted[] := '{}';
    changes balance_count[];
begin
    if tg_op <> 'DELETE' then
        added := array(select row(after.*)::balance_counted from after);
    end if;
    if tg_op <> 'INSERT' then
        removed := array(select row(before.*)::balance_counted from before);
    end if;
    changes := array(
        select row(conference_id, kind, sum(step), sum(step * owed_cents), sum(step * paid_cents))::balance_count
        from (select one.*, 1 as step from unnest(added) one union all select one.*, -1 from unnest(removed) one) one
        group by conference_id, kind
        having sum(step) <> 0 or sum(step * owed_cents) <> 0 or sum(step * paid_cents) <> 0
        order by conference_id, kind);
    insert into balance_count (conference_id, kind, registrations, owed_cents, paid_cents)
    select conference_id, kind, 0, 0, 0 from unnest(changes) where registrations > 0
    on conflict do nothing;
    update balance_count counted
    set registrations = counted.registrations + change.registrations, owed_cents = counted.owed_cents + change.owed_cents,
        paid_cents = counted.paid_cents + change.paid_cents
    from unnest(changes) change
    where (counted.conference_id, counted.kind) = (change.conference_id, change.kind);
    return null;
end $$;
create trigger balance_counted_when_new after insert on balance_counted referencing new table as after
    for each statement execute function balances_counted();
create trigger balance_counted_when_changed after update on balance_counted referencing old table as before new table as after
    for each statement execute function balances_counted();
create trigger balance_counted_when_deleted after delete on balance_counted referencing old table as before
    for each statement execute function balances_counted();

-- What marks a row as stale marks it as pending, too.
create or replace function attendee_listed() returns trigger language plpgsql as $$
begin
    insert into attendee_listing (attendee_id, conference_id, category_id, state, created_at)
    select distinct on (a.id) a.id, a.conference_id, a.category_id, a.state, a.created_at
    from changed c
    join registration r on r.id = c.registration_id
    join attendee a on a.registration_id = r.id and (a.id = c.id or r.contact_attendee_id = c.id)
    order by a.id
    on conflict (attendee_id) do update
        set category_id = excluded.category_id, state = excluded.state, is_stale = true, is_pending = true;
    return null;
end $$;
create or replace function registration_listed() returns trigger language plpgsql as $$
begin
    update attendee_listing l set is_stale = true, is_pending = true
    from changed c join attendee a on a.registration_id = c.id
    where l.attendee_id = a.id and not (l.is_stale and l.is_pending);
    return null;
end $$;
create or replace function needs_listed() returns trigger language plpgsql as $$
begin
    update attendee_listing l set is_stale = true, is_pending = true
    from changed c where l.attendee_id = c.attendee_id and not (l.is_stale and l.is_pending);
    return null;
end $$;
create or replace function amount_listed() returns trigger language plpgsql as $$
begin
    update attendee_listing l set is_stale = true, is_pending = true
    from changed c join attendee a on a.registration_id = c.registration_id
    where l.attendee_id = a.id and not (l.is_stale and l.is_pending);
    return null;
end $$;
