//! The words of an invented conference. No city, person or organisation in it exists.

/// The conference's topics: the title, what it is about, and what its talks are about.
pub const TOPICS: [(&str, &str, [&str; 6]); 7] = [
    (
        "Open data that people use",
        "Who reads what cities publish, and what they do with it.",
        [
            "Open budgets",
            "Timetables as data",
            "A map of every tree",
            "Air quality in real time",
            "Council minutes as data",
            "A catalogue of data",
        ],
    ),
    (
        "Services without paper",
        "From the form at the counter to a service that works on a telephone.",
        [
            "Parking permits",
            "Moving house online",
            "Building permits",
            "Birth certificates",
            "Appointments without queues",
            "Digital post",
        ],
    ),
    (
        "Citizens who take part",
        "How cities ask, listen and answer.",
        [
            "Participatory budgets",
            "Neighbourhood forums",
            "Reporting potholes",
            "Youth councils",
            "Online petitions",
            "Planning games",
        ],
    ),
    (
        "Artificial intelligence in the town hall",
        "What helps, what does not, and who is responsible.",
        [
            "A chat assistant",
            "Sorting incoming mail",
            "Translating letters",
            "Forecasting traffic",
            "Summaries of meetings",
            "Rules for algorithms",
        ],
    ),
    (
        "Security and resilience",
        "How cities keep working when something fails.",
        [
            "A week without computers",
            "Backups that were needed",
            "Phishing exercises",
            "Two data centres",
            "Emergency radio",
            "Old software",
        ],
    ),
    (
        "Skills and teams",
        "Who does the work, and how they learn.",
        [
            "Training for counter staff",
            "Hiring developers",
            "Working from home",
            "Mentors for newcomers",
            "Small teams",
            "Designers in the town hall",
        ],
    ),
    (
        "Sharing and procurement",
        "How cities buy, build and share software.",
        [
            "Open source together",
            "Contracts in plain words",
            "A shared data centre",
            "Leaving a supplier",
            "Common standards",
            "Buying with other cities",
        ],
    ),
];

/// Invented cities, each with a country.
pub const CITIES: [(&str, &str); 20] = [
    ("Port Alder", "GB"),
    ("Lindhavn", "DK"),
    ("Neuwaldau", "DE"),
    ("Valmora", "IT"),
    ("Kastelgrad", "HR"),
    ("Saint-Aubry", "FR"),
    ("Villaserena", "ES"),
    ("Porto Novelo", "PT"),
    ("Tammisalmi", "FI"),
    ("Björkvik", "SE"),
    ("Nowa Lipka", "PL"),
    ("Dolní Jasan", "CZ"),
    ("Szépvár", "HU"),
    ("Kalliopoli", "GR"),
    ("Oosterdam", "NL"),
    ("Dún Fia", "IE"),
    ("Zelengaj", "SI"),
    ("Rîul Alb", "RO"),
    ("Fjellnes", "NO"),
    ("Obersteinau", "AT"),
];

const FIRST_NAMES: [&str; 40] = [
    "Anna", "Željka", "Jürgen", "Maëlle", "Giulia", "Søren", "Zofia", "João", "Aino", "Dimitris", "Saoirse", "Matej",
    "Elif", "Lars", "Ilinca", "Pedro", "Hanna", "Václav", "Noémie", "Ákos", "Marit", "Bram", "Lucía", "Tomasz",
    "Eleni", "Felix", "Nives", "Oskar", "Chiara", "Björn", "Ewa", "Théo", "Katalin", "Rui", "Sanna", "Milan", "Ingrid",
    "Luca", "Petra", "Conor",
];

const LAST_NAMES: [&str; 45] = [
    "Alder",
    "Bergström",
    "Cvetković",
    "Dąbrowska",
    "Eriksen",
    "Fontaine",
    "García Luna",
    "Horvat",
    "Iversen",
    "Jansson",
    "Kovács",
    "Lindqvist",
    "Moreau",
    "Nowak",
    "O’Brien",
    "Papadakis",
    "Quintela",
    "Rossi",
    "Šimić",
    "Tóth",
    "Urban",
    "van der Berg",
    "Weiß",
    "Ylönen",
    "Zeman",
    "Almeida",
    "Bauer",
    "Costa",
    "Dvořák",
    "Esposito",
    "Ferreira",
    "Gruber",
    "Hansen",
    "Ionescu",
    "Jensen",
    "Kowalczyk",
    "Laine",
    "Müller-Lüdenscheid",
    "Nagy",
    "Öberg",
    "Popescu",
    "Ricci",
    "Schäfer",
    "Tanner",
    "Virtanen",
];

const JOB_TITLES: [&str; 8] = [
    "Chief Information Officer",
    "Head of Digital Services",
    "Data Officer",
    "Deputy Mayor for Administration and Digital Affairs",
    "Software Developer",
    "Project Manager",
    "Head of the Citizens’ Office",
    "Information Security Officer",
];

/// The rooms: the name, how many people fit in, and how people with a disability get in.
pub const ROOMS: [(&str, i32, &str); 12] = [
    ("Great Hall", 600, "Level access from the square. Places for wheelchairs in the first row. Hearing loop."),
    ("Congress Hall of the City and Region, Main Building, Level 2", 320, "Lift from the foyer. Hearing loop."),
    ("Blue Room", 120, "Level access."),
    ("Green Room", 120, "Level access."),
    (
        "Lecture Theatre of the Faculty of Administration, North Court",
        180,
        "Lift from the north court. Steps to the stage.",
    ),
    ("Library", 60, "Level access. The door opens by itself."),
    ("Gallery", 80, "Lift to level 1, then a ramp."),
    ("Seminar Room for Workshops and Discussions, West Wing, Door 4", 40, "Lift to level 3."),
    ("Studio 1", 30, "Level access."),
    ("Studio 2", 30, "Level access."),
    ("Old Chapel", 90, "Three steps. Ask at the desk for the ramp."),
    ("Terrace", 150, "Lift to level 5."),
];

/// Returns the name of a person.
pub fn name(person: usize) -> String {
    let first = FIRST_NAMES[person % FIRST_NAMES.len()];
    // Each round of the first names begins at another last name, so that the first 1,800 people have different names.
    let last = LAST_NAMES[(person + person / FIRST_NAMES.len()) % LAST_NAMES.len()];
    format!("{first} {last}")
}

/// Returns the city and the country of a person.
pub fn home(person: usize) -> (&'static str, &'static str) {
    CITIES[person * 3 % CITIES.len()]
}

/// Returns what a person does.
pub fn job_title(person: usize) -> &'static str {
    JOB_TITLES[person * 5 % JOB_TITLES.len()]
}

/// Returns what is said about a person, in Markdown.
pub fn biography(person: usize) -> String {
    let (name, (city, _)) = (name(person), home(person));
    let first = name.split(' ').next().unwrap_or_default();
    let years = 3 + person % 20;
    format!(
        "{name} has worked for the City of {city} for {years} years, and before that for a library.\n\n\
         {first} is interested in **services that people understand at once**, and has written about them in \
         [a journal](https://journal.example/articles/{person}). This person is invented."
    )
}

/// Returns the title of a talk: its topic is the remainder of its number by the number of topics.
pub fn talk(number: usize) -> String {
    let (_, _, subjects) = TOPICS[number % TOPICS.len()];
    let round = number / TOPICS.len();
    let subject = subjects[round % subjects.len()];
    let city = city_of(number);
    match round / subjects.len() % 6 {
        0 => format!("{subject}: what {city} learned in its first year"),
        1 => format!("{subject} in {city}: costs, benefits and surprises"),
        2 => format!(
            "How {city} started again. {subject} from the point of view of those who use them, and of those who pay for them"
        ),
        3 => format!("{subject}: a report from {city}"),
        4 => format!("Ten mistakes with one project: {subject} in {city}"),
        _ => format!("{subject} for small cities"),
    }
}

fn city_of(number: usize) -> &'static str {
    CITIES[number * 7 % CITIES.len()].0
}

/// Returns what a talk is about, for lists.
pub fn talk_abstract(number: usize) -> String {
    let city = city_of(number);
    match number % 3 {
        0 => format!(
            "{city} tried it for a year. What did it cost, what do people say about it, and what can others copy?"
        ),
        1 => format!("The second attempt of {city}, and why the first one failed."),
        _ => format!("A short history with figures from {city}, and time for your questions."),
    }
}

/// Returns the text of a talk in Markdown.
pub fn talk_text(number: usize) -> String {
    let city = city_of(number);
    let (before, after) = (40 + number % 35, 5 + number % 20);
    format!(
        "The City of {city} began with a small team, a list of complaints and little money. After two years, most people \
         no longer notice the service, which is what it should be like. The talk says how that came about, and what did not \
         work.\n\n\
         ## What you will hear\n\n\
         - how the team found out what people needed, *before* it built anything\n\
         - which three decisions were wrong, and how much they cost\n\
         - what the staff at the counter say about it today\n\n\
         | | before | now |\n|---|---:|---:|\n| days until an answer | {before} | {after} |\n| pages of paper | 12 | 0 |\n\n\
         The figures are in [the city’s report](https://city.example/reports/{number}). Bring your own: the last ten minutes \
         are for questions."
    )
}

/// Returns the title of a lightning talk.
pub fn lightning_talk(number: usize) -> String {
    let (_, _, subjects) = TOPICS[number % TOPICS.len()];
    format!("{} in five minutes", subjects[(number + number / TOPICS.len()) % subjects.len()])
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn people_have_different_names() {
        assert_eq!((0..500).map(name).collect::<HashSet<_>>().len(), 500);
    }

    #[test]
    fn some_names_of_rooms_are_long() {
        let long = ROOMS.iter().filter(|(name, ..)| name.chars().count() >= 60);
        assert_eq!(long.count(), 3);
    }
}
