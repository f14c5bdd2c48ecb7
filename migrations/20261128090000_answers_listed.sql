-- The list of attendees is filtered by answers with an index, as by everything else: looking for the answers of a hundred thousand
-- people in their own table took too long.

alter table attendee_listing
    -- What a filter by an answer looks for: the id of each question that has an answer and, for a choice, the id, a colon and the
    -- choice. Answers that only people who may read needs see are not among them. Null: not filled in. An older instance does not
    -- fill this in, so a row without it counts as pending.
    add column answers text[] collate "C";
create index attendee_listing_answers on attendee_listing using gin (answers) with (gin_pending_list_limit = 64);
drop index attendee_listing_pending;
create index attendee_listing_pending on attendee_listing (attendee_id) where is_pending or answers is null;

-- What changes an attendee always marks and so locks the row, also if it is pending: whoever fills it in passes over a locked row,
-- and must not fill it in with what is about to change.
create function answer_listed() returns trigger language plpgsql as $$
begin
    update attendee_listing l set answers = null
    from changed c join attendee a on a.registration_id = c.registration_id
    where l.attendee_id = a.id;
    return null;
end $$;
create trigger answer_listed_when_new after insert on answer referencing new table as changed
    for each statement execute function answer_listed();
create trigger answer_listed_when_changed after update on answer referencing new table as changed
    for each statement execute function answer_listed();
create trigger answer_listed_when_deleted after delete on answer referencing old table as changed
    for each statement execute function answer_listed();

create or replace function registration_listed() returns trigger language plpgsql as $$
begin
    update attendee_listing l set is_stale = true, is_pending = true
    from changed c join attendee a on a.registration_id = c.id
    where l.attendee_id = a.id;
    return null;
end $$;
create or replace function needs_listed() returns trigger language plpgsql as $$
begin
    update attendee_listing l set is_stale = true, is_pending = true
    from changed c where l.attendee_id = c.attendee_id;
    return null;
end $$;
create or replace function amount_listed() returns trigger language plpgsql as $$
begin
    update attendee_listing l set is_stale = true, is_pending = true
    from changed c join attendee a on a.registration_id = c.registration_id
    where l.attendee_id = a.id;
    return null;
end $$;
