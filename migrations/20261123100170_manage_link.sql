-- What delegates change themselves with their manage link.

-- A new e-mail address that a delegate gave. It counts only after somebody who reads its mail has confirmed it.
create table email_change (
    id             uuid primary key,
    conference_id  uuid not null,
    registration_id uuid not null,
    -- Null: the contact, who does not attend.
    attendee_id    uuid,
    email          text not null constraint email_change_email_length check (char_length(email) between 3 and 254),
    email_normalised text not null,
    asked_at       timestamptz not null,
    expires_at     timestamptz not null,
    used_at        timestamptz,
    -- The delegate cancelled it, or asked for another address.
    cancelled_at   timestamptz,
    constraint email_change_of_conference unique (conference_id, id),
    constraint email_change_registration foreign key (conference_id, registration_id) references registration (conference_id, id),
    constraint email_change_attendee foreign key (registration_id, attendee_id) references attendee (registration_id, id),
    constraint email_change_ends_once check (used_at is null or cancelled_at is null)
);
create unique index email_change_one_open on email_change (registration_id, attendee_id) nulls not distinct
    where used_at is null and cancelled_at is null;

-- The links that confirm it. Each mail has its own.
alter table link add column email_change_id uuid,
    add constraint link_email_change foreign key (conference_id, email_change_id) references email_change (conference_id, id),
    add constraint link_confirms_email check ((purpose = 'confirm_email') = (email_change_id is not null));
