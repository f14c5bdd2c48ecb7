-- What staff note about an attendee. It can be removed, unlike the history.
create table attendee_note (
    id            uuid primary key,
    conference_id uuid not null,
    attendee_id   uuid not null,
    account_id    uuid not null references account,
    text          text not null constraint attendee_note_length check (char_length(text) between 1 and 2000),
    created_at    timestamptz not null,
    constraint attendee_note_attendee foreign key (conference_id, attendee_id) references attendee (conference_id, id)
);
create index attendee_note_by_attendee on attendee_note (attendee_id);
