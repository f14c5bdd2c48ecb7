-- A version that is set aside is kept beside what is published: the public reads what it read, and the pages that were
-- rendered from it stay good. So a session and a page are a publication only when another revision of theirs is shown, or
-- under another address or in another place.

drop trigger publish on session;
create trigger publish after insert or delete on session for each statement execute function publish();
create trigger publish_changed after update on session for each row
    when ((old.conference_id, old.slug, old.published_revision_id)
        is distinct from (new.conference_id, new.slug, new.published_revision_id))
    execute function publish();

drop trigger publish on page;
create trigger publish after insert or delete on page for each statement execute function publish();
create trigger publish_changed after update on page for each row
    when ((old.conference_id, old.slug, old.place, old.published_revision_id)
        is distinct from (new.conference_id, new.slug, new.place, new.published_revision_id))
    execute function publish();
