"""The requests of the desk that are measured: what each is called, its path and its headers."""

from urllib.parse import urlencode

FRAGMENT = {"HX-Request": "true"}


def requests_of(cluster, slug):
    """Returns the requests for a conference, by what they are called. What is searched for is taken from the database."""

    def one(sql):
        return cluster.query("desk", sql.replace(":c", f"(select id from conference where slug = '{slug}')"))

    def registration(column, condition="true"):
        return one(f"select {column} from registration where conference_id = :c and {condition} order by md5(id::text) limit 1")

    def attendee(column, condition="true"):
        return one(f"select {column} from attendee where conference_id = :c and {condition} order by md5(id::text) limit 1")

    def listed(order, part):
        return one("select attendee_id from attendee_listing where conference_id = :c"
                   f" order by {order} limit 1 offset (select (count(*) * {part})::int from attendee_listing where conference_id = :c)")

    base = f"/staff/{slug}"
    lists = {"the list": {}, "the last page": {"after": listed("name, attendee_id", 0.9995)},
             "a page in the middle": {"after": listed("name, attendee_id", 0.5)}, "page 2": {"after": listed("name, attendee_id", 0.0005)},
             "the page before": {"before": listed("name, attendee_id", 0.5)}}
    for sort, order in (("sort-name", "sort_name, attendee_id"), ("organisation", "organisation, name, attendee_id"),
                        ("newest", "created_at desc, attendee_id desc")):
        lists[f"by {sort}"] = {"sort": sort}
        lists[f"by {sort}, in the middle"] = {"sort": sort, "after": listed(order, 0.5)}
    category = one("select id from category where conference_id = :c and slug = 'member-city'")
    question = one("select id from question where conference_id = :c order by place limit 1")
    country = registration("country")
    filters = {
        "confirmed": {"state": "confirmed"}, "cancelled": {"state": "cancelled"}, "waiting": {"state": "waiting"},
        "a category": {"category": category}, "a country": {"country": country}, "a city": {"city": registration("city")},
        "since yesterday": {"since": since(one, 1)}, "since half a year": {"since": since(one, 150)},
        "with needs": {"needs": "yes"}, "who owe": {"owes": "yes"}, "twice": {"twice": "yes"},
        "an answer": {"answer": f"{question}:Data centre"}, "any answer": {"answer": question},
        "a category and a status": {"category": category, "state": "confirmed"},
        "a category and a country": {"category": category, "country": country},
        "confirmed and who owe": {"state": "confirmed", "owes": "yes"},
        "a country, by organisation": {"country": country, "sort": "organisation"},
        "confirmed, in the middle": {"state": "confirmed", "after": listed("name, attendee_id", 0.5)},
        "a category, in the middle": {"category": category, "after": listed("name, attendee_id", 0.5)},
    }
    latin = "name ~ '^[A-Z][a-z]+ [A-Z][a-z]{5,}$'"
    name = attendee("name", latin)
    first, last = name.split()
    many = one("select split_part(organisation, ' ', 1) from registration where conference_id = :c and organisation ~ '^[A-Za-z]+ '"
               " group by 1 order by count(*) desc limit 1")
    slip = last[:2] + last[3] + last[2] + last[4:]
    words = {
        "a name": name, "a last name": last, "its beginning": last[:3], "two words": f"{last} {registration('city')}",
        "an e-mail address": attendee("email"), "its domain": "@" + attendee("email").split("@")[1],
        "a telephone number": registration("contact_telephone", "contact_telephone <> ''"),
        "a reference": registration("reference"), "a reference as pasted": f"(#{registration('reference')}),",
        "an organisation": registration("organisation"), "a word of many": many,
        "a city": registration("city"), "a country's name": "Germany", "a purchase order": registration("purchase_order", "purchase_order <> ''"),
        "%": "%", "one letter": "a", "two letters": last[:2], "two letters inside words": "qx",
        "Greek": attendee("name", "name ~ '[α-ω]'"), "Cyrillic": attendee("name", "name ~ '[а-я]'"),
        "a typing slip": slip, "a slip in two words": f"{first} {slip}", "a slip and a city": f"{slip} {registration('city')}",
        "nobody": "Quixotic", "nobody, two words": "Quixotic Zzyzx", "10,000 characters": "Müller " * 1428 + "Graz",
    }
    attendees = f"{base}/attendees"
    found = {what: (path(attendees, query), {}) for what, query in {**lists, **filters}.items()}
    found |= {f"search: {what}": (path(attendees, {"q": text}), {}) for what, text in words.items()}
    found |= {f"live search: {what}": (path(attendees, {"q": words[what]}), FRAGMENT)
              for what in ("its beginning", "one letter", "a typing slip", "nobody")}
    found["search in a category, newest"] = (path(attendees, {"q": last, "category": category, "sort": "newest"}), {})
    found["search in the middle"] = (path(attendees, {"q": "city", "after": listed("name, attendee_id", 0.5)}), {})
    someone = attendee("id")
    found |= {
        "figures": (base, {}), "an attendee": (f"{attendees}/{someone}", {}), "the form before a file": (f"{base}/export", {}),
        "what is owed": (f"{base}/owed", {}), "the waiting list": (f"{base}/waiting", {}), "mails": (f"{base}/messages", {}),
        "write to a view": (path(f"{base}/messages/new", {"q": last}), {}),
        "with all of a view": (path(f"{base}/many", {"view": f"q={last}", "scope": "all"}), {}),
        "printed list of a view": (path(f"{base}/printed", {"q": name}), {}),
    }
    return found


def since(one, days):
    return one(f"select (max(created_at) - interval '{days} days')::date from registration where conference_id = :c")


def path(page, query):
    return f"{page}?{urlencode(query)}" if query else page
