-- The waiting list: the settings of registration, and the places that are offered to those who wait.

-- What is set for the registration of a conference. Its row is also the lock of the queue: everything that gives places
-- back, takes them for people who are on record, or changes how many there are, locks it first.
create table registration_settings (
    conference_id uuid primary key references conference,
    -- How long an offer of a place is open.
    offer_hours   integer not null default 48 constraint registration_settings_offer_hours_range check (offer_hours between 1 and 720),
    -- From then on, delegates can change nothing with their manage links. Null: they always can.
    changes_until timestamptz
);
create function add_registration_settings() returns trigger language plpgsql as $$
begin
    insert into registration_settings (conference_id) values (new.id);
    return null;
end $$;
create trigger add_registration_settings after insert on conference for each row execute function add_registration_settings();

-- The offers of places to people on the waiting list. Offers that have ended stay as the history.
create table offer (
    id            uuid primary key,
    conference_id uuid not null,
    attendee_id   uuid not null,
    place_id      uuid not null references place,
    offered_at    timestamptz not null,
    -- From this instant on it cannot be accepted.
    lapses_at     timestamptz not null,
    remind_at     timestamptz not null,
    reminded_at   timestamptz,
    ended_at      timestamptz,
    -- Withdrawn: the attendee was cancelled meanwhile.
    outcome       text constraint offer_outcome_known check (outcome in ('accepted', 'declined', 'lapsed', 'withdrawn')),
    -- The end of the lease of the instance that is letting it lapse.
    claimed_until timestamptz,
    constraint offer_attendee foreign key (conference_id, attendee_id) references attendee (conference_id, id),
    constraint offer_times_in_order check (offered_at < lapses_at and remind_at between offered_at and lapses_at),
    constraint offer_ended_has_outcome check ((ended_at is null) = (outcome is null))
);
create unique index offer_one_open on offer (attendee_id) where ended_at is null;
create index offer_lapsing on offer (lapses_at) where ended_at is null;
create index offer_by_conference on offer (conference_id, offered_at, id);
