-- Where the public frame links to a page, and in which order. A page can be removed, like what sessions name, but the privacy
-- notice cannot: the registration form shows it.

-- The defaults are for older programs, which do not know the columns: their pages stand in the footer, after the others.
alter table page_content
    add column placement text not null default 'footer'
        constraint page_placement_known check (placement in ('menu', 'footer', 'none')),
    -- Its place in the order of the pages.
    add column place smallint not null default 500 constraint page_place_range check (place between 1 and 999);

-- Until now, the pages stood in the order in which they were added.
update page_content set place = ordered.place
from revision
join (select id, least(row_number() over (partition by conference_id order by created_at, id), 999) as place
      from item where kind = 'page') as ordered on ordered.id = revision.item_id
where revision.id = page_content.revision_id;

-- The privacy notice is the page that has or once had the address "privacy".
create function check_privacy_notice() returns trigger language plpgsql as $$
begin
    if exists (select from slug where item_id = new.id and kind = 'page' and slug = 'privacy')
        and exists (select from revision where id in (new.head_id, new.published_id) and status = 'withdrawn') then
        raise exception 'the registration form shows the privacy notice'
            using errcode = 'check_violation', constraint = 'privacy_notice_stays', table = 'item';
    end if;
    return null;
end $$;
create trigger check_privacy_notice after insert or update on item for each row when (new.kind = 'page')
    execute function check_privacy_notice();
