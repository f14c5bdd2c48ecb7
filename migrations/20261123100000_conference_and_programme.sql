-- The conference and its programme: what the public reads and organisers edit.
-- Every table with the data of a conference has a conference_id, and foreign keys between such tables include it, so
-- that no row can refer to another edition.

create extension if not exists btree_gist;
create extension if not exists pg_trgm;
create extension if not exists unaccent;

-- Its title, theme, venue, hosts, days and time zone are facts that organisers edit: these columns are what the public reads
-- of them, and only a release changes them (derive_facts).
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
    -- Everything in it is invented. Search engines are not told of it, and `conference demo --remove` deletes it.
    is_demonstration boolean not null default false,
    revision        integer not null default 1,
    created_at      timestamptz not null default now(),
    -- When anything in this row last changed, for calendar programs.
    changed_at      timestamptz not null default now(),
    constraint conference_ends_after_start check (ends_on >= starts_on),
    constraint conference_window_in_order check (
        registration_opens < coalesce(registration_closes, (ends_on + 1)::timestamp at time zone time_zone))
);
create unique index conference_one_current on conference (is_current) where is_current;

create function conference_changed() returns trigger language plpgsql as $$
begin
    new.changed_at := now();
    return new;
end $$;
create trigger conference_changed before update on conference for each row
    when (old.* is distinct from new.*) execute function conference_changed();

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

-- What organisers edit is an item: an identity that never changes, with immutable revisions. It points to its head, which
-- is the revision that organisers see, and to the revision that the public reads. Only a release moves the second pointer.
create table item (
    id            uuid primary key,
    conference_id uuid not null references conference,
    kind          text not null constraint item_kind_known check (kind in ('conference', 'session', 'session_kind', 'room', 'topic', 'person', 'page')),
    head_id       uuid not null,
    -- Null while the item is not public.
    published_id  uuid,
    -- For the foreign key: a draft is never public.
    published_draft boolean not null default false constraint item_published_no_draft check (not published_draft),
    created_at    timestamptz not null default now(),
    constraint item_of_conference unique (conference_id, id),
    constraint item_of_kind unique (conference_id, kind, id)
);
create index item_by_kind on item (conference_id, kind, created_at, id);

-- One act of editing. Revisions with the same edit were saved together.
create table edit (
    id            uuid primary key,
    conference_id uuid not null references conference,
    -- Who did it; null for the programme that comes with the software.
    account_id    uuid references account,
    created_at    timestamptz not null default now(),
    constraint edit_of_conference unique (conference_id, id)
);

-- The last parts of public addresses. One that an item once had is that item's for ever, so no address ever leads to
-- something else.
create table slug (
    conference_id uuid not null references conference,
    kind          text not null,
    slug          text not null constraint slug_shape check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) <= 80),
    item_id       uuid not null,
    primary key (conference_id, kind, slug),
    constraint slug_of_item unique (conference_id, kind, item_id, slug),
    constraint slug_item foreign key (conference_id, kind, item_id) references item (conference_id, kind, id) deferrable initially deferred
);

-- A saved state of an item, with what all kinds have. The rest is in the table of its kind. A row never changes.
create table revision (
    id            uuid primary key,
    conference_id uuid not null,
    item_id       uuid not null,
    kind          text not null,
    number        integer not null,
    slug          text not null,
    title         text not null constraint revision_title_length check (char_length(title) between 1 and 200),
    -- The title as names are compared, computed by the program (domain::text::folded).
    title_folded  text not null,
    status        text not null constraint revision_status_known check (status in ('draft', 'tentative', 'confirmed', 'cancelled', 'withdrawn')),
    -- True for a version whose author accepted somebody else's concurrent version instead: it is kept, but it was never the
    -- head.
    set_aside     boolean not null default false,
    edit_id       uuid not null,
    -- A version that is set aside does not claim its slug, which another item may have by now.
    claimed_slug  text generated always as (case when not set_aside then slug end) stored,
    is_draft      boolean generated always as (status = 'draft') stored,
    constraint revision_of_conference unique (conference_id, id),
    constraint revision_of_item unique (conference_id, item_id, id),
    constraint revision_of_item_draft_or_not unique (conference_id, item_id, id, is_draft),
    constraint revision_of_kind unique (conference_id, kind, id),
    constraint revision_number_unique unique (item_id, number),
    constraint revision_edit foreign key (conference_id, edit_id) references edit (conference_id, id),
    constraint revision_slug foreign key (conference_id, kind, item_id, claimed_slug) references slug (conference_id, kind, item_id, slug),
    constraint revision_item foreign key (conference_id, kind, item_id) references item (conference_id, kind, id) deferrable initially deferred
);
alter table item
    add constraint item_head foreign key (conference_id, id, head_id)
        references revision (conference_id, item_id, id) deferrable initially deferred,
    add constraint item_published foreign key (conference_id, id, published_id, published_draft)
        references revision (conference_id, item_id, id, is_draft) deferrable initially deferred;

create table session_content (
    revision_id   uuid primary key,
    conference_id uuid not null,
    kind          text not null default 'session' constraint session_content_kind check (kind = 'session'),
    session_kind_id uuid not null,
    topic_id      uuid,
    subtitle      text not null constraint session_subtitle_length check (char_length(subtitle) <= 200),
    -- One or two lines for lists.
    abstract_text text not null constraint session_abstract_length check (char_length(abstract_text) <= 300),
    -- The language in which people speak, as in ISO 639-1; null if nobody has said.
    language      text constraint session_language_shape check (language ~ '^[a-z]{2}$'),
    text          text not null constraint session_text_length check (char_length(text) <= 50000),
    -- One per line: the address, a space and the words.
    links         text not null default '' constraint session_links_length check (char_length(links) <= 5000),
    -- For organisers only.
    note          text not null constraint session_note_length check (char_length(note) <= 2000),
    -- As the clocks at the venue show it; null while the time is open.
    starts_at     timestamp,
    minutes       smallint not null constraint session_minutes_range check (minutes between 1 and 1440),
    -- Whether it takes all rooms.
    whole_venue   boolean not null default false,
    -- The session that this one is a part of, in whose rooms it takes place, and how many minutes it begins after that one.
    parent_id     uuid,
    parent_offset smallint constraint session_offset_range check (parent_offset between 0 and 1439),
    constraint session_part_follows check (parent_id is null or starts_at is null and not whole_venue),
    constraint session_offset_of_part check (parent_offset is null or parent_id is not null),
    constraint session_content_revision foreign key (conference_id, kind, revision_id) references revision (conference_id, kind, id),
    constraint session_content_session_kind foreign key (conference_id, session_kind_id) references item (conference_id, id),
    constraint session_content_topic foreign key (conference_id, topic_id) references item (conference_id, id),
    constraint session_content_parent foreign key (conference_id, kind, parent_id) references item (conference_id, kind, id)
);

create index session_content_by_session_kind on session_content (session_kind_id);
create index session_content_by_topic on session_content (topic_id);
create index session_content_by_parent on session_content (parent_id);
create index session_content_whole_venue on session_content (conference_id) where whole_venue;

-- Kinds of sessions, such as talk, workshop or break.
create table session_kind_content (
    revision_id   uuid primary key,
    conference_id uuid not null,
    kind          text not null default 'session_kind' constraint session_kind_content_kind check (kind = 'session_kind'),
    -- Its place in the order of the kinds.
    place         smallint not null constraint session_kind_place_range check (place between 1 and 999),
    description   text not null constraint session_kind_description_length check (char_length(description) <= 500),
    -- One of the colours of the topics; null for none.
    colour        smallint constraint session_kind_colour_range check (colour between 1 and 7),
    -- True for coffee and lunch: a break needs no changeover of the room and has no page.
    is_break      boolean not null,
    constraint session_kind_content_revision foreign key (conference_id, kind, revision_id) references revision (conference_id, kind, id)
);

create table topic_content (
    revision_id   uuid primary key,
    conference_id uuid not null,
    kind          text not null default 'topic' constraint topic_content_kind check (kind = 'topic'),
    -- What the public reads before the title; also the order.
    number        smallint not null constraint topic_number_range check (number between 1 and 99),
    description   text not null constraint topic_description_length check (char_length(description) <= 500),
    -- One of the colours of the style sheets, whose contrast is tested.
    colour        smallint not null constraint topic_colour_range check (colour between 1 and 7),
    constraint topic_content_revision foreign key (conference_id, kind, revision_id) references revision (conference_id, kind, id)
);

create table room_content (
    revision_id   uuid primary key,
    conference_id uuid not null,
    kind          text not null default 'room' constraint room_content_kind check (kind = 'room'),
    -- Its place in the order of the rooms.
    place         smallint not null constraint room_place_range check (place between 1 and 999),
    -- How many people fit in; null if nobody has said.
    capacity      integer constraint room_capacity_range check (capacity between 1 and 20000),
    -- How people with a disability get in and take part.
    access_notes  text not null constraint room_access_notes_length check (char_length(access_notes) <= 1000),
    -- How long the room stays empty between two sessions.
    changeover    interval minute not null default '0' constraint room_changeover_range check (changeover between '0' and '4 hours'),
    constraint room_content_revision foreign key (conference_id, kind, revision_id) references revision (conference_id, kind, id)
);

-- Pictures that organisers uploaded, decoded and encoded anew. A picture never changes, so browsers may keep it for ever. One
-- that no revision names is deleted after a day.
create table picture (
    id            uuid primary key,
    conference_id uuid not null references conference,
    created_at    timestamptz not null,
    constraint picture_of_conference unique (conference_id, id)
);
create index picture_by_time on picture (created_at);

-- A picture as a square JPEG with sides of this many pixels, or fewer if it never had so many.
create table picture_size (
    picture_id    uuid not null,
    conference_id uuid not null,
    pixels        smallint not null constraint picture_size_pixels check (pixels in (96, 192, 480)),
    content       bytea not null constraint picture_size_length check (octet_length(content) between 1 and 1000000),
    primary key (picture_id, pixels),
    constraint picture_size_picture foreign key (conference_id, picture_id) references picture (conference_id, id) on delete cascade
);
-- It is compressed already.
alter table picture_size alter column content set storage external;

-- People who take part in sessions, such as speakers. Two of them may have the same name. The revision's title is the name.
create table person_content (
    revision_id   uuid primary key,
    conference_id uuid not null,
    kind          text not null default 'person' constraint person_content_kind check (kind = 'person'),
    -- The name as lists are sorted by it; empty if it follows from the name.
    sort_name     text not null constraint person_sort_name_length check (char_length(sort_name) <= 200),
    -- The form of the sort name that is compared, computed by the program (domain::PersonName::sort_key). Compared byte by
    -- byte, so that the order is the same on every server.
    sort_key      text collate "C" not null,
    job_title     text not null constraint person_job_title_length check (char_length(job_title) <= 200),
    organisation  text not null constraint person_organisation_length check (char_length(organisation) <= 200),
    city          text not null constraint person_city_length check (char_length(city) <= 200),
    country       text constraint person_country_shape check (country ~ '^[A-Z]{2}$'),
    text          text not null constraint person_text_length check (char_length(text) <= 50000),
    -- One per line: the address, a space and the words.
    links         text not null constraint person_links_length check (char_length(links) <= 5000),
    picture_id    uuid,
    -- What the picture shows, for those who cannot see it; empty if the name says it.
    picture_text  text not null constraint person_picture_text_length check (char_length(picture_text) <= 300),
    -- For a person who was entered twice and withdrawn: the other one, to whose page the address leads.
    successor_id  uuid,
    constraint person_content_revision foreign key (conference_id, kind, revision_id) references revision (conference_id, kind, id),
    constraint person_content_picture foreign key (conference_id, picture_id) references picture (conference_id, id),
    constraint person_content_successor foreign key (conference_id, kind, successor_id) references item (conference_id, kind, id)
);
create index person_content_by_picture on person_content (picture_id);

-- The rooms of a session.
create table session_room (
    revision_id   uuid not null references session_content,
    conference_id uuid not null,
    room_id       uuid not null,
    primary key (revision_id, room_id),
    constraint session_room_room foreign key (conference_id, room_id) references item (conference_id, id)
);
create index session_room_by_room on session_room (room_id);

-- The people of a session, each with a part, in order.
create table session_person (
    revision_id   uuid not null references session_content,
    conference_id uuid not null,
    kind          text not null default 'person' constraint session_person_kind check (kind = 'person'),
    person_id     uuid not null,
    part          text not null constraint session_person_part_known check (part in ('speaker', 'chair', 'moderator', 'panellist', 'host')),
    position      smallint not null constraint session_person_position_range check (position between 1 and 100),
    primary key (revision_id, person_id),
    constraint session_person_position_unique unique (revision_id, position),
    constraint session_person_person foreign key (conference_id, kind, person_id) references item (conference_id, kind, id)
);
create index session_person_by_person on session_person (person_id);

-- Files that organisers uploaded, as they are. A file never changes, and one that is uploaded again is stored once. One that no
-- revision names is deleted after a day.
create table file (
    id            uuid primary key,
    conference_id uuid not null references conference,
    -- What readers see, and under which name browsers save it.
    name          text not null constraint file_name_length check (char_length(name) between 1 and 120),
    -- Recognised by the content.
    type          text not null constraint file_type_known check (type in ('pdf', 'odt', 'odp', 'ods', 'pptx', 'png', 'jpg', 'webp')),
    content       bytea not null constraint file_content_length check (octet_length(content) between 1 and 10485760),
    hash          bytea not null generated always as (sha256(content)) stored,
    -- When it was uploaded last.
    created_at    timestamptz not null,
    constraint file_of_conference unique (conference_id, id),
    constraint file_once unique (conference_id, hash, name)
);
create index file_by_time on file (created_at);
-- It is compressed already.
alter table file alter column content set storage external;

-- The files of a session, in order.
create table session_file (
    revision_id   uuid not null references session_content,
    conference_id uuid not null,
    file_id       uuid not null,
    position      smallint not null constraint session_file_position_range check (position between 1 and 5),
    primary key (revision_id, file_id),
    constraint session_file_position_unique unique (revision_id, position),
    constraint session_file_file foreign key (conference_id, file_id) references file (conference_id, id)
);
create index session_file_by_file on session_file (file_id);

-- Pages that organisers write: imprint, privacy notice, travel …
create table page_content (
    revision_id   uuid primary key,
    conference_id uuid not null,
    kind          text not null default 'page' constraint page_content_kind check (kind = 'page'),
    text          text not null constraint page_text_length check (char_length(text) <= 50000),
    -- True while facts are missing; the page then says that it is a draft.
    draft         boolean not null,
    constraint page_content_revision foreign key (conference_id, kind, revision_id) references revision (conference_id, kind, id)
);

-- The facts of a conference. Its item has the same key as the conference itself.
create table conference_content (
    revision_id   uuid primary key,
    conference_id uuid not null,
    kind          text not null default 'conference' constraint conference_content_kind check (kind = 'conference'),
    theme         text not null constraint conference_content_theme_length check (char_length(theme) between 1 and 200),
    venue         text not null constraint conference_content_venue_length check (char_length(venue) between 1 and 200),
    venue_url     text not null constraint conference_content_venue_url_length check (char_length(venue_url) <= 300),
    hosts         text not null constraint conference_content_hosts_length check (char_length(hosts) <= 500),
    starts_on     date not null,
    ends_on       date not null,
    time_zone     text not null,
    constraint conference_content_ends_after_start check (ends_on >= starts_on),
    constraint conference_content_revision foreign key (conference_id, kind, revision_id) references revision (conference_id, kind, id)
);

-- The facts as organisers see them.
create view draft_facts as
select item.id, title, theme, venue, venue_url, hosts, starts_on, ends_on, time_zone
from item
join revision on revision.id = item.head_id
join conference_content on conference_content.revision_id = item.head_id;

-- The content of a revision, to see in which columns two of them differ.
create function content_of(revision uuid) returns jsonb language sql stable as $$
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
$$;

-- A conference is added with its first facts, which are public from then on.
create function add_facts() returns trigger language plpgsql as $$
declare
    first uuid := gen_random_uuid();
    added uuid := gen_random_uuid();
begin
    insert into edit (id, conference_id, created_at) values (added, new.id, new.created_at);
    insert into slug (conference_id, kind, slug, item_id) values (new.id, 'conference', 'facts', new.id);
    insert into revision (id, conference_id, item_id, kind, number, slug, title, title_folded, status, edit_id)
    values (first, new.id, new.id, 'conference', 1, 'facts', new.title, '', 'confirmed', added);
    insert into conference_content (revision_id, conference_id, theme, venue, venue_url, hosts, starts_on, ends_on, time_zone)
    values (first, new.id, new.theme, new.venue, new.venue_url, new.hosts, new.starts_on, new.ends_on, new.time_zone);
    insert into item (id, conference_id, kind, head_id, published_id, created_at)
    values (new.id, new.id, 'conference', first, first, new.created_at);
    return null;
end $$;
create trigger add_facts after insert on conference for each row execute function add_facts();

-- What the public reads of the facts follows the published revision.
create function derive_facts() returns trigger language plpgsql as $$
begin
    update conference set title = facts.title, theme = content.theme, venue = content.venue, venue_url = content.venue_url,
        hosts = content.hosts, starts_on = content.starts_on, ends_on = content.ends_on, time_zone = content.time_zone,
        revision = conference.revision + 1
    from revision facts join conference_content content on content.revision_id = facts.id
    where conference.id = new.id and facts.id = new.published_id;
    return null;
end $$;
create trigger derive_facts after update on item for each row
    when (new.kind = 'conference' and old.published_id <> new.published_id) execute function derive_facts();

create function check_facts() returns trigger language plpgsql as $$
begin
    if not exists (
        select from item
        join revision on revision.id = item.published_id
        join conference_content content on content.revision_id = item.published_id
        where item.id = new.id
            and (revision.title, content.theme, content.venue, content.venue_url, content.hosts, content.starts_on,
                 content.ends_on, content.time_zone)
                = (new.title, new.theme, new.venue, new.venue_url, new.hosts, new.starts_on, new.ends_on, new.time_zone)) then
        raise exception 'only a release changes the facts of a conference';
    end if;
    return null;
end $$;
create trigger check_facts after update of title, theme, venue, venue_url, hosts, starts_on, ends_on, time_zone on conference
    for each row execute function check_facts();

-- Registration opens before it closes, also with the days that are not public yet. So these can be published at any time.
create function check_window() returns trigger language plpgsql as $$
begin
    if exists (
        select from conference join draft_facts on draft_facts.id = conference.id
        where conference.id = new.id and registration_opens
            >= coalesce(registration_closes, (draft_facts.ends_on + 1)::timestamp at time zone draft_facts.time_zone)) then
        raise exception 'registration would close before it opens'
            using errcode = 'check_violation', constraint = 'conference_window_in_order', table = 'conference';
    end if;
    return null;
end $$;
create trigger check_window after update of registration_opens, registration_closes on conference for each row
    execute function check_window();
create trigger check_window after update of head_id on item for each row when (new.kind = 'conference')
    execute function check_window();

-- Which revision of an item is its draft and which is public.
create view item_side as
select item.conference_id, item.id, item.kind, pointer.side, pointer.revision_id
from item cross join lateral (values ('draft', item.head_id), ('public', item.published_id)) as pointer (side, revision_id)
where pointer.revision_id is not null;

-- When and where sessions take place, once for the heads and once for what the public reads. A part of a session begins when that
-- one says, in its rooms, and does not take place if that one is cancelled.
create view session_side as
select own.side, own.id as session_id, own.conference_id, own.revision_id, content.parent_id,
    coalesce(content.parent_id, own.id) as root_id,
    case when revision.status <> 'withdrawn' and place_revision.status = 'cancelled' then 'cancelled' else revision.status end as status,
    hours.starts_at, hours.starts_at + make_interval(mins => content.minutes) as ends_at,
    place.revision_id as place_revision_id, place.whole_venue, facts.time_zone as zone
from item_side own
join revision on revision.id = own.revision_id
join session_content content on content.revision_id = own.revision_id
join item_side facts_side on facts_side.id = own.conference_id and facts_side.side = own.side
join conference_content facts on facts.revision_id = facts_side.revision_id
left join item_side parent on parent.id = content.parent_id and parent.side = own.side
join session_content place on place.revision_id = coalesce(parent.revision_id, own.revision_id)
join revision place_revision on place_revision.id = place.revision_id
cross join lateral (
    select case when content.parent_id is null or content.parent_offset is not null
        then place.starts_at at time zone facts.time_zone + make_interval(mins => coalesce(content.parent_offset, 0))
        end as starts_at) as hours;

-- The rooms in which sessions take place.
create view session_place as
select session.side, session.session_id, room.id as room_id, revision.title, room_content.place, room_content.changeover
from session_side session
join session_room on session_room.revision_id = session.place_revision_id
join item_side room on room.id = session_room.room_id and room.side = session.side
join revision on revision.id = room.revision_id
join room_content on room_content.revision_id = room.revision_id
where not session.whole_venue;

-- The rooms and people that sessions take, once for the heads and once for what the public reads. A room holds one session at a
-- time and a person is in one place at a time, in both. The rows are derived whenever a pointer of an item moves, so no statement
-- can forget them; they are checked when that statement ends, so two sessions can change rooms in one.
create table slot (
    side          text not null constraint slot_side_known check (side in ('draft', 'public')),
    session_id    uuid not null,
    -- The room or the person.
    taken_id      uuid not null,
    conference_id uuid not null,
    -- The session itself, or the one that it is a part of. A session may take the same as its parts, but two parts may not.
    root_id       uuid not null,
    is_part       boolean not null,
    during        tstzrange not null constraint slot_bounded check (not isempty(during) and not lower_inf(during) and not upper_inf(during)),
    -- The same with the changeover that the room needs afterwards; null for people, and for breaks, which may follow at once.
    held          tstzrange,
    primary key (session_id, taken_id, side),
    constraint slot_session foreign key (conference_id, session_id) references item (conference_id, id),
    constraint slot_taken foreign key (conference_id, taken_id) references item (conference_id, id),
    -- What is taken determines the conference.
    constraint slot_free exclude using gist (taken_id with =, side with =, during with &&, root_id with <>) deferrable,
    constraint slot_free_among_parts exclude using gist (taken_id with =, side with =, root_id with =, during with &&) where (is_part) deferrable,
    constraint slot_changeover exclude using gist (taken_id with =, side with =, held with &&, root_id with <>) where (held is not null) deferrable
);
create index slot_by_taken on slot (taken_id, side);

-- What is public can be cancelled or withdrawn, but cannot become a draft again.
create function check_head() returns trigger language plpgsql as $$
begin
    if exists (select from revision where id = new.head_id and is_draft) then
        raise exception 'what is public cannot become a draft'
            using errcode = 'check_violation', constraint = 'item_head_is_no_draft', table = 'item';
    end if;
    return null;
end $$;
create trigger check_head after insert or update on item for each row when (new.published_id is not null)
    execute function check_head();

create function derive_slots() returns trigger language plpgsql as $$
declare
    affected uuid[];
begin
    -- The sessions that changed, those whose room or kind changed, and the parts of all of them. In another time zone, the same
    -- hours are other instants.
    with directly as (
        select id, conference_id from changed where kind = 'session'
        union
        select revision.item_id, revision.conference_id from changed room
        join session_room on session_room.room_id = room.id
        join revision on revision.id = session_room.revision_id
        where room.kind = 'room'
        union
        select revision.item_id, revision.conference_id from changed room
        join session_content on session_content.conference_id = room.conference_id and session_content.whole_venue
        join revision on revision.id = session_content.revision_id
        where room.kind = 'room'
        union
        select revision.item_id, revision.conference_id from changed session_kind
        join session_content on session_content.session_kind_id = session_kind.id
        join revision on revision.id = session_content.revision_id
        where session_kind.kind = 'session_kind'
        union
        select item.id, item.conference_id from changed facts
        join item on item.conference_id = facts.conference_id and item.kind = 'session'
        where facts.kind = 'conference')
    select array_agg(id) into affected from (
        select id from directly
        union
        select revision.item_id from directly
        join session_content on session_content.parent_id = directly.id
        join revision on revision.id = session_content.revision_id) as sessions;
    if affected is null then
        return null;
    end if;
    -- Hours on the clock that the clocks skip would become other hours. Another time zone can cause this, so it is checked for both
    -- sides.
    if exists (
        select from session_side session
        join session_content content on content.revision_id = session.revision_id
        where session.session_id = any(affected) and session.status <> 'withdrawn' and content.parent_id is null
            and content.starts_at <> session.starts_at at time zone session.zone) then
        raise exception 'the clocks skip the hour at which a session begins'
            using errcode = 'check_violation', constraint = 'session_start_exists', table = 'item';
    end if;
    delete from slot where session_id = any(affected);
    insert into slot (side, session_id, taken_id, conference_id, root_id, is_part, during, held)
    select session.side, session.session_id, taken.id, session.conference_id, session.root_id, session.parent_id is not null,
        tstzrange(session.starts_at, session.ends_at),
        case when taken.is_room and not session_kind.is_break
            then tstzrange(session.starts_at, session.ends_at + coalesce(taken.changeover, '0')) end
    from session_side session
    join session_content content on content.revision_id = session.revision_id
    join item kind_item on kind_item.id = content.session_kind_id
    join session_kind_content session_kind
        on session_kind.revision_id = case session.side when 'draft' then kind_item.head_id else coalesce(kind_item.published_id, kind_item.head_id) end
    cross join lateral (
        select session_room.room_id as id, room_content.changeover, true as is_room
        from session_room
        left join item_side room on room.id = session_room.room_id and room.side = session.side
        left join room_content on room_content.revision_id = room.revision_id
        where session_room.revision_id = session.place_revision_id and not session.whole_venue
        union all
        select room.id, room_content.changeover, true
        from item_side room
        join revision on revision.id = room.revision_id and revision.status <> 'withdrawn'
        join room_content on room_content.revision_id = room.revision_id
        where session.whole_venue and room.conference_id = session.conference_id and room.side = session.side
        union all
        select person_id, null, false from session_person where session_person.revision_id = session.revision_id) as taken
    where session.session_id = any(affected) and session.starts_at is not null
        and session.status in ('draft', 'tentative', 'confirmed');
    return null;
end $$;
create trigger derive_slots_when_new after insert on item referencing new table as changed
    for each statement execute function derive_slots();
create trigger derive_slots_when_moved after update on item referencing new table as changed
    for each statement execute function derive_slots();

-- What must be unique, once for the heads and once for what the public reads. Derived like the slots.
create table item_name (
    side          text not null constraint item_name_side_known check (side in ('draft', 'public')),
    item_id       uuid not null,
    conference_id uuid not null,
    kind          text not null,
    what          text not null constraint item_name_what_known check (what in ('name', 'number')),
    name          text not null,
    primary key (item_id, side, what),
    constraint item_name_item foreign key (conference_id, kind, item_id) references item (conference_id, kind, id),
    constraint item_name_unique unique (conference_id, kind, side, what, name) deferrable
);

create function derive_names() returns trigger language plpgsql as $$
begin
    delete from item_name using changed where item_name.item_id = changed.id;
    insert into item_name (side, item_id, conference_id, kind, what, name)
    select pointer.side, changed.id, changed.conference_id, changed.kind, named.what, named.name
    from changed
    cross join lateral (values ('draft', changed.head_id), ('public', changed.published_id)) as pointer (side, revision_id)
    join revision on revision.id = pointer.revision_id and revision.status <> 'withdrawn'
    left join topic_content on topic_content.revision_id = revision.id
    cross join lateral (values ('name', revision.title_folded), ('number', topic_content.number::text)) as named (what, name)
    where changed.kind in ('session_kind', 'room', 'topic') and named.name is not null;
    return null;
end $$;
create trigger derive_names_when_new after insert on item referencing new table as changed
    for each statement execute function derive_names();
create trigger derive_names_when_moved after update on item referencing new table as changed
    for each statement execute function derive_names();

-- What is in use cannot be removed: no head names an item that was withdrawn, and nothing that is public names an item that is
-- not. Checked at the end of each statement, whichever of the two it moves.
create function names_of(revision uuid) returns table (item_id uuid) language sql stable as $$
    select room_id from session_room where revision_id = revision
    union all
    select session_kind_id from session_content where revision_id = revision
    union all
    select topic_id from session_content where revision_id = revision and topic_id is not null
    union all
    select parent_id from session_content where revision_id = revision and parent_id is not null
    union all
    select person_id from session_person where revision_id = revision
$$;

create function named_by(item uuid) returns table (revision_id uuid) language sql stable as $$
    select revision_id from session_room where room_id = item
    union all
    select revision_id from session_content where session_kind_id = item
    union all
    select revision_id from session_content where topic_id = item
    union all
    select revision_id from session_content where parent_id = item
    union all
    select revision_id from session_person where person_id = item
$$;

-- Items as organisers see them in lists, each with who saved it last and the number of sessions that name it.
create view listed_item as
select item.conference_id, item.id as item_id, revision.id as revision_id, slug, title, title_folded, status,
    head_id is distinct from published_id as unpublished, number as revision, edit.created_at as changed, account.name as who,
    (select count(*) from named_by(item.id) as naming
     join item session on session.head_id = naming.revision_id
     join revision head on head.id = session.head_id and head.status <> 'withdrawn') as sessions
from item
join revision on revision.id = item.head_id
join edit on edit.id = revision.edit_id
left join account on account.id = edit.account_id;

-- The address of the person who is the same as one that was entered twice, as the public knows them: the last in the chain, if they
-- take part. Null if nobody in it does, as when two entries lead to each other.
create function present_slug(person uuid) returns text language sql stable as $$
    with recursive chain as (
        select item.id, array[item.id] as passed, revision.slug, revision.status, successor_id
        from item
        join revision on revision.id = item.published_id
        join person_content on person_content.revision_id = revision.id
        where item.id = person
        union all
        select item.id, passed || item.id, revision.slug, revision.status, person_content.successor_id
        from chain
        join item on item.id = chain.successor_id and item.id <> all (passed)
        join revision on revision.id = item.published_id
        join person_content on person_content.revision_id = revision.id
        where chain.status = 'withdrawn')
    select slug from chain where status <> 'withdrawn'
$$;

create function check_in_use() returns trigger language plpgsql as $$
begin
    if new.kind = 'session' then
        if exists (
            select from revision
            cross join lateral names_of(revision.id) as named
            join item on item.id = named.item_id
            join revision head on head.id = item.head_id
            where revision.id = new.head_id and revision.status <> 'withdrawn' and head.status = 'withdrawn') then
            raise exception 'the session names something that was removed'
                using errcode = 'foreign_key_violation', constraint = 'item_names_removed', table = 'item';
        end if;
        if exists (
            select from revision
            cross join lateral names_of(revision.id) as named
            join item on item.id = named.item_id
            left join revision published on published.id = item.published_id
            where revision.id = new.published_id and revision.status <> 'withdrawn'
                and coalesce(published.status, 'withdrawn') = 'withdrawn') then
            raise exception 'the session names something that is not public'
                using errcode = 'foreign_key_violation', constraint = 'item_names_unpublished', table = 'item';
        end if;
        -- A part has no parts, neither for organisers nor for the public.
        if exists (
            select from item_side own
            join session_content content on content.revision_id = own.revision_id and content.parent_id is not null
            where own.id = new.id and (
                exists (
                    select from item_side parent
                    join session_content on session_content.revision_id = parent.revision_id
                    where parent.id = content.parent_id and parent.side = own.side and session_content.parent_id is not null)
                or content.parent_id = own.id
                or exists (
                    select from session_content part
                    join item_side on item_side.revision_id = part.revision_id and item_side.side = own.side
                    where part.parent_id = own.id))) then
            raise exception 'a part of a session cannot have parts'
                using errcode = 'check_violation', constraint = 'session_part_of_part', table = 'item';
        end if;
    end if;
    if exists (select from revision where id = new.head_id and status = 'withdrawn')
        and exists (
            select from named_by(new.id) as naming
            join item on item.head_id = naming.revision_id
            join revision on revision.id = naming.revision_id and revision.status <> 'withdrawn') then
        raise exception 'a session names it'
            using errcode = 'foreign_key_violation', constraint = 'item_in_use', table = 'item';
    end if;
    if not exists (select from revision where id = new.published_id and status <> 'withdrawn')
        and exists (
            select from named_by(new.id) as naming
            join item on item.published_id = naming.revision_id
            join revision on revision.id = naming.revision_id and revision.status <> 'withdrawn') then
        raise exception 'the public reads that a session names it'
            using errcode = 'foreign_key_violation', constraint = 'item_in_public_use', table = 'item';
    end if;
    return null;
end $$;
create trigger check_in_use after insert or update on item for each row when (new.kind in ('session', 'session_kind', 'room', 'topic', 'person'))
    execute function check_in_use();
create index item_by_head on item (head_id);
create index item_by_published on item (published_id);

-- A release changes what the public reads, for one item or many, in one transaction. Its rows say from which revision to
-- which each item went.
create table release (
    id            uuid primary key,
    conference_id uuid not null references conference,
    number        integer not null,
    -- What organisers say about it to those who read the programme; may be empty.
    note          text not null default '' constraint release_note_length check (char_length(note) <= 500),
    -- The release that this one takes back, with all after it; null for a release of the draft.
    takes_back    integer,
    account_id    uuid references account,
    created_at    timestamptz not null default now(),
    constraint release_of_conference unique (conference_id, id),
    constraint release_number_unique unique (conference_id, number),
    constraint release_takes_back foreign key (conference_id, takes_back) references release (conference_id, number)
);

create table release_change (
    release_id    uuid not null,
    conference_id uuid not null,
    item_id       uuid not null,
    -- Null if the item was not public before.
    before_id     uuid,
    -- Null if it is not public afterwards.
    after_id      uuid,
    primary key (release_id, item_id),
    constraint release_change_release foreign key (conference_id, release_id) references release (conference_id, id),
    constraint release_change_before foreign key (conference_id, item_id, before_id) references revision (conference_id, item_id, id),
    constraint release_change_after foreign key (conference_id, item_id, after_id) references revision (conference_id, item_id, id)
);
create index release_change_by_after on release_change (after_id);
create index release_change_by_item on release_change (item_id);

-- Releases that are to be made at a set time, of everything that is ready then. A row is carried out once: the release that
-- it makes is committed together with done_at.
create table scheduled_release (
    id            uuid primary key,
    conference_id uuid not null references conference,
    due_at        timestamptz not null,
    note          text not null constraint scheduled_release_note_length check (char_length(note) <= 500),
    account_id    uuid not null references account,
    created_at    timestamptz not null,
    -- While an instance carries it out, the end of that instance's lease.
    claimed_until timestamptz,
    done_at       timestamptz,
    cancelled_at  timestamptz,
    -- Null if it was cancelled because a backup was restored.
    cancelled_by  uuid references account,
    -- The release that it made, or the one that took releases back and cancelled this one. Null if nothing was ready then, or
    -- if somebody cancelled it.
    release_id    uuid,
    constraint scheduled_release_of_conference unique (conference_id, id),
    constraint scheduled_release_ends_once check (done_at is null or cancelled_at is null),
    constraint scheduled_release_release foreign key (conference_id, release_id) references release (conference_id, id)
);
-- One at a time, so a form that is sent twice is stored once.
create unique index scheduled_release_waiting on scheduled_release (conference_id, due_at)
    where done_at is null and cancelled_at is null;
create index scheduled_release_by_release on scheduled_release (release_id);

-- Secret links with which people without an account read the draft of the programme. The link holds the secret, this table its
-- hash.
create table preview_link (
    id            uuid primary key,
    conference_id uuid not null references conference,
    hash          bytea not null constraint preview_link_hash_unique unique constraint preview_link_hash_length check (octet_length(hash) = 32),
    account_id    uuid not null references account,
    created_at    timestamptz not null,
    revoked_at    timestamptz,
    -- Null if it was revoked because a backup was restored.
    revoked_by    uuid references account,
    constraint preview_link_of_conference unique (conference_id, id)
);
create index preview_link_valid on preview_link (conference_id, created_at) where revoked_at is null;

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
-- Items change for the public by releases alone.
create trigger publish after insert on release for each row execute function publish();
