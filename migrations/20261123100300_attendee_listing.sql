-- What the desk's list of attendees is searched, filtered and sorted by: one short row for each attendee. Triggers
-- maintain it, so that no statement that writes an attendee can forget it. The tables themselves could not be searched
-- quickly: names and organisations are in different tables, and removing accents takes long when it is done row by row.

create table attendee_listing (
    attendee_id   uuid primary key constraint attendee_listing_attendee references attendee on delete cascade,
    conference_id uuid not null,
    category_id   uuid not null,
    state         text collate "C" not null,
    created_at    timestamptz not null,
    -- Without accents and upper case (function plain) and compared byte by byte, so that the order is the same on every
    -- server.
    name          text collate "C" not null,
    organisation  text collate "C" not null,
    -- All words that a search looks at, without accents and upper case.
    words         text collate "C" not null
) with (
    -- Counting uses an index-only scan, which needs an up-to-date visibility map, and good plans need up-to-date
    -- statistics.
    autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05
);

-- For the three orders of the list, and for the counts.
create index attendee_listing_by_name on attendee_listing (conference_id, name, attendee_id);
create index attendee_listing_by_organisation on attendee_listing (conference_id, organisation, name, attendee_id);
create index attendee_listing_by_created on attendee_listing (conference_id, created_at, attendee_id);
create index attendee_listing_by_category on attendee_listing (conference_id, category_id, state);
-- The pending list is short (64 kB), because a search reads all of it and the statement that fills it has to merge it.
create index attendee_listing_words on attendee_listing using gin (words gin_trgm_ops) with (gin_pending_list_limit = 64);

-- Returns all words by which somebody on the telephone may ask for an attendee, including the reference without its
-- hyphen. Each word follows a space, so that a pattern can match its beginning. The punctuation of an e-mail address is
-- replaced by letters that plain never gives, so that the address stays one word; otherwise the index would hold every
-- ".eu" as a word of its own.
create function attendee_words(attendee attendee, registration registration, contact contact) returns text language sql immutable parallel safe
    return concat_ws(' ', '', public.plain(concat_ws(' ', $1.name, $2.organisation, $2.reference, replace($2.reference, '-', ''), nullif($3.name, $1.name))),
                     translate(public.plain($1.email), '.@-', 'øðþ'), translate(public.plain(nullif($3.email, $1.email)), '.@-', 'øðþ'));

-- Returns the LIKE pattern for one word of a search. It matches anywhere in the words, but a word of one or two
-- letters, which the trigram index cannot find anywhere, matches only the beginning of a word unless anywhere is true.
-- The punctuation of addresses matches the letters that replace it.
create function words_pattern(word text, anywhere boolean) returns text language sql immutable parallel safe strict
    return case when anywhere or char_length(public.plain($1)) > 2 then '%' else '% ' end
        || translate(regexp_replace(public.plain($1), '([\\%_])', '\\\1', 'g'), '.@-', '___') || '%';

-- Runs after the statement, not before each row, so that it sees the registration even if one statement writes both. An
-- attendee who is the contact is found with the colleagues, too.
create function attendee_listed() returns trigger language plpgsql as $$
begin
    insert into attendee_listing (attendee_id, conference_id, category_id, state, created_at, name, organisation, words)
    select distinct on (a.id) a.id, a.conference_id, a.category_id, a.state, a.created_at, plain(a.name), plain(r.organisation),
        attendee_words(a, r, contact)
    from changed c
    join registration r on r.id = c.registration_id
    join attendee a on a.registration_id = r.id and (a.id = c.id or r.contact_attendee_id = c.id)
    join contact on contact.registration_id = r.id
    on conflict (attendee_id) do update
        set category_id = excluded.category_id, state = excluded.state, name = excluded.name,
            organisation = excluded.organisation, words = excluded.words;
    return null;
end $$;
create trigger attendee_listed_when_new after insert on attendee referencing new table as changed
    for each statement execute function attendee_listed();
create trigger attendee_listed_when_changed after update on attendee referencing new table as changed
    for each statement execute function attendee_listed();

create function registration_listed() returns trigger language plpgsql as $$
begin
    update attendee_listing l
    set organisation = plain(r.organisation), words = attendee_words(a, r, contact)
    from changed c
    join registration r on r.id = c.id
    join attendee a on a.registration_id = r.id
    join contact on contact.registration_id = r.id
    where l.attendee_id = a.id;
    return null;
end $$;
create trigger registration_listed after update on registration referencing new table as changed
    for each statement execute function registration_listed();
