-- The conference and its programme: what the public reads and organisers edit.
-- Every table with the data of a conference has a conference_id, and foreign keys between such tables include it, so
-- that no row can refer to another edition.

create extension if not exists btree_gist;
create extension if not exists pg_trgm;
create extension if not exists unaccent;

create table conference (
    id              uuid primary key,
    slug            text not null constraint conference_slug_unique unique
                    constraint conference_slug_shape check (slug ~ '^[a-z]+(-[a-z]+)*-[0-9]{4}$'),
    title           text not null constraint conference_title_length check (char_length(title) between 1 and 200),
    theme           text not null constraint conference_theme_length check (char_length(theme) between 1 and 200),
    city            text not null,
    country         text not null constraint conference_country_shape check (country ~ '^[A-Z]{2}$'),
    venue           text not null,
    venue_url       text not null,
    hosts           text not null,
    starts_on       date not null,
    ends_on         date not null,
    time_zone       text not null,
    contact_email     text not null,
    -- The forms check more. A number with fewer than five digits cannot be dialled.
    contact_telephone text not null
                      constraint conference_contact_telephone_digits check (contact_telephone ~ '^([^0-9]*[0-9]){5}'),
    contact_fax       text not null
                      constraint conference_contact_fax_digits check (contact_fax ~ '^([^0-9]*[0-9]){5}'),
    -- The period in which delegates can register. Without an opening time, they can register at once; without a closing
    -- time, until the end of the last day at the venue.
    registration_opens  timestamptz,
    registration_closes timestamptz,
    -- The conference that paths without a slug lead to.
    is_current      boolean not null default false,
    revision        integer not null default 1,
    created_at      timestamptz not null default now(),
    constraint conference_ends_after_start check (ends_on >= starts_on),
    constraint conference_window_in_order check (
        registration_opens < coalesce(registration_closes, (ends_on + 1)::timestamp at time zone time_zone))
);
create unique index conference_one_current on conference (is_current) where is_current;

create table topic (
    id            uuid primary key,
    conference_id uuid not null references conference,
    number        smallint not null constraint topic_number_range check (number between 1 and 99),
    slug          text not null,
    title         text not null constraint topic_title_length check (char_length(title) between 1 and 200),
    description   text not null,
    constraint topic_of_conference unique (conference_id, id),
    constraint topic_number_unique unique (conference_id, number),
    constraint topic_slug_unique unique (conference_id, slug)
);

create table room (
    id            uuid primary key,
    conference_id uuid not null references conference,
    name          text not null constraint room_name_length check (char_length(name) between 1 and 100),
    place         smallint not null default 0,
    constraint room_of_conference unique (conference_id, id)
);
create unique index room_name_unique on room (conference_id, lower(name));

create table account (
    id            uuid primary key,
    -- As typed. It is shown and used as the recipient's address in this form.
    email         text not null constraint account_email_length check (char_length(email) between 3 and 254),
    -- The normalised form, computed by the program (domain::email::normalised). PostgreSQL's own case folding treats
    -- letters as equal that belong to different mailboxes.
    email_normalised text not null constraint account_email_unique unique
                     constraint account_email_normalised check (email_normalised ~ '^[!-@\[-~]+@[!-?\[-~]+$'),
    name          text not null constraint account_name_length check (char_length(name) between 1 and 200),
    -- Argon2id in PHC string format; null until the person has set a password.
    password_hash text,
    active        boolean not null default true,
    created_at    timestamptz not null default now()
);

-- A session has an identity and a permanent URL. Its content is in its revisions.
create table session (
    id            uuid primary key,
    conference_id uuid not null references conference,
    slug          text not null constraint session_slug_shape check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) <= 80),
    -- The revision that the public reads. Each save replaces it.
    published_revision_id uuid not null,
    -- Counts saves. An editor sends the number that it started from, so that concurrent changes are noticed.
    revision      integer not null default 1,
    created_at    timestamptz not null default now(),
    constraint session_of_conference unique (conference_id, id),
    constraint session_slug_unique unique (conference_id, slug)
);

-- A saved state of a session: its text and facts. A row never changes.
create table session_revision (
    id            uuid primary key,
    conference_id uuid not null,
    session_id    uuid not null,
    number        integer not null,
    title         text not null constraint session_title_length check (char_length(title) between 1 and 200),
    kind          text not null constraint session_kind_known check (kind in ('plenary', 'talk', 'panel', 'workshop', 'world_cafe', 'social', 'break')),
    topic_id      uuid,
    speakers      text not null constraint session_speakers_length check (char_length(speakers) <= 1000),
    text          text not null constraint session_text_length check (char_length(text) <= 50000),
    -- True while the time is proposed but not fixed.
    provisional   boolean not null,
    -- The time and the room as they were saved, to be shown and restored. Table slot prevents two sessions in one room.
    starts_at     timestamptz not null,
    ends_at       timestamptz not null,
    room_id       uuid,
    -- True for a version whose author accepted somebody else's concurrent version instead: it is kept, but was never
    -- published.
    set_aside     boolean not null default false,
    -- Who saved it; null for the programme that comes with the software.
    account_id    uuid references account,
    created_at    timestamptz not null default now(),
    constraint session_revision_of_conference unique (conference_id, session_id, id),
    constraint session_revision_number_unique unique (session_id, number),
    constraint session_ends_after_start check (ends_at > starts_at),
    constraint session_revision_session foreign key (conference_id, session_id) references session (conference_id, id) deferrable initially deferred,
    constraint session_revision_topic foreign key (conference_id, topic_id) references topic (conference_id, id),
    constraint session_revision_room foreign key (conference_id, room_id) references room (conference_id, id)
);
alter table session add constraint session_published_revision
    foreign key (conference_id, id, published_revision_id)
    references session_revision (conference_id, session_id, id) deferrable initially deferred;

-- When and where a published session takes place. A room can hold only one session at a time.
create table slot (
    session_id    uuid primary key,
    conference_id uuid not null,
    room_id       uuid,
    during        tstzrange not null,
    constraint slot_bounded check (not isempty(during) and not lower_inf(during) and not upper_inf(during)),
    constraint slot_session foreign key (conference_id, session_id) references session (conference_id, id),
    constraint slot_room foreign key (conference_id, room_id) references room (conference_id, id),
    constraint slot_room_free exclude using gist (conference_id with =, room_id with =, during with &&) where (room_id is not null)
);

-- Refuses a session outside the days of the conference, in the conference's time zone.
create function slot_within_conference() returns trigger language plpgsql as $$
declare
    edition conference%rowtype;
begin
    select * into strict edition from conference where id = new.conference_id;
    if (lower(new.during) at time zone edition.time_zone)::date < edition.starts_on
       or ((upper(new.during) - interval '1 microsecond') at time zone edition.time_zone)::date > edition.ends_on then
        raise exception 'the session is outside the days of the conference'
            using errcode = 'check_violation', constraint = 'slot_within_conference', table = 'slot';
    end if;
    return new;
end $$;
create trigger slot_within_conference before insert or update on slot
    for each row execute function slot_within_conference();

-- Pages that organisers write: imprint, privacy notice, travel …
create table page (
    id            uuid primary key,
    conference_id uuid not null references conference,
    slug          text not null constraint page_slug_shape check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) <= 80),
    place         smallint not null default 0,
    published_revision_id uuid not null,
    revision      integer not null default 1,
    created_at    timestamptz not null default now(),
    constraint page_of_conference unique (conference_id, id),
    constraint page_slug_unique unique (conference_id, slug)
);

create table page_revision (
    id            uuid primary key,
    conference_id uuid not null,
    page_id       uuid not null,
    number        integer not null,
    title         text not null constraint page_title_length check (char_length(title) between 1 and 200),
    text          text not null constraint page_text_length check (char_length(text) <= 50000),
    -- True while facts are missing; the page then says that it is a draft.
    draft         boolean not null,
    -- As in session_revision.
    set_aside     boolean not null default false,
    account_id    uuid references account,
    created_at    timestamptz not null default now(),
    constraint page_revision_of_conference unique (conference_id, page_id, id),
    constraint page_revision_of_conference_alone unique (conference_id, id),
    constraint page_revision_number_unique unique (page_id, number),
    constraint page_revision_page foreign key (conference_id, page_id) references page (conference_id, id) deferrable initially deferred
);
alter table page add constraint page_published_revision
    foreign key (conference_id, id, published_revision_id)
    references page_revision (conference_id, page_id, id) deferrable initially deferred;

-- The version of everything that the public reads. Every change to it increments the version in the same transaction
-- and notifies all instances. A cached page is valid for one version only.
create table publication (
    only_row boolean primary key default true constraint publication_single check (only_row),
    version  bigint not null default 1
);
insert into publication default values;

create function publish() returns trigger language plpgsql as $$
begin
    update publication set version = version + 1;
    perform pg_notify('publication', '');
    return null;
end $$;
create trigger publish after insert or update or delete on conference for each statement execute function publish();
create trigger publish after insert or update or delete on topic for each statement execute function publish();
create trigger publish after insert or update or delete on room for each statement execute function publish();
-- Setting a version aside publishes nothing. So an update of a session or a page counts only if it changes what the
-- public reads.
create trigger publish after insert or delete on session for each statement execute function publish();
create trigger publish_changed after update on session for each row
    when ((old.conference_id, old.slug, old.published_revision_id)
        is distinct from (new.conference_id, new.slug, new.published_revision_id))
    execute function publish();
create trigger publish after insert or update or delete on slot for each statement execute function publish();
create trigger publish after insert or delete on page for each statement execute function publish();
create trigger publish_changed after update on page for each row
    when ((old.conference_id, old.slug, old.place, old.published_revision_id)
        is distinct from (new.conference_id, new.slug, new.place, new.published_revision_id))
    execute function publish();
