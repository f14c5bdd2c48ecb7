-- The city, the address of the venue and the contact of a conference are facts, too: organisers edit them, and only a release
-- changes what the public reads of them.

alter table conference
    -- The street address of the venue, and where a map shows it. Empty: not said.
    add column address text not null default '' constraint conference_address_length check (char_length(address) <= 300),
    add column map_url text not null default '' constraint conference_map_url_length check (char_length(map_url) <= 300),
    -- A telephone and a fax number are optional.
    drop constraint conference_contact_telephone_digits,
    drop constraint conference_contact_fax_digits,
    add constraint conference_contact_telephone_digits check (contact_telephone ~ '^(([^0-9]*[0-9]){5}|$)'),
    add constraint conference_contact_fax_digits check (contact_fax ~ '^(([^0-9]*[0-9]){5}|$)');

-- Null in a revision of an older instance, which does not know these facts: they then stay as the public reads them.
alter table conference_content
    add column city    text constraint conference_content_city_length check (char_length(city) between 1 and 200),
    add column country text constraint conference_content_country_shape check (country ~ '^[A-Z]{2}$'),
    add column address text constraint conference_content_address_length check (char_length(address) <= 300),
    add column map_url text constraint conference_content_map_url_length check (char_length(map_url) <= 300),
    add column contact_email     text constraint conference_content_contact_email_length
                                 check (char_length(contact_email) between 3 and 254),
    add column contact_telephone text constraint conference_content_contact_telephone_digits
                                 check (contact_telephone ~ '^(([^0-9]*[0-9]){5}|$)'),
    add column contact_fax       text constraint conference_content_contact_fax_digits
                                 check (contact_fax ~ '^(([^0-9]*[0-9]){5}|$)');
update conference_content content
set city = conference.city, country = conference.country, address = '', map_url = '', contact_email = conference.contact_email,
    contact_telephone = conference.contact_telephone, contact_fax = conference.contact_fax
from conference where conference.id = content.conference_id;

create or replace view draft_facts as
select item.id, revision.title, content.theme, content.venue, content.venue_url, content.hosts, content.starts_on, content.ends_on, content.time_zone,
    coalesce(content.city, conference.city) as city, coalesce(content.country, conference.country) as country,
    coalesce(content.address, conference.address) as address, coalesce(content.map_url, conference.map_url) as map_url,
    coalesce(content.contact_email, conference.contact_email) as contact_email,
    coalesce(content.contact_telephone, conference.contact_telephone) as contact_telephone,
    coalesce(content.contact_fax, conference.contact_fax) as contact_fax
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
        city, country, address, map_url, contact_email, contact_telephone, contact_fax)
    values (first, new.id, new.theme, new.venue, new.venue_url, new.hosts, new.starts_on, new.ends_on, new.time_zone,
        new.city, new.country, new.address, new.map_url, new.contact_email, new.contact_telephone, new.contact_fax);
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
        revision = conference.revision + 1
    from revision facts join conference_content content on content.revision_id = facts.id
    where conference.id = new.id and facts.id = new.published_id;
    return null;
end $$;

-- An older instance changes the contact as a setting, which nothing here refuses. The next release of the program does.
create function check_place() returns trigger language plpgsql as $$
begin
    if exists (
        select from item join conference_content content on content.revision_id = item.published_id
        where item.id = new.id
            and (content.city <> new.city or content.country <> new.country or content.address <> new.address
                or content.map_url <> new.map_url)) then
        raise exception 'only a release changes the facts of a conference';
    end if;
    return null;
end $$;
create trigger check_place after update of city, country, address, map_url on conference for each row execute function check_place();
