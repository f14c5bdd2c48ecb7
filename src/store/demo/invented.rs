//! The attendees of an invented conference: their names in every script of Europe and some beyond, and where they come from.
//! None of these people, cities and organisations exists.

use crate::domain::search::latin;

/// People whose names are of one language.
pub struct Origin {
    /// The code of the country.
    pub country: &'static str,
    /// Invented cities.
    pub cities: [&'static str; 3],
    /// What an organisation of a city is called there, before the city's name.
    pub authority: &'static str,
    first: [&'static str; 6],
    last: [&'static str; 6],
    /// Whether the last name comes first, without a space.
    is_joined: bool,
}

macro_rules! origins {
    ($($country:literal $cities:tt $authority:literal $first:tt $last:tt $($joined:ident)?;)+) => {
        /// All origins.
        pub const ORIGINS: &[Origin] = &[$(Origin {
            country: $country,
            cities: $cities,
            authority: $authority,
            first: $first,
            last: $last,
            is_joined: origins!(@joined $($joined)?),
        }),+];
    };
    (@joined) => { false };
    (@joined joined) => { true };
}

#[rustfmt::skip]
origins! {
    "DE" ["Neuwaldau", "Oberlindenstadt", "Großmühlingen"] "Stadt" ["Jürgen", "Änne", "Heiß-Theodor", "Ulrike", "Björn", "Anna Maria"] ["Müller-Lüdenscheid", "Weiß", "Schäfer", "von der Leyenburg", "Größl", "Brandstätter"];
    "AT" ["Obersteinau", "St. Lambrecht an der Zell", "Kirchau"] "Magistrat" ["Wolfgang", "Edeltraud", "Jörg", "Notburga", "Xaver", "Zita"] ["Höllwarth", "Grüner", "Straßer", "Öttl", "Zangerl", "Übelhör"];
    "FR" ["Saint-Aubry", "Châtelneuf-sur-Oise", "L’Étang-Bleu"] "Ville de" ["Maëlle", "François", "Zoé", "Jean-Baptiste", "Noémie", "Gaël"] ["d’Aubigné", "Lefèvre", "Saint-Exupère", "Bœuf", "L’Hôpital", "Garçon"];
    "PL" ["Nowa Lipka", "Źródła Śląskie", "Łęgowo"] "Urząd Miasta" ["Zofia", "Łukasz", "Świętosława", "Grażyna", "Wojciech", "Bogusław"] ["Kowalczyk", "Wąsik", "Żółć", "Brzęczyszczykiewicz", "Dąbrowska-Śliwińska", "Łoś"];
    "CZ" ["Dolní Jasan", "Příhrazy", "Žďárec"] "Město" ["Václav", "Růžena", "Jiří", "Božena", "Ondřej", "Šárka"] ["Dvořák", "Řehoř", "Čížková", "Šťastný", "Ďuriš", "Žáček"];
    "HU" ["Szépvár", "Őrhegy", "Kisújtölgyes"] "Önkormányzat" ["Ákos", "Győző", "Zsófia", "Ödön", "Tünde", "Katalin"] ["Nagy", "Szőllősi", "Ötvös", "Gyűrű", "Székelyhidi", "Őze"];
    "TR" ["Yeşilırmak", "Gümüşdağ", "Çınarköy"] "Belediye" ["İrem", "Işıl", "Gökçe", "Şükrü", "Çağla", "Uğur"] ["Yılmaz", "Öztürk", "Çelik", "Işık", "Şahinoğlu", "Güneş"];
    "RO" ["Râul Alb", "Țărmuri", "Brașovița"] "Primăria" ["Ilinca", "Ștefan", "Țvetana", "Ion", "Mădălina", "Răzvan"] ["Popescu", "Țurcanu", "Brâncoveanu", "Șerbănescu", "Ionescu", "Găină"];
    "DK" ["Lindhavn", "Ærøholm", "Aabybro Nord"] "Kommune" ["Søren", "Åse", "Mærsk", "Bjørn", "Kirstine", "Jørgen"] ["Nørgaard", "Ågesen", "Kjærgaard", "Østergård", "Hansen", "Bøgh"];
    "IS" ["Hvítárvík", "Þórsnes", "Ísfjörður"] "Bær" ["Þórdís", "Ægir", "Guðrún", "Örn", "Sigríður", "Jón"] ["Þorvaldsdóttir", "Guðmundsson", "Ægisdóttir", "Jónsson", "Örlygsson", "Hallgrímsdóttir"];
    "ES" ["Villaserena", "Peñablanca", "Ciudad Nueva del Río"] "Ayuntamiento de" ["José María", "Begoña", "Iñaki", "Lucía", "Ángel", "Núria"] ["Núñez de la Peña", "Güell i Bonastre", "Muñoz", "García", "Ibáñez", "Peñíscola"];
    "PT" ["Porto Novelo", "Conceição da Serra", "São Brás"] "Câmara Municipal" ["João", "Conceição", "Inês", "Gonçalo", "Luís", "Mafalda"] ["Guimarães", "de Sá e Melo", "Assunção", "Ferreira", "Simões", "Conceição"];
    "IE" ["Dún Fia", "Baile Nua", "Port Alder"] "City Council of" ["Sinéad", "Ciarán", "Saoirse", "Conor", "Gráinne", "Pádraig"] ["O'Neill", "Ó Súilleabháin", "Mac an tSaoir", "O’Brien", "Ní Dhomhnaill", "Murphy"];
    "NL" ["Oosterdam", "'s-Hertogenwoud", "IJzermeer"] "Gemeente" ["Bram", "Geïta", "IJsbrand", "Daniëlle", "Joost", "Zoë"] ["van der Berg", "'t Hooft", "IJssel de Schepper", "de Vries", "van 't Hoff", "Coëlho"];
    "LV" ["Zaļkalns", "Dzērbenīca", "Jaunpils Ķemeri"] "Dome" ["Jānis", "Ķērsta", "Elīna", "Ģirts", "Ņina", "Žanis"] ["Bērziņš", "Ķēniņa", "Šķēle", "Ļaksa", "Kalniņš", "Ģērmanis"];
    "VN" ["Tân Hòa", "Mỹ Đức", "Bến Xanh"] "Thành phố" ["Nguyễn Thị", "Trần Văn", "Phạm Đức", "Lê Thị", "Đặng Văn", "Võ Thị"] ["Hằng", "Dũng", "Trường", "Mỹ Linh", "Đạt", "Phượng"];
    "GR" ["Καλλιόπολη", "Νέα Άνδρος", "Λευκοχώρι"] "Δήμος" ["Δημήτρης", "Ελένη", "Γιώργος", "Αναστασία", "Σπύρος", "Ευάγγελος"] ["Παπαδόπουλος", "Οικονόμου", "Χατζηδάκης", "Αγγελόπουλος", "Ξενάκης", "Ψαρρά"];
    "BG" ["Белоградец", "Нова Черква", "Зеленград"] "Община" ["Иван", "Цветана", "Георги", "Юлия", "Щилян", "Йорданка"] ["Петров", "Желязкова", "Чавдаров", "Щерев", "Юруков", "Ангелова"];
    "UA" ["Новогай", "Зеленопіль", "Їжакове"] "Міська рада" ["Олексій", "Їванна", "Євгенія", "Ґеник", "Ольга", "Юрій"] ["Шевчук", "Кравченко", "Ґалаґан", "Єфименко", "Їжакевич", "Ткачук"];
    "GE" ["ახალწყარო", "თეთრიქალაქი", "მთისძირი"] "მერია" ["ნინო", "გიორგი", "თამარ", "ლევან", "ქეთევან", "დავით"] ["ბერიძე", "ყიფიანი", "წერეთელი", "ჯაფარიძე", "ხუციშვილი", "ღვინიაშვილი"];
    "AM" ["Նորաշեն", "Կանաչուտ", "Արևաքաղաք"] "Քաղաքապետարան" ["Արամ", "Անահիտ", "Տիգրան", "Շուշան", "Վարդան", "Նարե"] ["Պետրոսյան", "Հարությունյան", "Խաչատրյան", "Ղազարյան", "Սարգսյան", "Օհանյան"];
    "IL" ["נווה ברוש", "קריית אלון", "גבעת רימון"] "עיריית" ["נועה", "יוסף", "תמר", "אבשלום", "שירה", "דוד"] ["כהן", "בן־דוד", "לוי", "אבן־צור", "שמעוני", "פרידלנדר"];
    "AE" ["مدينة الزيتون", "الواحة الجديدة", "بيت النخيل"] "بلدية" ["محمد", "فاطمة الزهراء", "عبد الرحمن", "ليلى", "خالد", "مريم"] ["الحسيني", "بن عبد العزيز", "المنصوري", "آل خليفة", "النجار", "القاضي"];
    "CN" ["白杨市", "青石城", "新松市"] "人民政府" ["伟", "秀英", "国强", "丽华", "建军", "晓明"] ["王", "欧阳", "李", "司马", "诸葛", "陈"] joined;
    "JP" ["緑川市", "白樫市", "青葉原市"] "市役所" ["さくら", "健太郎", "美咲", "大輔", "恵子", "翔"] ["佐藤", "髙橋", "長谷川", "小鳥遊", "渡邉", "𠮷田"] joined;
    "KR" ["푸른시", "새솔시", "한빛시"] "시청" ["민준", "서연", "지훈", "하은", "도윤", "수빈"] ["김", "남궁", "박", "황보", "이", "최"] joined;
}

/// Returns numbers that look random and are the same each time: for this person or registration, and for this purpose.
pub fn dice(number: usize, purpose: u64, sides: u64) -> usize {
    let seed = (number as u64).wrapping_add(purpose << 40).wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    usize::try_from((mixed ^ (mixed >> 31)) % sides).expect("a small number")
}

/// Returns one of these.
fn one<'a>(of: &[&'a str], number: usize, purpose: u64) -> &'a str {
    of[dice(number, purpose, of.len() as u64)]
}

impl Origin {
    /// Returns the name of a person, of at most 60 characters. A few have as many.
    pub fn name(&self, person: usize) -> String {
        let (first, last) = (one(&self.first, person, 1), one(&self.last, person, 2));
        if self.is_joined {
            return format!("{last}{first}");
        }
        let mut name = match dice(person, 3, 40) {
            0 => format!("Dr. {first} {last}"),
            1 => format!("{first} {} {last}", one(&self.first, person, 4)),
            2 => format!("{first} {last}-{}", one(&self.last, person, 5)),
            _ => format!("{first} {last}"),
        };
        if dice(person, 6, 200) == 0 {
            // As long as names on a list get.
            for further in 7.. {
                let longer = format!("{} {name}", one(&self.first, person, further));
                if longer.chars().count() > 60 {
                    break;
                }
                name = longer;
            }
            let missing = 60 - name.chars().count();
            name.extend(last.chars().cycle().filter(|c| c.is_alphabetic()).take(missing));
        }
        name
    }

    /// Returns the city of an organisation and what the organisation is called.
    pub fn organisation(&self, number: usize) -> (&'static str, String) {
        let city = one(&self.cities, number, 8);
        let name = match dice(number, 9, 12) {
            0 => format!("{city} University of Applied Sciences, Department of Urban Data and Digital Services"),
            1 => format!("{city} Digital GmbH & Co. KG"),
            2 => format!("Institute for the “Smart City” of {city}"),
            _ => format!("{} {city}", self.authority),
        };
        (city, name)
    }
}

/// Returns an e-mail address under a domain that cannot exist.
pub fn email(name: &str, person: usize, city: &str) -> String {
    let plain = |text: &str| {
        let letters: String =
            latin(text).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).take(24).collect();
        letters.split_whitespace().collect::<Vec<_>>().join("-")
    };
    let (name, city) = (plain(name), plain(city));
    format!("{name}.{person}@{city}.example")
}

/// What people need. The same need is written in several ways.
pub const DIETARY: [&str; 12] = [
    "vegetarian",
    "Vegetarian",
    "vegan",
    "No pork",
    "halal",
    "kosher",
    "Gluten-free (coeliac disease)",
    "lactose intolerant",
    "no nuts: allergy!",
    "Vegetarian ",
    "= no fish, no shellfish",
    "I am allergic to celery, mustard and lupin.\nPlease ask the kitchen.",
];

/// What people need in the building.
pub const ACCESS: [&str; 5] = [
    "Wheelchair",
    "A seat in the first row, to read lips",
    "Step-free way to the stage",
    "I come with a guide dog",
    "Hearing loop",
];

/// What people do.
pub const JOB_TITLES: [&str; 10] = [
    "Chief Information Officer",
    "Head of Digital Services",
    "Bürgermeisterin",
    "Directeur des systèmes d’information",
    "Διευθυντής Πληροφορικής",
    "Project manager, open data",
    "",
    "Naczelnik Wydziału Informatyki",
    "Professor of Public Administration and Information Systems",
    "",
];

/// Telephone numbers that nobody has, as people type them, also with a plus or a zero at their start.
pub fn telephone(number: usize) -> String {
    let line = dice(number, 10, 1000);
    match dice(number, 11, 5) {
        0 => String::new(),
        1 => format!("+44 1632 960{line:03}"),
        2 => format!("01632 960{line:03}"),
        3 => format!("(+44) 1632-960{line:03}"),
        _ => format!("00441632960{line:03}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::domain::{Country, EmailAddress, PersonName};

    #[test]
    fn names_and_addresses_are_accepted_and_unchanged_in_every_script() {
        let mut longest = 0;
        let mut addresses = HashSet::new();
        for number in 0..20_000 {
            let origin = &ORIGINS[number % ORIGINS.len()];
            let name = origin.name(number);
            assert_eq!(PersonName::parse(&name).expect(&name).as_str(), name);
            longest = longest.max(name.chars().count());
            let address = email(&name, number, origin.organisation(number).0);
            assert!(EmailAddress::parse(&address).is_ok() && address.ends_with(".example"), "{address}");
            assert!(addresses.insert(address));
        }
        assert_eq!(longest, 60);
        assert!(ORIGINS.iter().all(|origin| Country::parse(origin.country).is_some()));
    }
}
