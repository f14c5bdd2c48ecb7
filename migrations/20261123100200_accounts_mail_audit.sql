-- Accounts and logins, the outbox of mails, and the audit log.

create table membership (
    id            uuid primary key,
    account_id    uuid not null references account,
    -- Null means all conferences.
    conference_id uuid references conference,
    role          text not null constraint membership_role_known check (role in ('staff', 'organiser', 'administrator')),
    constraint membership_unique unique nulls not distinct (account_id, conference_id, role),
    -- Administrators could give themselves a role at any conference, so their own role always covers all of them.
    constraint membership_administrator_everywhere check (role <> 'administrator' or conference_id is null)
);

-- One-time links with which a person sets a password.
create table account_link (
    id         uuid primary key,
    account_id uuid not null references account,
    hash       bytea not null constraint account_link_hash_unique unique constraint account_link_hash_length check (octet_length(hash) = 32),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at    timestamptz
);
create index account_link_by_account on account_link (account_id);

-- A signed-in visit. The cookie holds the secret, this table its hash.
create table login (
    id         uuid primary key,
    account_id uuid not null references account,
    hash       bytea not null constraint login_hash_unique unique constraint login_hash_length check (octet_length(hash) = 32),
    created_at timestamptz not null default now(),
    seen_at    timestamptz not null default now(),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    -- The User-Agent header (at most 200 characters) and the network, so that the person can recognise the login.
    browser    text not null default '',
    network    text not null default '',
    -- SHA-256 of the secret that identifies a browser that has signed in before. It outlasts the login.
    browser_hash bytea constraint login_browser_hash_length check (octet_length(browser_hash) = 32)
);
create index login_by_account on login (account_id) where revoked_at is null;
create index login_by_browser on login (browser_hash);

-- A form that was sent after its login had ended. It is offered to the person again after signing in.
create table resumed_form (
    id         uuid primary key,
    account_id uuid not null references account,
    -- The path it was sent to and its fields, as [[name, value], …].
    path       text not null,
    fields     jsonb not null,
    created_at timestamptz not null default now()
);
create index resumed_form_by_account on resumed_form (account_id);

-- Limits on attempts: one row for each rule and key, with the time at which all its attempts are available again.
-- Unlogged: after a crash the limits start afresh, and no attempt waits for the disk.
create unlogged table rate_limit (
    rule     text not null,
    key      text not null,
    whole_at timestamptz not null,
    primary key (rule, key)
);
create index rate_limit_by_time on rate_limit (whole_at);

-- The outbox: a mail is a row from the moment its cause is committed. It holds who and what about, never a secret;
-- the links in it are made when it is sent.
create table message (
    id            uuid primary key,
    conference_id uuid references conference,
    -- The program knows the kinds. The word of a mail to the operations desk begins with operations_.
    kind          text not null constraint message_kind_shape check (kind ~ '^[a-z]+(_[a-z]+)*$'),
    recipient     text not null constraint message_recipient_length check (char_length(recipient) between 3 and 254),
    locale        text not null default 'en',
    registration_id uuid,
    attendee_id   uuid,
    account_id    uuid references account,
    data          jsonb not null default '{}',
    -- Held: it waited in a backup that was restored, and may have been sent since. Staff release or discard it.
    state         text not null default 'waiting' constraint message_state_known
                  check (state in ('waiting', 'held', 'sent', 'failed', 'discarded')),
    attempts      integer not null default 0,
    -- Not before this instant; while an instance is sending it, the end of that instance's lease.
    due_at        timestamptz not null default now(),
    -- The mail server's last words.
    reply         text,
    created_at    timestamptz not null default now(),
    sent_at       timestamptz,
    -- What was sent, for staff to read: the subject and the plain text, in which the secrets of links are masked.
    sent_subject  text constraint message_sent_subject_length check (char_length(sent_subject) <= 20000),
    sent_text     text constraint message_sent_text_length check (char_length(sent_text) <= 20000),
    constraint message_registration foreign key (conference_id, registration_id) references registration (conference_id, id),
    constraint message_attendee foreign key (conference_id, attendee_id) references attendee (conference_id, id)
);
create index message_due on message (due_at) where state = 'waiting';
create index message_by_registration on message (registration_id);
-- Keys grow with time, so the lists go by them.
create index message_by_key on message (conference_id, id);
create index message_by_state on message (conference_id, state, id);

-- What was done, when, by whom. Nothing is ever taken out of it.
create table audit (
    id            uuid primary key,
    -- Without a foreign key, because a demonstration can be removed.
    conference_id uuid,
    at            timestamptz not null default now(),
    -- Null: a delegate by a secret link or the public form, or the program itself.
    account_id    uuid references account,
    actor         text not null constraint audit_actor_known check (actor in ('delegate', 'account', 'program')),
    -- What happened, as noun_verb: registration_kept, attendee_corrected …
    kind          text not null,
    registration_id uuid,
    attendee_id   uuid,
    -- Another subject: a session, a page, an account …
    subject_id    uuid,
    -- Names of the fields that changed.
    fields        text[] not null default '{}'
);
create index audit_by_registration on audit (registration_id, at);
create index audit_by_time on audit (at);

-- The personal values of a change, apart from the log, so that they can be erased without touching it.
create table audit_value (
    audit_id uuid not null references audit,
    field    text not null,
    before   text,
    after    text,
    primary key (audit_id, field)
);

create function audit_only_grows() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log only grows' using errcode = 'insufficient_privilege';
end $$;
create trigger audit_only_grows before update or delete or truncate on audit for each statement execute function audit_only_grows();
