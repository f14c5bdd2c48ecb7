-- A conference has a picture for its home page (the hero) and one for previews of shared links. Both are facts: organisers upload
-- them, and only a release changes what the public sees. Without them, the pictures that come with the program are shown.

-- A picture of a conference is wide: its size is the number of pixels of its width.
alter table picture_size
    drop constraint picture_size_pixels,
    add constraint picture_size_pixels check (pixels in (96, 192, 480, 800, 1200, 1600));

-- Deferrable, so that a conference and its pictures can be added in either order.
alter table conference
    add column hero_id    uuid,
    -- What it shows, for those who cannot see it.
    add column hero_text  text not null default '' constraint conference_hero_text_length check (char_length(hero_text) <= 300),
    add column share_id   uuid,
    add column share_text text not null default '' constraint conference_share_text_length check (char_length(share_text) <= 300),
    add constraint conference_hero_described check (hero_id is null or hero_text <> ''),
    add constraint conference_share_described check (share_id is null or share_text <> ''),
    add constraint conference_hero foreign key (id, hero_id) references picture (conference_id, id) deferrable,
    add constraint conference_share foreign key (id, share_id) references picture (conference_id, id) deferrable;

-- The texts are null in a revision of an older instance, which does not know the pictures: they then stay as the public sees them.
alter table conference_content
    add column hero_id    uuid,
    add column hero_text  text constraint conference_content_hero_text_length check (char_length(hero_text) <= 300),
    add column share_id   uuid,
    add column share_text text constraint conference_content_share_text_length check (char_length(share_text) <= 300),
    add constraint conference_content_hero_described check (hero_id is null or hero_text is not null and hero_text <> ''),
    add constraint conference_content_share_described check (share_id is null or share_text is not null and share_text <> ''),
    add constraint conference_content_hero foreign key (conference_id, hero_id) references picture (conference_id, id) deferrable,
    add constraint conference_content_share foreign key (conference_id, share_id) references picture (conference_id, id) deferrable;
create index conference_content_by_hero on conference_content (hero_id) where hero_id is not null;
create index conference_content_by_share on conference_content (share_id) where share_id is not null;
update conference_content set hero_text = '', share_text = '';

-- The editor has always refused more days. Not checked for conferences that were added by other means before.
alter table conference_content add constraint conference_content_not_too_long check (ends_on - starts_on < 14) not valid;

create or replace view draft_facts as
select item.id, revision.title, content.theme, content.venue, content.venue_url, content.hosts, content.starts_on, content.ends_on, content.time_zone,
    coalesce(content.city, conference.city) as city, coalesce(content.country, conference.country) as country,
    coalesce(content.address, conference.address) as address, coalesce(content.map_url, conference.map_url) as map_url,
    coalesce(content.contact_email, conference.contact_email) as contact_email,
    coalesce(content.contact_telephone, conference.contact_telephone) as contact_telephone,
    coalesce(content.contact_fax, conference.contact_fax) as contact_fax,
    case when content.hero_text is null then conference.hero_id else content.hero_id end as hero_id,
    coalesce(content.hero_text, conference.hero_text) as hero_text,
    case when content.share_text is null then conference.share_id else content.share_id end as share_id,
    coalesce(content.share_text, conference.share_text) as share_text
from item
join revision on revision.id = item.head_id
join conference_content content on content.revision_id = item.head_id
join conference on conference.id = item.id;

create or replace function add_facts() returns trigger language plpgsql as $$
declare
    first uuid := gen_random_uuid();
    added uuid := gen_random_uuid();
begin
    insert into edit (id, conference_id, created_at) values (added, new.id, new.created_at);
    insert into slug (conference_id, kind, slug, item_id) values (new.id, 'conference', 'facts', new.id);
    insert into revision (id, conference_id, item_id, kind, number, slug, title, title_folded, status, edit_id)
    values (first, new.id, new.id, 'conference', 1, 'facts', new.title, '', 'confirmed', added);
    insert into conference_content (revision_id, conference_id, theme, venue, venue_url, hosts, starts_on, ends_on, time_zone,
        city, country, address, map_url, contact_email, contact_telephone, contact_fax, hero_id, hero_text, share_id, share_text)
    values (first, new.id, new.theme, new.venue, new.venue_url, new.hosts, new.starts_on, new.ends_on, new.time_zone,
        new.city, new.country, new.address, new.map_url, new.contact_email, new.contact_telephone, new.contact_fax,
        new.hero_id, new.hero_text, new.share_id, new.share_text);
    insert into item (id, conference_id, kind, head_id, published_id, created_at)
    values (new.id, new.id, 'conference', first, first, new.created_at);
    return null;
end $$;

create or replace function derive_facts() returns trigger language plpgsql as $$
begin
    update conference set title = facts.title, theme = content.theme, venue = content.venue, venue_url = content.venue_url,
        hosts = content.hosts, starts_on = content.starts_on, ends_on = content.ends_on, time_zone = content.time_zone,
        city = coalesce(content.city, conference.city), country = coalesce(content.country, conference.country),
        address = coalesce(content.address, conference.address), map_url = coalesce(content.map_url, conference.map_url),
        contact_email = coalesce(content.contact_email, conference.contact_email),
        contact_telephone = coalesce(content.contact_telephone, conference.contact_telephone),
        contact_fax = coalesce(content.contact_fax, conference.contact_fax),
        hero_id = case when content.hero_text is null then conference.hero_id else content.hero_id end,
        hero_text = coalesce(content.hero_text, conference.hero_text),
        share_id = case when content.share_text is null then conference.share_id else content.share_id end,
        share_text = coalesce(content.share_text, conference.share_text),
        revision = conference.revision + 1
    from revision facts join conference_content content on content.revision_id = facts.id
    where conference.id = new.id and facts.id = new.published_id;
    return null;
end $$;

create function check_pictures() returns trigger language plpgsql as $$
begin
    if exists (
        select from item join conference_content content on content.revision_id = item.published_id
        where item.id = new.id and content.hero_text is not null
            and (content.hero_id, content.hero_text, content.share_id, content.share_text)
                is distinct from (new.hero_id, new.hero_text, new.share_id, new.share_text)) then
        raise exception 'only a release changes the facts of a conference';
    end if;
    return null;
end $$;
create trigger check_pictures after update of hero_id, hero_text, share_id, share_text on conference for each row
    execute function check_pictures();
