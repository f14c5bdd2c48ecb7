-- A conference is opened on the site, from nothing or as a copy of another one. Until somebody opens it to the public, it is in
-- preparation: only people who are signed in see it, and nobody can register. An older instance, which does not know this, shows it
-- to everybody, so open the first one when no older instance runs any more.

alter table conference
    add column in_preparation boolean not null default false,
    -- The start page shows the current conference to everybody.
    add constraint conference_current_is_open check (not (is_current and in_preparation)),
    -- The conference that it began as a copy of. What was not copied, such as dates, is compared with it.
    add column copied_from uuid constraint conference_copied_from references conference on delete set null;
create index conference_by_copied_from on conference (copied_from);
