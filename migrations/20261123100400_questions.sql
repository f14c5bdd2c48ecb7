-- Questions that organisers add to the registration form, and their answers.

create table question (
    id            uuid primary key,
    conference_id uuid not null references conference,
    -- The order on the form; lower numbers come first.
    place         smallint not null constraint question_place_range check (place between 1 and 999),
    -- Whether each attendee answers it, or the contact once.
    asked_of      text not null constraint question_asked_of_known check (asked_of in ('attendee', 'registration')),
    -- False: the form no longer asks it. The answers stay.
    is_asked      boolean not null default true,
    -- What the form asks now.
    version_id    uuid not null,
    -- Each change increments it.
    revision      integer not null default 1,
    constraint question_of_conference unique (conference_id, id),
    constraint question_asked_of_unique unique (conference_id, id, asked_of)
);

-- A question as it is or was asked. A row never changes, so that each answer keeps the words that it answers.
create table question_version (
    id            uuid primary key,
    conference_id uuid not null,
    question_id   uuid not null,
    number        integer not null,
    kind          text not null constraint question_kind_known
                  check (kind in ('short_text', 'long_text', 'one_of', 'some_of', 'number', 'date', 'yes_no')),
    text          text not null constraint question_text_length check (char_length(text) between 1 and 200),
    help          text not null constraint question_help_length check (char_length(help) <= 300),
    -- Completes the sentence "We use this to …".
    purpose       text not null constraint question_purpose_length check (char_length(purpose) between 1 and 200),
    required      boolean not null,
    -- Who sees the answers: everybody at the desk, or only those who may read needs.
    readers       text not null constraint question_readers_known check (readers in ('desk', 'needs')),
    -- What one_of and some_of offer.
    choices       text[] not null constraint question_choices_number
                  check (case when kind in ('one_of', 'some_of') then cardinality(choices) between 2 and 50 else choices = '{}' end),
    created_at    timestamptz not null default now(),
    constraint question_version_unique unique (question_id, number),
    constraint question_version_of_question unique (conference_id, question_id, id),
    constraint question_version_question foreign key (conference_id, question_id) references question (conference_id, id)
        deferrable initially deferred
);
alter table question add constraint question_version_now
    foreign key (conference_id, id, version_id) references question_version (conference_id, question_id, id);

-- The categories whose delegates are asked. Without rows, everybody is.
create table question_category (
    conference_id uuid not null,
    question_id   uuid not null,
    category_id   uuid not null,
    primary key (question_id, category_id),
    constraint question_category_question foreign key (conference_id, question_id) references question (conference_id, id),
    constraint question_category_category foreign key (conference_id, category_id) references category (conference_id, id)
);
create index question_category_by_category on question_category (category_id);

create table answer (
    id              uuid primary key,
    conference_id   uuid not null,
    registration_id uuid not null,
    -- Null: the contact's answer for the registration.
    attendee_id     uuid,
    question_id     uuid not null,
    asked_of        text not null,
    version_id      uuid not null,
    -- One text, or for some_of each choice, in the words of the version. Dates and numbers as ISO 8601 has them.
    value           text[] not null constraint answer_value_number check (cardinality(value) between 1 and 50),
    created_at      timestamptz not null,
    constraint answer_once unique nulls not distinct (registration_id, attendee_id, question_id),
    constraint answer_of_whom check ((asked_of = 'attendee') = (attendee_id is not null)),
    constraint answer_registration foreign key (conference_id, registration_id) references registration (conference_id, id),
    constraint answer_attendee foreign key (registration_id, attendee_id) references attendee (registration_id, id),
    constraint answer_question foreign key (conference_id, question_id, asked_of) references question (conference_id, id, asked_of),
    constraint answer_version foreign key (conference_id, question_id, version_id)
        references question_version (conference_id, question_id, id)
);
create index answer_by_question on answer (question_id);
create index answer_by_attendee on answer (attendee_id);

-- The privacy notice lists the questions, so a change to them is published.
create trigger publish after insert or update or delete on question for each statement execute function publish();
create trigger publish after insert or delete on question_category for each statement execute function publish();
