-- When a mail is deleted, PostgreSQL looks for another one that names it. Without this index, it reads all mails each time, so that
-- removing a large demonstration took minutes.
create index message_by_instead on message (instead_id) where instead_id is not null;
