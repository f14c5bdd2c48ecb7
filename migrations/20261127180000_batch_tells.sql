-- Whether the people of a batch were told of it. If not, they are not told of its undoing either.
alter table batch add column tells boolean not null default true;
