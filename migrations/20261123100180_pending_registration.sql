-- Registrations of people whose name and address are registered already. Each waits until somebody who reads the mail of that
-- address says that it is another person.
create table pending_registration (
    id             uuid primary key,
    conference_id  uuid not null references conference,
    -- Who it is for, and the fields of the form about this person alone, as [[name, value], …]. All of this is deleted once the
    -- registration is complete or the time is over.
    name           text not null constraint pending_registration_name_length check (char_length(name) <= 200),
    email          text not null constraint pending_registration_email_length check (char_length(email) <= 254),
    fields         jsonb not null,
    -- The form, and a hash of the person: the same form that is sent again changes this row and causes no second mail.
    submission_id  uuid not null,
    person_hash    bytea not null constraint pending_registration_person_hash_length check (octet_length(person_hash) = 32),
    -- The registration of the others on the form.
    beside_id      uuid,
    asked_at       timestamptz not null,
    expires_at     timestamptz not null,
    used_at        timestamptz,
    constraint pending_registration_of_conference unique (conference_id, id),
    constraint pending_registration_once unique (conference_id, submission_id, person_hash),
    constraint pending_registration_beside foreign key (conference_id, beside_id) references registration (conference_id, id)
        deferrable initially deferred
);
create index pending_registration_by_expiry on pending_registration (expires_at);
create index pending_registration_by_beside on pending_registration (beside_id) where beside_id is not null;

-- The links that complete it. Each mail has its own.
alter table link add column pending_registration_id uuid,
    add constraint link_pending_registration foreign key (conference_id, pending_registration_id)
        references pending_registration (conference_id, id) on delete cascade,
    add constraint link_completes_registration check ((purpose = 'another_person') = (pending_registration_id is not null));
create index link_by_pending_registration on link (pending_registration_id) where pending_registration_id is not null;
