-- What was done to many attendees at once, so that it can be undone as one.
create table batch (
    id            uuid primary key,
    conference_id uuid not null references conference,
    kind          text not null constraint batch_kind_known check (kind in ('cancellation', 'category')),
    account_id    uuid not null references account,
    -- Why, as staff said; only staff read it.
    reason        text not null constraint batch_reason_length check (char_length(reason) between 1 and 500),
    -- The category to which all were changed.
    category_id   uuid,
    created_at    timestamptz not null,
    undone_at     timestamptz,
    constraint batch_of_conference unique (conference_id, id),
    constraint batch_category foreign key (conference_id, category_id) references category (conference_id, id),
    constraint batch_category_of_kind check ((kind = 'category') = (category_id is not null))
);
create index batch_by_conference on batch (conference_id, created_at);

-- Whom it concerned, and how they were before.
create table batch_attendee (
    batch_id      uuid not null,
    conference_id uuid not null,
    attendee_id   uuid not null,
    category_id   uuid not null,
    -- Whether they had a place.
    had_place     boolean not null,
    -- False: it could not be done for them.
    is_done       boolean not null default true,
    primary key (batch_id, attendee_id),
    constraint batch_attendee_batch foreign key (conference_id, batch_id) references batch (conference_id, id) on delete cascade,
    constraint batch_attendee_attendee foreign key (conference_id, attendee_id) references attendee (conference_id, id),
    constraint batch_attendee_category foreign key (conference_id, category_id) references category (conference_id, id)
);
create index batch_attendee_by_attendee on batch_attendee (attendee_id);
