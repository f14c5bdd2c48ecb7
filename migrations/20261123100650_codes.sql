-- Codes: invitations to a category, reduced fees, and places that are kept for an organisation.

create table code (
    id            uuid primary key,
    conference_id uuid not null references conference,
    -- As domain::code::Code writes it, however it was typed.
    code          text not null constraint code_shape check (code ~ '^[A-Z0-9-]{3,40}$'),
    category_id   uuid not null,
    -- Whom or what it is for, for organisers.
    audience      text not null constraint code_audience_length check (char_length(audience) <= 200),
    -- What somebody with the code pays, in cents. Null: the fee of the category.
    fee_cents     bigint constraint code_fee_range check (fee_cents between 0 and 100000000),
    -- How many people can use it. Null: no limit.
    uses          integer constraint code_uses_range check (uses between 1 and 20000),
    -- How many people use it: the attendees with it who are not cancelled.
    used          integer not null default 0 constraint code_used_not_negative check (used >= 0),
    -- Whether the places for its unused uses are kept.
    reserves      boolean not null default false,
    -- How many places are taken with it.
    placed        integer not null default 0 constraint code_placed_not_negative check (placed >= 0),
    -- From this instant on it cannot be used. Null: no limit.
    until         timestamptz,
    -- When it ended, by hand or because its time had come. Then no places are kept for it.
    ended_at      timestamptz,
    kept          integer not null generated always as (case when reserves and ended_at is null then uses - placed else 0 end) stored
                  constraint code_kept_not_negative check (kept >= 0),
    -- Each change of the settings increments it.
    revision      integer not null default 1,
    created_at    timestamptz not null default now(),
    constraint code_of_category unique (conference_id, id, category_id),
    constraint code_unique unique (conference_id, code),
    constraint code_not_used_up check (used <= uses),
    constraint code_reserves_a_number check (not reserves or uses is not null),
    constraint code_category foreign key (conference_id, category_id) references category (conference_id, id)
);
create index code_by_category on code (category_id);
create index code_ending on code (until) where reserves and ended_at is null;

alter table attendee add constraint attendee_code foreign key (conference_id, code_id, category_id)
    references code (conference_id, id, category_id);
alter table place add constraint place_code foreign key (conference_id, code_id, category_id)
    references code (conference_id, id, category_id);
-- A fee that a code made, which holds while the attendee uses the code.
alter table charge add column code_id uuid,
    add constraint charge_code foreign key (conference_id, code_id, category_id) references code (conference_id, id, category_id);
create index attendee_by_code on attendee (code_id) where code_id is not null;
create index place_by_code on place (code_id) where code_id is not null;

-- Somebody who moves to another category no longer uses the code.
create function leave_code() returns trigger language plpgsql as $$
begin
    new.code_id := null;
    return new;
end $$;
create trigger leave_code before update on attendee for each row
    when (old.category_id <> new.category_id and old.code_id = new.code_id) execute function leave_code();
create trigger leave_code before update on place for each row
    when (old.category_id <> new.category_id and old.code_id = new.code_id) execute function leave_code();

-- Counts the people who use a code; code_not_used_up refuses one too many. Everything that changes who uses a code has locked
-- the queue.
create function code_used() returns trigger language plpgsql as $$
begin
    update code set used = used + change.number
    from (
        select id, sum(number)::integer as number
        from (values (case when old.state <> 'cancelled' then old.code_id end, -1),
                     (case when new.state <> 'cancelled' then new.code_id end, 1)) as one (id, number)
        where id is not null group by id having sum(number) <> 0
    ) as change
    where code.id = change.id;
    return null;
end $$;
create trigger code_used_when_new after insert on attendee for each row
    when (new.code_id is not null) execute function code_used();
create trigger code_used_when_changed after update on attendee for each row
    when ((old.code_id is not null or new.code_id is not null)
        and (old.code_id is distinct from new.code_id or (old.state = 'cancelled') <> (new.state = 'cancelled')))
    execute function code_used();
create trigger code_used_when_deleted after delete on attendee for each row
    when (old.code_id is not null) execute function code_used();

-- Counts the places that are taken with a code, and returns the changes of the places that are kept for it. So a kept place that is
-- taken changes no counter of places, and one that is given back is kept again.
create function kept_counted(counts place_count[]) returns place_count[] language plpgsql as $$
declare
    kept place_count[];
begin
    with changed as (
        select code_id, sum(number)::integer as number from unnest(counts) where code_id is not null
        group by code_id having sum(number) <> 0
    ), locked as (
        select code.id, changed.number from changed join code on code.id = changed.code_id
        order by code.id for no key update of code
    ), placed as (
        update code set placed = placed + locked.number from locked where code.id = locked.id
        returning conference_id, category_id, case when reserves and ended_at is null then -locked.number else 0 end as number
    )
    select array_agg((conference_id, category_id, null, number)::place_count) into kept from placed;
    return coalesce(kept, '{}');
end $$;

-- Counts the places that are kept for a code among those that are taken, when its settings change.
create function code_kept() returns trigger language plpgsql as $$
begin
    perform count_places(array(
        select (conference_id, category_id, null, number)::place_count
        from (values (new.conference_id, new.category_id, new.kept),
                     (old.conference_id, old.category_id, -old.kept)) as one (conference_id, category_id, number)
        where number <> 0));
    return null;
end $$;
create trigger code_kept_when_new after insert on code for each row execute function code_kept();
create trigger code_kept_when_changed after update on code for each row
    when ((old.category_id, old.uses, old.reserves, old.ended_at) is distinct from (new.category_id, new.uses, new.reserves, new.ended_at))
    execute function code_kept();
create trigger code_kept_when_deleted after delete on code for each row execute function code_kept();
