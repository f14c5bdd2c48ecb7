-- The conference and its programme: what the public reads and organisers edit.
-- Every table of a conference carries conference_id, and references between such tables go through
-- (conference_id, id), so that no row can ever point into another edition.

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
    -- The forms ask for more; fewer digits cannot be dialled.
    contact_telephone text not null
                      constraint conference_contact_telephone_digits check (contact_telephone ~ '^([^0-9]*[0-9]){5}'),
    contact_fax       text not null
                      constraint conference_contact_fax_digits check (contact_fax ~ '^([^0-9]*[0-9]){5}'),
    -- When delegates can register. Without an opening time they can at once; without a closing time, until the end of
    -- the last day at the venue.
    registration_opens  timestamptz,
    registration_closes timestamptz,
    -- The conference that the addresses without a slug lead to.
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
    -- As typed: what is shown and written to.
    email         text not null constraint account_email_length check (char_length(email) between 3 and 254),
    -- The one form of all ways to write it, made by the program (domain::email::normalised). PostgreSQL's own folding treats
    -- letters as equal that lead to different mailboxes.
    email_normalised text not null constraint account_email_unique unique
                     constraint account_email_normalised check (email_normalised ~ '^[!-@\[-~]+@[!-?\[-~]+$'),
    name          text not null constraint account_name_length check (char_length(name) between 1 and 200),
    -- Argon2id in PHC string format; null until the person has set a password.
    password_hash text,
    active        boolean not null default true,
    created_at    timestamptz not null default now()
);

-- A session is an identity with an address for ever; what it says is a revision.
create table session (
    id            uuid primary key,
    conference_id uuid not null references conference,
    slug          text not null constraint session_slug_shape check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) <= 80),
    -- The revision that the public reads. It moves at each save.
    published_revision_id uuid not null,
    -- Counts saves; an editor that saves names the number it started from.
    revision      integer not null default 1,
    created_at    timestamptz not null default now(),
    constraint session_of_conference unique (conference_id, id),
    constraint session_slug_unique unique (conference_id, slug)
);

-- One saved state of a session: text and facts. Never changed after it is written.
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
    -- Hours that are proposed and not yet fixed.
    provisional   boolean not null,
    -- When and where it was saved for, to be read and restored. The rule about rooms is at slot.
    starts_at     timestamptz not null,
    ends_at       timestamptz not null,
    room_id       uuid,
    -- Kept when somebody gave way to another's version: it was written, but never published.
    set_aside     boolean not null default false,
    -- Who saved it; null is the shipped programme.
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

-- When and where a published session takes place. One room holds one session at a time.
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

-- No session outside the conference's days, as the clocks at the venue show them.
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
    -- A draft says so on the page: facts are missing that nobody has given yet.
    draft         boolean not null,
    -- As at session_revision: written, but never published.
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

-- The number of the state that the public reads. Every change to what public pages show moves it, in the
-- same transaction, and tells every instance; kept pages are good for one number only.
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
-- A version that is set aside is kept beside what is published, and no publication: so of an update of a session or a page
-- counts only what the public reads of it.
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
