-- The words of the site and of its mails are items, too: organisers edit them, and only a release changes what is read.
--
-- An older instance does not know this kind. It fails to list what is not published only while a changed text is among it, so wait
-- with texts until no older instance runs any more. What it shows to the public does not depend on them.

alter table item
    drop constraint item_kind_known,
    add constraint item_kind_known
        check (kind in ('conference', 'session', 'session_kind', 'room', 'topic', 'person', 'page', 'text'));

-- The texts that there are. The program knows what each is about and has its first wording. A new one is a row, added by a migration.
create table text_name (
    name          text primary key constraint text_name_shape check (name ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(name) <= 80),
    title         text not null constraint text_name_title_length check (char_length(title) between 1 and 200)
);

create table text_content (
    revision_id   uuid primary key,
    conference_id uuid not null,
    kind          text not null default 'text' constraint text_content_kind check (kind = 'text'),
    -- In Markdown. Null: as it is shipped with the program.
    text          text constraint text_content_text_length check (char_length(text) between 1 and 40000),
    -- An older instance that removes a demonstration does not know this table.
    constraint text_content_revision foreign key (conference_id, kind, revision_id) references revision (conference_id, kind, id)
        on delete cascade
);

create or replace function content_of(revision uuid) returns jsonb language sql stable as $$
    select to_jsonb(session_content) || jsonb_build_object(
        'people', array(select jsonb_build_array(person_id, part) from session_person where revision_id = revision order by position),
        'files', array(select file_id from session_file where revision_id = revision order by position))
    from session_content where revision_id = revision
    union all select to_jsonb(session_kind_content) from session_kind_content where revision_id = revision
    union all select to_jsonb(room_content) from room_content where revision_id = revision
    union all select to_jsonb(topic_content) from topic_content where revision_id = revision
    union all select to_jsonb(person_content) from person_content where revision_id = revision
    union all select to_jsonb(page_content) from page_content where revision_id = revision
    union all select to_jsonb(conference_content) from conference_content where revision_id = revision
    union all select to_jsonb(text_content) from text_content where revision_id = revision
$$;

-- Each conference has each text from the beginning, public and as shipped.
create function add_texts() returns trigger language plpgsql as $$
declare
    one record;
    text_id uuid;
    first uuid;
    added uuid;
begin
    for one in
        select conference.id as conference_id, conference.created_at, text_name.name, text_name.title
        from conference cross join text_name
        where not exists (select from slug where slug.conference_id = conference.id and kind = 'text' and slug = text_name.name)
        order by conference.id, text_name.name
    loop
        text_id := gen_random_uuid();
        first := gen_random_uuid();
        added := gen_random_uuid();
        insert into edit (id, conference_id, created_at) values (added, one.conference_id, one.created_at);
        insert into slug (conference_id, kind, slug, item_id) values (one.conference_id, 'text', one.name, text_id);
        insert into revision (id, conference_id, item_id, kind, number, slug, title, title_folded, status, edit_id)
        values (first, one.conference_id, text_id, 'text', 1, one.name, one.title, '', 'confirmed', added);
        insert into text_content (revision_id, conference_id) values (first, one.conference_id);
        insert into item (id, conference_id, kind, head_id, published_id, created_at)
        values (text_id, one.conference_id, 'text', first, first, one.created_at);
    end loop;
    return null;
end $$;
-- After the facts, which are added for each row.
create trigger add_texts after insert on conference for each statement execute function add_texts();
create trigger add_texts after insert on text_name for each statement execute function add_texts();

insert into text_name (name, title) values
    ('home-hero', 'Home page: below the theme'),
    ('home-who', 'Home page: who attends'),
    ('home-why', 'Home page: why you should attend'),
    ('home-invitation', 'Home page: you are invited'),
    ('registration-introduction', 'Registration form: introduction'),
    ('registered-next', 'After registering: what happens next'),
    ('mail-operations-confirmation', 'Confirmation for operations'),
    ('mail-contact-confirmation', 'Confirmation for the contact'),
    ('mail-attendee-confirmation', 'Confirmation for an attendee'),
    ('mail-cancellation', 'Cancellation'),
    ('mail-operations-cancellation', 'Cancellation for operations'),
    ('mail-reminder', 'Reminder a week before the conference'),
    ('mail-waiting', 'Waiting list'),
    ('mail-offer', 'Offer of a place'),
    ('mail-offer-reminder', 'Reminder of an offer'),
    ('mail-offer-lapsed', 'End of an offer'),
    ('mail-operations-offer', 'Offer of a place, for operations'),
    ('mail-change', 'Notice of a change'),
    ('mail-operations-change', 'Notice of a change for operations'),
    ('mail-confirm-email', 'Link to confirm a new address'),
    ('mail-email-change', 'Note about a new address'),
    ('mail-transfer', 'Notice of a transferred place'),
    ('mail-link', 'Links that somebody asked for'),
    ('mail-already-registered', 'Registered already, or another person'),
    ('mail-payment-recorded', 'Payment recorded'),
    ('mail-remaining-set', 'What remains owed');
