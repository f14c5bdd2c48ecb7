-- Mailings: what staff write to the people of a view. Each recipient is a mail in the outbox. Also: failed mails that staff have
-- dealt with, and a search for mails.

-- A text that staff keep to write mailings from.
create table mail_template (
    id            uuid primary key,
    conference_id uuid not null references conference,
    name          text not null constraint mail_template_name_length check (char_length(name) between 1 and 100),
    subject       text not null constraint mail_template_subject_length check (char_length(subject) between 1 and 200),
    text          text not null constraint mail_template_text_length check (char_length(text) between 1 and 10000),
    created_at    timestamptz not null default now(),
    constraint mail_template_name_unique unique (conference_id, name)
);

create table mailing (
    id            uuid primary key,
    conference_id uuid not null references conference,
    -- One copy of the form: if it is sent twice, there is one mailing.
    submission_id uuid not null constraint mailing_submission_unique unique,
    -- The query of the view, as in the address of the list of attendees. It is asked when the mailing is due.
    view          text not null constraint mailing_view_length check (octet_length(view) <= 200000),
    readers       text not null constraint mailing_readers_known check (readers in ('attendees', 'contacts')),
    -- Whether it also goes to people who are cancelled.
    with_cancelled boolean not null,
    subject       text not null constraint mailing_subject_length check (char_length(subject) between 1 and 200),
    text          text not null constraint mailing_text_length check (char_length(text) between 1 and 10000),
    -- The word that stands for a placeholder which somebody lacks, by its name. People who lack one without a word get no mail.
    instead       jsonb not null default '{}' constraint mailing_instead_object check (jsonb_typeof(instead) = 'object'),
    due_at        timestamptz not null,
    account_id    uuid not null references account,
    created_at    timestamptz not null,
    -- While an instance determines the recipients: the end of its lease.
    claimed_until timestamptz,
    -- When its mails were put into the outbox, and how many they were.
    queued_at     timestamptz,
    queued        integer constraint mailing_queued_not_negative check (queued >= 0),
    stopped_at    timestamptz,
    -- Null although it was stopped: its view could no longer be read, or a backup was restored.
    stopped_by    uuid references account,
    constraint mailing_of_conference unique (conference_id, id),
    constraint mailing_queued_counted check ((queued_at is null) = (queued is null)),
    constraint mailing_stopped_by_somebody check (stopped_by is null or stopped_at is not null)
);
create index mailing_due on mailing (due_at) where queued_at is null and stopped_at is null;

alter table message
    add column mailing_id uuid,
    -- When staff marked this failed mail as dealt with.
    add column dealt_with_at timestamptz,
    -- The mail that was sent instead, after the address was corrected.
    add column instead_id uuid constraint message_instead references message,
    add constraint message_mailing foreign key (conference_id, mailing_id) references mailing (conference_id, id);

create index message_by_mailing on message (mailing_id, state) where mailing_id is not null;
-- The mails of mailings wait for all others, so each has an index of its own. Older programs use message_due.
create index message_due_first on message (due_at) where state = 'waiting' and mailing_id is null;
create index message_due_after on message (due_at) where state = 'waiting' and mailing_id is not null;
-- For the count on every page of the desk.
create index message_needs_somebody on message (conference_id) where state = 'failed' and dealt_with_at is null;
-- What a search for mails looks at. A mail that waits is not in it, so that it is indexed once, when it was sent or given up.
create index message_words on message using gin ((recipient || ' ' || coalesce(sent_subject, '')) gin_trgm_ops) where state <> 'waiting';
